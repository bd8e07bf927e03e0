"""Imports that need no providing: protobuf's well-known types, the common Google protos and our own options."""

from __future__ import annotations

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from schemactl.schema import OPTIONS_FILE, options_text

# Other distributions put their files below google/ too; these directories are googleapis-common-protos' own.
_COMMON = re.compile(r"google/(api|rpc|type|longrunning|logging/type|cloud|gapic)/[\w/]+\.proto")
_PROTOBUF = re.compile(r"google/protobuf/[\w/]+\.proto")
# The distribution has the text of the first under the name of the second, which is no file that anybody registers.
_OPERATIONS, _OPERATIONS_TEXT = "google/longrunning/operations.proto", "google/longrunning/operations_proto.proto"


def provide(name: str) -> bytes | None:
    """The file of that import path, if it comes with the tool."""
    if name == OPTIONS_FILE:
        return options_text()
    if _PROTOBUF.fullmatch(name):
        return _read(_package("grpc_tools") / "_proto" / name)
    if _COMMON.fullmatch(name) and name != _OPERATIONS_TEXT:
        common = _package("google.api").parent.parent
        return _read(common / name) or (_read(common / _OPERATIONS_TEXT) if name == _OPERATIONS else None)
    return None


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


@cache
def _package(name: str) -> Path:
    spec = find_spec(name)
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]) if places else Path("missing")

"""The wheel: what pip installs."""

from __future__ import annotations

import csv
import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Iterable, Mapping
from io import StringIO

from schemactl import __version__
from schemactl.artifact import Artifact
from schemactl.package.archive import zipped
from schemactl.package.metadata import Metadata, core, normalised

_SEGMENT = re.compile(r"(?!__pycache__$)[A-Za-z0-9_][A-Za-z0-9_.+-]*")
_WHEEL = f"Wheel-Version: 1.0\nGenerator: schemactl {__version__}\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel(metadata: Metadata, files: Mapping[str, bytes], *, product: str = "") -> Artifact:
    """`files` by where they are installed; `product` is the distribution where nothing is said."""
    require_installable(files)
    stem = f"{normalised(metadata.name)}-{metadata.version}"
    info = f"{stem}.dist-info"
    whole = {**files, f"{info}/METADATA": core(metadata), f"{info}/WHEEL": _WHEEL.encode()}
    whole |= {f"{info}/licenses/{name}": text for name, text in metadata.licenses.items()}
    whole[f"{info}/RECORD"] = _record(whole, f"{info}/RECORD")
    filename = f"python/{stem}-py3-none-any.whl"
    return Artifact("wheel", product or metadata.name, metadata.version, filename, zipped(whole))


def require_installable(files: Iterable[str]) -> None:
    """ValueError where an installer or a build backend would leave a file out, or take it for something else."""
    names = sorted(files)
    if not names:
        raise ValueError("the distribution would have no files: give it protos, or take it out of `packages`")
    for name in names:
        segments = name.split("/")
        if not all(_SEGMENT.fullmatch(each) for each in segments):
            raise ValueError(f"{name!r} cannot be installed: use letters, digits and `_` in each part of its path")
        if segments[0].endswith((".dist-info", ".data")):
            raise ValueError(f"{name!r} would be taken for metadata of the wheel: rename `{segments[0]}`")
        if name.endswith((".pyc", ".pyo", ".pth")):
            raise ValueError(f"{name!r} is not source code: rename it")


def _record(files: Mapping[str, bytes], own: str) -> bytes:
    out = StringIO()
    rows = csv.writer(out, lineterminator="\n")
    for name, content in sorted(files.items()):
        digest = urlsafe_b64encode(hashlib.sha256(content).digest()).decode().rstrip("=")
        rows.writerow((name, f"sha256={digest}", len(content)))
    rows.writerow((own, "", ""))
    return out.getvalue().encode()

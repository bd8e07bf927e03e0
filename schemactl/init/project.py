"""What a new repository of schemas is called in its packages: `acme` in `acme.users.v1`."""

from __future__ import annotations

import keyword
import re
import sys

from schemactl.errors import UsageError

_LEGAL = re.compile("[a-z][a-z0-9]{0,39}")
_PARTS = re.compile("[^a-z0-9]+")
# What directories of schemas are called, whoever they are of.
_NOTHING = frozenset(("api", "apis", "contract", "contracts", "event", "events", "idl", "kafka", "proto", "protobuf",
                      "protos", "schema", "schemas", "src", "tmp"))  # fmt: skip
# The first word of a package must not be a later one as well, and Python has to find the code.
_TAKEN = frozenset(("buf", "google", "grpc", "schemactl", "shared", "users", "v1"))
_UNNAMED = "acme"


def project(given: str | None, owner: str, directory: str) -> tuple[str, str]:
    """The name, and in words where it is from; UsageError where a given one cannot be one."""
    if given is not None:
        if wrong := _wrong(given):
            raise UsageError(f"--project: `{given}` {wrong}", "choose a name like `acme`")
        return given, "as --project says"
    for name, why in ((owner, "the owner of the remote"), (directory, "the name of the directory")):
        words = [word for word in _PARTS.split(name.lower()) if word not in _NOTHING]
        found = "".join(words).lstrip("0123456789")[:40]
        if found and not _wrong(found):
            return found, f"by {why}; --project says it otherwise"
    return _UNNAMED, "since nothing tells; --project says it"


def _wrong(name: str) -> str:
    if not _LEGAL.fullmatch(name):
        return "should be lower-case letters and digits, a letter first"
    if name in _TAKEN:
        return "is called like a package that is in it, or that it needs"
    if keyword.iskeyword(name) or name in sys.stdlib_module_names:
        return "is a word or a module of Python, which could not import the code"
    return ""

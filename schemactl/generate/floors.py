"""What generated Python code requires to be installed beside it: read from the code, which checks it when imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from schemactl.errors import ToolError
from schemactl.generate.bare import Bare, imported
from schemactl.product import Plan, Product

Version = tuple[int, ...]

_HEADER = re.compile(r"^# Protobuf Python Version: (\d+)\.(\d+)\.(\d+)$", re.MULTILINE)
# What is older than that header imports what came with 3.20, and works with all that is supported now.
_OLDEST: Version = (4, 25)
# The oldest Python of each major version of protobuf, by the metadata of its releases.
_PYTHONS: Mapping[int, str] = {4: ">=3.8", 5: ">=3.8", 6: ">=3.9", 7: ">=3.10"}
_MEND = "generate all of it with one version: pin `generator`, or leave it out"


def requirements(files: Mapping[str, bytes]) -> tuple[str, ...]:
    """`protobuf>=7.35.1,<9`: code of one major version is supported by the next one, too; with services also grpcio."""
    version = _protobuf(files)
    grpc = _one(files, "_pb2_grpc.py", "grpcio", _grpc_version)
    found = [] if grpc is None else [f"grpcio>={_dotted(grpc)},<{grpc[0] + 1}" if grpc else "grpcio<2"]
    return (*found, f"protobuf>={_dotted(version)},<{version[0] + 2}")


def python_versions(files: Mapping[str, bytes]) -> str:
    """The versions of Python that this protobuf is made for."""
    return _PYTHONS.get(_protobuf(files)[0], _PYTHONS[max(_PYTHONS)])


def third_party(plan: Plan, product: Product, bare: Bare) -> tuple[str, ...]:
    """Who provides what the files import; what these import in turn, they require themselves."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    found: dict[tuple[str, str], Requirement] = {}
    named = imported(product.files, bare) & plan.providers.keys()
    for text in sorted({plan.providers[name].requirement for name in named} - {""}):
        given = Requirement(text)
        known = found.setdefault((canonicalize_name(given.name), str(given.marker or "")), given)
        known.specifier &= given.specifier
        known.extras |= given.extras
    return tuple(str(found[key]) for key in sorted(found) if str(found[key]) != "protobuf")


def _protobuf(files: Mapping[str, bytes]) -> Version:
    return _one(files, "_pb2.py", "protobuf", _protobuf_version) or _OLDEST


def _one(files: Mapping[str, bytes], end: str, name: str, read: Callable[[str, str], Version]) -> Version | None:
    """The version that all modules of a kind require; None where there are none."""
    found = {read(path, files[path].decode()): path for path in sorted(files) if path.endswith(end)}
    if len(found) > 1:
        (one, first), (other, second) = sorted(found.items())[:2]
        message = f"`{first}` requires {name} {_dotted(one)}, and `{second}` {_dotted(other)}"
        raise ToolError(f"the generated files disagree: {message}", _MEND)
    return next(iter(found), None)


def _protobuf_version(path: str, text: str) -> Version:
    for node in _statements(path, text, "\nDESCRIPTOR"):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            call = node.value
            if ast.unparse(call.func) == "_runtime_version.ValidateProtobufRuntimeVersion":
                return _numbers(path, call.args[1:4])
    header = _HEADER.search(text)
    return tuple(map(int, header.groups())) if header else _OLDEST


def _grpc_version(path: str, text: str) -> Version:
    """Empty for code of before 1.63, which takes any."""
    for node in _statements(path, text, "\nGRPC_VERSION"):
        match node:
            case ast.Assign(targets=[ast.Name(id="GRPC_GENERATED_VERSION")], value=ast.Constant(value=str(version))):
                if re.fullmatch(r"\d+\.\d+\.\d+", version):
                    return tuple(map(int, version.split(".")))
                raise _unreadable(path)
    return ()


def _statements(path: str, text: str, end: str) -> Iterator[ast.stmt]:
    """Those at the top: what comes below is long, and says nothing about versions."""
    try:
        return iter(ast.parse(text.partition(end)[0]).body)
    except SyntaxError:
        raise _unreadable(path) from None


def _numbers(path: str, arguments: Iterable[ast.expr]) -> Version:
    found = tuple(each.value for each in arguments if isinstance(each, ast.Constant) and isinstance(each.value, int))
    if len(found) != 3:
        raise _unreadable(path)
    return found


def _unreadable(path: str) -> ToolError:
    return ToolError(f"`{path}` does not say which version of its runtime it needs", "pin another `generator`")


def _dotted(version: Version) -> str:
    return ".".join(map(str, version))

"""Moves generated Python modules below a package: their imports of each other, at the places where they stand."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from schemactl.errors import ToolError

_BUILDER = "BuildTopDescriptorsAndMessages(DESCRIPTOR, '"
# Imports stand above these: what comes below is long, and holds what somebody wrote.
_MESSAGES_END, _SERVICES_END = "\nDESCRIPTOR", "\nGRPC_GENERATED_VERSION"


class _Use(NamedTuple):
    """A module in the text: the line, 0-based, the byte in it where its name begins, and what is written there."""

    line: int
    column: int
    written: str
    module: str
    public: bool = False


class Moves:
    """`roots` has the package that a module, by its dotted name, is moved below."""

    def __init__(self, roots: Mapping[str, str]) -> None:
        self._roots = {module: root for module, root in roots.items() if root}

    def messages(self, path: str, text: str, module: str, imports: Counter[str], public: Counter[str]) -> str:
        """A `_pb2.py`; it has `imports`, of modules, each as often as here, and of them hands on the `public` ones."""
        head, end, rest = text.partition(_MESSAGES_END)
        moved, uses = self._moved(path, head)
        found = Counter(use.module for use in uses if not use.public)
        handed_on = Counter(use.module for use in uses if use.public)
        if found != self._concerned(imports) or handed_on != self._concerned(public) or not end:
            raise _unknown(path, "imports")
        return moved + end + self._built(path, rest, module)

    def stub(self, path: str, text: str, imports: Counter[str]) -> str:
        """A `.pyi`; it imports more than the file: what is handed on by others."""
        head, end, rest = text.partition(_MESSAGES_END)
        moved, uses = self._moved(path, head)
        if self._concerned(imports) - Counter(use.module for use in uses if not use.public) or not end:
            raise _unknown(path, "imports")
        return moved + end + rest

    def services(self, path: str, text: str) -> str:
        """A `_pb2_grpc.py`; it imports what its methods take and give, and so at most all modules."""
        head, end, rest = text.partition(_SERVICES_END)
        moved, uses = self._moved(path, head)
        if any(use.public for use in uses):
            raise _unknown(path, "imports")
        return moved + end + rest

    def _concerned(self, modules: Counter[str]) -> Counter[str]:
        return Counter({module: count for module, count in modules.items() if module in self._roots})

    def _built(self, path: str, text: str, module: str) -> str:
        root = self._roots.get(module)
        if not root:
            return text
        old = f"\n_builder.{_BUILDER}{module}', _globals)\n"
        if text.count(old) != 1 or text.count(_BUILDER) != 1:
            raise _unknown(path, "registration")
        return text.replace(old, old.replace(f"'{module}'", f"'{root}.{module}'"))

    def _moved(self, path: str, head: str) -> tuple[str, list[_Use]]:
        uses = list(self._uses(path, head))
        lines = head.encode().split(b"\n")
        if len({use[:2] for use in uses}) != len(uses):
            raise _unknown(path, "imports")
        for line, column, written, module, _ in sorted(uses, reverse=True):
            before, after = lines[line][:column], lines[line][column:]
            if not after.startswith(written.encode()):
                raise _unknown(path, "imports")
            lines[line] = before + self._roots[module].encode() + b"." + after
        return b"\n".join(lines).decode(), uses

    def _uses(self, path: str, head: str) -> Iterator[_Use]:
        for node in ast.walk(ast.parse(head)):
            if isinstance(node, ast.Import):
                for name in node.names:
                    if name.name in self._roots:
                        yield _Use(node.lineno - 1, name.col_offset, name.name, name.name)
                        if name.asname is None:  # then it binds another name once it is moved
                            raise _unknown(path, "imports")
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from self._imported_from(node, node.module)
            elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module"):
                match node.args:
                    case [ast.Constant(value=str(module)) as quoted]:
                        if module in self._roots:
                            yield _Use(quoted.lineno - 1, quoted.col_offset + 1, module, module)
                    case _:
                        raise _unknown(path, "imports")

    def _imported_from(self, node: ast.ImportFrom, module: str) -> Iterator[_Use]:
        """`from a.b import c_pb2 as x` is of a module, `from a.b.c_pb2 import *` of what is in it."""
        column = node.col_offset + len("from ")
        for name in node.names:
            if (inner := f"{module}.{name.name}") in self._roots:
                yield _Use(node.lineno - 1, column, f"{module} import", inner)
            elif module in self._roots:
                yield _Use(node.lineno - 1, column, f"{module} import", module, public=True)


def _unknown(path: str, what: str) -> ToolError:
    message = f"`{path}` cannot be moved below a package: the {what} in it are not where this schemactl knows them"
    return ToolError(message, "pin another version as `generator`, or leave `root` out")

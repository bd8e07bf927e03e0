"""Finds the line of a setting in the file that makes it: `schemactl.yaml:4`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from schemactl import yamlfile
from schemactl.errors import Failure
from schemactl.yamlwalk import Keys

Read = Callable[[str], bytes | None]
_Document = yamlfile.Document[dict[str, Any]]


class Written:
    """What stands in configuration files, as far as they can be read again; each is read once."""

    def __init__(self, read: Read) -> None:
        self._document = cache(lambda file: _document(read, file))

    def place(self, file: str, *keys: str | int) -> str | None:
        """`file:line` of the key; None where it certainly is not, the file alone where that is not known."""
        document = self._document(file)
        if document is None:
            return file
        return f"{file}:{document.places[keys][0]}" if keys in document.places else None

    def entry(self, file: str, section: str, key: str, fits: Callable[[str], bool]) -> tuple[str, str] | None:
        """An entry of the list in a section, of the file or of one of its modules, and its place."""
        document = self._document(file)
        if document is None:
            return None
        found = ((text, keys) for keys, text in _entries(document.value, section, key) if fits(text))
        text, keys = next(found, ("", ()))
        return (text, self.place(file, *keys) or file) if keys else None

    def is_read(self, file: str) -> bool:
        return self._document(file) is not None


def _document(read: Read, file: str) -> _Document | None:
    try:
        data = read(file)
        return None if data is None else yamlfile.read(data, file, dict[str, Any])
    except Failure:
        return None


def _entries(value: dict[str, Any], section: str, key: str) -> Iterator[tuple[Keys, str]]:
    modules = value.get("modules")
    holders: list[tuple[Keys, Any]] = [((), value)]
    holders += [(("modules", index), each) for index, each in enumerate(modules if isinstance(modules, list) else ())]
    for keys, holder in holders:
        listed = holder.get(section) if isinstance(holder, dict) else None
        names = listed.get(key) if isinstance(listed, dict) else None
        for index, name in enumerate(names if isinstance(names, list) else ()):
            if isinstance(name, str):
                yield (*keys, section, key, index), name

"""Words of .proto files that the module does not hold: whatever they stand for there, it is nothing we could follow."""

from __future__ import annotations

import re
from collections.abc import Collection

from schemactl.tree import Tree

_LARGEST = 16 << 20
_WORD = re.compile(rb"[A-Za-z_]\w*", re.ASCII)


def words(tree: Tree, held: Collection[str]) -> frozenset[str]:
    """Of all the tree's .proto files but those at paths that are `held`."""
    paths = [path for path in tree.paths if path.endswith(".proto") and path not in held and tree.flaw(path) is None]
    texts = tree.read_many(paths, _LARGEST).values() if paths else ()
    found = {word for text in texts if isinstance(text, bytes) for word in _WORD.findall(text)}
    return frozenset(word.decode() for word in found)

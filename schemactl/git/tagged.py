"""The tags of a clone, and what its remote says of them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from schemactl.errors import ToolError
from schemactl.git.asking import Asking, is_name, several
from schemactl.git.command import PLAIN, Repository, text

_LISTED = re.compile(r"([0-9a-f]{40}|[0-9a-f]{64})\trefs/tags/(.+?)(?:\^\{\})?\n")  # what it is, then what it leads to


def tags(repo: Repository, merged_into: str | None = None) -> list[tuple[str, str]]:
    """(tag, commit) of each tag, or of those that are an ancestor of, or are, `merged_into`.

    A tag of something else than a commit has words in its place.
    """
    only = [f"--merged={merged_into}"] if merged_into else []
    refs = text(repo, "for-each-ref", *only, "--format=%(refname)", "refs/tags").split("\n")[:-1]
    asked = "".join(f"{ref}^{{commit}}\n" for ref in refs).encode("utf-8", "surrogateescape")
    peeled = text(repo, "cat-file", "--batch-check=%(objectname)", stdin=asked).split("\n")[:-1]
    return [(ref.removeprefix("refs/tags/"), oid) for ref, oid in zip(refs, peeled, strict=True)]


def follow(asking: Asking) -> Mapping[str, str]:
    """Gets the tags of commits that are here, as any fetch of these would; gives all of the remote's, by name."""
    listed = asking.listed("--tags", "--", asking.remote)
    theirs = {name: oid for oid, name in _LISTED.findall(listed) if is_name(f"refs/tags/{name}")}
    ours, here = dict(tags(asking.repo)), _commits(asking.repo, theirs.values())
    lacking = [name for name, oid in theirs.items() if oid in here and name not in ours]
    if lacking:
        asking.required(asking.fetch(refs=[f"refs/tags/{name}:refs/tags/{name}" for name in lacking]))
        asking.tell(f"fetched {several(len(lacking), 'tag')} of", "what is tagged here")
    return theirs


def require_same(asking: Asking, theirs: Mapping[str, str], head: str, wanted: Callable[[str], bool]) -> None:
    """ToolError where a tag that is `wanted` by its name is another commit here: which of them it was is not known."""
    repo, ours = asking.repo, dict(tags(asking.repo))
    moved = sorted(name for name in ours.keys() & theirs if ours[name] != theirs[name] and wanted(name))
    here = _commits(repo, (theirs[name] for name in moved))
    merged = dict(tags(repo, head)) if moved else {}
    for name in moved:
        if name in merged or theirs[name] in here:
            quoted = name if PLAIN.fullmatch(name) else "TAG"
            plain = asking.remote if PLAIN.fullmatch(asking.remote) else "REMOTE"
            raise ToolError(
                f"tag `{name}` is {ours[name][:12]} here, and {theirs[name][:12]} in `{asking.remote}`",
                f"take the remote's by `git fetch --force {plain} tag {quoted}`, or name a commit: `--against REV`",
            )


def _commits(repo: Repository, oids: Iterable[str]) -> set[str]:
    """Those of them that are here, and commits."""
    asked = "".join(f"{oid}\n" for oid in oids).encode()
    kinds = text(repo, "cat-file", "--batch-check=%(objectname) %(objecttype)", stdin=asked).split("\n")[:-1]
    return {kind.removesuffix(" commit") for kind in kinds if kind.endswith(" commit")}

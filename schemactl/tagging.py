"""The tags of a release in the user's own repository, made and pushed when all else is done."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import product

from schemactl import git, releasetags
from schemactl.errors import Rejected, ToolError
from schemactl.git import Repository
from schemactl.git.command import PLAIN, output, text
from schemactl.git.talking import identity
from schemactl.publish.gitremote import Remote, remotes, said

_OTHER_NAME = "choose another pattern by `release.tag`"
_ELSEWHERE = "release from the commit that has it, or `git tag --delete` it if it is a mistake that was never pushed"
_MEANWHILE = "another release happened in this clone meanwhile: run `schemactl release` again"
_AGAIN = "everything is published, and the tags alone are missing there: set that right, and run again"


def remote(repo: Repository, configured: str | None = None) -> str | None:
    """The one that tags are pushed to: `origin`, else the only one; None without one."""
    names = git.remotes(repo)
    if configured is None:
        if len(names) < 2 or "origin" in names:
            return "origin" if "origin" in names else next(iter(names), None)
        raise ToolError("there are several remotes, and none is called `origin`", "name one: `release: {remote: …}`")
    if configured not in names:
        known = ", ".join(f"`{name}`" for name in names) or "none"
        raise ToolError(
            f"this clone has no remote `{configured}`, which `release.remote` names, but {known}",
            "name one that it has, or run `git remote add`",
        )
    return configured


def require_free(repo: Repository, remote: str | None, tags: Mapping[str, str], lasts: Iterable[str] = ()) -> list[str]:
    """The tags that are still to be made or pushed; Rejected where one is at another commit than here is wanted.

    `lasts` are those of the releases before: ToolError where the remote has not all of them.
    """
    known = dict(git.tags(repo))
    _require_names(repo, tags)
    _require_room(tags, known, "this clone")
    _require_same(tags, known, "this clone", _ELSEWHERE)
    if remote is None:
        return [name for name in tags if name not in known]
    open_: dict[str, None] = {}
    for each in remotes(repo, remote):
        there = each.tags()
        _require_room(tags, there, each.told)
        _require_same(tags, there, each.told, _anew(remote, *(name for name in tags if name in known)))
        _require_known(tags, known, there, remote)
        if each.takes and (missing := [name for name in tags if name not in there]):
            _require_lasts([name for name in lasts if name in known and name not in there], each.told, remote)
            open_ |= dict.fromkeys(missing)
    return [name for name in tags if name in open_]


def require_pushed(repo: Repository, remote: str, commit: str) -> None:
    """A tag takes its commit along: one that is on no branch there would be published by it, unseen by anybody."""
    top = f"refs/remotes/{remote}/"
    if text(repo, "for-each-ref", "--count=1", "--format=%(refname)", f"--contains={commit}", top):
        return
    name = remote if PLAIN.fullmatch(remote) else "REMOTE"
    raise ToolError(
        f"commit {commit[:7]} is on no branch of `{remote}`, as far as this clone knows: its tag would publish it",
        f"push it first, `git push {name} {_branch(repo)}`, or run `git fetch {name}` if it is there already",
    )


def tagged(repo: Repository, remote: str | None, commit: str, messages: Mapping[str, str]) -> list[str]:
    """Made where they are missing, and pushed; those that were pushed now.

    Where another release has them there by now, those that were made here are gone again: they would be in the way.
    """
    made = _make(repo, commit, messages)
    return push(repo, remote, messages, made) if remote else []


def make(repo: Repository, commit: str, messages: Mapping[str, str]) -> list[str]:
    """Annotated tags by name, those that were missing, all at once: a commit with some of them is another release.

    Of the same commit, user and message a tag is the same at any time.
    """
    return list(_make(repo, commit, messages))


def _make(repo: Repository, commit: str, messages: Mapping[str, str]) -> dict[str, str]:
    """Each with its object id."""
    missing = _absent(repo, commit, messages)
    if not missing:
        return {}
    try:
        made = {name: _made(repo, name, commit, messages[name]) for name in missing}
        orders = "".join(f"create refs/tags/{name} {oid}\n" for name, oid in made.items())
        output(repo, "update-ref", "--no-deref", "--stdin", stdin=orders.encode())
    except ToolError as error:
        if not _absent(repo, commit, messages):  # somebody else made the same
            return {}
        raise ToolError(f"the tags of the release cannot be made: {error.message}", _AGAIN) from error
    return made


def _unmade(repo: Repository, made: Mapping[str, str]) -> None:
    """Unless somebody has changed one of them since."""
    orders = "".join(f"delete refs/tags/{name} {oid}\n" for name, oid in made.items())
    output(repo, "update-ref", "--no-deref", "--stdin", strict=False, stdin=orders.encode())


def _absent(repo: Repository, commit: str, names: Iterable[str]) -> list[str]:
    known = dict(git.tags(repo))
    _require_same(dict.fromkeys(names, commit), known, "this clone", _MEANWHILE)
    return [name for name in names if name not in known]


def _made(repo: Repository, name: str, commit: str, message: str) -> str:
    return text(repo, "mktag", stdin=_annotated(repo, name, commit, message)).strip()


def push(repo: Repository, remote: str, names: Collection[str], made: Mapping[str, str] | None = None) -> list[str]:
    """Those that were missing somewhere there; Rejected where one is there at another commit.

    That takes away those that were `made` now, unless the remote has taken them at another address.
    """
    known = dict(git.tags(repo))
    if gone := [name for name in names if name not in known]:
        raise ToolError(f"the tag `{gone[0]}` is no longer in this clone", "run again: it is made anew")
    wanted = {name: known[name] for name in names}
    pushed: set[str] = set()
    for number, each in enumerate(each for each in remotes(repo, remote) if each.takes):
        try:
            pushed.update(_pushed(each, wanted))
        except Rejected as lost:
            if not number:
                _unmade(repo, made or {})
            left = [name for name, _ in git.tags(repo) if name in wanted]
            raise Rejected(lost.message, _anew(remote, *left)) from None
    return [name for name in names if name in pushed]


def _pushed(there: Remote, wanted: Mapping[str, str]) -> list[str]:
    """Those that were missing at this address, all at once."""
    pushed = missing = _missing(there, wanted)
    while missing:
        result = there.push(missing, _AGAIN)
        if not result.code:
            return pushed
        left = _missing(there, wanted)
        if left and len(left) >= len(missing):
            told = f"`{left[0]}`" + (f" and {len(left) - 1} more" if len(left) > 1 else "")
            raise ToolError(f"{there.told} did not take the tag {told}: {said(there.repo, result)}", _AGAIN)
        missing = left  # somebody else pushed the same ones
    return pushed


def _missing(there: Remote, wanted: Mapping[str, str]) -> list[str]:
    found = there.tags(_AGAIN)
    _require_same(wanted, found, there.told, _AGAIN)
    return [name for name in wanted if name not in found]


def _require_same(wanted: Mapping[str, str], found: Mapping[str, str], where: str, hint: str) -> None:
    for name, commit in wanted.items():
        if (other := found.get(name, commit)) != commit:
            at = f"at commit {other[:7]}" if re.fullmatch(r"[0-9a-f]+", other) else "at something that is not a commit"
            raise Rejected(f"the tag `{name}` is {at} in {where}, and this release is of commit {commit[:7]}", hint)


def _require_known(tags: Iterable[str], known: Collection[str], there: Collection[str], remote: str) -> None:
    """The version followed from the tags of this clone: others of the same package may say another one.

    What has none here yet may have been called otherwise there.
    """
    unknown = {name: found.owner for name in there if name not in known and (found := releasetags.alike(name))}
    owners = {found.owner for name in known if name not in tags and (found := releasetags.alike(name))}
    for tag in (tag for tag in tags if tag not in there):
        mine = releasetags.alike(tag)
        for name, owner in unknown.items():
            if mine is None or mine.owner not in owners or mine.owner == owner:
                what = f"`{remote}` has the tag `{name}`, which this clone has not: `{tag}` may be the wrong version"
                raise Rejected(what, f"run `{_fetch(remote)}`, and `schemactl release` again")


def _require_lasts(missing: Sequence[str], where: str, remote: str) -> None:
    """Others plan by the tags of the remote."""
    if missing:
        plain = all(map(PLAIN.fullmatch, (remote, *missing)))
        raise ToolError(
            f"the tag `{missing[0]}`, the last release, is not in {where}: whoever plans there begins again",
            f"push it: `git push {remote} {' '.join(missing)}`" if plain else "push it, and run again",
        )


def _require_names(repo: Repository, names: Iterable[str]) -> None:
    for name in names:
        if text(repo, "check-ref-format", "--normalize", f"refs/tags/{name}", strict=False) != f"refs/tags/{name}\n":
            raise ToolError(f"`{name}` is not a name that a tag in git can have", _OTHER_NAME)


def _require_room(names: Iterable[str], found: Iterable[str], where: str) -> None:
    """Git keeps a tag like a file: below another one there can be none."""
    for name, other in product(names, found):
        if other.startswith(f"{name}/") or name.startswith(f"{other}/"):
            what = f"the tag `{other}` of {where} is in the way of `{name}`: git has none below another"
            raise ToolError(what, f"rename that tag, or {_OTHER_NAME}")


def _anew(remote: str, *mine: str) -> str:
    """`mine` are tags of this clone that keep git from fetching those of the same name."""
    gone = f"git tag --delete {' '.join(mine)} && " if mine and all(map(PLAIN.fullmatch, mine)) else ""
    return f"another release happened: run `{gone}{_fetch(remote)}`, and `schemactl release` again"


def _fetch(remote: str) -> str:
    return f"git fetch --tags {remote}" if PLAIN.fullmatch(remote) else "git fetch --tags"


def _branch(repo: Repository) -> str:
    name = text(repo, "symbolic-ref", "--quiet", "--short", "HEAD", strict=False).strip()
    return name if PLAIN.fullmatch(name) else "HEAD:BRANCH"


def _annotated(repo: Repository, name: str, commit: str, message: str) -> bytes:
    """No clock: it is dated like its commit."""
    second = int(git.committed(repo, commit).timestamp())
    head = f"object {commit}\ntype commit\ntag {name}\ntagger {identity(repo.root)} {second} +0000\n"
    return f"{head}\n{message.strip() or name}\n".replace("\0", "").encode("utf-8", "backslashreplace")

"""Gets from a clone's remote what the clone lacks, and nothing else; only where the repository may `fetch`."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import replace

from schemactl.git import tagged
from schemactl.git.asking import Absent, Asking, is_shallow, require_names, several
from schemactl.git.command import Repository, text

_STEPS = (50, 200, 800, 3200)  # by how many commits; then everything
_PROMISED = ("config", "--name-only", "--get-regexp", r"^remote\..*\.promisor$", "^true$")


def commit(repo: Repository, remote: str, oid: str, what: str, branch: str = "*") -> None:
    """The one commit; where the server gives none by its id, the `branch` that should lead there.

    It gets no ref: the object is all that a run needs, and `git gc` may have it.
    """
    _by_id(Asking(repo, remote, what), _alone(repo), [oid], branch)
    if not _has(repo, oid):
        raise Absent(f"`{remote}` has no branch with {what}", "name what to compare with: `--against REV`")


def named(repo: Repository, remote: str, names: Collection[str], what: str) -> tuple[str, str] | None:
    """The first of the full names that the remote has, and what it names, which is in the clone then.

    Branches and tags get the refs that any fetch gives them, so that the next run finds them.
    """
    require_names(*names)
    asking = Asking(repo, remote, what)
    listed = re.findall(r"([0-9a-f]{40}|[0-9a-f]{64})\t(.+)\n", asking.listed("--", remote, *names))
    there = {name: oid for oid, name in listed}
    name = next((each for each in names if each in there), None)
    if name is None:
        return None
    oid = there[name]
    if not _has(repo, oid):
        # By its id: a branch that meanwhile moved to a commit that is here would be cut off there.
        with asking.counted(oid):
            asking.required(asking.fetch(*_alone(repo), refs=[f"+{oid}{_kept_as(remote, name)}"]))
    return name, oid


def default_branch(repo: Repository, remote: str) -> str | None:
    """The one that the remote's HEAD is."""
    asking = Asking(repo, remote, "the name of its default branch")
    found = re.match(r"ref: refs/heads/(\S+)\tHEAD\n", asking.listed("--symref", "--", remote, "HEAD"))
    return found[1] if found else None


def cut(repo: Repository, *commits: str) -> list[str]:
    """Those that led to the commits (`^COMMIT`: not to this one), and whose own parents this shallow clone lacks."""
    if not is_shallow(repo):
        return []
    known = repo.root / text(repo, "rev-parse", "--git-path", "shallow").removesuffix("\n")
    ends = set(known.read_text("ascii").split())
    return [oid for oid in text(repo, "rev-list", "--max-parents=0", *commits).split() if oid in ends]


def deepen(repo: Repository, remote: str, ends: Callable[[], Collection[str]], what: str) -> None:
    """Step by step more of the history before the ends, as long as there are any and there is more.

    They are asked for, and not what they led to: that may be of this clone alone.
    """
    asking = Asking(repo, remote, what)
    for how in (*(f"--deepen={step}" for step in _STEPS), "--unshallow"):
        if not (oids := ends()):
            return
        _by_id(asking, (how,), oids, "*")


def tags(repo: Repository, remote: str, head: str, wanted: Callable[[str], bool]) -> None:
    """Those that may be merged into `head`, and all that led there: nothing less tells whether they are.

    Of those that are `wanted` by their names, the remote and this clone agree then.
    """
    if ends := cut(repo, head):
        asking = Asking(repo, remote, "the history that says which tags are merged")
        with asking.counted(head):
            _got(asking, ("--unshallow",), ends, "*")
    asking = Asking(repo, remote, "tags")
    tagged.require_same(asking, tagged.follow(asking), head, wanted)


def contents(repo: Repository, oids: Collection[str]) -> bool:
    """Files and directories that a partial clone leaves out, all at once; False where no remote has promised any."""
    if (remote := promisor(repo)) is None:
        return False
    asking = Asking(repo, remote, "contents that this clone leaves out")
    # As git itself gets them, which it would do one by one.
    settings = {"fetch.negotiationAlgorithm": "noop"}
    asking.required(asking.fetch("--filter=blob:none", refs=oids, settings=settings))
    asking.tell(f"fetched {several(len(oids), 'object')} of", asking.what)
    return True


def promisor(repo: Repository) -> str | None:
    """The remote that a partial clone leaves contents with."""
    found = re.search(r"^remote\.(.+)\.promisor$", text(repo, *_PROMISED, strict=False), re.MULTILINE)
    return found[1] if found else None


def _alone(repo: Repository) -> tuple[str, ...]:
    """For a commit that is not here. A complete clone stays one; in a shallow one nothing that is here is cut off."""
    return ("--depth=1",) if is_shallow(repo) else ()


def _by_id(asking: Asking, how: Collection[str], oids: Collection[str], branch: str) -> None:
    """A clone that is shallow no longer has its tags, too: nothing else would tell the next run that they lack."""
    cut_off = is_shallow(asking.repo)
    with asking.counted(*oids):
        _got(asking, how, oids, branch)
    if cut_off and not is_shallow(asking.repo):
        tagged.follow(replace(asking, what="the tags of its history"))


def _got(asking: Asking, how: Collection[str], oids: Collection[str], branch: str) -> None:
    require_names(*oids)
    result = asking.fetch(*how, refs=oids)
    if b"unadvertised object" in result.stderr:
        # This server gives nothing but what has a name, and what led there.
        require_names(branch.replace("*", "any"))
        deep = ("--unshallow",) if is_shallow(asking.repo) else ()
        result = asking.fetch(*deep, refs=[f"+refs/heads/{branch}:refs/remotes/{asking.remote}/{branch}"])
    asking.required(result)


def _kept_as(remote: str, name: str) -> str:
    """The second half of a refspec; what is neither a branch nor a tag gets no ref."""
    if name.startswith("refs/heads/"):
        return f":refs/remotes/{remote}/{name.removeprefix('refs/heads/')}"
    return f":{name}" if name.startswith("refs/tags/") else ""


def _has(repo: Repository, oid: str) -> bool:
    return bool(text(repo, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{oid}^{{commit}}", strict=False))

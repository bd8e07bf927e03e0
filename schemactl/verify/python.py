"""Tries a wheel as its users will: installed in a clean environment, imported, compared with the schema, and used.

Only the Python that runs this is tried, with the versions of the requirements that stand beside it or that pip picks.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from importlib.metadata import Distribution
from pathlib import Path, PurePosixPath
from typing import Any

from schemactl import tools
from schemactl.artifact import Artifact
from schemactl.package.archive import unzipped
from schemactl.product import python_path
from schemactl.verify import environment, sdist

_LONGEST = 120.0
_GRACE = 10.0  # for the trial to say where it was
_TRIAL = Path(__file__).with_name("trial.py")
# Of the compiler's version here and of the runtime's there; what they describe is not data of anybody's.
_OF_THE_RUNTIME = {"google/protobuf/descriptor.proto", "google/protobuf/compiler/plugin.proto"}


def verified(
    wheel: Artifact,
    source: Artifact,
    beside: Sequence[Artifact],
    expected: Mapping[str, bytes],
    modules: Mapping[str, str],
    services: Collection[str],
    directory: Path,
    *,
    provided: Mapping[str, bytes] = {},
    meant: Mapping[str, str] = {},
) -> list[str]:
    """What is wrong with a wheel and its sdist, nothing when all is well.

    `beside`: the wheels of our other products that this one requires, directly or not. `expected`: descriptors by
    proto file. `modules`: the Python module of each file; `services`: the files that have one. `directory` is empty.
    `provided`: descriptors of the files of others that these were compiled with; `meant`: the requirement for each.
    """
    (directory / "sdist").mkdir()
    built = tools.ahead(lambda: sdist.differences(source, wheel, directory / "sdist"))
    problems = _contents(wheel, modules, services)  # what follows from these would be told again by the trial
    if not problems:
        request = {
            "seconds": _LONGEST,
            "modules": dict(modules),
            "grpc": {file: _grpc(modules[file]) for file in sorted(services)},
            "descriptors": _told(expected),
            "provided": _told({file: each for file, each in provided.items() if file not in _OF_THE_RUNTIME}),
        }
        problems = _tried(wheel, beside, request, meant, directory)
    return [*problems, *built()]


def _told(descriptors: Mapping[str, bytes]) -> dict[str, str]:
    return {name: b64encode(each).decode() for name, each in descriptors.items()}


def _contents(wheel: Artifact, modules: Mapping[str, str], services: Collection[str]) -> list[str]:
    """Which modules are in the wheel, and which should be."""
    grpc = [_grpc(modules[file]) for file in services]
    wanted = {f"{each.replace('.', '/')}.py" for each in (*modules.values(), *grpc)}
    names = set(unzipped(wheel.content))
    code = {name for name in names if name.endswith(".py") and not name.endswith("__init__.py")}
    typed = {f"{each.replace('.', '/')}.pyi" for each in modules.values()}
    return [
        *(f"`{name}` is in the wheel, and no proto file stands for it" for name in sorted(code - wanted)),
        *(f"`{name}` is not in the wheel" for name in sorted((wanted | typed) - names)),
    ]


def _grpc(module: str) -> str:
    return f"{module}_grpc"


def _tried(
    wheel: Artifact, beside: Sequence[Artifact], request: Mapping[str, Any], meant: Mapping[str, str], directory: Path
) -> list[str]:
    try:
        clean = environment.clean(directory, [wheel, *beside])
    except environment.Uninstallable as error:
        return [f"the wheel cannot be installed: {error}"]
    found = clean.distributions
    name = _distribution(wheel)
    own = found[name]
    # Its home is not the user's: what is tried may have come from an index.
    done = tools.run(
        (str(clean.python), "-I", "-B", str(_TRIAL)),
        stdin=json.dumps({**request, "meant": _meant(own, meant)}).encode(),
        cwd=directory,
        env={"HOME": str(directory)},
        timeout=_LONGEST + _GRACE,
        ok=None,
    )
    if done.code or not done.stdout:
        words = done.stderr.decode("utf-8", "backslashreplace").strip().splitlines()
        return [f"the trial of the wheel ended with {done.code}: {words[-1] if words else 'it does not say why'}"]
    report = json.loads(done.stdout)
    owners = environment.owners(found)
    placed = {str(clean.site / file): names for file, names in owners.items()}
    return [
        *(_altered(each, placed) for each in report["provided"]),
        *report["problems"],
        *_unsaid({name, *environment.required(own)}, placed, clean.site, report["uses"]),
        *_together(found, owners),
    ]


def _distribution(wheel: Artifact) -> str:
    from packaging.utils import parse_wheel_filename

    return parse_wheel_filename(PurePosixPath(wheel.filename).name)[0]


def _meant(own: Distribution, meant: Mapping[str, str]) -> dict[str, str]:
    """What to say of a module that is missing, where somebody was named for it."""
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name

    said = environment.required(own)
    words = {}
    for file, requirement in sorted(meant.items()):
        stated = said.get(canonicalize_name(Requirement(requirement).name))
        words[python_path(file).replace("/", ".")] = (
            f"`{stated}` was meant to provide `{file}`, and does not: name the distribution that does"
            if stated
            else f"`{requirement}` provides `{file}`, and the wheel does not require it"
        )
    return words


def _altered(found: Mapping[str, str], owners: Mapping[str, Sequence[str]]) -> str:
    by = f"installed `{names[0]}`" if (names := owners.get(found["place"])) else "distribution that provides it"
    return (
        f"`{found['file']}` in the tree is not what the {by} registers: {found['why']}; take the copy of that"
        " distribution, require a version that has this, or move what is yours into a file and package of your own"
    )


def _together(found: Mapping[str, Distribution], owners: Mapping[str, Sequence[str]]) -> list[str]:
    """What the distributions of the environment make of each other."""
    named = {name for each in found.values() for name in environment.required(each)}
    shared = [
        f"`{file}` is a file of {' and of '.join(f'`{each}`' for each in names)}: one overwrites the other"
        for file, names in owners.items()
        if len(names) > 1 and not environment.is_same_marker(found, file, names)
    ]
    return [*environment.misfits(found, named), *shared]


def _unsaid(said: Set[str], owners: Mapping[str, Sequence[str]], site: Path, uses: Mapping[str, str]) -> Iterator[str]:
    """The distributions that our modules import and that are there only because something else requires them."""
    for file, module in uses.items():
        if (by := owners.get(file)) and said.isdisjoint(by):
            inside = Path(file).relative_to(site).as_posix()
            yield f"module `{module}` imports `{inside}` of `{by[0]}`, which the wheel does not require"

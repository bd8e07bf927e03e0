"""Tries a wheel as its users will: installed in a clean environment, imported, compared with the schema, and used.

Only the Python that runs this is tried, with the versions of the requirements that stand beside it or that pip picks.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path, PurePosixPath

from schemactl import tools
from schemactl.artifact import Artifact
from schemactl.package.archive import unzipped
from schemactl.verify import environment, sdist

_TIMEOUT = 120.0
_TRIAL = Path(__file__).with_name("trial.py")


def verified(
    wheel: Artifact,
    source: Artifact,
    beside: Sequence[Artifact],
    expected: Mapping[str, bytes],
    modules: Mapping[str, str],
    services: Collection[str],
    directory: Path,
) -> list[str]:
    """What is wrong with a wheel and its sdist, nothing when all is well.

    `beside`: the wheels of our other products that this one requires, directly or not. `expected`: descriptors by
    proto file. `modules`: the Python module of each file; `services`: the files that have one. `directory` is empty.
    """
    (directory / "sdist").mkdir()
    built = tools.ahead(lambda: sdist.differences(source, wheel, directory / "sdist"))
    problems = _contents(wheel, modules, services)  # what follows from these would be told again by the trial
    return [*(problems or _tried(wheel, beside, expected, modules, services, directory)), *built()]


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
    wheel: Artifact,
    beside: Sequence[Artifact],
    expected: Mapping[str, bytes],
    modules: Mapping[str, str],
    services: Collection[str],
    directory: Path,
) -> list[str]:
    try:
        clean = environment.clean(directory, [wheel, *beside])
    except environment.Uninstallable as error:
        return [f"the wheel cannot be installed: {error}"]
    request = {
        "modules": dict(modules),
        "grpc": sorted(_grpc(modules[file]) for file in services),
        "descriptors": {name: b64encode(each).decode() for name, each in expected.items()},
    }
    # Its home is not the user's: what is tried may have come from an index.
    done = tools.run(
        (str(clean.python), "-I", "-B", str(_TRIAL)),
        stdin=json.dumps(request).encode(),
        cwd=directory,
        env={"HOME": str(directory)},
        timeout=_TIMEOUT,
        ok=None,
    )
    if done.code or not done.stdout:
        words = done.stderr.decode("utf-8", "backslashreplace").strip().splitlines()
        return [f"the trial of the wheel ended with {done.code}: {words[-1] if words else 'it does not say why'}"]
    report = json.loads(done.stdout)
    return [*report["problems"], *_unsaid(clean, wheel, report["uses"]), *_together(clean)]


def _together(clean: environment.Environment) -> list[str]:
    """What the distributions of the environment make of each other."""
    found = clean.distributions
    named = {name for each in found.values() for name in environment.required(each)}
    shared = [
        f"`{file}` is a file of {' and of '.join(f'`{each}`' for each in names)}: one overwrites the other"
        for file, names in environment.owners(found).items()
        if len(names) > 1
    ]
    return [*environment.misfits(found, named), *shared]


def _unsaid(clean: environment.Environment, wheel: Artifact, uses: Mapping[str, str]) -> list[str]:
    """The distributions that our modules import and that are there only because something else requires them."""
    from packaging.utils import parse_wheel_filename

    found = clean.distributions
    owners = environment.owners(found)
    own = parse_wheel_filename(PurePosixPath(wheel.filename).name)[0]
    said = {own, *environment.required(found[own])}
    problems = []
    for file, module in uses.items():
        path = Path(file)
        inside = path.relative_to(clean.site).as_posix() if path.is_relative_to(clean.site) else ""
        if (by := owners.get(inside)) and said.isdisjoint(by):
            problems.append(f"module `{module}` imports `{inside}` of `{by[0]}`, which the wheel does not require")
    return problems

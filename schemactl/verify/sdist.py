"""Builds the sdist as pip would, with the backend that it names, and compares what comes out with the wheel."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

from schemactl import tools
from schemactl.artifact import Artifact
from schemactl.package.archive import require_safe, untarred, unzipped

_TIMEOUT = 120.0
# The backend is a requirement of ours: nothing has to be installed for the build.
_BUILD = "import sys; from hatchling import build; build.build_wheel(sys.argv[1])"
_OF_THE_BUILD = ("WHEEL", "RECORD")  # who built it, and the digests of the rest
_OF_THE_FORMAT = "metadata_version"


def differences(sdist: Artifact, wheel: Artifact, directory: Path) -> list[str]:
    """`directory` is for the sdist to be unpacked and built in."""
    try:
        top = _unpacked(untarred(sdist.content), directory / "source")
    except (OSError, EOFError, ValueError) as error:
        return [f"the sdist cannot be unpacked: {error}"]
    argv = (sys.executable, "-I", "-c", _BUILD, str(directory))
    done = tools.run(argv, cwd=top, env={"HOME": str(directory)}, timeout=_TIMEOUT, ok=None)
    built = next(directory.glob("*.whl"), None)
    if done.code or built is None:
        words = done.stderr.decode("utf-8", "backslashreplace").strip().splitlines()
        return [f"the sdist cannot be built: {words[-1] if words else f'the build ends with {done.code}'}"]
    named = PurePosixPath(wheel.filename).name
    renamed = [] if built.name == named else [f"the sdist builds `{built.name}`, and the wheel is `{named}`"]
    return renamed or _compared(unzipped(built.read_bytes()), unzipped(wheel.content))


def _unpacked(files: Mapping[str, bytes], directory: Path) -> Path:
    require_safe(files)
    tops = {name.split("/")[0] for name in files}
    if len(tops) != 1:
        raise ValueError(f"it should hold one directory, not {len(tops)}")
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return directory / tops.pop()


def _compared(built: Mapping[str, bytes], wheel: Mapping[str, bytes]) -> list[str]:
    problems = []
    for name in sorted(name for name in built.keys() | wheel.keys() if not _is_of_the_build(name)):
        if name not in built:
            problems.append(f"the wheel that the sdist builds has no `{name}`")
        elif name not in wheel:
            problems.append(f"the wheel that the sdist builds has `{name}` besides")
        elif _is_info(name) and name.endswith("/METADATA"):
            problems += _said_otherwise(built[name], wheel[name])
        elif built[name] != wheel[name]:
            problems.append(f"`{name}` differs in the wheel that the sdist builds")
    return problems


def _is_info(name: str) -> bool:
    return name.split("/")[0].endswith(".dist-info")


def _is_of_the_build(name: str) -> bool:
    return _is_info(name) and name.split("/")[1:] in ([each] for each in _OF_THE_BUILD)


def _said_otherwise(built: bytes, wheel: bytes) -> list[str]:
    left, right = _metadata(built), _metadata(wheel)
    return [
        f"METADATA of the wheel that the sdist builds says {name} {left.get(name)}, the wheel {right.get(name)}"
        for name in sorted(left.keys() | right.keys())
        if left.get(name) != right.get(name)
    ]


def _metadata(content: bytes) -> Mapping[str, Any]:
    from packaging.metadata import parse_email
    from packaging.requirements import Requirement
    from packaging.specifiers import SpecifierSet

    said, unknown = parse_email(content)
    whole: dict[str, Any] = {**said, **unknown}
    whole["requires_dist"] = sorted(str(Requirement(each)) for each in whole.get("requires_dist", ()))
    whole["requires_python"] = str(SpecifierSet(whole.get("requires_python", "")))
    return {name: value for name, value in whole.items() if value and name != _OF_THE_FORMAT}

"""Set-up: the pins, `make` and the workflow do what the README promises, each of them run for real."""

from __future__ import annotations

import ast
import importlib.metadata
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from shell import git, run

ROOT = Path(__file__).parents[1]
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
WORKFLOW: dict[str, Any] = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())
RUNS = {name: [step["run"] for step in job["steps"] if "run" in step] for name, job in WORKFLOW["jobs"].items()}
# The tests that a step runs inside of a test are quick ones: the whole suite is what runs that test.
FEW = {"elsewhere": "-k encoding", "": "tests/test_setup.py -m 'not slow'"}


def pins() -> dict[str, list[str]]:
    """Each requirement of constraints.txt with the lines that belong to it."""
    found: dict[str, list[str]] = {}
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        if line.startswith(" "):
            found[next(reversed(found))].append(line.strip(" \\"))
        elif not line.startswith("#"):
            found[line.rstrip(" \\")] = []
    return found


def declared() -> list[Requirement]:
    project = PROJECT["project"]
    everything = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    return [Requirement(text) for text in [*everything, *PROJECT["build-system"]["requires"]]]


def test_constraints_are_versions_and_hashes_and_nothing_else() -> None:
    for requirement, lines in pins().items():
        assert re.fullmatch(r"[a-z0-9-]+==[0-9a-z.]+( ; [a-z_]+ ([!=]=|<|>=) '[\w.]+')?", requirement)
        assert lines
        assert all(re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line) for line in lines), requirement


def test_constraints_pin_every_declared_dependency_within_its_range() -> None:
    pinned = {pin.name: pin for pin in map(Requirement, pins())}
    for wanted in declared():
        version = str(pinned[canonicalize_name(wanted.name)].specifier).removeprefix("==")
        assert wanted.specifier.contains(version), wanted


def test_every_package_that_the_source_imports_is_a_declared_dependency() -> None:
    distributions = importlib.metadata.packages_distributions()
    # What the extra brings is asked for only where it is there.
    written = [*PROJECT["project"]["dependencies"], *PROJECT["project"]["optional-dependencies"]["publish"]]
    names = {canonicalize_name(Requirement(text).name) for text in written}
    for path in (ROOT / "schemactl").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            imported = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            imported += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            for top in {name.partition(".")[0] for name in imported} - sys.stdlib_module_names - {"schemactl"}:
                assert {canonicalize_name(name) for name in distributions[top]} & names, f"{path.name}: {top}"


def test_set_up_classifiers_and_workflow_agree_on_the_pythons() -> None:
    matrix = WORKFLOW["jobs"]["test"]["strategy"]["matrix"]["python"]
    prefix = "Programming Language :: Python :: "
    classifiers = [text.removeprefix(prefix) for text in PROJECT["project"]["classifiers"] if text.startswith(prefix)]
    assert matrix == [version for version in classifiers if "." in version]
    first, last = (tuple(map(int, matrix[place].split("."))) for place in (0, -1))
    assert f"{first} <= sys.version_info < {(last[0], last[1] + 1)}" in (ROOT / ".ci/setup").read_text()
    assert PROJECT["project"]["requires-python"] == f">={matrix[0]}"
    assert WORKFLOW["jobs"]["elsewhere"]["strategy"]["matrix"]["python"] == [matrix[0], matrix[-1]]
    assert (version_of("oldest"), version_of("newest")) == (matrix[0], matrix[-1])


def version_of(job: str) -> Any:
    [version] = [
        step["with"]["python-version"] for step in WORKFLOW["jobs"][job]["steps"] if "setup-python" in str(step)
    ]
    return version


def test_ci_runs_what_a_newcomer_runs() -> None:
    lines = (ROOT / ".ci/run").read_text().splitlines()
    assert [line for line in lines if "make" in line] == ["make test", "make check"]
    assert RUNS == {
        "test": ["make test", "make check"],
        "elsewhere": ["sh .ci/portable"],
        "oldest": ["make test-oldest"],
        "newest": ["make test-newest"],
    }
    assert re.search(r"^test-portable:.*\n\t@sh \.ci/portable$", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_actions_are_pinned_to_a_commit_and_the_token_only_reads() -> None:
    uses = re.findall(r"uses: (.*)", (ROOT / ".github/workflows/ci.yml").read_text())
    assert uses
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use) for use in uses)
    assert WORKFLOW["permissions"] == {"contents": "read"}


class Machine:
    """A machine with sh, git and the pythons that a test puts on it; `.ci/setup` runs on it for real."""

    def __init__(self, root: Path) -> None:
        self.project, self.bin = root / "project", root / "bin"
        self.bin.mkdir(parents=True)
        (self.project / ".ci").mkdir(parents=True)
        for name in ("pyproject.toml", "constraints.txt", ".ci/setup"):
            shutil.copy(ROOT / name, self.project / name)
        for tool in ("sh", "cat", "cksum", "cp", "dirname", "git", "mkdir", "rm"):
            (self.bin / tool).symlink_to(shutil.which(tool) or tool)

    def python(
        self, name: str, version: str, *, fits: bool = True, ensurepip: bool = True, directory: str = "bin"
    ) -> None:
        """Put a python there whose environments note the pip calls and fail while `offline` exists."""
        environment = '#!/bin/sh\ncase $* in *pip*) echo "$@" >>calls; test ! -e offline;; esac\n'
        (self.bin / f"{name}.made").write_text(environment)
        (self.bin / f"{name}.made").chmod(0o755)
        (self.bin / name).write_text(
            f"#!/bin/sh\ncase $* in\n*version_info*) echo {version}; exit {int(not fits)};;\n"
            f"*'import ensurepip'*) exit {int(not ensurepip)};;\n"
            f'*) mkdir -p .venv/{directory} && cp "$0.made" .venv/{directory}/python;;\nesac\n'
        )
        (self.bin / name).chmod(0o755)

    def setup(self, **extra: str) -> subprocess.CompletedProcess[str]:
        return run(self.bin / "sh", ".ci/setup", cwd=self.project, PATH=str(self.bin), **extra)

    def calls(self) -> int:
        log = self.project / "calls"
        return len(log.read_text().splitlines()) if log.exists() else 0


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "a path with spaces")


def test_a_python_that_is_too_old_is_named_with_what_is_needed(machine: Machine) -> None:
    machine.python("python3", "3.9.2", fits=False)
    done = machine.setup()
    assert done.returncode == 2
    assert "error: Python 3.11, 3.12, 3.13 or 3.14 is needed (python3 is 3.9.2)" in done.stderr
    assert "make PYTHON=" in done.stderr


def test_no_python_at_all_is_said(machine: Machine) -> None:
    assert "(no python3 on PATH)" in machine.setup().stderr


def test_another_python_is_picked_when_python3_is_too_old(machine: Machine) -> None:
    machine.python("python3", "3.9.2", fits=False)
    machine.python("python3.12", "3.12.7")
    done = machine.setup()
    assert (done.returncode, machine.calls()) == (0, 2)
    assert "with Python 3.12.7" in done.stderr


def test_a_missing_ensurepip_says_what_to_install(machine: Machine) -> None:
    machine.python("python3", "3.11.2", ensurepip=False)
    done = machine.setup()
    assert done.returncode == 2
    assert "help: `apt install python3-venv` (Debian, Ubuntu; `python3.11-venv` when" in done.stderr


def test_a_second_set_up_does_nothing_and_a_changed_pin_does_it_again(machine: Machine) -> None:
    machine.python("python3", "3.13.0")
    assert machine.setup().returncode == 0
    again = machine.setup()
    assert (again.stdout, again.stderr, machine.calls()) == ("", "", 2)
    with (machine.project / "constraints.txt").open("a") as file:
        file.write("# changed\n")
    machine.setup()
    assert machine.calls() == 4


def test_an_interrupted_set_up_starts_again(machine: Machine) -> None:
    machine.python("python3", "3.13.0")
    (machine.project / "offline").touch()
    assert machine.setup().returncode != 0
    left = machine.project / ".venv/half"
    left.touch()
    (machine.project / "offline").unlink()
    assert machine.setup().returncode == 0
    assert not left.exists()


def copy_of_the_repository(target: Path) -> Path:
    """The files as they are now, committed or not, as one commit."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target / name)
    git(target, "init", "--quiet")
    git(target, "add", "--all")
    assert git(target, "commit", "--quiet", "--message", "all").returncode == 0
    return target


@pytest.mark.slow
def test_every_step_of_the_workflow_passes_on_a_fresh_clone(tmp_path: Path) -> None:
    clone = copy_of_the_repository(tmp_path / "a path with spaces")
    for job, steps in RUNS.items():
        said = ""
        for step in steps:
            environment = {"CI": "true", "PYTEST_ADDOPTS": FEW.get(job, FEW[""])}
            done = run("bash", "-e", "-c", step, cwd=clone, **environment)
            said += done.stdout
            assert done.returncode == 0, said + done.stderr
        assert re.search(r"=+ \d+ passed", said), said
    assert git(clone, "status", "--porcelain").stdout == ""


def test_the_tests_for_every_system_are_there() -> None:
    listed = re.search(r"for name in ((?:[a-z_ ]|\\\n)+);", (ROOT / ".ci/portable").read_text())
    assert listed
    names = listed[1].replace("\\", "").split()
    assert len(names) == len(set(names)) > 10
    assert all((ROOT / f"tests/test_{name}.py").is_file() for name in names)


def test_other_dependencies_need_to_be_named() -> None:
    done = run("sh", ".ci/dependencies", "newer", cwd=ROOT)
    assert done.returncode == 2
    assert done.stderr.startswith("error: which dependencies?\nhelp: ")


def test_on_windows_the_programs_of_the_environment_lie_elsewhere(machine: Machine) -> None:
    machine.python("python", "3.13.0", directory="Scripts")
    assert (machine.setup(OS="Windows_NT").returncode, machine.calls()) == (0, 2)
    assert (machine.setup(OS="Windows_NT").stderr, machine.calls()) == ("", 2)

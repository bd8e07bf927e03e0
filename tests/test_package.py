"""`schemactl package`, as a user runs it: what is made of a revision, and how it is used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
from hashlib import sha256
from pathlib import Path

import pytest

from repositories import HEAD, PATH, USER, WRONG, Repo, clean, init, run
from schemactl.goplugins import Plugins
from schemactl.gotoolchain import Toolchain
from schemactl.package.release import decoded
from shell import run as started

pytest_plugins = ("goplugins_built",)

SHARED = 'syntax = "proto3";\npackage acme.shared.v1;\nmessage Money {\n  int64 amount = 1;\n}\n'
ORDER = (
    'syntax = "proto3";\npackage acme.orders.v1;\nimport "acme/shared/v1/money.proto";\n'
    "message Order {\n  acme.shared.v1.Money total = 1;\n}\n"
)
TWO = """
packages:
  - {name: acme-shared, paths: [acme/shared]}
  - {name: acme-orders, paths: [acme/orders]}
"""


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return init(tmp_path / "acme", {PATH: USER})


def packaged(repo: Repo, *arguments: str) -> tuple[int, str]:
    done = run("package", "-C", str(repo.root), *arguments)
    return done.code, done.out + done.err


def given(plugins: Plugins) -> list[str]:
    assert plugins.grpc
    return ["--protoc-gen-go", str(plugins.go.path), "--protoc-gen-go-grpc", str(plugins.grpc.path)]


def release(repo: Repo, out: str = "dist") -> dict[str, object]:
    loaded: dict[str, object] = json.loads((repo.root / out / "release.json").read_bytes())
    return loaded


def names(repo: Repo, out: str = "dist") -> list[str]:
    root = repo.root / out
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_a_commit_becomes_a_wheel_an_sdist_and_an_image_with_sums(repo: Repo) -> None:
    code, said = packaged(repo)
    assert code == 0, said
    assert names(repo) == [
        "SHA256SUMS",
        "image/acme-schemas-0.1.0-dev.1.binpb",
        "provenance.json",
        "python/acme_schemas-0.1.0.dev1-py3-none-any.whl",
        "python/acme_schemas-0.1.0.dev1.tar.gz",
        "release.json",
    ]
    assert "· verified" in said
    for line in (repo.root / "dist/SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert sha256((repo.root / "dist" / name).read_bytes()).hexdigest() == digest
    assert release(repo)["source"] == {
        "commit": repo.git("rev-parse", "HEAD"),
        "revision": repo.git("rev-parse", "HEAD"),
    }


@pytest.mark.slow
def test_pip_installs_it_into_a_fresh_environment_and_it_works(repo: Repo, tmp_path: Path) -> None:
    packaged(repo, "--version", "1.4.0")
    venv.create(tmp_path / "venv", with_pip=False, symlinks=True)
    python = tmp_path / "venv/bin/python"
    target = started(
        sys.executable, "-c", "import google.protobuf as p; print(p.__path__[0])", cwd=tmp_path
    ).stdout.strip()
    install = (sys.executable, "-m", "pip", "--python", str(python), "install", "--no-index", "--no-deps", "--quiet")
    done = started(*install, "--find-links", "dist/python", "acme-schemas==1.4.0", cwd=repo.root)
    assert done.returncode == 0, done.stderr
    program = "from acme.v1.user_pb2 import User; print(User(name='x').name)"
    done = started(python, "-c", program, cwd=tmp_path, PYTHONPATH=str(Path(target).parents[1]))
    assert (done.stdout, done.stderr) == ("x\n", "")


def test_two_builds_in_different_places_are_the_same_bytes(repo: Repo, tmp_path: Path) -> None:
    other = Repo(tmp_path / "other" / "acme")
    other.root.parent.mkdir()
    repo.git("clone", "--quiet", str(repo.root), str(other.root))
    sums = []
    for each, umask, zone in ((repo, "022", "UTC"), (other, "077", "Asia/Tokyo")):
        command = f"umask {umask}; exec {sys.executable} -m schemactl package --no-verify"
        done = started("sh", "-c", command, cwd=each.root, TZ=zone, PYTHONHASHSEED=umask, LC_ALL="C")
        assert done.returncode == 0, done.stderr
        sums.append((each.root / "dist/SHA256SUMS").read_bytes())
    assert sums[0] == sums[1]


def test_a_working_tree_with_changes_is_refused_unless_a_revision_is_named(repo: Repo) -> None:
    repo.write({PATH: WRONG})
    code, said = packaged(repo, "--no-verify")
    assert code == 2
    assert "the working tree has uncommitted changes" in said
    assert not (repo.root / "dist").exists()
    assert packaged(repo, "--no-verify", "--rev", "HEAD")[0] == 0
    assert (repo.root / PATH).read_text() == WRONG


def test_a_new_file_that_git_does_not_know_is_a_change_too(repo: Repo) -> None:
    repo.write({"acme/v1/new.proto": USER})
    assert packaged(repo, "--no-verify")[0] == 2


def test_a_release_tag_is_the_version_and_the_commits_after_it_are_snapshots(repo: Repo) -> None:
    repo.git("tag", "v1.2.0")
    assert "acme-schemas 1.2.0\n" in packaged(repo, "--no-verify")[1]
    repo.commit({PATH: USER.replace("}\n", "  string nick = 3;\n}\n")})
    said = packaged(repo, "--no-verify")[1]
    assert "acme_schemas-1.3.0.dev1-py3-none-any.whl" in said


def test_that_nothing_was_tried_is_recorded_and_said(repo: Repo) -> None:
    assert "not verified" in packaged(repo, "--no-verify")[1]
    packages = release(repo)["packages"]
    assert isinstance(packages, list)
    assert (packages[0]["verified"], packages[0]["not_verified"]) == (False, "left out by `--no-verify`")


@pytest.mark.parametrize("version", ["1.4", "1.4.0+local", "1.4.0-pr.12", "1.4.0\nRequires-Dist: evil", "latest"])
def test_a_version_that_python_and_go_cannot_have_is_refused(repo: Repo, version: str) -> None:
    code, said = packaged(repo, "--version", version)
    assert code == 2
    assert "is not a version" in said


def test_a_release_wants_a_name_that_somebody_chose(repo: Repo) -> None:
    code, said = packaged(repo, "--release", "--version", "1.0.0")
    assert code == 1
    assert "in schemactl.yaml: `packages: [{name: " in said
    assert packaged(repo, "--release", "--no-verify", "--version", "1.0.0")[0] == 2
    assert packaged(repo, "--allow-breaking")[0] == 2


def test_a_release_has_the_same_bytes_before_and_after_it_is_tagged(tmp_path: Path) -> None:
    files = {"acme/shared/v1/money.proto": SHARED, "acme/orders/v1/order.proto": ORDER, "schemactl.yaml": TWO}
    repo = init(tmp_path / "acme", files)
    repo.git("tag", "acme-shared/v1.0.0")
    repo.git("tag", "acme-orders/v0.4.0")
    repo.commit({"acme/orders/v1/order.proto": ORDER.replace("}\n", "  string note = 2;\n}\n")})
    code, said = packaged(repo, "--release", "--out", "before")
    assert code == 0, said
    packages = release(repo, "before")["packages"]
    assert isinstance(packages, list)
    assert [(each["name"], each["tag"], each["requires"][0]) for each in packages] == [
        ("acme-orders", "acme-orders/v0.4.1", "acme-shared>=1.0.0,<2")
    ]
    assert release(repo, "before")["source"]["revision"] == "acme-orders/v0.4.1"  # type: ignore[index]
    changes = (repo.root / "before/CHANGELOG.md").read_text()
    assert changes.startswith("## acme-orders 0.4.1 (")
    assert "- field `Order.note` = 2: `string`" in changes
    assert "  CHANGELOG.md\n" in (repo.root / "before/SHA256SUMS").read_text()
    repo.git("tag", "acme-orders/v0.4.1")
    assert packaged(repo, "--rev", "HEAD", "--release", "--out", "after")[0] == 0
    assert names(repo, "before") == names(repo, "after")
    for name in names(repo, "before"):
        assert (repo.root / "before" / name).read_bytes() == (repo.root / "after" / name).read_bytes(), name


def test_a_snapshot_names_no_tag(repo: Repo) -> None:
    repo.commit({"schemactl.yaml": "packages: [{name: acme-users}]\n"})
    assert packaged(repo, "--no-verify")[0] == 0
    packages = release(repo)["packages"]
    assert isinstance(packages, list)
    assert packages[0].pop("tag", "") is None
    earlier = json.dumps({**release(repo), "packages": packages})
    assert decoded(earlier.encode()).packages[0].tag is None


def test_a_version_that_the_tag_of_the_commit_denies_is_refused(repo: Repo) -> None:
    repo.git("tag", "v1.2.0")
    code, said = packaged(repo, "--no-verify", "--version", "1.3.0")
    assert code == 1
    assert "carries the release tag `v1.2.0`" in said
    assert packaged(repo, "--no-verify", "--version", "1.2.0")[0] == 0


def test_of_several_tags_of_a_commit_the_revision_says_which(repo: Repo) -> None:
    repo.git("tag", "v1.5.0-rc.1")
    repo.git("tag", "v1.5.0")
    said = packaged(repo, "--no-verify")[1]
    assert "acme-schemas 1.5.0\n" in said
    assert "note: this commit is `v1.5.0`, `v1.5.0-rc.1`: built is 1.5.0; `--rev v1.5.0-rc.1` builds another" in said
    assert "acme-schemas 1.5.0-rc.1\n" in packaged(repo, "--no-verify", "--rev", "v1.5.0-rc.1")[1]
    assert packaged(repo, "--no-verify", "--version", "1.5.0-rc.1")[0] == 0
    assert packaged(repo, "--no-verify", "--version", "1.5.0-rc.2")[0] == 1


def test_a_release_has_every_language_and_says_so_in_every_report(repo: Repo) -> None:
    repo.commit({"schemactl.yaml": "packages: [{name: acme-users}]\n"})
    assert packaged(repo, "--release", "--version", "1.0.0", "--lang", "python")[0] == 2
    repo.git("tag", "v1.0.0")
    repo.commit({"README.md": "Users.\n"})
    for format, said in (
        ("text", "unchanged since `v1.0.0`"),
        ("json", '"release": null'),
        ("github", ""),
        ("junit", ""),
    ):
        done = run("package", "-C", str(repo.root), "--release", "--format", format)
        assert (done.code, said in done.out) == (0, True), done.out + done.err
    assert packaged(repo, "--format", f"json:{repo.root}/missing/report.json")[0] == 2
    assert not (repo.root / "dist").exists()


def test_a_configuration_that_no_commit_holds_is_recorded_and_never_released(repo: Repo, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text("packages: [{name: acme-other}]\n")
    config = ("--config", str(tmp_path / "other.yaml"))
    assert packaged(repo, *config, "--release", "--version", "1.0.0")[0] == 2
    assert packaged(repo, *config, "--no-verify")[0] == 0
    source = release(repo)["source"]
    assert isinstance(source, dict)
    assert source["config"] == sha256((tmp_path / "other.yaml").read_bytes()).hexdigest()


def test_a_release_is_of_the_packages_that_are_tagged_and_needs_the_others_as_they_were_released(
    tmp_path: Path,
) -> None:
    files = {"acme/shared/v1/money.proto": SHARED, "acme/orders/v1/order.proto": ORDER, "schemactl.yaml": TWO}
    repo = init(tmp_path / "acme", files)
    repo.git("tag", "acme-shared/v1.0.0")
    repo.commit({"acme/orders/v1/order.proto": ORDER.replace("}\n", "  string note = 2;\n}\n")})
    repo.git("tag", "acme-orders/v1.0.0")
    code, said = packaged(repo, "--release")
    assert code == 0, said
    packages = release(repo)["packages"]
    assert isinstance(packages, list)
    assert [each["name"] for each in packages] == ["acme-orders"]
    assert "acme-shared>=1.0.0,<2" in packages[0]["requires"]
    assert "note: not built, since this commit is not a release of it: `acme-shared`" in said
    released = (repo.root / "dist/SHA256SUMS").read_text().splitlines()
    assert packaged(repo, "--out", "plain")[0] == 0
    plain = (repo.root / "plain/SHA256SUMS").read_text().splitlines()
    assert plain == [line for line in released if not line.endswith("  CHANGELOG.md")]
    repo.commit({"schemactl.yaml": TWO.replace("[acme/shared]", "[acme/shared], python: {root: moved}")})
    repo.git("tag", "acme-orders/v1.0.1")
    assert packaged(repo, "--release")[0] == 1
    repo.commit({"schemactl.yaml": TWO, "acme/shared/v1/money.proto": SHARED.replace("}\n", "  string code = 2;\n}\n")})
    repo.git("tag", "acme-orders/v1.1.0")
    code, said = packaged(repo, "--release")
    assert code == 1
    assert "`acme-shared`, which a released package needs, has changes that no final release has" in said


def test_a_package_needs_what_its_imports_hand_on(tmp_path: Path) -> None:
    files = {
        "acme/c/c.proto": 'syntax = "proto3";\npackage acme.c;\nmessage C {}\n',
        "acme/b/b.proto": 'syntax = "proto3";\npackage acme.b;\nimport public "acme/c/c.proto";\n',
        "acme/a/a.proto": 'syntax = "proto3";\npackage acme.a;\nimport "acme/b/b.proto";\n'
        "message A {\n  acme.c.C c = 1;\n}\n",
        "schemactl.yaml": "packages: [" + ", ".join(f"{{name: acme-{x}, paths: [acme/{x}]}}" for x in "abc") + "]\n",
    }
    repo = init(tmp_path / "acme", files)
    code, said = packaged(repo)
    assert code == 0, said
    packages = release(repo)["packages"]
    assert isinstance(packages, list)
    assert [each.partition(">")[0] for each in packages[0]["requires"]] == ["acme-b", "acme-c", "protobuf"]


def test_what_does_not_hold_is_a_finding_in_every_report_and_nothing_is_written(repo: Repo) -> None:
    copy = 'syntax = "proto3";\npackage google.rpc;\nmessage Status {\n  int32 code = 1;\n  string tenant = 4;\n}\n'
    used = 'import "google/rpc/status.proto";\nmessage Failed {\n  google.rpc.Status status = 1;\n}\n'
    repo.commit({"google/rpc/status.proto": copy, "acme/v1/failed.proto": HEAD + used})
    for format in ("text", "json", "github", "junit"):
        done = run("package", "-C", str(repo.root), "--format", format)
        assert (done.code, "tenant" in done.out) == (1, True), done.out + done.err
    assert not (repo.root / "dist").exists()


def test_outside_of_git_there_is_no_revision_to_build(tmp_path: Path) -> None:
    (tmp_path / "user.proto").write_text(USER)
    done = run("package", "-C", str(tmp_path))
    assert done.code == 2
    assert "there is no git repository here" in done.err


def test_a_schema_that_does_not_compile_is_a_finding(repo: Repo) -> None:
    repo.commit({PATH: WRONG})
    code, said = packaged(repo)
    assert code == 1
    assert "acme/v1/user.proto:4:3: error COMPILE" in said


def test_a_package_that_imports_another_requires_it_at_a_compatible_version(tmp_path: Path) -> None:
    files = {"acme/shared/v1/money.proto": SHARED, "acme/orders/v1/order.proto": ORDER, "schemactl.yaml": TWO}
    repo = init(tmp_path / "acme", files)
    repo.git("tag", "acme-shared/v1.2.0")
    repo.git("tag", "acme-orders/v0.3.0")
    code, said = packaged(repo)
    assert code == 0, said
    packages = release(repo)["packages"]
    assert isinstance(packages, list)
    requires = {each["name"]: each["requires"] for each in packages}
    assert requires["acme-orders"] == ["acme-shared>=1.2.0,<2", *requires["acme-shared"]]
    assert "python/acme_orders-0.3.0-py3-none-any.whl" in names(repo)


def test_what_a_directory_holds_already_is_not_lost(repo: Repo) -> None:
    packaged(repo, "--no-verify")
    assert packaged(repo, "--no-verify", "--version", "1.0.0")[0] == 0
    assert "python/acme_schemas-1.0.0.tar.gz" in names(repo)
    assert "python/acme_schemas-0.1.0.dev1.tar.gz" not in names(repo)
    (repo.root / "dist/notes.txt").write_text("mine")
    code, said = packaged(repo, "--no-verify")
    assert code == 2
    assert "notes.txt" in said


def test_a_full_disk_leaves_what_was_there(repo: Repo) -> None:
    packaged(repo, "--no-verify")
    before = {name: (repo.root / "dist" / name).read_bytes() for name in names(repo)}
    fields = "".join(f"  string field_{number} = {number + 3};\n" for number in range(3000))
    repo.commit({PATH: USER.replace("}\n", fields + "}\n")})
    command = (sys.executable, "-m", "schemactl", "package", "--no-verify")
    done = started(
        "bash", "-c", 'ulimit -f 40; exec "$@"', "bash", *command, cwd=repo.root, PYTHONDONTWRITEBYTECODE="1"
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert {name: (repo.root / "dist" / name).read_bytes() for name in names(repo)} == before


GO = "packages: [{name: acme-events, go: {module: example.com/acme/events}}]\n"
PROGRAM = """package main

import (
	"fmt"

	acmev1 "example.com/acme/events/acme/v1"
)

func main() {
	fmt.Println((&acmev1.User{Name: "x"}).GetName())
}
"""


@pytest.mark.slow
def test_go_gets_the_module_from_the_directory_and_uses_a_message(
    repo: Repo, plugins: Plugins, toolchain: Toolchain, tmp_path: Path
) -> None:
    repo.commit({"schemactl.yaml": GO})
    code, said = packaged(repo, "--lang", "go", "--version", "1.4.0", *given(plugins))
    assert code == 0, said
    consumer = tmp_path / "consumer"
    consumer.mkdir()
    (consumer / "main.go").write_text(PROGRAM)
    proxies = subprocess.run(
        (toolchain.path, "env", "GOPROXY"), capture_output=True, text=True, check=True
    ).stdout.strip()
    go = {**os.environ, "GOPROXY": f"file://{repo.root}/dist/go,{proxies}", "GONOSUMDB": "example.com/*"}
    go |= {"GOFLAGS": "-modcacherw", "GOMODCACHE": str(tmp_path / "modules"), "GOTOOLCHAIN": "local"}
    for arguments in (
        ("mod", "init", "example.com/consumer"),
        ("get", "example.com/acme/events/acme/v1@v1.4.0"),
        ("run", "."),
    ):
        done = subprocess.run(
            (toolchain.path, *arguments), cwd=consumer, env=go, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert done.stdout == "x\n"


def test_a_major_version_of_go_has_its_own_path_and_a_warning(repo: Repo, plugins: Plugins) -> None:
    repo.commit({"schemactl.yaml": GO})
    code, said = packaged(repo, "--lang", "go", "--version", "2.0.0", "--no-verify", *given(plugins))
    assert code == 0, said
    assert "go/example.com/acme/events/v2/@v/v2.0.0.zip" in names(repo)
    assert "note: the Go module is `example.com/acme/events/v2`" in said
    repo.commit({"schemactl.yaml": GO.replace("events}", "events/v3}")})
    code, said = packaged(repo, "--lang", "go", "--version", "2.0.0", "--no-verify", *given(plugins))
    assert code == 1
    assert "cannot have the version v2.0.0" in said


def test_a_tag_that_comes_later_to_an_earlier_commit_changes_nothing_of_a_release(tmp_path: Path) -> None:
    files = {"acme/shared/v1/money.proto": SHARED, "acme/orders/v1/order.proto": ORDER, "schemactl.yaml": TWO}
    repo = init(tmp_path / "acme", files)
    repo.git("tag", "acme-shared/v0.1.0")
    repo.git("tag", "acme-orders/v0.1.0")
    repo.commit({"README.md": "Orders.\n"})
    repo.commit({"acme/orders/v1/order.proto": ORDER.replace("}\n", "  string note = 2;\n}\n")})
    repo.git("tag", "acme-orders/v0.1.1")
    assert packaged(repo, "--no-verify", "--out", "before")[0] == 0
    repo.git("tag", "acme-shared/v0.1.5", "HEAD~1")
    assert packaged(repo, "--no-verify", "--rev", "HEAD", "--out", "after")[0] == 0
    assert (repo.root / "before/SHA256SUMS").read_bytes() == (repo.root / "after/SHA256SUMS").read_bytes()
    assert "acme-shared>=0.1.0,<0.2" in release(repo, "after")["packages"][0]["requires"]  # type: ignore[index]

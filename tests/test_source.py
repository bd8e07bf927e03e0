"""Which files make a schema, and where its imports come from."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from schemactl import source
from schemactl.bufyaml import Module
from schemactl.errors import ToolError
from schemactl.tree import Directory
from shell import git
from trees import commit, judged, problems, proto, refused, repository, told, write

USES = proto("message U { weather.Report r = 1; }", "weather/report.proto")
REPORT = proto("message Report {}", package="weather")


@pytest.fixture(autouse=True)
def _no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUF_CACHE_DIR", str(tmp_path / "cache"))


@pytest.mark.parametrize(
    "statement",
    [
        'import "weather/report.proto";',
        "import 'weather/report.proto';",
        'import public "weather/report.proto";',
        'import weak "weather/report.proto";',
        'import "weather/" "report.proto";',
        """import "weather/" 'rep'
           "ort.proto" ;""",
        r'import "weather/\x72eport\056proto";',
        'import/**/"weather/report.proto";',
        'import // report\n  "weather/report.proto";',
        'import /* "x.proto"; */ "weather/" /* / */ "report.proto" /* ; */ ;',
        'option java_package = "a//b"; import "weather/report.proto";',
        '/* unclosed // */ import "weather/report.proto";',
        '// import "absent.proto";\nimport "weather/report.proto"; // import "absent.proto";',
        '/*\nimport "absent.proto";\n*/\nimport "weather/report.proto";',
    ],
)
def test_an_import_resolves_however_it_is_written(tmp_path: Path, statement: str) -> None:
    write(
        tmp_path,
        {
            "proto/user.proto": f'syntax = "proto3";\n{statement}\nmessage U {{ weather.Report r = 1; }}\n',
            "vendor/weather/report.proto": REPORT,
            "schemactl.yaml": "roots: [proto]\nincludes: [vendor]\n",
        },
    )
    assert judged(tmp_path) == 1


@pytest.mark.posix  # elsewhere a path that is absolute has a drive, and a configuration is for every system
def test_includes_may_lie_inside_or_outside_of_the_repository(tmp_path: Path) -> None:
    for include, place in (
        ("third_party", "repo/third_party"),
        ("../vendor", "vendor"),
        (str(tmp_path / "abs"), "abs"),
    ):
        shutil.rmtree(tmp_path / "repo", ignore_errors=True)
        config = f"roots: [proto]\nincludes: ['{include}']\n"
        write(
            tmp_path,
            {"repo/proto/user.proto": USES, "repo/schemactl.yaml": config, f"{place}/weather/report.proto": REPORT},
        )
        git(tmp_path / "repo", "init", "--quiet")
        assert judged(tmp_path / "repo") == 1


def test_an_include_that_does_not_exist_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"user.proto": USES, "schemactl.yaml": "includes: [vendor, ../other]\n"})
    words = refused("lint", "-C", tmp_path)
    assert "schemactl.yaml: `includes` names `vendor`, which is not a directory" in words
    assert "schemactl.yaml: `includes` names `../other`, which is not a directory" in words
    assert "git submodule update --init" in words


def test_a_submodule_can_be_an_include(tmp_path: Path) -> None:
    repository(tmp_path / "weather", {"proto/weather/report.proto": REPORT})
    root = repository(
        tmp_path / "repo",
        {"proto/user.proto": USES, "schemactl.yaml": "roots: [proto]\nincludes: [third_party/weather/proto]\n"},
    )
    allowed = ("-c", "protocol.file.allow=always")
    added = git(root, *allowed, "submodule", "--quiet", "add", str(tmp_path / "weather"), "third_party/weather")
    assert added.returncode == 0, added.stderr
    commit(root)
    assert judged(root) == 1
    assert judged(root, "--rev", "HEAD") == 1
    assert judged(root, "--staged") == 1


def test_an_old_revision_reads_its_own_copy_of_an_include(tmp_path: Path) -> None:
    config = "roots: [proto]\nincludes: [vendor]\n"
    repository(tmp_path, {"proto/user.proto": USES, "vendor/weather/report.proto": REPORT, "schemactl.yaml": config})
    write(tmp_path, {"vendor/weather/report.proto": REPORT.replace("Report", "Forecast")})
    assert "Report" in told(tmp_path)[0]
    assert judged(tmp_path, "--rev", "HEAD") == 1


def test_what_a_module_excludes_still_serves_its_imports(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            "user.proto": USES,
            "weather/report.proto": REPORT,
            "weather/wrong.proto": "this is not proto",
            "buf.yaml": "version: v2\nmodules:\n  - path: .\n    excludes: [weather]\n",
        },
    )
    assert judged(tmp_path) == 1
    write(tmp_path, {"buf.yaml": "version: v1\nbuild:\n  excludes: [weather]\n"})
    assert judged(tmp_path) == 1
    (tmp_path / "buf.yaml").unlink()
    write(tmp_path, {"schemactl.yaml": "excludes: [weather]"})
    assert judged(tmp_path) == 1


def test_an_excluded_file_that_cannot_be_read_is_told_when_it_is_imported(tmp_path: Path) -> None:
    write(tmp_path, {"user.proto": USES, "weather/report.proto": b"\xff", "schemactl.yaml": "excludes: [weather]"})
    assert told(tmp_path) == ["weather/report.proto:1:1 FILE_ENCODING line 1 is not UTF-8 (byte 0xff)"]


def test_an_unresolved_import_is_named_with_its_importer_and_three_ways(tmp_path: Path) -> None:
    write(tmp_path, {"acme/user.proto": USES})
    (found,) = problems(tmp_path)
    assert (found["path"], found["line"], found["column"]) == ("acme/user.proto", 2, 1)
    assert found["message"] == "import `weather/report.proto` of acme/user.proto is not found"
    ways = found["help"].splitlines()
    assert [line[:2] for line in ways[1:]] == ["1.", "2.", "3."]
    assert "includes:" in found["help"]
    assert "Buf's module cache" in found["help"]


@pytest.mark.parametrize(
    "name",
    [
        "../secret.proto",
        "/etc/passwd",
        r"a\\b.proto",
        "./a.proto",
        "a//b.proto",
        "a/../../secret.proto",
        r"a\nb.proto",
        "",
    ],
)
def test_an_import_that_leaves_the_root_is_refused(tmp_path: Path, name: str) -> None:
    write(
        tmp_path,
        {"secret.proto": proto("message S {}"), "vendor/x.proto": "", "root/proto/b.proto": proto("message B {}")},
    )
    config = {"root/schemactl.yaml": "roots: [proto]\nincludes: [../vendor]\n"}
    root = write(tmp_path, {"root/proto/a.proto": proto("message A { Gone g = 1; }", name), **config}) / "root"
    (found,) = problems(root)
    assert (found["rule"], found["path"], found["line"]) == ("UNRESOLVED_IMPORT", "proto/a.proto", 2)
    assert "is not a path below a root" in found["message"]


@pytest.mark.posix
def test_an_include_gives_only_protos_that_lie_in_it(tmp_path: Path) -> None:
    write(tmp_path, {"secret/s.proto": REPORT, "vendor/notes.txt": REPORT})
    (tmp_path / "vendor/link.proto").symlink_to(tmp_path / "secret/s.proto")
    for name in ("link.proto", "notes.txt"):
        root = write(tmp_path / "repo", {"user.proto": proto("", name), "schemactl.yaml": "includes: [../vendor]\n"})
        assert [each["rule"] for each in problems(root)] == ["UNRESOLVED_IMPORT"]


def test_a_large_include_is_refused_by_name(tmp_path: Path) -> None:
    write(tmp_path, {"vendor/weather/report.proto": b"//" + b" " * 5_000_000})
    root = write(tmp_path / "repo", {"user.proto": USES, "schemactl.yaml": "includes: [../vendor]\n"})
    assert "`../vendor/weather/report.proto` is larger than 4 MB" in refused("lint", "-C", root)


def test_staged_is_the_index_and_rev_the_revision_with_its_own_configuration(tmp_path: Path) -> None:
    wrong = proto("message A { Missing m = 1; }")
    repository(
        tmp_path, {"proto/a.proto": wrong, "old/b.proto": proto("message B {}"), "schemactl.yaml": "roots: [old]\n"}
    )
    commit(tmp_path, {"schemactl.yaml": "roots: [proto]\n"})
    write(tmp_path, {"proto/a.proto": proto("message A { Staged s = 1; }")})
    git(tmp_path, "add", "--all")
    write(tmp_path, {"proto/a.proto": proto("message A {}")})
    assert judged(tmp_path) == 1
    assert '"Staged" is not defined.' in told(tmp_path, "--staged")[0]
    assert '"Missing" is not defined.' in told(tmp_path, "--rev", "HEAD")[0]
    assert judged(tmp_path, "--rev", "HEAD~1") == 1


def test_a_file_that_vanishes_during_the_run_is_named(tmp_path: Path) -> None:
    write(tmp_path, {"a.proto": proto("message A {}"), "b.proto": proto("message B {}")})
    tree = Directory(tmp_path, None)
    assert len(tree.paths) == 2
    (tmp_path / "b.proto").unlink()
    with pytest.raises(ToolError, match=r"`b\.proto` cannot be read: No such file"):
        source.collect(tree, [Module(".")])


@pytest.mark.parametrize(("name", "files"), [("temporal-api", 54), ("opentelemetry-proto", 11)])
def test_real_repositories_check_out_of_the_box(corpora: Path, tmp_path: Path, name: str, files: int) -> None:
    copy = tmp_path / "copy"
    cloned = git(tmp_path, "clone", "--quiet", "--shared", str(corpora / name), str(copy))
    assert cloned.returncode == 0, cloned.stderr
    assert judged(copy) >= files

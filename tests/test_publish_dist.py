"""A build that is to be published: all of it is as it was written, or nothing of it is published."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from builds import build, product, written
from schemactl.errors import Mismatch, Rejected, ToolError, UsageError
from schemactl.package import provenance, release
from schemactl.publish import dist
from schemactl.publish.dist import Dist
from schemactl.version import Version

WHEEL = "python/acme_events-1.0.0-py3-none-any.whl"
SDIST = "python/acme_events-1.0.0.tar.gz"
GO = "go/github.com/!acme/events-go/@v"
FILES = (WHEEL, SDIST, f"{GO}/v1.0.0.zip", f"{GO}/v1.0.0.mod", f"{GO}/v1.0.0.info", "image/acme-events-1.0.0.binpb")
OTHERS = (f"{GO}/list", "release.json", "provenance.json", "SHA256SUMS")


@pytest.fixture
def made(tmp_path: Path) -> Path:
    return build(tmp_path / "dist", go="github.com/Acme/events-go")


def refused(directory: Path) -> str:
    with pytest.raises(Mismatch) as caught:
        dist.opened(directory)
    assert "\n" not in caught.value.message
    assert caught.value.hint == "package the revision again: `schemactl package --release`"
    return caught.value.message


def summed(directory: Path) -> None:
    """SHA256SUMS of what is there now, as somebody would write it who knows what they do."""
    paths = sorted(path for path in directory.rglob("*") if path.is_file() and path.name != "SHA256SUMS")
    lines = (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(directory).as_posix()}\n" for path in paths
    )
    (directory / "SHA256SUMS").write_text("".join(lines))


def edited(directory: Path, change: Callable[[Any], Any], *, proven: bool = False) -> None:
    """release.json with the change, and everything that follows from it."""
    path = directory / "release.json"
    whole = json.loads(path.read_bytes())
    change(whole)
    path.write_text(json.dumps(whole))
    if proven:
        (directory / "provenance.json").write_bytes(provenance.statement(release.decoded(path.read_bytes())))
    summed(directory)


def artifact(whole: Any, name: str) -> Any:
    return next(each for each in whole["packages"][0]["artifacts"] if each["filename"] == name)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_build_is_told_file_by_file(made: Path) -> None:
    found = dist.opened(made)
    assert tuple(each.path for each in found.files) == FILES
    assert [each.version for each in found.files] == ["1.0.0", "1.0.0", "v1.0.0", "v1.0.0", "v1.0.0", "1.0.0"]
    assert [each.distribution for each in found.files] == ["acme-events", "acme-events", "", "", "", ""]
    assert {each.module for each in found.files[2:5]} == {"github.com/Acme/events-go"}
    assert found.files[0].name == "acme_events-1.0.0-py3-none-any.whl"
    for each in found.files:
        assert found.read(each) == (made / each.path).read_bytes()
    assert found.extra("release.json") == (made / "release.json").read_bytes()
    dist.publishable(found)


def test_a_changelog_belongs_to_it(tmp_path: Path) -> None:
    made = written(tmp_path / "dist", product("acme-events", "1.0.0"), changelog="# 1.0.0\n")
    assert dist.opened(made).extra("CHANGELOG.md") == b"# 1.0.0\n"


def test_what_was_not_made_as_a_release_is_for_nobody(tmp_path: Path) -> None:
    made = dist.opened(written(tmp_path / "dist", product("acme-events", "1.0.0"), changelog=""))
    with pytest.raises(Rejected, match="nobody compared what changed with its version") as refused:
        dist.publishable(made)
    assert "--release" in refused.value.hint


def test_a_pre_release_has_its_name_in_each_language(tmp_path: Path) -> None:
    found = dist.opened(build(tmp_path / "dist", version="1.3.0-rc.1", go="github.com/acme/events-go"))
    assert {each.version for each in found.files} == {"1.3.0rc1", "v1.3.0-rc.1", "1.3.0-rc.1"}


def test_packages_come_after_those_that_they_need(tmp_path: Path) -> None:
    first = product("a-orders", "1.0.0", requires=("Z.shared >=1.0,<2 ; python_version > '3'", "protobuf>=5"))
    made = written(tmp_path / "dist", first, product("m-other", "1.0.0"), product("z-shared", "1.2.0"))
    assert list(dict.fromkeys(each.package for each in dist.opened(made).files)) == ["z-shared", "a-orders", "m-other"]


@pytest.mark.parametrize("name", [*FILES, *OTHERS])
def test_one_bit_that_differs_is_told_by_the_name_of_its_file(made: Path, name: str) -> None:
    flip(made / name)
    said = refused(made)
    # Of a list of checksums it cannot be told whether the list or a file is another one.
    assert name in said or (name == "SHA256SUMS" and "SHA256SUMS" in said)


@pytest.mark.parametrize("name", [*FILES, *OTHERS])
def test_a_file_that_is_missing_is_told(made: Path, name: str) -> None:
    (made / name).unlink()
    assert f"`{name}`" in refused(made)


@pytest.mark.parametrize("name", [*FILES, f"{GO}/list", "provenance.json"])
def test_a_file_that_is_missing_everywhere_but_in_release_json_is_told(made: Path, name: str) -> None:
    (made / name).unlink()
    summed(made)
    assert f"`{name}` is missing" in refused(made)


@pytest.mark.parametrize("name", ["python/evil-1.0.0-py3-none-any.whl", "extra", f"{GO}/v9.0.0.zip", "go/x/@v/list"])
@pytest.mark.parametrize("listed", [True, False])
def test_a_file_that_nobody_made_is_told(made: Path, name: str, listed: bool) -> None:
    (made / name).parent.mkdir(parents=True, exist_ok=True)
    (made / name).write_bytes(b"evil")
    if listed:
        summed(made)
    assert f"`{name}` is no" in refused(made)


@pytest.mark.parametrize("name", [WHEEL, "release.json", "SHA256SUMS"])
def test_a_link_is_no_file_even_to_the_right_bytes(made: Path, tmp_path: Path, name: str) -> None:
    (made / name).rename(tmp_path / "moved")
    (made / name).symlink_to(tmp_path / "moved")
    assert f"`{name}` is not a file" in refused(made)


def test_a_linked_directory_is_not_followed(made: Path, tmp_path: Path) -> None:
    (made / "python").rename(tmp_path / "moved")
    (made / "python").symlink_to(tmp_path / "moved")
    assert "`python` is not a file" in refused(made)


@pytest.mark.parametrize("name", [WHEEL, "release.json", "extra"])
def test_a_pipe_is_not_waited_for(made: Path, name: str) -> None:
    (made / name).unlink(missing_ok=True)
    os.mkfifo(made / name)
    assert f"`{name}` is not a file" in refused(made)


def test_a_directory_in_the_place_of_a_file_is_told(made: Path) -> None:
    (made / WHEEL).unlink()
    (made / WHEEL).mkdir()
    assert f"`{WHEEL}`" in refused(made)


def test_a_wheel_that_was_replaced_with_its_sum_is_not_what_release_json_says(made: Path) -> None:
    flip(made / WHEEL)
    summed(made)
    assert f"`{WHEEL}` is not what release.json says: its checksum is " in refused(made)


def test_a_wheel_that_was_replaced_with_all_its_sums_is_not_what_the_provenance_says(made: Path) -> None:
    flip(made / WHEEL)
    digest = hashlib.sha256((made / WHEEL).read_bytes()).hexdigest()
    edited(made, lambda whole: artifact(whole, WHEEL).update(sha256=digest))
    assert "`provenance.json` tells of other files" in refused(made)


def test_another_commit_is_not_what_the_provenance_says(made: Path) -> None:
    edited(made, lambda whole: whole["source"].update(commit="f" * 40))
    assert "`provenance.json`" in refused(made)


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b'{"subject": 1, "predicate": []}', b"[" * 100_000])
def test_a_provenance_that_is_none_is_told(made: Path, content: bytes) -> None:
    (made / "provenance.json").write_bytes(content)
    summed(made)
    assert "`provenance.json`" in refused(made)


def test_a_size_that_is_wrong_is_told(made: Path) -> None:
    edited(made, lambda whole: artifact(whole, WHEEL).update(size=1))
    assert f"`{WHEEL}` is not what release.json says: it has" in refused(made)


def test_a_digest_of_contents_that_is_wrong_is_told(made: Path) -> None:
    edited(made, lambda whole: artifact(whole, WHEEL).update(contents="0" * 64))
    assert f"`{WHEEL}` is not what release.json says: what is inside" in refused(made)


@pytest.mark.parametrize("number", range(1, 6))
def test_a_file_of_another_package_under_this_name_is_told_though_all_sums_agree(tmp_path: Path, number: int) -> None:
    other = product("acme-others", "1.1.0", go="github.com/acme/others-go").artifacts[number]
    mine = product("acme-events", "1.0.0", go="github.com/Acme/events-go")
    swapped = replace(mine.artifacts[number], content=other.content)
    artifacts = (*mine.artifacts[:number], swapped, *mine.artifacts[number + 1 :])
    said = refused(written(tmp_path / "dist", replace(mine, artifacts=artifacts)))
    assert f"`{swapped.filename}` is not what release.json says: inside it is not" in said


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x1f\x8b\x08", b"module"])
@pytest.mark.parametrize("name", FILES[:5])
def test_what_is_no_archive_is_told_though_all_sums_agree(made: Path, content: bytes, name: str) -> None:
    (made / name).write_bytes(content)
    facts = {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    edited(made, lambda whole: artifact(whole, name).update(facts), proven=True)
    assert f"`{name}` is not what release.json says" in refused(made)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda package: package.update(name="other"), "image/acme-events-1.0.0.binpb"),
        (lambda package: package["version"].update(python="1.0.1"), "is not called 1.0.1"),
        (lambda package: package["version"].update(semantic="1.0.1"), "is not called"),
        (lambda package: package.update(languages=["python"]), "should have these artifacts: image, sdist, wheel"),
        (lambda package: package["artifacts"].pop(), "should have these artifacts"),
        (lambda package: package["artifacts"][0].update(kind="wheel"), "should have these artifacts"),
    ],
)
def test_a_release_json_that_contradicts_itself_is_told(made: Path, change: Callable[[Any], Any], said: str) -> None:
    edited(made, lambda whole: change(whole["packages"][0]))
    assert said in refused(made)


@pytest.mark.parametrize("name", ["", " ", "x/1.0.0", ".schemactl-x", "a;rm -rf ~", "Acme", "x-", "x" * 101])
def test_a_package_by_a_name_that_none_can_have_is_told_though_all_sums_agree(made: Path, name: str) -> None:
    image = made / "image/acme-events-1.0.0.binpb"
    moved = f"image/{name}-1.0.0.binpb"

    def renamed(whole: Any) -> None:
        whole["packages"][0].update(name=name)
        artifact(whole, "image/acme-events-1.0.0.binpb").update(filename=moved)

    (made / moved).parent.mkdir(parents=True, exist_ok=True)
    image.rename(made / moved)
    edited(made, renamed, proven=True)
    assert "lower-case letters, digits and `-` between them" in refused(made)


def test_a_release_json_without_packages_is_told(made: Path) -> None:
    edited(made, lambda whole: whole["packages"].clear())
    assert "should tell of packages" in refused(made)


@pytest.mark.parametrize("name", ["../evil.whl", "/etc/passwd", "python/../../evil.whl", "python\\evil.whl"])
def test_nothing_outside_is_looked_at(made: Path, name: str) -> None:
    (made.parent / "evil.whl").write_bytes((made / WHEEL).read_bytes())
    edited(made, lambda whole: artifact(whole, WHEEL).update(filename=name))
    with pytest.raises(UsageError, match=r"release\.json is not what schemactl writes"):
        dist.opened(made)


@pytest.mark.parametrize(
    "line", ["0" * 64 + "  ../evil", "0" * 64 + "  /etc/passwd", "0" * 64 + " *x", "x", "", "0" * 64 + "  a\0b"]
)
def test_a_list_of_sums_with_a_line_that_is_none_is_refused(made: Path, line: str) -> None:
    with (made / "SHA256SUMS").open("a") as file:
        file.write(f"{line}\n")
    assert "`SHA256SUMS` is not what schemactl writes" in refused(made)


@pytest.mark.parametrize("name", [*FILES, f"{GO}/list", "release.json", "provenance.json"])
def test_a_sum_that_was_edited_is_told(made: Path, name: str) -> None:
    digest = hashlib.sha256((made / name).read_bytes()).hexdigest()
    sums = (made / "SHA256SUMS").read_text()
    (made / "SHA256SUMS").write_text(sums.replace(f"{digest}  {name}\n", f"{'0' * 64}  {name}\n"))
    assert refused(made) == f"`{name}` is not what SHA256SUMS says: its checksum is {digest}, not {'0' * 64}"


def test_a_name_that_stands_twice_in_the_sums_is_refused(made: Path) -> None:
    lines = (made / "SHA256SUMS").read_text().splitlines(keepends=True)
    (made / "SHA256SUMS").write_text("".join(["0" * 64 + lines[0][64:], *lines]))
    assert "`SHA256SUMS` is not what schemactl writes" in refused(made)


@pytest.mark.parametrize("name", ["release.json", "SHA256SUMS", "provenance.json"])
def test_a_huge_file_is_not_read(made: Path, name: str) -> None:
    os.truncate(made / name, 1 << 40)
    assert f"`{name}` has more than 16 MB" in refused(made)


def test_an_archive_that_unpacks_to_more_than_any_is_not_unpacked(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("schemactl.publish.inside._LARGEST", 100)
    assert "GB inside" in refused(made)


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[]", b'{"schema_version": 1}', b"[" * 100_000])
def test_a_release_json_that_is_none_is_no_build(made: Path, content: bytes) -> None:
    (made / "release.json").write_bytes(content)
    summed(made)
    with pytest.raises(UsageError, match=r"release\.json is not what schemactl writes"):
        dist.opened(made)


def test_a_later_schemactl_is_named_as_the_cure(made: Path) -> None:
    edited(made, lambda whole: whole.update(schema_version=2))
    with pytest.raises(UsageError, match="this schemactl reads 1"):
        dist.opened(made)


@pytest.mark.parametrize("kind", ["missing", "empty", "file"])
def test_what_is_no_build_is_said_to_be_none(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "dist"
    if kind == "empty":
        path.mkdir()
    elif kind == "file":
        path.write_text("x")
    with pytest.raises(UsageError, match="is not a build"):
        dist.opened(path)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_cannot_be_read_is_no_verdict(made: Path) -> None:
    (made / WHEEL).chmod(0)
    with pytest.raises(ToolError, match="cannot be read"):
        dist.opened(made)


@pytest.mark.parametrize("how", ["flipped", "longer", "shorter", "gone", "linked"])
def test_what_changes_after_it_was_verified_is_not_read(made: Path, how: str) -> None:
    found = dist.opened(made)
    path, content = made / WHEEL, (made / WHEEL).read_bytes()
    if how == "flipped":
        flip(path)
    elif how in ("longer", "shorter"):
        path.write_bytes(content + b"x" if how == "longer" else content[:-1])
    else:
        path.rename(made / "moved")
        if how == "linked":
            path.symlink_to(made / "moved")
    with pytest.raises(Mismatch, match=r"acme_events-1\.0\.0"):
        found.read(found.files[0])


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"declared": False}, "that name is only a default"),
        ({"verified": False, "not_verified": "left out by `--no-verify`"}, r"not verified \(left out by `--no-v"),
        ({"version": Version("1.0.0", "1.0.0.dev5", "v0.0.0-20260101000000-0123456789ab", True)}, "it is a snapshot"),
    ],
)
def test_what_is_not_for_others_is_not_published(made: Path, given: dict[str, Any], why: str) -> None:
    found = dist.opened(made)
    package = replace(found.release.packages[0], **given)
    other = Dist(made, replace(found.release, packages=(package,)), found.files, found.extras)
    with pytest.raises(Rejected, match=why) as caught:
        dist.publishable(other)
    assert "schemactl package --release" in caught.value.hint


def test_a_configuration_that_no_commit_holds_is_not_published(made: Path) -> None:
    edited(made, lambda whole: whole["source"].update(config="0" * 64), proven=True)
    with pytest.raises(Rejected, match="is not committed"):
        dist.publishable(dist.opened(made))

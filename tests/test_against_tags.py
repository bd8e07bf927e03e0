"""`--against tags` and `retained`: many releases at once say what each would say by itself, and which still count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path

import pytest

from repositories import BROKEN, GONE, HEAD, PATH, USER, Done, Repo, init
from schemactl import releases
from schemactl.against import Base, retained
from schemactl.cache import Buffer, Nothing
from schemactl.fact import Memory, fact
from schemactl.past import Replaced, notes
from schemactl.tools import ahead
from shell import git

OTHER = HEAD + 'import "acme/v1/user.proto";\nmessage Order { User user = 1; int32 count = 2; }\n'
TOPIC = """syntax = "proto3";
package acme.v1;
import "schemactl/v1/options.proto";
message User {{
  option (schemactl.v1.topic) = {{ name: "acme.users.user" {} }};
  string name = 1;
}}
"""


def tagged(root: Path, *versions: Mapping[str, str | None]) -> Repo:
    """A repository with releases v1.0.0, v1.1.0, … and the last version untagged."""
    repo = init(root)
    for number, files in enumerate(versions):
        repo.commit(files)
        if number < len(versions) - 1:
            repo.git("tag", f"v1.{number}.0")
    return repo


def keyed(done: Done) -> dict[str, tuple[object, ...]]:
    assert done.code in (0, 1), done.err
    told = ("rule", "severity", "path", "line", "column", "element", "message", "help", "against")
    return {each["fingerprint"]: tuple(str(each[name]) for name in told) for each in done.report["findings"]}


def test_all_releases_together_say_what_each_says_by_itself(tmp_path: Path) -> None:
    repo = tagged(
        tmp_path / "repo",
        {PATH: BROKEN, "acme/v1/order.proto": OTHER},
        {PATH: BROKEN, "README.md": "nothing that is compared"},
        {PATH: USER.replace("mail", "post")},
        {"buf.yaml": "version: v9\n"},
        {"buf.yaml": None, "acme/v1/order.proto": OTHER.replace("count", "number")},
        {PATH: None, "acme/user/v1/user.proto": USER, "acme/v1/order.proto": None},
        {PATH: USER, "acme/user/v1/user.proto": None, "acme/v1/order.proto": OTHER.replace("int32", "string")},
    )
    together = repo.run("breaking", "--against", "tags", "--profile", "source")
    tags = [f"v1.{number}.0" for number in (5, 4, 3, 2, 1, 0)]
    apart: dict[str, tuple[object, ...]] = {}
    for tag in tags:
        apart = keyed(repo.run("breaking", "--against", tag, "--profile", "source")) | apart
    assert keyed(together) == apart
    assert len(apart) > 5
    assert len(together.report["against"]) == 6


def test_what_the_newest_release_finds_too_is_told_of_that_one(tmp_path: Path) -> None:
    repo = tagged(tmp_path / "repo", {PATH: USER}, {PATH: USER + "// more\n"}, {PATH: GONE})
    done = repo.run("breaking", "--against", "tags")
    assert {finding["against"]["revision"] for finding in done.report["findings"]} == {"v1.1.0"}


def test_a_second_run_finds_the_same(tmp_path: Path) -> None:
    repo = tagged(tmp_path / "repo", {PATH: BROKEN}, {PATH: USER.replace("mail", "post")}, {PATH: USER})
    first, second = (repo.run("check", "--against", "tags").report for _ in range(2))
    assert first == second
    assert first["findings"]


def test_releases_that_cannot_be_read_for_one_reason_are_one_note() -> None:
    alike = [Replaced(name, "no version", "abc") for name in ("v1.4.0", "v1.3.0", "v1.2.0")]
    other = Replaced("v1.1.0", "it does not compile", "abc")
    assert notes([*alike, other]) == [
        "v1.4.0, v1.3.0 and 1 more cannot be read (no version); compared with their ancestor abc instead",
        "v1.1.0 cannot be read (it does not compile); compared with its ancestor abc instead",
    ]


def test_a_release_alike_one_that_does_not_compile_is_not_taken_for_compared(tmp_path: Path) -> None:
    wrong = USER.replace("string name", "strin name")
    repo = tagged(tmp_path / "repo", {PATH: BROKEN}, {PATH: wrong}, {PATH: wrong, "x.md": "x"}, {PATH: USER})
    done = repo.run("breaking", "--against", "tags")
    assert {finding["against"]["line"] for finding in done.report["findings"]} == {5}
    assert len({each["commit"] for each in done.report["against"]}) == 1


def test_a_number_that_a_release_in_between_gave_up_is_used_anew(tmp_path: Path) -> None:
    phone = USER.replace("mail", "phone")
    repo = tagged(tmp_path / "repo", {PATH: USER}, {PATH: GONE}, {PATH: phone})
    alone = [keyed(repo.run("breaking", "--against", tag, "--profile", "binary")) for tag in ("v1.0.0", "v1.1.0")]
    together = keyed(repo.run("breaking", "--against", "tags", "--profile", "binary"))
    assert together.keys() - alone[0].keys() - alone[1].keys()


DAY = timedelta(days=1)
BASES = [
    Base("v1.3.0", "d", "retained"),
    Base("v1.2.0", "c", "retained", until=date(2026, 3, 1)),
    Base("v1.1.0", "b", "retained", until=date(2026, 2, 1)),
    Base("v1.0.0", "a", "retained", until=date(2026, 1, 1)),
]


@pytest.mark.parametrize(
    ("retention", "today", "kept"),
    [
        (None, date(2030, 1, 1), 4),
        (7 * DAY, date(2026, 3, 5), 2),
        (30 * DAY, date(2026, 3, 3), 3),
        (30 * DAY, date(2026, 3, 5), 2),
        (timedelta(0), date(2027, 1, 1), 1),
        (timedelta.max, date(2027, 1, 1), 4),
    ],
)
def test_a_release_counts_until_its_last_record_is_gone(retention: timedelta | None, today: date, kept: int) -> None:
    assert retained(BASES, retention, today) == BASES[:kept]


def test_a_release_is_in_use_until_the_next_one_or_its_own_day() -> None:
    days = [date(2026, 3, 1), date(2026, 4, 1), date(2026, 1, 1)]
    assert releases.ends_of(days) == [None, date(2026, 4, 1), date(2026, 4, 1)]


@pytest.mark.parametrize(
    ("said", "compared", "told"),
    [
        ("retention: {seconds: 604800}", ["v1.2.0", "v1.1.0"], "v1.0.0 not compared: no topic keeps records"),
        ("retention: {seconds: 604800} cleanup: CLEANUP_COMPACT", ["v1.2.0", "v1.1.0", "v1.0.0"], "is compacted"),
        ("", ["v1.2.0", "v1.1.0", "v1.0.0"], "declares no retention"),
    ],
)
def test_retained_are_the_releases_that_the_topics_still_hold(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, compared: list[str], told: str
) -> None:
    repo = init(tmp_path / "repo")
    for number, day in enumerate(("2026-01-01", "2026-02-01", "2026-03-01")):
        repo.write({PATH: TOPIC.format(said) + f"// {number}\n"})
        repo.git("add", "--all")
        done = git(repo.root, "commit", "--quiet", "-m", "change", GIT_COMMITTER_DATE=f"{day}T12:00:00Z")
        assert done.returncode == 0, done.stderr
        repo.git("tag", f"v1.{number}.0")
    repo.write({PATH: TOPIC.format(said) + "// 3\n"})
    arguments = ("breaking", "--against", "retained", "--today", "2026-03-05")
    done_ = repo.run(*arguments)
    assert [each["revision"] for each in done_.report["against"]] == compared
    assert told in repo.run(*arguments, format="text").out


def test_work_ahead_fails_when_it_is_asked_for() -> None:
    result = ahead(lambda: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        result()
    assert ahead(lambda: "found")() == "found"


def test_facts_of_earlier_releases_are_not_forgotten_for_a_new_one() -> None:
    kept: dict[bytes, bytes] = {}

    class Kept(Nothing):
        def get(self, key: bytes) -> bytes | None:
            return kept.get(key)

        def put(self, entries: Iterable[tuple[bytes, Buffer]]) -> None:
            kept.update((key, bytes(value)) for key, value in entries)

    for blobs in ((b"old",), (b"old", b"new")):
        memory = Memory(Kept(), "releases")
        for blob in blobs:
            if memory.get(blob) is None:
                memory.add(blob, fact(blob))
            memory.keep([blob])
    assert all(Memory(Kept(), "releases").get(blob) for blob in (b"old", b"new"))


@pytest.mark.parametrize(("against", "severity"), [("tags", "error"), ("retained", "info")])
def test_a_topic_is_not_judged_by_a_release_whose_data_it_no_longer_holds(
    tmp_path: Path, against: str, severity: str
) -> None:
    repo = init(tmp_path / "repo")
    other = TOPIC.format("cleanup: CLEANUP_COMPACT").replace("users.user", "users.other").replace("User", "Other")
    short = TOPIC.format("retention: {seconds: 604800}")
    enum = "enum Kind {{\n  KIND_UNSPECIFIED = 0;\n  {}\n}}\nmessage Held {{\n  Kind kind = 1;\n}}\n"
    values = ("KIND_A = 1;", "reserved 1;", "reserved 1;")
    for number, (day, value) in enumerate(zip(("2026-01-01", "2026-02-01", "2026-03-01"), values, strict=True)):
        held = short.replace("\n}", "\n  Held held = 9;\n}", 1) + enum.format(value)
        repo.write({PATH: held, "acme/v1/other.proto": other + f"// {number}\n"})
        repo.git("add", "--all")
        done = git(repo.root, "commit", "--quiet", "-m", "change", GIT_COMMITTER_DATE=f"{day}T12:00:00Z")
        assert done.returncode == 0, done.stderr
        repo.git("tag", f"v1.{number}.0")
    repo.write({"acme/v1/other.proto": other + "// 3\n"})
    done_ = repo.run("breaking", "--against", against, "--today", "2026-03-05", "--select", "COMPAT")
    assert [(each["rule"], each["severity"]) for each in done_.report["findings"]] == [("ENUM_VALUE_REMOVED", severity)]

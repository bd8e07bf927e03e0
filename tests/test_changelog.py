"""Sections of a changelog: what they say of a release, and where a file that people write gets them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemactl import changelog, version
from schemactl.upcoming import Step

DAY = date(2026, 11, 23)
CHANGES = "### `acme.users.v1`\n\n**minor**: field `mail` added\n\n#### Added\n\n- field `mail` of `User`\n"
SECTION = "## acme-users 1.3.0 (2026-11-23)\n\nSince `acme-users/v1.2.0`: field `mail` added\n\n" + CHANGES
SHORT = "## acme-users 1.3.0 (2026-11-23)\n\n- `mail`\n"


def step(
    name: str = "acme-users",
    next: str | None = "1.3.0",
    *,
    last: str | None = "acme-users/v1.2.0",
    level: version.Level | None = "minor",
    why: Sequence[str] = ("field `mail` added",),
    changes: str = CHANGES,
) -> Step:
    named = version.parsed(next) if next else None
    return Step(
        name, last, "1.2.0" if last else "", level, named, f"{name}/v{next}", False, tuple(why), changes,
        level in ("major", None),
    )  # fmt: skip


def test_a_release_says_what_changed_since_the_last_one_and_why() -> None:
    assert changelog.text([step()], DAY) == SECTION


def test_each_package_that_is_released_gets_a_section() -> None:
    told = changelog.text([step("acme-shared", "0.2.0"), step("acme-old", None), step()], DAY)
    assert re.findall("(?m)^## .*", told) == ["## acme-shared 0.2.0 (2026-11-23)", "## acme-users 1.3.0 (2026-11-23)"]
    assert told.endswith("\n" + SECTION)
    assert changelog.text([step("acme-old", None)], DAY) == ""


@pytest.mark.parametrize(
    ("made", "line"),
    [
        (step(level="major"), "**Breaking** since `acme-users/v1.2.0`: field `mail` added"),
        (step(level=None), "**May break** what there was since `acme-users/v1.2.0`: field `mail` added"),
        (step(last=None, why=["first release"], changes=""), "First release."),
        (step(why=list("abcdefg")), "Since `acme-users/v1.2.0`: a; b; c; d; e and 2 more"),
        (step(last="Users/V1", why=[]), "Since `Users/V1`"),
    ],
)
def test_the_first_line_tells_breaks_and_beginnings(made: Step, line: str) -> None:
    assert changelog.text([made], DAY).splitlines()[2] == line


def test_hostile_reasons_stay_text_of_one_line() -> None:
    told = changelog.text([step(why=["<img src=x> @all\n## acme-users 9.9.9 ![x](http://evil.example)"])], DAY)
    assert told.splitlines()[2].startswith("Since ")
    assert "<img" not in re.sub(r"(`+).*?\1", "", told)
    assert len(re.findall("(?m)^## ", told)) == 1


def test_what_is_too_long_is_cut_and_counted() -> None:
    many = "### `acme`\n\n#### Added\n\n" + "".join(f"- field `a{number}`\n" for number in range(9_000))
    told = changelog.text([step(changes=f"{many}\n#### Removed\n\n- field `b`\n")] * 2, DAY, 10_000)
    assert len(told) <= 10_000
    shown, left = told.count("\n- field"), re.findall(r"\n\nand ([\d,]+) more\n", told)
    assert shown + sum(int(each.replace(",", "")) for each in left) == 2 * 9_001
    assert changelog.text([step(changes="### `acme`\n\n- a\n")], DAY, 60).endswith("(2026-11-23)\n\nand 1 more\n")
    assert len(changelog.text([step(changes=many)], DAY)) < 125_000


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "# Changelog\n\nNEW"),
        ("\n", "\n# Changelog\n\nNEW"),
        ("# Changes\n\nAll of them.\n", "# Changes\n\nAll of them.\n\nNEW"),
        ("# Changes\n\n## 1.2.0\n\n- a\n", "# Changes\n\nNEW\n## 1.2.0\n\n- a\n"),
        ("## 1.2.0\n- a\n", "NEW\n## 1.2.0\n- a\n"),
        ("## [Unreleased]\n\n### Added\n- a\n\n## 1.2.0\n", "## [Unreleased]\n\n### Added\n- a\n\nNEW\n## 1.2.0\n"),
        ("# C\n\n## Unreleased\n- a\n", "# C\n\n## Unreleased\n- a\n\nNEW"),
        ("# C\n\n## 1.3.0 (unreleased)\n\n## 1.2.0\n", "# C\n\n## 1.3.0 (unreleased)\n\nNEW\n## 1.2.0\n"),
        ("# C\n\n## Unreleased\n- a\n\n[Unreleased]: x\n", "# C\n\n## Unreleased\n- a\n\nNEW\n[Unreleased]: x\n"),
        ("# [2.0.0](x) (2026-01-02)\n\n## [1.2.0](x)\n", "NEW\n# [2.0.0](x) (2026-01-02)\n\n## [1.2.0](x)\n"),
        ("History\n=======\n\ndev\n---\n- a\n\n1.2.0\n--\n", "History\n=======\n\ndev\n---\n- a\n\nNEW\n1.2.0\n--\n"),
        ("---\ntitle: x\n---\n# C\n\n## 1.2.0\n", "---\ntitle: x\n---\n# C\n\nNEW\n## 1.2.0\n"),
        ("<!--\n## T\n-->\n```md\n## x\n```\n## 1.2.0\n", "<!--\n## T\n-->\n```md\n## x\n```\n\nNEW\n## 1.2.0\n"),
        ("# C\n\n## next-events 0.1.0 (2026-01-02)\n", "# C\n\nNEW\n## next-events 0.1.0 (2026-01-02)\n"),
        ("# C\n\n- a\n---\n\n## 1.2.0\n", "# C\n\n- a\n---\n\nNEW\n## 1.2.0\n"),
    ],
)  # fmt: skip
def test_a_section_stands_above_the_last_release_and_below_what_is_to_come(before: str | None, after: str) -> None:
    assert changelog.inserted(before, SHORT) == after.replace("NEW", SHORT)


def test_line_ends_a_mark_at_the_start_and_a_missing_one_at_the_end_stay_as_they_were() -> None:
    windows = SHORT.replace("\n", "\r\n")
    assert changelog.inserted("\ufeff# C\r\n\r\n## 1.2.0\r\n", SHORT) == f"\ufeff# C\r\n\r\n{windows}\r\n## 1.2.0\r\n"
    assert changelog.inserted("\ufeff## 1.2.0\n", SHORT) == f"\ufeff{SHORT}\n## 1.2.0\n"
    assert changelog.inserted("# C", SHORT) == f"# C\n\n{SHORT}".rstrip("\n")
    assert changelog.inserted("\ufeff", SHORT) == f"\ufeff# Changelog\n\n{SHORT}"


@pytest.mark.parametrize(
    "heading",
    ["## acme-users 1.3.0", "## [acme-users v1.3.0] - yesterday", "# `acme-users` 1.3.0:", "## acme-users/v1.3.0 (x)"],
)
def test_a_section_that_is_there_under_any_such_heading_is_not_written_again(heading: str) -> None:
    existing = f"# C\n\n{heading}\n\nIn our own words.\n"
    assert changelog.inserted(existing, SHORT, ["acme-users/v1.3.0"]) == existing


@pytest.mark.parametrize(
    "heading", ["## acme-users 1.3.0-rc.1", "## acme-users-v2 1.3.0", "## 1.3.0", "## server v1.3.0"]
)
def test_another_version_or_package_is_not_taken_for_it(heading: str) -> None:
    assert SHORT in changelog.inserted(f"# C\n\n{heading}\n", SHORT, ["v1.3.0"])


def test_of_several_sections_only_those_that_are_missing_are_written() -> None:
    both = SHORT.replace("users", "shared") + "\n" + SHORT
    existing = "# C\n\n## acme-shared 1.3.0\n"
    assert changelog.inserted(existing, both) == f"# C\n\n{SHORT}\n## acme-shared 1.3.0\n"
    assert changelog.inserted(None, both) == f"# Changelog\n\n{both}"


@dataclass(frozen=True)
class Written:
    text: str


LINES = st.sampled_from(
    ["# Changelog", "## Unreleased", "## 1.2.0", "### Added", "- a", "", "```", "~~~~", "<!--", "-->", "---", "===",
     "words", "[x]: y", "## acme-users 1.2.0 (2026-01-01)", "    ## x", "\ufeff", "\r", "\u2028"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(
    lines=st.lists(LINES | st.text(max_size=8), max_size=12),
    newline=st.sampled_from(["\n", "\r\n"]),
    sections=st.lists(
        st.sampled_from(["acme-users 1.3.0", "acme-shared 0.2.0", "x 9.0.0-rc.1"]), unique=True, min_size=1
    ),
)
def test_law_inserted_twice_is_inserted_once_and_nothing_is_lost(
    lines: list[str], newline: str, sections: list[str]
) -> None:
    existing = newline.join(lines)
    new = "\n".join(f"## {each} (2026-11-23)\n\n- a\n" for each in sections)
    once = changelog.inserted(existing, new)
    assert changelog.inserted(once, new) == once
    assert all(f"## {each} (2026-11-23)" in once for each in sections)
    assert any(is_between(existing, once, place, new) for place in range(len(existing) + 1))


def is_between(existing: str, whole: str, place: int, new: str) -> bool:
    """Whether the text is as it was up to that place, and from there on."""
    before, after = existing[:place], existing[place:]
    inner = whole[place : len(whole) - len(after)].replace("\r\n", "\n").replace("# Changelog\n", "")
    return whole.startswith(before) and whole.endswith(after) and inner.strip("\n") == new.strip("\n")

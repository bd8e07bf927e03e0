"""One semantic version, and what it is called in Python and in Go."""

from __future__ import annotations

from functools import cmp_to_key

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.specifiers import SpecifierSet
from packaging.version import Version as Pep440

from schemactl.errors import UsageError
from schemactl.version import Number, Semantic, Version, compatible_python, parsed, semantic

small = st.integers(0, 3)
numbers = st.builds(Number, small, small, small)
stable = numbers.map(Semantic)
early = st.builds(Semantic, numbers, st.sampled_from(["dev", "alpha", "beta", "rc"]), st.integers(0, 12))
versions = stable | early


def precedence(text: str, other: str) -> int:
    """As https://semver.org/#spec-item-11 says it, which Go follows."""
    (core, _, before), (core_, _, before_) = (
        text.removeprefix("v").partition("-"),
        other.removeprefix("v").partition("-"),
    )
    if core != core_:
        ours, theirs = ([int(part) for part in each.split(".")] for each in (core, core_))
        return -1 if ours < theirs else 1
    if not (before and before_):
        return bool(before_) - bool(before)
    for word, word_ in zip(before.split("."), before_.split("."), strict=False):
        if word != word_:
            return -1 if identifier(word) < identifier(word_) else 1
    return before.count(".") - before_.count(".")


def identifier(word: str) -> tuple[bool, int, str]:
    return (False, int(word), "") if word.isdecimal() else (True, 0, word)


semver = cmp_to_key(precedence)


@given(versions, versions)
def test_versions_are_in_one_order_in_python_in_go_and_here(one: Semantic, other: Semantic) -> None:
    expected = one.key < other.key
    assert (Pep440(one.python) < Pep440(other.python)) == expected
    assert (semver(one.go) < semver(other.go)) == expected


@given(stable | early.filter(lambda each: each.label != "dev"), stable | early.filter(lambda each: each.label != "dev"))
def test_that_is_the_order_of_semantic_versions(one: Semantic, other: Semantic) -> None:
    assert (semver(str(one)) < semver(str(other))) == (one.key < other.key)


@given(versions)
def test_what_is_written_is_read(version: Semantic) -> None:
    assert semantic(str(version)) == version
    assert parsed(str(version)).python == str(Pep440(str(version)))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.2.0", Version("1.2.0", "1.2.0", "v1.2.0")),
        ("v1.2.0", Version("1.2.0", "1.2.0", "v1.2.0")),
        ("1.2.0-rc.1", Version("1.2.0-rc.1", "1.2.0rc1", "v1.2.0-rc.1")),
        ("1.2.0-alpha.0", Version("1.2.0-alpha.0", "1.2.0a0", "v1.2.0-alpha.0")),
        ("1.3.0-dev.5", Version("1.3.0-dev.5", "1.3.0.dev5", "v1.3.0-0.dev.5")),
    ],
)
def test_one_version_has_three_names(text: str, expected: Version) -> None:
    assert parsed(text) == expected


@pytest.mark.parametrize(
    "text",
    ["", "1.2", "1.2.0.0", "01.2.0", "1.2.0-rc1", "1.2.0-rc.01", "1.2.0-pr.12", "1.2.0-rc", "1.2.0+abc", "1.2.0-rc.1.2",
     "V1.2.0", " 1.2.0", "1.2.0\n", "1.2.0-RC.1", "1.2.٣", "latest", "1.2.9999999999"],
)  # fmt: skip
def test_what_one_of_them_could_not_have_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not a version"):
        parsed(text)


@pytest.mark.parametrize(
    ("version", "specifier"),
    [
        ("1.2.0", ">=1.2.0,<2"),
        ("12.0.3", ">=12.0.3,<13"),
        ("0.3.1", ">=0.3.1,<0.4"),
        ("1.3.0-dev.5", ">=1.3.0.dev5,<2"),
        ("0.1.0-rc.2", ">=0.1.0rc2,<0.2"),
    ],
)
def test_another_package_takes_what_cannot_break_it(version: str, specifier: str) -> None:
    assert compatible_python(parsed(version)) == specifier


@given(versions, versions)
def test_a_compatible_version_is_no_older_and_before_the_next_break(one: Semantic, other: Semantic) -> None:
    wanted = SpecifierSet(compatible_python(one.names), prereleases=True)
    same = (one.number.major, one.number.minor if one.number.major == 0 else 0) == (
        other.number.major, other.number.minor if other.number.major == 0 else 0
    )  # fmt: skip
    assert (Pep440(other.python) in wanted) == (same and other.key >= one.key)

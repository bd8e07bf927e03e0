"""Metadata of a Python distribution: what goes in comes out, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.licenses import canonicalize_license_expression
from packaging.markers import Marker
from packaging.metadata import Metadata as Parsed
from packaging.metadata import parse_email
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from schemactl.package.metadata import Metadata, core

ANY = st.text(max_size=40)
HEADER = st.sampled_from(
    ["\nRequires-Dist: evil", "\r\n\r\nbody", "\n x", "; extra == 'x'", "\x85Name: evil", '"', "=?utf-8?q?=41?="]
)
HOSTILE = st.builds("".join, st.lists(st.one_of(ANY, HEADER), max_size=3))


REQUIREMENTS = st.sampled_from(
    ["protobuf>=6.31.1,<8", "grpcio", 'typing-extensions>=4; python_version < "3.12" or os_name == "x"']
)
GOOD: dict[str, st.SearchStrategy[str]] = {
    "name": st.sampled_from(["acme-events", "Acme.Events_2"]),
    "version": st.sampled_from(["1.2.0", "1.3.0.dev5", "1.3.0rc1"]),
    "summary": st.sampled_from(["", "Events of acme", "Ereignisse für alle 🎉"]),
    "license": st.sampled_from(["", "Apache-2.0", "mit or LicenseRef-acme"]),
    "requires_python": st.sampled_from(["", ">=3.10,<4"]),
    "description": st.sampled_from(["", "# Events\n", "a\n\nName: evil\nÄ 🎉"]),
    "requires": REQUIREMENTS,
    "extra": st.sampled_from(["types", "grpc"]),
    "of extra": REQUIREMENTS,
}


@st.composite
def described(draw: st.DrawFn) -> Metadata:
    """Metadata of which one value, at most, is whatever somebody may write."""
    values = {what: draw(good) for what, good in GOOD.items()}
    if spoilt := draw(st.sampled_from(["", *GOOD])):
        values[spoilt] = draw(st.sampled_from([values[spoilt], ""])) + draw(HOSTILE)
    requires, extra, more, text = (values.pop(what) for what in ("requires", "extra", "of extra", "description"))
    several = draw(st.booleans())
    extras = {extra: (more,)} if several else {}
    return Metadata(**values, requires=(requires, "grpcio"), extras=extras, description=text, licenses={})


@settings(deadline=None)
@given(described())
def test_a_parser_finds_what_went_in_or_it_is_refused(metadata: Metadata) -> None:
    try:
        content = core(metadata)
    except ValueError:
        return
    raw, rest = parse_email(content)
    assert not rest
    parsed = Parsed.from_email(content)
    assert (raw["name"], raw["version"], raw.get("summary", "")) == (metadata.name, metadata.version, metadata.summary)
    assert (parsed.license_expression or "") == (metadata.license and canonicalize_license_expression(metadata.license))
    assert (parsed.requires_python or SpecifierSet()) == SpecifierSet(metadata.requires_python)
    assert raw.get("description", "").strip() == metadata.description.strip()
    assert raw.get("provides_extra", []) == sorted(metadata.extras)
    assert raw.get("requires_dist", []) == [str(each) for each in wanted(metadata)]


def wanted(metadata: Metadata) -> list[Requirement]:
    found = [Requirement(each) for each in metadata.requires]
    for extra, requirements in sorted(metadata.extras.items()):
        for each in map(Requirement, requirements):
            own = f"({each.marker}) and " if each.marker else ""
            each.marker = Marker(f'{own}extra == "{extra}"')
            found.append(each)
    return found


def test_the_metadata_of_a_distribution() -> None:
    metadata = Metadata(
        name="acme-events",
        version="1.2.0",
        summary="Events of acme",
        license="apache-2.0",
        requires_python=">=3.10",
        requires=("protobuf>=6.31.1,<8",),
        extras={"types": ("types-protobuf",)},
        description="\n# Events\n\nName: evil\n\n",
        licenses={"NOTICE": b"", "LICENSE": b""},
    )
    assert core(metadata).decode().splitlines() == [
        "Metadata-Version: 2.4",
        "Name: acme-events",
        "Version: 1.2.0",
        "Summary: Events of acme",
        "License-Expression: Apache-2.0",
        "License-File: LICENSE",
        "License-File: NOTICE",
        "Requires-Python: >=3.10",
        "Requires-Dist: protobuf<8,>=6.31.1",
        "Description-Content-Type: text/markdown",
        "Provides-Extra: types",
        'Requires-Dist: types-protobuf; extra == "types"',
        "",
        "# Events",
        "",
        "Name: evil",
    ]


def test_the_order_of_extras_is_nobodys_choice() -> None:
    extras = {"types": ("types-protobuf",), "grpc": ("grpcio",)}
    assert core(Metadata("acme", "1.0", extras=extras)) == core(
        Metadata("acme", "1.0", extras=dict(reversed(list(extras.items()))))
    )


def test_an_extra_narrows_every_part_of_a_marker() -> None:
    either = 'a; os_name == "x" or os_name == "y"'
    line = core(Metadata("acme", "1.0", extras={"more": (either,)})).decode().splitlines()[-1]
    marker = Requirement(line.removeprefix("Requires-Dist: ")).marker
    assert marker
    assert not marker.evaluate({"os_name": "x", "extra": ""})
    assert marker.evaluate({"os_name": "y", "extra": "more"})


@pytest.mark.parametrize(
    ("metadata", "message"),
    [
        (Metadata("acme\nRequires-Dist: evil", "1.0"), "line break"),
        (Metadata("-acme", "1.0"), "with a letter or digit first and last"),
        (Metadata("acme\u212a", "1.0"), "with a letter or digit first and last"),  # matches [a-z] where case is ignored
        (Metadata("acme", "v1.0"), "should be '1.0'"),
        (Metadata("acme", "1.3.0-pr.12"), "none that Python knows"),
        (Metadata("acme", "1.0", summary="Events\nRequires-Dist: evil"), "line break"),
        (Metadata("acme", "1.0", summary="a\u2028b"), "line break"),
        (Metadata("acme", "1.0", summary="a\u202eb"), "not text"),
        (Metadata("acme", "1.0", summary=" a"), "space"),
        (Metadata("acme", "1.0", summary="a" * 513), "513 characters"),
        (Metadata("acme", "1.0", requires=("a; " + "(" * 5000,)), "5003 characters"),
        (Metadata("acme", "1.0", license="Apache 2.0"), "not an SPDX expression"),
        (Metadata("acme", "1.0", requires_python="3.10+"), "not a range of Python versions"),
        (Metadata("acme", "1.0", requires=("a b",)), "the requirement 'a b' is none"),
        (Metadata("acme", "1.0", requires=("a @ https://example.com/a.whl",)), "names an address"),
        (Metadata("acme", "1.0", description="a\rb"), "long description has a character"),
        (Metadata("acme", "1.0", description="a\u202eb"), "long description has a character"),
        (Metadata("acme", "1.0", licenses={"../LICENSE": b""}), "cannot be packed under this name"),
        (Metadata("acme", "1.0", licenses={"LICENSE*": b""}), "cannot be packed under this name"),
        (Metadata("acme", "1.0", licenses={"PyProject.toml": b""}), "cannot be packed under this name"),
        (Metadata("acme", "1.0", extras={"More_types": ()}), "should be 'more-types'"),
    ],
)
def test_what_is_wrong_is_said(metadata: Metadata, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        core(metadata)

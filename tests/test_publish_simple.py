"""The pages of a Python package index, written and read."""

from __future__ import annotations

import json
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from schemactl.publish import simple
from schemactl.publish.simple import HTML, JSON, Listed, files

BASE = "https://pypi.acme.example/simple/acme-events/"
SHA, OTHER = "ab" * 32, "cd" * 32
WHEEL = "acme_events-1.0.0-py3-none-any.whl"

_names = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1).filter(simple._is_plain)
_sha256 = st.text("0123456789abcdef", min_size=64, max_size=64)
_said = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")))
_listed = st.builds(simple.beside, _names, _sha256, st.integers(0, 1 << 40), _said, st.one_of(st.just(""), _sha256))


@given(st.lists(_listed))
def test_what_is_written_is_read_again(listed: list[Listed]) -> None:
    there = [replace(each, url=urljoin(BASE, each.url)) for each in listed]
    assert files(simple.project_json("acme-events", listed), JSON, BASE) == there
    assert files(simple.project_html("acme-events", listed), HTML, BASE) == [replace(each, size=None) for each in there]


@given(st.one_of(st.binary(), st.text("<>a!-[]/&#= '\"href\n").map(str.encode)), st.sampled_from((HTML, JSON)))
def test_a_page_is_read_or_refused_whatever_it_is(content: bytes, kind: str) -> None:
    try:
        found = files(content, kind, BASE)
    except ValueError:
        return
    assert all(each.url.startswith(("http://", "https://")) for each in found)


def test_a_page_of_another_index_is_read() -> None:
    page = f"""<html><head><base href="https://files.acme.example/a/"></head><body>
        <A HREF='b/acme%5Fevents-1.0.0.tar.gz#egg=x&sha256={SHA.upper()}' DATA-REQUIRES-PYTHON='&gt;=3.9'>acme</a>
        <a href="/{WHEEL}#md5=0" data-dist-info-metadata="true" data-yanked>x
        <a name="top">no link</a><a href="..">up</a>
        <a href="{WHEEL}?sig=1#sha256={SHA}" data-core-metadata="sha256={OTHER}">"""
    assert files(page.encode(), "text/html; charset=UTF-8", BASE) == [
        Listed(
            "acme_events-1.0.0.tar.gz", "https://files.acme.example/a/b/acme%5Fevents-1.0.0.tar.gz", SHA, None, ">=3.9"
        ),
        Listed(WHEEL, f"https://files.acme.example/{WHEEL}", None, yanked=True),
        Listed(WHEEL, f"https://files.acme.example/a/{WHEEL}?sig=1", SHA, metadata=OTHER),
    ]


@pytest.mark.parametrize(
    "href",
    [
        f"javascript:alert(1)/{WHEEL}",
        f"file:///etc/{WHEEL}",
        f"http://[::1/{WHEEL}",
        f"..%2F..%2F{WHEEL}",
        f"a%5C{WHEEL}",
        f"%0A{WHEEL}",
        f"%E2%80%AE{WHEEL}",
        "a/%2e%2e",
        "",
    ],
)
def test_an_entry_that_leads_elsewhere_is_left_out(href: str) -> None:
    html = f'<a href="{href}">{WHEEL}</a><a href="{WHEEL}">{WHEEL}</a>'
    assert files(html.encode(), "text/html", BASE) == [Listed(WHEEL, BASE + WHEEL, None)]
    entries = [{"filename": WHEEL, "url": href}] if href.startswith(("javascript", "file", "http")) else []
    page = {"meta": {"api-version": "1.0"}, "files": [*entries, {"filename": WHEEL, "url": WHEEL}]}
    assert files(json.dumps(page).encode(), JSON, BASE) == [Listed(WHEEL, BASE + WHEEL, None)]


def test_odd_entries_of_a_json_page_are_left_out_and_odd_values_count_as_not_said() -> None:
    odd = {"filename": WHEEL, "url": WHEEL, "hashes": {"sha256": "abc"}, "size": "1", "core-metadata": True}
    said = [None, 1, {}, {"filename": WHEEL}, {"filename": "../x", "url": "x"}, {"filename": 1, "url": "x"}, odd]
    page = {"meta": {"api-version": "1.4", "more": 1}, "files": said, "name": "acme-events"}
    assert files(json.dumps(page).encode(), "application/json", BASE) == [Listed(WHEEL, BASE + WHEEL, None)]


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", JSON),
        (b"[]", JSON),
        (b"{}", JSON),
        (b'{"meta": {"api-version": "2.0"}, "files": []}', JSON),
        (b'{"meta": {"api-version": "1.0"}, "files": {}}', JSON),
        (b"[" * 100_000, JSON),
        (b"{}", "application/octet-stream"),
    ],
)
def test_what_is_no_page_is_refused(content: bytes, kind: str) -> None:
    with pytest.raises(ValueError, match="it is"):
        files(content, kind, BASE)


def test_a_page_has_what_the_specifications_want() -> None:
    listed = [simple.beside("acme_events-1.10.0.tar.gz", SHA, 2), simple.beside(WHEEL, SHA, 3, ">=3.10", OTHER)]
    told = json.loads(simple.project_json("acme-events", listed))
    assert (told["meta"], told["name"], told["versions"]) == (
        {"api-version": "1.1"},
        "acme-events",
        ["1.0.0", "1.10.0"],
    )
    assert told["files"][1] == {
        "filename": WHEEL, "url": WHEEL, "hashes": {"sha256": SHA}, "size": 3, "requires-python": ">=3.10",
        "core-metadata": {"sha256": OTHER}, "dist-info-metadata": {"sha256": OTHER},
    }  # fmt: skip
    assert (
        f'<a href="{WHEEL}#sha256={SHA}" data-requires-python="&gt;=3.10" data-core-metadata="sha256={OTHER}" '
        f'data-dist-info-metadata="sha256={OTHER}">{WHEEL}</a>'
    ) in simple.project_html("acme-events", listed).decode()


def test_nothing_that_is_listed_becomes_markup() -> None:
    page = simple.project_html("<i>", [simple.beside('"><script>.whl', SHA, 0, '"><script>')])
    assert b"<script" not in page
    assert b"<i>" not in page

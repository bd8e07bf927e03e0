"""What is imported from outside: Buf's module cache, files that come with the tool, and who goes first."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemactl.schema import OPTIONS_FILE, options_text
from trees import judged, problems, proto, told, write

USES = proto("message U { weather.Report r = 1; }", "weather/report.proto")
REPORT = proto("message Report {}", package="weather")
COMMIT = "0" * 31 + "1"


@pytest.fixture(autouse=True)
def _no_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUF_CACHE_DIR", str(tmp_path / "cache"))


def cached(root: Path, files: dict[str, str], kind: str = "b5") -> dict[str, str]:
    """A dependency in Buf's module cache, and what pins it."""
    place = f"cache/v3/modules/{kind}/buf.build/acme/weather/{COMMIT}/files"
    write(root, {f"{place}/{name}": text for name, text in files.items()})
    pin = f"name: buf.build/acme/weather\n    commit: {COMMIT}\n    digest: b5:{'0' * 128}"
    return {
        "buf.yaml": "version: v2\ndeps:\n  - buf.build/acme/weather\nmodules:\n  - path: proto\n",
        "buf.lock": f"version: v2\ndeps:\n  - {pin}\n",
    }


@pytest.mark.parametrize("kind", ["b5", "b4", "shake256"])
def test_dependencies_that_buf_has_downloaded_are_found(tmp_path: Path, kind: str) -> None:
    files = cached(tmp_path, {"weather/report.proto": REPORT}, kind)
    root = write(tmp_path / "repo", {"proto/user.proto": USES, **files})
    assert judged(root) == 1
    (root / "buf.lock").unlink()
    assert [each["rule"] for each in problems(root)] == ["UNRESOLVED_IMPORT"]


def marked(name: str) -> str:
    """A file at the import path of a well-known one that only compiles where it is taken from here."""
    return proto(f"message {name} {{}}", package="google.type")


def test_imports_resolve_in_the_documented_order(tmp_path: Path) -> None:
    """Each step takes away what was found: the next place in the order has to be the one that is used."""
    where = "google/type/date.proto"
    files = cached(tmp_path, {where: marked("Cached"), "acme/only.proto": proto("message Only {}")})
    uses = {
        name: proto(f"message U {{ google.type.{name} x = 1; }}", where)
        for name in ("Own", "Spare", "Include", "Date", "Cached")
    }
    buf = files["buf.yaml"].replace("path: proto", "path: proto\n    excludes: [proto/left]")
    root = write(
        tmp_path / "repo", {"vendor/" + where: marked("Include"), **files, "schemactl.yaml": "includes: [vendor]\n"}
    )
    write(root, {"proto/" + where: marked("Own"), "proto/user.proto": uses["Own"]})
    assert judged(root) == 2
    (root / "proto" / where).unlink()
    write(
        root,
        {
            "buf.yaml": buf.replace("proto/left", "proto/google"),
            "proto/" + where: marked("Spare"),
            "proto/user.proto": uses["Spare"],
        },
    )
    assert judged(root) == 1
    (root / "proto" / where).unlink()
    write(root, {"proto/user.proto": uses["Include"]})
    assert judged(root) == 1
    (root / "vendor" / where).unlink()
    write(root, {"proto/user.proto": uses["Date"].replace("};", '};\nimport "acme/only.proto";')})
    assert judged(root) == 1
    write(root, {"proto/user.proto": uses["Cached"]})
    assert "Cached" in told(root)[0]


def test_well_known_files_and_our_options_come_with_the_tool(tmp_path: Path) -> None:
    names = ("google/protobuf/timestamp.proto", "google/api/annotations.proto", "google/rpc/status.proto", OPTIONS_FILE)
    write(tmp_path, {"user.proto": proto("message U { google.protobuf.Timestamp at = 1; }", *names)})
    assert judged(tmp_path) == 1


@pytest.mark.parametrize("change", ["none", "CRLF", "BOM"])
def test_vendored_options_are_accepted_as_they_are_and_not_judged(tmp_path: Path, change: str) -> None:
    text = {
        "none": options_text(),
        "CRLF": options_text().replace(b"\n", b"\r\n"),
        "BOM": b"\xef\xbb\xbf" + options_text(),
    }
    write(tmp_path, {OPTIONS_FILE: text[change], "user.proto": proto("message U {}", OPTIONS_FILE)})
    assert judged(tmp_path) == 1


@pytest.mark.parametrize("place", ["", "vendor/"])
def test_vendored_options_that_were_changed_are_a_finding(tmp_path: Path, place: str) -> None:
    changed = options_text().replace(b"optional", b"repeated", 1) + b"\n"
    config = {"schemactl.yaml": "includes: [vendor]\nroots: [proto]\n"} if place else {}
    start = "proto/" if place else ""
    write(
        tmp_path, {place + OPTIONS_FILE: changed, f"{start}user.proto": proto("message U {}", OPTIONS_FILE), **config}
    )
    (found,) = problems(tmp_path)
    assert (found["rule"], found["path"]) == ("OPTIONS_FILE_CHANGED", place + OPTIONS_FILE)
    assert "delete it" in found["help"]

"""The site of docs/: it builds without a broken link, and its pages ask nothing of anybody else's server."""

from __future__ import annotations

import html
import re
import sys
from pathlib import Path

import pytest

from docs import sitehook
from shell import run

ROOT = Path(__file__).parents[1]
_LOADED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc="([^"]+)|<link\b[^>]*\bhref="([^"]+)|url\(([^)]+)\)"""
)


def built(configuration: Path, site: Path) -> tuple[int, str]:
    argv = (sys.executable, "-m", "mkdocs", "build", "--strict", "-f", configuration, "-d", site)
    done = run(*argv, cwd=ROOT, NO_MKDOCS_2_WARNING="1")
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    site = tmp_path_factory.mktemp("site")
    code, told = built(ROOT / "mkdocs.yml", site)
    assert code == 0, told
    return site


@pytest.mark.slow
def test_the_site_builds_without_a_broken_link_or_a_page_that_nothing_leads_to(site: Path) -> None:
    pages = {path.relative_to(site).as_posix() for path in site.rglob("*.html")}
    documents = {path.relative_to(ROOT / "docs").with_suffix(".html").as_posix() for path in ROOT.glob("docs/**/*.md")}
    examples = {name for name in documents if name.startswith("examples/")}
    assert pages >= documents - examples
    assert {name.replace(".md", ".html") for name in sitehook.PAGES.values()} <= pages


@pytest.mark.slow
def test_no_page_loads_anything_from_elsewhere(site: Path) -> None:
    seen = 0
    for path in [*site.rglob("*.html"), *site.rglob("*.css")]:
        for found in _LOADED.findall(path.read_text("utf-8")):
            seen += 1
            assert not re.match(r"""["']?(\w+:)?//""", "".join(found)), (path.name, found)
    assert seen > 100


@pytest.mark.slow
def test_only_what_is_read_is_on_the_site(site: Path) -> None:
    assert [path.name for path in site.rglob("*") if path.suffix in (".py", ".md", ".toml")] == []
    assert (site / "schemas/schemactl.schema.json").is_file()


def test_a_link_that_leads_nowhere_fails(tmp_path: Path) -> None:
    (tmp_path / "pages/below").mkdir(parents=True)
    links = "[gone](gone.md) [no such heading](#gone) [a directory](below) [not of the site](/index.html)"
    (tmp_path / "pages/index.md").write_text(f"# Home\n\n{links}\n")
    settings = (
        f"INHERIT: {(ROOT / 'mkdocs.yml').as_posix()}\nhooks: []\nextra_css: []\nnav: [index.md]\ndocs_dir: pages\n"
    )
    (tmp_path / "mkdocs.yml").write_text(settings)
    code, told = built(tmp_path / "mkdocs.yml", tmp_path / "site")
    assert (code, told.count("WARNING -  Doc file 'index.md'")) == (1, 4), told


@pytest.mark.slow
def test_the_button_of_a_block_copies_the_commands_alone(site: Path) -> None:
    (block,) = re.findall(r'data-copy="([^"]*e-1[^"]*)"', (site / "tutorial.html").read_text("utf-8"))
    commands = html.unescape(block).split("\n")
    assert commands[:2] == ["python3 -m venv ../billing/env", "../billing/env/bin/pip install --quiet protobuf"]
    assert commands[2].startswith("""echo '{"eventUuid": "e-1", """)
    assert commands[3].endswith("< ../billing/records.json")
    assert len(commands) == 4


def test_a_command_of_several_lines_is_copied_whole_and_what_is_no_command_is_left_alone() -> None:
    typed = '<div class="highlight"><pre><span></span><code><span class="gp">$ </span>for<span class="w"> </span>x\n'
    typed += '<span class="gp">&gt; </span>done\n<span class="go">out</span>\n</code></pre></div>'
    other = '<div class="highlight"><pre><span></span><code>name: acme\n</code></pre></div>'
    made = sitehook.on_page_content(typed + other)
    assert made.startswith('<div class="highlight" data-copy="for x\ndone"><pre>')
    assert made.endswith(f"</div>{other}")


@pytest.mark.parametrize(
    ("text", "source", "name", "expected"),
    [
        ("[x](docs/ci.md#github)", "CONTRIBUTING.md", "contributing.md", "[x](ci.md#github)"),
        ("[x](../docs/parity.md)", "bench/README.md", "speed.md", "[x](parity.md)"),
        ("[x](../CONTRIBUTING.md)", "docs/rules.md", "rules.md", "[x](contributing.md)"),
        ("[x](../../CHANGELOG.md)", "docs/rules/A.md", "rules/A.md", "[x](../changelog.md)"),
        ("[x](../rules.md)", "docs/rules/A.md", "rules/A.md", "[x](../rules.md)"),
        ("[x](https://buf.build) [y](#here)", "README.md", "index.md", "[x](https://buf.build) [y](#here)"),
    ],
)
def test_links_lead_to_the_page_of_a_document(text: str, source: str, name: str, expected: str) -> None:
    assert sitehook.rerouted(text, source, name) == expected

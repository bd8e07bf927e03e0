"""Makes pages of the site from documents that stand outside of docs/, has links lead to them, and commands copied."""

from __future__ import annotations

import html
import posixpath
import re
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
# Where a forge shows them, and what the site calls them.
PAGES = {"CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md", "bench/README.md": "speed.md"}
_ELSEWHERE = {**PAGES, "README.md": "index.md"}
_LINK = re.compile(r"(\]\()([^)#:\s]+)(#[^)]*)?(\))")
_BLOCK = re.compile(r'<div class="highlight">(<pre>.*?</pre>)', re.DOTALL)
_TYPED = re.compile(r'(?:^|<code>)<span class="gp">(?:\$|&gt;) *</span>(.*)', re.MULTILINE)


def on_files(files: Any, config: Any) -> Any:
    from mkdocs.structure.files import File

    for source, name in PAGES.items():
        text = rerouted((ROOT / source).read_text("utf-8"), source, name)
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    name = page.file.src_uri
    return markdown if page.file.generated_by else rerouted(markdown, f"docs/{name}", name)


def on_page_content(content: str, **_: Any) -> str:
    """A long name in a heading may break at its underscores."""
    wrapped = re.sub(r"(<h1[^>]*>)(\w+)", lambda found: found[1] + found[2].replace("_", "_<wbr>"), content)
    return _BLOCK.sub(copyable, wrapped)


def copyable(block: re.Match[str]) -> str:
    """The theme's button copies `data-copy`: what is typed, without the prompt and what is printed."""
    typed = [html.unescape(re.sub("<[^>]*>", "", line)) for line in _TYPED.findall(block[1])]
    said = html.escape("\n".join(typed))
    return f'<div class="highlight" data-copy="{said}">{block[1]}' if typed else block[0]


def rerouted(text: str, source: str, name: str) -> str:
    """The document at `source` of the repository with its links as they are right on the site's page `name`."""

    def reroute(link: re.Match[str]) -> str:
        place = posixpath.normpath(posixpath.join(posixpath.dirname(source), link[2]))
        page = _ELSEWHERE.get(place) or place.removeprefix("docs/")
        if page == place:
            return link[0]
        return f"{link[1]}{posixpath.relpath(page, posixpath.dirname(name) or '.')}{link[3] or ''}{link[4]}"

    return _LINK.sub(reroute, text)

"""Which mistakes in the sections `release` and `publish` of schemactl.yaml no type can say."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from schemactl import gopath, target
from schemactl.releasesection import PublishSection, ReleaseSection
from schemactl.repopath import joined
from schemactl.yamlwalk import Keys, shown

Told = Iterator[tuple[Keys, str]]

_TAG = re.compile(r"(?:[\w{}][\w.{}-]*/)*(?:[\w{}][\w.{}-]*)?\{version\}", re.ASCII)
_PARTED = re.compile(r"(?:.*[/_-])?v?\{version\}", re.ASCII)
_NAME = re.compile(r"\w[\w./-]*", re.ASCII)
_OWN = {"simple": "index", "root": "git", "branch": "git"}


def of_release(section: ReleaseSection, packages: int) -> Told:
    """`packages` is how many there are."""
    if section.tag is not None and (wrong := _tag_mistake(section.tag, packages)):
        yield ("release", "tag"), f"`{shown(section.tag)}` {wrong}"
    if section.remote is not None and not _is_name(section.remote):
        yield ("release", "remote"), f"`{shown(section.remote)}` should be the name of a remote, like `origin`"
    if section.changelog is not None and not section.changelog.endswith((".md", ".markdown")):
        yield ("release", "changelog"), f"`{shown(section.changelog)}` should be a Markdown file, like `CHANGELOG.md`"


def _tag_mistake(tag: str, packages: int) -> str:
    filled = tag.replace("{version}", "1.2.0").replace("{name}", "acme")
    known = tag.count("{version}") == 1 and tag.count("{name}") <= 1 and "{" not in filled and "}" not in filled
    if not (known and _TAG.fullmatch(tag) and not any(each in filled for each in ("..", ".lock/", "./"))):
        return "should be the name of a tag that ends in `{version}`, like `v{version}` or `{name}/v{version}`"
    if packages > 1 and "{name}" not in tag:
        return "should have `{name}` in it, since there are several packages: `{name}/v{version}`"
    if "{name}" in tag and not _PARTED.fullmatch(tag):
        return "should part the version from what is before it, like `{name}/v{version}` or `{name}-{version}`"
    return ""


def _is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None and not any(each in text for each in ("..", "//", "/."))


def of_publish(sections: Sequence[PublishSection | str], directory: str) -> Told:
    seen: set[str] = set()
    for index, written in enumerate(sections):
        keys: Keys = ("publish", index)
        section, at = (PublishSection(written), keys) if isinstance(written, str) else (written, (*keys, "to"))
        if wrong := target.mistake(section.to):
            yield at, f"{wrong}; {target.HOW}"
            continue
        kind, _, place = section.to.partition(":")
        name = f"{kind}:{joined(directory, place) if kind == 'dir' else place.rstrip('/')}"
        if name in seen:
            yield at, f"`{shown(section.to)}` is listed twice"
        seen.add(name)
        yield from _parts(section, kind, keys)


def _parts(section: PublishSection, kind: str, keys: Keys) -> Told:
    for name, owner in _OWN.items():
        if getattr(section, name) is not None and kind != owner:
            yield (*keys, name), f"`{name}` is said of a target `{owner}:…`, and this one is `{kind}:…`"
            return
    if section.simple is not None and (wrong := target.url_mistake(section.simple)):
        yield (*keys, "simple"), wrong
    if section.root is not None and (wrong := gopath.of_module(section.root)):
        yield (*keys, "root"), f"`{shown(section.root)}` {wrong}"
    if section.branch is not None and not _is_name(section.branch):
        yield (*keys, "branch"), f"`{shown(section.branch)}` should be the name of a branch, like `main`"

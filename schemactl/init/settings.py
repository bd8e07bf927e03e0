"""The text of a new schemactl.yaml: it changes nothing that is said elsewhere, and shows what else could be said."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from schemactl import configfile, configmistakes, yamlfile
from schemactl.config import DEFAULT, NAME
from schemactl.errors import ConfigError
from schemactl.git.command import PLAIN
from schemactl.init.patterns import package_pattern, topic_pattern
from schemactl.init.quoting import is_text, yaml
from schemactl.init.surroundings import Surroundings
from schemactl.init.survey import Survey
from schemactl.init.templates import filled
from schemactl.releasetags import alike
from schemactl.repopath import contains

_PACKAGE, _TOPIC = "PACKAGE_PATTERN", "TOPIC_NAME_PATTERN"
_NAMED = {_PACKAGE: "packages", _TOPIC: "topics"}
_EXAMPLES = ("ENUM_ZERO_VALUE_SUFFIX: {params: {enum_zero_value_suffix: _NONE}}", "SERVICE_SUFFIX: warning")
_FOUND = """\
# Where imports start follows from the imports; `roots` would fix it.
"""
_OF_BUF = """\
# Buf's files say where imports start and what is left out. With `roots`
# this file says it instead, all of `excludes` included.
"""
_ROOTS = """\
# Where imports start; nothing outside of it is checked.
{roots}

# `excludes` names directories in it that are not checked, and can still be
# imported.
{excludes}"""
_INCLUDES = """\
# `includes` names more directories that imports come from, such as a
# submodule. They may lie outside of the repository.
{includes}"""
_LINT_OF_BUF = """\
# Buf's files say which. With `lint` this file says it instead, whole. The
# pack `events` is on beside them, for files that events reach; if it is
# named, for all files.
"""
_LINT = """\
# Without it: STANDARD, and the pack `events` for files that events reach.
# If it is named, `events` is on for all files.
"""
_BREAKING_OF_BUF = """\
# Buf's files say which rules. With `breaking` this file says it instead,
# whole. The profile `json` is WIRE_JSON, and deletions that this lets pass.
# Others: binary, both and source (generated code, too).
"""
_BREAKING = """\
# Without it: what readers of JSON need. Other profiles: binary, both and
# source (generated code, too).
"""
_NEW_LINT = """\
# Rule ids, categories and packs. The pack `events` has the conventions for
# events.
lint:
  use: [STANDARD, events]
  #except: [TOPIC_SIMILAR]
"""
_NEW_BREAKING = """\
# Data of old releases stays readable as JSON. Other profiles: binary, both
# and source (generated code, too).
breaking:
  profile: json
"""


@dataclass(frozen=True)
class Settings:
    """`active` says what the file turns on or fixes, in words for people."""

    text: bytes
    active: tuple[str, ...]


def of_new(project: str) -> Settings:
    """For a directory without schemas: everything that the conventions want is on."""
    patterns = {_PACKAGE: f"{project}.<domain>.v<N>", _TOPIC: f"{project}.<domain>.<event>"}
    values = {
        "structure": _ROOTS.format(roots="roots: [.]", excludes=""),
        "includes": _INCLUDES.format(includes=""),
        "lint": _NEW_LINT,
        "rules": _rules(patterns),
        "breaking": _NEW_BREAKING,
        "path": project,
        "package": f"{project}.users.v1",
        "project": project,
        "latest": "",
        "tag": "v{version}",
    }
    return Settings(_text(values), ())


def of_existing(survey: Survey, around: Surroundings) -> Settings:
    """For schemas that are there: lint says the same with it as without."""
    structure, rooted = _structure(survey)
    patterns = _patterns(survey)
    on = {name: pattern for name, pattern in patterns.items() if pattern and survey.events}
    values = {
        "structure": structure,
        "includes": _includes(survey),
        "lint": _lint(survey),
        "rules": _rules(on) if on else _commented_rules(survey, patterns),
        "breaking": _breaking(survey),
        "path": yaml(survey.example) if is_text(survey.example) else "legacy",
        "package": next((each for each in survey.packages if each), "acme.users.v1"),
        "project": _project(survey, around),
    } | _release(around)
    told = [f"`{name}` is `{pattern}`, which all {_NAMED[name]} follow" for name, pattern in on.items()]
    return Settings(_text(values), (*rooted, *told))


def _text(values: Mapping[str, str]) -> bytes:
    return filled(NAME, values).encode()


def _patterns(survey: Survey) -> dict[str, str | None]:
    usual = survey.usual
    return {
        _PACKAGE: package_pattern(survey.packages, usual[_PACKAGE]) if _PACKAGE in usual else None,
        _TOPIC: topic_pattern(survey.topics, usual[_TOPIC]) if _TOPIC in usual else None,
    }


def _rules(on: Mapping[str, str]) -> str:
    lines = [f"  {name}: {{params: {{pattern: {pattern}}}}}" for name, pattern in on.items()]
    return "\n".join(["rules:", *lines, *(f"  #{each}" for each in _EXAMPLES), ""])


def _commented_rules(survey: Survey, patterns: Mapping[str, str | None]) -> str:
    package = patterns[_PACKAGE] or f"{_first_word(survey) or 'acme'}.<domain>.v<N>"
    lines = [f"{_PACKAGE}: {{params: {{pattern: {package}}}}}  # on files that events reach", *_EXAMPLES]
    return "\n".join(["#rules:", *(f"  #{each}" for each in lines), ""])


def _structure(survey: Survey) -> tuple[str, list[str]]:
    """The part about roots; and, if it fixes them, what is to be told of it."""
    config, here = survey.config, survey.directory
    roots = [posixpath.relpath(root, here) for root in survey.roots]
    if config.file is None:
        copies = [posixpath.relpath(each, here) for each in survey.vendored]
        # What a root holds is checked, installed or not.
        others = (*survey.vendored, *survey.environments)
        excludes = [posixpath.relpath(each, here) for each in others if any(contains(r, each) for r in survey.roots)]
        line = f"roots: {_list(roots)}"
        left_out = f"excludes: {_list(excludes)}\n" if excludes else ""
        if not survey.mixed and _sayable(f"{line}\n{left_out}", [*roots, *copies, *excludes], here):
            said = f"`{line}`, as the imports tell; files elsewhere are not checked"
            told = [] if roots == ["."] else [said]
            return _ROOTS.format(roots=line, excludes=left_out), told
        return f"{_FOUND}#roots: [.]\n", []
    if config.modules is None:
        return f"{_FOUND}{_example(roots, [], here)}", []
    theirs = [posixpath.relpath(path, here) for module in config.modules for path in module.excludes]
    return f"{_OF_BUF}{_example(roots, theirs, here)}", []


def _includes(survey: Survey) -> str:
    copies = [posixpath.relpath(each, survey.directory) for each in survey.vendored]
    return _INCLUDES.format(includes=f"includes: {_list(copies)}\n" if copies else "")


def _list(paths: Collection[str]) -> str:
    return f"[{', '.join(map(yaml, dict.fromkeys(paths)))}]"


def _example(roots: Collection[str], excludes: Collection[str], here: str) -> str:
    lines = [f"{name}: {_list(listed)}" for name, listed in
             (("roots", roots), ("excludes", excludes)) if listed]  # fmt: skip
    if not lines or not _sayable("\n".join(lines), [*roots, *excludes], here):
        return ""
    return "".join(f"#{line}\n" for line in lines)


def _sayable(text: str, paths: Collection[str], here: str) -> bool:
    """Whether it may stand in the file: roots in each other may not, nor all that a directory can be called."""
    if not all(map(is_text, paths)):
        return False
    try:
        yamlfile.read(text.encode(), NAME, configfile.File, check=lambda file: configmistakes.of_own(file, here, ()))
    except ConfigError:
        return False
    return True


def _lint(survey: Survey) -> str:
    by_buf = any(policy.origin != DEFAULT for policy in survey.config.lint)
    lines = ["#lint:", "  #use: [STANDARD, events]", "  #except: [ENUM_VALUE_PREFIX]"]
    return "\n".join([f"{_LINT_OF_BUF if by_buf else _LINT}{lines[0]}", *lines[1:], ""])


def _breaking(survey: Survey) -> str:
    by_buf = any(not policy.origin.startswith(DEFAULT) for policy in survey.config.breaking)
    return f"{_BREAKING_OF_BUF if by_buf else _BREAKING}#breaking:\n  #profile: json\n"


def _project(survey: Survey, around: Surroundings) -> str:
    owner = around.remote.owner if around.remote else ""
    return _dashed(owner) or _dashed(_first_word(survey)) or "acme"


def _first_word(survey: Survey) -> str:
    """The one that most packages start with."""
    words = Counter(each.partition(".")[0] for each in survey.packages if each)
    return words.most_common(1)[0][0] if words else ""


def _dashed(name: str) -> str:
    return re.sub("[^a-z0-9]+", "-", name.lower()).strip("-")


def _release(around: Surroundings) -> dict[str, str]:
    """As the last one was called."""
    known = alike(around.latest) if PLAIN.fullmatch(around.latest) else None
    version = str(known.version) if known and known.readable else ""
    if not version or not around.latest.endswith(version):
        return {"latest": "", "tag": "v{version}"}
    tag = around.latest.removesuffix(version) + "{version}"
    return {"latest": f" The latest here is `{around.latest}`.", "tag": tag}

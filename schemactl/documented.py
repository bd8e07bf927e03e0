"""What `schemactl explain` says: of our rules from the rules themselves, of Buf's and the engine's from here."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from schemactl import bufrules
from schemactl.bufdocs import BUF
from schemactl.catalogue import built_in, catalogue
from schemactl.errors import UsageError
from schemactl.finding import Severity
from schemactl.names import nearest
from schemactl.rule import Rule


@dataclass(frozen=True)
class Document:
    """A rule that is checked by the engine itself, and always on."""

    id: str
    title: str
    why: str
    help: str
    severity: Severity = "error"


_ENGINE = (
    Document(
        "COMPILE",
        "The schema compiles",
        "What the compiler refuses has no meaning: nothing can be said about it, and no code can be made of it.",
        "Correct the file as the message says. It is protoc's own; the finding points at the place.",
    ),
    Document(
        "UNRESOLVED_IMPORT",
        "Every import is found",
        "A file whose import is missing cannot be compiled. A green report that left it out would not be true.",
        "Put the file below a module root, name its directory under `includes:` in schemactl.yaml, or, if it comes "
        "from a module in buf.yaml, run `buf dep update` and `buf build` once so that it is in Buf's cache.",
    ),
    Document(
        "IMPORT_CYCLE",
        "Files do not import each other in a circle",
        "No compiler accepts it: each file would have to be known before the other.",
        "Move what both need into a third file.",
    ),
    Document(
        "DUPLICATE_SYMBOL",
        "A name is declared once",
        "Two types of one full name compile apart and clash in the first program that loads both.",
        "Rename or delete one of the two.",
    ),
    Document(
        "DUPLICATE_FILE",
        "An import path means one file",
        "When two roots hold the same path, which of the two an import gets is left to chance. Nor can one path be a "
        "file in one root and a directory in another.",
        "Delete or rename one, or list its directory under `excludes:` in schemactl.yaml.",
    ),
    Document(
        "UNSAFE_PATH",
        "File names are safe to hand to a compiler",
        "A file called `@x.proto` or `-x.proto` is an argument to a compiler, not a file. A name of more than 255 "
        "bytes, or a path of more than 3,000, fits on no disk.",
        "Rename it: letters, digits, `_`, `.`, `+` and `-`, starting with a letter, a digit, `_` or `.`.",
    ),
    Document(
        "FILE_NOT_REGULAR",
        "Schemas are regular files",
        "A symbolic link can point outside the repository, a pipe never ends, and a Git LFS pointer is not the "
        "content. The same holds for a file behind a linked directory.",
        "Replace it by the file itself.",
    ),
    Document(
        "FILE_TOO_LARGE",
        "Files and repositories have a sane size",
        "Schemas are written by people; megabytes of one are a mistake or an attack, and slow for everybody.",
        "Split the file, or list the roots to check under `roots:` in schemactl.yaml.",
    ),
    Document(
        "FILE_ENCODING",
        "Schemas are UTF-8 text",
        "Names and comments in another encoding turn into other names in generated code, or stop the compiler.",
        "Save the file as UTF-8, without NUL bytes.",
    ),
    Document(
        "OPTIONS_FILE_CHANGED",
        "The option schema is one that schemactl knows",
        "`schemactl/v1/options.proto` says how topics are read. With another text under that name they could be "
        "misread.",
        "Delete it: the tool brings its own copy. `import` finds it there.",
    ),
    Document(
        "DIRECTORY_NOT_FOLLOWED",
        "No directory of a module is passed over",
        "Links, submodules and repositories inside this one are not followed: what they lead to can change without a "
        "commit here. Schemas below them would go unchecked without a word.",
        "If it only serves imports, name it under `includes:` in schemactl.yaml. Otherwise put the files themselves "
        "there, or check the other repository by itself.",
        "warning",
    ),
    Document(
        "IGNORE_MATCHES_NOTHING",
        "Ignored paths exist",
        "An entry that matches nothing is a slip, or was left behind: somebody believes in an exception that is none.",
        "Fix the path or delete the entry.",
        "warning",
    ),
    Document(
        "POLICY_CHANGED",
        "The policy that judges this change is the one it was judged by before",
        "A change is judged by its own `schemactl.yaml`, `buf.yaml` and packs: one that also turns off a rule, lowers "
        "a severity or adds an ignore is green by its own new policy.",
        "Look at the changes of the policy first, and ask those who own it. Nothing else is wrong with them.",
        "warning",
    ),
    Document(
        "POLICY_INTRODUCED",
        "A policy is there from the start",
        "The change brings the first policy of the repository. There is no earlier one that it could be compared with.",
        "Read it once: it is what later changes are judged by.",
        "info",
    ),
)

ENGINE: Mapping[str, Document] = {document.id: document for document in _ENGINE}


def explain_text(id: str, packs: Mapping[str, str] | None = None) -> str:
    """The documentation of a rule, in Markdown; UsageError for one that nobody knows."""
    if alone := built_in(id):
        return _text(_of_rule(alone))
    rules = catalogue(packs or {})
    if id in rules:
        return _text(_of_rule(rules[id]))
    if id in ENGINE:
        return _text(_of_engine(ENGINE[id]))
    if id in bufrules.table():
        return _text(_of_buf(bufrules.table()[id]))
    close = nearest(id, (*rules, *ENGINE, *bufrules.table()))
    meant = f"; did you mean `{close}`?" if close else ""
    raise UsageError(f"there is no rule `{id}`{meant}", "`schemactl rules list` shows what there is")


def _text(paragraphs: Iterable[str]) -> str:
    return "\n\n".join(paragraphs) + "\n"


def _of_rule(rule: Rule) -> Iterator[str]:
    yield f"# {rule.id}\n\n{rule.title}."
    yield f"## Why\n\n{rule.why.strip()}"
    yield f"## Wrong\n\n{_code(rule.bad)}"
    yield f"## Right\n\n{_code(rule.good)}"
    yield f"## In schemactl.yaml, with its defaults\n\n{_settings(rule)}"
    yield f"Severity: {rule.severity}. Categories: {', '.join(rule.categories) or 'none'}. {_looks(rule)}"
    yield f"Comes from: {rule.origin}."


def _code(example: str) -> str:
    return f"```proto\n{example.strip()}\n```"


def _settings(rule: Rule) -> str:
    """The rule's settings as they would stand there with their defaults (JSON is YAML)."""
    lines = ["rules:", f"  {rule.id}:", f"    severity: {rule.severity}  # error, warning, info or off"]
    lines += ["    params:"] if rule.params else []
    lines += [f"      {name}: {json.dumps(value, ensure_ascii=False)}" for name, value in rule.params.items()]
    return "```yaml\n" + "\n".join(lines) + "\n```"


_SCOPES = {
    "events": "It looks at events: messages with a topic, and every `<X>Envelope` with a message as `payload`.",
    "reached": "It looks at files that an event reaches; at all files once the configuration names `events`.",
    "all": "It looks at every file.",
}


def _looks(rule: Rule) -> str:
    return _SCOPES[rule.scope]


def _of_engine(document: Document) -> Iterator[str]:
    yield f"# {document.id}\n\n{document.title}."
    yield f"## Why\n\n{document.why}"
    yield f"## What to do\n\n{document.help}"
    yield f"Severity: {document.severity}."
    yield "Comes from: schemactl itself. It is always on."


def _of_buf(rule: bufrules.BufRule) -> Iterator[str]:
    yield f"# {rule.id}\n\n{rule.purpose}"
    if rule.id in BUF:
        why, help = BUF[rule.id]
        yield f"## Why\n\n{why}"
        yield f"## What to do\n\n{help}"
    if rule.deprecated:
        yield f"Deprecated; replaced by: {', '.join(rule.replacements) or 'nothing'}."
    elif rule.kind == "lint":
        yield "schemactl does not run it: use `buf lint` for this one."
    categories = rule.categories.get("v2", ())
    yield f"Comes from: Buf ({rule.kind} rule). Categories: {', '.join(categories) or 'none'}."

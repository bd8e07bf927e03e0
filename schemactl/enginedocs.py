"""What the engine's own rules are for and what to do about them; how severe they are stands in enginerules.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from schemactl.enginerules import RULES
from schemactl.finding import Severity


@dataclass(frozen=True)
class Document:
    """A rule that the engine itself checks; `settable`: a configuration may change its severity."""

    id: str
    title: str
    why: str
    help: str
    severity: Severity = "error"
    settable: bool = False


class _Text(NamedTuple):
    id: str
    title: str
    why: str
    help: str


_ALL = (
    _Text(
        "COMPILE",
        "The schema compiles",
        "What the compiler refuses has no meaning: nothing can be said about it, and no code can be made of it.",
        "Correct the file as the message says. It is protoc's own; the finding points at the place.",
    ),
    _Text(
        "UNRESOLVED_IMPORT",
        "Every import is found",
        "A file whose import is missing cannot be compiled. A green report that left it out would not be true.",
        "Put the file below a module root, name its directory under `includes:` in schemactl.yaml, or, if it comes "
        "from a module in buf.yaml, run `buf dep update` and `buf build` once so that it is in Buf's cache.",
    ),
    _Text(
        "IMPORT_CYCLE",
        "Files do not import each other in a circle",
        "No compiler accepts it: each file would have to be known before the other.",
        "Move what both need into a third file.",
    ),
    _Text(
        "DUPLICATE_SYMBOL",
        "A name is declared once",
        "Two types of one full name compile apart and clash in the first program that loads both.",
        "Rename or delete one of the two.",
    ),
    _Text(
        "DUPLICATE_FILE",
        "An import path means one file",
        "When two roots hold the same path, which of the two an import gets is left to chance. Nor can one path be a "
        "file in one root and a directory in another.",
        "Delete or rename one, or list its directory under `excludes:` in schemactl.yaml.",
    ),
    _Text(
        "UNSAFE_PATH",
        "File names are safe to hand to a compiler",
        "A file called `@x.proto` or `-x.proto` is an argument to a compiler, not a file. A name of more than 255 "
        "bytes, or a path of more than 3,000, fits on no disk.",
        "Rename it: letters, digits, `_`, `.`, `+` and `-`, starting with a letter, a digit, `_` or `.`.",
    ),
    _Text(
        "FILE_NOT_REGULAR",
        "Schemas are regular files",
        "A symbolic link can point outside the repository, a pipe never ends, and a Git LFS pointer is not the "
        "content. The same holds for a file behind a linked directory.",
        "Replace it by the file itself.",
    ),
    _Text(
        "FILE_TOO_LARGE",
        "Files and repositories have a sane size",
        "Schemas are written by people; megabytes of one are a mistake or an attack, and slow for everybody.",
        "Split the file, or list the roots to check under `roots:` in schemactl.yaml.",
    ),
    _Text(
        "FILE_ENCODING",
        "Schemas are UTF-8 text",
        "Names and comments in another encoding turn into other names in generated code, or stop the compiler.",
        "Save the file as UTF-8, without NUL bytes.",
    ),
    _Text(
        "OPTIONS_FILE_CHANGED",
        "The option schema is one that schemactl knows",
        "`schemactl/v1/options.proto` says how topics are read. With another text under that name they could be "
        "misread.",
        "Delete it: the tool brings its own copy. `import` finds it there.",
    ),
    _Text(
        "DIRECTORY_NOT_FOLLOWED",
        "No directory of a module is passed over",
        "Links, submodules and repositories inside this one are not followed: what they lead to can change without a "
        "commit here. Schemas below them would go unchecked without a word.",
        "If it only serves imports, name it under `includes:` in schemactl.yaml. Otherwise put the files themselves "
        "there, or check the other repository by itself.",
    ),
    _Text(
        "IGNORE_MATCHES_NOTHING",
        "What is ignored or overridden exists",
        "An entry whose path or package is not there is a slip, or was left behind: somebody believes in an exception "
        "that does not exist.",
        "Correct the name or delete the entry.",
    ),
    _Text(
        "POLICY_CHANGED",
        "The policy that judges a change is not changed by it",
        "A pull request is judged by the policy of its base: one that also turns off a rule, lowers a severity or adds "
        "an ignore is not green by that. Where the change's own policy judges (`--policy head`, and outside of pull "
        "requests), it may be.",
        "Look at the changes of the policy first, and ask those who own it. They count once they are merged. "
        "`--policy base` and `--policy head` say which one judges.",
    ),
    _Text(
        "POLICY_INTRODUCED",
        "A policy is there from the start",
        "The change brings the first policy of the repository. There is no earlier one that it could be compared with.",
        "Read it once: it is what later changes are judged by.",
    ),
    _Text(
        "FILES_LEFT_OUT",
        "What was checked stays checked",
        "The roots or excludes of the change leave out files that the base would check. What nobody checks is never "
        "wrong.",
        "Put the roots and excludes back, or say in the change why these files no longer need a check.",
    ),
    _Text(
        "BREAK_APPROVED",
        "A break that is approved",
        "The change breaks something, and a comment or an entry approves it, be it of this change or older. That is "
        "allowed, and nothing to overlook.",
        "Read the reason, and whether it holds for every reader and writer. `approvals: base` in schemactl.yaml lets "
        "only those approvals count that were merged before.",
    ),
    _Text(
        "APPROVAL_UNUSED",
        "Approvals are of a break that is there",
        "What no longer approves anything lies in wait for the next break of the same kind.",
        "Delete the entry once the break is merged.",
    ),
    _Text(
        "SUPPRESSION_ADDED",
        "A finding that the change brings, suppressed",
        "The change brings a finding of lint, or the comment for one, of Buf's kind or ours: it does not count. That "
        "is allowed, and nothing to overlook.",
        "Read the reason. Nothing has to be done.",
    ),
    _Text(
        "SUPPRESSION_INVALID",
        "Suppressions say which rule, and why",
        "A comment without a reason or a valid date, for an unknown rule, or above nothing does "
        "nothing, and somebody believes that it does.",
        "Write `// schemactl:ignore RULE -- reason` above the element or behind it on its line; `until=2027-01-31` "
        "goes before the `--`. `suppress: {reason: optional}` in schemactl.yaml does without reasons.",
    ),
    _Text(
        "SUPPRESSION_EXPIRES",
        "Suppressions do not end without a word",
        "It ends within 14 days. From the day after its `until` the finding is back and fails the run.",
        "Correct what it suppresses, or agree on a later date.",
    ),
    _Text(
        "SUPPRESSION_UNUSED",
        "Suppressions suppress something",
        "A comment that suppresses nothing is a slip, or was left behind: it hides the next finding of its kind.",
        "Delete the comment, or the rule from it.",
    ),
    _Text(
        "PACKAGE_EMPTY",
        "A package of generated code has proto files",
        "What is published under its name would be empty, and whoever waits for its files would not get them. Files "
        "that others provide, such as `google/api/http.proto`, are no files of a package.",
        "Correct the entry of `paths` under `packages:` in schemactl.yaml, or delete it.",
    ),
    _Text(
        "PACKAGE_FOREIGN",
        "A package holds files of its own",
        "The same file in two packages breaks whoever installs both: Protobuf registers a file once, and pip puts the "
        "modules of one in place of the other's without a word.",
        "Name who provides the files under `third_party:` in schemactl.yaml: then they are required and not packed. Or "
        "name them among the `paths` of the package, where they are packed on purpose. A repository that is the origin "
        "of a published distribution gives its own modules another place by `python: {root: …}`.",
    ),
    _Text(
        "IMPORT_UNMAPPED",
        "Of every import it is known who provides its code",
        "Generated code imports the generated code of the files that its file imports. A package that does not require "
        "it cannot be imported; one that brings a copy of somebody else's clashes with theirs in the first program "
        "that loads both.",
        "Name the Python distribution and the Go package under `third_party:` in schemactl.yaml, as the finding shows, "
        "or, for a file of your own, put it into one of your `packages`. What comes with protobuf, "
        "googleapis-common-protos, grpc-google-iam-v1, opentelemetry-proto and protoc-gen-openapiv2 is known.",
    ),
    _Text(
        "PYTHON_PATH",
        "Every file can be imported in Python",
        "A module is imported by the path of its file: `class/v1/user.proto` would be `class.v1.user_pb2`, which is "
        "not valid Python, and of `types/user.proto` Python never looks further than its own `types`. Where only some "
        "files stand below the `python: {root: …}` of their package, all modules would move.",
        "Rename the directory or the file. Where it is only the first directory that is taken, `python: {root: "
        "acme.events}` in the entry under `packages:` moves all modules below a package of your own.",
    ),
    _Text(
        "PYTHON_COLLISION",
        "Every file has a module of its own in Python",
        "In the name of a module `-` becomes `_` and a dot parts directories: `a-b.proto` and `a_b.proto` are one "
        "module, and one would replace the other without a word. Names that differ in capitals alone do so on some "
        "disks. Nor can a package be called like the distribution that provides its imports.",
        "Rename one of the two.",
    ),
    _Text(
        "GO_PATH",
        "Every directory can be a package in Go",
        "Go passes over `testdata` and directories that start with `_` or a dot, lets nobody import `internal`, and "
        "takes `vendor` for other people's code. Some characters, and names of devices on Windows, are in no import "
        "path.",
        "Rename the directory. Names of files may be anything: their Go files get names that Go takes.",
    ),
    _Text(
        "GO_COLLISION",
        "Every directory is a package of its own in Go",
        "Paths of a Go module that differ in capitals alone are refused by every client. Nor can one import path "
        "be a package of two modules. The files of a directory share the names that Go gives their elements: `Foo_Bar` "
        "is a message of that name, and `Bar` inside of `Foo`.",
        "Put the files into one of the two directories, or give one of the modules another path. Where two elements "
        "have one name, rename one, or move its file into another directory.",
    ),
    _Text(
        "GO_IMPORT_CYCLE",
        "Go packages do not import each other in a circle",
        "A Go package is a directory. Where `a/one.proto` imports `b/two.proto`, and that one `a/three.proto`, no file "
        "imports itself, but `a` and `b` do, and Go compiles neither.",
        "Move what they share into a directory of its own, or the files of the circle into one.",
    ),
    _Text(
        "OPTIONS_USED",
        "The types of schemactl's options are for options",
        "`schemactl/v1/options.proto` is for this tool alone. Generated code is without its options and without the "
        "file; a field of one of its types would have nothing to be.",
        "Declare a type of your own for the field.",
    ),
    _Text(
        "GENERATED_STALE",
        "Generated code is that of the schema",
        "Code that is committed beside the schema is what others build with: if it lags behind, they build something "
        "else than what was reviewed.",
        "Run `schemactl generate` as the message says, and commit what it writes.",
    ),
    _Text(
        "PACKAGE_REFUSED",
        "A package is what its name and its version say",
        "A version that is published once is for good: it follows from the tags of the commit, and from nothing else.",
        "Do as the message says: tag the commit, build another one, or correct the declaration in schemactl.yaml.",
    ),
    _Text(
        "RELEASE_REFUSED",
        "The version of a release follows from what changed",
        "Who upgrades by the rules of semantic versions must not be broken by it. From 1.0 on a break is refused "
        "unless somebody says that it is meant, a tag that promises less than the changes ask for is refused, and a "
        "version is never used twice.",
        "Take the break back, or make it in a new Protobuf package (`acme.users.v2`) beside the old one. "
        "`schemactl release --allow-breaking` raises the major version.",
    ),
    _Text(
        "PUBLISH_REFUSED",
        "What is published under a version is published once",
        "A version that somebody has installed must stay what it is: caches, lock files and checksum databases rely on "
        "it. A target that has a file of the same name with other content, or a build that is not a release, is "
        "refused, and nothing is written anywhere.",
        "Do as the message says: finish the release that took the version, or release under the next one.",
    ),
    _Text(
        "ARTIFACT_MISMATCH",
        "An artifact is what the schema says, and works when it is installed",
        "`schemactl package` uses each artifact as its users will, and compares what they get with the schema. What "
        "does not hold is told before anything is written. Nor is a build published in which a file is not the one "
        "that was recorded, and what a target gives its consumers is compared with what went there.",
        "The message names the artifact and what is wrong with it. Often a file of somebody else's in the tree is not "
        "the one that its distribution has, or `third_party` names a distribution that does not have it.",
    ),
)

ENGINE: Mapping[str, Document] = {text.id: Document(*text, *RULES[text.id]) for text in _ALL}

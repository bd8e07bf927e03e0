"""The sections `release` and `publish` of schemactl.yaml: how releases are called, and where they go."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from schemactl.target import Target, parsed


class ReleaseSection(Struct, frozen=True):
    """How a release is called, and who hears of it."""

    tag: Annotated[
        str | None,
        Meta(
            description="The tag of a release, like `{name}/v{version}`. Default: `v{version}` where there is one "
            "package and this file is at the top of the repository, else `{name}/v{version}`."
        ),
    ] = None
    changelog: Annotated[
        str | None,
        Meta(description="A Markdown file, from this one, that gets a section for each release. Default: none."),
    ] = None
    remote: Annotated[
        str | None, Meta(description="The remote that tags are pushed to. Default: `origin`, or the only one.")
    ] = None


class PublishSection(Struct, frozen=True):
    """One target."""

    to: Annotated[
        str, Meta(description="`dir:DIRECTORY` (from this file), `index:URL` that takes uploads, or `git:URL`.")
    ]
    simple: Annotated[
        str | None,
        Meta(description="Of an index: the URL at which pip finds what it has. Default: follows from the other."),
    ] = None
    root: Annotated[
        str | None,
        Meta(
            description="Of a Go repository: the import path of its top, like `github.com/acme/events-go`. Default: "
            "follows from the URL."
        ),
    ] = None
    branch: Annotated[str | None, Meta(description="Of a Go repository: where commits go. Default: `main`.")] = None


Publish = Annotated[
    tuple[PublishSection | str, ...] | None,
    Meta(description="Where releases are published: targets, in order. Empty: nowhere, releases are only tagged."),
]


def target(section: PublishSection | str) -> Target:
    """The target as it is written: a directory still starts where the file stands."""
    whole = PublishSection(section) if isinstance(section, str) else section
    known = parsed(whole.to)
    return Target(known.kind, known.place, whole.simple or "", whole.root or "", whole.branch or known.branch)

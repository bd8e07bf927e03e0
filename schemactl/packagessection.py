"""The sections `packages` and `third_party` of schemactl.yaml: what is generated, and who provides the rest."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from schemactl.product import Language


class PythonSection(Struct, frozen=True):
    """How the Python package is called and made."""

    distribution: Annotated[
        str | None, Meta(description="What `pip install` calls it. Default: the name of the package.")
    ] = None
    root: Annotated[
        str | None,
        Meta(description="Dotted package that all modules move below. Default: imported by the path of their file."),
    ] = None
    generator: Annotated[
        str | None,
        Meta(
            description="What writes the code, like `grpcio-tools==1.80.1`; an older one serves older runtimes. "
            "Default: the one that is installed."
        ),
    ] = None


class GoSection(Struct, frozen=True):
    """How the Go module is called."""

    module: Annotated[
        str | None, Meta(description="Path of the module, like `github.com/acme/events-go`: without it there is no Go.")
    ] = None
    required: Annotated[
        bool, Meta(description="Whether a machine without Go fails; otherwise Go is left out there, and that is said.")
    ] = True


class PackageSection(Struct, frozen=True):
    """A package of generated code: a Python distribution, a Go module, or both from the same files."""

    name: Annotated[
        str, Meta(description="Lower-case letters, digits and `-`. Tags of its releases are called NAME/v1.2.0.")
    ]
    description: Annotated[str, Meta(description="What it is, in one line.")] = ""
    license: Annotated[str, Meta(description="SPDX expression of its license, like `Apache-2.0`.")] = ""
    paths: Annotated[
        tuple[str, ...],
        Meta(description="Its files, and directories with all files below them, from this file. Default: every file."),
    ] = ()
    languages: Annotated[
        tuple[Language, ...] | None,
        Meta(description="What it is made for. Default: Python, and Go where `go.module` is given."),
    ] = None
    python: Annotated[PythonSection, Meta(description="How the Python package is called and made.")] = PythonSection()
    go: Annotated[GoSection, Meta(description="How the Go module is called.")] = GoSection()


class ThirdPartyGo(Struct, frozen=True):
    """Where generated Go code of somebody else's files is."""

    package: Annotated[
        str, Meta(description="Import path of the Go package; directories below one of `paths` are packages below it.")
    ]
    module: Annotated[str, Meta(description="Path of the module that it is in.")]
    version: Annotated[str, Meta(description="The version of the module that is required at least, like `v1.2.0`.")]


class ThirdPartySection(Struct, frozen=True):
    """Who provides generated code of files that are imported and somebody else's."""

    paths: Annotated[
        tuple[str, ...], Meta(description="Files, and directories with all files below them, as they are imported.")
    ]
    python: Annotated[
        str | None, Meta(description="Requirement of the Python distribution, like `acme-audit-protos>=1.4,<2`.")
    ] = None
    go: Annotated[ThirdPartyGo | None, Meta(description="Where their Go code is.")] = None


Packages = Annotated[
    tuple[PackageSection, ...] | None,
    Meta(description="What is generated and published. Default: one package of all files, for Python."),
]
ThirdParty = Annotated[
    tuple[ThirdPartySection, ...],
    Meta(description="Who provides the generated code of files that are somebody else's; it is never made here."),
]


def languages(section: PackageSection) -> tuple[Language, ...]:
    """What it is made for: as it says, else Python, and Go where it names a module."""
    if section.languages is not None:
        return section.languages
    return ("python", "go") if section.go.module else ("python",)

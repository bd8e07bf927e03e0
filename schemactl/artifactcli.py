"""The commands that make things of a schema: `generate`, `package` and `doctor`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from schemactl import completing
from schemactl.errors import UsageError
from schemactl.exits import NO
from schemactl.options import Chdir, Color, ConfigFile, Format, Jobs, NoCache
from schemactl.reporting import refusing, reported
from schemactl.shell import colored, complain, printed, shell, width

if TYPE_CHECKING:
    from schemactl.product import Language


Lang = Annotated[
    list[str] | None,
    typer.Option(
        "--lang",
        metavar="LANG",
        help="python or go; repeatable. Default: what schemactl.yaml declares, else python.",
        autocompletion=completing.languages,
    ),
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="The directory to write to.")]
At = Annotated[
    str | None,
    typer.Option(
        "--rev",
        metavar="REV",
        help="Take this git revision instead of the working tree.",
        autocompletion=completing.revisions,
    ),
]
ProtocGenGo = Annotated[
    Path | None,
    typer.Option(
        "--protoc-gen-go",
        metavar="FILE",
        envvar="SCHEMACTL_PROTOC_GEN_GO",
        help="Use this plugin instead of one that schemactl builds.",
    ),
]
ProtocGenGoGrpc = Annotated[
    Path | None,
    typer.Option(
        "--protoc-gen-go-grpc",
        metavar="FILE",
        envvar="SCHEMACTL_PROTOC_GEN_GO_GRPC",
        help="Use this plugin instead of one that schemactl builds.",
    ),
]


def generate(
    lang: Lang = None,
    out: Out = Path("gen"),
    rev: At = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 if files are not current.")
    ] = False,
    directory: Chdir = Path(),
    config: ConfigFile = None,
    protoc_gen_go: ProtocGenGo = None,
    protoc_gen_go_grpc: ProtocGenGoGrpc = None,
    format: Format = None,
    no_cache: NoCache = False,
    jobs: Jobs = 0,
    color: Color = "auto",
) -> None:
    """Generate Python and Go code from the schemas."""
    with shell(), refusing(format or [], color):
        from schemactl import generating, told

        request = generating.Request(
            directory, rev, config, _languages(lang or []), out, check, jobs, not no_cache,
            given(protoc_gen_go, protoc_gen_go_grpc),
        )  # fmt: skip
        done = generating.run(request, complain)
        reported(format or [], color, *told.of_generate(request, done))
        if check and done.done.stale:
            raise typer.Exit(NO)


def package(
    rev: At = None,
    version: Annotated[
        str | None,
        typer.Option(
            "--version",
            metavar="VERSION",
            help="A version like 1.4.0 or 1.4.0-rc.1. Default: follows from the release tags.",
        ),
    ] = None,
    lang: Lang = None,
    out: Out = Path("dist"),
    release: Annotated[
        bool, typer.Option("--release", help="Build the next release of what changed; refuse what cannot be one.")
    ] = False,
    allow_breaking: Annotated[
        bool, typer.Option("--allow-breaking", help="With --release: from 1.0 on, let a break raise the major version.")
    ] = False,
    no_verify: Annotated[
        bool, typer.Option("--no-verify", help="Do not verify the artifacts; the build records that.")
    ] = False,
    directory: Chdir = Path(),
    config: ConfigFile = None,
    protoc_gen_go: ProtocGenGo = None,
    protoc_gen_go_grpc: ProtocGenGoGrpc = None,
    format: Format = None,
    no_cache: NoCache = False,
    jobs: Jobs = 0,
    color: Color = "auto",
) -> None:
    """Build and verify wheel, sdist, Go module and descriptor image."""
    with shell(), refusing(format or [], color):
        from schemactl import packing, told

        request = packing.Request(
            directory, rev, config, version, _languages(lang or []), out, release, not no_verify, jobs, not no_cache,
            given(protoc_gen_go, protoc_gen_go_grpc), allow_breaking,
        )  # fmt: skip
        done = packing.run(request, complain)
        reported(format or [], color, *told.of_package(request, done))


def doctor(
    directory: Chdir = Path(),
    config: ConfigFile = None,
    protoc_gen_go: ProtocGenGo = None,
    protoc_gen_go_grpc: ProtocGenGoGrpc = None,
    format: Annotated[Literal["text", "json"], typer.Option("--format", help="A table, or JSON.")] = "text",
    color: Color = "auto",
) -> None:
    """Say which tools are missing, and the command that helps."""
    with shell():
        from schemactl import doctor as examined
        from schemactl.report import Style

        states = examined.states(directory, config, given(protoc_gen_go, protoc_gen_go_grpc))
        style = Style(colored(color), width())
        printed(examined.json(states) if format == "json" else examined.text(states, style))
        if not examined.sound(states):
            raise typer.Exit(NO)


def _languages(written: Sequence[str]) -> tuple[Language, ...]:
    from schemactl.product import LANGUAGES

    for each in written:
        if each not in LANGUAGES:
            raise UsageError(f"--lang: schemactl generates no code in `{each}`", "use `python` or `go`")
    return tuple(each for each in LANGUAGES if each in written)


def given(go: Path | None, grpc: Path | None) -> Mapping[str, Path]:
    return {name: path for name, path in (("protoc-gen-go", go), ("protoc-gen-go-grpc", grpc)) if path is not None}

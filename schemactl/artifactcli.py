"""The commands that make things of a schema: `generate`, `package` and `doctor`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from schemactl.errors import Rejected, UsageError
from schemactl.options import Chdir, Color, ConfigFile, Format, Jobs, NoCache
from schemactl.shell import colored, complain, deliver, printed, shell, width

if TYPE_CHECKING:
    from schemactl.product import Language
    from schemactl.report import Run

_NO = 1

Lang = Annotated[
    list[str] | None,
    typer.Option("--lang", metavar="LANG", help="python or go; repeatable. Default: what is declared."),
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Where it goes.")]
At = Annotated[
    str | None, typer.Option("--rev", metavar="REV", help="A git revision; the working tree is not touched.")
]
ProtocGenGo = Annotated[
    Path | None,
    typer.Option("--protoc-gen-go", metavar="FILE", envvar="SCHEMACTL_PROTOC_GEN_GO", help="Use this plugin."),
]
ProtocGenGoGrpc = Annotated[
    Path | None,
    typer.Option(
        "--protoc-gen-go-grpc", metavar="FILE", envvar="SCHEMACTL_PROTOC_GEN_GO_GRPC", help="Use this plugin."
    ),
]


def generate(
    lang: Lang = None,
    out: Out = Path("gen"),
    rev: At = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit 1 when the files are not current.")
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
    """Generate Python and Go code."""
    with shell(), _refusing(format or [], color):
        from schemactl import generating, told

        request = generating.Request(
            directory, rev, config, _languages(lang or []), out, check, jobs, not no_cache,
            _given(protoc_gen_go, protoc_gen_go_grpc),
        )  # fmt: skip
        done = generating.run(request, complain)
        _report(format or [], color, *told.of_generate(request, done))
        if check and done.done.stale:
            raise typer.Exit(_NO)


def package(
    rev: At = None,
    version: Annotated[
        str | None,
        typer.Option("--version", metavar="VERSION", help="Like 1.4.0 or 1.4.0-rc.1. Default: by the release tags."),
    ] = None,
    lang: Lang = None,
    out: Out = Path("dist"),
    release: Annotated[
        bool, typer.Option("--release", help="Refuse what is not fit for a release: snapshots, undeclared packages.")
    ] = False,
    no_verify: Annotated[bool, typer.Option("--no-verify", help="Do not try the artifacts; it is recorded.")] = False,
    directory: Chdir = Path(),
    config: ConfigFile = None,
    protoc_gen_go: ProtocGenGo = None,
    protoc_gen_go_grpc: ProtocGenGoGrpc = None,
    format: Format = None,
    no_cache: NoCache = False,
    jobs: Jobs = 0,
    color: Color = "auto",
) -> None:
    """Build and try wheel, sdist, Go module and image."""
    with shell(), _refusing(format or [], color):
        from schemactl import packing, told

        request = packing.Request(
            directory, rev, config, version, _languages(lang or []), out, release, not no_verify, jobs, not no_cache,
            _given(protoc_gen_go, protoc_gen_go_grpc),
        )  # fmt: skip
        done = packing.run(request, complain)
        _report(format or [], color, *told.of_package(request, done))


def doctor(
    directory: Chdir = Path(),
    config: ConfigFile = None,
    protoc_gen_go: ProtocGenGo = None,
    protoc_gen_go_grpc: ProtocGenGoGrpc = None,
    format: Annotated[Literal["text", "json"], typer.Option("--format", help="A table, or a document.")] = "text",
    color: Color = "auto",
) -> None:
    """Say which tools are missing, and what mends it."""
    with shell():
        from schemactl import doctor as examined
        from schemactl.report import Style

        states = examined.states(directory, config, _given(protoc_gen_go, protoc_gen_go_grpc))
        style = Style(colored(color), width())
        printed(examined.json(states) if format == "json" else examined.text(states, style))
        if not examined.sound(states):
            raise typer.Exit(_NO)


def _languages(written: Sequence[str]) -> tuple[Language, ...]:
    from schemactl.product import LANGUAGES

    for each in written:
        if each not in LANGUAGES:
            raise UsageError(f"--lang: `{each}` is no language that code is generated in", "use python or go")
    return tuple(each for each in LANGUAGES if each in written)


def _given(go: Path | None, grpc: Path | None) -> Mapping[str, Path]:
    return {name: path for name, path in (("protoc-gen-go", go), ("protoc-gen-go-grpc", grpc)) if path is not None}


@contextmanager
def _refusing(formats: list[str], color: str) -> Iterator[None]:
    """Findings that keep anything from being made are a report like any other, and exit 1."""
    from schemactl.finding import ordered
    from schemactl.generate.refused import Refused

    _require_places(formats)
    try:
        yield
    except Rejected as rejected:
        from schemactl import __version__, report
        from schemactl.finding import Finding, fingerprint

        rule, message = "PACKAGE_REFUSED", rejected.message
        finding = Finding(
            rule, "error", "compile", message, help=rejected.hint, fingerprint=fingerprint(rule, None, message)
        )
        run = report.Run((finding,), 0, report.NOT_ASKED, report.NOT_ASKED, report.Versions(__version__))
        _report(formats, color, run)
        raise typer.Exit(_NO) from None
    except Refused as refused:
        from schemactl import __version__, report

        nothing, versions = report.NOT_ASKED, report.Versions(__version__)
        run = report.Run(ordered(refused.findings), refused.files, nothing, nothing, versions, sources=refused.sources)
        _report(formats, color, run)
        raise typer.Exit(_NO) from None


def _require_places(formats: list[str]) -> None:
    """A report that nobody can write is told before anything else is written."""
    from schemactl import report

    for _, file in report.parse(formats):
        if file and not file.parent.is_dir():
            raise UsageError(f"--format: `{file.parent}` is not a directory", "make it first, or name another file")


def _report(formats: list[str], color: str, run: Run, text: str | None = None) -> None:
    """The run in every format that is asked for; where it has a `text` of its own, people get that."""
    from schemactl import report
    from schemactl.documented import brief, known

    run = replace(run, rules=report.RuleDocs([each.rule for each in run.findings], lambda id: brief(known(id))))
    style = report.Style(colored(color), width())
    texts = []
    for name, file in report.parse(formats):
        own = text if name == "text" else None
        texts.append((file, own or report.FORMATS[name](run, report.Style() if file else style)))
    deliver(texts)

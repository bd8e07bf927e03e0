"""The commands that give away what was made: `publish` and `release`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from schemactl.artifactcli import Out, ProtocGenGo, ProtocGenGoGrpc, given
from schemactl.options import Chdir, Color, ConfigFile, Format, Jobs, NoCache
from schemactl.reporting import refusing, reported
from schemactl.shell import complain, shell, width

To = Annotated[
    list[str] | None,
    typer.Option(
        "--to",
        metavar="TARGET",
        help="dir:DIRECTORY, index:URL or git:URL; repeatable. Default: `publish` in schemactl.yaml.",
    ),
]


def publish(
    build: Annotated[Path, typer.Argument(metavar="DIR", help="What `schemactl package --release` wrote.")],
    to: To = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Verify the build and compare; publish nothing.")] = False,
    directory: Chdir = Path(),
    config: ConfigFile = None,
    format: Format = None,
    color: Color = "auto",
) -> None:
    """Publish a build to where its users install from."""
    with shell(), refusing(format or [], color, "PUBLISH_REFUSED"):
        from schemactl import publishing, releasetold

        request = publishing.Request(directory, build, tuple(to or ()), config, dry_run)
        reported(format or [], color, *releasetold.of_publish(request, publishing.run(request, complain)))


def release(
    execute: Annotated[
        bool, typer.Option("--execute", help="Do it: build, publish, write the changelog, tag, push the tags.")
    ] = False,
    allow_breaking: Annotated[
        bool, typer.Option("--allow-breaking", help="From 1.0 on, let a break raise the major version.")
    ] = False,
    to: To = None,
    made: Annotated[
        Path | None,
        typer.Option("--from", metavar="DIR", help="Take this build of the commit; verify it without --execute."),
    ] = None,
    out: Out = Path("dist"),
    directory: Chdir = Path(),
    protoc_gen_go: ProtocGenGo = None,
    protoc_gen_go_grpc: ProtocGenGoGrpc = None,
    format: Format = None,
    no_cache: NoCache = False,
    jobs: Jobs = 0,
    color: Color = "auto",
) -> None:
    """Say which versions are due, or release them."""
    with shell(), refusing(format or [], color, "RELEASE_REFUSED"):
        from schemactl import releasetold, releasing

        request = releasing.Request(
            directory, execute, allow_breaking, tuple(to or ()), made, out, jobs, not no_cache,
            given(protoc_gen_go, protoc_gen_go_grpc),
        )  # fmt: skip
        reported(format or [], color, *releasetold.of_release(request, releasing.run(request, complain), width()))

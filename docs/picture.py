"""Draws docs/report.svg: what `schemactl check` really prints, in a terminal of 80 columns, for a made-up change."""

from __future__ import annotations

import io
import os
import pty
import re
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from schemactl import tools

HERE = Path(__file__).parent
CHANGES = (
    (
        "acme/users/v1/user.proto",
        "  string family_name = 5;\n",
        "  reserved 5; // deprecated field [family_name]\n",
    ),
    ("acme/users/v1/user.proto", "  string event_uuid = 1;\n", "  string uuid = 1;\n"),
    ("acme/orders/v1/order.proto", '"acme.orders.lifecycle"', '"acme.ordres.lifecycle"'),
)


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        repository = Path(directory) / "proto-schemas"
        shutil.copytree(HERE.parent / "proto-schemas", repository)
        commit(repository)
        for name, old, new in CHANGES:
            file = repository / name
            text = file.read_text("utf-8")
            if old not in text:
                raise SystemExit(f"{name} no longer holds {old!r}: change CHANGES")
            file.write_text(text.replace(old, new), "utf-8")
        draw("schemactl check", printed(["schemactl", "check", "-C", str(repository)]), HERE / "report.svg")


def commit(repository: Path) -> None:
    identity = ("-c", "user.name=acme", "-c", "user.email=acme@example.com", "-c", "init.defaultBranch=main")
    for argv in (("init", "-q"), ("add", "."), ("commit", "-qm", "Schemas")):
        tools.run(["git", *identity, *argv], cwd=repository)


def printed(argv: list[str]) -> str:
    """What the command writes to a terminal of 80 columns."""
    seen = bytearray()

    def read(descriptor: int) -> bytes:
        data = os.read(descriptor, 4096)
        seen.extend(data)
        return b" "

    os.environ.update(COLUMNS="80", PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    pty.spawn(argv, read)
    return seen.decode("utf-8").replace("\r\n", "\n")


def draw(command: str, output: str, picture: Path) -> None:
    console = Console(record=True, width=80, file=io.StringIO(), force_terminal=True)
    console.print(Text(f"$ {command}", style="bold"))
    console.print(Text.from_ansi(output), end="")
    # Whoever looks at it has a monospaced font; fetching one from elsewhere is blocked where pictures are shown.
    drawn = re.sub(r"@font-face \{.*?\}\s*", "", console.export_svg(title=command), flags=re.DOTALL)
    picture.write_text(drawn, "utf-8")


if __name__ == "__main__":
    main()

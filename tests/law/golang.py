"""Go's decoders, asked over a pipe."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from law.model import File, Side

_SOURCE = Path(__file__).with_name("go")
_USUAL = "/usr/local/go/bin"


def compiler() -> str | None:
    return shutil.which("go") or shutil.which("go", path=_USUAL)


class Go:
    """Compiles the program and talks to it until it is closed."""

    def __init__(self, directory: Path) -> None:
        program = directory / "decode"
        subprocess.run([str(compiler()), "build", "-o", str(program), "."], cwd=_SOURCE, check=True)
        self._process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.refused: list[str] = []

    def read(self, side: Side, wires: Iterable[tuple[str, str, bytes]]) -> list[tuple[str, bytes]]:
        """(error, the message in binary) for each (encoding, readers, wire)."""
        files = [File.FromString(each) for each in side.schema.descriptors.values()]
        messages = [
            {"json": encoding == "json", "tolerant": readers == "tolerant", "wire": _encoded(wire)}
            for encoding, readers, wire in wires
        ]
        described = FileDescriptorSet(file=files).SerializeToString()
        task = {"set": _encoded(described), "root": side.schema.root, "messages": messages}
        return self._answers(task)

    def _answers(self, task: dict[str, Any]) -> list[tuple[str, bytes]]:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(task).encode() + b"\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if answer["refused"]:
            self.refused.append(answer["refused"])
            raise Refused(answer["refused"])
        return [(each["error"], base64.b64decode(each["wire"] or "")) for each in answer["answers"]]

    def close(self) -> None:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class Refused(Exception):
    """Go's library does not take the schema."""


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()

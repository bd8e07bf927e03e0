"""A worker process: takes tasks on standard input and answers with finished shards, as framed MessagePack."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import IO

import msgspec

from schemactl import lint, shard
from schemactl.errors import Failure


class Reply(msgspec.Struct, frozen=True):
    """A shard, or why there is none."""

    shard: shard.Shard | None = None
    error: str = ""
    hint: str = ""
    bug: str = ""


def send(stream: IO[bytes], value: object) -> None:
    frame = msgspec.msgpack.encode(value)
    stream.write(len(frame).to_bytes(4, "big") + frame)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """The next frame; None when the other side is done (or dead)."""
    length = stream.read(4)
    if len(length) < 4:
        return None
    frame = stream.read(int.from_bytes(length, "big"))
    return frame if len(frame) == int.from_bytes(length, "big") else None


def main() -> None:
    requests, replies = sys.stdin.buffer, sys.stdout.buffer
    plan = receive(requests)
    if plan is None:
        return
    sys.stdout = sys.stderr  # what a package's rule prints is no answer
    judge = cache(lambda: lint.judge(msgspec.msgpack.decode(plan, type=lint.Plan)))
    with suppress(Failure):  # told in answer to the first task
        judge()
    while (frame := receive(requests)) is not None:
        send(replies, _answer(msgspec.msgpack.decode(frame, type=shard.Task), judge))


def _answer(task: shard.Task, judge: Callable[[], lint.Judge]) -> Reply:
    try:
        return Reply(shard.work(task, judge()))
    except Failure as failure:
        return Reply(None, failure.message, failure.hint)
    except Exception:
        return Reply(None, bug=traceback.format_exc())

"""What becomes of looking at what was published: complaints, and patience where something shows up late."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from msgspec import Struct

from schemactl.publish.dist import File

WAITS = (1.0, 2.0, 4.0, 8.0, 15.0, 30.0)  # a network of caches shows what is new within a minute


class Complaint(Struct, frozen=True):
    """What a consumer does not get as it was published.

    `mismatch`: it gets something else; `late`: it gets nothing, and may yet.
    """

    path: str
    what: str
    mismatch: bool = False
    late: bool = False


def patiently(
    look: Callable[[Sequence[File]], list[Complaint]],
    files: Sequence[File],
    say: Callable[[str], None],
    waits: Sequence[float],
) -> list[Complaint]:
    """Complaints that stay, in the order of the files; who is late is looked at again, as a whole."""
    found = {each.path: each for each in look(files)}
    for number, wait in enumerate(waits):
        late = {_owner(file) for file in files if file.path in found and found[file.path].late}
        if not late or any(each.mismatch for each in found.values()):
            break
        if number == 0:
            say(f"waiting up to {sum(waits):.0f} s for {', '.join(f'`{each}`' for each in sorted(late))} to show up")
        time.sleep(wait)
        again = [file for file in files if _owner(file) in late]
        kept = {path: each for path, each in found.items() if path not in {file.path for file in again}}
        found = kept | {each.path: each for each in look(again)}
    return [found[file.path] for file in files if file.path in found]


def _owner(file: File) -> str:
    return file.distribution or file.module

"""SHA256SUMS: what `sha256sum -c` checks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from schemactl.package.archive import require_safe


def sums(files: Mapping[str, bytes]) -> bytes:
    require_safe(files)
    return "".join(
        f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items())
    ).encode()

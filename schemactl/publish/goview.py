"""A module proxy as Go sees it: modules, downloaded into a cache that has none, and the versions it is told of."""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from schemactl import gotoolchain
from schemactl.gotoolchain import Toolchain
from schemactl.publish.dist import File
from schemactl.publish.looking import Complaint
from schemactl.publish.secrets import redacted

# From the proxy alone, whatever its user has set: no other place, and no database that knows no private module.
_ALONE = {"GOPRIVATE": "", "GONOPROXY": "", "GONOSUMDB": "", "GOSUMDB": "off", "GOFLAGS": "-modcacherw -mod=mod"}
_ABSENT = re.compile(r"\b(?:404|410)\b|no such file or directory|not found|unknown revision")
_UNSEEN = re.compile(r"\b(?:401|403|5\d\d)\b|dial |lookup |timeout|connection|proxyconnect|TLS|x509|EOF|no space left")
_ADDRESS = re.compile(r"\S*(?:://|@)\S*")  # what it is called says nothing of what is wrong


class View(NamedTuple):
    proxy: str
    toolchain: Toolchain
    room: Path

    def look(self, files: Sequence[File]) -> list[Complaint]:
        asked = dict.fromkeys(f"{file.module}@{file.version}" for file in files)
        with tempfile.TemporaryDirectory(dir=self.room) as modules:
            got = self._told(("mod", "download", "-json", *asked), Path(modules))
            found = [self._file(file, got.get(_name(file), {})) for file in files]
            listed = self._told(("list", "-m", "-e", "-versions", "-json", *asked), Path(modules))
        complaints = [each for each in found if each]
        paths = {each.path for each in complaints}
        lists = [file for file in files if file.kind == "go-zip" and file.path not in paths]
        unlisted = [file for file in lists if file.version not in (listed.get(_name(file), {}).get("Versions") or ())]
        what = "the list of versions lacks it: `go get` takes an older one"
        return [*complaints, *(Complaint(file.path, what, late=True) for file in unlisted)]

    def _file(self, file: File, told: dict[str, Any]) -> Complaint | None:
        if error := told.get("Error", "" if told else "Go does not tell of it"):
            return _refused(file, error) if file.kind == "go-zip" else None
        if file.kind not in ("go-zip", "go-mod"):
            return None
        content = Path(told["Zip" if file.kind == "go-zip" else "GoMod"]).read_bytes()
        digest = hashlib.sha256(content).hexdigest()
        if digest == file.sha256:
            return None
        what = f"the checksum of what Go gets is {digest}; published was {file.sha256}"
        return Complaint(file.path, what, mismatch=True)

    def _told(self, argv: Sequence[str], modules: Path) -> dict[str, dict[str, Any]]:
        """What Go says of each module, by `module@version`."""
        (self.room / "go.mod").write_text("module schemactl.invalid/consumer\n")
        extra = {**_ALONE, "GOPROXY": self.proxy, "GOMODCACHE": str(modules)}
        done = gotoolchain.run(self.toolchain, argv, self.room, extra, ok=None, room=self.room)
        told = gotoolchain.documents(done.stdout)
        if done.code != 0 and not told:
            raise gotoolchain.failure(done, argv[0])
        return {f"{each.get('Path')}@{each.get('Version')}": each for each in told}


def _name(file: File) -> str:
    return f"{file.module}@{file.version}"


def _refused(file: File, error: str) -> Complaint:
    why = redacted(" ".join(error.split())).removeprefix(f"{_name(file)}: ")
    words = _ADDRESS.sub("", why)
    absent = bool(_ABSENT.search(words))
    return Complaint(file.path, f"Go cannot get it: {why}", not absent and not _UNSEEN.search(words), absent)

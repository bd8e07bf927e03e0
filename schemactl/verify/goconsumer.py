"""A Go module that uses another one, which comes from a module proxy on disk and is built nowhere else."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from schemactl import gotoolchain, tools
from schemactl.artifact import Artifact
from schemactl.errors import ToolError
from schemactl.generate import gomod
from schemactl.gotoolchain import Toolchain
from schemactl.package.archive import unzipped
from schemactl.package.gopath import escaped

_REQUIRED = re.compile(r"^(?:require )?[ \t]*([^\s/]+\.[^\s]*) (v\S+)", re.MULTILINE)
_AT = re.compile(r"([^\s:@]+)@(v[^\s:]+): (.*)")
_ABSENT = re.compile(r": (?:403|404|410) |unknown revision|invalid version|no such file or directory")
_LACKING = re.compile(r"(?:does not contain|cannot find module providing) package ([^\s:]+)")
_CURE = (
    "schemactl has it from `third_party` in schemactl.yaml, or knows it by itself: name the `package`, `module` and "
    "`version` there that the module proxy has"
)
_LINES = 5  # of what Go says
# No fault of the module.
_ENVIRONMENT = re.compile(rb"no space left|signal: killed|cannot allocate memory|too many open files")


@dataclass(frozen=True)
class Own:
    """The module to use, and the Go artifacts it is made of with those of others that were made beside it."""

    module: str
    version: str
    artifacts: Sequence[Artifact]

    @cached_property
    def versions(self) -> dict[str, str]:
        """By module, of all that were made."""
        return {_module(each): each.version for each in self._of("go-mod")}

    @cached_property
    def required(self) -> set[tuple[str, str]]:
        """Modules of others, each with the versions that are asked for."""
        found = {each for artifact in self._of("go-mod") for each in _required(artifact)}
        return {each for each in found if each[0] not in self.versions}

    @cached_property
    def imports(self) -> set[str]:
        """Packages of modules of others."""
        found = {each for artifact in self._of("go-zip") for names in _imports(artifact).values() for each in names}
        return {each for each in found if self._owner(each) not in self.versions}

    def unprovided(self) -> Iterator[str]:
        """Go would look for what provides these, and take what it finds, whatever that is then."""
        texts = [each for each in self._of("go-mod") if _module(each) == self.module]
        known = {self.module, *(module for each in texts for module, _ in _required(each))}
        whole = {path: names for each in self._of("go-zip") for path, names in _imports(each).items()}
        for path, names in sorted(whole.items()):
            mine, _, file = path.partition(f"{self.module}@{self.version}/")
            for name in sorted(names) if not mine and file else ():
                if self._owner(name) not in known:
                    yield f"`{file}` imports `{name}`, which no module has that go.mod requires"

    def _owner(self, package: str) -> str:
        """The module that it is in, which may stand below another; empty where nobody has it."""
        modules = {*self.versions, *(module for module, _ in self.required)}
        around = [each for each in modules if package == each or package.startswith(f"{each}/")]
        return max(around, key=len, default="")

    def _of(self, kind: str) -> list[Artifact]:
        return [each for each in self.artifacts if each.kind == kind]


class Consumer:
    """What is made of it stays below `top`, but for what the user's own Go would keep of modules of others.

    `modules`, where they are unpacked, may serve several of one run: none is made twice under one version.
    """

    def __init__(self, top: Path, toolchain: Toolchain, own: Own, modules: Path | None = None) -> None:
        self.root = top / "consumer"
        self.own = own
        self._toolchain = toolchain
        self._top = top
        self._proxy = top / "proxy"
        self._known = top / "known"
        self._modules = modules or top / "modules"
        for directory in (self.root, self._known, self._modules):
            directory.mkdir(exist_ok=True)

    def fetched(self) -> list[str]:
        """From the proxy alone: an earlier build of this version, in the user's own cache, would pass for this one."""
        self._publish()
        asked = [f"{module}@{version}" for module, version in sorted(self.own.versions.items())]
        done = self._go(self._known, ("mod", "download", "-json", *asked), GOPROXY=self._proxy.as_uri())
        if done.code == 0:
            return []
        told = [each for each in gotoolchain.documents(done.stdout) if each.get("Error")]
        if not told:
            raise gotoolchain.failure(done, "mod download")
        return [f"{each['Path']} {each['Version']} cannot be downloaded: {each['Error']}" for each in told]

    def begin(self, program: str) -> None:
        """Write the module that imports it; whatever others provide is in the user's cache then, and checked."""
        (self.root / "go.sum").write_bytes(self._sums())
        text = gomod.text("schemactl.invalid/consumer", {self.own.module: self.own.version})
        (self.root / "go.mod").write_bytes(text)
        (self.root / "main.go").write_text(program)

    def packages(self) -> list[dict[str, Any]]:
        """Those of the module that Go finds there; with all that they need, or go.mod would lack what that is in."""
        asked = ("list", "-e", "-deps", "-json=ImportPath,GoFiles,DepOnly,Module", ".", f"{self.own.module}/...")
        done = self.go(*asked)
        if done.code != 0:
            raise gotoolchain.failure(done, "list")
        found = [each for each in gotoolchain.documents(done.stdout) if not each.get("DepOnly")]
        return [each for each in found if each.get("Module", {}).get("Path") == self.own.module]

    def go(self, *args: str) -> tools.Result:
        """Without a network: what is not there yet was not asked for by go.mod."""
        cache = Path(gotoolchain.environment(self._toolchain, self._top)["GOMODCACHE"]) / "cache" / "download"
        return self._go(self.root, args, GOPROXY=f"{self._proxy.as_uri()},{cache.as_uri()},off")

    def relative(self, text: str) -> str:
        """What Go says of files, with their paths in the module."""
        kept = re.escape(f"{escaped(self.own.module)}@{escaped(self.own.version)}/")
        # A directory may have blanks in its name.
        text = text.replace(f"{self._modules}{os.sep}", "")
        return re.sub(rf"^(?:vet: )?[./].*?{kept}|\S*{kept}", "", text, flags=re.MULTILINE)

    def _go(self, cwd: Path, args: Sequence[str], **extra: str) -> tools.Result:
        alone = {"GOPRIVATE": "", "GONOPROXY": "", "GONOSUMDB": "", "GOSUMDB": "off", "GOMODCACHE": str(self._modules)}
        # The cache of builds is the user's: with -trimpath the same code is the same wherever it stands.
        flags = {"GOFLAGS": "-mod=mod -modcacherw -trimpath -buildvcs=false"}
        return gotoolchain.run(self._toolchain, args, cwd, {**alone, **flags, **extra}, ok=None, room=self._top)

    def _publish(self) -> None:
        for each in self.own.artifacts:
            path = self._proxy.joinpath(*each.filename.split("/")[1:])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(each.content)
            (path.parent / "list").write_text(f"{each.version}\n")

    def _sums(self) -> bytes:
        """Of all that others provide, checked as the user has it checked, and now in the user's cache."""
        # Of several versions Go takes the highest.
        lines = [f"require {module} {version}\n" for module, version in sorted(self.own.required)]
        (self._known / "go.mod").write_bytes(gomod.text("schemactl.invalid/known", {}) + "".join(lines).encode())
        imports = "".join(f"\t_ {json.dumps(each)}\n" for each in sorted(self.own.imports))
        (self._known / "main.go").write_text(f"package main\n\nimport (\n{imports})\n\nfunc main() {{}}\n")
        flags = {"GOFLAGS": "-mod=mod"}
        done = gotoolchain.run(self._toolchain, ("list", "-deps", "."), self._known, flags, ok=None, room=self._top)
        if done.code != 0:
            raise unfit(done, self.own.required)
        return (self._known / "go.sum").read_bytes()


def said(done: tools.Result, command: str, consumer: Consumer) -> list[str]:
    """What Go complains about, if it does."""
    if done.code == 0:
        return []
    if _ENVIRONMENT.search(done.stderr):
        raise gotoolchain.failure(done, command)
    lines = consumer.relative(done.stderr.decode("utf-8", "replace")).splitlines()
    told = [" ".join(line.split()) for line in lines if line.strip() and not line.startswith("#")]
    return [f"`go {command}`: {line}" for line in told[:_LINES] or [f"exit code {done.code}"]]


def unfit(done: tools.Result, required: Collection[tuple[str, str]]) -> ToolError:
    """Why go.mod cannot have what it asks for: a version or a package that is not there is no fault of Go."""
    for line in gotoolchain.said(done.stderr):
        found = _AT.search(line)
        if found and (found[1], found[2]) in required and _ABSENT.search(found[3]):
            return ToolError(f"Go cannot get `{found[1]}` {found[2]}: {found[3]}", _CURE)
        if lacking := _LACKING.search(line):
            return ToolError(f"there is no Go package `{lacking[1]}`: {line}", _CURE)
    return gotoolchain.failure(done, "list")


def _module(artifact: Artifact) -> str:
    return artifact.content.decode().partition("module ")[2].split()[0]


def _required(artifact: Artifact) -> list[tuple[str, str]]:
    return [(found[1], found[2]) for found in _REQUIRED.finditer(artifact.content.decode())]


def _imports(artifact: Artifact) -> dict[str, list[str]]:
    """By file, without what comes with Go."""
    return {
        path: [name for name in gomod.imports(content) if "." in name.partition("/")[0]]
        for path, content in unzipped(artifact.content).items()
        if path.endswith(".go")
    }

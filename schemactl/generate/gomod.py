"""The go.mod of a generated module: what its code imports, at the lowest versions that it works with."""

from __future__ import annotations

import re
from collections.abc import Mapping

from schemactl.errors import ConfigError
from schemactl.generate.bare import Bare
from schemactl.goplugins import GO, VERSIONS
from schemactl.product import Plan, Product

PROTOBUF, GRPC = "google.golang.org/protobuf", "google.golang.org/grpc"
# Of the runtimes that code of these plugins works with: protoc-gen-go asks for no older one than itself, and what
# protoc-gen-go-grpc v1.6.2 writes needs `grpc.StaticMethod` and `SupportPackageIsVersion9`.
FLOORS: Mapping[str, str] = {PROTOBUF: VERSIONS[GO], GRPC: "v1.64.0"}
LANGUAGE = "1.23"  # what protobuf v1.36.11 asks for
_BLOCK = re.compile(rb"^import \((.*?)^\)", re.MULTILINE | re.DOTALL)
_IMPORT = re.compile(rb'^\t[\w.]+ "([^"\n]+)"$', re.MULTILINE)
_VERSION = re.compile(r"v(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?(?:\+incompatible)?")
_PATH = re.compile(r"[A-Za-z0-9_.~/-]+")


def requirements(plan: Plan, product: Product, bare: Bare, files: Mapping[str, bytes]) -> dict[str, str]:
    """Versions by module, of what the generated files import; other products of the plan are not among them."""
    imported = {path for content in files.values() for path in imports(content)}
    found: dict[str, str] = {PROTOBUF: FLOORS[PROTOBUF]}
    if any(path == GRPC or path.startswith(f"{GRPC}/") for path in imported):
        found[GRPC] = FLOORS[GRPC]
    for file in bare.descriptors.keys() & plan.providers.keys():
        provider = plan.providers[file]
        if provider.go_import in imported and provider.go_module:
            version = provider.go_version or found.get(provider.go_module, "")
            _checked(provider.go_module, version, file)
            found[provider.go_module] = max(found.get(provider.go_module, version), version, key=_order)
    return dict(sorted(found.items()))


def imports(code: bytes) -> set[str]:
    """The import paths of a generated Go file."""
    block = _BLOCK.search(code)
    return {path.decode() for path in _IMPORT.findall(block[1])} if block else set()


def text(module: str, requirements: Mapping[str, str]) -> bytes:
    lines = [f"module {module}", "", f"go {LANGUAGE}"]
    if requirements:
        lines += ["", "require (", *(f"\t{name} {version}" for name, version in sorted(requirements.items())), ")"]
    return "".join(f"{line}\n" for line in lines).encode()


def _checked(module: str, version: str, file: str) -> None:
    if not _PATH.fullmatch(module) or not _VERSION.fullmatch(version):
        raise ConfigError(
            f"`{module}` at version `{version}`, for `{file}`, is not a Go module",
            "write its `module:` and `version:` below `third_party: … go:` in schemactl.yaml, like `v1.2.3`",
        )


def _order(version: str) -> tuple[list[int], bool, str]:
    """As Go orders versions, for all that differ by more than a pre-release of a pre-release."""
    found = _VERSION.fullmatch(version)
    assert found
    return [int(each) for each in found.groups()[:3]], found[4] is None, found[4] or ""

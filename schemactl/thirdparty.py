"""Who provides the generated code of files that are somebody else's: what is configured, and what everybody has."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Mapping

from schemactl import wellknown
from schemactl.packagessection import ThirdPartySection
from schemactl.product import Provider
from schemactl.repopath import contains, lineage

Configured = Mapping[str, ThirdPartySection]

RUNTIME = "google/protobuf"

# The newest that need no Go above 1.23, seen to build together. Below the split of genproto into modules, Go finds its
# packages twice.
_GENPROTO = "v0.0.0-20250528174236-200df99c418a"
_MODULES: Mapping[str, str] = {
    "google.golang.org/protobuf": "v1.36.11",
    "google.golang.org/genproto/googleapis/api": _GENPROTO,
    "google.golang.org/genproto/googleapis/rpc": _GENPROTO,
    "google.golang.org/genproto": _GENPROTO,
    "cloud.google.com/go/longrunning": "v0.6.7",
    "cloud.google.com/go/iam": "v1.5.2",
    "go.opentelemetry.io/proto/otlp": "v1.9.0",
    "github.com/grpc-ecosystem/grpc-gateway/v2": "v2.26.3",
}

_COMMON = "googleapis-common-protos>=1.66,<2"
# Newer than the rest, or registered under another path by releases between that floor and this one.
_NEWER = dict.fromkeys(
    ("google/cloud/common_resources.proto", "google/gapic/metadata/gapic_metadata.proto"),
    "googleapis-common-protos>=1.72,<2",
)
_IAM = "grpc-google-iam-v1>=0.14.2,<1"
_OTLP, _PROFILES = "opentelemetry-proto>=1.30,<2", "opentelemetry-proto>=1.35,<2"
_OPENAPI = "protoc-gen-openapiv2>=0.0.1,<1"
# protobuf's distributions have them in no language, or not in this one.
NOT_IN_PYTHON = frozenset(f"google/protobuf/{name}_features.proto" for name in ("cpp", "go", "java"))

# The requirement and the Go package of each directory; of what is in none that a distribution has, neither.
_OTLP_GO = "go.opentelemetry.io/proto/otlp"
_OPENAPI_GO = "github.com/grpc-ecosystem/grpc-gateway/v2/protoc-gen-openapiv2/options"
_SIGNALS = ("collector/logs", "collector/metrics", "collector/trace", "common", "logs", "metrics", "resource", "trace")
_DIRECTORIES: Mapping[str, tuple[str, str]] = {
    "protoc-gen-openapiv2/options": (_OPENAPI, _OPENAPI_GO),
    "opentelemetry/proto/profiles/v1development": (_PROFILES, ""),
    "opentelemetry/proto/collector/profiles/v1development": (_PROFILES, ""),
    **{f"opentelemetry/proto/{signal}/v1": (_OTLP, f"{_OTLP_GO}/{signal}/v1") for signal in _SIGNALS},
}
_IAM_FILES: Mapping[str, str] = {
    **{
        f"google/iam/v1/{name}.proto": "cloud.google.com/go/iam/apiv1/iampb"
        for name in ("iam_policy", "options", "policy", "resource_policy_member")
    },
    # The package that the file names was never published.
    "google/iam/v1/logging/audit_data.proto": "google.golang.org/genproto/googleapis/iam/v1/logging",
}
# Of one owner each, whatever else stands beside them in `google`.
_OWNED = (
    "google/protobuf",
    "google/api",
    "google/rpc",
    "google/type",
    "google/longrunning",
    "google/logging/type",
    "google/gapic",
    "google/cloud/location",
    "google/iam/v1",
    "opentelemetry/proto",
    "protoc-gen-openapiv2/options",
)
# Files that are often copied into a repository, of which no distribution is known.
_OTHERS: Mapping[str, str] = {
    "buf/validate": "protovalidate",
    "validate/validate.proto": "protoc-gen-validate",
    "gogoproto": "gogo/protobuf",
    "github.com/gogo/protobuf": "gogo/protobuf",
    "envoy": "Envoy",
    "udpa": "cncf/xds",
    "xds": "cncf/xds",
    "cncf": "the CNCF",
    "k8s.io": "Kubernetes",
    "google": "googleapis",
    "grafeas": "googleapis",
    "cel/expr": "CEL",
    "opencensus/proto": "OpenCensus",
    "io/prometheus/client": "Prometheus",
    "protoc-gen-swagger/options": "grpc-gateway",
}
_GO_PACKAGE = re.compile(rb'^option\s+go_package\s*=\s*"([^";]+)', re.MULTILINE)


def by_path(sections: Iterable[ThirdPartySection]) -> Configured:
    """What is configured, by the path that it is about."""
    return {path.rstrip("/"): section for section in sections for path in section.paths}


def provider(file: str, configured: Configured) -> Provider | None:
    """None for a file that nobody is known to provide; the longest path that is configured wins."""
    path = _path(file, configured)
    if path is None:
        return _built_in(file)
    section = configured[path]
    requirement, go = section.python or "", section.go
    if go is None:
        return Provider(requirement)
    below = posixpath.dirname(file).removeprefix(path).strip("/") if path != file else ""
    return Provider(requirement, f"{go.package}/{below}".rstrip("/"), go.module, go.version)


def territory(file: str, configured: Configured) -> str:
    """The directory that belongs to whoever provides the file, or the file itself where it stands among others."""
    path = _path(file, configured)
    return path or next((each for each in (*_OWNED, *_OTHERS) if contains(each, file)), file)


def stranger(file: str) -> str:
    """Whose file that is by its path, if nobody is known to distribute it; nothing for anybody else's."""
    return next((whose for path, whose in _OTHERS.items() if contains(path, file)), "")


def is_shared(directory: str) -> bool:
    """Whether files that are known stand in or below the directory, beside those that are not."""
    around = any(contains(each, directory) for each in _OWNED) and directory not in _DIRECTORIES
    return around or any(contains(directory, each) for each in (*_OWNED, *_DIRECTORIES) if each != directory)


def _path(file: str, configured: Configured) -> str | None:
    return next((each for each in lineage(file) if each in configured), None)


def _built_in(file: str) -> Provider | None:
    directory = posixpath.dirname(file)
    if file in _IAM_FILES:
        return _provider(_IAM, _IAM_FILES[file])
    if directory in _DIRECTORIES:
        return _provider(*_DIRECTORIES[directory])
    if contains("opentelemetry/proto", file):
        return Provider()
    if not contains("google", file) or (text := wellknown.provide(file)) is None:
        return None
    found = _GO_PACKAGE.search(text)
    go = found[1].decode() if found else ""
    if contains(RUNTIME, file):
        return _provider("" if file in NOT_IN_PYTHON else "protobuf", go)
    return _provider(_NEWER.get(file, _COMMON), go)


def _provider(requirement: str, package: str) -> Provider:
    """The module is the longest that holds the package; a package of no module that is known is nobody's."""
    module = max((each for each in _MODULES if contains(each, package)), key=len, default="")
    return Provider(requirement, package, module, _MODULES[module]) if module else Provider(requirement)

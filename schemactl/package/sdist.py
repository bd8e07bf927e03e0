"""The sdist: the same modules as source, and what a build backend needs to make the same wheel of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemactl.artifact import Artifact
from schemactl.package.archive import tarred
from schemactl.package.metadata import Metadata, checked, core, normalised, readme
from schemactl.package.wheel import require_installable

_SOURCES = "src"  # below it, no module can be taken for a file of the build


def sdist(metadata: Metadata, files: Mapping[str, bytes], *, product: str = "") -> Artifact:
    """`files` by where they are installed; `product` is the distribution where nothing is said."""
    require_installable(files)
    top = f"{normalised(metadata.name)}-{metadata.version}"
    whole = {f"{top}/{_SOURCES}/{name}": content for name, content in files.items()}
    whole |= {f"{top}/{name}": text for name, text in metadata.licenses.items()}
    whole |= {f"{top}/PKG-INFO": core(metadata), f"{top}/pyproject.toml": pyproject(metadata)}
    return Artifact("sdist", product or metadata.name, metadata.version, f"python/{top}.tar.gz", tarred(whole))


def pyproject(metadata: Metadata) -> bytes:
    import tomli_w

    whole = {
        "build-system": {"requires": ["hatchling>=1.27"], "build-backend": "hatchling.build"},
        "project": _project(checked(metadata)),
        "tool": {"hatch": {"build": _build()}},
    }
    return tomli_w.dumps(whole).encode()


def _project(metadata: Metadata) -> Mapping[str, Any]:
    project: dict[str, Any] = {
        "name": metadata.name,
        "version": metadata.version,
        "description": metadata.summary,
        "readme": readme(metadata),
        "license": metadata.license,
        "license-files": list(metadata.licenses),
        "requires-python": metadata.requires_python,
        "dependencies": list(metadata.requires),
        "optional-dependencies": {name: list(each) for name, each in metadata.extras.items()},
    }
    return {key: value for key, value in project.items() if value}


def _build() -> Mapping[str, Any]:
    """A `.gitignore` above, which often names generated code, must not decide what is in the wheel."""
    targets = {
        "sdist": {"only-include": [_SOURCES]},
        "wheel": {"only-include": [_SOURCES], "sources": [_SOURCES]},
    }
    return {"ignore-vcs": True, "targets": targets}

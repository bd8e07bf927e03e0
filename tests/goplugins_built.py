"""The real plugins for Go, built once for all tests; without Go or a module proxy these tests are skipped, aloud."""

from __future__ import annotations

from pathlib import Path

import pytest

from schemactl import goplugins, gotoolchain
from schemactl.errors import ToolError
from schemactl.goplugins import Plugins
from schemactl.gotoolchain import Toolchain


@pytest.fixture(scope="session")
def toolchain() -> Toolchain:
    found = gotoolchain.find()
    if found is None or not gotoolchain.is_enough(found):
        pytest.skip(f"no Go 1.25 or newer here: {gotoolchain.HINT}")
    return found


@pytest.fixture(scope="session")
def plugins_cache(toolchain: Toolchain, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache directory that holds the plugins."""
    directory = tmp_path_factory.mktemp("plugins")
    try:
        goplugins.plugins({}, grpc=True, directory=directory)
    except ToolError as error:
        if "GOPROXY" not in error.hint:
            raise
        pytest.skip(f"no module proxy can be reached: {error.message}")
    return directory


@pytest.fixture(scope="session")
def plugins(plugins_cache: Path) -> Plugins:
    return goplugins.plugins({}, grpc=True, directory=plugins_cache)

"""What tests share: options of the test run, and the corpora."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the expected reports of tests/cases anew")


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update"))


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test finds what another one, or the user, left behind."""
    monkeypatch.setenv("SCHEMACTL_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The directory with clones of real repositories; tests that need it are skipped, and say so, without it."""
    directory = os.environ.get("SCHEMACTL_CORPORA")
    if not directory:
        pytest.skip("SCHEMACTL_CORPORA names no directory with clones of the corpora")
    return Path(directory)

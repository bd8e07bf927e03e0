"""What tests share: options of the test run, and the corpora."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# How fast a machine is, and what else it does meanwhile, is no matter of these tests.
settings.register_profile("any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any machine")


def pytest_configure() -> None:
    # What a shell starts in the background is deaf to Ctrl-C, and so is everything that it starts.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update", action="store_true", help="write the expected reports of tests/cases anew")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if os.name == "nt" and item.get_closest_marker("posix"):
        pytest.skip("needs what Windows lacks: POSIX signals, modes, links or shells")


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

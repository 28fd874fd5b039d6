"""What every test shares: no cache, so that no test is fed by another one's text; tests of the cache turn it on."""

from __future__ import annotations

import gc
from pathlib import Path

import hypothesis
import pytest

SLOW = Path(__file__).with_name("slow.txt")

# Time on a busy machine says nothing about the code.
hypothesis.settings.register_profile("srcad", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], print_blob=True)
hypothesis.settings.load_profile("srcad")


def pytest_addoption(parser):
    parser.addoption("--quick", action="store_true", help="without the tests of tests/slow.txt")


def pytest_collection_modifyitems(config, items):
    """Leave out the tests that take most of the time, as `make test` does; `make test-all` runs them."""
    if config.getoption("--quick"):
        slow = frozenset(SLOW.read_text(encoding="utf-8").splitlines())
        config.hook.pytest_deselected(items=[i for i in items if i.nodeid in slow])
        items[:] = [i for i in items if i.nodeid not in slow]


def pytest_collection_finish():
    """Tests and tables are there to stay, and what compilers make lives long: looking for cycles in it takes some percent of the time."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(autouse=True, scope="session")
def _fresh_cache(tmp_path_factory):
    """Off, also in the processes that tests start; where it is turned on, its folder is new per run and worker."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)  # a hundred processes would compile all of srcad, each for itself
        patch.setenv("SRCAD_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("SRCAD_CACHE", "0")
        yield

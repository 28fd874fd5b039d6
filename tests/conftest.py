"""What every test shares: a cache folder of its own, so that no test is fed by another one's text."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="session")
def _fresh_cache(tmp_path_factory):
    """A new cache folder per run and worker; inherited by the processes that tests start."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SRCAD_CACHE_DIR", str(tmp_path_factory.mktemp("cache")))
        patch.delenv("SRCAD_CACHE", raising=False)
        yield

"""Counts of rate limits live in the cache: each test starts with none."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def _no_counts(db: None) -> None:
    cache.clear()

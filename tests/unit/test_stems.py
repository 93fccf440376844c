"""Stems are the same whoever asks at the same time."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from storage.search.stems import english_stem, snowball_stem

THREADS = 8
WORDS = ["upphandlingarna", "om", "kommunernas", "äldreomsorgens", "is", "it-säkerheten", "kartan"]


@pytest.fixture
def hasty_threads() -> Iterator[None]:
    """Threads that take turns as often as the interpreter lets them."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty_threads")
@pytest.mark.parametrize("stem", [snowball_stem, english_stem])
def test_threads_do_not_disturb_each_other(stem: Callable[[str], str]) -> None:
    """A page's search, another's and the indexing stem at once; each gets what it would alone."""
    alone = [stem(word) for word in WORDS]

    def stems_at(start: int) -> bool:
        turned = WORDS[start:] + WORDS[:start]
        expected = alone[start:] + alone[:start]
        return all([stem(word) for word in turned] == expected for _ in range(200))

    with ThreadPoolExecutor(THREADS) as threads:
        assert all(threads.map(stems_at, [number % len(WORDS) for number in range(THREADS)]))

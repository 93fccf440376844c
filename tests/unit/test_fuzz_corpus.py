"""Every reader of bytes from outside gives a documented error or none, whatever it is given."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.one import changed
from fuzz.readers import TARGETS
from fuzz.seeds import seeds

SEEDS_MAX = 150
EXAMPLES = {"session": 15, "markdown": 30, "publiccode": 30}


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_ends_in_documented_errors(name: str) -> None:
    """Vectors, samples and what fuzzing found before (`make fuzz`)."""
    for data in seeds(name)[:SEEDS_MAX]:
        TARGETS[name].execute(data)


@pytest.mark.parametrize("name", TARGETS)
def test_changed_bytes_end_in_documented_errors(name: str) -> None:
    """The same with changes that Hypothesis chooses, and makes smaller when one matters."""
    given_first = seeds(name) or [b""]

    @settings(max_examples=EXAMPLES.get(name, 100), suppress_health_check=[HealthCheck.too_slow])
    @given(st.one_of(st.binary(max_size=300), st.integers(0, 2**32).map(random.Random)))
    def check(source: bytes | random.Random) -> None:
        if isinstance(source, random.Random):
            source = changed(source.choice(given_first), given_first, source)
        TARGETS[name].execute(source)

    check()

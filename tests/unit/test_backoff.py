"""The schedule by which a neighbour is dialled again."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node.sync.backoff import DELAY_MS_MAX, FIRST_DELAY_MS, Backoff

UNIFORM = st.floats(min_value=0, max_value=1, exclude_max=True)


@given(UNIFORM)
def test_first_retry_comes_after_about_a_second(uniform: float) -> None:
    """A neighbour that restarts is dialled again within 0.75 to 1.25 seconds."""
    delay_ms = Backoff().next_delay_ms(uniform)

    assert 0.75 * FIRST_DELAY_MS <= delay_ms <= 1.25 * FIRST_DELAY_MS


@given(st.lists(UNIFORM, min_size=2, max_size=60))
def test_waits_double_until_half_a_minute(chances: list[float]) -> None:
    """Each wait is about twice the one before and none is longer than half a minute."""
    backoff = Backoff()

    for failure, uniform in enumerate(chances):
        delay_ms = backoff.next_delay_ms(uniform)
        expected_ms = min(FIRST_DELAY_MS * 2**failure, DELAY_MS_MAX)
        assert 0.74 * expected_ms <= delay_ms <= min(1.26 * expected_ms, DELAY_MS_MAX)


@given(st.integers(min_value=0, max_value=60))
def test_success_starts_the_count_anew(failures: int) -> None:
    """However long a neighbour was away, one working session makes the next retry quick."""
    backoff = Backoff()
    for _ in range(failures):
        backoff.next_delay_ms(0.5)

    backoff.succeeded()

    assert backoff.next_delay_ms(0.5) == FIRST_DELAY_MS

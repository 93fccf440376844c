"""What messages of one neighbour may cost: bounded over time, and filled again by rest."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node.sync.fair_share import SHARE, STORE_SECONDS, WAIT_SECONDS_MAX, FairShare

FORGIVEN_SECONDS = SHARE * WAIT_SECONDS_MAX
costs = st.lists(st.floats(0, FORGIVEN_SECONDS), min_size=1, max_size=80)


@given(costs, st.integers(0, 10**9))
def test_who_waits_as_told_takes_no_more_than_its_share(costs: list[float], now_ms: int) -> None:
    """From the first message on, however much comes at once, the store and the share are all."""
    share, began_ms, taken = FairShare(), now_ms, 0.0
    for cost in costs:
        wait_seconds = share.take(cost, now_ms)
        taken += cost
        now_ms += int(wait_seconds * 1_000) + 1
        allowed = STORE_SECONDS + (now_ms - began_ms) / 1_000 * SHARE

        assert taken <= allowed + 1e-6


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(0, 10**9))
def test_no_wait_is_longer_than_the_longest(costs: list[float], now_ms: int) -> None:
    """However costly messages are, the next one is read before the connection is given up."""
    share = FairShare()
    waits = [share.take(cost, now_ms) for cost in costs]

    assert max(waits) <= WAIT_SECONDS_MAX + 1e-6


def test_rest_fills_the_store_once() -> None:
    """After a long silence a neighbour may take what it could at first, and not more."""
    rested, new = FairShare(), FairShare()
    rested.take(STORE_SECONDS, 0)
    rested.take(0, 10**9)
    new.take(0, 10**9)
    beyond = STORE_SECONDS + SHARE

    assert rested.take(beyond, 10**9) == new.take(beyond, 10**9) > 0

"""How long a node may be off and still be taken for itself."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from node.ground.last_run import OFF_SECONDS_MAX, is_long


@given(st.integers(0, OFF_SECONDS_MAX * 1000))
def test_a_restart_is_not_long(off_ms: int) -> None:
    """Up to the bound a node is itself."""
    assert not is_long(off_ms)


@given(st.one_of(st.integers(max_value=-1), st.integers(OFF_SECONDS_MAX * 1000 + 1)))
def test_a_longer_time_may_hide_a_copy(off_ms: int) -> None:
    """So may a clock that was put back: from then on nobody knows how much time went by."""
    assert is_long(off_ms)

"""How often one may guess: bounded for each account and address, in bounded memory."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.guessing import OF_ACCOUNT, OF_ADDRESS, Allowance, Guesses, Guessing, network_of

ALLOWANCE = Allowance(guesses=4, refill_ms=100)
steps = st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 300)), max_size=80)


@given(steps)
def test_no_stretch_of_time_holds_more_than_the_allowance(steps: list[tuple[str, int]]) -> None:
    """Between any two guesses of one key, at most the store and what came back were taken."""
    guesses, now_ms = Guesses(ALLOWANCE), 0
    taken: dict[str, list[int]] = {key: [] for key in "abc"}
    for key, pause_ms in steps:
        now_ms += pause_ms
        if guesses.wait_ms(key, now_ms) == 0:
            guesses.take(key, now_ms)
            taken[key].append(now_ms)

    for times in taken.values():
        for first, begun_ms in enumerate(times):
            for last in range(first, len(times)):
                refilled = (times[last] - begun_ms) // ALLOWANCE.refill_ms
                assert last - first + 1 <= ALLOWANCE.guesses + refilled


@given(steps, st.sampled_from("abc"))
def test_waiting_as_long_as_told_is_enough(steps: list[tuple[str, int]], key: str) -> None:
    """The wait that is told is true, and one millisecond less is too short."""
    guesses, now_ms = Guesses(ALLOWANCE), 0
    for step, pause_ms in steps:
        now_ms += pause_ms
        guesses.take(step, now_ms)
    wait_ms = guesses.wait_ms(key, now_ms)

    assert guesses.wait_ms(key, now_ms + wait_ms) == 0
    assert wait_ms == 0 or guesses.wait_ms(key, now_ms + wait_ms - 1) > 0


@given(st.lists(st.text(max_size=5), max_size=60), st.integers(1, 20))
def test_memory_is_bounded_whatever_is_tried(keys: list[str], keys_max: int) -> None:
    """However many names are tried, no more than so many are remembered."""
    guesses = Guesses(ALLOWANCE, keys_max)
    for key in keys:
        guesses.take(key, 0)
        assert len(guesses) <= keys_max


@given(st.integers(0, 50))
def test_right_guesses_cost_nothing(times: int) -> None:
    """Who knows the password can sign in as often as needed, and wrong ones still count."""
    guessing = Guessing()
    for _ in range(times):
        assert guessing.take("anna", "192.0.2.1", 0) == 0
        guessing.right("anna", "192.0.2.1")
    for _ in range(OF_ACCOUNT.guesses):
        assert guessing.take("anna", "192.0.2.1", 0) == 0

    assert guessing.take("anna", "192.0.2.1", 0) > 0


def test_an_account_is_guarded_from_many_addresses() -> None:
    """Guessing at one account from everywhere ends; other accounts are as before."""
    guessing = Guessing()
    outcomes = Counter(guessing.take("anna", f"192.0.2.{n}", 0) == 0 for n in range(200))

    assert outcomes[True] == OF_ACCOUNT.guesses
    assert guessing.take("bo", "198.51.100.1", 0) == 0


def test_an_address_is_stopped_at_many_accounts() -> None:
    """Trying one password on all accounts from one place ends; other places are as before."""
    guessing = Guessing()
    outcomes = Counter(guessing.take(f"user{n}", "192.0.2.1", 0) == 0 for n in range(200))

    assert outcomes[True] == OF_ADDRESS.guesses
    assert guessing.take("anna", "192.0.2.2", 0) == 0


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth1", True),
        ("no address", "no address", True),
    ],
)
def test_who_counts_as_one_address(one: str, other: str, same: bool) -> None:
    """A household's whole IPv6 network is one, and one address in two spellings is one."""
    assert (network_of(one) == network_of(other)) is same

"""A recovery key survives paper: grouping, case and spaces do not matter, a slip is caught."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.errors import ArgumentError
from node.process.recovery_key import (
    RecoveryKey,
    code_text,
    read_recovery_key,
    write_recovery_key,
)

SEEDS = st.binary(min_size=32, max_size=32)


@given(SEEDS)
def test_round_trip(seed: bytes) -> None:
    """What is written is read back, in any case and spacing."""
    text = write_recovery_key(seed)

    assert read_recovery_key(text).seed == seed
    assert read_recovery_key(text.upper().replace(" ", "-").replace("\n", "")).seed == seed


@given(SEEDS, st.integers(0, 31))
def test_slips_are_caught(seed: bytes, place: int) -> None:
    """A changed or missing character never gives back another key without a word."""
    text = write_recovery_key(seed).replace(" ", "").replace("\n", "")
    changed = text[:place] + format(int(text[place], 16) ^ 1, "x") + text[place + 1 :]

    for wrong in (changed, text[1:], text + "0", "g" + text[1:], ""):
        try:
            read = read_recovery_key(wrong)
        except ArgumentError:
            continue
        pytest.fail(f"{wrong} was read as {read.seed.hex()}")


@given(SEEDS, SEEDS)
def test_the_code_says_the_same(seed: bytes, log: bytes) -> None:
    """What a reader types from the QR code is the key, and names the log it belongs to."""
    assert read_recovery_key(code_text(seed, log) + "\n") == RecoveryKey(seed, log)


def test_letters_that_no_key_has_are_read_as_the_digits_they_look_like() -> None:
    """Somebody who types a small L for a one, or an O for a nought, is understood."""
    seed = bytes.fromhex("10" * 32)
    text = write_recovery_key(seed)

    assert read_recovery_key(text.replace("0", "O").replace("1", "l")).seed == seed

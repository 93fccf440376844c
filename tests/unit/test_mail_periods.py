"""When letters are due, by Swedish time, and which addresses are none."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.following.periods import SWEDEN, Frequency, last_end_ms, next_try_ms
from node.mail_address import read_address

WEEK_MS = 7 * 24 * 60 * 60 * 1000
HOUR_MS = 60 * 60 * 1000


def at(text: str) -> int:
    """Milliseconds of a Swedish local time."""
    return int(datetime.fromisoformat(text).replace(tzinfo=SWEDEN).timestamp() * 1000)


@pytest.mark.parametrize(
    ("now", "day", "week"),
    [
        ("2026-11-24T06:59:59", "2026-11-23T07:00", "2026-11-23T07:00"),
        ("2026-11-24T07:00:00", "2026-11-24T07:00", "2026-11-23T07:00"),
        ("2026-11-23T06:59:59", "2026-11-22T07:00", "2026-11-16T07:00"),
        ("2026-11-23T07:00:00", "2026-11-23T07:00", "2026-11-23T07:00"),
        ("2027-01-01T12:00:00", "2027-01-01T07:00", "2026-12-28T07:00"),
        ("2026-03-29T12:00:00", "2026-03-29T07:00", "2026-03-23T07:00"),
        ("2026-10-25T06:30:00", "2026-10-24T07:00", "2026-10-19T07:00"),
    ],
)
def test_periods_end_at_seven(now: str, day: str, week: str) -> None:
    """Each morning, or Monday morning, also when the clocks change and over the new year."""
    assert last_end_ms(Frequency.DAILY, at(now)) == at(day)
    assert last_end_ms(Frequency.WEEKLY, at(now)) == at(week)


@given(st.integers(min_value=0, max_value=4_000_000_000_000), st.sampled_from(Frequency))
def test_a_period_has_ended_and_the_next_one_follows(now_ms: int, frequency: Frequency) -> None:
    """At any time the last end is past, less than a period and a clock change ago."""
    end_ms = last_end_ms(frequency, now_ms)
    length_ms = WEEK_MS if frequency is Frequency.WEEKLY else WEEK_MS // 7

    assert 0 <= now_ms - end_ms < length_ms + HOUR_MS
    assert last_end_ms(frequency, end_ms) == end_ms


def test_retries_end() -> None:
    """Four more times, later each time, and then no more."""
    times = [next_try_ms(attempts, 0) for attempts in range(1, 6)]

    assert times[-1] is None
    assert times[:-1] == sorted(time for time in times if time is not None)


@pytest.mark.parametrize("text", ["anna.berg@hjo.se", " a@b.cd ", "it+tidan@skara.kommun.se"])
def test_addresses_are_taken(text: str) -> None:
    """Ordinary addresses, trimmed."""
    assert read_address(text) == text.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "anna",
        "anna@hjo",
        "a b@hjo.se",
        "a@hjo.se\r\nBcc: b@hjo.se",
        "a@hjo.se,b@hjo.se",
        "<a@hjo.se>",
        '"a"@hjo.se',
        ".a@hjo.se",
        "a..b@hjo.se",
        "a@-hjo.se",
        "å@hjo.se",
        "a@" + "x" * 250 + ".se",
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    """Nothing that could name two recipients or another header."""
    with pytest.raises(ValueError, match="mail address"):
        read_address(text)

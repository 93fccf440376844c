"""The order of what was found: the text decides, the rest decides between equals."""

from __future__ import annotations

import math
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from storage.search.ranking import FRESH_SHARE, NEAR_SHARE, USE_SHARE, Candidate, rank

NOW_MS = 1_780_000_000_000
YEAR_MS = 31_556_952_000
CANDIDATES = st.builds(
    Candidate,
    record=st.binary(min_size=1, max_size=4),
    text_score=st.floats(0, 1_000),
    uses=st.integers(0, 290),
    published_ms=st.integers(0, 2**53 - 1),
    is_near=st.booleans(),
)


def candidate(record: bytes = b"a", score: float = 1.0, **changes: object) -> Candidate:
    """A record as others are, but for what is said."""
    fields = {"uses": 0, "published_ms": NOW_MS - 20 * YEAR_MS, "is_near": False} | changes
    return Candidate(record, score, **fields)  # type: ignore[arg-type]


def order(*candidates: Candidate) -> list[bytes]:
    """The records in the order in which they are shown."""
    return [ranked.record for ranked in rank(candidates, NOW_MS)]


def test_use_age_and_nearness_decide_between_equals() -> None:
    """Of two that match as well, what more use, what is newer, what is near comes first."""
    plain = candidate(b"plain")
    assert order(plain, candidate(b"used", uses=3)) == [b"used", b"plain"]
    assert order(plain, candidate(b"new", published_ms=NOW_MS)) == [b"new", b"plain"]
    assert order(plain, candidate(b"near", is_near=True)) == [b"near", b"plain"]
    assert order(candidate(b"1", uses=1), candidate(b"9", uses=9)) == [b"9", b"1"]


def test_they_never_lift_what_hardly_matches() -> None:
    """All three together weigh less than a text that fits a fifth better."""
    best = candidate(b"best", 1.0, uses=290, published_ms=NOW_MS, is_near=True)

    assert order(best, candidate(b"text", 1.21)) == [b"text", b"best"]
    assert USE_SHARE + FRESH_SHARE + NEAR_SHARE <= 0.2 + 1e-9


def test_equals_come_newest_first_and_always_in_one_order() -> None:
    """However they were found, the list is the same."""
    equal = [candidate(bytes([number]), 0.0) for number in range(3)]
    newest = candidate(b"z", 0.0, published_ms=NOW_MS)

    assert len({tuple(order(*some)) for some in permutations([*equal, newest])}) == 1
    assert order(*equal, newest)[0] == b"z"


def test_a_time_in_the_future_is_now() -> None:
    """A wrong clock gives no lead over what was published now."""
    (now,) = rank([candidate(published_ms=NOW_MS)], NOW_MS)
    (later,) = rank([candidate(published_ms=NOW_MS + 50 * YEAR_MS)], NOW_MS)

    assert now.score == later.score


@given(st.lists(CANDIDATES, max_size=30))
def test_ranking_loses_nothing_and_says_what_it_did(candidates: list[Candidate]) -> None:
    """Each is ranked once, by a score that its parts explain, and scores fall."""
    ranked = rank(candidates, NOW_MS)

    assert sorted(one.record for one in ranked) == sorted(one.record for one in candidates)
    assert [one.score for one in ranked] == sorted((one.score for one in ranked), reverse=True)
    for one in ranked:
        assert 0 <= one.by_use <= USE_SHARE
        assert 0 <= one.by_age <= FRESH_SHARE
        assert one.by_nearness in (0, NEAR_SHARE)
        raised = one.text_score * (1 + one.by_use + one.by_age + one.by_nearness)
        assert math.isclose(one.score, raised)

"""The measures by which search is judged, against values reckoned by hand."""

from __future__ import annotations

import math

import pytest

from tests.benchmarks.judged import finds_wanted, lacking, ndcg, recall

GRADES = {"a": 3, "b": 2, "c": 1}


def test_the_best_order_is_one_and_nothing_found_is_zero() -> None:
    """The measure runs from 0 to 1."""
    assert ndcg(["a", "b", "c"], GRADES) == 1.0
    assert ndcg([], GRADES) == 0.0
    assert ndcg(["x", "y"], GRADES) == 0.0


def test_gain_grows_with_the_grade_and_falls_with_the_place() -> None:
    """A grade of 3 gains 7, and a place is discounted by the logarithm of its number plus one."""
    best = 7 + 3 / math.log2(3) + 1 / 2

    assert ndcg(["b", "a"], GRADES) == pytest.approx((3 + 7 / math.log2(3)) / best)
    assert ndcg(["x", "a"], GRADES) == pytest.approx(7 / math.log2(3) / best)


def test_only_the_first_count_and_only_once() -> None:
    """What is listed below, or again, gains nothing."""
    assert ndcg(["x", "x", "a"], GRADES, at=2) > 0
    assert ndcg(["x", "y", "a"], GRADES, at=2) == 0.0
    assert ndcg(["a", "a"], {"a": 3}) == 1.0


def test_recall_asks_for_useful_records_alone() -> None:
    """Those that only touch on it are not missed."""
    assert recall(["b"], GRADES) == 0.5
    assert recall(["a", "b"], GRADES) == 1.0
    assert recall(["x", "a", "b"], GRADES, at=2) == 0.5
    assert recall(["x"], {"c": 1}) == 1.0
    assert recall(["a"], {"a": 3, "b": 3, "d": 2}, at=1) == 1.0


def test_what_is_lacking_is_named_the_best_first() -> None:
    """A list of misses begins with what was looked for."""
    assert lacking(["c"], GRADES) == ["a", "b"]
    assert lacking(["b", "a"], GRADES) == []


def test_a_wanted_record_has_the_highest_grade() -> None:
    """A useful one alone is not what was looked for."""
    assert finds_wanted(["x", "a"], GRADES)
    assert not finds_wanted(["b", "c"], GRADES)
    assert not finds_wanted(["x", "a"], GRADES, at=1)

"""Runs of a long programme add up, one that was stopped goes on, and what broke is played again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proof_results import keep
from tests.proof_stretches import Stretches, numbers, ranges, told

NAME = "example"


def kept(folder: Path, revision: str) -> Stretches:
    """The stretches of one programme in a folder, as a run at this revision has them."""

    def save(stretches: Stretches) -> None:
        keep(NAME, title="", command="", lines=[], stretches=stretches.as_json(), folder=folder)

    return Stretches(NAME, save, folder=folder, revision=revision)


def test_runs_add_up_over_revisions(tmp_path: Path) -> None:
    """Counts of equal names are added, however deep; what was played is not asked for again."""
    with kept(tmp_path, "aaaa") as first:
        first.add("seeds", 1, {"events": 5, "after_ms": {8: {1_000: 1}}})
        first.add("seeds", 2, {"events": 7, "after_ms": {8: {1_000: 1, 2_000: 1}}})
    with kept(tmp_path, "bbbb") as second:
        assert second.left("seeds", range(1, 5)) == [3, 4]
        second.add("seeds", 4, {"events": 1})

    again = kept(tmp_path, "aaaa")
    assert again.total() == {"events": 13, "after_ms": {"8": {"1000": 2, "2000": 1}}}
    assert (again.played("seeds"), again.left("seeds", range(1, 5))) == (3, [3])
    assert [line.split(",")[0] for line in told(again.as_json())] == ["aaaa", "bbbb"]


def test_a_run_that_is_stopped_keeps_what_it_had(tmp_path: Path) -> None:
    """The part of a run before an interruption counts."""

    def play() -> None:
        with kept(tmp_path, "aaaa") as stretches:
            stretches.add("clone", 1, {"events": 1})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play()

    assert kept(tmp_path, "bbbb").left("clone", [1, 2]) == [2]


def test_what_broke_counts_until_it_holds(tmp_path: Path) -> None:
    """A broken unit is told and left to play; once it holds it counts, and is told as mended."""
    with kept(tmp_path, "aaaa") as first:
        first.add("seeds", 7, {"events": 1}, "I3 a gap")
        assert (first.broken(), first.total(), first.played("seeds")) == (
            ["seeds 7: I3 a gap"],
            {},
            1,
        )
    with kept(tmp_path, "aaaa") as again:
        again.add("seeds", 7, {"events": 1}, "I3 a gap")
        assert (again.broken(), again.left("seeds", [7])) == (["seeds 7: I3 a gap"], [7])
    with kept(tmp_path, "bbbb") as third:
        third.add("seeds", 7, {"events": 2})

    found = kept(tmp_path, "cccc")
    assert (found.broken(), found.total(), found.left("seeds", [7])) == ([], {"events": 2}, [])
    assert any("mended since: seeds 7: I3 a gap" in line for line in told(found.as_json()))


def test_a_page_tells_the_beginning_of_what_broke_and_the_file_has_it_whole(tmp_path: Path) -> None:
    """One long finding does not make a page unreadable, and nothing of it is lost."""
    said = "slow: " + "5b" * 500
    with kept(tmp_path, "aaaa") as first:
        first.add("seeds", 7, {}, said)
        first.add("seeds", 7, {})
        stretches = first.as_json()

    (line,) = told(stretches)
    assert "mended since: seeds 7: slow: 5b5b" in line
    assert len(line) < 300
    assert said in str(stretches)


def test_without_keeping_nothing_is_read(tmp_path: Path) -> None:
    """A plain run plays all that it is asked for."""
    with kept(tmp_path, "aaaa") as first:
        first.add("seeds", 1, {"events": 1})

    assert Stretches(NAME, folder=tmp_path, revision="aaaa").left("seeds", [1]) == [1]


def test_numbers_are_written_short_and_read_back() -> None:
    """Ranges in order, each number once."""
    units = {1, 2, 3, 7, 9, 10}

    assert ranges(units) == "1-3 7 9-10"
    assert set(numbers(ranges(units))) == units
    assert ranges(set()) == ""
    assert list(numbers("")) == []

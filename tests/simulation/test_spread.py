"""A record spreads to everybody, over borders and over suggested links, outages or not."""

from __future__ import annotations

import json

import pytest

from simulation import spread_report
from simulation.checkers import InvariantError
from simulation.memo import memoised_verification
from simulation.other_processes import printed
from simulation.spread import Spread, play
from simulation.spread_plans import (
    BORDERS,
    BORDERS_AND_SHORTCUTS,
    SUGGESTED,
    Plan,
    along_the_longest_way,
    everybody,
    plan,
)
from simulation.spread_run import PAGE, PLOT, RESULT

SEED = 1
RECORDS = 3
DOWN_SHARE = 0.1
SIX_STEPS = 6


def spread(played: Plan, records: int = RECORDS) -> list[Spread]:
    """Play a plan; every invariant of the simulation is checked on the way and at the end."""
    print(f"seed={SEED}")
    with memoised_verification():
        return play(played, SEED, records)


def test_shortcuts_turn_thirty_hops_into_a_few() -> None:
    """Along the longest way in the country each record reaches all, in fewer hops and less time."""
    codes = along_the_longest_way()
    over_borders = spread(plan(BORDERS, codes))
    suggested = spread(plan(SUGGESTED, codes))

    assert (len(codes), plan(BORDERS, codes).longest_way) == (31, 30)
    for slow, fast in zip(over_borders, suggested, strict=True):
        assert {one.name for one in slow.arrivals} == {one.name for one in fast.arrivals}
        assert fast.hops(1) <= SIX_STEPS < slow.hops(1) <= 30
        assert fast.ms(1) < slow.ms(1)
        assert fast.ms(0.5) <= fast.ms(0.99) <= fast.ms(1)
        assert slow.record_bytes < fast.record_bytes  # each link carries it


@pytest.mark.parametrize("name", [BORDERS, SUGGESTED])
def test_everybody_has_every_record_although_some_are_always_down(name: str) -> None:
    """Who was down gets it on coming back; in the end all are connected and hold the same."""
    for one in spread(plan(name, along_the_longest_way(), DOWN_SHARE), 2):
        assert len(one.arrivals) == 31
        assert sum(not arrival.was_up for arrival in one.arrivals) >= 3
        assert one.up_ms <= one.ms(1)
        assert one.session_bytes > 0


def test_a_network_in_two_parts_is_noticed() -> None:
    """The simulation fails when a record cannot get to everybody."""
    halves = Plan("halves", (("1497", "1498"), ("1496", "1499")))

    with pytest.raises(InvariantError, match="has not come to"):
        spread(halves, 1)


def test_a_spread_is_the_same_every_time() -> None:
    """Equal seeds give equal figures in another process with other hash seeds, too."""
    script = (
        "from simulation.spread import play\n"
        "from simulation.spread_plans import SUGGESTED, plan\n"
        "print(play(plan(SUGGESTED, tuple('1496 1497 1498 1499 2584'.split()), 0.2), 7, 2))"
    )

    assert len(printed(script)) == 1


def test_the_published_figures_are_those_of_the_result_file() -> None:
    """Tables and plot are made from the run, not typed; `spread_run --draw` makes them anew."""
    result = json.loads(RESULT.read_text("utf-8"))
    text = PAGE.read_text("utf-8")
    published = text[text.index(spread_report.BEGIN) :].partition(spread_report.END)

    assert published[0] + published[1] == spread_report.section(result)
    assert PLOT.read_text("utf-8") == spread_report.plot(result)


def test_the_published_networks_are_those_of_the_rule() -> None:
    """Links and longest ways in the result file are what borders and rule give today."""
    result = json.loads(RESULT.read_text("utf-8"))
    found = {item["name"]: item for item in result["networks"]}

    for name in (BORDERS, BORDERS_AND_SHORTCUTS, SUGGESTED):
        today = plan(name, everybody())
        stated = found[name]
        assert stated["links"] == len(today.pairs)
        assert stated["links_most"] == today.links_most
        assert stated["longest_way"] == today.longest_way
        assert stated["nodes"] == len(today.codes) == 290

"""Suggested neighbours: what the rule promises on the real borders, and for whoever has joined."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from node.municipal import borders, municipalities
from node.municipal.steps import Way, all_within, both_ways, longest_way, ways_from
from node.municipal.suggested_neighbours import (
    NEAR_LINKS,
    STEPS_MAX,
    Why,
    suggest,
    wished,
)

EVERYBODY = [item.code for item in municipalities.all_municipalities()]
SKARABORG = [item.code for item in municipalities.skaraborg()]
SHORTCUTS_MAX = 2
SOME_CODES = 60
STEPS_OF_SOME_MAX = 7
"""What may be left of the promise when not everybody has joined."""

some_codes = st.tuples(st.integers(2, len(EVERYBODY)), st.integers(0, 2**32)).map(
    lambda drawn: Random(drawn[1]).sample(EVERYBODY, drawn[0])
)
"""Any number of municipalities, drawn from all over the country."""


def border_links() -> dict[str, set[str]]:
    """Land borders, and those close across water, so that islands take part."""
    return both_ways(
        (code, other)
        for code in EVERYBODY
        for other in (*borders.neighbours_of(code), *borders.near(code))
    )


def followed(codes: list[str]) -> dict[str, set[str]]:
    """The links there are when everybody has followed all suggestions."""
    return both_ways((code, other) for code in codes for other in wished(code, codes))


def shortcuts(code: str, codes: list[str]) -> set[str]:
    """Those suggested across the map."""
    return {other for other, why in wished(code, codes).items() if why is Why.SHORTCUT}


def test_borders_alone_make_ways_of_thirty_steps() -> None:
    """The problem that the rule is for."""
    assert longest_way(border_links()) == 30


def test_with_all_suggestions_followed_nobody_is_more_than_six_steps_away() -> None:
    """The promise: at most six steps between any two of the 290."""
    longest = longest_way(followed(EVERYBODY))

    assert longest is not None
    assert longest <= STEPS_MAX == 6


def test_two_links_more_than_the_borders_are_enough_for_it() -> None:
    """Whoever already has all neighbours on the map needs at most two links more."""
    across = both_ways((code, other) for code in EVERYBODY for other in shortcuts(code, EVERYBODY))
    links = border_links()
    together = {code: links[code] | across.get(code, set()) for code in EVERYBODY}

    assert max(len(others) for others in across.values()) <= SHORTCUTS_MAX
    assert all_within(together, STEPS_MAX)


def test_two_who_know_the_same_suggest_each_other_as_shortcut() -> None:
    """No coordinator is needed: both ends of a link across the map find it by themselves."""
    for code in EVERYBODY:
        for other in shortcuts(code, EVERYBODY):
            assert code in wished(other, EVERYBODY)


def test_the_order_of_the_circle_never_changes() -> None:
    """Nodes of different versions must agree: what the rule says of Tidaholm and Kiruna."""
    assert wished("1498", EVERYBODY) == {
        "1499": Why.BORDER,
        "1497": Why.BORDER,
        "0643": Why.BORDER,
        "0305": Why.SHORTCUT,
        "1904": Why.SHORTCUT,
    }
    assert shortcuts("2584", EVERYBODY) == {"1419", "2023"}


@settings(max_examples=20, deadline=None)
@given(some_codes)
def test_whoever_has_joined_reaches_everybody_in_few_steps(codes: list[str]) -> None:
    """The rule holds a part of the country together as well, however scattered."""
    links = followed(codes)

    assert set(links) == set(codes)
    assert all_within(links, STEPS_OF_SOME_MAX)
    assert all(len(wished(code, codes)) <= NEAR_LINKS + SHORTCUTS_MAX for code in codes)
    assert all(len(shortcuts(code, codes)) <= SHORTCUTS_MAX for code in codes)


@settings(max_examples=10, deadline=None)
@given(some_codes.map(lambda codes: codes[:SOME_CODES]), st.integers(0, 2**32))
def test_nodes_that_know_different_parts_still_reach_each_other(
    codes: list[str], seed: int
) -> None:
    """Each may have heard of nine in ten only: the links they make hold together all the same."""
    random = Random(seed)
    links = both_ways(
        (code, other)
        for code in codes
        for other in wished(code, {item for item in codes if random.random() < 0.9})
    )

    assert set(links) == set(codes)
    assert longest_way(links) is not None


@settings(max_examples=15, deadline=None)
@given(some_codes)
def test_a_newcomer_comes_between_two_and_leaves_the_others_alone(codes: list[str]) -> None:
    """Shortcuts last: when one more joins, at most two municipalities get another one instead."""
    before = {code: shortcuts(code, codes[1:]) for code in codes[1:]}
    after = {code: shortcuts(code, codes) for code in codes[1:]}
    needed = any(before.values()) and any(after.values())
    lost = [code for code in before if before[code] - after[code]]

    assert not needed or len(lost) <= 2


def test_a_small_neighbourhood_needs_no_shortcuts() -> None:
    """The 15 of Skaraborg are close enough by their borders."""
    assert [code for code in SKARABORG if shortcuts(code, SKARABORG)] == []
    assert all_within(followed(SKARABORG), STEPS_MAX)


def test_the_first_two_anywhere_find_each_other() -> None:
    """Ystad and Kiruna are all there is: each is the other's nearest."""
    assert wished("1286", ["1286", "2584"]) == {"2584": Why.NEAREST}
    assert wished("2584", ["1286", "2584"]) == {"1286": Why.NEAREST}


def test_the_longest_border_comes_first_then_water_subregion_and_distance() -> None:
    """Why somebody is near, in the order in which it counts."""
    assert list(wished("1498", SKARABORG).items()) == [
        ("1499", Why.BORDER),
        ("1497", Why.BORDER),
        ("1496", Why.BORDER),
    ]
    assert list(wished("1407", ["1498", "1482", "1480", "1407"]).items()) == [
        ("1480", Why.CLOSE),
        ("1482", Why.CLOSE),
        ("1498", Why.NEAREST),
    ]
    assert wished("1498", ["1498", "1494", "0180"]) == {
        "1494": Why.SUBREGION,
        "0180": Why.NEAREST,
    }


def test_neighbours_are_not_suggested_and_ways_are_told() -> None:
    """Hjo is a neighbour already, Skövde two steps away, and of Falköping no way is known."""
    here = ["1498", "1497", "1496", "1499"]
    links = both_ways([("1498", "1497"), ("1497", "1496")])

    found = {item.code: (item.why, item.steps) for item in suggest("1498", here, links)}

    assert found == {"1499": (Why.BORDER, None), "1496": (Why.BORDER, 2)}


def test_suggestions_end_when_they_are_followed() -> None:
    """Whoever follows them one by one, in any order, is left in peace."""
    links: dict[str, set[str]] = {code: set() for code in EVERYBODY}
    for code in Random(1).sample(EVERYBODY, len(EVERYBODY)):
        for item in suggest(code, EVERYBODY, links):
            links[code].add(item.code)
            links[item.code].add(code)

    assert all_within(links, STEPS_MAX)
    assert [code for code in EVERYBODY if suggest(code, EVERYBODY, links)] == []


def test_made_up_kommunkoder_are_left_out() -> None:
    """A log that claims a kommunkod nobody has is never suggested, nor does it bend the circle."""
    assert wished("1498", [*EVERYBODY, "9999", "", "x"]) == wished("1498", EVERYBODY)


def test_a_node_without_a_place_on_the_map_is_held_by_the_circle() -> None:
    """A kommunkod that the table does not have gets two others to hold on to."""
    assert set(wished("0000", EVERYBODY).values()) == {Why.SHORTCUT}
    assert len(wished("0000", EVERYBODY)) == SHORTCUTS_MAX
    assert wished("0000", []) == {}


def test_the_same_set_in_another_order_gives_the_same() -> None:
    """What is suggested follows from who has joined, not from when."""
    assert list(wished("1498", EVERYBODY).items()) == list(wished("1498", EVERYBODY[::-1]).items())


def test_ways_are_the_shortest_and_say_where_they_begin() -> None:
    """Two ways round: the shorter one counts, with the neighbour that it leads through."""
    links = both_ways([("a", "b"), ("b", "c"), ("c", "d"), ("a", "e"), ("e", "d"), ("x", "x")])

    assert ways_from("a", links) == {
        "a": Way(0, ""),
        "b": Way(1, "b"),
        "e": Way(1, "e"),
        "c": Way(2, "b"),
        "d": Way(2, "e"),
    }
    assert longest_way(links) == 2
    assert longest_way({**links, "x": set()}) is None
    assert not all_within(links, 1)

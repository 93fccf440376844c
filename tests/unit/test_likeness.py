"""No name gets through that a hasty reader takes for another municipality's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.municipal import municipalities
from node.municipal.likeness import Other, is_readable, likened_to
from node.municipal.municipalities import Municipality

TIDAHOLM, EXAMPLE = "1498", "9001"
ALL = st.sampled_from(municipalities.all_municipalities())
LONG = st.sampled_from([one for one in municipalities.all_municipalities() if len(one.name) > 6])
DISGUISES: tuple[Callable[[str], str], ...] = (
    str.upper,
    lambda name: f"  {name} ",
    lambda name: f"{name} kommun",
    lambda name: f"{name}s stad",
    lambda name: f"Kommunen {name}",
    lambda name: name.replace("ö", "o").replace("å", "a").replace("ä", "a"),
    lambda name: name.replace("o", "0").replace("l", "1"),
    lambda name: f"{name} (Exempelby)",
    lambda name: f"Nya {name}",
)


@given(other=ALL, disguise=st.sampled_from(DISGUISES))
def test_every_municipality_is_known_again_in_disguise(
    other: Municipality, disguise: object
) -> None:
    """Whatever is done to the name of one of the 290, nobody else may go by it."""
    like = likened_to(disguise(other.name), EXAMPLE, "Exempelby", [])

    assert like is not None


@given(other=LONG, place=st.integers(0, 30), letter=st.sampled_from("aeiouxz"))
def test_one_letter_is_not_enough_of_a_difference(
    other: Municipality, place: int, letter: str
) -> None:
    """Too many, wrong, left out, or in another's place."""
    name, at = other.name, place % len(other.name)
    for slip in (name[:at] + letter + name[at:], name[:at] + letter + name[at + 1 :],
                 name[:at] + name[at + 1 :]):  # fmt: skip
        assert likened_to(slip, EXAMPLE, "Exempelby", []) is not None


@given(own=ALL)
def test_a_municipality_may_always_go_by_its_own_name(own: Municipality) -> None:
    """As the table has it, with "kommun" and with "stad"; also where another's is alike."""
    for name in (own.official_name, own.name, f"{own.name} kommun", f"{own.name} stad"):
        assert likened_to(name, own.code, "Exempelby", []) is None
        assert is_readable(name)


@pytest.mark.parametrize("name", ["Hökensås kommun", "Dalaborg", "Exempelby stad", "Stad"])
def test_a_new_name_of_ones_own_is_free(name: str) -> None:
    """Nobody else has it."""
    assert likened_to(name, TIDAHOLM, "Tidaholms kommun", [Other("9002", "Provstad")]) is None


def test_those_that_take_part_count_as_well() -> None:
    """Also where the country's table does not know them; whoever goes on for one may be like it."""
    others = [Other("9002", "Provstads kommun"), Other(EXAMPLE, "Exempelby kommun")]

    assert likened_to("Provstad", EXAMPLE, "Exempelby kommun", others) == others[0]
    assert likened_to("Provstad-Exempelby", EXAMPLE, "Exempelby kommun", others) == others[0]
    assert likened_to("Provstad", EXAMPLE, "Exempelby kommun", others, {"9002"}) is None
    assert likened_to("Exempelby stad", EXAMPLE, "Exempelby kommun", others) is None


@pytest.mark.parametrize(
    ("name", "readable"),
    [
        ("Upplands-Bro", True),
        ("Malå kommun", True),
        ("Hjo & Tidaholm (1983)", True),
        ("Hj\u043e", False),
        ("\u0397jo", False),
        ("Hjo\u202e", False),
        ("Hjo\u200b", False),
        ("Hjo\u0301", False),
        ("ᴴjo", False),
        ("2026", False),
        ("...", False),
        ("", False),
        ("🏰", False),
    ],
)
def test_only_plain_latin_letters_can_be_judged(name: str, readable: bool) -> None:
    """Letters of other scripts, invisible signs and pictures are like anything."""
    assert is_readable(name) is readable

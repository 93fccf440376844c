"""The picture of the neighbourhood, from plain facts."""

from __future__ import annotations

from node.web.network_map import DRAWN_MAX, Far, Near, make_picture

TIDAHOLM = ("1498", "Tidaholm")
NEAR = [Near(1, "1497", "Hjo", "good"), Near(2, "1499", "Falköping", "bad")]
FAR = [Far("1495", "Skara", "1497")]


def test_each_neighbour_has_a_line_and_its_number() -> None:
    """Lines say how contact goes; what comes through a neighbour begins at that neighbour."""
    picture = make_picture(TIDAHOLM, NEAR, FAR)

    assert picture is not None
    assert [(one.kind, one.title) for one in picture.streams] == [
        ("through", "Skara"),
        ("good", "Hjo"),
        ("bad", "Falköping"),
    ]
    hjo = picture.places[0]
    assert picture.streams[0].path.startswith(f"M{hjo.x} {hjo.y}Q")
    assert [(one.number, one.mark) for one in picture.places] == [(1, "good"), (2, "bad")]
    assert [one.code for one in picture.surfaces if one.own] == ["1498"]
    assert picture.surfaces[-1].code == "1498"


def test_what_has_no_outline_is_left_to_the_table() -> None:
    """An unknown kommunkod is not drawn; an unknown one of our own gives no picture at all."""
    picture = make_picture(TIDAHOLM, [Near(1, "9999", "Exempel", "good"), *NEAR], [])

    assert picture is not None
    assert [one.number for one in picture.places] == [1, 2]
    assert make_picture(("9999", "Exempel"), NEAR, FAR) is None


def test_a_large_network_draws_the_neighbours_alone() -> None:
    """So many that the picture would be heavy and crowded stand in the table only."""
    picture = make_picture(TIDAHOLM, NEAR, FAR * DRAWN_MAX)

    assert picture is not None
    assert not picture.has_far
    assert {one.kind for one in picture.streams} == {"good", "bad"}

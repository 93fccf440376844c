"""One neighbour as its page shows it: the two directions apart, and past errors in words. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from node.operations.neighbour_details import Way, WayState
from node.web.message import Message
from node.web.neighbour_words import known_words
from storage.contact_store import PastError
from storage.neighbour_views import Direction

HEADINGS: Final = {
    Direction.OUTGOING: Message("Ni ringer upp grannen"),
    Direction.INCOMING: Message("Grannen ringer upp er"),
}
WAY_MARKS: Final = {
    WayState.OPEN: "good",
    WayState.WORKED: "good",
    WayState.FAILED: "bad",
    WayState.UNTRIED: "",
    WayState.NO_ADDRESS: "",
}


class WayShown(NamedTuple):
    """One direction, its word and mark, and its last error unless that is over."""

    heading: str
    state: str
    mark: str
    error: str
    success_ms: int | None
    error_ms: int | None


class ErrorShown(NamedTuple):
    """A past error in words, and in which direction it came."""

    past: PastError
    words: str
    way: str


def show_way(way: Way) -> WayShown:
    """Put one direction into words."""
    return WayShown(
        HEADINGS[Direction(way.direction)],
        Message(way.state),
        WAY_MARKS[WayState(way.state)],
        known_words(way.error) if way.error else "",
        way.success_ms,
        way.error_ms,
    )


def show_errors(errors: Sequence[PastError]) -> list[ErrorShown]:
    """Put past errors into words."""
    return [
        ErrorShown(one, known_words(one.error), HEADINGS[Direction(one.direction)])
        for one in errors
    ]

"""Suggested neighbours in the reader's language: why, and how far away each is today.

`tidan peer suggest` says the same in English (node/cli/suggestions.py).
"""

from __future__ import annotations

from typing import Final

from node.municipal.suggested_neighbours import Why
from node.operations.known_network import SuggestedNeighbour
from node.web.message import Message

REASONS: Final = {
    Why.BORDER: Message("Ni delar gräns."),
    Why.CLOSE: Message("Ni ligger nära varandra, över vatten eller hörn mot hörn."),
    Why.SUBREGION: Message("Ni hör till samma delregion."),
    Why.NEAREST: Message("Den är en av de närmaste som ni känner till."),
    Why.SHORTCUT: Message(
        "En genväg: några kontakter tvärs över kartan gör att det blir få steg till alla."
    ),
}
NO_WAY: Final = Message("Ingen väg dit är känd i dag.")
WAITING: Final = Message("Väntar på ert beslut.")


def reason_words(suggested: SuggestedNeighbour) -> Message:
    """Why it is suggested."""
    return REASONS[Why(suggested.why)]


def steps_words(suggested: SuggestedNeighbour) -> Message:
    """How far away it is today, as far as is known; nobody suggested is one step away."""
    if suggested.steps is None:
        return NO_WAY
    return Message("I dag %(steps)s steg bort.", steps=suggested.steps)

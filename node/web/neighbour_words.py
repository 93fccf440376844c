"""Neighbours in the reader's language: their state, why it is so, and what to do.

The sentences are made below the pages (node/operations/neighbour_status.py, node/sync/words.py),
which also keep them with an error, and know no languages. So a sentence is found again by what it
says; tests/translations.py puts all of them into the catalog.
"""

from __future__ import annotations

import re
from typing import Final

from node.operations import neighbour_status
from node.operations.neighbour_details import WayState
from node.operations.neighbour_status import (
    COMPARING,
    LEFT_HERE,
    LEFT_THERE,
    NeighbourState,
    NeighbourStatus,
)
from node.sync import words
from node.web.message import Message

ALL_SENTENCES: Final = (
    *(*NeighbourState, *WayState, *neighbour_status.SENTENCES),
    *words.SENTENCES,
)
"""What the catalog has to have; some are there twice."""
_PLACE = re.compile(r"%\((\w+)\)s")
_WITH_PLACES: Final = {
    re.compile(re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+)", re.escape(sentence))): sentence
    for sentence in words.SENTENCES
    if _PLACE.search(sentence)
}


def state_words(status: NeighbourStatus) -> Message:
    """The word beside a neighbour."""
    return Message(status.state)


def cause_words(status: NeighbourStatus) -> Message:
    """Why it is so; empty when all is well."""
    if status.state == NeighbourState.FETCHING and status.cause != COMPARING:
        return Message(LEFT_HERE, count=lambda formats: formats.number(status.behind_in))
    if status.state == NeighbourState.BEHIND:
        return Message(LEFT_THERE, count=lambda formats: formats.number(status.behind_out))
    return known_words(status.cause)


def action_words(status: NeighbourStatus) -> Message:
    """The one thing to do; empty when there is none."""
    return Message(status.action)


def known_words(sentence: str) -> Message:
    """A sentence that may have a code or a number in it, as it was kept with an error."""
    for pattern, template in _WITH_PLACES.items():
        if found := pattern.fullmatch(sentence):
            return Message(template, **found.groupdict())
    return Message(sentence)

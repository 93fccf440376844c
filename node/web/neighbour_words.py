"""Neighbours in the reader's language: their state, why it is so, and what to do.

The sentences are made below the pages (node/operations/neighbour_status.py, node/sync/words.py),
which also keep them with an error, and know no languages. So a sentence is found again by what it
says; tests/translations.py puts all of them into the catalog.
"""

from __future__ import annotations

from node.operations.neighbour_status import (
    LEFT_HERE,
    LEFT_THERE,
    SENTENCES,
    NeighbourState,
    NeighbourStatus,
)
from node.sync.words import REFUSED, UNKNOWN, WORDS, in_words, refused_by_neighbour
from node.web.message import Message

ALL_SENTENCES = (*NeighbourState, *SENTENCES, *WORDS.values(), REFUSED, UNKNOWN)
"""What the catalog has to have, without doubles."""


def state_words(status: NeighbourStatus) -> Message:
    """The word beside a neighbour."""
    return Message(status.state)


def cause_words(status: NeighbourStatus) -> Message:
    """Why it is so; empty when all is well."""
    if status.state == NeighbourState.FETCHING and status.behind_in:
        return Message(LEFT_HERE, count=lambda formats: formats.number(status.behind_in))
    if status.state == NeighbourState.BEHIND:
        return Message(LEFT_THERE, count=lambda formats: formats.number(status.behind_out))
    return error_words(status.cause, status.last_error_code)


def action_words(status: NeighbourStatus) -> Message:
    """The one thing to do; empty when there is none."""
    return Message(status.action)


def error_words(sentence: str, code: str | None) -> Message:
    """A sentence as it was kept with an error; its code when it was about that."""
    if code and sentence == refused_by_neighbour(code):
        return Message(REFUSED, code=code)
    if code and code not in WORDS and sentence == in_words(code):
        return Message(UNKNOWN, code=code)
    return Message(sentence)

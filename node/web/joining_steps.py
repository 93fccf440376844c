"""How far two municipalities have come on the way to being neighbours, as named steps.

Shown until they have been in contact once. Each step is a sentence about who does what; the one
that is waited for stands out, and beside it the neighbour's state says why and what to do.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from node.operations.neighbour_status import WAITING_CODES, NeighbourStatus
from node.web.message import Message


class Progress(StrEnum):
    """Where a step stands."""

    DONE = "done"
    NOW = "now"
    LATER = "later"


class JoiningStep(NamedTuple):
    """One step in words."""

    words: str
    progress: Progress


def steps_towards(status: NeighbourStatus, name: str) -> list[JoiningStep]:
    """The way to a neighbour that was added here; none once it has been reached."""
    if status.last_success_ms is not None or status.paused:
        return []
    answered = status.last_error_code in WAITING_CODES
    contact = (
        Message("Er server når %(name)s", name=name)
        if status.url
        else Message("%(name)s ringer upp er server", name=name)
    )
    return _ordered(
        [
            Message("Ni har lagt till %(name)s", name=name),
            contact,
            Message("%(name)s godkänner er", name=name),
            Message("Ni är grannar"),
        ],
        now=2 if answered else 1,
    )


def steps_from_invite(name: str) -> list[JoiningStep]:
    """The way to somebody who has used an invite made here, or asks without one."""
    return _ordered(
        [
            Message("%(name)s har hört av sig", name=name),
            Message("Ni jämför fingeravtryck och godkänner"),
            Message("Ni är grannar"),
        ],
        now=1,
    )


def _ordered(words: list[Message], now: int) -> list[JoiningStep]:
    return [
        JoiningStep(
            text,
            Progress.DONE if place < now else Progress.NOW if place == now else Progress.LATER,
        )
        for place, text in enumerate(words)
    ]

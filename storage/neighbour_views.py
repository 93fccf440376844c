"""Neighbours and knocks as the store hands them out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Direction(StrEnum):
    """Who dialled; success one way says nothing about the other, so they are kept apart."""

    OUTGOING = "outgoing"
    INCOMING = "incoming"


@dataclass(frozen=True, slots=True)
class LinkHistory:
    """How connecting in one direction went last. ``error`` stays until the next success."""

    success_ms: int | None = None
    error_code: str | None = None
    error: str | None = None
    error_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A node we sync with; ``url`` is None when only it dials us."""

    log: bytes
    url: str | None
    name: str
    added_ms: int
    paused: bool
    outgoing: LinkHistory
    incoming: LinkHistory
    removed_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Knock:
    """A node that proved who it is and asks to become a neighbour; ``name`` is its own claim.

    ``url``, where it says that it can be dialled, and ``invite`` are there when it showed one.
    """

    log: bytes
    code: str
    name: str
    first_ms: int
    last_ms: int
    times: int
    dismissed: bool = False
    url: str | None = None
    invite: int | None = None

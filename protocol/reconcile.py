"""Range-based set reconciliation of two sets of heads (docs/protocol.md §7.5).

Both sides sort their items by log id. A fingerprint over all of them is compared first; where
two fingerprints differ, the range is split into sixteen, and a range with few items is listed.
So equal sets cost one digest each way, and otherwise the cost follows the difference: the
number of messages grows with the logarithm of the number of logs (A. Meyer, "Range-Based Set
Reconciliation", 2023, as in Willow and negentropy).

A reconciler works on one snapshot of our items: heads that change meanwhile are told with HAVE.
It knows no session and no state beyond its snapshot and what was learned.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from protocol.directory import Item
from protocol.errors import LimitError, MalformedError
from protocol.fields import NOTHING_ID
from protocol.limits import (
    RANGE_FINGERPRINT_BYTES,
    RANGE_SPLIT,
    RECONCILE_PARTS_MAX,
    RECONCILE_ROUNDS_MAX,
)
from protocol.ranges import Mode, Range

_DOMAIN = b"tidan/1 range"
_QUESTIONS = (Mode.FINGERPRINT, Mode.ITEMS)


def fingerprint(items: Iterable[Item]) -> bytes:
    """Return SHA-256("tidan/1 range" ‖ (log ‖ sequence as 8 bytes ‖ head id)…), cut to 16."""
    digest = hashlib.sha256(_DOMAIN)
    for item in items:
        digest.update(item.log + item.sequence.to_bytes(8, "big") + item.id)
    return digest.digest()[:RANGE_FINGERPRINT_BYTES]


class Step(NamedTuple):
    """What a received message led to.

    ``learned`` are heads of the other side, with sequence number 0 for what it does not hold;
    ``answer`` is to be sent unless None; ``done`` says that nothing remains to be compared.
    """

    learned: list[Item]
    answer: tuple[Range, ...] | None
    done: bool


class Reconciler:
    """One side of one reconciliation."""

    def __init__(self, items: Sequence[Item]) -> None:
        """Take a snapshot: ``items`` sorted by log, one a log, never changed afterwards."""
        self._items = items
        self._logs = [item.log for item in items]
        self._spoken_of: set[bytes] = set()
        self._listed: list[tuple[bytes, bytes]] = []
        self._rounds = 0

    def begin(self) -> tuple[Range, ...]:
        """Return the first message's ranges: one fingerprint of everything."""
        return (Range(b"", Mode.FINGERPRINT, fingerprint(self._items)),)

    def receive(self, ranges: Sequence[Range]) -> Step:
        """Compare what the other side says with our snapshot.

        Raises :class:`LimitError` when the exchange takes too many rounds and
        :class:`MalformedError` for an answer to nothing that we listed.
        """
        self._rounds += 1
        if self._rounds > RECONCILE_ROUNDS_MAX:
            raise LimitError(f"reconciliation takes more than {RECONCILE_ROUNDS_MAX} rounds")
        listed, self._listed = self._listed, []
        reply = _Reply()
        learned: list[Item] = []
        lower = b""
        for part in ranges:
            if part.mode is Mode.ANSWER:
                _check_listed(listed, lower, part.upper)
                learned += part.items
            elif part.mode is not Mode.SKIP and not reply.postponed:
                if reply.room <= 0:
                    self._postpone(lower, reply)
                elif part.mode is Mode.ITEMS:
                    learned += self._answer(lower, part, reply)
                else:
                    self._compare(lower, part, reply)
            lower = part.upper
        self._spoken_of.update(item.log for item in learned)
        asked = any(part.mode in _QUESTIONS for part in ranges)
        done = not any(part.mode in _QUESTIONS for part in reply.ranges)
        return Step(learned, tuple(reply.ranges) if asked else None, done)

    def agreed(self) -> list[Item]:
        """Return, once done, the items of ours that the other side holds just the same."""
        return [item for item in self._items if item.log not in self._spoken_of]

    def _compare(self, lower: bytes, part: Range, reply: _Reply) -> None:
        """Answer a fingerprint: say nothing when it is ours too, else narrow down."""
        items = self._slice(lower, part.upper)
        if fingerprint(items) == part.fingerprint:
            return
        if len(items) <= RANGE_SPLIT:
            reply.add(lower, Range(part.upper, Mode.ITEMS, items=tuple(items)))
            self._listed.append((lower, part.upper))
            return
        starts = [len(items) * index // RANGE_SPLIT for index in range(RANGE_SPLIT + 1)]
        for start, end in pairwise(starts):
            last = end == len(items)
            upper = part.upper if last else _bound(items[end - 1].log, items[end].log)
            reply.add(lower, Range(upper, Mode.FINGERPRINT, fingerprint(items[start:end])))
            lower = upper

    def _answer(self, lower: bytes, part: Range, reply: _Reply) -> list[Item]:
        """Answer a list with our items that differ from it; returns what the list taught us."""
        ours = {item.log: item for item in self._slice(lower, part.upper)}
        theirs = {item.log: item for item in part.items}
        logs = sorted(ours.keys() | theirs.keys())
        differing = [log for log in logs if ours.get(log) != theirs.get(log)]
        upper = part.upper
        if len(differing) > reply.room:
            upper = differing[reply.room]
            differing = [log for log in differing if log < upper]
            logs = [log for log in logs if log < upper]
        if differing:
            answer = tuple(ours.get(log) or _nothing(log) for log in differing)
            reply.add(lower, Range(upper, Mode.ANSWER, items=answer))
        if upper != part.upper:
            self._postpone(upper, reply)
        return [theirs.get(log) or _nothing(log) for log in logs]

    def _postpone(self, lower: bytes, reply: _Reply) -> None:
        """Close a full reply: one fingerprint of all that is left."""
        rest = fingerprint(self._slice(lower, b""))
        reply.add(lower, Range(b"", Mode.FINGERPRINT, rest))
        reply.postponed = True

    def _slice(self, lower: bytes, upper: bytes) -> Sequence[Item]:
        start = bisect_left(self._logs, lower)
        end = bisect_left(self._logs, upper) if upper else len(self._logs)
        return self._items[start:end]


class _Reply:
    """The ranges of a message while it is written; fills gaps with SKIP, none at the end."""

    def __init__(self) -> None:
        self.ranges: list[Range] = []
        self.room = RECONCILE_PARTS_MAX - 4 * RANGE_SPLIT  # what one more step may need
        self.postponed = False
        self._covered = b""

    def add(self, lower: bytes, part: Range) -> None:
        """Append ``part``, which begins at ``lower``."""
        if lower > self._covered:
            self.ranges.append(Range(lower, Mode.SKIP))
        self.ranges.append(part)
        self.room -= 2 + len(part.items)
        self._covered = part.upper


def _nothing(log: bytes) -> Item:
    return Item(log, 0, NOTHING_ID)


def _bound(before: bytes, after: bytes) -> bytes:
    """Return the shortest prefix of ``after`` that is greater than ``before``."""
    same = next(index for index in range(len(after)) if before[index] != after[index])
    return after[: same + 1]


def _check_listed(listed: list[tuple[bytes, bytes]], lower: bytes, upper: bytes) -> None:
    """Refuse an answer that is not within one range we listed in our last message."""
    for start, end in listed:
        if start <= lower and (not end or (upper and upper <= end)):
            return
    raise MalformedError("an answer to nothing that was listed")

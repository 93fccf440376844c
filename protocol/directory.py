"""The logs a node knows, as its sync sessions see them.

A picture in memory, small (one row a log) and shared by all sessions of a node. Storage loads
it at start and updates it after each commit; nothing here decides about trust, it only
shows what people have decided.
"""

from __future__ import annotations

from enum import StrEnum
from typing import NamedTuple

from protocol.chain import Head
from protocol.limits import INTEGER_MAX


class Standing(StrEnum):
    """What a node's administrators have decided about a log."""

    OWN = "own"
    MEMBER = "member"
    INTRODUCED = "introduced"
    IGNORED = "ignored"
    BLOCKED = "blocked"


ACCEPTED_STANDINGS = frozenset({Standing.OWN, Standing.MEMBER})


class LogView(NamedTuple):
    """One log: its standing, its head here (None before its first entry) and whether frozen."""

    log: bytes
    standing: Standing
    head: Head | None = None
    frozen: bool = False

    @property
    def accepted(self) -> bool:
        """Whether this node stores and passes on the log at all."""
        return self.standing in ACCEPTED_STANDINGS

    @property
    def may_grow(self) -> bool:
        """Whether it is accepted and not frozen."""
        return self.accepted and not self.frozen


class Item(NamedTuple):
    """What reconciliation compares: a log and its head."""

    log: bytes
    sequence: int
    id: bytes


class Directory:
    """Logs by id, and the sets of approved neighbours (by the log id of each).

    ``neighbours`` may sync now; those in ``paused`` are approved as well, and told to wait. Those
    in ``spent`` sync, but bring nothing for now beside what is ours.

    A quota is a ceiling: the number of the last entry that is taken in of a log. ``ceiling`` is
    that of each foreign log, ``ceilings`` has those that differ; our own log has none.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self._views: dict[bytes, LogView] = {}
        self._items: list[Item] | None = None
        self.neighbours: set[bytes] = set()
        self.paused: set[bytes] = set()
        self.spent: set[bytes] = set()
        self.ceiling = INTEGER_MAX
        self.ceilings: dict[bytes, int] = {}

    def get(self, log: bytes) -> LogView | None:
        """Return what is known of a log, or None."""
        return self._views.get(log)

    def sequence(self, log: bytes) -> int:
        """Return the number of the newest entry held of a log; 0 when nothing is held."""
        view = self._views.get(log)
        return view.head.sequence if view and view.head else 0

    def put(self, view: LogView) -> None:
        """Take in the new state of a log."""
        self._views[view.log] = view
        self._items = None

    def remove(self, log: bytes) -> None:
        """Forget a log."""
        self._views.pop(log, None)
        self._items = None

    def views(self) -> list[LogView]:
        """Return all logs, sorted by id."""
        return [self._views[log] for log in sorted(self._views)]

    def entry_count(self) -> int:
        """Return how many entries are held of all logs together."""
        return sum(view.head.sequence for view in self._views.values() if view.head)

    def accepts(self, log: bytes) -> bool:
        """Whether new entries of this log are taken in: accepted, not frozen, and not full."""
        view = self._views.get(log)
        return view is not None and view.may_grow and not self.is_full(log)

    def takes_through(self, log: bytes) -> int:
        """Return the number of the last entry that is taken in of a log, accepted or not."""
        view = self._views.get(log)
        if view is not None and view.standing is Standing.OWN:
            return INTEGER_MAX
        return self.ceilings.get(log, self.ceiling)

    def is_full(self, log: bytes) -> bool:
        """Whether a log has reached its quota."""
        return self.sequence(log) >= self.takes_through(log)

    def is_at(self, item: Item) -> bool:
        """Whether a member's log ends here just where the item says: to hear it changes nothing."""
        view = self._views.get(item.log)
        return (
            view is not None
            and view.standing is Standing.MEMBER
            and not view.frozen
            and view.head is not None
            and (view.head.sequence, view.head.id) == (item.sequence, item.id)
        )

    def takes_from(self, neighbour: bytes, log: bytes) -> bool:
        """Whether a neighbour may bring entries of a log now; those of our own it always may."""
        if neighbour not in self.spent:
            return True
        view = self._views.get(log)
        return view is not None and view.standing is Standing.OWN

    def items(self) -> list[Item]:
        """Return the heads of all accepted logs, sorted by log id; do not change the list."""
        if self._items is None:
            self._items = sorted(
                Item(view.log, view.head.sequence, view.head.id)
                for view in self._views.values()
                if view.accepted and view.head is not None
            )
        return self._items

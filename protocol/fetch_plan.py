"""From which neighbour each missing run is asked, and when another is tried.

1. A log is under way from one neighbour at a time.
2. Of those that offer more than we hold, the one with the fewest logs under way is asked.
3. A neighbour that makes no progress at all for ``FETCH_TIMEOUT_MS``, or none with this log for
   ``FETCH_STARVED_TIMEOUT_MS`` however busy it is with others, loses the log to another, and is
   not asked for it again before ``FETCH_RETRY_MS`` have passed.
4. Nothing is remembered of a link that is gone.

Shared by all sessions of a node; knows links by number and logs by id, nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from protocol.limits import (
    FETCH_RETRY_MS,
    FETCH_STARVED_TIMEOUT_MS,
    FETCH_TIMEOUT_MS,
    FETCHES_PER_LINK_MAX,
)


@dataclass(slots=True)
class Fetch:
    """One log under way: entries after ``after`` through ``through`` asked of ``link``."""

    log: bytes
    link: int
    after: int
    through: int
    progress_ms: int


class FetchPlan:
    """Offers, what is under way, and whom to leave alone for a while."""

    def __init__(self) -> None:
        """Begin with nothing offered."""
        self._offers: dict[bytes, dict[int, int]] = {}
        self._active: dict[bytes, Fetch] = {}
        self._waiting: dict[bytes, None] = {}  # offered, not under way; a dict keeps the order
        self._load: dict[int, int] = {}
        self._progress_ms: dict[int, int] = {}
        self._rest_until_ms: dict[tuple[bytes, int], int] = {}

    def offer(self, log: bytes, link: int, sequence: int) -> None:
        """Note that a neighbour holds ``log`` up to ``sequence``."""
        offers = self._offers.setdefault(log, {})
        self._load.setdefault(link, 0)
        offers[link] = max(sequence, offers.get(link, 0))
        if log not in self._active:
            self._waiting[log] = None

    def assign(
        self, now_ms: int, held: Callable[[bytes], int], is_storing: Callable[[bytes], bool]
    ) -> list[Fetch]:
        """Start what can be started.

        ``held`` returns our head's number, 0 for nothing; ``is_storing`` whether runs of the log
        have come whose outcome is awaited: they may be all that is missing.
        """
        if not self._waiting or not self._has_room():
            return []
        started = []
        for log in list(self._waiting):
            if is_storing(log):
                continue
            have = held(log)
            offers = {link: top for link, top in self._offers[log].items() if top > have}
            if not offers:
                self._forget(log)
            elif (link := self._choose(log, offers, now_ms)) is not None:
                del self._waiting[log]
                fetch = Fetch(log, link, have, offers[link], now_ms)
                self._active[log] = fetch
                self._load[link] = self._load.get(link, 0) + 1
                self._progress_ms[link] = max(now_ms, self._progress_ms.get(link, 0))
                started.append(fetch)
        return started

    def _has_room(self) -> bool:
        return any(load < FETCHES_PER_LINK_MAX for load in self._load.values())

    def _choose(self, log: bytes, offers: dict[int, int], now_ms: int) -> int | None:
        free = [
            (self._load.get(link, 0), -top, link)
            for link, top in offers.items()
            if self._load.get(link, 0) < FETCHES_PER_LINK_MAX
            and self._rest_until_ms.get((log, link), now_ms) <= now_ms
        ]
        return min(free)[2] if free else None

    def is_busy(self, link: int) -> bool:
        """Whether anything is under way from ``link``."""
        return self._load.get(link, 0) > 0

    def missing(self, held: Callable[[bytes], int]) -> int:
        """Return how many entries are offered and not held; each once, whoever offers it."""
        return sum(
            max(0, max(offers.values(), default=0) - held(log))
            for log, offers in self._offers.items()
        )

    def active(self, log: bytes) -> Fetch | None:
        """Return what is under way of ``log``."""
        return self._active.get(log)

    def progress(self, log: bytes, link: int, now_ms: int) -> None:
        """Note that ``link`` delivered something, or that we stored something of it."""
        self._progress_ms[link] = now_ms
        fetch = self._active.get(log)
        if fetch is not None and fetch.link == link:
            fetch.progress_ms = now_ms

    def reached(self, log: bytes, sequence: int) -> Fetch | None:
        """Note our new head; returns the fetch that has thereby ended, if any."""
        fetch = self._active.get(log)
        if fetch is None or fetch.through > sequence:
            return None
        return self._stop(log)

    def failed(self, log: bytes, link: int, now_ms: int) -> None:
        """Leave ``link`` alone with ``log`` for a while: it did not deliver."""
        self._rest_until_ms[log, link] = now_ms + FETCH_RETRY_MS
        fetch = self._active.get(log)
        if fetch is not None and fetch.link == link:
            self._stop(log)

    def forbid(self, log: bytes, link: int) -> None:
        """Never ask ``link`` for ``log`` again, until it offers it anew."""
        offers = self._offers.get(log, {})
        offers.pop(link, None)
        fetch = self._active.get(log)
        if fetch is not None and fetch.link == link:
            self._stop(log)
        elif not offers and log not in self._active:
            self._forget(log)

    def hold_back(self, link: int, may_bring: Callable[[bytes], bool]) -> list[Fetch]:
        """Ask ``link`` no more for what it may not bring; returns what was under way of that."""
        held_back = [log for log in self._offered_by(link) if not may_bring(log)]
        under_way = [self._active[log] for log in held_back if log in self._active]
        for log in held_back:
            self.forbid(log, link)
        return [fetch for fetch in under_way if fetch.link == link]

    def drop_log(self, log: bytes) -> Fetch | None:
        """Forget a log that is no longer taken; returns what was under way."""
        fetch = self._stop(log)
        self._forget(log)
        return fetch

    def drop_link(self, link: int) -> None:
        """Forget a link that is gone; what it had under way waits for another."""
        for log in self._offered_by(link):
            self.forbid(log, link)
        self._progress_ms.pop(link, None)
        self._load.pop(link, None)
        for key in [key for key in self._rest_until_ms if key[1] == link]:
            del self._rest_until_ms[key]

    def expire(self, now_ms: int) -> list[Fetch]:
        """Take back what has made no progress for too long; returns it."""
        late = [fetch for fetch in self._active.values() if self._is_late(fetch, now_ms)]
        for fetch in late:
            self.failed(fetch.log, fetch.link, now_ms)
        return late

    def _is_late(self, fetch: Fetch, now_ms: int) -> bool:
        last_ms = max(fetch.progress_ms, self._progress_ms.get(fetch.link, 0))
        starved = now_ms - fetch.progress_ms >= FETCH_STARVED_TIMEOUT_MS
        return starved or now_ms - last_ms >= FETCH_TIMEOUT_MS

    def _offered_by(self, link: int) -> list[bytes]:
        return [log for log, offers in self._offers.items() if link in offers]

    def _stop(self, log: bytes) -> Fetch | None:
        fetch = self._active.pop(log, None)
        if fetch is not None:
            self._load[fetch.link] -= 1
            self._waiting[log] = None
        return fetch

    def _forget(self, log: bytes) -> None:
        self._waiting.pop(log, None)
        self._offers.pop(log, None)


class Storing:
    """How many runs of each log and link have come whose outcome is awaited."""

    def __init__(self) -> None:
        """Begin with none."""
        self._counts: dict[bytes, dict[int, int]] = {}

    def begin(self, log: bytes, link: int) -> None:
        """A run was handed over to be stored."""
        links = self._counts.setdefault(log, {})
        links[link] = links.get(link, 0) + 1

    def end(self, log: bytes, link: int) -> None:
        """The outcome of one run is known."""
        links = self._counts.get(log, {})
        left = links.pop(link, 0) - 1
        if left > 0:
            links[link] = left
        elif not links:
            self._counts.pop(log, None)

    def drop_link(self, link: int) -> None:
        """Forget a link that is gone."""
        for log in [log for log, links in self._counts.items() if link in links]:
            self._counts[log][link] = 1
            self.end(log, link)

    def holds(self, log: bytes) -> bool:
        """Whether anything of the log is being stored."""
        return log in self._counts

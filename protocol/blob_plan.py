"""Which file is asked of which neighbour, and how far it has come; pure, time is passed in.

1. A file is asked of one link at a time, a link for one file at a time, and few links at once.
2. Another link goes on where the first one stopped. If the digest is wrong then, nobody knows who
   lied: the file begins anew, and from now on all of it comes from one link.
3. A link that has no answer, or none in time, rests for that file. What no link can give is given
   up: whoever feeds the plan puts it at the end of the line.
4. Nothing is remembered of a link that is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from protocol.blob_messages import Blob, Piece
from protocol.limits import (
    BLOB_PIECE_BYTES_MAX,
    BLOB_PIECES_UNDER_WAY,
    BLOB_RETRY_MS,
    BLOB_TIMEOUT_MS,
    BLOBS_UNDER_WAY_MAX,
)

BEFORE = 0
"""Stands for whoever sent what was here before; links are numbered from 1."""
GIVE_UP_MS = 10_000
"""How long a file waits for a link before it makes room for others."""


@dataclass(slots=True)
class Wish:
    """One file on its way: bytes asked for, arrived and written, and who sent them."""

    blob: Blob
    asked: int
    arrived: int
    written: int
    idle_since_ms: int
    attempt: int = 1
    link: int | None = None
    is_alone: bool = False
    sources: set[int] = field(default_factory=set)
    resting_until_ms: dict[int, int] = field(default_factory=dict)

    def next_piece(self) -> Piece | None:
        """Return what to ask for now, if the disk has kept up."""
        room = BLOB_PIECES_UNDER_WAY * BLOB_PIECE_BYTES_MAX
        if self.asked >= self.blob.size_bytes or self.asked - self.written >= room:
            return None
        length = min(BLOB_PIECE_BYTES_MAX, self.blob.size_bytes - self.asked)
        piece = Piece(self.blob, self.asked, length)
        self.asked += length
        return piece

    def begin_anew(self) -> None:
        """Forget all that has come; it is asked for again from its first byte."""
        self.asked = self.arrived = self.written = 0
        self.attempt += 1
        self.sources.clear()


class Verdict(NamedTuple):
    """What a wrong digest means: the link that lied, if that is certain."""

    liar: int | None


class BlobPlan:
    """All files on their way, in the order in which they were asked for."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._wishes: dict[Blob, Wish] = {}
        self._by_link: dict[int, Wish] = {}
        self._progress_ms: dict[int, int] = {}

    def __len__(self) -> int:
        """How many files are on their way or wait for a link."""
        return len(self._wishes)

    def __contains__(self, blob: Blob) -> bool:
        """Whether a file is on its way or waits for a link."""
        return blob in self._wishes

    def add(self, blob: Blob, have: int, now_ms: int) -> None:
        """Want a file of which ``have`` bytes are here."""
        if blob not in self._wishes:
            sources = {BEFORE} if have else set()
            self._wishes[blob] = Wish(blob, have, have, have, now_ms, sources=sources)

    def remove(self, blob: Blob) -> None:
        """Want a file no more."""
        wish = self._wishes.pop(blob, None)
        if wish is not None and wish.link is not None:
            del self._by_link[wish.link]

    def assign(self, free_links: Iterable[int], now_ms: int) -> None:
        """Give each free link, as far as it goes, a file that waits and that it may have."""
        waiting = [wish for wish in self._wishes.values() if wish.link is None]
        for link in free_links:
            if len(self._by_link) >= BLOBS_UNDER_WAY_MAX or not waiting:
                return
            if link in self._by_link:
                continue
            for wish in waiting:
                if wish.resting_until_ms.get(link, now_ms) <= now_ms:
                    wish.link = link
                    self._by_link[link] = wish
                    self._progress_ms[link] = now_ms
                    waiting.remove(wish)
                    break

    def next_pieces(self, link: int) -> list[Piece]:
        """Return what to ask a link for now."""
        pieces = []
        wish = self._by_link.get(link)
        while wish is not None and (piece := wish.next_piece()) is not None:
            pieces.append(piece)
        return pieces

    def busy_links(self) -> list[int]:
        """Return the links of which a file is asked."""
        return list(self._by_link)

    def came(self, link: int, piece: Piece, now_ms: int) -> Wish | None:
        """Note a piece; returns its file, or None when it is no longer wanted of this link."""
        self._progress_ms[link] = now_ms
        wish = self._wishes.get(piece.blob)
        if wish is None or wish.link != link or piece.offset != wish.arrived:
            return None
        wish.arrived += piece.length
        wish.sources.add(link)
        return wish

    def written(self, blob: Blob, attempt: int, size_bytes: int) -> int | None:
        """Note how much is on disk; returns the link to ask for more."""
        wish = self._wishes.get(blob)
        if wish is None or wish.attempt != attempt:
            return None
        wish.written = max(wish.written, size_bytes)
        return wish.link

    def turned_out_wrong(self, blob: Blob, attempt: int, now_ms: int) -> Verdict:
        """Note that all of a file came and its digest is wrong; it begins anew, from one link."""
        wish = self._wishes.get(blob)
        if wish is None or wish.attempt != attempt:
            return Verdict(None)
        liar = next(iter(wish.sources)) if len(wish.sources) == 1 else BEFORE
        self._release(wish, now_ms)
        wish.is_alone = True
        wish.begin_anew()
        return Verdict(None if liar == BEFORE else liar)

    def refused(self, link: int, blob: Blob, now_ms: int) -> None:
        """Note that a link does not have a file, or did not answer in time."""
        wish = self._wishes.get(blob)
        if wish is not None:
            wish.resting_until_ms[link] = now_ms + BLOB_RETRY_MS
            if wish.link == link:
                self._release(wish, now_ms)

    def offered(self, link: int, blob: Blob) -> bool:
        """Note that a link has a file by now; False when it is not among those wanted here."""
        wish = self._wishes.get(blob)
        if wish is not None:
            wish.resting_until_ms.pop(link, None)
        return wish is not None

    def expire(self, now_ms: int) -> None:
        """Take files back from links that have not answered for too long."""
        for link, wish in list(self._by_link.items()):
            awaited = wish.asked > wish.arrived
            if awaited and now_ms - self._progress_ms[link] >= BLOB_TIMEOUT_MS:
                self.refused(link, wish.blob, now_ms)

    def give_up(self, can_ask: Callable[[Wish], bool], now_ms: int) -> list[Blob]:
        """Remove files that no link can give now, and return them."""
        vain = [
            wish.blob
            for wish in self._wishes.values()
            if wish.link is None
            and wish.written == wish.arrived
            and now_ms - wish.idle_since_ms >= GIVE_UP_MS
            and not can_ask(wish)
        ]
        for blob in vain:
            del self._wishes[blob]
        return vain

    def drop_link(self, link: int, now_ms: int) -> None:
        """Forget a link that is gone; what it had under way waits for another."""
        wish = self._by_link.get(link)
        if wish is not None:
            self._release(wish, now_ms)
        self._progress_ms.pop(link, None)
        for other in self._wishes.values():
            other.resting_until_ms.pop(link, None)

    def _release(self, wish: Wish, now_ms: int) -> None:
        if wish.link is not None:
            del self._by_link[wish.link]
        wish.link, wish.idle_since_ms = None, now_ms
        wish.asked = wish.arrived
        if wish.is_alone:
            wish.begin_anew()

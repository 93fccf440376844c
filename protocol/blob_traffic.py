"""Files between a node and all its neighbours: the part of the hub that knows nothing of logs.

Calls in, effects out, like :class:`protocol.hub.Hub`, which holds the only one. Whoever drives it
feeds it a bounded number of files to fetch (:meth:`BlobTraffic.want`) and takes back what nobody
could give (:meth:`BlobTraffic.give_up`).

A file is asked of a neighbour only in a live session of version 2 while no runs are under way from
it, so that entries come first on both sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum, auto

from protocol.blob_messages import Blob, Piece
from protocol.blob_plan import BlobPlan, Wish
from protocol.effects import BlobArrived, BlobOffered, BlobWrong, Effect
from protocol.notices import (
    BlobNotice,
    Notice,
    Output,
    PieceCame,
    PieceRefused,
)
from protocol.session import Session
from protocol.transitions import State


class BlobEnd(Enum):
    """What became of a file all of which has come."""

    HELD = auto()
    WRONG = auto()
    """It is not what its digest says; what came has been removed."""
    FAILED = auto()
    """Our own disk failed."""


class BlobTraffic:
    """What is asked of whom, across all sessions."""

    def __init__(self, sessions: Mapping[int, Session], sends_runs: Callable[[int], bool]) -> None:
        """``sends_runs`` says whether runs are under way from a link."""
        self._sessions = sessions
        self._sends_runs = sends_runs
        self._plan = BlobPlan()

    # --- what the surroundings say --------------------------------------------------------

    @property
    def count(self) -> int:
        """How many files are on their way or wait for a neighbour."""
        return len(self._plan)

    def want(self, blob: Blob, have: int, now_ms: int) -> list[Effect]:
        """Fetch a file of which ``have`` bytes are here."""
        self._plan.add(blob, have, now_ms)
        return self.ask(now_ms)

    def wants(self, blob: Blob) -> bool:
        """Whether a file is on its way or waits for a neighbour."""
        return blob in self._plan

    def asked_in_vain(self) -> set[Blob]:
        """Return the files that neighbours asked for before they could be given."""
        return {blob for session in self._sessions.values() for blob in session.blobs.in_vain}

    def held(self, blob: Blob) -> list[Effect]:
        """A file is here and durable, and may be given: tell neighbours that asked in vain."""
        self._plan.remove(blob)
        effects: list[Effect] = []
        for session in self._sessions.values():
            effects += _effects(session.blobs.tell(blob))
        return effects

    def supply(self, link: int, piece: Piece, data: bytes | None) -> list[Effect]:
        """Answer :class:`SupplyBlob` with the bytes, or None when they are not to be had."""
        session = self._sessions.get(link)
        if session is None:
            return []
        return _effects([*session.blobs.supplied(piece, data), *session.pump()])

    def written(self, blob: Blob, attempt: int, size_bytes: int) -> list[Effect]:
        """Answer :class:`BlobArrived`: so many bytes of the file are written."""
        link = self._plan.written(blob, attempt, size_bytes)
        return self._ask_more(link) if link is not None else []

    def finished(self, blob: Blob, attempt: int, end: BlobEnd, now_ms: int) -> list[Effect]:
        """Answer the last :class:`BlobArrived` of a file."""
        effects: list[Effect] = []
        if end is BlobEnd.HELD:
            effects += self.held(blob)
        elif end is BlobEnd.FAILED:
            self._plan.remove(blob)
        elif (liar := self._plan.turned_out_wrong(blob, attempt, now_ms).liar) is not None:
            session = self._sessions.get(liar)
            if session is not None:
                session.blobs.barred = True
                effects.append(BlobWrong(liar, blob))
        return effects + self.ask(now_ms)

    def give_up(self, now_ms: int) -> list[Blob]:
        """Return, and forget, files that no neighbour present can give."""
        if not len(self._plan):
            return []

        def can_ask(wish: Wish) -> bool:
            return any(
                self._may_ask(session) and wish.resting_until_ms.get(link, now_ms) <= now_ms
                for link, session in self._sessions.items()
            )

        return self._plan.give_up(can_ask, now_ms)

    # --- what the hub says ----------------------------------------------------------------

    def note(self, session: Session, notice: BlobNotice, now_ms: int) -> list[Effect]:
        """Take in what a neighbour said about files."""
        link = session.link
        match notice:
            case PieceCame():
                wish = self._plan.came(link, notice.piece, now_ms)
                if wish is None:
                    return self.ask(now_ms)
                offset, data = notice.piece.offset, notice.data
                return [BlobArrived(link, wish.blob, wish.attempt, offset, data)]
            case PieceRefused():
                self._plan.refused(link, notice.piece.blob, now_ms)
            case _:  # BlobThere: mypy knows that nothing else is left
                if not self._plan.offered(link, notice.blob):
                    return [BlobOffered(link, notice.blob)]
        return self.ask(now_ms)

    def tick(self, now_ms: int) -> list[Effect]:
        """Time has passed: ask others for what does not come."""
        if not len(self._plan):
            return []
        self._plan.expire(now_ms)
        return self.ask(now_ms)

    def drop_link(self, link: int, now_ms: int) -> None:
        """A link is gone."""
        self._plan.drop_link(link, now_ms)

    def ask(self, now_ms: int) -> list[Effect]:
        """Ask for what is wanted and not under way."""
        if not len(self._plan):
            return []
        free = [link for link, session in self._sessions.items() if self._is_free(session)]
        before = set(self._plan.busy_links())
        self._plan.assign(free, now_ms)
        effects: list[Effect] = []
        for link in self._plan.busy_links():
            if link not in before:
                effects += self._ask_more(link)
        return effects

    def _ask_more(self, link: int) -> list[Effect]:
        session = self._sessions[link]  # nothing is under way from a link that is gone
        return [session.blobs.ask(piece) for piece in self._plan.next_pieces(link)]

    def _may_ask(self, session: Session) -> bool:
        return session.state is State.LIVE and session.carries_blobs and not session.blobs.barred

    def _is_free(self, session: Session) -> bool:
        """Whether a session has nothing under way; one that owes an answer has."""
        return (
            self._may_ask(session)
            and not session.blobs.asked
            and not self._sends_runs(session.link)
        )


def _effects(outputs: Iterable[Output]) -> list[Effect]:
    """What a session says about files without being asked concerns nobody else."""
    return [output for output in outputs if not isinstance(output, Notice)]

"""One session a neighbour, and one node a key (docs/protocol.md §7.1, §7.3).

Each start of a node has an epoch of its own, said in HELLO. A node that starts again has another,
and the one before never comes back. So when it does come back, both are running: a machine was
copied, or its backup was started beside it. Neither may sign any more until a person has chosen.
That a rotation is: who proves itself with another key than before begins anew, so that a thief with
the old key never stops the owner with the new one.
"""

from __future__ import annotations

from collections.abc import Iterable

from protocol.codes import CLONED
from protocol.effects import Close, CopyMet
from protocol.session import Session
from protocol.transitions import Role


class Copies:
    """The two newest epochs of each neighbour, in memory alone, and which links are of an earlier
    epoch of ours."""

    def __init__(self) -> None:
        """Begin with nobody met."""
        self._met: dict[bytes, tuple[int, bytes, bytes | None]] = {}
        self._earlier: frozenset[int] = frozenset()

    def renew(self, links: Iterable[int]) -> None:
        """A person has chosen: what is said on the links of now is about the time before."""
        self._earlier = frozenset(links)

    def told(self, close: Close) -> list[CopyMet]:
        """Return what the end of a link says of copies of ourselves."""
        is_told = close.by_them and close.code == CLONED and close.link not in self._earlier
        return [CopyMet(close.link)] if is_told else []

    def is_copy(self, log: bytes, epoch: bytes, key_number: int) -> bool:
        """Note a session of a neighbour; True when an earlier start of its node has come back."""
        met_number, newest, before = self._met.get(log, (key_number, epoch, None))
        if key_number != met_number:
            newest, before = epoch, None
        if epoch == newest:
            self._met[log] = (key_number, newest, before)
            return False
        self._met[log] = (key_number, epoch, newest)
        return epoch == before


def rivals_of(new: Session, sessions: Iterable[Session]) -> list[Session]:
    """Return the other working links to the party that a new one has proved to lead to."""
    return [
        other
        for other in sessions
        if other is not new and other.is_syncing and other.party and new.party
        if other.party.log == new.party.log
    ]


def loser_of(new: Session, old: Session, is_lower: bool) -> Session:
    """Of two links to one neighbour, the older in the same direction, else that the higher dialled.

    Before that counts the key: who has proved to hold a newer key of the log is its owner, whoever
    sits on the other link. ``is_lower`` says that our log id is lower than the neighbour's.
    """
    if _key_number(new) != _key_number(old):
        return min(new, old, key=_key_number)
    if new.role is old.role:
        return old
    kept = Role.DIALER if is_lower else Role.RESPONDER
    return old if new.role is kept else new


def _key_number(session: Session) -> int:
    return session.party.key_number if session.party else 0

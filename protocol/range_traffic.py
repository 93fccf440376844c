"""Entries that were held before and are no longer whole here, asked of neighbours once more.

A range is asked with WANT like any other, and kept aside until all of it has come: it brings
nothing new, so it takes no part in the plan of what is missing. What proves it is
:func:`protocol.mending.proven`; whoever asks decides when it has waited long enough.
"""

from __future__ import annotations

from collections.abc import Mapping

from protocol.effects import Effect
from protocol.fetch_plan import FetchPlan
from protocol.session import Session


class RangeTraffic:
    """One for all sessions of a node."""

    def __init__(self, sessions: Mapping[int, Session], plan: FetchPlan) -> None:
        """Share what the hub knows."""
        self._sessions = sessions
        self._plan = plan

    def holders(self, log: bytes, through: int) -> list[int]:
        """Return the links that may be asked now: they hold the log that far, and nothing else of
        it is under way from them, since one request would take the other's place."""
        return [
            link for link, session in self._sessions.items() if self._may(session, log, through)
        ]

    def _may(self, session: Session, log: bytes, through: int) -> bool:
        told, fetch = session.remote.get(log), self._plan.active(log)
        return (
            session.is_syncing
            and told is not None
            and told.sequence >= through
            and not session.inflow.is_settled(log)
            and not session.inflow.awaits_range(log)
            and (fetch is None or fetch.link != session.link)
        )

    def ask(self, link: int, log: bytes, after: int, through: int) -> list[Effect]:
        """Ask a link for entries after one number through another; answered by
        :class:`protocol.effects.RangeArrived`, unless the session ends before."""
        session = self._sessions.get(link)
        return [session.inflow.want_range(log, after, through)] if session else []

    def withdraw(self, link: int, log: bytes) -> list[Effect]:
        """Wait for it no longer."""
        session = self._sessions.get(link)
        return list(session.inflow.withdraw_range(log)) if session else []

"""Planted in the exchange of entries: reconciliation, fetching, credit, news."""

from __future__ import annotations

from typing import Any

import pytest

from protocol import outflow, reconcile, session
from protocol.effects import Send
from protocol.fetch_plan import FetchPlan
from protocol.hub import Hub
from protocol.inflow import Inflow
from protocol.messages import Have, encode
from simulation import conformance
from simulation.planted.bug import Bug

MESSAGE_HAVE = 4


def all_ranges_look_equal(patch: pytest.MonkeyPatch) -> None:
    """Find no difference between any two sets of logs."""
    patch.setattr(reconcile, "fingerprint", lambda items: bytes(16))


def a_range_lacks_its_last_log(patch: pytest.MonkeyPatch) -> None:
    """Leave one log out of the fingerprint of many."""
    real = reconcile.fingerprint
    patch.setattr(reconcile, "fingerprint", lambda items: real(list(items)[:-1]))


def what_is_missing_is_not_asked_for(patch: pytest.MonkeyPatch) -> None:
    """Learn that a neighbour holds more and leave it at that."""
    patch.setattr(FetchPlan, "offer", lambda *arguments: None)


def the_last_entry_is_never_asked_for(patch: pytest.MonkeyPatch) -> None:
    """Ask for entries up to, but without, the newest."""
    real = Inflow.want

    def want(flow: Inflow, log: bytes, after: int, through: int) -> Send:
        return real(flow, log, after, max(after, through - 1))

    patch.setattr(Inflow, "want", want)


def nobody_else_is_asked(patch: pytest.MonkeyPatch) -> None:
    """Wait for ever for a neighbour that does not deliver."""
    patch.setattr(FetchPlan, "expire", lambda plan, now_ms: [])


def links_gone_keep_their_fetches(patch: pytest.MonkeyPatch) -> None:
    """Leave what a lost neighbour had under way with it."""
    patch.setattr(FetchPlan, "drop_link", lambda plan, link: None)


def a_neighbour_is_remembered_over_sessions(patch: pytest.MonkeyPatch) -> None:
    """Begin a session with what the neighbour said in the one before."""
    real = Hub._join

    def join(hub: Any, joined: Any, now_ms: int) -> Any:
        memory = hub.__dict__.setdefault("planted_memory", {})
        joined.remote = memory.setdefault(joined.party.log, joined.remote)
        return real(hub, joined, now_ms)

    patch.setattr(Hub, "_join", join)


def news_are_not_passed_on(patch: pytest.MonkeyPatch) -> None:
    """Commit an entry and tell nobody."""
    patch.setattr(session.Session, "tell", lambda *arguments: [])


def have_is_lost(patch: pytest.MonkeyPatch) -> None:
    """Ignore what a neighbour says it holds by now."""
    real = Hub.receive

    def receive(hub: Hub, link: int, frame: bytes, now_ms: int) -> Any:
        return [] if frame[1:2] == bytes((MESSAGE_HAVE,)) else real(hub, link, frame, now_ms)

    patch.setattr(Hub, "receive", receive)


def old_news_are_told_again(patch: pytest.MonkeyPatch) -> None:
    """Tell every neighbour all heads each second."""
    real = Hub.tick

    def tick(hub: Any, now_ms: int) -> Any:
        heads = encode(Have(tuple(hub._directory.items())))
        open_links = [link for link, held in hub._sessions.items() if held.is_syncing]
        return [*real(hub, now_ms), *(Send(link, heads) for link in open_links)]

    patch.setattr(Hub, "tick", tick)


def credit_is_ignored_when_sending(patch: pytest.MonkeyPatch) -> None:
    """Send without regard to what the neighbour has granted."""
    patch.setattr(outflow, "CREDIT_BYTES", 10**12)


def credit_is_never_given_back(patch: pytest.MonkeyPatch) -> None:
    """Forget the credit that an acknowledgement returns."""
    patch.setattr(outflow.Outflow, "give_back", lambda flow, credit_bytes: None)


def credit_is_given_back_twice(patch: pytest.MonkeyPatch) -> None:
    """Count the credit of an acknowledgement twice."""
    real = outflow.Outflow.give_back
    patch.setattr(
        outflow.Outflow, "give_back", lambda flow, credit_bytes: real(flow, 2 * credit_bytes)
    )


BUGS = (
    Bug(all_ranges_look_equal),
    Bug(a_range_lacks_its_last_log),
    Bug(what_is_missing_is_not_asked_for),
    Bug(the_last_entry_is_never_asked_for),
    Bug(nobody_else_is_asked, conformance.withholding_neighbour),
    Bug(links_gone_keep_their_fetches),
    Bug(a_neighbour_is_remembered_over_sessions),
    Bug(news_are_not_passed_on),
    Bug(have_is_lost),
    Bug(old_news_are_told_again, conformance.quiet_network),
    Bug(credit_is_ignored_when_sending, conformance.large_log),
    Bug(credit_is_never_given_back, conformance.large_log),
    Bug(credit_is_given_back_twice),
)

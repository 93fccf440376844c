"""Planted in what becomes of a log with two branches."""

from __future__ import annotations

from typing import Any

import pytest

from protocol import fork, inflow, session
from protocol.codes import FROZEN
from protocol.directory import LogView
from protocol.hub import Hub
from protocol.notices import Barred
from simulation import conformance_forks
from simulation.planted.bug import Bug


def forks_are_not_suspected(patch: pytest.MonkeyPatch) -> None:
    """See another entry at the same number and think nothing of it."""
    patch.setattr(inflow.Inflow, "suspect", lambda *arguments: [])


def a_contradiction_only_ends_the_log(patch: pytest.MonkeyPatch) -> None:
    """Ask a neighbour that holds another entry for nothing more, not even for that entry."""
    patch.setattr(inflow.Inflow, "suspect", lambda flow, log, *code: [Barred(log)])


def forks_are_not_passed_on(patch: pytest.MonkeyPatch) -> None:
    """Keep a fork to oneself."""
    patch.setattr(session.Session, "tell_fork", lambda *arguments: [])


def a_fork_is_told_to_whoever_is_there(patch: pytest.MonkeyPatch) -> None:
    """Pass a proof on to open links, and not to those that come later."""
    real = Hub.report_fork

    def report_fork(hub: Any, proof: bytes, now_ms: int) -> Any:
        effects = real(hub, proof, now_ms)
        hub._proofs.clear()
        return effects

    patch.setattr(Hub, "report_fork", report_fork)


def fork_proofs_are_believed(patch: pytest.MonkeyPatch) -> None:
    """Freeze a log for any proof."""
    patch.setattr(fork, "verify_proof", lambda proof, known=None: None)


def a_frozen_log_grows(patch: pytest.MonkeyPatch) -> None:
    """Go on with one branch of a log that has forked."""

    real = inflow.Inflow._refusal

    def refusal(flow: Any, run: Any) -> Any:
        code = real(flow, run)
        return None if code == FROZEN else code

    patch.setattr(LogView, "may_grow", LogView.accepted)
    patch.setattr(inflow.Inflow, "_refusal", refusal)


def a_rotation_settles_nothing(patch: pytest.MonkeyPatch) -> None:
    """Take the entry that the next key has signed for one like any other."""
    patch.setattr(inflow, "next_rotation", lambda directory, run: None)


def a_rotation_is_shown_to_nobody(patch: pytest.MonkeyPatch) -> None:
    """Do not tell those on another branch what has settled the fork."""
    patch.setattr(session.Rotations, "tell", lambda rotations, log: [])


BUGS = (
    Bug(forks_are_not_suspected),
    Bug(a_contradiction_only_ends_the_log),
    Bug(forks_are_not_passed_on),
    Bug(a_fork_is_told_to_whoever_is_there, conformance_forks.late_witness),
    Bug(fork_proofs_are_believed),
    Bug(a_frozen_log_grows, conformance_forks.frozen_log),
    Bug(a_rotation_settles_nothing, conformance_forks.settled_fork),
    Bug(a_rotation_is_shown_to_nobody, conformance_forks.settled_fork),
)

"""Decisions about logs: member, ignored, blocked; by a person or by the policy, one at a time.

Each decision is stored and audited before it takes effect for sessions. The policy only ever moves
a log that still waits for a decision: what a person has decided stays until a person changes it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import NamedTuple

from node.ground.ground import Ground
from protocol.directory import LogView, Standing

POLICY = "policy"
ADMIN = "admin"


class Decision(NamedTuple):
    """What is decided about a log. `reason` stays here, `public_note` is for everybody; `code` and
    `name` are used for a log that nothing is known of.
    """

    log: bytes
    standing: Standing
    reason: str = ""
    public_note: str = ""
    code: str = ""
    name: str = ""


class Standings:
    """The only place that changes a log's standing while the node runs."""

    def __init__(self, ground: Ground) -> None:
        self._directory = ground.directory
        self._log_store = ground.log_store
        self._audit = ground.audit
        self._clock = ground.clock
        self._deciding = asyncio.Lock()
        self.listeners: list[Callable[[bytes], None]] = []

    async def decide(self, log: bytes, standing: Standing, reason: str, actor: str = ADMIN) -> None:
        """Decide about a log, known or not; raises `StandingError` for what may not be decided."""
        await self.carry_out(Decision(log, standing, reason), actor)

    async def carry_out(self, decision: Decision, actor: str) -> None:
        """Decide in full; raises `StandingError` for what may not be decided."""
        async with self._deciding:
            await self._decide(decision, actor)

    async def accept_introduced(self, log: bytes, reason: str) -> bool:
        """Accept a log by policy, if it still waits for a decision."""
        async with self._deciding:
            view = self._directory.get(log)
            if view is None or view.standing is not Standing.INTRODUCED:
                return False
            await self._decide(Decision(log, Standing.MEMBER, reason), POLICY)
            return True

    async def introduce(self, log: bytes, code: str, name: str, introduced_by: bytes) -> bool:
        """List a log that nobody has decided about; False when it was known."""
        async with self._deciding:
            if self._directory.get(log) is not None:
                return False
            new = await self._log_store.introduce(
                log, code, name, introduced_by=introduced_by, now_ms=self._clock.time_ms()
            )
            if new:
                self._directory.put(LogView(log, Standing.INTRODUCED))
            return new

    async def _decide(self, decision: Decision, actor: str) -> None:
        log, standing, reason, note, code, name = decision
        now_ms = self._clock.time_ms()
        await self._log_store.set_standing(
            log, standing, reason, now_ms=now_ms, code=code, name=name, public_note=note
        )
        detail = f"{reason} / {note}" if note else reason
        await self._audit.record(actor, f"member {standing}", log.hex(), detail, now_ms)
        view = self._directory.get(log) or LogView(log, standing)
        self._directory.put(view._replace(standing=standing))
        for listener in self.listeners:
            listener(log)

"""Forks as the driver meets them: proofs kept and passed on, and branches that settle them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from node.ground.ground import Ground
from node.intake.ingest import Ingest
from node.intake.settling import Branch
from node.intake.step import Outcome
from protocol import effects, fork
from protocol.effects import Effect
from protocol.hub import Hub

Perform = Callable[[Iterable[Effect]], None]


class Forks:
    """Does what the hub asks about forks; `perform` carries out what it then asks."""

    def __init__(self, ground: Ground, *, hub: Hub, ingest: Ingest, perform: Perform) -> None:
        self._hub = hub
        self._ingest = ingest
        self._perform = perform
        self._directory = ground.directory
        self._log_store = ground.log_store
        self._clock = ground.clock
        self._logger = ground.logger

    async def tell_known(self) -> None:
        """Hand the hub the proofs kept from earlier, to pass on to whoever connects."""
        for kept in await self._log_store.forks():
            view = self._directory.get(kept.log)
            if view is not None and view.frozen:  # else settled since: the proof stays as evidence
                self._perform(self._hub.report_fork(kept.proof, self._clock.monotonic_ms()))

    async def judge(self, suspected: effects.ForkSuspected) -> None:
        """Give the hub what a proof needs: our entry at that number and the log's key events."""
        log, sequence = suspected.log, suspected.sequence
        ours = await self._log_store.entry(log, sequence)
        events = await self._log_store.key_events(log)
        if ours is not None:
            now_ms = self._clock.monotonic_ms()
            self._perform(self._hub.judge_fork(suspected.link, log, events, ours.entry, now_ms))

    async def freeze(self, found: effects.ForkFound, neighbour: bytes | None) -> None:
        """Keep a verified proof, freeze the log, and pass the proof on.

        A rotation may have come since the proof was checked; what it settled freezes nothing.
        """
        async with self._ingest.settling:
            view = self._directory.get(found.log)
            if view is not None and view.head and not fork.proves(found.proof, view.head.keys):
                return
            new = await self._log_store.freeze(found.log, found.proof, self._clock.time_ms())
            view = self._directory.get(found.log)  # entries may have come meanwhile
            if view is not None and not view.frozen:
                self._directory.put(view._replace(frozen=True))
        if new:
            event = "a log has a fork and is frozen"
            self._logger.error(event, log=found.log, neighbour=neighbour)
            self._perform(self._hub.report_fork(found.proof, self._clock.monotonic_ms()))

    def settle(
        self, arrived: effects.BranchArrived, answer: Callable[[effects.RunArrived, Outcome], None]
    ) -> None:
        """Have a branch put in its place; there is no credit to give back for it."""
        asked = effects.RunArrived(arrived.link, arrived.log, 0, 0, b"", 0)
        branch = (arrived.link, arrived.log, arrived.after, arrived.payloads)
        self._ingest.settle(Branch(*branch, partial(answer, asked)))

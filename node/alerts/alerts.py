"""Looks once a minute at what needs a person, and tells: by page, by letter, by webhook.

A condition is raised once and ended when it is gone (storage/alert_store.py). What can only be
learned from others is asked in a loop of its own, so that a silent server delays no letter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from node.alerts.alert_letters import AlertLetters, LetterWriter
from node.alerts.conditions import NameFacts, conditions
from node.alerts.gathering import Gathering
from node.alerts.guarded_fetch import Guard
from node.alerts.outside import Outside
from node.alerts.webhook import Webhook
from node.ground.background import GREETING_SECONDS, Background
from node.ground.ground import Ground
from node.sync.driver import Sync
from storage.alert_store import Alert, Event, Raised
from storage.errors import StorageError

ROUND_SECONDS = 60.0
ASK_SECONDS = 15 * 60.0
ASK_FIRST_SECONDS = 30.0
"""A node that has just started has its neighbours to dial."""
LATELY_MS = 6 * 60 * 60 * 1000
LATELY_ANEW_MS = 10 * 1000
ENDED_SHOWN = 20
NOT_KEPT = 0
"""The number of an alert that the database could not take."""


class AlertWriter(LetterWriter, Protocol):
    """Who has the words; node/web."""

    def plain(self, alert: Alert) -> Mapping[str, Any]:
        """An alert as plain data, its words in English and Swedish."""
        ...

    def event(self, event: Event, own_name: str, log: bytes) -> Mapping[str, Any]:
        """What the webhook is told of an event."""
        ...


class Alerts:
    """What needs a person at one node."""

    def __init__(
        self,
        ground: Ground,
        sync: Sync,
        background: Background,
        writer: AlertWriter,
        names_refused: Callable[[], tuple[NameFacts, ...]],
        guard: Guard | None = None,
    ) -> None:
        self._ground = ground
        self._store = ground.alert_store
        self._clock = ground.clock
        self._logger = ground.logger
        self._writer = writer
        settings = ground.settings
        self.outside = Outside(
            ground.own_log, guard or Guard(), settings.inner_networks, settings.public_url
        )
        self._gathering = Gathering(ground, sync, background, self.outside, names_refused)
        self._own_name = ""
        self.letters = AlertLetters(ground, writer)
        self.webhook = Webhook(ground, self._store, self._describe)
        self._looking = asyncio.Lock()
        self.count = 0
        """How many conditions hold, as of the last look."""

    @property
    def serves(self) -> bool:
        """Whether the node dials and listens, so that neighbours can be judged."""
        return self._gathering.serves

    async def look(self) -> list[Alert]:
        """Look now; returns what holds, the oldest first."""
        async with self._looking:
            held = tuple(alert.raised for alert in await self._store.open())
            facts = await self._gathering.facts(held, self.webhook.failing_since_ms)
            alerts = await self._noted(conditions(facts), facts.now_ms)
            self.count = len(alerts)
            return alerts

    async def _noted(self, holding: list[Raised], now_ms: int) -> list[Alert]:
        """Keep what holds; what cannot be kept now is shown all the same, and kept later."""
        try:
            return await self._store.note(holding, now_ms)
        except StorageError:
            self._logger.exception("what needs a person could not be kept")
            kept = {(one.raised.code, one.raised.subject): one for one in await self._store.open()}
            return [
                kept.get((raised.code, raised.subject), Alert(NOT_KEPT, raised, now_ms, None))
                for raised in holding
            ]

    async def ask_outside(self, *, anew: bool = False) -> None:
        """Ask what only others know, unless they were asked lately; `anew`: just now."""
        await self._gathering.ask_outside(LATELY_ANEW_MS if anew else LATELY_MS)

    async def ended(self) -> list[Alert]:
        """What is over, the newest first."""
        return await self._store.ended(ENDED_SHOWN)

    def plain(self, alert: Alert) -> Mapping[str, Any]:
        """An alert as plain data, with its words."""
        return self._writer.plain(alert)

    async def tell(self, now_ms: int) -> None:
        """Look, then write and post what is due."""
        alerts = await self.look()
        await self.letters.send_due(alerts, now_ms)
        row = await self._ground.log_store.log(self._ground.own_log)
        self._own_name = row.name if row else ""
        await self.webhook.post_due(now_ms)

    async def run(self) -> None:
        """Look and tell, round after round, until cancelled; the node serves meanwhile."""
        self._gathering.begin_serving()
        await asyncio.sleep(GREETING_SECONDS)
        await self._every(ROUND_SECONDS, lambda: self.tell(self._clock.time_ms()))

    async def run_asking(self) -> None:
        """Ask others, round after round, until cancelled."""
        await asyncio.sleep(ASK_FIRST_SECONDS)
        await self._every(ASK_SECONDS, self.ask_outside)

    async def _every(self, seconds: float, work: Callable[[], Any]) -> None:
        while True:
            try:
                await work()
            except Exception:  # one round that fails must not end all that come after it
                self._logger.exception("alerts could not be looked after")
            await asyncio.sleep(seconds)

    def _describe(self, event: Event) -> Mapping[str, Any]:
        return self._writer.event(event, self._own_name, self._ground.own_log)

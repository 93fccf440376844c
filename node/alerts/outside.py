"""What can only be learned by asking others: certificates at https addresses, and our own domain.

Asked a few times a day, a few at once, each with a time-out; answers are kept in memory. A question
that nobody answers leaves the answer before it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from node.addresses import EVERYWHERE, Network
from node.alerts.certificates import Validity, read_validity
from node.alerts.conditions import UNREACHED_MS, ConfirmationFacts
from node.alerts.confirmation import Answer, ask_domain
from node.alerts.guarded_fetch import Guard

AT_ONCE_MAX = 8


class _Asked(NamedTuple):
    asked_ms: int
    validity: Validity | None


class _Said(NamedTuple):
    asked_ms: int
    answer: Answer
    since_ms: int
    unreached_ms: int | None


class Outside:
    """Asks, and remembers what was answered.

    `inner`: where neighbours are besides on the public internet; `own_origin`: our own address,
    which the operator has set and which may lead anywhere.
    """

    def __init__(
        self, own_log: bytes, guard: Guard, inner: tuple[Network, ...] = (), own_origin: str = ""
    ) -> None:
        self._own_log = own_log
        self._guard = guard
        self._inner = inner
        self._own_origin = own_origin
        self._certificates: dict[str, _Asked] = {}
        self._said: dict[str, _Said] = {}
        self._asking = asyncio.Lock()

    async def ask(
        self, origins: Iterable[str], domain: str | None, now_ms: int, lately_ms: int
    ) -> None:
        """Ask whatever was not asked lately, and forget what is no longer asked about."""
        wanted = [origin for origin in dict.fromkeys(origins) if origin.startswith("https:")]
        async with self._asking:
            self._certificates = {
                origin: asked for origin, asked in self._certificates.items() if origin in wanted
            }
            self._said = {name: said for name, said in self._said.items() if name == domain}
            turn = asyncio.Semaphore(AT_ONCE_MAX)
            before_ms = now_ms - lately_ms
            work = [
                self._ask_certificate(origin, now_ms, turn)
                for origin in wanted
                if _is_due(self._certificates.get(origin), before_ms)
            ]
            if domain and _is_due(self._said.get(domain), before_ms):
                work.append(self._ask_domain(domain, now_ms))
            await asyncio.gather(*work)

    def validity(self, origin: str) -> Validity | None:
        """What is known of the certificate at an origin."""
        asked = self._certificates.get(origin)
        return asked.validity if asked else None

    def confirmation(self, domain: str) -> ConfirmationFacts | None:
        """What a domain says; a web site that is away says what it said, for a while."""
        said = self._said.get(domain)
        if said is None:
            return None
        away = said.unreached_ms
        if away is not None and (
            said.answer is Answer.UNREACHABLE or said.asked_ms - away >= UNREACHED_MS
        ):
            return ConfirmationFacts(domain, Answer.UNREACHABLE, away)
        return ConfirmationFacts(domain, said.answer, said.since_ms)

    async def _ask_certificate(self, origin: str, now_ms: int, turn: asyncio.Semaphore) -> None:
        async with turn:
            inner = EVERYWHERE if origin == self._own_origin else self._inner
            validity = await read_validity(origin, inner)
        self._certificates[origin] = _Asked(now_ms, validity or self.validity(origin))

    async def _ask_domain(self, domain: str, now_ms: int) -> None:
        before = self._said.get(domain)
        answer = await ask_domain(domain, self._own_log, self._guard)
        if answer is Answer.UNREACHABLE:
            away_ms = before.unreached_ms if before and before.unreached_ms else now_ms
            said = before or _Said(now_ms, answer, now_ms, away_ms)
            self._said[domain] = said._replace(asked_ms=now_ms, unreached_ms=away_ms)
        else:
            same = before is not None and before.answer is answer
            since_ms = before.since_ms if same and before else now_ms
            self._said[domain] = _Said(now_ms, answer, since_ms, None)


def _is_due(known: _Asked | _Said | None, before_ms: int) -> bool:
    return known is None or known.asked_ms <= before_ms

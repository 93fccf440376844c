"""Telling another system, by a signed POST, that an alert began or ended (Standard Webhooks).

Events go out in order, one at a time; one that was not taken is tried again, later each time, and
given up after three days. A receiver checks `webhook-signature`: base64 of HMAC-SHA256, under the
shared secret, over `id.timestamp.body`; and it may see an event twice, with the same `webhook-id`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import aiohttp
from aiohttp import hdrs

from node.addresses import EVERYWHERE
from node.ground.ground import Ground
from node.guarded_socket import guarded_socket
from node.webhook_address import read_webhook_key
from storage.alert_store import NOBODY_ASKED, AlertStore, Event, when

SECONDS_MAX = 10.0
AT_ONCE_MAX = 20
RETRY_AFTER_MS = tuple(minutes * 60_000 for minutes in (1, 5, 15, 60))
GIVEN_UP_MS = 3 * 24 * 60 * 60 * 1000

Describe = Callable[[Event], Mapping[str, Any]]


class Webhook:
    """Tells one address."""

    def __init__(self, ground: Ground, store: AlertStore, describe: Describe) -> None:
        self._settings = ground.settings
        self._own_log = ground.own_log
        self._logger = ground.logger
        self._store = store
        self._describe = describe
        self._failures = 0
        self._next_ms = 0
        self.failing_since_ms: int | None = None

    async def post_due(self, now_ms: int) -> int:
        """Tell what has not been told; returns how many events were taken."""
        events = await self._store.unposted(AT_ONCE_MAX)
        if not self._settings.webhook_url:
            await self._forget(events)
            return 0
        late = [event for event in events if now_ms - when(event)[0] >= GIVEN_UP_MS]
        await self._forget(late)
        due = [event for event in events if event not in late]
        # A wait that is longer than any was begun while the clock was wrong.
        if not due or 0 < self._next_ms - now_ms <= RETRY_AFTER_MS[-1]:
            return 0
        return await self._post_all(due, now_ms)

    async def _post_all(self, due: list[Event], now_ms: int) -> int:
        taken = 0
        for event in due:
            reason = await self._post(event, now_ms)
            if reason:
                self._failed(reason, now_ms)
                return taken
            self._failures, self.failing_since_ms = 0, None
            await self._store.posted([event], now_ms)
            taken += 1
        return taken

    async def _forget(self, events: list[Event]) -> None:
        if events:
            await self._store.posted(events, NOBODY_ASKED)

    def _failed(self, reason: str, now_ms: int) -> None:
        step = min(self._failures, len(RETRY_AFTER_MS) - 1)
        self._failures += 1
        self._next_ms = now_ms + RETRY_AFTER_MS[step]
        if self.failing_since_ms is None:
            self.failing_since_ms = now_ms
        self._logger.warning("the webhook did not take an alert", reason=reason)

    async def _post(self, event: Event, now_ms: int) -> str:
        """Tell one event; why it was not taken, or nothing."""
        body = json.dumps(dict(self._describe(event)), ensure_ascii=False).encode()
        headers = self._headers(event, body, now_ms)
        timeout = aiohttp.ClientTimeout(total=SECONDS_MAX)
        try:
            async with (
                aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(socket_factory=guarded_socket(EVERYWHERE)),
                    cookie_jar=aiohttp.DummyCookieJar(),
                    trust_env=False,
                    timeout=timeout,
                ) as session,
                session.post(
                    self._settings.webhook_url, data=body, headers=headers, allow_redirects=False
                ) as answer,
            ):
                return "" if 200 <= answer.status < 300 else f"HTTP {answer.status}"
        except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
            return type(error).__name__

    def _headers(self, event: Event, body: bytes, now_ms: int) -> dict[str, str]:
        what = "ended" if event.is_end else "begun"
        name = f"{self._own_log.hex()[:16]}-{event.alert.number}-{what}"
        seconds = str(now_ms // 1000)
        headers = {
            hdrs.CONTENT_TYPE: "application/json",
            hdrs.USER_AGENT: "tidan",
            "webhook-id": name,
            "webhook-timestamp": seconds,
        }
        secret = self._settings.webhook_secret
        if secret is not None:
            key = read_webhook_key(secret.get_secret_value())
            headers["webhook-signature"] = signature(key, name, seconds, body)
        return headers


def signature(key: bytes, name: str, seconds: str, body: bytes) -> str:
    """The value of `webhook-signature`."""
    signed = f"{name}.{seconds}.".encode() + body
    return "v1," + base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()


def moment(time_ms: int) -> str:
    """A time as the body states it, "2026-11-26T20:00:00Z"."""
    return datetime.fromtimestamp(time_ms // 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

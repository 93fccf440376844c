"""Who is dialled and when: one small loop for each neighbour that has an address.

A neighbour is dialled while no session with it is up, whoever opened it; after each end the loop
waits by `node.sync.backoff`. Neighbours come and go while the node runs. Connections follow no
redirect, send and keep no cookies, use no proxy or password from the environment, and have a total
time-out: what a neighbour's address answers can cost us one attempt and nothing else. Whatever a
name leads to, only the public internet is called, and the networks that the operator has named.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from dataclasses import dataclass

import aiohttp
from aiohttp import ClientHandlerType, ClientRequest, ClientResponse, hdrs

from node.ground.ground import Ground
from node.guarded_socket import guarded_socket
from node.origins import sync_url
from node.sync.backoff import Backoff
from node.sync.dial_errors import RedirectError, explain, technical
from node.sync.driver import Sync
from node.sync.link import HEARTBEAT_SECONDS, LinkEnd, close_for_good
from node.sync.words import UNREACHABLE
from protocol.limits import FRAME_BYTES_MAX
from protocol.transitions import Role
from storage.neighbour_views import Direction

CONNECT_SECONDS_MAX = 15.0


async def refuse_redirects(request: ClientRequest, handler: ClientHandlerType) -> ClientResponse:
    """Client middleware: a redirect ends the attempt (the library would follow it silently)."""
    response = await handler(request)
    if response.status in (301, 302, 303, 307, 308):
        response.close()
        raise RedirectError(f"the address redirects (HTTP {response.status})")
    return response


@dataclass(slots=True)
class Target:
    """One neighbour to dial, and how that has gone; times are wall-clock milliseconds."""

    log: bytes
    origin: str
    backoff: Backoff
    wake: asyncio.Event
    task: asyncio.Task[None] | None = None
    next_try_ms: int | None = None


class Dialer:
    """All the loops of one node."""

    def __init__(self, ground: Ground, *, sync: Sync) -> None:
        self._clock = ground.clock
        self._logger = ground.logger
        self._networks = ground.settings.inner_networks
        self._sync = sync
        self._targets: dict[bytes, Target] = {}
        self._session: aiohttp.ClientSession | None = None

    def start(self) -> None:
        """Open the client session; neighbours are dialled from `add` on."""
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(socket_factory=guarded_socket(self._networks)),
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            middlewares=(refuse_redirects,),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS_MAX),
            headers={hdrs.USER_AGENT: "tidan"},  # some gateways refuse callers without a name
            skip_auto_headers=(hdrs.ACCEPT, hdrs.ACCEPT_ENCODING),  # a WebSocket has no body
        )
        for target in self._targets.values():
            self._run(target)

    async def stop(self) -> None:
        """End all attempts and sessions that this side opened."""
        for log in list(self._targets):
            await self.remove(log)
        if self._session is not None:
            await self._session.close()

    async def add(self, log: bytes, origin: str) -> None:
        """Dial a neighbour from now on; a changed address takes effect at once."""
        await self.remove(log)
        target = Target(log, origin, Backoff(), asyncio.Event())
        self._targets[log] = target
        if self._session is not None:
            self._run(target)

    async def remove(self, log: bytes) -> None:
        """Stop dialling a neighbour; a session that this side opened ends."""
        target = self._targets.pop(log, None)
        if target is not None and target.task is not None:
            target.task.cancel()
            await asyncio.gather(target.task, return_exceptions=True)

    def try_now(self, log: bytes) -> None:
        """Cut the waiting short, as a person asks for with "Försök nu"."""
        if target := self._targets.get(log):
            target.wake.set()

    def next_try_ms(self, log: bytes) -> int | None:
        """When the neighbour is dialled again (wall clock), or None when that is not planned."""
        target = self._targets.get(log)
        return target.next_try_ms if target else None

    def _run(self, target: Target) -> None:
        target.task = asyncio.create_task(self._dial_for_ever(target))

    async def _dial_for_ever(self, target: Target) -> None:
        while True:
            await self._sync.wait_until_apart(target.log)
            end = await self._dial(target)
            if end.reconciled:
                target.backoff.succeeded()
            delay_ms = target.backoff.next_delay_ms(self._clock.uniform())
            target.next_try_ms = self._clock.time_ms() + delay_ms
            target.wake.clear()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(delay_ms / 1000):
                    await target.wake.wait()
            target.next_try_ms = None

    async def _dial(self, target: Target) -> LinkEnd:
        try:
            socket = await self._connect(target.origin)
        except Exception as error:  # noqa: BLE001  # explained to a person; the loop goes on
            reason, detail = explain(error), technical(error)
            self._logger.info("neighbour cannot be reached", neighbour=target.log, reason=reason)
            note = self._sync.contacts.failed
            note(target.log, Direction.OUTGOING, UNREACHABLE, reason, detail)
            return LinkEnd(False, UNREACHABLE, reason)
        self._sync.contacts.certificate(target.log, certificate_ends_ms(socket))
        try:
            return await self._sync.carry(socket, Role.DIALER, target.log, target.origin)
        finally:
            await close_for_good(socket)

    async def _connect(self, origin: str) -> aiohttp.ClientWebSocketResponse[bool]:
        assert self._session is not None
        async with asyncio.timeout(CONNECT_SECONDS_MAX):
            return await self._session.ws_connect(
                sync_url(origin),
                compress=0,
                max_msg_size=FRAME_BYTES_MAX,
                heartbeat=HEARTBEAT_SECONDS,
                autoclose=True,
                autoping=False,
                timeout=aiohttp.ClientWSTimeout(ws_close=5.0),
            )


def certificate_ends_ms(socket: aiohttp.ClientWebSocketResponse[bool]) -> int | None:
    """When the certificate of who answered ends, in milliseconds since 1970; None without TLS."""
    certificate = socket.get_extra_info("peercert")
    ends = certificate.get("notAfter") if certificate else None
    return round(ssl.cert_time_to_seconds(ends) * 1000) if ends else None

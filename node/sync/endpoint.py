"""`/sync/v1`: where neighbours connect to us.

What arrives here is unknown until the handshake says who it is, so there is a bound on how many
sockets may be open, and on how often one address may call without becoming a working session; the
session's own time-outs end whoever stays silent. A web page in
somebody's browser must not reach a node on its network: a request that carries an `Origin` header
comes from a browser and is refused.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web

from node.caller_address import caller_address
from node.clock import Clock
from node.guessing import Allowance, Guesses, network_of
from node.origins import is_loopback
from node.sync.driver import Sync
from node.sync.link import HEARTBEAT_SECONDS, close_for_good
from protocol.limits import FRAME_BYTES_MAX
from protocol.transitions import Role

STRANGERS_MAX = 64
"""Sockets open at once whose owner has not been proved to be a neighbour."""
OF_CALLERS = Allowance(guesses=30, refill_ms=10_000)
"""Calls of one address in vain: a knock that waits calls about twice a minute."""
WORKING_MS = 5_000
"""A session that works stays. One that compares logs and is gone was a call in vain: a neighbour
that did it over and over kept the node at work with signatures alone."""


def sync_handler(
    sync: Sync, clock: Clock, proxy_count: int
) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The handler for GET `/sync/v1` of one node."""
    calls = Guesses(OF_CALLERS)

    async def handle(request: web.Request) -> web.StreamResponse:
        if hdrs.ORIGIN in request.headers:
            raise web.HTTPForbidden(text="This address is for nodes, not for web pages.\n")
        if sync.stopping:
            raise web.HTTPServiceUnavailable(text="This node is stopping.\n")
        if sync.stranger_count >= STRANGERS_MAX:
            raise web.HTTPServiceUnavailable(text="Too many callers; try again later.\n")
        network, now_ms = network_of(caller_address(request, proxy_count)), clock.monotonic_ms()
        # Behind a proxy that does not say whom it forwards, all callers would be one.
        is_counted = not is_loopback(network)
        if is_counted and calls.wait_ms(network, now_ms):
            raise web.HTTPTooManyRequests(text="Too many calls; try again later.\n")
        socket = web.WebSocketResponse(
            compress=False,
            autoping=False,  # the driver answers, one in a turn like every other message
            max_msg_size=FRAME_BYTES_MAX,
            heartbeat=HEARTBEAT_SECONDS,
            timeout=5.0,
        )
        if not socket.can_prepare(request).ok:
            raise web.HTTPUpgradeRequired(
                text="Neighbouring nodes connect here over a WebSocket.\n",
                headers={hdrs.UPGRADE: "websocket"},
            )
        await socket.prepare(request)
        if is_counted:
            calls.take(network, now_ms)
        try:
            end = await sync.carry(socket, Role.RESPONDER)
            has_stayed = clock.monotonic_ms() - now_ms >= WORKING_MS
            if is_counted and end.reconciled and has_stayed:
                calls.give_back(network)
        finally:
            await close_for_good(socket)
        return socket

    return handle

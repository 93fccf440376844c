"""`/healthz` (the process serves) and `/readyz` (it can do its work): for machines.

A recovering node is ready: it reads and syncs, which is what it should do; the answer says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from node.operations.node import Node
from storage.errors import StorageError

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


async def healthz(_request: web.Request) -> web.StreamResponse:
    """200 as long as the event loop answers."""
    return web.json_response({"status": "ok"})


def readyz_handler(node: Node) -> Handler:
    """200 when the database answers and every task of the node runs, else 503."""

    async def readyz(_request: web.Request) -> web.StreamResponse:
        problems = [] if node.background.healthy else ["a task of the node has ended"]
        lag = None
        try:
            lag = await node.projections.lag()
        except StorageError:
            problems.append("the database does not answer")
        document = {
            "status": "unready" if problems else "ready",
            "problems": problems,
            "projection_lag": lag,
            "recovering": node.recovery.reason is not None,
        }
        return web.json_response(document, status=503 if problems else 200)

    return readyz

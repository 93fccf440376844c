"""The health check of the image, against a real socket."""

from __future__ import annotations

import asyncio

import pytest
from aiohttp import web

from node.health import answers


async def serve(status: int) -> tuple[web.AppRunner, int]:
    """A server on a free loopback port whose `/healthz` answers with this status."""

    async def healthz(_request: web.Request) -> web.Response:
        return web.Response(status=status)

    app = web.Application()
    app.router.add_get("/healthz", healthz)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return runner, runner.addresses[0][1]


@pytest.mark.parametrize(("status", "healthy"), [(200, True), (503, False)])
async def test_the_answer_of_the_node_decides(status: int, healthy: bool) -> None:
    """A node is healthy when it answers 200, also when it listens on every address."""
    runner, port = await serve(status)
    try:
        for host in ("127.0.0.1", "0.0.0.0"):
            assert await asyncio.to_thread(answers, host, port) is healthy
    finally:
        await runner.cleanup()


async def test_a_node_that_is_gone_is_not_healthy() -> None:
    """Nobody on the port means unhealthy, not an exception."""
    runner, port = await serve(200)
    await runner.cleanup()

    assert await asyncio.to_thread(answers, "127.0.0.1", port) is False

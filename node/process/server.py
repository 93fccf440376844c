"""Serving: the web view, `/sync/v1`, the probes and the control socket, and neighbours dialled.

Started in an order in which each part finds what it needs, and stopped in the reverse one: first
nothing new is taken in, then sessions say goodbye, then what was begun is finished and the node
closes.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TextIO

from aiohttp import web

from node.api import export_pages
from node.api.problems import answer_with_problems
from node.api.routes import API_ROUTES
from node.clock import Clock
from node.config import Settings, bracketed
from node.errors import ServeError
from node.ground.last_run import LastRun
from node.municipal.signed_names import meaning
from node.observability import web_server_logger
from node.operations.control import ControlServer
from node.operations.node import Node
from node.operations.user_operations import LinkView
from node.operations.verbs import perform
from node.origins import SYNC_PATH, is_loopback
from node.process.bootstrap import open_node
from node.process.calling import begin_calling
from node.process.garbage import keep_collecting, settle_collector
from node.process.memory import keep_giving_back
from node.process.probes import healthz, readyz_handler
from node.sync.endpoint import sync_handler
from node.web.access import Open, add_routes, get
from node.web.app import build_app
from node.web.example import ExampleAccount

SHUTDOWN_SECONDS = 5.0
KEEPALIVE_SECONDS = 75.0


@asynccontextmanager
async def serving(node: Node, example: ExampleAccount | None = None) -> AsyncIterator[str]:
    """Serve an open node; yields the address of its web view. `example` is for a demo.

    Raises `ServeError` when the port is taken.
    """
    settings = node.settings
    if not is_loopback(settings.host) and not settings.public_url.startswith("https:"):
        node.logger.warning(
            "listening beyond this machine without https: passwords travel readably",
            host=settings.host,
        )
    control = ControlServer(
        settings.data, lambda verb, given: perform(node.operations, verb, given), node.logger
    )
    runner = web.AppRunner(
        application(node, example),
        access_log=None,  # it would hold visitors' addresses
        logger=web_server_logger(node.logger),
        handle_signals=False,
        shutdown_timeout=SHUTDOWN_SECONDS,
        keepalive_timeout=KEEPALIVE_SECONDS,
    )
    await runner.setup()
    ticking = asyncio.create_task(node.sync.run())
    with meaning(node.names.signed):
        alerts = node.background.start(node.alerts.run(), "alerts")
    last_run = LastRun(node.facts, node.clock, node.first_asking, node.chores)
    telling = [
        alerts,
        node.background.start(last_run.run(), "last run noted"),
        node.background.start(keep_collecting(), "cycles collected"),
        node.background.start(keep_giving_back(), "memory given back"),
        node.background.start(node.alerts.run_asking(), "alerts asked"),
        node.background.start(node.sync.mender.run(), "damage mended"),
        node.background.start(node.scrub.run(), "storage checked"),
    ]
    try:
        await _listen(runner, settings)
        await control.start()
        await node.sync.forks.tell_known()
        await begin_calling(node)
        node.logger.info("serving", host=settings.host, port=settings.port)
        settle_collector()
        yield f"http://{bracketed(settings.host)}:{settings.port}"
    finally:
        node.first_asking.stop()
        for site in runner.sites:
            await site.stop()
        await control.stop()
        await node.sync.stop()
        await node.dialer.stop()
        await runner.cleanup()
        for task in (ticking, *telling):
            task.cancel()
        await asyncio.gather(ticking, *telling, return_exceptions=True)
        node.logger.info("stopped serving")


async def serve(
    settings: Settings,
    *,
    ready: Callable[[Node, str, LinkView | None], None] | None = None,
    clock: Clock | None = None,
    log_stream: TextIO | None = None,
) -> None:
    """Open and serve a node until SIGTERM or SIGINT; `ready` is told the address, and the
    link of the first operator while there is none. `clock`: another than the machine's."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    try:
        async with (
            open_node(settings, clock=clock, log_stream=log_stream) as node,
            serving(node) as address,
        ):
            link = await node.operations.setup_link()
            if ready is not None:
                ready(node, address, link)
            await stopped.wait()
    finally:
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(number)


def application(node: Node, example: ExampleAccount | None) -> web.Application:
    """All routes of one node, for people and for machines."""
    application = build_app(node, example, inner=(answer_with_problems,))
    settings = node.settings
    for_machines = (
        get(
            SYNC_PATH, sync_handler(node.sync, node.clock, settings.proxy_count), Open.UNSEEN
        ),  # authenticates by keys
        get("/healthz", healthz, Open.UNSEEN),
        get("/readyz", readyz_handler(node), Open.UNSEEN),
    )
    export_pages.prepare(application)
    add_routes(application, (*for_machines, *API_ROUTES))
    return application


async def _listen(runner: web.AppRunner, settings: Settings) -> None:
    site = web.TCPSite(runner, settings.host, settings.port, reuse_address=True)
    try:
        await site.start()
    except OSError as error:
        address = f"{bracketed(settings.host)}:{settings.port}"
        raise ServeError(f"Cannot listen on {address} ({error.strerror}).") from error

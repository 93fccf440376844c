"""One Chromium, and one node with something on every page, for all tests that only look."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from browsers import Chromium, open_chromium
from leaving_out import leave_out
from page_visits import AXE, Visits
from page_windows import open_windows
from page_world import World, open_world

NO_CHECKERS = (
    "axe and the Nu checker are not in .checkers: install Node.js with npm, then make test"
)


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def chromium() -> AsyncIterator[Chromium]:
    """Chromium for all tests."""
    async with open_chromium() as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session")
async def browser(chromium: Chromium) -> AsyncIterator[Browser]:
    """Chromium for one test: whatever it opens is closed after it."""
    running = await chromium.running()
    before = set(running.contexts)
    yield running
    for context in running.contexts:
        if context not in before:
            await context.close()


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """A node with something on every page; what a test adds to it stays there."""
    async with open_world(tmp_path_factory.mktemp("world")) as opened:
        yield opened


@pytest_asyncio.fixture(loop_scope="session", scope="session")
async def visits(
    chromium: Chromium, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Visits]:
    """Visits of all pages, each made when it is first asked for, on a node of their own."""
    if not AXE.exists():
        leave_out(NO_CHECKERS)
    async with (
        open_world(tmp_path_factory.mktemp("visited")) as opened,
        open_windows(chromium, opened.full.served.url) as windows,
    ):
        made = Visits(opened, windows)
        yield made
        await made.close()

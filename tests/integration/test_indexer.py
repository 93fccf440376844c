"""The loop that keeps the index up: what is published is found, and trouble stays with it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from storage.search.search_index import FOLDER_NAME
from web_site import Site, open_site


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm."""
    async with open_site(tmp_path) as opened:
        yield opened


async def publish(site: Site, title: str) -> None:
    """Publish without waiting for the index."""
    await site.served.publish(title)
    await site.served.node.projector.settled()


async def test_what_was_published_is_found(site: Site) -> None:
    """A moment later, by an own search, however many come at once."""
    for number in range(3):
        await publish(site, f"Exempel: gräsklippare {number}")
    await asyncio.gather(*(site.served.node.indexer.settled() for _ in range(3)))

    page = await site.get("/erfarenheter?q=gr%C3%A4sklipparna")
    assert all(f"gräsklippare</mark> {number}" in page.text for number in range(3))
    assert await site.served.node.search.lag() == 0


async def test_a_failing_index_harms_nothing_else_and_recovers(site: Site) -> None:
    """Publishing, lists and searching go on; when the disk is in order again all is found."""
    await site.publish(title="Exempel: snöslunga")
    node, folder = site.served.node, site.served.folder / FOLDER_NAME
    shutil.rmtree(folder)
    folder.write_text("no folder")
    await publish(site, "Exempel: gräsklippare")
    with pytest.raises((OSError, ValueError)):
        await node.indexer.settled()

    assert "gräsklippare" in (await site.get("/erfarenheter")).text
    search = await site.get("/erfarenheter?q=sn%C3%B6slunga")
    assert (search.status, "snöslunga</mark>" in search.text) == (200, True)
    assert (await site.get("/readyz")).status == 200
    assert "indexing for search failed" in site.served.log_lines.getvalue()

    folder.unlink()
    await publish(site, "Exempel: gräsklippare igen")
    await node.indexer.settled()
    found = await site.get("/erfarenheter?q=gr%C3%A4sklippare")
    assert found.text.count("gräsklippare</mark>") >= 2
    assert "snöslunga</mark>" in (await site.get("/erfarenheter?q=sn%C3%B6slunga")).text


async def test_a_node_that_starts_again_has_its_index(tmp_path: Path) -> None:
    """What was found before is found after, also when the index was lost in between."""
    async with open_site(tmp_path) as site:
        await site.publish(title="Exempel: snöslunga")
        served = site.served
        for is_lost in (False, True):
            await served.stop()
            if is_lost:
                shutil.rmtree(served.folder / FOLDER_NAME)
            await served.start()
            await served.node.projector.settled()
            await served.node.indexer.settled()
            page = await site.get("/erfarenheter?q=sn%C3%B6slungor")
            assert "snöslunga</mark>" in page.text

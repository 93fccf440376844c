"""What several kinds of tests with real sockets start."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from mail_server import MailServer, mail_server
from node_factories import TestNode


@pytest.fixture
def mail() -> Iterator[MailServer]:
    """A mail server that takes everything."""
    with mail_server() as running:
        yield running


@pytest.fixture
async def hjo(tmp_path: Path) -> AsyncIterator[TestNode]:
    """Another real node."""
    node = await TestNode(tmp_path / "hjo", "1497", "Hjo kommun").start()
    yield node
    await node.stop()

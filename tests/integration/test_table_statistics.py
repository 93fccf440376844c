"""PostgreSQL knows how much there is when much has come, and does not find out a minute later."""

from __future__ import annotations

from pathlib import Path

import asyncpg
import pytest

from content_factories import an_experience
from node.intake import growth
from node.process.bootstrap import open_node
from node_factories import TestNode


async def test_a_node_has_its_tables_counted_when_they_have_grown(
    tmp_path: Path, migrated_postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was projected is in the statistics by which pages are planned, without waiting."""
    monkeypatch.setattr(growth, "FIRST_ENTRIES", 5)
    url = migrated_postgresql_url
    made = await TestNode(tmp_path, "9001", "Exempelby", database_url=url).create()
    async with open_node(made.settings, log_stream=made.log_lines) as node:
        await node.publisher.publish_many("experience", [an_experience() for _ in range(20)])
        await node.projector.settled()
        await node.chores.settled()
    connection = await asyncpg.connect(url)
    try:
        known = await connection.fetchval(
            "SELECT reltuples FROM pg_class WHERE oid = 'records'::regclass"
        )
    finally:
        await connection.close()

    assert known == 20

"""A little of what `make kills` does; a node alone is killed in test_serving_process.py."""

from __future__ import annotations

from random import Random

from leaving_out import leave_out
from tests.kills.kills import SERVER, killing
from tests.postgresql_cluster import MISSING, binaries


async def test_a_node_goes_on_after_its_database_server_was_killed() -> None:
    """Killed under load and started again: every entry that a writer was told of is there, and the
    node, which was not restarted, writes again by itself."""
    if binaries() is None:
        leave_out(MISSING)
    async with killing("postgresql", Random(1)) as work:
        await work.once(SERVER)
        await work.finish()

    assert work.outcome.problems == []
    assert work.outcome.acknowledged > 0

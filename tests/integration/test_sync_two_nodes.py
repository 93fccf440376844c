"""Two real nodes with real sockets and databases keep each other's logs."""

from __future__ import annotations

from pathlib import Path

from node_factories import nodes, until_equal


async def test_a_record_travels_to_a_neighbour(tmp_path: Path) -> None:
    """What one municipality publishes shows on its neighbour's node, from the right sender."""
    async with nodes(tmp_path, "Exempelby", "Provstad") as (ours, theirs):
        await ours.befriend(theirs)
        record = await ours.publish("Exempel: nattillsyn med kamera")
        await until_equal([ours, theirs])

        found = await theirs.node.queries.record(bytes.fromhex(record))

        assert found is not None
        assert (found.row.log, found.row.municipality) == (ours.log_id, "Exempelby")

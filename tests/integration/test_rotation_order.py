"""A rotation and what is being written meanwhile: one queue, so that each number is used once."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from node.intake.signing import Draft
from node_factories import TestNode
from protocol.identity import SigningKey, next_key_digest
from storage_factories import whole_log


@pytest.mark.parametrize(("keep", "sequence", "given_way"), [(None, 5, 0), (2, 3, 2)])
async def test_what_is_being_written_comes_before_a_rotation(
    tmp_path: Path, keep: int | None, sequence: int, given_way: int
) -> None:
    """Entries that were on their way when the key is changed are stored first: they stand, or give
    way and are counted; either way the log has each number once and verifies."""
    node = await TestNode(tmp_path, "9001", "Exempelby").start()
    seed = node.sheet_seed
    following = next_key_digest(SigningKey(seed[::-1]).public_key).hex()
    draft = Draft("comment", b'{"schema":1,"text":"Exempel: skrivs"}')
    reason = "Exempel: stulen nyckel"
    try:
        await node.publish("Exempel: skrivet")
        writing = asyncio.create_task(node.node.ingest.write([draft, draft]))
        rotating = node.node.operations.rotate_key(seed.hex(), following, keep, reason)
        stored, done = await asyncio.gather(writing, rotating)

        assert [item.entry.header.sequence for item in stored] == [3, 4]
        assert (done.sequence, done.given_way) == (sequence, given_way)
        assert f", {given_way} given way" in (await node.node.audit.newest(1))[0].detail
        held = await whole_log(node.node.log_store, node.log_id)
        assert [item.entry.header.sequence for item in held] == list(range(1, sequence + 1))
        assert (await node.node.operations.verify_log(node.log, every_signature=True)).error == ""
    finally:
        await node.stop()

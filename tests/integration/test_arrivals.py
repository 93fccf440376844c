"""What becomes of a run on its way in: audited, repacked, put together."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path

from sqlalchemy import func, select

from factories import LogMaker, resigned
from ingesting import accept, arrive, held
from node.intake.step import Arrival, Outcome
from node.operations.node import Node
from node.process.bootstrap import open_node
from node_factories import TestNode, until
from protocol.errors import SignatureError
from protocol.run import decode_run, encode_run, unfold
from storage.schema import runs
from storage_factories import whole_log

LARGE = b" " * 60_000
"""Content of which one part of a commit holds some 30."""


async def test_every_signature_is_checked_when_asked_for(tmp_path: Path) -> None:
    """With the setting, an entry in the middle of a run whose own signature is bad ends the log
    there, though the run rule alone would take it; what stands before it is kept."""
    made = await TestNode(tmp_path, "9001", "Exempelby", every_signature=True).create()
    maker = LogMaker(2)
    maker.extend(120)
    bad = resigned(maker.envelopes[-1], bytes(32) + b"\x01" * 32)
    async with open_node(made.settings, log_stream=made.log_lines) as opened:
        await accept(opened, maker)
        good = await arrive(opened, maker, 0, 120)
        maker.envelopes[-1] = bad
        refused = await arrive(opened, maker, 120, 121)
        assert (good.error, held(opened, maker)) == (None, 120)

        forged = _with_a_bad_signature(LogMaker(3), at=60)
        await accept(opened, forged)
        ended = await arrive(opened, forged, 0, 100)
        assert isinstance(ended.error, SignatureError)
        assert held(opened, forged) == 59
        assert await whole_log(opened.log_store, forged.log) == forged.envelopes[:59]
    async with open_node(made.settings, log_stream=made.log_lines) as opened:
        assert held(opened, forged) == 59
    assert refused.head is not None
    assert refused.head.sequence == 120


async def test_what_continues_a_refused_run_is_refused_with_it(tmp_path: Path) -> None:
    """While signatures of one part are checked, the next is taken in on top of it; when one of them
    is bad, the neighbour is told so for both, in one part or in two, and nobody blames our disk."""
    made = await TestNode(tmp_path, "9001", "Exempelby", every_signature=True).create()
    small, large = _with_a_bad_signature(LogMaker(2), at=60), LogMaker(3)
    large.envelopes.append(resigned(large.append(content=LARGE), bytes(32) + b"\x01" * 32))
    large.envelopes.pop(-2)
    large.head = large.head._replace(id=large.envelopes[-1].entry.id)
    for _ in range(100):
        large.append(content=LARGE)
    async with open_node(made.settings, log_stream=made.log_lines) as opened:
        await accept(opened, small, large)
        for maker, cuts in ((small, (0, 80, 90, 100)), (large, (0, 30, 60, 90))):
            pieces = pairwise(cuts)
            outcomes = await asyncio.gather(*(arrive(opened, maker, *piece) for piece in pieces))
            assert [getattr(one.error, "code", None) for one in outcomes] == ["bad_signature"] * 3
            assert not any(outcome.failed for outcome in outcomes)
        assert (held(opened, small), held(opened, large)) == (59, 1)


def _with_a_bad_signature(maker: LogMaker, at: int) -> LogMaker:
    """A log whose owner signed one entry wrongly and went on: the chain covers it all the same."""
    maker.extend(at - 2)
    wrong = resigned(maker.append(), maker.envelopes[-2].entry.signature)
    maker.envelopes[-1] = wrong
    maker.head = maker.head._replace(id=wrong.entry.id)
    maker.extend(100 - at)
    return maker


async def test_a_padded_frame_is_not_kept(node: Node) -> None:
    """A payload blown up with empty blocks is stored, and passed on, packed anew."""
    maker = LogMaker(2)
    maker.extend(3)
    await accept(node, maker)
    data = unfold(encode_run(maker.envelopes))
    empty = bytes(3) * 200_000
    head = bytes.fromhex("28b52ffd0058")  # a frame with a window of 2 MiB and no checksum
    block = ((len(data) << 3) | 1).to_bytes(3, "little") + data
    padded = head + empty + block
    assert decode_run(padded) == maker.envelopes
    answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    node.ingest.arrive(Arrival(1, maker.log, padded, answered.set_result))
    outcome = await answered
    sent = await node.log_store.packed_run(maker.log, 0, 4)

    assert outcome.error is None
    assert sent is not None
    assert len(sent.payload) < len(data)
    assert decode_run(sent.payload) == maker.envelopes


async def test_single_entries_are_put_together(node: Node) -> None:
    """A log that grows entry by entry lies in few runs, also while it grows."""
    maker = LogMaker(2)
    maker.extend(100)
    await accept(node, maker)
    for number in range(101):
        await arrive(node, maker, number, number + 1)

    async def few() -> bool:
        run = await node.log_store.packed_run(maker.log, 0, 96)
        async with node.log_store._database.read() as connection:
            rows = await connection.scalar(select(func.count()).select_from(runs))
        return run is not None and run.last >= 96 and rows is not None and rows < 10

    await until(few, "small runs are packed")
    assert await whole_log(node.log_store, maker.log) == maker.envelopes

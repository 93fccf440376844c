"""The one queue that writes the log: what it acknowledges, in which order, and what it refuses."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from factories import LogMaker, resigned
from ingesting import accept, arrive, held
from node.errors import ArgumentError
from node.ground.data_folder import DataFolder
from node.intake.checker import PENDING_BYTES_MAX
from node.intake.step import Arrival, Committed, Outcome, content_bytes
from node.operations.node import Node
from node.process.bootstrap import open_node
from node_factories import TestNode, example_record
from protocol.directory import Standing
from protocol.entry import Envelope
from protocol.errors import ForkError
from protocol.run import encode_run
from storage.errors import FolderLockedError
from storage_factories import whole_log


async def test_acknowledged_entries_are_in_the_database(node: Node) -> None:
    """When a run is answered, its entries can be read back, byte for byte."""
    maker = LogMaker(2)
    maker.extend(20)
    await accept(node, maker)

    outcome = await arrive(node, maker, 0, 21)

    stored = await whole_log(node.log_store, maker.log)
    assert outcome == Outcome(maker.head)
    assert stored == maker.envelopes


async def test_many_runs_share_one_commit_and_each_is_answered(node: Node) -> None:
    """Runs of many logs that wait together are all stored and answered, in any mixture."""
    makers = [LogMaker(number, code=f"91{number:02}") for number in range(2, 22)]
    for maker in makers:
        maker.extend(5)
    await accept(node, *makers)

    halves = [arrive(node, maker, 0, 3) for maker in makers]
    rest = [arrive(node, maker, 3, 6) for maker in makers]
    outcomes = await asyncio.gather(*halves, *rest)

    assert all(outcome.error is None for outcome in outcomes)
    assert [held(node, maker) for maker in makers] == [6] * len(makers)


async def test_what_is_refused_touches_nothing_else(node: Node) -> None:
    """A poisoned run between good ones ends with its error; the good ones are stored."""
    good, bad = LogMaker(2), LogMaker(3, code="9103")
    good.extend(3)
    await accept(node, good, bad)
    broken = bad.sealed("comment", b"{}", delivered=b"{ }")
    bad.envelopes.append(broken)

    outcomes = await asyncio.gather(
        arrive(node, good, 0, 2), arrive(node, bad, 0, 2), arrive(node, good, 2, 4)
    )

    assert [getattr(item.error, "code", None) for item in outcomes] == [
        None,
        "wrong_commitment",
        None,
    ]
    assert (held(node, good), held(node, bad)) == (4, 1)


async def test_overlapping_runs_are_taken_once(node: Node) -> None:
    """The same entries from two neighbours are stored once, and the longer run still helps."""
    maker = LogMaker(2)
    maker.extend(9)
    await accept(node, maker)

    first, second, third = await asyncio.gather(
        arrive(node, maker, 0, 6, link=1),
        arrive(node, maker, 2, 10, link=2),
        arrive(node, maker, 1, 4, link=3),
    )

    assert (first.error, second.error, third.error) == (None, None, None)
    assert held(node, maker) == 10


@pytest.mark.parametrize("behind", [0, 3])
async def test_another_entry_at_a_stored_number_is_a_fork(node: Node, behind: int) -> None:
    """A second version of what is stored is reported as a fork, at the head or behind it."""
    maker = LogMaker(2)
    maker.extend(2)
    twin = maker.fork()
    maker.extend(1 + behind)
    twin.append(content=b'{"schema":1,"number":"other"}')
    await accept(node, maker)
    await arrive(node, maker, 0, len(maker.envelopes))

    outcome = await arrive(node, twin, 3, 4)

    assert isinstance(outcome.error, ForkError)
    assert held(node, maker) == len(maker.envelopes)


async def test_logs_nobody_accepted_are_not_stored(node: Node) -> None:
    """A run of an unknown, ignored or blocked log is answered not_wanted and leaves no trace."""
    unknown, blocked = LogMaker(2), LogMaker(3, code="9103")
    await node.standings.decide(blocked.log, Standing.BLOCKED, "exempel")

    outcomes = [await arrive(node, unknown, 0, 1), await arrive(node, blocked, 0, 1)]

    assert [getattr(item.error, "code", None) for item in outcomes] == ["not_wanted"] * 2
    assert await node.log_store.entry(blocked.log, 1) is None


def uncovered(maker: LogMaker, count: int, content: bytes) -> list[Envelope]:
    """Entries that follow each other after a log's head, none of them validly signed."""
    made: list[Envelope] = []
    previous, sequence = maker.head.id, maker.head.sequence
    for number in range(1, count + 1):
        good = maker.sealed("comment", content, sequence=sequence + number, previous=previous)
        made.append(resigned(good, good.entry.signature[:32] + bytes(32)))
        previous = made[-1].entry.id
    return made


async def test_a_later_signature_covers_what_waits(node: Node) -> None:
    """Entries without a valid signature are stored only when an entry after them covers them."""
    maker = LogMaker(2)
    await accept(node, maker)
    await arrive(node, maker, 0, 1)
    waiting = uncovered(maker, 2, b"{}")
    covering = maker.sealed("comment", b"{}", sequence=4, previous=waiting[-1].entry.id)
    maker.envelopes = [maker.envelopes[0], *waiting, covering]

    first = await arrive(node, maker, 1, 3)
    between = held(node, maker)
    second = await arrive(node, maker, 3, 4)

    assert (first.error, between) == (None, 1)
    assert (second.error, held(node, maker)) == (None, 4)


async def test_what_waits_is_bounded(node: Node) -> None:
    """A session that leaves megabytes waiting for a signature that never comes loses that log."""
    maker = LogMaker(2)
    await accept(node, maker)
    await arrive(node, maker, 0, 1)
    maker.envelopes += uncovered(maker, 80, b" " * 60_000)

    outcomes = [await arrive(node, maker, start, start + 20) for start in range(1, 81, 20)]

    assert [getattr(item.error, "code", None) for item in outcomes][-1] == "bad_signature"
    assert held(node, maker) == 1
    assert sum(map(content_bytes, node.ingest._checker._pending.values())) <= PENDING_BYTES_MAX


async def test_a_large_batch_is_committed_in_parts(node: Node) -> None:
    """Runs that unfold to far more than one commit holds are all stored and answered."""
    makers = [LogMaker(number, code=f"91{number:02}") for number in range(2, 12)]
    for maker in makers:
        for _ in range(30):
            maker.append(content=b" " * 60_000)
    await accept(node, *makers)

    outcomes = await asyncio.gather(*(arrive(node, maker, 0, 31) for maker in makers))

    assert [outcome.error for outcome in outcomes] == [None] * 10
    assert [held(node, maker) for maker in makers] == [31] * 10


async def test_own_entries_follow_the_order_of_durability(node: Node) -> None:
    """Listeners hear of an own entry only when it is in the database and the guard knows it."""
    seen: list[tuple[int, int]] = []

    def listener(committed: Committed) -> None:
        guard = DataFolder(node.settings.data).guard.read()
        seen.append((committed.head.sequence, guard.sequence if guard else 0))

    node.ingest.listeners.insert(0, listener)

    written = await node.publisher.publish("experience", example_record("Exempel: ordning"))

    assert written.sequence == 2
    assert seen == [(2, 2)]
    assert await node.log_store.entry(node.own_log, 2) is not None


async def test_a_full_disk_for_the_guard_stops_signing(node: Node, tmp_path: Path) -> None:
    """An entry whose guard cannot be written is not acknowledged, and nothing more is signed."""
    guard = DataFolder(node.settings.data).guard.path
    guard.unlink()
    guard.mkdir()  # writing fails from here on, as on a full or broken disk

    with pytest.raises(OSError, match="guard"):
        await node.publisher.publish("experience", example_record("Exempel: full disk"))

    assert "guard file" in (node.recovery.reason or "")
    assert node.directory.items()[0].sequence == 1


async def test_a_mistake_in_one_leaves_nothing_written(node: Node) -> None:
    """Content nobody could read is refused before anything is signed."""
    with pytest.raises(ArgumentError, match="area"):
        await node.publisher.publish_many(
            "experience",
            [example_record("Exempel: bra"), example_record("Exempel: fel", area="finns-inte")],
        )

    assert node.directory.items()[0].sequence == 1


async def test_only_own_entries_are_changed_or_withdrawn(node: Node) -> None:
    """Replacing or withdrawing another municipality's record is refused where it is written."""
    maker = LogMaker(2)
    theirs = maker.append("experience", b'{"schema":1}').entry.id.hex()
    await accept(node, maker)
    await arrive(node, maker, 0, 2)

    with pytest.raises(ArgumentError, match="own record"):
        await node.publisher.publish("experience", example_record("Exempel", replaces=theirs))
    with pytest.raises(ArgumentError, match="own entry"):
        await node.publisher.publish(
            "withdraw", {"schema": 1, "target": theirs, "reason": "Exempel"}
        )


async def test_a_failed_commit_blames_no_neighbour(node: Node) -> None:
    """When our database refuses, the run is answered as failed here, and the next one goes on."""
    maker, other = LogMaker(2), LogMaker(3, code="9103")
    maker.extend(1)
    await accept(node, maker, other)
    await arrive(node, maker, 0, 1)
    view = node.directory.get(maker.log)
    assert view is not None
    node.directory.put(view._replace(head=None))  # as if the database knew more than we think

    failed, good = await asyncio.gather(arrive(node, maker, 0, 1), arrive(node, other, 0, 1))

    assert (failed.failed, failed.error) == (True, None)
    assert (good.error, held(node, other)) == (None, 1)


async def test_what_repeats_entries_that_were_not_stored_failed_as_well(node: Node) -> None:
    """Two neighbours send the same, and the commit fails: neither is told that it is here, and so
    neither goes on from there (found by simulation: the next run did not follow)."""
    maker = LogMaker(2)
    await accept(node, maker)
    await arrive(node, maker, 0, 1)
    view = node.directory.get(maker.log)
    assert view is not None
    node.directory.put(view._replace(head=None))  # as if the database knew more than we think

    outcomes = await asyncio.gather(*(arrive(node, maker, 0, 1, link=link) for link in (1, 2)))

    assert [(outcome.failed, outcome.error) for outcome in outcomes] == [(True, None)] * 2


async def test_a_second_node_on_the_same_folder_is_refused(node: Node) -> None:
    """While a node is open no other can open its folder."""
    with pytest.raises(FolderLockedError, match="already"):
        async with open_node(node.settings):
            pass


@given(points=st.sets(st.integers(1, 11), max_size=5), overlap=st.integers(0, 3))
@settings(max_examples=8, deadline=None)
def test_any_cut_into_pieces_leads_to_the_same_log(points: set[int], overlap: int) -> None:
    """However a log is cut into overlapping runs over several links, it ends up whole."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(_send_in_pieces(Path(folder), sorted(points), overlap))


async def _send_in_pieces(folder: Path, points: list[int], overlap: int) -> None:
    maker = LogMaker(2)
    maker.extend(7)
    maker.rotate()
    maker.extend(3)
    made = await TestNode(folder, "9001", "Exempelby").create()
    async with open_node(made.settings, log_stream=made.log_lines) as node:
        await accept(node, maker)
        starts, ends = [0, *points], [*points, 12]
        pieces = zip(starts, ends, strict=True)
        outcomes = await asyncio.gather(
            *(
                arrive(node, maker, max(0, start - overlap), end, link=number)
                for number, (start, end) in enumerate(pieces)
            )
        )
        assert [outcome.error for outcome in outcomes] == [None] * len(outcomes)
        stored = await whole_log(node.log_store, maker.log)
        assert stored == maker.envelopes


async def test_what_a_session_sent_of_a_refused_log_is_refused_unread(node: Node) -> None:
    """After a broken run, what was already under way of that log costs nothing; others go on."""
    bad, good = LogMaker(2), LogMaker(3)
    await accept(node, bad, good)
    outcomes: list[Outcome] = []
    for payload in (b"broken", encode_run(bad.envelopes)):
        node.ingest.arrive(Arrival(1, bad.log, payload, outcomes.append))
    stored = await arrive(node, good, 0, 1)
    codes = [outcome.error.code for outcome in outcomes if outcome.error]
    again = await arrive(node, bad, 0, 1, link=2)

    assert stored.error is None
    assert codes == ["malformed", "malformed"]
    assert again.error is None


async def test_what_waits_goes_with_its_session(node: Node) -> None:
    """Runs left in the queue by a session that ended are not worked off, so they never pile up."""
    maker, other = LogMaker(2), LogMaker(3)
    await accept(node, maker, other)
    answered: list[Outcome] = []
    run = encode_run(maker.envelopes)
    for _ in range(1_000):
        node.ingest.arrive(Arrival(1, maker.log, run, answered.append))
    node.ingest.forget_link(1)
    await arrive(node, other, 0, 1, link=2)

    assert answered == []
    assert held(node, maker) == 0


async def test_nothing_waits_for_a_session_that_ended_while_it_was_checked(node: Node) -> None:
    """Entries without a valid signature are not kept when their session is already gone."""
    maker, other = LogMaker(2), LogMaker(3)
    await accept(node, maker, other)
    await arrive(node, maker, 0, 1)
    forged = resigned(maker.append(content=Random(1).randbytes(20_000)), bytes(64))
    ended: list[Outcome] = []
    run = encode_run([forged])
    node.ingest.arrive(Arrival(1, maker.log, run, ended.append))
    for _ in range(5):
        await asyncio.sleep(0)  # the check begins in a thread
    node.ingest.forget_link(1)
    await arrive(node, other, 0, 1, link=2)

    assert not node.ingest._checker._pending  # memory that nobody else can see

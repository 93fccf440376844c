"""Files over real sockets, A–B–C: carried on, resumed, overtaken by entries, safe from liars."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

from factories import LogMaker
from hostile_neighbour import WAIT_SECONDS_MAX, HostileNeighbour, approved
from memory_blobs import blob_of
from node_factories import TestNode, example_record, free_port, nodes, until
from protocol import strict_json
from protocol.blob_messages import Blob, BlobHere, BlobPiece, NoBlob, Piece, WantBlob
from protocol.limits import BLOB_PIECE_BYTES_MAX, BLOB_PIECES_UNDER_WAY
from protocol.messages import Message, Run, Stored, decode
from recording_relay import RecordingRelay, messages_in
from stalling_relay import StallingRelay

LARGE = Random(1).randbytes(5_000_000)
STALLED_AFTER_BYTES = 2_000_000


def naming(*files: bytes, title: str = "Exempel: med bilaga") -> dict[str, object]:
    """A record that names files."""
    attachments = [
        {
            "sha256": blob_of(data).digest.hex(),
            "name": "Exempel.txt",
            "media_type": "text/plain",
            "size_bytes": len(data),
            "description": "Exempel",
        }
        for data in files
    ]
    return example_record(title, attachments=attachments)


async def upload(at: TestNode, data: bytes) -> Blob:
    """Hold a file at a node, as the page does."""
    growing = at.node.blob_files.upload("test")
    growing.append(data)
    return await at.node.sync.blobs.hold(growing)


async def publish(at: TestNode, *files: bytes) -> str:
    """Hold files at a node and publish a record that names them."""
    for data in files:
        await upload(at, data)
    return (await at.node.operations.publish("experience", naming(*files))).record


def holds(at: TestNode, data: bytes) -> Callable[[], Awaitable[bool]]:
    """Whether a node holds a file, in table and on disk."""
    blob = blob_of(data)

    async def held() -> bool:
        known = await at.node.blob_store.held([blob.digest])
        return blob.digest in known and at.node.blob_files.is_whole(blob)

    return held


async def test_a_large_file_is_carried_on(tmp_path: Path) -> None:
    """A file of 5 MB reaches C, which never meets A, through B; all have the same bytes."""
    async with nodes(tmp_path, "Ytterby", "Mellanby", "Innerby", introductions="auto-1") as made:
        a, b, c = made
        await a.befriend(b)
        await c.befriend(b)
        record = await publish(a, LARGE)

        await until(holds(c, LARGE), "the file reached C")
        await until(holds(b, LARGE), "B kept it")

        assert c.node.blob_files.path_of(blob_of(LARGE).digest).read_bytes() == LARGE
        assert await c.node.queries.record(bytes.fromhex(record)) is not None
        assert not list((c.folder / "blobs" / "partial").iterdir())


@asynccontextmanager
async def behind_a_relay(
    folder: Path, relay: StallingRelay, port: int
) -> AsyncIterator[tuple[TestNode, TestNode]]:
    """A node that is dialled through a relay, and the one that dials it; they are neighbours."""
    origin = f"http://127.0.0.1:{relay.port}"
    giving = TestNode(folder, "9002", "Mellanby", port, other_origins=(origin,),
                      introductions="auto-1")  # fmt: skip
    taking = TestNode(folder, "9003", "Innerby", introductions="auto-1")
    try:
        await giving.start()
        await taking.start()
        await giving.node.operations.add_neighbour(taking.log)
        await taking.node.operations.add_neighbour(giving.log, origin)
        yield giving, taking
    finally:
        await taking.stop()
        await giving.stop()


async def test_a_cut_in_the_middle_costs_only_what_is_missing(tmp_path: Path) -> None:
    """B is stopped while C fetches A's file from it: C goes on where it was, when B is back."""
    port = free_port()
    async with (
        nodes(tmp_path, "Ytterby", introductions="auto-1") as (a,),
        StallingRelay(port, STALLED_AFTER_BYTES) as relay,
        behind_a_relay(tmp_path, relay, port) as (b, c),
    ):
        await a.befriend(b)
        await publish(a, LARGE)
        await until(holds(b, LARGE), "B has the file")
        partial = c.folder / "blobs" / "partial"

        async def some_came() -> bool:
            return partial.exists() and sum(f.stat().st_size for f in partial.iterdir()) > 10**6

        await until(some_came, "part of the file came to C")
        await b.stop()
        relay.let_go()
        relay.reset()
        await b.start()

        await until(holds(c, LARGE), "the file reached C")

        assert c.node.blob_files.path_of(blob_of(LARGE).digest).read_bytes() == LARGE
        assert relay.received_bytes < len(LARGE) - 10**6


class StallingRecordingRelay(StallingRelay, RecordingRelay):
    """A line that gets stuck, and keeps what passed."""

    def __init__(self, port: int, after_bytes: int) -> None:
        StallingRelay.__init__(self, port, after_bytes)
        self.sent, self.received = bytearray(), bytearray()


async def test_entries_overtake_a_large_file(tmp_path: Path) -> None:
    """What is published while a file travels arrives before the rest of the file."""
    port = free_port()
    async with (
        StallingRecordingRelay(port, STALLED_AFTER_BYTES) as relay,
        behind_a_relay(tmp_path, relay, port) as (giving, taking),
    ):
        await publish(giving, LARGE)

        async def stuck() -> bool:
            return relay.received_bytes > STALLED_AFTER_BYTES

        await until(stuck, "the file is half-way")
        await giving.publish("Exempel: viktigare")
        sequence = await giving.head(giving.log_id)
        relay.let_go()
        await until(holds(taking, LARGE), "the file came")

        passed = [decode(frame) for frame in messages_in(bytes(relay.received))]
        at = next(number for number, message in enumerate(passed) if _ends(message, sequence))
        after = sum(isinstance(message, BlobPiece) for message in passed[at:])
        assert after >= len(LARGE) // BLOB_PIECE_BYTES_MAX - BLOB_PIECES_UNDER_WAY - (
            STALLED_AFTER_BYTES // BLOB_PIECE_BYTES_MAX
        )


def _ends(message: Message, sequence: int) -> bool:
    return isinstance(message, Run) and message.last == sequence


@asynccontextmanager
async def hostile_with_a_file(
    target: TestNode, maker: LogMaker, data: bytes
) -> AsyncIterator[tuple[HostileNeighbour, WantBlob]]:
    """A neighbour whose own record names a file, and the node's first request for it."""
    maker.append("experience", strict_json.dumps(naming(data)))
    async with approved(maker, target) as hostile:
        await hostile.offer(maker)
        await hostile.send_run(maker.log, maker.envelopes)
        await hostile.receive(Stored)
        yield hostile, await hostile.receive(WantBlob)


async def test_a_liar_is_noted_and_the_file_comes_from_another(tmp_path: Path) -> None:
    """Wrong bytes are thrown away; the liar's log goes on, and an honest neighbour is asked."""
    data = Random(2).randbytes(BLOB_PIECE_BYTES_MAX + 5)
    async with nodes(tmp_path, "Exempelby", "Hederby") as (target, honest):
        liar = LogMaker(4, code="9104")
        async with hostile_with_a_file(target, liar, data) as (hostile, first):
            for piece in (first.piece, (await hostile.receive(WantBlob)).piece):
                await hostile.send(BlobPiece(piece.blob.digest, piece.offset, bytes(piece.length)))

            async def noted() -> bool:
                await target.node.chores.settled()
                shown = {item.log: item for item in await target.node.operations.neighbours()}
                return shown[liar.log.hex()].last_error_code == "wrong_blob"

            await until(noted, "the lie was noted")
            liar.extend(1)
            await hostile.send_run(liar.log, liar.envelopes[-1:])
            await hostile.receive(Stored)
            await upload(honest, data)
            await honest.node.operations.publish("experience", naming(data))
            await honest.befriend(target)

            await until(holds(target, data), "the file came from the honest one")
            assert await target.head(liar.log) == len(liar.envelopes)


async def test_more_than_was_asked_for_ends_the_session(tmp_path: Path) -> None:
    """Endless pieces, and pieces nobody asked for, end that session and leave nothing behind."""
    async with nodes(tmp_path, "Exempelby") as (target,):
        maker = LogMaker(4, code="9104")
        async with hostile_with_a_file(target, maker, b"small") as (hostile, wanted):
            digest = wanted.piece.blob.digest
            await hostile.send(BlobPiece(digest, 0, bytes(BLOB_PIECE_BYTES_MAX)))
            endless = await hostile.ending()
        async with approved(maker, target) as hostile:
            await hostile.offer(maker)
            await hostile.send(BlobPiece(bytes(32), 0, b"never asked for"))
            unasked = await hostile.ending()
        files = target.folder / "blobs"
        left = [path for path in files.rglob("*") if path.is_file() and path.stat().st_size]

        assert (endless.code, unasked.code) == ("no_credit", "no_credit")
        assert left == []


async def test_only_what_a_record_names_is_given(tmp_path: Path) -> None:
    """A neighbour gets a file that a record names, and no other, however well it knows its name."""
    named, secret = b"for all members", b"an upload of a draft"
    async with nodes(tmp_path, "Exempelby") as (target,):
        await publish(target, named)
        await upload(target, secret)
        maker = LogMaker(4, code="9104")
        async with approved(maker, target) as hostile:
            await hostile.offer(maker)
            await hostile.send(WantBlob(Piece(blob_of(secret), 0, 1)))
            refused = await hostile.receive(NoBlob)
            await hostile.send(WantBlob(Piece(blob_of(named), 4, 3)))
            given = await hostile.receive(BlobPiece)

        assert refused.digest == blob_of(secret).digest
        assert given.data == named[4:7]


async def test_who_asks_before_the_record_is_told_when_it_names_the_file(tmp_path: Path) -> None:
    """A request that comes before the record's place in the tables is not forgotten."""
    data = b"asked for early"
    async with nodes(tmp_path, "Exempelby") as (target,):
        await upload(target, data)
        maker = LogMaker(4, code="9104")
        async with approved(maker, target) as hostile:
            await hostile.offer(maker)
            await hostile.send(WantBlob(Piece(blob_of(data), 0, len(data))))
            await hostile.receive(NoBlob)
            await publish(target, data)
            told = await hostile.receive(BlobHere)
            await hostile.send(WantBlob(Piece(blob_of(data), 0, len(data))))
            given = await hostile.receive(BlobPiece)

        assert (told.blob, given.data) == (blob_of(data), data)


async def test_a_file_that_comes_while_it_is_looked_up_is_told_of(tmp_path: Path) -> None:
    """The answer "not here" may be old when it leaves; whoever got it is told the file came."""
    data = b"came meanwhile"
    async with nodes(tmp_path, "Exempelby") as (target,):
        await target.node.operations.publish("experience", naming(data))
        store = target.node.blob_store
        look_up, looked_up = store.may_pass_on, asyncio.Event()

        async def late(asked: Collection[Blob]) -> set[Blob]:
            """The same answer, which takes its time until the file is here."""
            found = await look_up(asked)
            looked_up.set()
            await until(holds(target, data), "the file came meanwhile")
            return found

        store.may_pass_on = late  # type: ignore[method-assign]  # as on a slow disk
        maker = LogMaker(4, code="9104")
        async with approved(maker, target) as hostile:
            await hostile.offer(maker)
            await hostile.send(WantBlob(Piece(blob_of(data), 0, len(data))))
            await asyncio.wait_for(looked_up.wait(), WAIT_SECONDS_MAX)
            await upload(target, data)
            await hostile.receive(NoBlob)
            told = await hostile.receive(BlobHere)

        assert told.blob == blob_of(data)


async def test_a_file_that_nobody_has_holds_nothing_up(tmp_path: Path) -> None:
    """A record that names a file which is nowhere is shown; the next record's file comes."""
    async with nodes(tmp_path, "Ytterby", "Mellanby", introductions="auto-1") as (a, b):
        await a.befriend(b)
        missing = await a.node.operations.publish("experience", naming(b"is nowhere"))
        await publish(a, b"is here")

        await until(holds(b, b"is here"), "the other file came")
        assert await b.node.queries.record(bytes.fromhex(missing.record)) is not None


async def test_a_file_the_disk_changed_is_fetched_anew(tmp_path: Path) -> None:
    """A flipped bit is found before the file is passed on, and mended from a neighbour."""
    data = b"what the record means"
    async with nodes(tmp_path, "Ytterby", "Mellanby", introductions="auto-1") as (a, b):
        await a.befriend(b)
        await publish(a, data)
        await until(holds(b, data), "the file came")
        b.node.blob_files.path_of(blob_of(data).digest).write_bytes(b"WHAT the record means")

        assert await b.node.sync.blobs.read(blob_of(data), 0, 4) is None
        await until(holds(b, data), "the file is whole again")

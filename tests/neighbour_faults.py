"""What can go wrong in a session with a neighbour, found here or said by it, with real sockets."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial
from itertools import cycle, repeat

from aiohttp import web

from content_factories import an_experience
from factories import LogMaker, signing_key
from hostile_neighbour import answer_evidence_with_nothing
from memory_blobs import blob_of
from neighbour_stage import CASES, Expected, Stage, case, hjo, state
from node.operations.neighbour_status import SEE_KEYS, NeighbourState
from node.sync import link, words
from odd_servers import Reply, answering, hangs_up, says_goodbye, says_nothing, sends, tcp_server
from poisoned_runs import (
    Poison,
    bomb,
    changed_content,
    forged_key_event,
    gap,
    garbage,
    other_log,
    uncommitted_key,
    weak_signature,
)
from protocol import session, strict_json
from protocol.blob_messages import BlobPiece, WantBlob
from protocol.content import Attachment
from protocol.directory import Item
from protocol.handshake import Handshake, Ourselves
from protocol.identity import SigningKey
from protocol.limits import CREDIT_BYTES, EPOCH_BYTES
from protocol.messages import Hello, Refused, Stored, Want, decode
from protocol.transitions import Role

# --- what is found in a session -------------------------------------------------------------------


async def met(code: str, reply: Reply, stage: Stage) -> Expected:
    """Whoever answers our call does so in a wrong way."""
    stage.patch.setattr(session, "HANDSHAKE_TIMEOUT_MS", 300)
    return Expected(await stage.meet(reply), [words.WORDS[code]])


for _code, _reply in {
    "broken": hangs_up,
    "timeout": says_nothing,
    "no_common_version": sends(Hello((7,), bytes.fromhex("ab" * 32), bytes(32), bytes(16), "", 0)),
}.items():
    CASES[f"found {_code}"] = partial(met, _code, _reply)


def answers_as(maker: LogMaker, key: SigningKey, epochs: Iterator[bytes]) -> Reply:
    """Somebody who answers each call with a key, as another start of the node."""

    async def reply(socket: web.WebSocketResponse, frame: bytes) -> None:
        hello = decode(frame)
        assert isinstance(hello, Hello)
        keys = {maker.log: tuple(maker.envelopes[:1])}
        ourselves = Ourselves(
            maker.log,
            key.sign,
            lambda log: keys.get(log, ()),
            next(epochs),
            frozenset({hello.origin}),
        )
        handshake = Handshake(ourselves, Role.RESPONDER, bytes(32))
        for answer in handshake.receive_hello(hello, frame):
            await socket.send_bytes(answer)
        await socket.receive()

    return reply


@case("found bad_handshake")
async def impostor(stage: Stage) -> Expected:
    """Whoever answers says it is the neighbour, and cannot sign as it."""
    maker = hjo()
    reply = answers_as(maker, signing_key(99), repeat(bytes(EPOCH_BYTES)))
    url = await stage.stack.enter_async_context(answering(reply))
    log = await stage.dial(url, maker.log.hex())
    return Expected(log, [state(NeighbourState.WRONG_KEY), words.WORDS["bad_handshake"]])


@case("found cloned")
async def two_with_one_key(stage: Stage) -> Expected:
    """Two machines with the neighbour's key answer in turn."""
    maker = hjo()
    epochs = cycle([bytes(EPOCH_BYTES), b"\x01" * EPOCH_BYTES])
    reply = answers_as(maker, maker.key, epochs)
    url = await stage.stack.enter_async_context(answering(reply))
    log = await stage.dial(url, maker.log.hex())
    return Expected(log, [state(NeighbourState.NO_CONTACT), words.WORDS["cloned"]])


async def poisoned(code: str, poison: Poison, stage: Stage) -> Expected:
    """A run that breaks a rule; the session goes on without that log."""
    maker = hjo()
    neighbour = await stage.hostile(maker)
    await neighbour.send_run(maker.log, maker.envelopes)
    await neighbour.receive(Stored)
    await neighbour.send_payload(maker.log, 2, 1, poison(maker))
    if code == "broken_link":
        await answer_evidence_with_nothing(neighbour, maker)
    return Expected(maker.log.hex(), [words.WORDS[code], f"{code}: log {maker.log.hex()}"])


for _code, _poison in {
    "bad_key_event": uncommitted_key,
    "bad_signature": forged_key_event,
    "broken_link": gap,
    "key_refused": weak_signature,
    "limit": bomb,
    "malformed": garbage,
    "wrong_commitment": changed_content,
    "wrong_log": other_log,
}.items():
    CASES[f"found {_code}"] = partial(poisoned, _code, _poison)


@case("found wrong_state")
async def out_of_turn(stage: Stage) -> Expected:
    """The neighbour greets once more in the middle."""
    maker = hjo()
    neighbour = await stage.hostile(maker)
    await neighbour.send(neighbour.sent[0])
    return Expected(maker.log.hex(), [words.WORDS["wrong_state"]])


@case("found no_credit")
async def too_much_given_back(stage: Stage) -> Expected:
    """The neighbour gives back what was never sent."""
    maker = hjo()
    neighbour = await stage.hostile(maker)
    await neighbour.send(Stored(Item(maker.log, 1, maker.log), CREDIT_BYTES))
    return Expected(maker.log.hex(), [words.WORDS["no_credit"]])


@case("found too_slow")
async def reads_nothing(stage: Stage) -> Expected:
    """More waits to be sent to the neighbour than it takes."""
    await stage.ours.publish("Exempel: något att sända")
    maker = hjo()
    neighbour = await stage.hostile(maker)
    stage.patch.setattr(link, "WAITING_BYTES_MAX", 100)
    await neighbour.send(Want(stage.ours.log_id, 0, 2))
    return Expected(maker.log.hex(), [words.WORDS["too_slow"]])


@case("found fork")
async def forked(stage: Stage) -> Expected:
    """The neighbour's own log has two entries at one number."""
    maker = hjo()
    twin = maker.fork()
    maker.append(content=b'{"schema":1,"number":1}')
    twin.append(content=b'{"schema":1,"number":2}')
    neighbour = await stage.hostile(maker)
    await neighbour.send_run(maker.log, maker.envelopes)
    await neighbour.receive(Stored)
    await neighbour.socket.close()
    again = await stage.hostile(twin)
    want = await again.receive(Want)
    while (want.after, want.through) != (1, 2):
        want = await again.receive(Want)
    await again.send_run(maker.log, twin.envelopes[1:])
    return Expected(maker.log.hex(), [state(NeighbourState.IN_STEP), words.WORDS["fork"]])


@case("found wrong_blob")
async def wrong_file(stage: Stage) -> Expected:
    """A file that is not what the neighbour's own record says."""
    maker, blob = hjo(), blob_of(b"Exempel")
    file = Attachment(
        sha256=blob.digest.hex(),
        name="a.txt",
        media_type="text/plain",
        size_bytes=blob.size_bytes,
        description="Exempel",
    )
    maker.append("experience", strict_json.dumps(an_experience(attachments=(file,))))
    neighbour = await stage.hostile(maker)
    await neighbour.send_run(maker.log, maker.envelopes)
    asked = (await neighbour.receive(WantBlob)).piece
    await neighbour.send(BlobPiece(asked.blob.digest, asked.offset, bytes(asked.length)))
    return Expected(maker.log.hex(), [words.WORDS["wrong_blob"]])


@case("found local_failure")
async def disk_failed(stage: Stage) -> Expected:
    """Our own database takes no entries."""
    maker = hjo()
    neighbour = await stage.hostile(maker)
    database = stage.ours.node.log_store._database
    async with database.write() as connection:
        await connection.exec_driver_sql("ALTER TABLE runs RENAME TO runs_away")
    await neighbour.send_run(maker.log, maker.envelopes)
    await neighbour.ending()
    async with database.write() as connection:
        await connection.exec_driver_sql("ALTER TABLE runs_away RENAME TO runs")
    return Expected(maker.log.hex(), [words.WORDS["local_failure"]])


# --- what the neighbour says ----------------------------------------------------------------------


@case("told wrong_origin")
async def another_address(stage: Stage) -> Expected:
    """A real node, reached at an address that is not its own."""
    other = await stage.other()
    await other.node.operations.add_neighbour(stage.ours.log)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", other.port)
        await asyncio.gather(copy(reader, back), copy(there, writer))

    port = await stage.stack.enter_async_context(tcp_server(relay))
    await stage.dial(f"http://127.0.0.1:{port}", other.log)
    return Expected(other.log, [words.TOLD["wrong_origin"]])


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass on what comes, and the end of it."""
    while chunk := await reader.read(65_536):
        writer.write(chunk)
    writer.close()


async def told(code: str, sentence: str, stage: Stage) -> Expected:
    """Whoever answers our call ends the session, and says why."""
    return Expected(await stage.meet(says_goodbye(code)), [sentence, f"BYE {code}: exempel"])


@case("told cloned")
async def told_of_a_copy(stage: Stage) -> Expected:
    """The neighbour has met two nodes with our key: what to do is about us, not about it."""
    log = await stage.meet(says_goodbye("cloned"))
    return Expected(log, [words.TOLD["cloned"], SEE_KEYS, "BYE cloned: exempel"])


for _name in words.TOLD:
    CASES.setdefault(f"told {_name}", partial(told, _name, words.TOLD[_name]))
CASES["told something else"] = partial(told, "limit", words.in_words("limit", by_them=True))
CASES["told in a newer word"] = partial(told, "later", words.in_words("later", by_them=True))


@case("refused")
async def log_refused(stage: Stage) -> Expected:
    """The neighbour takes no more of our log: its quota is full."""
    maker = hjo()
    neighbour = await stage.hostile(maker)
    await neighbour.send(Refused(stage.ours.log_id, "limit", 0))
    return Expected(maker.log.hex(), [words.refused_by_neighbour("limit")])

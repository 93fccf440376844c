"""Entries of others that claim what is not theirs to claim, over each way that entries come in.

Named by the advisories of other programs that they come from (docs/advisories.md).
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from content_factories import an_experience
from factories import LogMaker, resigned, signing_key
from hostile_neighbour import HostileNeighbour, approved, open_socket
from memory_blobs import blob_of
from node.intake.step import Committed
from node_factories import TestNode, example_record, nodes, until
from protocol import strict_json
from protocol.content import Introduction
from protocol.directory import Standing
from protocol.entry import Envelope
from protocol.identity import fingerprint
from protocol.messages import Auth, Hello, Run, Stored, Want, encode
from protocol.run import encode_run
from web_site import open_site, write


@pytest.fixture
async def target(tmp_path: Path) -> AsyncIterator[TestNode]:
    """A running node with nothing but its own log."""
    async with nodes(tmp_path, "Exempelby") as (node,):
        yield node


def forged_by(maker: LogMaker, true: Envelope, key_number: int) -> Envelope:
    """The same entry, signed by somebody else's key."""
    assert maker.key.public_key != signing_key(key_number).public_key
    return resigned(true, signing_key(key_number).sign(true.entry.payload))


async def wanted(hostile: HostileNeighbour, log: bytes) -> Want:
    """The node's next request for a log."""
    while (want := await hostile.receive(Want)).log != log:
        pass
    return want


async def refused_or_ignored(target: TestNode, log: bytes, sequence: int) -> None:
    """Nothing of the log beyond a number is stored, in any table that holds entries."""
    assert await target.head(log) == sequence
    assert await target.node.log_store.entry(log, sequence + 1) is None
    await target.node.projector.settled()


@pytest.mark.parametrize("way", ["pushed", "asked for"])
async def test_cve_2024_23832_the_author_is_the_verifying_key(target: TestNode, way: str) -> None:
    """CVE-2024-23832, CVE-2025-25306: what B brings as A's and has signed itself leaves no row,
    whether B pushes it or gives it when asked; and A's own entry is still taken afterwards.
    """
    a, b = LogMaker(2, code="9102", name="A"), LogMaker(4, code="9104", name="B")
    await target.node.operations.add_neighbour(a.log.hex())
    true = a.append("experience", strict_json.dumps(an_experience(title="Exempel: äkta")))
    forged = forged_by(a, true, b.number * 1_000)
    async with approved(b, target) as hostile:
        await hostile.offer(b, a)
        want = await wanted(hostile, a.log)
        if way == "pushed":
            await hostile.send_run(a.log, a.envelopes[:1])
            await hostile.receive(Stored)
            await hostile.send_run(a.log, [forged])
        else:
            assert (want.after, want.through) == (0, 2)
            await hostile.send_run(a.log, [a.envelopes[0], forged])
        await hostile.send_run(b.log, b.envelopes)
        await hostile.receive(Stored)
        await refused_or_ignored(target, a.log, min(await target.head(a.log), 1))
    async with approved(a, target) as honest:
        await honest.offer(a)
        await honest.send_run(a.log, a.envelopes)

        async def whole() -> bool:
            return await target.head(a.log) == 2

        await until(whole, "A's own entry was stored")
    stored = await target.node.log_store.entry(a.log, 2)

    assert stored is not None
    assert stored.entry.raw == true.entry.raw


async def test_cve_2022_39374_rejected_stays_rejected(tmp_path: Path) -> None:
    """CVE-2022-39374: a forged entry is refused from a second neighbour and after a restart too."""
    target = TestNode(tmp_path, "9001", "Exempelby", ask_neighbours_seconds=1)
    await target.start()
    a = LogMaker(2, code="9102", name="A")
    true = a.append()
    forged = forged_by(a, true, 99)
    try:
        await target.node.operations.add_neighbour(a.log.hex())
        for number in (4, 5, 6):
            b = LogMaker(number, code=f"910{number}", name=f"B {number}")
            async with approved(b, target) as hostile:
                await hostile.offer(b, a)
                await hostile.send_run(a.log, [a.envelopes[0], forged])
                await hostile.send_run(b.log, b.envelopes)
                await hostile.receive(Stored)
            assert await target.head(a.log) <= 1
            await target.stop()
            await target.start()
            await refused_or_ignored(target, a.log, await target.head(a.log))
    finally:
        await target.stop()


async def test_cve_2019_18835_every_message_needs_a_proved_sender(target: TestNode) -> None:
    """CVE-2019-18835: of all messages none is taken before the sender is proved, and a proof by
    another key, or over another domain's words, is none.
    """
    maker = LogMaker(4, code="9104")
    await target.node.operations.add_neighbour(maker.log.hex())
    hello = Hello((1,), maker.log, bytes(32), bytes(16), target.url, 0)
    run = Run(maker.log, 1, 1, encode_run(maker.envelopes))
    signatures = {
        "none": bytes(64),
        "another key": signing_key(99).sign(b"tidan/1 handshake"),
        "another domain": maker.key.sign(b"tidan/1 entry"),
    }
    for signature in signatures.values():
        async with open_socket(target) as socket:
            caller = HostileNeighbour(maker, socket)
            await caller.send(hello)
            await caller.receive(Auth)
            await caller.send(Auth(tuple(maker.envelopes[:1]), signature))
            await caller.send(run)
            assert (await caller.ending()).code == "bad_handshake"
    async with open_socket(target) as socket:
        caller = HostileNeighbour(maker, socket)
        await caller.send(encode(run))
        assert (await caller.ending()).code == "wrong_state"

    assert await target.head(maker.log) == 0


async def test_cve_2024_25636_a_file_is_never_read_as_entries(tmp_path: Path) -> None:
    """CVE-2024-25636: an attachment that is a whole, valid log of somebody else stays a file."""
    a = LogMaker(2, code="9102", name="A")
    a.append("experience", strict_json.dumps(an_experience(title="Exempel: smugglad")))
    log = encode_run(a.envelopes)
    async with open_site(tmp_path) as site:
        node = site.served.node
        await node.standings.decide(a.log, Standing.MEMBER, "exempel")
        growing = node.blob_files.upload("test")
        growing.append(log)
        blob = await node.sync.blobs.hold(growing)
        named = {
            "sha256": blob.digest.hex(), "name": "Exempel.txt", "media_type": "text/plain",
            "size_bytes": blob.size_bytes, "description": "Exempel",
        }  # fmt: skip
        record = example_record("Exempel: med fil", attachments=[named])
        await node.operations.publish("experience", record)
        _, given = await site.download(f"/filer/{blob_of(log).digest.hex()}/Exempel.txt")
        await node.projector.settled()

        assert given == log
        assert await site.served.head(a.log) == 0
        assert "smugglad" not in (await site.get("/erfarenheter")).text


async def test_ghsa_r7vq_6425_j94w_one_introducer_counts_once(tmp_path: Path) -> None:
    """GHSA-r7vq-6425-j94w: with auto-2 a neighbour that introduces a log five times, in two names,
    is still one; the second neighbour makes it a member.
    """
    stranger = LogMaker(7, code="9107", name="Främlingsby")
    async with open_site(tmp_path, introductions="auto-2") as site:
        node = site.served.node
        first, second = (LogMaker(number, code=f"910{number}", name=f"Granne {number}")
                         for number in (2, 3))  # fmt: skip

        def introduce(maker: LogMaker, name: str = "Främlingsby") -> None:
            statement = Introduction(
                log=stranger.log.hex(), code="9107", name=name,
                fingerprint=fingerprint(stranger.log),
            )  # fmt: skip
            write(maker, "introduction", statement)

        for number in range(5):
            introduce(first, f"Främlingsby {number % 2}")
        introduce(second)
        for maker in (first, second):
            await node.operations.add_neighbour(maker.log.hex())
        await site.receive(first)
        await node.introductions.review()
        alone = node.directory.get(stranger.log)
        await site.receive(second)
        await node.introductions.review()
        both = node.directory.get(stranger.log)

    assert alone is not None
    assert both is not None
    assert (alone.standing, both.standing) == (Standing.INTRODUCED, Standing.MEMBER)


async def test_cve_2026_45076_a_page_of_what_is_refused_ends_nothing(tmp_path: Path) -> None:
    """CVE-2026-45076, CVE-2020-26257: after more entries that cannot be shown than are looked at at
    a time, and than a list has pages for, the next one is shown.
    """
    maker = LogMaker(2, code="1497", name="Hjo kommun")
    for _ in range(2_500):
        maker.append("later", b"{}")
    record = write(maker, "experience", an_experience(title="Exempel: till sist"))
    async with open_site(tmp_path) as site:
        await site.receive(maker)
        shown = await site.get("/erfarenheter")

        assert f"/erfarenheter/{record}" in shown.text
        assert (await site.served.node.queries.counts()).unreadable == 2_500


async def test_cve_2025_54888_nothing_is_done_before_the_signature_holds(
    target: TestNode,
) -> None:
    """CVE-2025-54888: no listener hears of an entry whose signature does not hold, so no row, no
    index and no neighbour does; the entry before it and the one after it are heard of.
    """
    heard: list[Committed] = []
    target.node.ingest.listeners.append(heard.append)
    a, b = LogMaker(2, code="9102"), LogMaker(4, code="9104")
    await target.node.operations.add_neighbour(a.log.hex())
    forged = forged_by(a, a.append(), 99)
    async with approved(b, target) as hostile:
        await hostile.offer(b, a)
        await hostile.send_run(a.log, a.envelopes[:1])
        await hostile.receive(Stored)
        await hostile.send_run(a.log, [forged])
        await hostile.send_run(b.log, b.envelopes)
        await hostile.receive(Stored)

    told = {(one.head.log, one.head.sequence) for one in heard}
    assert told >= {(a.log, 1), (b.log, 1)}
    assert (a.log, 2) not in told
    assert await target.head(a.log) == 1

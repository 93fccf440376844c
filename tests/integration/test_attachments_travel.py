"""Files over real sockets, A–B–C: carried on, resumed, overtaken by entries, safe from liars."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from factories import LogMaker
from hostile_neighbour import HostileNeighbour, approved
from memory_blobs import blob_of
from node_factories import TestNode, example_record, nodes, until
from protocol.blob_messages import Blob, BlobHere, BlobPiece, NoBlob, Piece, WantBlob
from protocol.limits import BLOB_PIECE_BYTES_MAX
from protocol.messages import Bye, Stored
from protocol import strict_json
from stalling_relay import StallingRelay

LARGE = Random(1).randbytes(5_000_000)


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

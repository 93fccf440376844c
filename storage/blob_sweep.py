"""Removes files that nothing names any more, and finds again what was lost sight of.

A file that stops being named, or was uploaded and never named, stays for ``GRACE_MS``. The row goes
first and the file afterwards; should a record name the file in between, it is simply wanted again.
"""

from __future__ import annotations

import asyncio

from sqlalchemy import and_, delete, exists, insert, literal, select, update

from protocol.blob_messages import Blob
from storage.blob_files import BlobFiles
from storage.blob_schema import attachments, blobs
from storage.blob_store import IS_NAMED, BlobStore
from storage.database import Database

GRACE_MS = 30 * 24 * 60 * 60 * 1000


class BlobSweep:
    """One pass over rows and files; run now and then, never in a hurry."""

    def __init__(self, database: Database, store: BlobStore, files: BlobFiles) -> None:
        self._database = database
        self._store = store
        self._files = files

    async def run(self, now_ms: int) -> int:
        """Do everything; returns how many files were removed."""
        await self._find_wanted()
        gone = await self._forget_unnamed(now_ms)
        for blob in gone:
            await asyncio.to_thread(self._files.remove, blob.digest)
        await asyncio.to_thread(self._files.drop_partial, (now_ms - GRACE_MS) / 1000)
        return len(gone) + await self._adopt(now_ms)

    async def _find_wanted(self) -> None:
        """Want what is named and has no row: a log that was forgotten is accepted again."""
        absent = ~exists(
            select(blobs.c.digest).where(
                blobs.c.digest == attachments.c.digest,
                blobs.c.size_bytes == attachments.c.size_bytes,
            )
        )
        columns = (attachments.c.digest, attachments.c.size_bytes, literal(0))
        found = select(*columns).where(absent).distinct()
        async with self._database.write() as connection:
            statement = insert(blobs).from_select(["digest", "size_bytes", "tried_ms"], found)
            await connection.execute(statement)

    async def _forget_unnamed(self, now_ms: int) -> list[Blob]:
        """Note since when each file is not named, and forget those that have long not been."""
        unnamed = blobs.c.unnamed_ms
        too_long = and_(unnamed.is_not(None), unnamed < now_ms - GRACE_MS)
        async with self._database.write() as connection:
            await connection.execute(
                update(blobs).where(unnamed.is_not(None), IS_NAMED).values(unnamed_ms=None)
            )
            await connection.execute(
                update(blobs).where(unnamed.is_(None), ~IS_NAMED).values(unnamed_ms=now_ms)
            )
            rows = (await connection.execute(select(blobs).where(too_long))).all()
            await connection.execute(delete(blobs).where(too_long))
        return [Blob(row.digest, row.size_bytes) for row in rows if row.held_ms is not None]

    async def _adopt(self, now_ms: int) -> int:
        """Keep whole files without a row (a crash came between) if wanted, else remove them."""
        removed = 0
        for blob, written_seconds in await asyncio.to_thread(lambda: [*self._files.whole_files()]):
            if blob.digest in await self._store.held([blob.digest]):
                continue
            whole = await asyncio.to_thread(self._files.is_whole, blob)
            if whole and await self._is_known(blob):
                await self._store.hold(blob, now_ms)
            elif not whole or written_seconds * 1000 < now_ms - GRACE_MS:
                await asyncio.to_thread(self._files.remove, blob.digest)
                removed += 1
        return removed

    async def _is_known(self, blob: Blob) -> bool:
        key = and_(blobs.c.digest == blob.digest, blobs.c.size_bytes == blob.size_bytes)
        statement = select(blobs.c.digest).where(key)
        async with self._database.read() as connection:
            return (await connection.execute(statement)).first() is not None

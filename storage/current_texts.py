"""What records say now, many at a time: for exports, which read every one of a list.

A run of the log is read and unpacked once for all records of a page that lie in it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from protocol.content import Experience, read_content
from protocol.entry import Envelope
from protocol.errors import ContentError
from storage.database import Database
from storage.schema import logs, records, runs
from storage.stored_run import StoredRun, damaged, stored_envelopes


class _Place(NamedTuple):
    log_no: int
    sequence: int


class CurrentTexts:
    """Reads the present version of records that somebody may see: who asks has made sure of it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, ids: Sequence[bytes]) -> dict[bytes, Experience]:
        """Return what these records say now, by id; one whose content is erased is left out.

        Raises :class:`storage.errors.DamagedLogError` when the disk has changed one.
        """
        if not ids:
            return {}
        async with self._database.read() as connection:
            places = await _places(connection, ids)
            found = await _read(connection, set(places.values()))
        return {record: found[place] for record, place in places.items() if place in found}


async def _places(connection: AsyncConnection, ids: Sequence[bytes]) -> dict[bytes, _Place]:
    columns = (records.c.record_id, records.c.log_no, records.c.version_sequence)
    statement = select(*columns).where(records.c.record_id.in_(ids))
    return {row[0]: _Place(row[1], row[2]) for row in await connection.execute(statement)}


async def _read(connection: AsyncConnection, places: set[_Place]) -> dict[_Place, Experience]:
    wanted: dict[int, set[int]] = defaultdict(set)
    for place in places:
        wanted[place.log_no].add(place.sequence)
    found: dict[_Place, Experience] = {}
    for log_no, sequences in wanted.items():
        left = set(sequences)
        while left:
            row = await _run_with(connection, log_no, min(left))
            if row.last_sequence < min(left):
                raise damaged(row.log, min(left), "it is missing")
            inside = {one for one in left if one < row.first_sequence + row.entry_count}
            for envelope in stored_envelopes(row, min(inside) - 1, max(inside)):
                sequence = envelope.entry.header.sequence
                experience = _experience(envelope) if sequence in inside else None
                if experience is not None:
                    found[_Place(log_no, sequence)] = experience
            left -= inside
    return found


async def _run_with(connection: AsyncConnection, log_no: int, sequence: int) -> StoredRun:
    """Return the run that holds an entry: the last of its log that begins at or before it."""
    statement = (
        select(logs.c.log_id, runs)
        .join(logs, logs.c.log_no == runs.c.log_no)
        .where(runs.c.log_no == log_no, runs.c.first_sequence <= sequence)
        .order_by(runs.c.first_sequence.desc())
        .limit(1)
    )
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        raise damaged(b"", sequence, "it is missing")
    return StoredRun(*row)


def _experience(envelope: Envelope) -> Experience | None:
    if envelope.body is None:
        return None
    try:
        content = read_content(envelope.entry.header.kind, envelope.body.content)
    except ContentError:
        return None
    return content if isinstance(content, Experience) else None

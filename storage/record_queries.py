"""The read side for pages, command line and API: what the network holds, as this node shows it.

Every answer is read in one state of the database. Hidden logs (storage/visible_logs.py) and records
that the reader may not see are left out of rows and counts alike. ``visible`` says who reads:
``PUBLIC`` (the default) or ``MEMBERS``.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Table, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.known_entries import KnownEntry, read_known_entries
from storage.municipality_queries import read_municipalities, read_municipality
from storage.record_detail import read_detail
from storage.record_lists import Cell, count_facets, listed, read_cells, read_page, read_rows
from storage.record_views import (
    PUBLIC,
    Counts,
    Facets,
    MunicipalityDetail,
    MunicipalityRow,
    RecordDetail,
    RecordFilter,
    RecordPage,
    RecordRow,
)
from storage.schema import comments, interests, projection_state, records, unreadable, uses
from storage.search_text import query_words
from storage.visible_logs import VisibleLogs, read_visible_logs

_CELLS_KEPT = 8
"""Groupings kept for facets; a new entry or decision makes all of them stale."""


class RecordQueries:
    """Answers from the projections."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._cells: OrderedDict[object, tuple[Cell, ...]] = OrderedDict()

    async def list_records(
        self, filter: RecordFilter, *, visible: Sequence[str] = PUBLIC
    ) -> RecordPage:
        """Return one page of the records a filter lists, newest first."""
        async with self._database.read() as connection:
            logs = await read_visible_logs(connection)
            return await read_page(connection, filter, logs, visible)

    async def newest(self, count: int, *, visible: Sequence[str] = PUBLIC) -> tuple[RecordRow, ...]:
        """Return the records published last."""
        page = await self.list_records(RecordFilter(page_size=count), visible=visible)
        return page.rows

    async def facets(self, filter: RecordFilter, *, visible: Sequence[str] = PUBLIC) -> Facets:
        """Return, for each choice, how many records it would list with the other filters kept."""
        async with self._database.read() as connection:
            logs = await read_visible_logs(connection)
            cells = await self._read_cells(connection, filter.text, logs, visible)
        return count_facets(cells, filter)

    async def record(
        self, record: bytes, *, version: bytes | None = None, visible: Sequence[str] = PUBLIC
    ) -> RecordDetail | None:
        """Return a record as it stands, or as ``version`` (an entry id of its history) said.

        None when it is not here or not for this reader. A withdrawn record is returned with the
        reason. Raises :class:`storage.errors.DamagedLogError` when the disk has changed it.
        """
        async with self._database.read() as connection:
            logs = await read_visible_logs(connection)
            return await read_detail(connection, record, version, logs, visible)

    async def rows(
        self, ids: Sequence[bytes], *, visible: Sequence[str] = PUBLIC
    ) -> tuple[RecordRow, ...]:
        """Return those of these records that are listed, in the order asked for."""
        async with self._database.read() as connection:
            logs = await read_visible_logs(connection)
            wanted = (records.c.record_id.in_(ids), *listed(logs, visible))
            found = set(await connection.scalars(select(records.c.record_id).where(*wanted)))
            shown = [record for record in dict.fromkeys(ids) if record in found]
            return await read_rows(connection, shown, logs)

    async def municipalities(self, *, visible: Sequence[str] = PUBLIC) -> list[MunicipalityRow]:
        """Return all municipalities with a log here, in Swedish order."""
        async with self._database.read() as connection:
            logs = await read_visible_logs(connection)
            return await read_municipalities(connection, logs, visible)

    async def municipality(
        self, code: str, *, visible: Sequence[str] = PUBLIC
    ) -> MunicipalityDetail | None:
        """Return the municipality with this kommunkod, or None when it has no log here."""
        async with self._database.read() as connection:
            logs = await read_visible_logs(connection)
            return await read_municipality(connection, code, logs, visible)

    async def counts(self, *, visible: Sequence[str] = PUBLIC) -> Counts:
        """Return totals over what is shown; municipalities are those with a record."""
        async with self._database.read() as connection:
            logs = await read_visible_logs(connection)
            shown = listed(logs, visible)
            by_log = select(records.c.log_no, func.count()).where(*shown)
            counted = (await connection.execute(by_log.group_by(records.c.log_no))).all()
            standing = comments.c.withdrawn.is_(None)
            return Counts(
                records=sum(count for _, count in counted),
                municipalities=len({logs.by_number[log_no].code for log_no, _ in counted}),
                comments=await _count(connection, comments, logs, shown, standing),
                uses=await _count(connection, uses, logs, shown),
                interests=await _count(connection, interests, logs, shown),
                unreadable=await _count_unreadable(connection, logs),
            )

    async def known_entries(self, ids: Sequence[bytes]) -> dict[bytes, KnownEntry]:
        """Return what is known of these entries, hidden or not: for publishing, not for pages."""
        if not ids:
            return {}
        async with self._database.read() as connection:
            return await read_known_entries(connection, ids)

    async def _read_cells(
        self,
        connection: AsyncConnection,
        text: str,
        logs: VisibleLogs,
        visible: Sequence[str],
    ) -> tuple[Cell, ...]:
        """Group all matching records; kept while neither log, projections nor decisions change."""
        state = select(projection_state.c.version, projection_state.c.changes)
        cursor = tuple((await connection.execute(state)).all())
        shown = tuple(logs.by_number.values())
        key = (cursor, shown, tuple(query_words(text)), tuple(visible))
        cells = self._cells.get(key)
        if cells is None:
            cells = await read_cells(connection, text, logs, visible)
            self._cells[key] = cells
            while len(self._cells) > _CELLS_KEPT:
                self._cells.popitem(last=False)
        self._cells.move_to_end(key)
        return cells


async def _count(
    connection: AsyncConnection,
    table: Table,
    logs: VisibleLogs,
    shown: Sequence[ColumnElement[bool]],
    *conditions: ColumnElement[bool],
) -> int:
    """Count answers to records that are shown, from logs that are shown."""
    statement = (
        select(func.count())
        .select_from(table.join(records, records.c.record_id == table.c.record_id))
        .where(*shown, *logs.shows(table), *conditions)
    )
    return (await connection.execute(statement)).scalar_one()


async def _count_unreadable(connection: AsyncConnection, logs: VisibleLogs) -> int:
    statement = select(func.count()).select_from(unreadable).where(*logs.shows(unreadable))
    return (await connection.execute(statement)).scalar_one()

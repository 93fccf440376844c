"""The read side for pages, command line and API: what the network holds, as this node shows it.

Every answer is read in one state of the database. Hidden logs (storage/visible_logs.py) and records
that the reader may not see are left out of rows and counts alike. ``visible`` says who reads:
``PUBLIC`` (the default) or ``MEMBERS``.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.database import Database
from storage.found_rows import read_found_rows
from storage.known_entries import KnownEntry, read_known_entries
from storage.municipality_queries import list_municipalities, read_municipality
from storage.prepared import Steps
from storage.question_counts import WaitingQuestions
from storage.question_queries import QUESTION
from storage.recent_changes import RecentChanges
from storage.record_counts import RecordCounts
from storage.record_detail import read_comment_texts, read_detail
from storage.record_lists import PAGE_SIZE_MAX, read_page
from storage.record_versions import read_wordings
from storage.record_views import (
    NO_ACCEPTED,
    NO_ANSWER,
    PUBLIC,
    Counts,
    Facets,
    MunicipalityDetail,
    MunicipalityRow,
    Overview,
    RecordDetail,
    RecordFilter,
    RecordPage,
    RecordRow,
    Wording,
)
from storage.reuse_queries import ReuseCounts
from storage.search.search import Search, is_ranked, ranked_steps
from storage.search.searching import Found
from storage.statistics import Statistics
from storage.visible_logs import (
    VisibleLogs,
    ask_visible_logs,
    read_visible_logs,
    visible_logs_steps,
)


class RecordQueries:
    """Answers from the projections, and from the index for what is searched for."""

    def __init__(
        self,
        database: Database,
        search: Search,
        now_ms: Callable[[], int],
        recent: RecentChanges | None = None,
    ) -> None:
        """``recent`` is of the projections that are kept up in this process, if any are."""
        self._database = database
        self._search = search
        self._now_ms = now_ms
        self._counts: dict[tuple[str, ...], RecordCounts] = {}
        self._recent = recent or RecentChanges()
        self._waiting = WaitingQuestions(self._recent)
        self._hidden: tuple[int, ...] = ()
        self._reuse: dict[tuple[str, ...], ReuseCounts] = {}

    async def list_records(
        self, filter: RecordFilter, *, visible: Sequence[str] = PUBLIC
    ) -> RecordPage:
        """Return one page of the records a filter lists: newest first, or the best for a text."""
        if filter.is_searched:
            return (await self._found_page(filter, visible))[0]
        return (await self._listed_page(filter, visible))[0]

    async def newest(self, count: int, *, visible: Sequence[str] = PUBLIC) -> tuple[RecordRow, ...]:
        """Return the records published last."""
        page = await self.list_records(RecordFilter(page_size=count), visible=visible)
        return page.rows

    async def similar(
        self, title: str, count: int, *, visible: Sequence[str] = PUBLIC
    ) -> tuple[RecordRow, ...]:
        """Return records that are like one with this title, the most similar first."""
        logs = await ask_visible_logs(self._database)
        found = await self._search.similar(title, logs, visible, count)
        return await self._database.ask(partial(read_found_rows, found, logs, visible))

    async def completed(
        self, text: str, count: int, *, visible: Sequence[str] = PUBLIC
    ) -> list[str]:
        """Return a text that is being typed with its last word completed, the commonest first."""
        before, _, last = text.rpartition(" ")
        if not last:
            return []
        logs = await ask_visible_logs(self._database)
        words = await self._search.suggest(last, logs, visible, count)
        return [f"{before} {word}".strip() for word in words]

    async def facets(
        self, filter: RecordFilter, *, visible: Sequence[str] = PUBLIC, names: bool = True
    ) -> Facets:
        """Return, for each choice, how many records it would list with the other filters kept."""
        _, facets = await self.page_and_facets(filter, visible=visible, names=names)
        return facets

    async def page_and_facets(
        self, filter: RecordFilter, *, visible: Sequence[str] = PUBLIC, names: bool = True
    ) -> tuple[RecordPage, Facets]:
        """Return both of the above, as they were at one moment.

        Without ``names``, products and suppliers are left out: they are asked of the index, and
        only lists offer them.
        """
        if filter.is_searched:
            return await self._found_page(filter, visible)
        page, facets, logs = await self._listed_page(filter, visible)
        if filter.answers or not names:
            return page, facets
        products, suppliers = await self._search.names(filter, logs, visible)
        return page, replace(facets, products=products, suppliers=suppliers)

    async def record(
        self, record: bytes, *, version: bytes | None = None, visible: Sequence[str] = PUBLIC
    ) -> RecordDetail | None:
        """Return a record as it stands, or as ``version`` (an entry id of its history) said.

        None when it is not here or not for this reader. A withdrawn record is returned with the
        reason. Raises :class:`storage.errors.DamagedLogError` when the disk has changed it.
        """
        return await self._database.ask(partial(read_detail, record, version, visible))

    async def wordings(
        self, record: bytes, versions: Sequence[bytes], *, visible: Sequence[str] = PUBLIC
    ) -> tuple[Wording, ...]:
        """Return what these versions (entry ids) of a record that is shown said, in this order.

        Raises :class:`storage.errors.DamagedLogError` when the disk has changed one.
        """
        return await self._database.ask(partial(read_wordings, record, versions, visible))

    async def open_questions(
        self, area: str, count: int, *, visible: Sequence[str] = PUBLIC
    ) -> tuple[RecordRow, ...]:
        """Return the newest questions in an area with no answer marked as the one that helped."""
        wanted = RecordFilter(area=area, answers=NO_ACCEPTED, page_size=count)
        return (await self.list_records(wanted, visible=visible)).rows

    async def comment_texts(self, ids: Sequence[bytes]) -> dict[bytes, str]:
        """Return what these comments of a record that is shown say, by entry id."""
        return await self._database.ask(partial(read_comment_texts, ids)) if ids else {}

    async def rows(
        self, ids: Sequence[bytes], *, visible: Sequence[str] = PUBLIC
    ) -> tuple[RecordRow, ...]:
        """Return those of these records that are listed, in the order asked for."""
        if not ids:
            return ()

        def steps() -> Steps[tuple[RecordRow, ...]]:
            logs = yield from visible_logs_steps()
            return (yield from read_found_rows(ids, logs, visible))

        return await self._database.ask(steps)

    async def municipalities(self, *, visible: Sequence[str] = PUBLIC) -> list[MunicipalityRow]:
        """Return all municipalities with a log here, in Swedish order."""
        async with self._database.read() as connection:
            counts, logs = await self._refreshed(connection, visible)
            return list_municipalities(counts, logs)

    async def municipality(
        self, code: str, *, visible: Sequence[str] = PUBLIC
    ) -> MunicipalityDetail | None:
        """Return the municipality with this kommunkod, or None when it has no log here."""
        async with self._database.read() as connection:
            counts, logs = await self._refreshed(connection, visible)
            return await read_municipality(connection, code, counts, logs, visible)

    async def counts(self, *, visible: Sequence[str] = PUBLIC) -> Counts:
        """Return totals over what is shown; municipalities are those with a record."""
        async with self._database.read() as connection:
            return _totals(*await self._refreshed(connection, visible))

    async def overview(self, newest: int, *, visible: Sequence[str] = PUBLIC) -> Overview:
        """Return totals, choices and so many of the newest records."""
        everything = RecordFilter(page_size=newest)
        async with self._database.read() as connection:
            counts, logs = await self._refreshed(connection, visible)
            totals, facets = _totals(counts, logs), counts.tally.facets(everything)
            codes = (log.code for log in logs.by_number.values() if log.code)
            shared = {code: facets.municipalities.get(code, 0) for code in codes}
            page = await read_page(connection, everything, logs, visible, totals.records)
        return Overview(totals, facets, shared, page.rows)

    async def statistics(self, *, visible: Sequence[str] = PUBLIC) -> Statistics:
        """Return what there is in numbers."""
        questions = RecordFilter(type=QUESTION)
        async with self._database.read() as connection:
            counts, logs = await self._refreshed(connection, visible)
            totals, everyone = _totals(counts, logs), list_municipalities(counts, logs)
            shared = counts.tally.facets(RecordFilter())
            asked = counts.tally.facets(questions)
            await self._waiting.refresh(connection, logs)
            waiting, unanswered = (
                self._waiting.tally(answers, visible).facets(questions)
                for answers in (NO_ACCEPTED, NO_ANSWER)
            )
            reused = self._reuse.setdefault(tuple(visible), ReuseCounts(visible))
            reuse = await reused.read(connection, logs, self._now_ms())
        return Statistics(
            records=totals.records,
            municipalities=tuple(everyone),
            shared=shared,
            asked=asked,
            waiting=waiting,
            unanswered=unanswered,
            months=await self._search.months(logs, visible),
            reuse=reuse,
            most_used=await self.rows(reuse.most_used, visible=visible),
        )

    async def known_entries(self, ids: Sequence[bytes]) -> dict[bytes, KnownEntry]:
        """Return what is known of these entries, hidden or not: for publishing, not for pages."""
        if not ids:
            return {}
        async with self._database.read() as connection:
            return await read_known_entries(connection, ids)

    async def _refreshed(
        self, connection: AsyncConnection, visible: Sequence[str]
    ) -> tuple[RecordCounts, VisibleLogs]:
        """Return counts as ``connection`` sees them; they hold until something is awaited."""
        fresh = RecordCounts(visible, self._recent)
        counts = self._counts.setdefault(tuple(visible), fresh)
        return counts, await counts.refresh(connection)

    async def _listed_page(
        self, filter: RecordFilter, visible: Sequence[str]
    ) -> tuple[RecordPage, Facets, VisibleLogs]:
        """One page of what is listed without the index."""
        async with self._database.read() as connection:
            if filter.answers:
                logs = await read_visible_logs(connection)
                await self._waiting.refresh(connection, logs)
                tally = self._waiting.tally(filter.answers, visible)
            else:
                counts, logs = await self._refreshed(connection, visible)
                tally = counts.tally
            facets, total = tally.facets(filter), tally.total(filter)
            return await read_page(connection, filter, logs, visible, total), facets, logs

    async def _found_page(
        self, filter: RecordFilter, visible: Sequence[str]
    ) -> tuple[RecordPage, Facets]:
        """One page of what the index finds; a page beyond the last gives the last."""
        among = None
        if filter.answers:
            async with self._database.read() as connection:
                await self._waiting.refresh(connection, await read_visible_logs(connection))
                among = self._waiting.keys(filter.answers, visible)
        size = max(1, min(filter.page_size, PAGE_SIZE_MAX))
        page = max(1, filter.page)
        while True:
            offset = (page - 1) * size
            logs, found = await self._find(filter, visible, offset, size, among)
            pages = max(1, math.ceil(found.total / size))
            if page <= pages:
                break
            page = pages

        def rows() -> Steps[tuple[RecordRow, ...]]:
            ids = [record for record, _ in found.hits]
            if is_ranked(offset):
                near, now_ms = filter.near, self._now_ms()
                ranked = yield from ranked_steps(found, logs, visible, near, now_ms)
                ids = [one.record for one in ranked[offset : offset + size]]
            return (yield from read_found_rows(ids, logs, visible))

        shown = await self._database.ask(rows)
        return RecordPage(shown, found.total, page, pages, found.meant), found.facets

    async def _find(
        self,
        filter: RecordFilter,
        visible: Sequence[str],
        offset: int,
        limit: int,
        among: Sequence[int] | None,
    ) -> tuple[VisibleLogs, Found]:
        """Return the logs that may be shown, and what the index finds in them.

        The index is asked meanwhile, as if the same were hidden as the last time: nearly always
        that is so, and where it is not, the answer is thrown away.
        """
        ask = partial(self._search.find, filter, offset=offset, limit=limit, among=among)
        hidden = self._hidden
        logs, found = await asyncio.gather(
            ask_visible_logs(self._database), ask(hidden=hidden, visible=visible)
        )
        self._hidden = logs.hidden
        if logs.hidden != hidden:
            found = await ask(hidden=logs.hidden, visible=visible)
        return logs, found


def _totals(counts: RecordCounts, logs: VisibleLogs) -> Counts:
    found = [(log.code, counts.of_log(number)) for number, log in logs.by_number.items()]
    return Counts(
        records=sum(one.records for _, one in found),
        municipalities=len({code for code, one in found if one.records}),
        unreadable=sum(one.unreadable for _, one in found),
    )

"""Municipalities as pages show them: who takes part, with how much, and one of them closely.

A municipality is known by the kommunkod in its log's first entry. Two logs with one code (a new log
after a lost key, or somebody's mistake) are shown together, with both ids for the admin to see.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.record_counts import LogCount, RecordCounts
from storage.record_detail import read_contact
from storage.record_lists import listed
from storage.record_views import (
    MunicipalityDetail,
    MunicipalityRow,
    Party,
    ProfileView,
    UsedRecord,
)
from storage.schema import profiles, records, uses
from storage.swedish_order import sort_key
from storage.tally import with_whole_areas
from storage.visible_logs import VisibleLog, VisibleLogs

USES_MAX = 200
"""Used records shown on one municipality's page."""
_RECORD_COLUMNS = (records.c.record_id, records.c.title, records.c.language, records.c.log_no)


def list_municipalities(counts: RecordCounts, logs: VisibleLogs) -> list[MunicipalityRow]:
    """Return all municipalities with a log here, in Swedish order."""
    rows: dict[str, MunicipalityRow] = {}
    for log in logs.by_number.values():
        if log.code:
            rows[log.code] = _add(rows.get(log.code), log, counts.of_log(log.log_no))
    return sorted(rows.values(), key=lambda row: sort_key(row.name))


def _add(row: MunicipalityRow | None, log: VisibleLog, found: LogCount) -> MunicipalityRow:
    has_left = log.left_ms is not None
    if row is None:
        return MunicipalityRow(
            log.code, log.name, log.log, found.records, found.latest_ms, has_left
        )
    times = [time for time in (row.latest_ms, found.latest_ms) if time is not None]
    return MunicipalityRow(
        *(row.code, row.name, row.log, row.records + found.records),
        max(times, default=None),
        row.has_left and has_left,
    )


async def read_municipality(
    connection: AsyncConnection,
    code: str,
    counts: RecordCounts,
    logs: VisibleLogs,
    visible: Sequence[str],
) -> MunicipalityDetail | None:
    """Return one municipality, or None when no log here has its code."""
    own = logs.of_municipality(code) if code else []
    if not own:
        return None
    numbers = [log.log_no for log in own]
    found = [counts.of_log(number) for number in numbers]
    types: Counter[str] = Counter()
    areas: Counter[str] = Counter()
    for kind, count in counts.tally.of_municipality(code).items():
        types[kind.type] += count
        areas[kind.area] += count
    heirs = [heir for log in own if (heir := logs.heir_of(log))]
    return MunicipalityDetail(
        code=code,
        name=own[0].name,
        first_name=own[0].first_name,
        renamed_ms=own[0].renamed_ms,
        logs=tuple(log.log for log in own if logs.heir_of(log) not in own),
        frozen=any(log.frozen for log in own),
        left_ms=_left_ms(own),
        heirs=_others(code, heirs),
        continues=_others(code, [one for log in own for one in logs.continued_by(log)]),
        profile=await _profile(connection, numbers),
        records=sum(one.records for one in found),
        latest_ms=max((one.latest_ms for one in found if one.latest_ms is not None), default=None),
        types=types,
        areas=with_whole_areas(areas),
        uses=await _used(connection, numbers, logs, visible),
    )


def _left_ms(own: Sequence[VisibleLog]) -> int | None:
    """When the last of some logs left; None while one of them goes on."""
    times = [log.left_ms for log in own if log.left_ms is not None]
    return max(times) if len(times) == len(own) else None


def _others(code: str, logs: Sequence[VisibleLog]) -> tuple[Party, ...]:
    """These logs, once each, without those of the municipality itself."""
    return tuple(
        Party(log.log, log.code, log.name) for log in dict.fromkeys(logs) if log.code != code
    )


async def _profile(connection: AsyncConnection, numbers: list[int]) -> ProfileView | None:
    statement = (
        select(profiles)
        .where(profiles.c.log_no.in_(numbers))
        .order_by(profiles.c.log_no.desc())
        .limit(1)
    )
    row = (await connection.execute(statement)).first()
    if row is None:
        return None
    return ProfileView(row.name, row.code, row.domain, read_contact(row.contact), row.url)


async def _used(
    connection: AsyncConnection, numbers: list[int], logs: VisibleLogs, visible: Sequence[str]
) -> tuple[UsedRecord, ...]:
    """Return the records that these logs say their municipality uses, newest use first."""
    # Found first: PostgreSQL would sooner go through all records where many logs are hidden.
    of_these = select(uses.c.record_id, uses.c.shown_ms, uses.c.since_year)
    used = of_these.where(uses.c.log_no.in_(numbers)).cte("used").prefix_with("MATERIALIZED")
    statement = (
        select(*_RECORD_COLUMNS, used.c.since_year)
        .join(records, records.c.record_id == used.c.record_id)
        .where(*listed(logs, visible))
        .order_by(used.c.shown_ms.desc(), used.c.record_id.desc())
        .limit(USES_MAX)
    )
    found = []
    for record_id, title, language, log_no, since_year in await connection.execute(statement):
        owner = logs.by_number[log_no]
        found.append(UsedRecord(record_id, title, language, owner.code, owner.name, since_year))
    return tuple(found)

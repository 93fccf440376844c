"""What the database adds to what the index found: which of it stands, how it is used, its rows.

Each is one prepared statement for many records at once, because a search waits for them. A database
may have moved on since the index was asked: what has been withdrawn meanwhile, or may no longer be
shown, is left out here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, ScalarSelect, Select, Table, bindparam, distinct, func, select

from protocol.directory import ACCEPTED_STANDINGS
from storage.prepared import Prepared, Step, Steps, Values, among_ids, ids_at_once
from storage.record_views import RecordRow
from storage.schema import comments, helped, interests, logs, records, uses
from storage.visible_logs import VisibleLogs

_STANDINGS = sorted(standing.value for standing in ACCEPTED_STANDINGS)
_HIDDEN = select(logs.c.log_no).where(*(logs.c.standing != one for one in _STANDINGS))
_SEEN = ("seen_0", "seen_1")
"""Parameters for the visibilities that a reader may see; there are two."""
_FACTS_AT_ONCE = 100
_ROWS_AT_ONCE = 20


class Standing(NamedTuple):
    """A record that may be shown; ``uses`` counts municipalities that use it or were helped."""

    record: bytes
    log_no: int
    published_ms: int
    uses: int


def read_standing(ids: Sequence[bytes], visible: Sequence[str]) -> Steps[dict[bytes, Standing]]:
    """Return those of these records that a reader may see."""
    rows = yield Step(_FACTS, list(_values(ids, visible, _FACTS_AT_ONCE)))
    return {row[0]: Standing(row[0], row[1], row[2], row[3] + row[4]) for row in rows}


def read_found_rows(
    ids: Sequence[bytes], logs: VisibleLogs, visible: Sequence[str]
) -> Steps[tuple[RecordRow, ...]]:
    """Return the rows of those of these records that a reader may see, in this order."""
    found = yield Step(_ROWS, list(_values(ids, visible, _ROWS_AT_ONCE)))
    rows = {row[0]: row for row in found if row[1] in logs.by_number}
    return tuple(_row(rows[record], logs) for record in dict.fromkeys(ids) if record in rows)


def _row(values: Sequence[Any], logs: VisibleLogs) -> RecordRow:
    named = dict(zip(_ROW_NAMES, values, strict=True))
    log = logs.by_number[named.pop("log_no")]
    for name in ("collaboration_open", "example"):
        named[name] = bool(named[name])
    return RecordRow(log=log.log, code=log.code, municipality=log.name, **named)


def _values(ids: Sequence[bytes], visible: Sequence[str], at_once: int) -> Iterator[Values]:
    """Parameters for so many records at a time."""
    seen = {name: visible[min(number, len(visible) - 1)] for number, name in enumerate(_SEEN)}
    for values in ids_at_once(ids, at_once):
        yield seen | values


def _number(table: Table, *conditions: ColumnElement[bool]) -> ScalarSelect[int]:
    """How many responses of a record are shown: comments, or municipalities for other kinds."""
    counted = func.count() if table is comments else func.count(distinct(table.c.log_no))
    of_record = (table.c.record_id == records.c.record_id, table.c.log_no.not_in(_HIDDEN))
    return select(counted).where(*of_record, *conditions).correlate(records).scalar_subquery()


def _of_records(at_once: int, *columns: Any) -> Select[Any]:
    return select(*columns).where(
        among_ids(records.c.record_id, at_once),
        records.c.visibility.in_([bindparam(name) for name in _SEEN]),
        records.c.withdrawn.is_(None),
        records.c.log_no.not_in(_HIDDEN),
    )


_FACTS = Prepared(
    _of_records(
        _FACTS_AT_ONCE,
        records.c.record_id,
        records.c.log_no,
        records.c.published_ms,
        _number(uses),
        _number(helped),
    )
)
_ROW_NAMES = (
    *("record_id", "log_no", "type", "title", "summary", "area", "status", "visibility"),
    *("published_ms", "changed_ms", "version_count", "valid_until", "collaboration_open"),
    *("example", "language", "uses", "interests", "helped", "comments"),
)
_ROWS = Prepared(
    _of_records(
        _ROWS_AT_ONCE,
        *(records.c[name] for name in _ROW_NAMES[:-4]),
        _number(uses),
        _number(interests),
        _number(helped),
        _number(comments, comments.c.withdrawn.is_(None), comments.c.text.is_not(None)),
    )
)

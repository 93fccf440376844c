"""The windows through which news are looked for: the newest arrivals of each kind of entry.

Each is read from an index over times of arrival, and the records of what is in it are looked up by
id, so that it costs the same however much there is.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Dialect,
    Executable,
    Select,
    Subquery,
    Table,
    bindparam,
    case,
    func,
    literal_column,
    or_,
    select,
    true,
    union_all,
)

from storage.news_judging import Judge
from storage.news_views import Since
from storage.prepared import Prepared
from storage.schema import comments, helped, interests, record_versions, records, uses

SOURCES = {table.name: table for table in (record_versions, comments, uses, helped, interests)}
_FOR_EVER_MS = 2**62
_STATEMENTS_KEPT = 64
_ABOUT = (
    "log_no", "title", "language", "type", "area_group", "area", "status", "visibility",
    "published_ms", "collaboration_open",
)  # fmt: skip

NEWEST = Prepared(
    union_all(
        *(
            select(
                literal_column(f"'{name}'"),
                select(func.max(table.c.received_ms)).scalar_subquery(),
            )
            for name, table in SOURCES.items()
        )
    )
)


@lru_cache(_STATEMENTS_KEPT)
def last_before(left_out: int) -> Prepared:
    """When the arrival came that so many of its kind came after, if that was after a time."""
    return Prepared(
        union_all(
            *(
                select(
                    select(table.c.received_ms)
                    .where(
                        table.c.received_ms > bindparam("after_ms"),
                        *_not_left_out(table, left_out),
                    )
                    .order_by(table.c.received_ms.desc())
                    .limit(1)
                    .offset(bindparam("before"))
                    .scalar_subquery()
                )
                for table in SOURCES.values()
            )
        )
    )


def _not_left_out(table: Table, left_out: int) -> list[ColumnElement[bool]]:
    if not left_out:
        return []
    named = [bindparam(f"left_out_{place}", type_=BigInteger) for place in range(left_out)]
    return [table.c.log_no.not_in(named)]


class _Window(Prepared):
    """The newest arrivals of one kind, each with the record that it is about; columns as the fields
    of :class:`Arrival`."""

    def __init__(self, source: Table, left_out: int, *, follows: bool) -> None:
        self._source = source
        self._left_out = left_out
        self._follows = follows
        super().__init__(self._select(records, is_lateral=False))

    def _build(self, dialect: Dialect) -> Executable:
        if dialect.name != "postgresql":
            return self._statement
        # PostgreSQL would read all records, to save looking up a thousand; and with a limit of one
        # there is nothing it could do instead.
        return self._select(select(records).limit(1), is_lateral=True)

    def _select(self, of: Any, *, is_lateral: bool) -> Select[Any]:
        source, recent = self._source, _recent(self._source, self._left_out)
        if is_lateral:
            about = of.where(records.c.record_id == recent.c.record_id).lateral("about")
            joined = recent.join(about, true())
        else:
            about = of
            joined = recent.join(about, about.c.record_id == recent.c.record_id)
        asked_no: ColumnElement[int] = literal_column("0")
        if source is comments:
            asked = comments.alias("asked")
            found = select(asked.c.log_no).where(asked.c.entry_id == recent.c.answered)
            asked_no = func.coalesce(found.scalar_subquery(), 0)
        shown: list[ColumnElement[bool]] = [about.c.withdrawn.is_(None)]
        if not self._follows:
            # The sum keeps databases from looking up all records of the log, not the window's.
            to_us = about.c.log_no + 0 == bindparam("own_no")
            answers_us = or_(to_us, asked_no == bindparam("own_no"))
            shown.append(answers_us if source is comments else to_us)
        return (
            select(
                *(column for column in recent.c if column.name != "answered"),
                asked_no,
                *(about.c[one] for one in _ABOUT),
            )
            .select_from(joined)
            .where(*shown)
        )


@lru_cache(_STATEMENTS_KEPT)
def window_of(name: str, left_out: int, follows: bool) -> Prepared:
    """What reads a window; for a reader who follows nothing, only what answers us."""
    return _Window(SOURCES[name], left_out, follows=follows)


def _recent(source: Table, left_out: int) -> Subquery:
    """The newest arrivals of one kind within a time, no more than the window."""
    conditions: list[ColumnElement[bool]] = [
        source.c.received_ms > bindparam("after_ms"),
        source.c.received_ms <= bindparam("through_ms"),
        *_not_left_out(source, left_out),
    ]
    kind: ColumnElement[str] = literal_column("''")
    only_accepts: ColumnElement[int] = literal_column("0")
    answered: ColumnElement[Any] = literal_column("NULL")
    if source is comments:
        conditions.append(comments.c.withdrawn.is_(None))
        kind, only_accepts = comments.c.kind, case((comments.c.text.is_(None), 1), else_=0)
        answered = func.coalesce(comments.c.answer_to, comments.c.accepts)
    elif source is interests:
        kind = interests.c.interest
    columns = ("entry_id", "record_id", "log_no", "received_ms", "shown_ms")
    return (
        select(
            *(source.c[one] for one in columns),
            kind.label("kind"),
            only_accepts.label("only_accepts"),
            answered.label("answered"),
        )
        .where(*conditions)
        .order_by(source.c.received_ms.desc(), source.c.entry_id.desc())
        .limit(bindparam("window"))
        .subquery("recent")
    )


def window_values(since: Since, judge: Judge) -> dict[str, int]:
    """Return what a window is read with, beside its size."""
    through_ms = _FOR_EVER_MS if since.through_ms is None else since.through_ms
    values = {"after_ms": since.after_ms, "through_ms": through_ms, "own_no": judge.own_no}
    return values | left_out_values(judge)


def left_out_values(judge: Judge) -> dict[str, int]:
    """Return the logs that are left out, as both statements name them."""
    return {f"left_out_{place}": number for place, number in enumerate(judge.left_out)}

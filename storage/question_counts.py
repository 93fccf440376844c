"""Questions that still wait, counted and kept up like all records (storage/record_counts.py)."""

from __future__ import annotations

import asyncio
from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from storage.question_queries import QUESTION, has_answer, waiting
from storage.recent_changes import RecentChanges
from storage.record_lists import listed
from storage.record_views import MEMBERS, NO_ACCEPTED, NO_ANSWER, PUBLIC
from storage.schema import comments, records
from storage.search.documents import key_of
from storage.tally import Kind, Tally
from storage.visible_logs import VisibleLogs

_LOGS_AT_ONCE = 20
"""Counted by one statement; between two of them others get their turn."""
ANSWERED = "answered"
_Key = tuple[str, bool]
"""Which questions, and whether for a reader who sees what is for members."""


class WaitingQuestions:
    """Counts of questions that wait, for both kinds of readers.

    Whether one waits is changed by the log that asks and by those that answer. So when a log has
    moved on, what it asks is counted anew, and what those ask that it has answered; where what has
    come is known, only those whose questions it is about. When entries have given way to others,
    all are counted anew.
    """

    def __init__(self, recent: RecentChanges) -> None:
        self._recent = recent
        self._tallies: dict[_Key, Tally] = {
            (answers, is_member): Tally()
            for answers in (NO_ANSWER, NO_ACCEPTED)
            for is_member in (False, True)
        }
        self._keys: dict[_Key, dict[int, array[int]]] = {key: {} for key in self._tallies}
        self._counted: dict[int, tuple[int, str]] = {}
        self._epoch = ""
        self._busy = asyncio.Lock()

    def tally(self, answers: str, visible: Sequence[str]) -> Tally:
        """Return the counts of those of one kind that a reader may see."""
        return self._tallies[answers, set(MEMBERS) <= set(visible)]

    def keys(self, answers: str, visible: Sequence[str]) -> list[int]:
        """Return by which numbers the index knows them."""
        of_logs = self._keys[answers, set(MEMBERS) <= set(visible)].values()
        return [key for of_log in of_logs for key in of_log]

    async def refresh(self, connection: AsyncConnection, logs: VisibleLogs) -> None:
        """Bring the counts to what ``connection`` sees; they hold until the caller waits."""
        async with self._busy:
            await self._refresh(connection, logs)

    async def _refresh(self, connection: AsyncConnection, logs: VisibleLogs) -> None:
        if logs.epoch != self._epoch:
            self._epoch = logs.epoch
            for number, (_, code) in self._counted.items():
                self._put(number, code, [])
            self._counted.clear()
        now = {number: (log.applied, log.code) for number, log in logs.by_number.items()}
        changed = {number for number, state in now.items() if self._counted.get(number) != state}
        gone = self._counted.keys() - now.keys()
        to_count = await self._affected(connection, changed, gone, now) & now.keys()
        for number in gone:
            self._put(number, self._counted.pop(number)[1], [])
        numbers = sorted(to_count)
        for start in range(0, len(numbers), _LOGS_AT_ONCE):
            some = numbers[start : start + _LOGS_AT_ONCE]
            found = await _read(connection, logs, some)
            for number in some:
                self._put(number, now[number][1], found[number])
        for number in changed:
            self._counted[number] = now[number]

    async def _affected(
        self,
        connection: AsyncConnection,
        changed: AbstractSet[int],
        gone: AbstractSet[int],
        now: Mapping[int, tuple[int, str]],
    ) -> set[int]:
        """The logs whose questions may wait or not wait otherwise than was counted."""
        if not self._counted:
            return set(changed)
        whole = set(gone)
        asked: set[bytes] = set()
        for number in changed:
            applied, code = self._counted.get(number, (0, ""))
            touched = self._recent.asked_between(number, applied, now[number][0])
            if touched is None or code != now[number][1]:
                whole.add(number)
            else:
                asked |= touched
        found = whole | await _owners_of(connection, asked)
        return found | await _answered_by(connection, sorted(whole)) if whole else found

    def _put(self, log_no: int, code: str, found: Sequence[_Waiting]) -> None:
        for (answers, is_member), tally in self._tallies.items():
            chosen = [
                one
                for one in found
                if (answers == NO_ACCEPTED or not one.answered)
                and (is_member or one.visibility in PUBLIC)
            ]
            tally.put(log_no, code, Counter(one.kind for one in chosen))
            self._keys[answers, is_member][log_no] = array("Q", (one.key for one in chosen))


class _Waiting(NamedTuple):
    """One question that waits for an answer that helps; ``answered`` when it has any."""

    key: int
    kind: Kind
    visibility: str
    answered: bool


async def _read(
    connection: AsyncConnection, logs: VisibleLogs, numbers: Sequence[int]
) -> dict[int, list[_Waiting]]:
    answered = has_answer(logs).label(ANSWERED)
    columns = (records.c.record_id, records.c.log_no, records.c.area, records.c.status)
    statement = select(*columns, records.c.visibility, answered).where(
        *listed(logs, MEMBERS), waiting(NO_ACCEPTED, logs), records.c.log_no.in_(numbers)
    )
    found: dict[int, list[_Waiting]] = defaultdict(list)
    for record, log_no, area, status, visibility, has_any in await connection.execute(statement):
        kind = Kind(QUESTION, area, status)
        found[log_no].append(_Waiting(key_of(record), kind, visibility, bool(has_any)))
    return found


async def _owners_of(connection: AsyncConnection, asked: AbstractSet[bytes]) -> set[int]:
    """The logs that these records are of."""
    if not asked:
        return set()
    statement = select(records.c.log_no).distinct().where(records.c.record_id.in_(sorted(asked)))
    return set((await connection.execute(statement)).scalars())


async def _answered_by(connection: AsyncConnection, numbers: Sequence[int]) -> set[int]:
    """The logs whose questions these logs have commented on."""
    found: set[int] = set()
    for start in range(0, len(numbers), _LOGS_AT_ONCE):
        statement = (
            select(records.c.log_no)
            .distinct()
            .join(comments, comments.c.record_id == records.c.record_id)
            .where(
                comments.c.log_no.in_(numbers[start : start + _LOGS_AT_ONCE]),
                records.c.type == QUESTION,
            )
        )
        found |= set((await connection.execute(statement)).scalars())
    return found

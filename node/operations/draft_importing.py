"""Imports on the pages: files that an editor brought, looked through, and made into drafts.

Nothing is published here, and nothing is signed. An import is seen by whoever began it. Its files
wait in the database until that person throws it away or it is too old; making drafts of it again
makes only those that are not there yet.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import Final, NamedTuple

from node.ground.ground import Ground
from node.importers import IMPORT_FORMATS, ImportResult
from node.importers.csv_columns import Columns, from_plain
from node.importers.csv_records import read_csv
from node.importers.csv_table import Table, read_table
from node.importers.files import read_data
from node.importers.result import BrokenFileError
from node.operations.drafts import Drafts, Written
from node.operations.import_planning import Fate, Plan, Seen, make_plans
from storage.account_views import User
from storage.draft_store import DRAFT_ID_BYTES
from storage.errors import TooManyDraftsError
from storage.import_store import Import, ImportFile, ImportRow, Mark

TABLE: Final = "csv"
ENDINGS: Final[Mapping[str, str]] = {
    ".csv": TABLE, ".tsv": TABLE, ".txt": TABLE,
    **{ending: name for name, known in IMPORT_FORMATS.items() for ending in known.endings},
}  # fmt: skip
MADE_AT_ONCE_MAX = 100
"""Drafts made in one step, so that a page answers soon; the next step goes on."""
DRAFTED: Final = frozenset({Fate.NEW, Fate.CHANGED, Fate.DUPLICATE})
"""What a draft may be made of."""

Typed = Callable[[Plan], Mapping[str, str]]


class Made(NamedTuple):
    """How many drafts were made, and whether the user's room for drafts ended before all were."""

    drafts: int
    is_full: bool


def format_of(name: str) -> str:
    """The format of a file by its name's ending; "" for one that is not imported."""
    return ENDINGS.get(PurePath(name).suffix.lower(), "")


class Imports:
    """The imports of one node's users."""

    def __init__(self, ground: Ground, drafts: Drafts) -> None:
        self._ground = ground
        self._store = ground.import_store
        self._drafts = drafts
        self._clock = ground.clock
        self._making = asyncio.Lock()

    async def begin(self, user: User, files: Sequence[ImportFile]) -> bytes:
        """Keep files to be looked through; returns the import's id. Raises `TooManyImportsError`.

        Each file is of a known format; a table is alone.
        """
        import_id = self._clock.token(DRAFT_ID_BYTES)
        await self._store.add(import_id, user.number, files, self._clock.time_ms())
        return import_id

    async def of_user(self, user: User) -> list[ImportRow]:
        """A user's imports, the newest first, without those that are too old."""
        await self.forget_old()
        return await self._store.of_user(user.number)

    async def open(self, user: User, import_id: bytes) -> Import | None:
        """An import, or None when it is not there or not this user's."""
        found = await self._store.get(import_id)
        return found if found is not None and found.user_no == user.number else None

    async def set_columns(self, found: Import, columns: Columns) -> None:
        """Keep what was said about a table's columns."""
        await self._store.set_columns(found.import_id, columns.as_plain())

    async def throw_away(self, user: User, import_id: bytes) -> None:
        """Remove an import and its files; drafts that were made of it stay."""
        if await self.open(user, import_id) is not None:
            await self._store.remove(import_id)

    async def forget_old(self) -> None:
        """Remove what nobody has dealt with for days."""
        await self._store.remove_old(self._clock.time_ms())

    async def plans(self, found: Import) -> list[Plan]:
        """What each file or row would become, with what is there already."""
        results = await asyncio.to_thread(_results, found)
        return await make_plans(self._ground, results, Seen())

    async def make_drafts(
        self, user: User, found: Import, chosen: frozenset[bytes], typed: Typed
    ) -> Made:
        """Make drafts of the chosen things (by their source); `typed` gives a draft's texts.

        What became a draft or a record meanwhile is left out, so a second press makes nothing.
        """
        async with self._making:
            plans = [plan for plan in await self.plans(found) if plan.source in chosen]
            wanted = [plan for plan in plans if plan.fate in DRAFTED][:MADE_AT_ONCE_MAX]
            for count, plan in enumerate(wanted):
                try:
                    await self._make(user, found, plan, typed(plan))
                except TooManyDraftsError:
                    return Made(count, is_full=True)
        return Made(len(wanted), is_full=False)

    async def _make(self, user: User, found: Import, plan: Plan, typed: Mapping[str, str]) -> None:
        """Save one draft and remember of what; the id is the import's own for that thing.

        So a stop between the two leaves a draft that the next attempt finds as it is.
        """
        draft_id = hashlib.sha256(found.import_id + plan.source).digest()[:DRAFT_ID_BYTES]
        record = plan.record if plan.fate is Fate.CHANGED else None
        saved = await self._drafts.save(user, Written(draft_id, typed, record))
        mark = Mark(plan.digest, saved.draft_id, None)
        await self._store.put_marks({plan.source: mark})


def columns_of(found: Import) -> Columns:
    """What was said about a table's columns; nothing, when it cannot be read any more."""
    try:
        return from_plain(found.columns)
    except BrokenFileError:
        return Columns()


def table_of(found: Import) -> Table | None:
    """The table of an import; None when it has none. Raises `BrokenFileError`."""
    if format_of(found.files[0].name) != TABLE:
        return None
    columns = columns_of(found)
    return read_table(
        found.files[0].content, encoding=columns.encoding, separator=columns.separator
    )


def _results(found: Import) -> list[ImportResult]:
    results: list[ImportResult] = []
    for file in found.files:
        kind = format_of(file.name)
        if kind == TABLE:
            results += read_csv(file.content, file.name, columns_of(found))
        else:
            results.append(read_data(kind, file.name, file.content))
    return results

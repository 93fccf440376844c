"""What logs say about themselves as the projections hold it: moved, left, going on for another.

A succession is there when both say it: the predecessor's leave names the successor, and the
successor continues the predecessor. One word alone is kept and shown to nobody but its author.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select

from storage.database import Database
from storage.lifecycle_schema import addresses, continuations, departures
from storage.schema import logs


@dataclass(frozen=True, slots=True)
class Said:
    """What one log says of itself; ids are 32 raw bytes.

    ``url`` is the newest address it has published. ``left_ms`` is there while a leave stands;
    ``successor`` is the log which that names. ``continues`` are those it says it goes on for, each
    with the entry that says it.
    """

    url: str | None = None
    left_ms: int | None = None
    reason: str | None = None
    successor: bytes | None = None
    continues: dict[bytes, bytes] = field(default_factory=dict)


NOTHING = Said()


class LifecycleQueries:
    """Reads ``addresses``, ``departures`` and ``continuations``, few rows each."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> dict[bytes, Said]:
        """Return what each log says that says anything of this kind."""
        moved = select(logs.c.log_id, addresses.c.url).join(
            logs, logs.c.log_no == addresses.c.log_no
        )
        left = select(
            *(logs.c.log_id, departures.c.shown_ms, departures.c.reason, departures.c.successor)
        ).join(logs, logs.c.log_no == departures.c.log_no)
        heirs = select(
            *(logs.c.log_id, continuations.c.predecessor, continuations.c.entry_id)
        ).join(logs, logs.c.log_no == continuations.c.log_no)
        async with self._database.read() as connection:
            urls = {row.log_id: row.url for row in await connection.execute(moved)}
            gone = {row.log_id: row for row in await connection.execute(left)}
            continued: dict[bytes, dict[bytes, bytes]] = {}
            for log, predecessor, entry in await connection.execute(heirs):
                continued.setdefault(log, {})[predecessor] = entry
        return {
            log: Said(
                url=urls.get(log),
                left_ms=gone[log].shown_ms if log in gone else None,
                reason=gone[log].reason if log in gone else None,
                successor=gone[log].successor if log in gone else None,
                continues=continued.get(log, {}),
            )
            for log in urls.keys() | gone.keys() | continued.keys()
        }


def successions(said: dict[bytes, Said]) -> dict[bytes, bytes]:
    """Return which log has gone on in which other, one step each, where both say so."""
    return {
        log: one.successor
        for log, one in said.items()
        if one.successor is not None and log in said.get(one.successor, NOTHING).continues
    }

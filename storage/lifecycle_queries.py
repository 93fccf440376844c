"""What logs say about themselves as the projections hold it: moved, left, going on for another.

A succession is there when both say it: the predecessor's leave names the successor, and the
successor continues the predecessor. One word alone is kept and shown to nobody but its author.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import Table, select

from storage.database import Database
from storage.lifecycle_schema import addresses, continuations, departures
from storage.prepared import Prepared, Step, Steps
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


def _by_log(table: Table, *names: str) -> Prepared:
    """Return columns of a table of what logs say, after the id of the log that says it."""
    return Prepared(
        select(logs.c.log_id, *(table.c[name] for name in names)).join(
            logs, logs.c.log_no == table.c.log_no
        )
    )


_ADDRESSES = _by_log(addresses, "url")
_DEPARTURES = _by_log(departures, "shown_ms", "reason", "successor")
_CONTINUATIONS = _by_log(continuations, "predecessor", "entry_id")


class LifecycleQueries:
    """Reads ``addresses``, ``departures`` and ``continuations``, few rows each."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all(self) -> dict[bytes, Said]:
        """Return what each log says that says anything of this kind."""
        return await self._database.ask(said_steps)


def said_steps() -> Steps[dict[bytes, Said]]:
    """Return the same as steps of a transaction."""
    urls: dict[bytes, str] = dict((yield Step(_ADDRESSES)))
    gone = {log: rest for log, *rest in (yield Step(_DEPARTURES))}
    continued: dict[bytes, dict[bytes, bytes]] = {}
    for log, predecessor, entry in (yield Step(_CONTINUATIONS)):
        continued.setdefault(log, {})[predecessor] = entry
    found = {}
    for log in urls.keys() | gone.keys() | continued.keys():
        left_ms, reason, successor = gone.get(log, (None, None, None))
        found[log] = Said(urls.get(log), left_ms, reason, successor, continued.get(log, {}))
    return found


def successions(said: dict[bytes, Said]) -> dict[bytes, bytes]:
    """Return which log has gone on in which other, one step each, where both say so."""
    return {
        log: one.successor
        for log, one in said.items()
        if one.successor is not None and log in said.get(one.successor, NOTHING).continues
    }

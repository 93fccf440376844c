"""What may have been signed with our own key and is not here, for whoever has to decide about it.

A node whose guard file is gone cannot know how far its log went, and one whose guard is ahead knows
that entries are missing. Either goes on with a new key (docs/adr/0045).
"""

from __future__ import annotations

from dataclasses import dataclass

from node.operations.operation_views import Awaited
from node.operations.parts import Parts


@dataclass(frozen=True, slots=True)
class Doubt:
    """Our log is here through entry `sequence`; what was signed beyond?

    `signed_through` is the last entry known to have been signed, None when nobody knows. `heard`
    are the neighbours that have compared logs with us since the node started and have no more of
    ours, `unheard` the others, by name. `may_rotate`: nothing known is left to wait for.
    """

    sequence: int
    signed_through: int | None
    heard: tuple[str, ...]
    unheard: tuple[str, ...]
    may_rotate: bool


async def doubt_about_own_log(parts: Parts) -> Doubt | None:
    """What is in doubt; None when the guard and the database agree."""
    recovery, view = parts.recovery, parts.directory.get(parts.own_log)
    if not (recovery.needs_new_key or recovery.lacks_signed):
        return None
    sequence = parts.directory.sequence(parts.own_log)
    called = await _names(parts)
    unheard = recovery.unheard(called)
    return Doubt(
        sequence=sequence,
        signed_through=max(recovery.needed_sequence, sequence) if recovery.lacks_signed else None,
        heard=tuple(sorted(name for log, name in called.items() if log not in unheard)),
        unheard=tuple(sorted(called[log] for log in unheard)),
        may_rotate=recovery.may_rotate(view),
    )


async def waited_for(parts: Parts) -> tuple[Awaited, ...]:
    """The neighbours that have to answer before anything is signed after a long time off."""
    if not parts.recovery.waits_for_answers:
        return ()
    called = await _names(parts)
    awaited = parts.recovery.awaited(parts.directory.neighbours)
    named = sorted((called[log], log.hex()) for log in awaited if log in called)
    return tuple(Awaited(log, name) for name, log in named)


async def _names(parts: Parts) -> dict[bytes, str]:
    names = {row.log: row.name for row in await parts.log_store.logs()}
    return {
        item.log: names.get(item.log) or item.name or item.log.hex()[:12]
        for item in await parts.neighbours.all()
    }

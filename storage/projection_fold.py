"""From stored runs to the changes they make: checked, decoded and folded, nothing written."""

from __future__ import annotations

from collections.abc import Iterable

from protocol.fold import LoggedContent, fold
from storage.projected_rows import Arrived
from storage.projection_cursor import Slice
from storage.stored_run import arrival_times_ms, stored_envelopes


def fold_slices(slices: Iterable[Slice]) -> list[Arrived]:
    """Check and fold entries in order; touches nothing shared, so it may run in a thread.

    Raises :class:`storage.errors.DamagedLogError` for what the disk has changed.
    """
    found: list[Arrived] = []
    for part in slices:
        for row in part.rows:
            arrived_ms = arrival_times_ms(row)
            for entry, body in stored_envelopes(row, part.after, part.through):
                header = entry.header
                content = body.content if body else None
                logged = LoggedContent(
                    row.log, header.sequence, entry.id, header.time_ms, header.kind, content
                )
                time_ms = arrived_ms[header.sequence - row.first_sequence]
                found.extend(Arrived(change, part.log_no, time_ms) for change in fold(logged))
    return found

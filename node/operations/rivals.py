"""Two logs that say they are one municipality: an alarm, unless one goes on for the other. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from storage.log_registry import LogRow


def has_rival(
    log: bytes, codes: Container[str], rows: Iterable[LogRow], heirs: Mapping[bytes, bytes]
) -> bool:
    """Whether another log is accepted here as one of these municipalities.

    `heirs` says which log has gone on in which other, where both say so: logs that have come to one
    are no rivals.
    """
    last = _last(log, heirs)
    return any(row.claims(codes) and _last(row.log, heirs) != last for row in rows)


def _last(log: bytes, heirs: Mapping[bytes, bytes]) -> bytes:
    """Where a log has come to; itself when it goes on, or where heirs lead in a circle."""
    last, seen = log, {log}
    while last in heirs:
        last = heirs[last]
        if last in seen:
            return log
        seen.add(last)
    return last

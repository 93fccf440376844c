"""Two logs that say they are one municipality: an alarm, unless one goes on for the other. Pure."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping

from storage.log_registry import LogRow


def has_rival(
    log: bytes, codes: Container[str], rows: Iterable[LogRow], heirs: Mapping[bytes, bytes]
) -> bool:
    """Whether another log is accepted here as one of these municipalities.

    `heirs` says which log has gone on in which other, where both say so: those two are no rivals.
    """
    return any(
        row.log != log
        and row.claims(codes)
        and heirs.get(row.log) != log
        and heirs.get(log) != row.log
        for row in rows
    )

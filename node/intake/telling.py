"""Everybody is told what was committed, whatever becomes of one of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from structlog.typing import FilteringBoundLogger

from node.intake.step import Committed


def tell(
    listeners: Iterable[Callable[[Committed], None]],
    committed: Committed,
    logger: FilteringBoundLogger,
) -> None:
    """Call each listener; never raises."""
    for listener in listeners:
        try:
            listener(committed)
        except Exception:  # of any kind: it is stored all the same, and others wait to know
            logger.exception("listener failed")

"""Numbers of a sync as staff read them: what is done, of how much, and how long it may take."""

from __future__ import annotations

from dataclasses import dataclass

from node.operations.operation_views import SyncProgress
from node.pace import Stage
from node.web.message import Counted, Message

WORTH_TELLING_ENTRIES = 500
"""Less is here before anybody has read the notice."""


@dataclass(frozen=True, slots=True)
class ProgressWords:
    """One notice: a bar of `done` of `total` with its label, or only words when `total` is 0."""

    label: str
    details: tuple[str, ...]
    done: int = 0
    total: int = 0
    is_over: bool = False


def is_worth_telling(progress: SyncProgress) -> bool:
    """Whether so much is on its way that a reader should know."""
    return max(progress.fetched.left, progress.shown.left) >= WORTH_TELLING_ENTRIES


def in_words(progress: SyncProgress) -> ProgressWords:
    """The notice for this moment."""
    fetched, shown = progress.fetched, progress.shown
    if fetched.left:
        size = progress.received_bytes
        received = Message("%(size)s hämtat", size=lambda formats: formats.data_size(size))
        return _bar(Message("Hämtar"), fetched, (*_pace(fetched), received))
    if shown.left:
        return _bar(Message("Gör läsbart och sökbart"), shown, _pace(shown))
    here = Message("%(count)s finns här", count=_entries(fetched.done))
    if not progress.compared:
        words = Message("Ingen kontakt med grannarna just nu")
        later = Message("Hämtningen fortsätter av sig själv när kontakten är tillbaka.")
        return ProgressWords(words, (later, here))
    return ProgressWords(
        Message("Allt från grannarna är hämtat"), (here,), is_over=progress.settled
    )


def _bar(verb: str, stage: Stage, details: tuple[str, ...]) -> ProgressWords:
    label = Message(
        "%(act)s: %(done)s av %(total)s",
        act=verb,
        done=lambda formats: formats.number(stage.done),
        total=_entries(stage.total),
    )
    return ProgressWords(label, details, stage.done, stage.total)


def _pace(stage: Stage) -> tuple[str, ...]:
    """Time left and speed, once they can be told."""
    if not stage.seconds_left:
        return ()
    left_ms = stage.seconds_left * 1_000
    left = Message("ungefär %(time)s kvar", time=lambda formats: formats.duration(left_ms))
    return left, Message("%(count)s/s", count=_entries(_rounded(stage.per_second)))


def _entries(count: int) -> Counted:
    return Counted(count, "post", "poster")


def _rounded(per_second: float) -> int:
    """Two digits say enough, and do not flicker."""
    whole = max(1, round(per_second))
    step: int = 10 ** max(0, len(str(whole)) - 2)
    return round(whole / step) * step

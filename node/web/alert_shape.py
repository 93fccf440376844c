"""What the words about a condition are made of; each condition has its own in alert_words.py and
store_alert_words.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from node.web.message import Message, said
from node.web.site import short_name
from storage.alert_store import Facts


class AlertWords(NamedTuple):
    """About one condition; `place` is the page on which something can be done, or empty."""

    title: str
    cause: str
    action: str
    is_grave: bool = False
    place: str = ""


NEIGHBOURS: Final = "/grannar"
QUOTA: Final = "/kvot"
KEYS: Final = "/aterstallning"


Make = Callable[[str, Facts], AlertWords]
"""Words from what the condition is about (a log, an address, or nothing) and its facts."""


def name_of(facts: Facts) -> str:
    """The municipality that the condition is about, in short."""
    return short_name(str(facts["code"]), str(facts["name"]))


def time_of(time_ms: int | str) -> Message:
    """A moment, as pages write it."""
    return said(lambda formats: formats.date_and_time(int(time_ms)))


def day_of(time_ms: int | str) -> Message:
    """A day, as pages write it."""
    return said(lambda formats: formats.long_date(int(time_ms)))


def size_of(size_bytes: int | str) -> Message:
    """A number of bytes, as pages write it."""
    return said(lambda formats: formats.data_size(int(size_bytes)))

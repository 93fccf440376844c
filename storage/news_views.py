"""What is new for one reader, as the read side hands it out.

Times of arrival (``received_ms``) are this node's own and order the news: what was written long ago
and came today is new today. ``shown_ms`` is when it was written, as pages show it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from storage.record_views import RecordFilter

NewsKind = Literal[
    "record", "version", "comment", "question", "answer", "accepted", "use", "helped",
    "samverka", "planerar",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Concerns:
    """What concerns a reader: what answers the own log, records by id, and lists by their filters.

    Each record and list goes with the time since when it is followed: what came before is no news.
    A filter by municipality alone also takes in what that municipality says elsewhere. What the
    own municipality did is news only when it is among the filters.
    """

    own_log: bytes
    records: Mapping[bytes, int] = field(default_factory=dict)
    filters: Mapping[RecordFilter, int] = field(default_factory=dict)


class Since(NamedTuple):
    """A time of arrival: after ``after_ms``, and not after ``through_ms`` when that is given."""

    after_ms: int
    through_ms: int | None = None


@dataclass(frozen=True, slots=True)
class NewsItem:
    """One entry that is news. ``code`` and ``municipality`` are whose it is, ``record_…`` whose
    record it is about, ``language`` that of its title; ``is_to_us`` when it answers a record or a
    comment of our own.
    """

    kind: NewsKind
    entry_id: bytes
    code: str
    municipality: str
    received_ms: int
    shown_ms: int
    record_id: bytes
    record_code: str
    record_municipality: str
    title: str
    language: str
    type: str
    visibility: str
    is_to_us: bool

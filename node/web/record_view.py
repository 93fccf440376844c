"""A record as its page shows it: storage's detail, sorted into what stands where. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from node.web.maps import MapPicture, users
from node.web.message import Message
from node.web.render import difference_url, record_url
from node.web.site import official_name, short_name
from node.web.staleness import stale_words
from node.web.threads import CommentNode, make_threads
from protocol.content import Experience
from storage.record_views import (
    CommentRow,
    HelpedRow,
    InterestRow,
    Party,
    RecordDetail,
    RecordRow,
    UseRow,
)

Row = TypeVar("Row", UseRow, InterestRow, HelpedRow)


class VersionLink(NamedTuple):
    """One line of the history; `difference` shows what it changed, "" for the first."""

    entry_id: bytes
    words: str
    shown_ms: int
    title: str
    url: str
    difference: str


@dataclass(frozen=True, slots=True)
class RecordView:
    """Everything the record template reads. Ids are hexadecimal where they go into addresses."""

    id: str
    row: RecordRow
    experience: Experience | None
    title: str
    language: str
    url: str
    code: str
    municipality: str
    official_name: str
    published_ms: int
    changed_ms: int
    received_ms: int
    sequence: int
    entry_id: bytes
    is_current: bool
    is_own: bool
    stale: str
    frozen: bool
    left_ms: int | None
    heir: Party | None
    withdrawn: str | None
    own_log: bytes
    versions: list[VersionLink]
    threads: list[CommentNode]
    uses: list[UseRow]
    uses_map: MapPicture | None
    collaborators: list[InterestRow]
    planners: list[InterestRow]
    helped: list[HelpedRow]
    own_use: UseRow | None
    own_collaborates: InterestRow | None
    own_plans: InterestRow | None
    own_helped: HelpedRow | None

    @property
    def comments(self) -> list[CommentNode]:
        """All comments, answers after what they answer."""
        return [one for thread in self.threads for one in (thread, *thread.answers)]

    @property
    def own_entries(self) -> list[str]:
        """Ids of what can be changed or taken back by whoever wrote it: the record, comments."""
        own = [self.id] if self.is_own else []
        return own + [one.row.entry_id.hex() for one in self.comments if self.may_undo(one.row)]

    def may_undo(self, row: CommentRow) -> bool:
        """Whether a comment is our own and still stands."""
        return row.log == self.own_log and row.withdrawn is None


def make_record_view(detail: RecordDetail, *, own_log: bytes, today: str) -> RecordView:
    """Sort a record's detail for its page; `today` is YYYY-MM-DD."""
    row, experience = detail.row, detail.experience
    collaborators = [one for one in detail.interests if one.interest == "samverka"]
    planners = [one for one in detail.interests if one.interest == "planerar"]
    return RecordView(
        id=row.record_id.hex(),
        row=row,
        experience=experience,
        title=experience.title if experience else row.title,
        language=experience.language if experience else row.language,
        url=record_url(row.record_id, row.title),
        code=row.code,
        municipality=short_name(row.code, row.municipality),
        official_name=official_name(row.code, row.municipality),
        published_ms=row.published_ms,
        changed_ms=row.changed_ms,
        received_ms=detail.received_ms,
        sequence=detail.sequence,
        entry_id=detail.entry_id,
        is_current=detail.is_current,
        is_own=row.log == own_log,
        stale=_stale(row, experience, today),
        frozen=detail.frozen,
        left_ms=detail.left_ms,
        heir=detail.heir,
        withdrawn=detail.withdrawn,
        own_log=own_log,
        versions=_versions(detail),
        threads=make_threads(row, detail.comments, own_log),
        uses=list(detail.uses),
        uses_map=users(row.code, (use.code for use in detail.uses)),
        collaborators=collaborators,
        planners=planners,
        helped=list(detail.helped),
        own_use=_own(detail.uses, own_log),
        own_collaborates=_own(collaborators, own_log),
        own_plans=_own(planners, own_log),
        own_helped=_own(detail.helped, own_log),
    )


def _stale(row: RecordRow, experience: Experience | None, today: str) -> str:
    if experience is None:
        return ""
    return stale_words(
        row.changed_ms,
        today,
        valid_until=experience.valid_until,
        review_date=experience.review_date,
    )


def _own(rows: Iterable[Row], own_log: bytes) -> Row | None:
    return next((row for row in rows if row.log == own_log), None)


def _versions(detail: RecordDetail) -> list[VersionLink]:
    """Newest first; the oldest is the publication, the others are changes."""
    record = detail.row.record_id
    address = record_url(record, detail.row.title)
    ordered = sorted(detail.versions, key=lambda version: version.sequence)
    links = [
        VersionLink(
            version.entry_id,
            Message("Ändrad") if number else Message("Publicerad"),
            version.shown_ms,
            version.title,
            address if version is ordered[-1] else f"{address}?version={version.entry_id.hex()}",
            difference_url(record, version.entry_id) if number else "",
        )
        for number, version in enumerate(ordered)
    ]
    return links[::-1]


class PreviewView(NamedTuple):
    """The part of a record's view that a record has before it is published."""

    experience: Experience
    code: str
    municipality: str
    published_ms: None = None
    changed_ms: None = None
    heir: None = None


def preview_view(experience: Experience, code: str, name: str) -> PreviewView:
    """A record that is being written, as others will see it."""
    return PreviewView(experience, code, short_name(code, name))

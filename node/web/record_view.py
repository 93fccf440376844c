"""A record as its page shows it: storage's detail, sorted into what stands where. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from node.web.maps import MapPicture, users
from node.web.render import record_url
from node.web.site import official_name, short_name
from protocol.content import Experience
from storage.record_views import CommentRow, InterestRow, RecordDetail, RecordRow, UseRow

Row = TypeVar("Row", UseRow, InterestRow)


class VersionLink(NamedTuple):
    """One line of the history."""

    entry_id: bytes
    words: str
    shown_ms: int
    title: str
    url: str


@dataclass(slots=True)
class CommentNode:
    """A comment and the answers to it; `may_accept` when our municipality asked."""

    row: CommentRow
    may_accept: bool
    answers: list[CommentNode] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class RecordView:
    """Everything the record template reads. Ids are hexadecimal where they go into addresses."""

    id: str
    row: RecordRow
    experience: Experience | None
    title: str
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
    stale: bool
    frozen: bool
    withdrawn: str | None
    own_log: bytes
    versions: list[VersionLink]
    threads: list[CommentNode]
    uses: list[UseRow]
    uses_map: MapPicture | None
    collaborators: list[InterestRow]
    planners: list[InterestRow]
    own_use: UseRow | None
    own_collaborates: InterestRow | None
    own_plans: InterestRow | None

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
    valid_until = experience.valid_until if experience else None
    return RecordView(
        id=row.record_id.hex(),
        row=row,
        experience=experience,
        title=experience.title if experience else row.title,
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
        stale=bool(valid_until and valid_until < today),
        frozen=detail.frozen,
        withdrawn=detail.withdrawn,
        own_log=own_log,
        versions=_versions(detail),
        threads=_threads(detail, own_log),
        uses=list(detail.uses),
        uses_map=users(row.code, (use.code for use in detail.uses)),
        collaborators=collaborators,
        planners=planners,
        own_use=_own(detail.uses, own_log),
        own_collaborates=_own(collaborators, own_log),
        own_plans=_own(planners, own_log),
    )


def _own(rows: Iterable[Row], own_log: bytes) -> Row | None:
    return next((row for row in rows if row.log == own_log), None)


def _versions(detail: RecordDetail) -> list[VersionLink]:
    """Newest first; the oldest is the publication, the others are changes."""
    address = record_url(detail.row.record_id, detail.row.title)
    ordered = sorted(detail.versions, key=lambda version: version.sequence)
    links = [
        VersionLink(
            version.entry_id,
            "Ändrad" if number else "Publicerad",
            version.shown_ms,
            version.title,
            address if version is ordered[-1] else f"{address}?version={version.entry_id.hex()}",
        )
        for number, version in enumerate(ordered)
    ]
    return links[::-1]


def _threads(detail: RecordDetail, own_log: bytes) -> list[CommentNode]:
    """Answers under the comment that began the thread; marks without text show at the answer.

    Two levels whatever the entries say: a chain of answers to answers, which anyone can write as
    long as they like, must not become as deep a page.
    """
    asked_here = detail.row.type == "fraga" and detail.row.log == own_log
    by_id = {row.entry_id: row for row in detail.comments if row.text is not None}
    nodes: dict[bytes, CommentNode] = {}
    threads: list[CommentNode] = []
    for row in by_id.values():
        first = _first_of_thread(row, by_id)
        node = CommentNode(row, _may_accept(row, by_id, own_log, asked_here))
        nodes[row.entry_id] = node
        if first is row:
            threads.append(node)
    for node in nodes.values():
        first = _first_of_thread(node.row, by_id)
        if first is not node.row:
            nodes[first.entry_id].answers.append(node)
    return threads


def _first_of_thread(row: CommentRow, by_id: dict[bytes, CommentRow]) -> CommentRow:
    seen = set()
    while row.answer_to in by_id and row.entry_id not in seen:
        seen.add(row.entry_id)
        row = by_id[row.answer_to]
    return row


def _may_accept(
    row: CommentRow, by_id: dict[bytes, CommentRow], own_log: bytes, asked_here: bool
) -> bool:
    if row.kind != "answer" or row.accepted or row.withdrawn is not None or row.log == own_log:
        return False
    question = by_id.get(row.answer_to) if row.answer_to else None
    return asked_here or (question is not None and question.log == own_log)


class PreviewView(NamedTuple):
    """The part of a record's view that a record has before it is published."""

    experience: Experience
    code: str
    municipality: str
    published_ms: None = None
    changed_ms: None = None


def preview_view(experience: Experience, code: str, name: str) -> PreviewView:
    """A record that is being written, as others will see it."""
    return PreviewView(experience, code, short_name(code, name))

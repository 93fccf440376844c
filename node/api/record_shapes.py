"""Records as documents: in a list, and one of them with its history and what others answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from node.api.shapes import (
    ContactPoint,
    Count,
    Id,
    ListShape,
    Moment,
    MunicipalityRef,
    Shape,
    moment,
)
from node.web.render import record_url
from protocol.content import Experience
from storage.record_views import (
    CommentRow,
    HelpedRow,
    InterestRow,
    RecordDetail,
    RecordRow,
    UseRow,
    VersionRow,
)


class RecordSummary(Shape):
    """A record in a list. Codes are those of /amnen and of the pages' filters."""

    id: Id
    url: Annotated[str, Field(description="Its page, for people.")]
    api_url: Annotated[str, Field(description="The whole record, with responses and versions.")]
    log: Id
    municipality: MunicipalityRef
    type: str
    title: str
    summary: str
    language: Annotated[str, Field(description="Of title and summary, BCP 47.")]
    area: str
    status: str
    visibility: Literal["public", "federation"]
    published: Moment
    changed: Moment
    versions: Annotated[int, Field(ge=1)]
    valid_until: Annotated[str | None, Field(description="A date, YYYY-MM-DD.")]
    collaboration_open: bool
    example: Annotated[bool, Field(description="Whether it is invented, for show.")]
    uses: Annotated[Count, Field(description="Municipalities that say they use it too.")]
    interests: Annotated[Count, Field(description="Municipalities that want to take part.")]
    helped: Annotated[Count, Field(description="Municipalities that it helped.")]
    comments: Count

    @classmethod
    def of(cls, row: RecordRow, site: str) -> RecordSummary:
        """A row of a list; `site` is where the node is for others."""
        return cls.model_validate(summary_fields(row, site))


class WholeRecord(RecordSummary):
    """A record and all of its present text: what exports have for each."""

    content: Annotated[
        Experience | None,
        Field(description="What was signed; null when it has been erased or withdrawn."),
    ]

    @classmethod
    def whole(cls, row: RecordRow, content: Experience | None, site: str) -> WholeRecord:
        """A row with what its record says."""
        return cls.model_validate({**summary_fields(row, site), "content": content})


def summary_fields(row: RecordRow, site: str) -> dict[str, object]:
    """The fields of a summary."""
    record = row.record_id.hex()
    return {
        "id": record,
        "url": site + record_url(row.record_id, row.title),
        "api_url": f"{site}/api/v1/records/{record}",
        "log": row.log.hex(),
        "municipality": MunicipalityRef.of(row.code, row.municipality),
        "type": row.type,
        "title": row.title,
        "summary": row.summary,
        "language": row.language,
        "area": row.area,
        "status": row.status,
        "visibility": row.visibility,
        "published": moment(row.published_ms),
        "changed": moment(row.changed_ms),
        "versions": row.version_count,
        "valid_until": row.valid_until,
        "collaboration_open": row.collaboration_open,
        "example": row.example,
        "uses": row.uses,
        "interests": row.interests,
        "helped": row.helped,
        "comments": row.comments,
    }


class Choice(Shape):
    """One choice of a filter, and how many records it would list with the other filters kept."""

    code: str
    label: Annotated[str, Field(description="Its words in Swedish.")]
    records: Count


class Facets(Shape):
    """The choices of each filter that would list anything."""

    area: tuple[Choice, ...]
    type: tuple[Choice, ...]
    municipality: tuple[Choice, ...]
    status: tuple[Choice, ...]
    place: tuple[Choice, ...]
    group: tuple[Choice, ...]
    year: tuple[Choice, ...]
    collaboration_open: tuple[Choice, ...]
    product: Annotated[tuple[Choice, ...], Field(description="The commonest, those first.")]
    supplier: Annotated[tuple[Choice, ...], Field(description="The commonest, those first.")]


class RecordList(ListShape):
    """A page of records, the newest first or the best for `q`, and the choices of the filters."""

    items: tuple[RecordSummary, ...]
    facets: Facets


class Version(Shape):
    """One published wording of a record; ask for it with the parameter `version`."""

    id: Id
    sequence: Annotated[int, Field(ge=1)]
    published: Moment
    title: str

    @classmethod
    def of(cls, row: VersionRow) -> Version:
        """A version from storage."""
        return cls(
            id=row.entry_id.hex(),
            sequence=row.sequence,
            published=moment(row.shown_ms),
            title=row.title,
        )


class Comment(Shape):
    """A comment, question or answer; one without text only marks an answer, or was withdrawn."""

    id: Id
    municipality: MunicipalityRef
    published: Moment
    kind: str
    text: str | None
    answer_to: Id | None
    accepts: Id | None
    accepted: Annotated[bool, Field(description="Whether who asked marked it as what helped.")]
    withdrawn: Annotated[str | None, Field(description="Why it was taken back, if it was.")]

    @classmethod
    def of(cls, row: CommentRow, texts: Mapping[bytes, str]) -> Comment:
        """A comment with what it says."""
        return cls(
            id=row.entry_id.hex(),
            municipality=MunicipalityRef.of(row.code, row.municipality),
            published=moment(row.shown_ms),
            kind=row.kind,
            text=None if row.withdrawn is not None else texts.get(row.entry_id),
            answer_to=row.answer_to.hex() if row.answer_to else None,
            accepts=row.accepts.hex() if row.accepts else None,
            accepted=row.accepted,
            withdrawn=row.withdrawn,
        )


class Use(Shape):
    """A municipality that says it uses the same."""

    municipality: MunicipalityRef
    published: Moment
    since_year: int | None
    contact: ContactPoint | None
    note: str | None

    @classmethod
    def of(cls, row: UseRow) -> Use:
        """A use from storage."""
        return cls(
            municipality=MunicipalityRef.of(row.code, row.municipality),
            published=moment(row.shown_ms),
            since_year=row.since_year,
            contact=ContactPoint.of(row.contact),
            note=row.note,
        )


class Interest(Shape):
    """A municipality that wants to work together (samverka), or plans the same (planerar)."""

    municipality: MunicipalityRef
    published: Moment
    interest: str
    contact: ContactPoint | None
    note: str | None

    @classmethod
    def of(cls, row: InterestRow) -> Interest:
        """An interest from storage."""
        return cls(
            municipality=MunicipalityRef.of(row.code, row.municipality),
            published=moment(row.shown_ms),
            interest=row.interest,
            contact=ContactPoint.of(row.contact),
            note=row.note,
        )


class Helped(Shape):
    """A municipality that the record helped, and what it took over."""

    municipality: MunicipalityRef
    published: Moment
    reused: str | None

    @classmethod
    def of(cls, row: HelpedRow) -> Helped:
        """Thanks from storage."""
        return cls(
            municipality=MunicipalityRef.of(row.code, row.municipality),
            published=moment(row.shown_ms),
            reused=row.reused,
        )


class Record(WholeRecord):
    """One record: the version asked for, its history, and what others answered."""

    version: Annotated[Id, Field(description="The version that `content` is.")]
    is_current: Annotated[bool, Field(description="Whether that is the present one.")]
    arrived: Annotated[Moment, Field(description="When that version reached this node.")]
    withdrawn: Annotated[str | None, Field(description="Why it was withdrawn, if it was.")]
    frozen: Annotated[
        bool, Field(description="Whether its log holds two versions of one entry, and waits.")
    ]
    evidence_url: Annotated[str, Field(description="A file that proves it without a node.")]
    history: Annotated[tuple[Version, ...], Field(description="All versions, the oldest first.")]
    discussion: tuple[Comment, ...]
    used_by: tuple[Use, ...]
    interested: tuple[Interest, ...]
    helped_by: tuple[Helped, ...]

    @classmethod
    def detailed(cls, detail: RecordDetail, texts: Mapping[bytes, str], site: str) -> Record:
        """A record from storage; `texts` is what its comments say."""
        version, record = detail.entry_id.hex(), detail.row.record_id.hex()
        evidence = f"{site}/erfarenheter/{record}/bevis.cbor?version={version}"
        fields = summary_fields(detail.row, site) | {
            "content": detail.experience if detail.withdrawn is None else None,
            "version": version,
            "is_current": detail.is_current,
            "arrived": moment(detail.received_ms),
            "withdrawn": detail.withdrawn,
            "frozen": detail.frozen,
            "evidence_url": evidence,
            "history": tuple(Version.of(row) for row in detail.versions),
            "discussion": tuple(Comment.of(row, texts) for row in detail.comments),
            "used_by": tuple(Use.of(row) for row in detail.uses),
            "interested": tuple(Interest.of(row) for row in detail.interests),
            "helped_by": tuple(Helped.of(row) for row in detail.helped),
        }
        return cls.model_validate(fields)

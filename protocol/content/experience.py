"""Kind ``experience``: what a municipality tried and learned (docs/protocol.md §11.4).

Seven fields are required or come from the log; all others are optional and stand in the order in
which a form asks for them. An edit is a whole new experience whose ``replaces`` names the record.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from protocol.content.attachment import Attachment
from protocol.content.base import (
    LINE_ENDS,
    AmountSek,
    AreaId,
    Contact,
    Content,
    Day,
    HexId,
    Line,
    Note,
    PartialDate,
    RootContent,
    Text,
    WebUrl,
    items_of,
    line_of,
)
from protocol.limits import (
    LANGUAGE_CHARS_MAX,
    LIST_ITEMS_MAX,
    OWN_HOURS_MAX,
    SUMMARY_CHARS_MAX,
    TAG_CHARS_MAX,
    TAGS_MAX,
    TITLE_CHARS_MAX,
)

ExperienceType = Literal["erfarenhet", "fraga", "samverkan", "losning", "omvarld", "upphandling"]
Status = Literal["ide", "pilot", "drift", "avslutat", "avbrutet"]
CallOff = Literal["ja", "nej", "okant"]
Visibility = Literal["public", "federation"]

Title = Annotated[str, line_of(TITLE_CHARS_MAX), LINE_ENDS]
Summary = Annotated[str, line_of(SUMMARY_CHARS_MAX), LINE_ENDS]
Tag = Annotated[str, line_of(TAG_CHARS_MAX), LINE_ENDS]
Language = Annotated[
    str, StringConstraints(max_length=LANGUAGE_CHARS_MAX, pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]+)*$")
]


class Cost(Content):
    """What it cost, in whole kronor; ``…_max_sek`` makes a figure a range."""

    one_off_sek: AmountSek | None = None
    one_off_max_sek: AmountSek | None = None
    yearly_sek: AmountSek | None = None
    yearly_max_sek: AmountSek | None = None
    own_hours: Annotated[int, Field(ge=0, le=OWN_HOURS_MAX)] | None = None
    note: Note | None = None

    @model_validator(mode="after")
    def _check_ranges(self) -> Self:
        for low, high in (
            (self.one_off_sek, self.one_off_max_sek),
            (self.yearly_sek, self.yearly_max_sek),
        ):
            if high is not None and (low is None or high < low):
                raise ValueError("the upper end of a cost range needs a lower end below it")
        return self


class Timeline(Content):
    """When it started, went live and ended: ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``."""

    started: PartialDate | None = None
    live: PartialDate | None = None
    ended: PartialDate | None = None


class Product(Content):
    """A product or service used, and whether others may call off on its agreement."""

    name: Line
    supplier: Line | None = None
    call_off: CallOff = "okant"
    call_off_until: Day | None = None


class Legal(Content):
    """Notes on law: personal data, impact assessment, form of procurement."""

    personal_data: bool | None = None
    dpia_done: bool | None = None
    procurement: Line | None = None
    note: Note | None = None


class Link(Content):
    """A page elsewhere."""

    url: WebUrl
    title: Line


class Source(Content):
    """Where an imported record came from."""

    name: Line
    url: WebUrl | None = None
    licence: Line | None = None


class Checked(Content):
    """Who, as a role, went through the confidentiality checklist, and when."""

    role: Line
    date: Day


class Experience(RootContent):
    """One version of a record."""

    type: ExperienceType
    title: Title
    summary: Summary
    area: AreaId
    status: Status
    contact: Contact

    situation: Text | None = None
    actions: Text | None = None
    results: Text | None = None
    lessons_well: Text | None = None
    lessons_change: Text | None = None
    advice: Text | None = None
    preconditions: Text | None = None
    cost: Cost | None = None
    timeline: Timeline | None = None
    products: Annotated[tuple[Product, ...], items_of(LIST_ITEMS_MAX)] = ()
    legal: Legal | None = None
    attachments: Annotated[tuple[Attachment, ...], items_of(LIST_ITEMS_MAX)] = ()
    links: Annotated[tuple[Link, ...], items_of(LIST_ITEMS_MAX)] = ()

    licence: Line = "CC0-1.0"
    related: Annotated[tuple[HexId, ...], items_of(LIST_ITEMS_MAX)] = ()
    valid_until: Day | None = None
    review_date: Day | None = None
    tags: Annotated[tuple[Tag, ...], items_of(TAGS_MAX)] = ()
    language: Language = "sv"
    klassa: Line | None = None
    collaboration_open: bool = False
    visibility: Visibility = "public"
    source: Source | None = None
    example: bool = False
    checked: Checked | None = None
    replaces: HexId | None = None

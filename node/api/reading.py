"""Parameters of the API: each address has a closed model, and what does not fit is refused.

The same models are what the OpenAPI document is made from, so it cannot promise anything else.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from multidict import MultiMapping
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)

from node.api.errors import BadParameterError, UnknownParameterError
from node.municipal import places
from node.wanted import TEXT_CHARS_MAX, gathered_codes
from node.web.listing import PAGE_MAX, PAGE_SIZE
from protocol.content.base import LINE_PATTERN, AreaId, HexId, KommunCode
from protocol.content.experience import ExperienceType, Status
from storage.record_lists import PAGE_SIZE_MAX
from storage.record_views import RecordFilter

_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
Asked = TypeVar("Asked", bound="Query")


def _digits(value: object) -> object:
    """Only plain digits are a number: not 1e3, not 1_000, not a number with a sign."""
    if isinstance(value, str) and not _NUMBER.fullmatch(value):
        raise ValueError("must be a whole number, from 1 on")
    return value


def place_names() -> list[str]:
    """Everything that `place` can be."""
    return [places.NEIGHBOURS, *places.subregions(), *places.counties()]


def group_names() -> list[str]:
    """Everything that `group` can be."""
    return [places.ALIKE, *places.groups()]


def _known_place(text: str) -> str:
    return _one_of(text, place_names())


def _known_group(text: str) -> str:
    return _one_of(text, group_names())


def _one_of(text: str, known: list[str]) -> str:
    if text not in known:
        raise ValueError(f"must be one of {', '.join(known)}")
    return text


Number = BeforeValidator(_digits)
SearchText = Annotated[str, StringConstraints(max_length=TEXT_CHARS_MAX, pattern=LINE_PATTERN)]
YearText = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-(0[1-9]|1[0-2]))?$")]
Place = Annotated[
    str, AfterValidator(_known_place), WithJsonSchema({"type": "string", "enum": place_names()})
]
Group = Annotated[
    str, AfterValidator(_known_group), WithJsonSchema({"type": "string", "enum": group_names()})
]


class Query(BaseModel):
    """The parameters of an address; this one has none."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="forbid", frozen=True)


class PageQuery(Query):
    """Which page of a list, and how long pages are."""

    page: Annotated[int, Field(ge=1, le=PAGE_MAX), Number] = 1
    page_size: Annotated[int, Field(ge=1, le=PAGE_SIZE_MAX), Number] = PAGE_SIZE


class RecordQuery(PageQuery):
    """What a list of records shows: the filters of the pages' list."""

    q: SearchText | None = None
    area: AreaId | None = None
    type: ExperienceType | None = None
    municipality: KommunCode | None = None
    status: Status | None = None
    place: Place | None = None
    group: Group | None = None
    year: YearText | None = None
    collaboration_open: Literal["true"] | None = None
    product: SearchText | None = None
    supplier: SearchText | None = None
    answers: Literal["saknas", "vantar"] | None = None

    def filter(self, own: str) -> RecordFilter:
        """The filter for storage; `own` is our kommunkod, which some places are relative to."""
        return RecordFilter(
            text=" ".join((self.q or "").split()),
            area=self.area or "",
            type=self.type or "",
            municipality=self.municipality or "",
            status=self.status or "",
            page=self.page,
            page_size=self.page_size,
            codes=gathered_codes(self.place or "", self.group or "", own),
            year=self.year or "",
            collaboration_open=self.collaboration_open is not None,
            product=" ".join((self.product or "").split()),
            supplier=" ".join((self.supplier or "").split()),
            answers=self.answers or "",
            near=places.near_codes(own),
        )


class VersionQuery(Query):
    """Which version of a record; the present one unless it is named."""

    version: HexId | None = None


def read_query(model: type[Asked], given: MultiMapping[str]) -> Asked:
    """What a request asks for; raises `UnknownParameterError` or `BadParameterError`."""
    names = list(dict.fromkeys(given.keys()))
    known = list(model.model_fields)
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UnknownParameterError([shown(name) for name in unknown], known)
    twice = [name for name in names if len(given.getall(name)) > 1]
    if twice:
        raise BadParameterError([(name, "is given more than once") for name in twice])
    try:
        return model.model_validate({name: given[name] for name in names})
    except ValidationError as error:
        raise BadParameterError([_fault(one) for one in error.errors()]) from error


def shown(text: str) -> str:
    """A name from a request as it may stand in an answer."""
    plain = "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text)
    return plain[:40] or "(a parameter without a name)"


def _fault(error: Any) -> tuple[str, str]:
    return str(error["loc"][0]), str(error["msg"]).removeprefix("Value error, ").lower()

"""What all documents of the API are made of: closed models, times, ids, lists by page.

Names are English and whole words; ids are 64 hexadecimal digits; times are RFC 3339 in UTC. A field
may be added in a later version, never taken away or given another meaning under `/api/v1`.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, ClassVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from node.web.feeds import LATEST_MS
from node.web.site import short_name
from protocol.content import Contact as SignedContact
from protocol.content.base import HexId

Moment = AwareDatetime
Count = Annotated[int, Field(ge=0)]
Id = HexId
Code = Annotated[str, Field(description="Kommunkod, four digits; empty when it is not known.")]


class Shape(BaseModel):
    """Base of every document."""

    model_config: ClassVar[ConfigDict] = ConfigDict(frozen=True)


class MunicipalityRef(Shape):
    """A municipality, as others name it."""

    code: Code
    name: Annotated[str, Field(description='Its short name: "Tidaholm".')]

    @classmethod
    def of(cls, code: str, name: str) -> MunicipalityRef:
        """The municipality with this kommunkod; `name` is the one in its log."""
        return cls(code=code, name=short_name(code, name))


class ContactPoint(Shape):
    """Whom to ask: a role, never a person."""

    role: str
    email: str | None
    phone: str | None

    @classmethod
    def of(cls, contact: SignedContact | None) -> ContactPoint | None:
        """A contact from signed content."""
        if contact is None:
            return None
        return cls(role=contact.role, email=contact.email, phone=contact.phone)


class ListShape(Shape):
    """What every list has beside its items."""

    total: Annotated[Count, Field(description="Items on all pages together.")]
    page: Annotated[int, Field(ge=1)]
    pages: Annotated[int, Field(ge=1, description="Pages there are; one when there is nothing.")]
    next: Annotated[str | None, Field(description="Address of the next page, if there is one.")]


def moment(time_ms: int) -> datetime:
    """A time in milliseconds since 1970; one beyond the year 9999 is the last second of that."""
    return datetime.fromtimestamp(min(time_ms, LATEST_MS) / 1000, UTC)


def moment_or_none(time_ms: int | None) -> datetime | None:
    """The same, for what may not have happened."""
    return None if time_ms is None else moment(time_ms)

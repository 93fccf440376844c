"""Municipalities, logs and neighbours as documents."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from node.api.shapes import (
    Code,
    ContactPoint,
    Count,
    Id,
    ListShape,
    Moment,
    MunicipalityRef,
    Shape,
    moment_or_none,
)
from node.operations.neighbour_status import NeighbourState, NeighbourStatus
from node.operations.operation_views import Member
from node.web.drawings import municipality_url
from node.web.render import record_url
from node.web.site import official_name
from storage.record_views import MunicipalityDetail, MunicipalityRow, ProfileView, UsedRecord


class MunicipalitySummary(MunicipalityRef):
    """A municipality with a log here."""

    official_name: str
    url: Annotated[str, Field(description="Its page, for people.")]
    records: Count
    latest: Annotated[Moment | None, Field(description="When its newest record was published.")]

    @classmethod
    def listed(cls, row: MunicipalityRow | MunicipalityDetail, site: str) -> MunicipalitySummary:
        """A municipality from storage."""
        return cls.model_validate(_municipality_fields(row, site))


class MunicipalityList(ListShape):
    """Municipalities with a log here, in Swedish order."""

    items: tuple[MunicipalitySummary, ...]


class Profile(Shape):
    """How a municipality presents itself; its own claim."""

    name: str
    domain: str | None
    url: str | None
    contact: ContactPoint | None


class Used(Shape):
    """A record that a municipality says it uses."""

    record: Id
    url: str
    title: str
    municipality: MunicipalityRef
    since_year: int | None


class Municipality(MunicipalitySummary):
    """One municipality closely."""

    logs: Annotated[
        tuple[Id, ...], Field(description="More than one only when two logs claim its code.")
    ]
    frozen: bool
    profile: Profile | None
    types: Annotated[dict[str, int], Field(description="How many records of each type.")]
    areas: Annotated[dict[str, int], Field(description="How many in each area and subarea.")]
    uses: Annotated[tuple[Used, ...], Field(description="At most 200, the newest first.")]

    @classmethod
    def detailed(cls, row: MunicipalityDetail, site: str) -> Municipality:
        """A municipality from storage."""
        return cls.model_validate(
            _municipality_fields(row, site)
            | {
                "logs": tuple(log.hex() for log in row.logs),
                "frozen": row.frozen,
                "profile": _profile(row.profile),
                "types": dict(row.types),
                "areas": dict(row.areas),
                "uses": tuple(_used(one, site) for one in row.uses),
            }
        )


def _municipality_fields(row: MunicipalityRow | MunicipalityDetail, site: str) -> dict[str, object]:
    named = MunicipalityRef.of(row.code, row.name)
    return {
        "code": named.code,
        "name": named.name,
        "official_name": official_name(row.code, row.name),
        "url": site + municipality_url(row.code),
        "records": row.records,
        "latest": moment_or_none(row.latest_ms),
    }


def _profile(profile: ProfileView | None) -> Profile | None:
    if profile is None:
        return None
    contact = ContactPoint.of(profile.contact)
    return Profile(name=profile.name, domain=profile.domain, url=profile.url, contact=contact)


def _used(used: UsedRecord, site: str) -> Used:
    return Used(
        record=used.record_id.hex(),
        url=site + record_url(used.record_id, used.title),
        title=used.title,
        municipality=MunicipalityRef.of(used.code, used.municipality),
        since_year=used.since_year,
    )


class Log(Shape):
    """One signed log that this node knows."""

    id: Id
    fingerprint: Annotated[str, Field(description="For comparing by telephone.")]
    municipality: MunicipalityRef
    standing: Annotated[
        Literal["own", "member", "introduced", "ignored", "blocked"],
        Field(description="What this node decided; others than own and member need admin."),
    ]
    sequence: Annotated[Count, Field(description="Number of its newest entry here.")]
    frozen: Annotated[bool, Field(description="Whether it holds two entries at one number.")]

    @classmethod
    def of(cls, member: Member) -> Log:
        """A log as the operations tell of it."""
        return cls.model_validate({
            "id": member.log,
            "fingerprint": member.fingerprint,
            "municipality": MunicipalityRef.of(member.code, member.name),
            "standing": member.standing,
            "sequence": member.sequence,
            "frozen": member.frozen,
        })  # fmt: skip


class LogList(ListShape):
    """Logs, in the order in which this node came to know them."""

    items: tuple[Log, ...]


class Neighbour(Shape):
    """A node that this one exchanges directly with, and how that goes."""

    log: Id
    code: Code
    name: str
    fingerprint: str
    url: Annotated[str | None, Field(description="Null when only it connects to us.")]
    state: Annotated[NeighbourState, Field(description="The word on the page Grannar.")]
    cause: str
    action: str
    connected: bool
    paused: bool
    behind_in: Annotated[
        Count, Field(description="Entries we have yet to get from it, as it last said.")
    ]
    behind_out: Annotated[
        Count, Field(description="Entries it has yet to get from us, as it last said.")
    ]
    last_success: Moment | None
    last_error: str | None
    last_error_code: str | None

    @classmethod
    def of(cls, status: NeighbourStatus) -> Neighbour:
        """A neighbour as the operations tell of it."""
        return cls(
            log=status.log,
            code=status.code,
            name=status.name,
            fingerprint=status.fingerprint,
            url=status.url,
            state=NeighbourState(status.state),
            cause=status.cause,
            action=status.action,
            connected=status.connected,
            paused=status.paused,
            behind_in=status.behind_in,
            behind_out=status.behind_out,
            last_success=moment_or_none(status.last_success_ms),
            last_error=status.last_error,
            last_error_code=status.last_error_code,
        )


class NeighbourList(ListShape):
    """The neighbours of this node."""

    items: tuple[Neighbour, ...]

"""From one change to the row of a projection that holds it.

Pure. The times that pages show are the signed time, or the time of arrival where the signed one
lies after it: a clock that is ahead never pins a record to the top of a list.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from protocol.content import Contact, Experience
from protocol.fold import (
    Change,
    Commented,
    Continued,
    HelpDeclared,
    InterestDeclared,
    Introduced,
    Left,
    Moved,
    ProfileSet,
    RecordPublished,
    RecordReplaced,
    Unreadable,
    UseDeclared,
)

Row = dict[str, Any]

_DETAIL_CHARS_MAX = 500


class Arrived(NamedTuple):
    """A change and what this node alone knows of its entry."""

    change: Change
    log_no: int
    received_ms: int

    @property
    def shown_ms(self) -> int:
        """The signed time, or the time of arrival when the signed one lies after it."""
        return min(self.change.time_ms, self.received_ms)


def first_version_row(arrived: Arrived, record: bytes, experience: Experience) -> Row:
    """Return a new row of ``records``."""
    change = arrived.change
    return {
        "record_id": record,
        "log_no": arrived.log_no,
        "sequence": change.sequence,
        "time_ms": change.time_ms,
        "published_ms": arrived.shown_ms,
        "version_count": 1,
        "withdrawn": None,
        **_version_columns(arrived, experience),
    }


def later_version_row(before: Row, arrived: Arrived, experience: Experience) -> Row:
    """Return the row of ``records`` after an edit."""
    version_count = before["version_count"] + 1
    return before | _version_columns(arrived, experience) | {"version_count": version_count}


def _version_columns(arrived: Arrived, experience: Experience) -> Row:
    change = arrived.change
    return {
        "version_id": change.entry_id,
        "version_sequence": change.sequence,
        "version_time_ms": change.time_ms,
        "changed_ms": arrived.shown_ms,
        "type": experience.type,
        "title": experience.title,
        "summary": experience.summary,
        "language": experience.language,
        "area_group": experience.area.partition(".")[0],
        "area": experience.area,
        "status": experience.status,
        "visibility": experience.visibility,
        "valid_until": experience.valid_until,
        "collaboration_open": experience.collaboration_open,
        "example": experience.example,
    }


def version_row(arrived: Arrived, change: RecordPublished | RecordReplaced, record: bytes) -> Row:
    """Return a row of ``record_versions``."""
    return {
        **_entry_columns(arrived),
        "received_ms": arrived.received_ms,
        "shown_ms": arrived.shown_ms,
        "record_id": record,
        "title": change.experience.title,
        "visibility": change.experience.visibility,
    }


def attachment_rows(
    arrived: Arrived, change: RecordPublished | RecordReplaced, record: bytes
) -> list[Row]:
    """Return the rows of ``attachments``: the files that this version names."""
    return [
        {
            "record_id": record,
            "position": position,
            "log_no": arrived.log_no,
            "sequence": change.sequence,
            "digest": bytes.fromhex(attachment.sha256),
            "size_bytes": attachment.size_bytes,
        }
        for position, attachment in enumerate(change.experience.attachments)
    ]


def comment_row(arrived: Arrived, change: Commented) -> Row:
    """Return a row of ``comments``."""
    comment = change.comment
    return {
        **_entry_columns(arrived),
        "received_ms": arrived.received_ms,
        "shown_ms": arrived.shown_ms,
        "record_id": change.record,
        "kind": comment.kind,
        "text": comment.text,
        "answer_to": _id(comment.answer_to),
        "accepts": _id(comment.accepts),
        "withdrawn": None,
    }


def use_row(arrived: Arrived, change: UseDeclared) -> Row:
    """Return a row of ``uses``."""
    return {
        **_entry_columns(arrived),
        "received_ms": arrived.received_ms,
        "shown_ms": arrived.shown_ms,
        "record_id": change.record,
        "since_year": change.use.since_year,
        "contact": _contact(change.use.contact),
        "note": change.use.note,
    }


def interest_row(arrived: Arrived, change: InterestDeclared) -> Row:
    """Return a row of ``interests``."""
    return {
        **_entry_columns(arrived),
        "received_ms": arrived.received_ms,
        "shown_ms": arrived.shown_ms,
        "record_id": change.record,
        "interest": change.interest.interest,
        "contact": _contact(change.interest.contact),
        "note": change.interest.note,
    }


def helped_row(arrived: Arrived, change: HelpDeclared) -> Row:
    """Return a row of ``helped``."""
    return {
        **_entry_columns(arrived),
        "shown_ms": arrived.shown_ms,
        "record_id": change.record,
        "reused": change.helped.reused,
        "received_ms": arrived.received_ms,
    }


def profile_row(arrived: Arrived, change: ProfileSet) -> Row:
    """Return a row of ``profiles``."""
    profile = change.profile
    return {
        **_entry_columns(arrived),
        "name": profile.name,
        "code": profile.code,
        "domain": profile.domain,
        "contact": _contact(profile.contact),
        "url": profile.url,
    }


def introduction_row(arrived: Arrived, change: Introduced) -> Row:
    """Return a row of ``introductions``."""
    introduction = change.introduction
    return {
        **_entry_columns(arrived),
        "shown_ms": arrived.shown_ms,
        "introduced": change.introduced,
        "code": introduction.code,
        "name": introduction.name,
        "url": introduction.url,
        "fingerprint": introduction.fingerprint,
    }


def address_row(arrived: Arrived, change: Moved) -> Row:
    """Return a row of ``addresses``."""
    return {**_said_columns(arrived), "url": change.address.url}


def departure_row(arrived: Arrived, change: Left) -> Row:
    """Return a row of ``departures``."""
    said = {"reason": change.reason, "successor": change.successor}
    return {**_said_columns(arrived), **said}


def continuation_row(arrived: Arrived, change: Continued) -> Row:
    """Return a row of ``continuations``."""
    return {**_said_columns(arrived), "predecessor": change.predecessor}


def unreadable_row(arrived: Arrived, change: Unreadable) -> Row:
    """Return a row of ``unreadable``."""
    return {
        **_entry_columns(arrived),
        "kind": change.kind,
        "reason": change.reason,
        "detail": _storable(change.detail),
        "withdrawn": None,
    }


def _entry_columns(arrived: Arrived) -> Row:
    change = arrived.change
    return {
        "entry_id": change.entry_id,
        "log_no": arrived.log_no,
        "sequence": change.sequence,
        "time_ms": change.time_ms,
    }


def _said_columns(arrived: Arrived) -> Row:
    return {**_entry_columns(arrived), "shown_ms": arrived.shown_ms}


def _contact(contact: Contact | None) -> str | None:
    return contact.model_dump_json(exclude_none=True) if contact else None


def _id(text: str | None) -> bytes | None:
    return bytes.fromhex(text) if text else None


def _storable(detail: str) -> str:
    """Return an error text without what a database refuses, whatever content caused it."""
    plain = detail[:_DETAIL_CHARS_MAX].encode("utf-8", "replace").decode("utf-8")
    return plain.replace("\0", "\N{REPLACEMENT CHARACTER}")

"""What can be followed: an area, a municipality, a record, or a search with its filters.

Pure. A subject has one form: a search that only chooses an area is that area, so that it is the
same wherever one says "Följ". Text from a form is read strictly and raises `ArgumentError`.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from typing import NamedTuple

from node.errors import ArgumentError
from node.municipal import taxonomy
from storage.record_views import RecordFilter

TEXT_CHARS_MAX = 200
CODE_CHARS_MAX = 40
WORDS_MAX = 10
"""A search of more words is no search that one comes back to, and each costs at every look."""
TARGET_CHARS_MAX = 2_000
_FIELDS = ("text", "area", "type", "municipality", "status")
_NOT_FOLLOWED = ("year", "collaboration_open", "answers", "product", "supplier")


class Kind(StrEnum):
    """What kind of thing is followed."""

    AREA = "area"
    MUNICIPALITY = "municipality"
    RECORD = "record"
    SEARCH = "search"


class Subject(NamedTuple):
    """One thing to follow; `target` is an area, a kommunkod, a record's id or a search."""

    kind: Kind
    target: str

    @property
    def record(self) -> bytes | None:
        """The id of the record, if it is one."""
        return bytes.fromhex(self.target) if self.kind is Kind.RECORD else None

    @property
    def filter(self) -> RecordFilter | None:
        """The list that it stands for; None for a record."""
        match self.kind:
            case Kind.AREA:
                return RecordFilter(area=self.target)
            case Kind.MUNICIPALITY:
                return RecordFilter(municipality=self.target)
            case Kind.SEARCH:
                return RecordFilter(**json.loads(self.target))
        return None


def record_subject(record: bytes) -> Subject:
    """A record, to be followed."""
    return Subject(Kind.RECORD, record.hex())


def subject_of(filter: RecordFilter) -> Subject | None:
    """What a list stands for; None for the list of everything, a search of many words, one that
    keeps to a place or a group, which are our own and may change, and one that news has no part of:
    of a year, of what is open or waits just now, or of a product."""
    if filter.codes is not None or any(getattr(filter, name) for name in _NOT_FOLLOWED):
        return None
    chosen = {name: value for name in _FIELDS if (value := getattr(filter, name))}
    match chosen:
        case {"area": area, **others} if not others:
            return Subject(Kind.AREA, area)
        case {"municipality": code, **others} if not others:
            return Subject(Kind.MUNICIPALITY, code)
    if not chosen or len(set(filter.text.split())) > WORDS_MAX:
        return None
    return Subject(Kind.SEARCH, json.dumps(chosen, ensure_ascii=False, sort_keys=True))


def read_subject(kind: str, target: str) -> Subject:
    """The subject that a form names; raises `ArgumentError`."""
    if kind == Kind.RECORD and re.fullmatch(r"[0-9a-f]{64}", target):
        return Subject(Kind.RECORD, target)
    if kind == Kind.AREA and taxonomy.find(target) is not None:
        return Subject(Kind.AREA, target)
    if kind == Kind.MUNICIPALITY and re.fullmatch(r"[0-9]{4}", target, re.ASCII):
        return Subject(Kind.MUNICIPALITY, target)
    subject = subject_of(_read_search(target)) if kind == Kind.SEARCH else None
    if subject is None:
        raise ArgumentError("That is nothing that can be followed.")
    return subject if subject.kind is Kind.SEARCH else read_subject(subject.kind, subject.target)


def _read_search(target: str) -> RecordFilter:
    try:
        given = json.loads(target) if len(target) <= TARGET_CHARS_MAX else None
    except (ValueError, RecursionError) as error:
        raise ArgumentError("That is no search.") from error
    if not isinstance(given, dict) or not given.keys() <= set(_FIELDS):
        raise ArgumentError("That is no search.")
    for name, value in given.items():
        limit = TEXT_CHARS_MAX if name == "text" else CODE_CHARS_MAX
        if not isinstance(value, str) or len(value) > limit or not value.isprintable():
            raise ArgumentError(f"That is no search: {name}.")
    return RecordFilter(**(given | {"text": " ".join(given.get("text", "").split())}))

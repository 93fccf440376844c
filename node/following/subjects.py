"""What can be followed: an area, a municipality, a record, or a search with its filters.

Pure. A search is kept as the choices of its list (node/wanted.py), so whatever a list can show can
be followed. A subject has one form: a search that only chooses an area is that area, so that it is
the same wherever one says "Följ". Text from a form is read strictly and raises `ArgumentError`.
"""

from __future__ import annotations

import json
import re
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

from node.errors import ArgumentError
from node.municipal import taxonomy
from node.wanted import PARAMETERS, TEXT_CHARS_MAX, Wanted
from storage.record_views import NO_ACCEPTED, NO_ANSWER

CODE_CHARS_MAX = 40
FILTERS_KEPT = 2_000
TARGET_CHARS_MAX = 2_000
_TYPED = ("text", "product", "supplier")


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
    def wanted(self) -> Wanted | None:
        """The list that it stands for; None for a record."""
        match self.kind:
            case Kind.AREA:
                return Wanted(area=self.target)
            case Kind.MUNICIPALITY:
                return Wanted(municipality=self.target)
            case Kind.SEARCH:
                return Wanted(**json.loads(self.target))
        return None


@lru_cache(FILTERS_KEPT)
def filter_of(subject: Subject, own: str) -> Wanted | None:
    """The list that a subject stands for at the node of a municipality (kommunkod); None for a
    record. Whatever is followed is asked for with each page after an entry."""
    wanted = subject.wanted
    return None if wanted is None else wanted.at(own)


def record_subject(record: bytes) -> Subject:
    """A record, to be followed."""
    return Subject(Kind.RECORD, record.hex())


def subject_of(wanted: Wanted) -> Subject | None:
    """What a list stands for; None for the list of everything."""
    match wanted.choices:
        case {"area": str(area), **others} if not others:
            return Subject(Kind.AREA, area)
        case {"municipality": str(code), **others} if not others:
            return Subject(Kind.MUNICIPALITY, code)
        case {**chosen} if chosen:
            return Subject(Kind.SEARCH, json.dumps(chosen, ensure_ascii=False, sort_keys=True))
    return None


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


def _read_search(target: str) -> Wanted:
    try:
        given = json.loads(target) if len(target) <= TARGET_CHARS_MAX else None
    except (ValueError, RecursionError) as error:
        raise ArgumentError("That is no search.") from error
    if not isinstance(given, dict) or not given.keys() <= set(PARAMETERS.values()):
        raise ArgumentError("That is no search.")
    for name, value in given.items():
        if not _may_be(name, value):
            raise ArgumentError(f"That is no search: {name}.")
    return Wanted(**(given | {"text": " ".join(given.get("text", "").split())}))


def _may_be(name: str, value: object) -> bool:
    """Whether a field of what is wanted may have a value: a flag is set or not there at all."""
    if isinstance(getattr(Wanted(), name), bool):
        return value is True
    limit = TEXT_CHARS_MAX if name in _TYPED else CODE_CHARS_MAX
    is_text = isinstance(value, str) and len(value) <= limit and value.isprintable()
    return is_text and (name != "answers" or value in (NO_ANSWER, NO_ACCEPTED))

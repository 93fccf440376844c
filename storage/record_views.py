"""What the read side answers with: plain frozen values for pages, command line and API.

Ids are 32 raw bytes, times are milliseconds since 1970 (UTC). ``published_ms``, ``changed_ms`` and
``shown_ms`` are the signed time, or the time of arrival when the signed one lies after it.
``municipality`` is the name in the log's first entry, which is what an admin accepted; a profile
cannot change whose records these are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from protocol.content import Contact, Experience

PUBLIC = ("public",)
"""Visibilities for a reader who is not signed in."""
MEMBERS = ("public", "federation")
"""Visibilities for staff of member municipalities."""
NO_ANSWER, NO_ACCEPTED = "saknas", "vantar"
"""Which questions a filter keeps to, as addresses have it."""


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """What a list shows; an empty field does not filter. ``area`` includes its subareas.

    ``text`` is what was typed in the search box (storage/search/query_language.py); ``literal``
    takes it as it stands, without correcting or giving up words. ``codes`` keeps to municipalities
    with one of these kommunkoder; None keeps all. ``year`` may be a month, "2026-11". ``product``
    and ``supplier`` are names, however they are spelled, or the beginning of some. ``answers``
    keeps to questions without any answer (`NO_ANSWER`) or without one marked as what helped
    (`NO_ACCEPTED`). ``near`` are those whose records come a little earlier.
    """

    text: str = ""
    area: str = ""
    type: str = ""
    municipality: str = ""
    status: str = ""
    page: int = 1
    page_size: int = 20
    codes: frozenset[str] | None = None
    year: str = ""
    collaboration_open: bool = False
    product: str = ""
    supplier: str = ""
    answers: str = ""
    literal: bool = False
    near: frozenset[str] = frozenset()

    @property
    def chosen(self) -> tuple[str, ...]:
        """The names of the fields that filter, text first."""
        names = (
            *("text", "area", "type", "municipality", "status", "year", "collaboration_open"),
            *("product", "supplier", "answers"),
        )
        found = tuple(name for name in names if getattr(self, name))
        return found if self.codes is None else (*found, "codes")

    @property
    def is_searched(self) -> bool:
        """Whether the index answers it, and not the projections alone."""
        return bool(
            self.text.strip()
            or self.year
            or self.collaboration_open
            or self.product.strip()
            or self.supplier.strip()
        )


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One record in a list; counts leave out hidden logs and withdrawn comments.

    ``language`` (BCP 47) is that of the title and the summary.
    """

    record_id: bytes
    log: bytes
    code: str
    municipality: str
    type: str
    title: str
    summary: str
    language: str
    area: str
    status: str
    visibility: str
    published_ms: int
    changed_ms: int
    version_count: int
    valid_until: str | None
    collaboration_open: bool
    example: bool
    uses: int
    interests: int
    helped: int
    comments: int


@dataclass(frozen=True, slots=True)
class Meant:
    """How a text was understood.

    ``corrections`` pairs what was typed with what was looked for; ``relaxed`` when records with
    most of the words are listed that would not be otherwise; ``terms`` are what the words were
    looked for by. ``is_small`` when there are only words that say too little, which are looked for
    in titles.
    """

    corrections: tuple[tuple[str, str], ...]
    relaxed: bool
    terms: frozenset[str]
    is_small: bool = False


@dataclass(frozen=True, slots=True)
class RecordPage:
    """One page of a list; ``pages`` is at least 1, and ``page`` never beyond it.

    ``meant`` says how a text was understood; None for a list without one.
    """

    rows: tuple[RecordRow, ...]
    total: int
    page: int
    pages: int
    meant: Meant | None = None


class Named(NamedTuple):
    """A name as records spell it, and how many records it would list."""

    name: str
    records: int


@dataclass(frozen=True, slots=True)
class Facets:
    """How many records each choice would list, the other filters kept.

    Areas are counted as such and by subarea; municipalities are by kommunkod, and beside the
    filter's own municipality also its ``codes`` are left aside: so any choice of places can be
    added up from them. Years and openness are counted for searches only. Of products and suppliers
    there are the commonest, those first.
    """

    areas: Mapping[str, int]
    types: Mapping[str, int]
    municipalities: Mapping[str, int]
    statuses: Mapping[str, int]
    years: Mapping[str, int] = field(default_factory=dict)
    collaboration_open: int = 0
    products: tuple[Named, ...] = ()
    suppliers: tuple[Named, ...] = ()


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One published wording of a record; ``entry_id`` opens it."""

    entry_id: bytes
    sequence: int
    shown_ms: int
    title: str


@dataclass(frozen=True, slots=True)
class Wording:
    """What one version said; ``experience`` is None when its content has been erased here."""

    version: VersionRow
    experience: Experience | None


@dataclass(frozen=True, slots=True)
class CommentRow:
    """A comment, question or answer; one without text only marks an answer.

    What it says is read apart (``comment_texts``), for those that are shown.
    """

    entry_id: bytes
    log: bytes
    code: str
    municipality: str
    sequence: int
    shown_ms: int
    kind: str
    has_text: bool
    answer_to: bytes | None
    accepts: bytes | None
    accepted: bool
    withdrawn: str | None


@dataclass(frozen=True, slots=True)
class UseRow:
    """ "Vi använder också" by one municipality."""

    entry_id: bytes
    log: bytes
    code: str
    municipality: str
    shown_ms: int
    since_year: int | None
    contact: Contact | None
    note: str | None


@dataclass(frozen=True, slots=True)
class InterestRow:
    """ "Vill samverka" (``samverka``) or "planerar samma" (``planerar``) by one municipality."""

    entry_id: bytes
    log: bytes
    code: str
    municipality: str
    shown_ms: int
    interest: str
    contact: Contact | None
    note: str | None


@dataclass(frozen=True, slots=True)
class HelpedRow:
    """ "Till hjälp" by one municipality; ``reused`` says what it took over."""

    entry_id: bytes
    log: bytes
    code: str
    municipality: str
    shown_ms: int
    reused: str | None


@dataclass(frozen=True, slots=True)
class Party:
    """A log that is linked to another by a succession, and whom to ask there."""

    log: bytes
    code: str
    name: str
    contact: Contact | None = None


@dataclass(frozen=True, slots=True)
class RecordDetail:
    """A record's page: one version in full (the current one unless another was asked for).

    ``entry_id``, ``sequence`` and ``received_ms`` are those of the version shown.
    ``experience`` is None when that version's content has been erased here. ``left_ms`` is there
    when its municipality has left, ``heir`` when another answers for it now.
    """

    row: RecordRow
    experience: Experience | None
    entry_id: bytes
    sequence: int
    shown_ms: int
    received_ms: int
    is_current: bool
    withdrawn: str | None
    frozen: bool
    left_ms: int | None
    heir: Party | None
    versions: tuple[VersionRow, ...]
    comments: tuple[CommentRow, ...]
    uses: tuple[UseRow, ...]
    interests: tuple[InterestRow, ...]
    helped: tuple[HelpedRow, ...]


@dataclass(frozen=True, slots=True)
class MunicipalityRow:
    """One municipality that has a log here; ``latest_ms`` is None before its first record.

    ``has_left`` when each of its logs has.
    """

    code: str
    name: str
    log: bytes
    records: int
    latest_ms: int | None
    has_left: bool


@dataclass(frozen=True, slots=True)
class UsedRecord:
    """A record that a municipality says it uses."""

    record_id: bytes
    title: str
    language: str
    code: str
    municipality: str
    since_year: int | None


@dataclass(frozen=True, slots=True)
class ProfileView:
    """How the municipality presents itself in its newest profile."""

    name: str
    code: str
    domain: str | None
    contact: Contact | None
    url: str | None


@dataclass(frozen=True, slots=True)
class MunicipalityDetail:
    """A municipality's page. ``logs`` holds more than one id only when two logs claim its code and
    neither goes on for the other.

    ``first_name`` is there when it goes by another name since ``renamed_ms``. ``left_ms`` is there
    when each of its logs has left. ``heirs`` are other municipalities that go
    on for it, ``continues`` those that it goes on for.
    """

    code: str
    name: str
    first_name: str | None
    renamed_ms: int | None
    logs: tuple[bytes, ...]
    frozen: bool
    left_ms: int | None
    heirs: tuple[Party, ...]
    continues: tuple[Party, ...]
    profile: ProfileView | None
    records: int
    latest_ms: int | None
    types: Mapping[str, int]
    areas: Mapping[str, int]
    uses: tuple[UsedRecord, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """What the network holds, as this node shows it."""

    records: int
    municipalities: int
    unreadable: int


@dataclass(frozen=True, slots=True)
class Overview:
    """What there is and what is new, all as it was at one moment.

    ``municipalities`` are records by kommunkod, of all that have a log here.
    """

    counts: Counts
    facets: Facets
    municipalities: Mapping[str, int]
    newest: tuple[RecordRow, ...]

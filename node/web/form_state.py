"""A form as it goes back and forth: typed texts, errors, rows, and the draft that it is kept in.

What was typed is compared as texts, so line ends are made alike and empty fields left out; browsers
send both in ways of their own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from node.operations.drafts import Written
from node.web.form_fields import DEFAULTS, REPEATED_ROWS_MAX, REPEATED_ROWS_MIN, SECTIONS
from node.web.form_reading import form_names
from storage.draft_store import DRAFT_ID_BYTES, DraftRow

_DRAFT_ID = re.compile(rf"[0-9a-f]{{{2 * DRAFT_ID_BYTES}}}")
_WINDOW = re.compile(r"[0-9a-f]{0,64}")
_VERSION_MAX = 10**9


@dataclass(slots=True)
class DraftPlace:
    """Which draft a form is kept in, from which count of it the text was written, in which window.

    `saved` is the draft as it was last seen; None before it was ever saved.
    """

    draft_id: bytes
    version: int = 0
    window: str = ""
    saved: DraftRow | None = None

    @property
    def id(self) -> str:
        """As it stands in addresses and fields."""
        return self.draft_id.hex()

    def now_at(self, saved: DraftRow) -> None:
        """Take over what has been saved."""
        self.version, self.saved = saved.version, saved


@dataclass(slots=True)
class FormState:
    """What a form shows: typed texts, errors by field, rows of its tables, opened sections.

    `notice` says something about the draft that whoever writes has to know.
    """

    values: dict[str, str]
    token: str
    draft: DraftPlace
    errors: dict[str, str] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    notice: str = ""

    def __post_init__(self) -> None:
        for section in SECTIONS:
            if section.repeated and section.repeated not in self.rows:
                self.rows[section.repeated] = _rows_needed(self.values, section.repeated)

    @property
    def open_sections(self) -> set[str]:
        """Folded sections that hold something typed or an error."""
        return {
            section.id
            for section in SECTIONS
            for item in section.fields
            for name in form_names(section, item)
            if name in self.errors or self.values.get(name, "") not in _untouched(item.name)
        }

    @property
    def is_untouched(self) -> bool:
        """Whether nothing has been written or chosen in it."""
        return all(
            self.values.get(name, "") in _untouched(item.name)
            for section in SECTIONS
            for item in section.fields
            for name in form_names(section, item)
        )

    def written(self, record: bytes | None) -> Written:
        """What is to be kept; `record` is the record that it changes."""
        place = self.draft
        return Written(place.draft_id, self.values, record, place.version, place.window)


def typed_values(posted: Mapping[str, object]) -> dict[str, str]:
    """The form's own fields out of a posted form; anything else is dropped."""
    names = set(FIELD_NAMES) | {"version"}
    texts = {name: _one_line_end(str(value)) for name, value in posted.items() if name in names}
    return {name: text for name, text in texts.items() if text}


def posted_place(posted: Mapping[str, object], new_id: bytes) -> DraftPlace:
    """The draft that a posted form belongs to; `new_id` is for a form that names none."""
    draft, window = str(posted.get("utkast", "")), str(posted.get("fonster", ""))
    version = str(posted.get("utkast_version", ""))
    known = bool(_DRAFT_ID.fullmatch(draft))
    return DraftPlace(
        bytes.fromhex(draft) if known else new_id,
        min(int(version), _VERSION_MAX) if re.fullmatch(r"[0-9]{1,12}", version) else 0,
        window if _WINDOW.fullmatch(window) else "",
    )


FIELD_NAMES = tuple(
    name for section in SECTIONS for item in section.fields for name in form_names(section, item)
)
"""Names of all controls, in the order of the form."""


def _one_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _untouched(name: str) -> tuple[str, str]:
    default = DEFAULTS.get(name, "okant" if name == "call_off" else "")
    return ("", default)


def _rows_needed(values: Mapping[str, str], prefix: str) -> int:
    used = [
        row
        for row in range(REPEATED_ROWS_MAX)
        if any(name.startswith(f"{prefix}_{row}_") and value for name, value in values.items())
    ]
    return min(REPEATED_ROWS_MAX, max(REPEATED_ROWS_MIN, max(used, default=-1) + 2))

"""An import as its page shows it: columns, what each file or row becomes, and what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from node.importers import phrases
from node.importers.csv_columns import Columns
from node.importers.csv_table import Table
from node.operations.draft_importing import DRAFTED
from node.operations.import_planning import Fate, Plan
from node.web.form_fields import REPEATED_ROWS_MAX
from node.web.form_reading import form_values
from node.web.import_words import FIELD_WORDS, said
from node.web.message import Message

SHOWN_MAX = 100
"""Things shown at once; the next ones show when these are drafts."""
BLANK: Final[Mapping[str, str]] = {
    "type": "type", "area": "area", "status": "status", "contact": "contact_role",
}  # fmt: skip
"""Fields that a draft leaves to its writer where an import had to assume them, and their names."""
OVER_THE_FORM: Final = Message(
    "Formuläret har plats för %(most)s länkar och produkter; resten är utelämnade."
)


class ColumnRow(NamedTuple):
    """One column of a table: its number, heading, first value, and the field it is."""

    number: int
    heading: str
    example: str
    field: str


class Item(NamedTuple):
    """One file or row that can become a draft.

    ``key`` is its source; ``is_chosen`` unless something of that title is there already, which
    ``note`` says; ``left`` are the fields that the draft leaves to its writer.
    """

    key: str
    place: str
    row: int | None
    title: str
    summary: str
    language: str
    is_chosen: bool
    is_change: bool
    note: Message | None
    warnings: list[Message]
    left: list[Message]


class Problem(NamedTuple):
    """A file or row that cannot be read."""

    place: str
    row: int | None
    line: int | None
    words: Message


class Done(NamedTuple):
    """What is there already: its title and language, and its draft or its record."""

    title: str
    language: str
    draft: str
    record: str


class ImportView(NamedTuple):
    """All of it; ``more`` and ``more_done`` count what does not show."""

    items: list[Item]
    more: int
    problems: list[Problem]
    done: list[Done]
    more_done: int


def view_of(plans: Sequence[Plan]) -> ImportView:
    """What a page shows of some plans, bounded."""
    open_plans = [plan for plan in plans if plan.fate in DRAFTED]
    refused = [plan for plan in plans if plan.fate is Fate.REFUSED]
    done = [plan for plan in plans if plan.fate in (Fate.DRAFTED, Fate.UNCHANGED)]
    return ImportView(
        [_item(plan) for plan in open_plans[:SHOWN_MAX]],
        max(0, len(open_plans) - SHOWN_MAX),
        [_problem(plan) for plan in refused[:SHOWN_MAX]],
        [_done(plan) for plan in done[:SHOWN_MAX]],
        max(0, len(done) - SHOWN_MAX),
    )


def column_rows(table: Table, columns: Columns) -> list[ColumnRow]:
    """The columns of a table, numbered from 1."""
    fields = columns.of(table.headings)
    return [
        ColumnRow(number, heading, table.example(number - 1), fields[heading])
        for number, heading in enumerate(table.headings, 1)
    ]


def draft_values(plan: Plan) -> dict[str, str]:
    """The form's texts of a draft; what had to be assumed is left to whoever writes on."""
    experience = plan.result.experience
    assert experience is not None
    values = form_values(experience)
    values |= {BLANK[name]: "" for name in plan.result.assumed if name in BLANK}
    if plan.fate is Fate.CHANGED and plan.version is not None:
        values["version"] = plan.version.hex()
    return {name: text for name, text in values.items() if text}


def _item(plan: Plan) -> Item:
    result, experience = plan.result, plan.result.experience
    assert experience is not None
    left = [name for name in result.assumed if name in BLANK]
    warnings = [
        said(note)
        for note in result.warnings
        if not (note.template == phrases.ASSUMED and note.values["field"] in left)
    ]
    if max(len(experience.links), len(experience.products)) > REPEATED_ROWS_MAX:
        warnings.append(Message(OVER_THE_FORM.template, most=REPEATED_ROWS_MAX))
    return Item(
        plan.source.hex(),
        result.file_name,
        result.row,
        experience.title,
        experience.summary,
        experience.language,
        is_chosen=plan.fate is not Fate.DUPLICATE,
        is_change=plan.fate is Fate.CHANGED,
        note=said(plan.note) if plan.note else None,
        warnings=warnings,
        left=[FIELD_WORDS[name] for name in left],
    )


def _problem(plan: Plan) -> Problem:
    error, row = plan.result.error, plan.result.row
    line = error.line if error and row is None else None
    note = plan.note or (error.reason if error else None)
    assert note is not None
    return Problem(plan.result.file_name, row, line, said(note))


def _done(plan: Plan) -> Done:
    experience = plan.result.experience
    assert experience is not None
    draft = plan.draft.hex() if plan.draft else ""
    record = plan.record.hex() if plan.record else ""
    return Done(experience.title, experience.language, draft, record)

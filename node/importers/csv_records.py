"""Rows of a table → experiences, by the columns' fields. A bad row is a result like any other.

What a row does not give is taken from the values for all rows, else assumed and said. A cell that
cannot be read refuses its row, with the row's number and what to write; the others are read.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from pydantic import TypeAdapter, ValidationError

from node.importers import cells, phrases
from node.importers.cells import CellError
from node.importers.csv_columns import Columns
from node.importers.csv_table import Row, Table, read_table
from node.importers.csv_words import CHOICE_WORDS
from node.importers.markdown import ASSUMED, ASSUMED_ROLE
from node.importers.markdown_outline import first_paragraph
from node.importers.markdown_words import HEADINGS
from node.importers.personal import is_role_mailbox
from node.importers.result import BrokenFileError, Draft, ImportProblem, ImportResult, shortened
from protocol.content.base import WebUrl
from protocol.limits import (
    LINE_CHARS_MAX,
    LIST_ITEMS_MAX,
    NOTE_CHARS_MAX,
    SUMMARY_CHARS_MAX,
    TAG_CHARS_MAX,
    TAGS_MAX,
    TEXT_CHARS_MAX,
    TITLE_CHARS_MAX,
)

PREFIX = "csv:"
AMOUNTS = {"cost_one_off": "one_off_sek", "cost_one_off_max": "one_off_max_sek",
           "cost_yearly": "yearly_sek", "cost_yearly_max": "yearly_max_sek",
           "cost_hours": "own_hours"}  # fmt: skip
_LINK = TypeAdapter(WebUrl)


def read_csv(data: bytes, file_name: str, columns: Columns) -> list[ImportResult]:
    """Read a file's rows; never raises. A file that is no table is one result with its reason."""
    try:
        table = read_table(data, encoding=columns.encoding, separator=columns.separator)
    except BrokenFileError as error:
        return [ImportResult(file_name, "", error=error.problem)]
    return read_rows(table, file_name, columns)


def read_rows(table: Table, file_name: str, columns: Columns) -> list[ImportResult]:
    """The rows of a table in their order, the broken ones among them."""
    if problems := columns.problems(table.headings):
        return [ImportResult(file_name, "", error=ImportProblem(1, note)) for note in problems]
    fields = columns.of(table.headings)
    found = [
        _read_row(row, table.headings, fields, columns.values, file_name) for row in table.rows
    ]
    found += [
        ImportResult(file_name, "", error=problem, row=problem.line) for problem in table.problems
    ]
    return sorted(found, key=lambda result: result.row or 0)


def _read_row(
    row: Row,
    headings: tuple[str, ...],
    fields: Mapping[str, str],
    values: Mapping[str, str],
    file_name: str,
) -> ImportResult:
    draft, given = Draft(), dict[str, list[str]]()
    for heading, cell in zip(headings, row.cells, strict=False):
        if cell and fields[heading]:
            given.setdefault(fields[heading], []).append(cell)
    key = ""
    try:
        key = f"{PREFIX}{file_name}:{_named(given)}"
        _take(draft, given, values)
        experience = draft.build()
    except CellError as error:
        problem = ImportProblem(row.number, error.note)
        return ImportResult(file_name, key, None, tuple(draft.warnings), problem, row=row.number)
    except BrokenFileError as error:
        problem = ImportProblem(row.number, error.problem.reason)
        return ImportResult(file_name, key, None, tuple(draft.warnings), problem, row=row.number)
    return ImportResult(
        file_name, key, experience, tuple(draft.warnings), assumed=tuple(draft.assumed),
        row=row.number,
    )  # fmt: skip


def _named(given: Mapping[str, list[str]]) -> str:
    """What a row is known by: its id, else its title; raises CellError without a title."""
    if "title" not in given:
        raise CellError(phrases.NO_ROW_TITLE)
    return (given.get("id") or given["title"])[0]


def _take(draft: Draft, given: Mapping[str, list[str]], values: Mapping[str, str]) -> None:
    draft.put_text("title", _line(given["title"][0]), TITLE_CHARS_MAX)
    for name in HEADINGS:
        draft.put_text(name, "\n\n".join(given.get(name, [])), TEXT_CHARS_MAX)
    _take_summary(draft, given)
    _take_single(draft, given)
    _take_tags(draft, given.get("tags", []))
    _take_cost(draft, given)
    _take_timeline(draft, given)
    _take_products(draft, given)
    _take_law(draft, given)
    _take_links(draft, given.get("link", []))
    _take_contact(draft, given, values)
    for name, value in values.items():
        if name != "contact_role":
            draft.fields.setdefault(name, value)
    for name, value in ASSUMED.items():
        draft.put_default(name, value)
    draft.leave_addresses_out(("summary", *HEADINGS))


def _take_single(draft: Draft, given: Mapping[str, list[str]]) -> None:
    for name in ("type", "status", "visibility"):
        if name in given:
            said = given[name][0]
            draft.fields[name] = cells.read_choice(name, said, CHOICE_WORDS[name])
    if "area" in given:
        draft.fields["area"] = cells.read_area(given["area"][0])
    for name in ("licence", "language", "klassa"):
        if name in given:
            draft.put_text(name, _line(given[name][0]), LINE_CHARS_MAX)
    for name in ("valid_until", "review_date"):
        if name in given:
            draft.fields[name] = cells.read_date(given[name][0])
    if "collaboration_open" in given:
        draft.fields["collaboration_open"] = cells.read_yes_no(given["collaboration_open"][0])


def _take_summary(draft: Draft, given: Mapping[str, list[str]]) -> None:
    if "summary" in given:
        draft.put_text("summary", _line(given["summary"][0]), SUMMARY_CHARS_MAX)
        return
    whole = "\n\n".join(str(draft.fields[name]) for name in HEADINGS if name in draft.fields)
    summary = first_paragraph(whole) or str(draft.fields["title"])
    draft.put_text("summary", summary, SUMMARY_CHARS_MAX)
    draft.warn(phrases.NO_SUMMARY)


def _take_tags(draft: Draft, given: list[str]) -> None:
    words = [_line(word) for cell in given for word in re.split(r"[,;|\n]", cell)]
    tags = list(dict.fromkeys(shortened(word, TAG_CHARS_MAX) for word in words if word))
    if tags:
        draft.fields["tags"] = tags[:TAGS_MAX]
    if len(tags) > TAGS_MAX:
        draft.warn(phrases.TAGS_CUT, kept=TAGS_MAX, given=len(tags))


def _take_cost(draft: Draft, given: Mapping[str, list[str]]) -> None:
    cost: dict[str, object] = {}
    for name, part in AMOUNTS.items():
        if name in given:
            number, rounded = cells.read_amount(given[name][0])
            cost[part] = number
            if rounded:
                draft.warn(phrases.ROUNDED, value=given[name][0], number=number)
    if "cost_note" in given:
        cost["note"] = shortened("\n\n".join(given["cost_note"]), NOTE_CHARS_MAX)
    if cost:
        draft.fields["cost"] = cost


def _take_timeline(draft: Draft, given: Mapping[str, list[str]]) -> None:
    dates = {name: cells.read_date(given[name][0]) for name in ("started", "live", "ended")
             if name in given}  # fmt: skip
    if dates:
        draft.fields["timeline"] = dates


def _take_products(draft: Draft, given: Mapping[str, list[str]]) -> None:
    names = [_line(name) for cell in given.get("product", []) for name in cell.split("\n")]
    products: list[dict[str, str]] = [{"name": name} for name in names if name][:LIST_ITEMS_MAX]
    supplier = _line(given["supplier"][0]) if "supplier" in given else ""
    if supplier and not products:
        products = [{"name": str(draft.fields["title"])}]
    if products and supplier:
        products[0]["supplier"] = supplier
    if products and "call_off" in given:
        words = CHOICE_WORDS["call_off"]
        products[0]["call_off"] = cells.read_choice("call_off", given["call_off"][0], words)
    if products:
        draft.fields["products"] = products


def _take_law(draft: Draft, given: Mapping[str, list[str]]) -> None:
    law: dict[str, object] = {}
    for name, part in (("legal_personal_data", "personal_data"), ("legal_dpia", "dpia_done")):
        if name in given:
            law[part] = cells.read_yes_no(given[name][0])
    if "legal_procurement" in given:
        law["procurement"] = shortened(_line(given["legal_procurement"][0]), LINE_CHARS_MAX)
    if "legal_note" in given:
        law["note"] = shortened("\n\n".join(given["legal_note"]), NOTE_CHARS_MAX)
    if law:
        draft.fields["legal"] = law


def _take_links(draft: Draft, given: list[str]) -> None:
    links = []
    for address in dict.fromkeys(word for cell in given for word in cell.split()):
        whole = f"https://{address}" if address.startswith("www.") else address
        try:
            links.append({"url": _LINK.validate_python(whole, strict=True), "title": whole[:200]})
        except ValidationError:
            draft.warn(phrases.LINKS_CUT, value=shortened(address, 80))
    if links:
        draft.fields["links"] = links[:LIST_ITEMS_MAX]


def _take_contact(draft: Draft, given: Mapping[str, list[str]], values: Mapping[str, str]) -> None:
    """The contact as a role; an address in its place is a mailbox, and a person's is left out."""
    contact: dict[str, object] = {}
    role = _line(given["contact_role"][0]) if "contact_role" in given else ""
    email = given["contact_email"][0] if "contact_email" in given else ""
    if "@" in role:
        role, email = "", email or role
    if email and is_role_mailbox(email):
        contact["email"] = email
        if "contact_phone" in given:
            contact["phone"] = given["contact_phone"][0]
    elif email or "contact_phone" in given:
        draft.warn(phrases.NOT_A_MAILBOX)
    role = role or values.get("contact_role", "")
    if role:
        draft.fields["contact"] = {"role": shortened(role, LINE_CHARS_MAX)} | contact
    else:
        draft.assume("contact", {"role": ASSUMED_ROLE} | contact, ASSUMED_ROLE)


def _line(text: str) -> str:
    return " ".join(text.split())

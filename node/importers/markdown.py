"""Reads a Markdown record: YAML front matter with the record's fields, then text under headings.

A file without front matter is read as well: its title, summary and text become a record, and a
warning names everything that had to be assumed. The format is described in docs/markdown.md.
"""

from __future__ import annotations

import re
from typing import Any

from node.importers import phrases, plain_yaml
from node.importers.markdown_outline import Outline, first_paragraph, split, take_title
from node.importers.markdown_words import DATE_FIELDS, FIELDS, HEADINGS, VALUES, field_of
from node.importers.notes import Note
from node.importers.personal import is_role_mailbox
from node.importers.result import LICENCE_UNKNOWN, BrokenFileError, Draft, ImportResult
from protocol.limits import SUMMARY_CHARS_MAX, TEXT_CHARS_MAX, TITLE_CHARS_MAX

ASSUMED = {"type": "erfarenhet", "area": "ledning.omvarld", "status": "avslutat"}
ASSUMED_ROLE = "Kommunens växel"


def read_markdown(text: str, file_name: str, *, keep_personal: bool = False) -> ImportResult:
    """Read one file's text.

    ``keep_personal`` keeps contact details as written: for an author's own file that is being
    published on purpose, not for files gathered from elsewhere.
    """
    source_key = f"markdown:{file_name}"
    draft = Draft()
    try:
        outline = split(text)
        if outline.front is not None:
            _take_front(draft, outline.front)
        _take_body(draft, outline, file_name)
        _assume_the_rest(draft)
        if not keep_personal:
            _leave_persons_out(draft)
            if outline.front is None:
                draft.put_default("licence", LICENCE_UNKNOWN)
        experience = draft.build()
    except BrokenFileError as error:
        warnings = tuple(draft.warnings)
        return ImportResult(file_name, source_key, warnings=warnings, error=error.problem)
    return ImportResult(
        file_name, source_key, experience, tuple(draft.warnings), assumed=tuple(draft.assumed)
    )


def _take_front(draft: Draft, front: str) -> None:
    document = plain_yaml.load(front, first_line=2)
    if document.value is None:
        return
    if not isinstance(document.value, dict):
        raise BrokenFileError(2, Note(phrases.NO_FIELDS))
    draft.lines = {field_of(word): line for word, line in document.lines.items()}
    for word, value in document.value.items():
        field = field_of(str(word))
        if field not in FIELDS:
            draft.warn(phrases.NO_FIELD, word=str(word))
        elif field in draft.fields:
            line = document.lines[str(word)]
            raise BrokenFileError(line, Note(phrases.TWO_NAMES, word=str(word)))
        elif value is not None:
            draft.fields[field] = _with_shape(field, _translated(field, value))


def _translated(field: str, value: Any) -> Any:
    """Rename Swedish words inside a value; a year becomes text where a date is expected."""
    if isinstance(value, dict):
        renamed = {field_of(str(word)): part for word, part in value.items()}
        return {name: _translated(name, part) for name, part in renamed.items() if part is not None}
    if isinstance(value, list):
        return [_translated(field, part) for part in value]
    if isinstance(value, int) and not isinstance(value, bool) and _is_text_field(field):
        return str(value)
    if isinstance(value, str):
        return VALUES.get(field, {}).get(value.casefold(), value)
    return value


def _is_text_field(field: str) -> bool:
    return field in DATE_FIELDS or field in {"title", "summary", "name", "tags", "klassa", "phone"}


def _with_shape(field: str, value: Any) -> Any:
    """Let short ways of writing stand for the full shape of a field."""
    if field == "contact" and isinstance(value, str):
        return {"role": ASSUMED_ROLE, "email": value} if "@" in value else {"role": value}
    if field == "source" and isinstance(value, str):
        return {"name": value}
    if field in {"tags", "related"} and isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    if field == "links" and isinstance(value, list):
        return [{"url": part, "title": part} if isinstance(part, str) else part for part in value]
    if field == "products" and isinstance(value, list):
        return [{"name": part} if isinstance(part, str) else part for part in value]
    return value


def _take_body(draft: Draft, outline: Outline, file_name: str) -> None:
    title, before = take_title(outline.before)
    if "title" not in draft.fields:
        if not title:
            title = re.sub(r"[-_\s]+", " ", file_name.rsplit(".", 1)[0]).strip()
            draft.warn(phrases.NO_TITLE)
        draft.put_text("title", title, TITLE_CHARS_MAX)
    elif title and title != draft.fields["title"]:
        before = outline.before
    texts = dict(outline.sections)
    if before:
        texts["situation"] = f"{before}\n\n{texts['situation']}" if "situation" in texts else before
    for field in HEADINGS:
        if field not in texts:
            continue
        if field in draft.fields:
            raise BrokenFileError(1, Note(phrases.BOTH, field=field))
        draft.put_text(field, texts[field], TEXT_CHARS_MAX)
    if "summary" not in draft.fields:
        whole = "\n\n".join(part for part in (before, *outline.sections.values()) if part)
        draft.put_text(
            "summary", first_paragraph(whole) or str(draft.fields["title"]), SUMMARY_CHARS_MAX
        )
        draft.warn(phrases.NO_SUMMARY)


def _assume_the_rest(draft: Draft) -> None:
    for field, value in ASSUMED.items():
        draft.put_default(field, value)
    if "contact" not in draft.fields:
        draft.assume("contact", {"role": ASSUMED_ROLE}, ASSUMED_ROLE)


def _leave_persons_out(draft: Draft) -> None:
    contact = draft.fields.get("contact")
    if isinstance(contact, dict):
        email = contact.get("email")
        if isinstance(email, str) and not is_role_mailbox(email):
            draft.fields["contact"] = {"role": contact.get("role")}
            draft.warn(phrases.CONTACT_LEFT_OUT)
    draft.leave_addresses_out(("summary", *HEADINGS))

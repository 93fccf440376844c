"""Between the form's texts and a record: reading with errors in words, and back for an edit.

Rules: what was typed is shown again as it was typed; every error names its field and says what to
write. The content models (protocol/content) decide last: what they refuse becomes an error at its
field. What the form does not ask for (source) is carried over from the record that is
edited.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from pydantic import ValidationError

from node.municipal import taxonomy
from node.web import swedish
from node.web.attachment_fields import attachment_values, read_attachments
from node.web.form_fields import REPEATED_ROWS_MAX, SECTIONS
from node.web.form_shapes import Field, Section
from node.web.message import Message
from protocol.content import Experience

_RECORD_ID = re.compile(r"(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])")
_YES_NO = {"ja": True, "nej": False}
_STORY = ("situation", "actions", "results", "lessons_well", "lessons_change", "advice")
_PLAIN = ("type", "title", "summary", "area", "status", *_STORY, "preconditions", "licence",
          "language", "klassa", "visibility")  # fmt: skip
_CARRIED_OVER = ("source", "example")
# Where a model's complaint belongs in the form; the first part that matches decides.
_MODEL_TO_FIELD = {
    "contact.role": "contact_role",
    "contact.email": "contact_email",
    "contact.phone": "contact_phone",
    "cost.one_off_sek": "cost_one_off",
    "cost.one_off_max_sek": "cost_one_off_max",
    "cost.yearly_sek": "cost_yearly",
    "cost.yearly_max_sek": "cost_yearly_max",
    "cost.own_hours": "cost_hours",
    "cost": "cost_note",
    "legal.procurement": "legal_procurement",
    "legal": "legal_note",
    "timeline": "started",
}


class FieldError(NamedTuple):
    """An error at a field (the id of its control) in words for the one who writes."""

    field: str
    message: str


class FormResult(NamedTuple):
    """What a form holds: a record, or the errors that stand in its way."""

    experience: Experience | None
    errors: list[FieldError]


class _Reader:
    """Reads typed texts by field and collects errors."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.errors: list[FieldError] = []

    def text(self, name: str) -> str | None:
        return self.values.get(name, "").replace("\r\n", "\n").strip() or None

    def line(self, name: str) -> str | None:
        """A text of one paragraph; line breaks that a browser or paste brought are spaces."""
        return " ".join((self.text(name) or "").split()) or None

    def read(self, name: str, convert: Callable[[str], Any], message: str) -> Any:
        """Convert a typed text; None when empty or (with an error) when it cannot be read."""
        typed = self.text(name)
        if typed is None:
            return None
        try:
            return convert(typed)
        except ValueError:
            self.errors.append(FieldError(name, message))
            return None

    def number(self, name: str, words: str) -> int | None:
        message = Message(
            "%(field)s: skriv ett helt tal med siffror, till exempel 185 000", field=words
        )
        value: int | None = self.read(name, swedish.read_number, message)
        return value

    def date(self, name: str, words: str, *, whole: bool = False) -> str | None:
        if whole:
            message = Message("%(field)s: skriv en dag, till exempel 2027-12-31", field=words)
        else:
            message = Message(
                "%(field)s: skriv ett år, en månad eller en dag, till exempel mars 2024",
                field=words,
            )
        value: str | None = self.read(name, swedish.read_partial_date, message)
        if whole and value is not None and len(value) < len("2027-12-31"):
            self.errors.append(FieldError(name, message))
            return None
        return value


def read_form(
    values: Mapping[str, str], *, previous: Experience | None = None, **fixed: Any
) -> FormResult:
    """Turn typed values into an experience.

    `previous` is the version that an edit starts from; `fixed` are fields that the form does not
    decide (checked, replaces). With errors the experience is None.
    """
    reader = _Reader(values)
    _check_required(reader)
    content: dict[str, Any] = {name: reader.text(name) for name in _PLAIN}
    content |= {name: reader.line(name) for name in ("title", "summary")}
    content |= {
        "contact": _some(
            role=reader.text("contact_role"),
            email=reader.text("contact_email"),
            phone=reader.text("contact_phone"),
        ),
        "cost": _cost(reader),
        "timeline": _some(
            started=reader.date("started", field_words("started")),
            live=reader.date("live", field_words("live")),
            ended=reader.date("ended", field_words("ended")),
        ),
        "legal": _some(
            personal_data=_YES_NO.get(values.get("legal_personal_data", "")),
            dpia_done=_YES_NO.get(values.get("legal_dpia", "")),
            procurement=reader.text("legal_procurement"),
            note=reader.text("legal_note"),
        ),
        "products": _products(reader),
        "links": _links(reader),
        "related": tuple(dict.fromkeys(_RECORD_ID.findall(values.get("related", "")))),
        "valid_until": reader.date("valid_until", field_words("valid_until"), whole=True),
        "review_date": reader.date("review_date", field_words("review_date"), whole=True),
        "tags": _tags(values.get("tags", "")),
        "collaboration_open": bool(values.get("collaboration_open")),
    }
    content["attachments"], wrong = read_attachments(values, previous)
    reader.errors += [FieldError(*error) for error in wrong.items()]
    if previous is not None:
        content |= {name: getattr(previous, name) for name in _CARRIED_OVER}
    given = {name: value for name, value in (content | fixed).items() if value is not None}
    return _finish(given, reader.errors)


def _finish(content: dict[str, Any], errors: list[FieldError]) -> FormResult:
    """Let the model decide; report at most one error a field, in the order of the form."""
    experience = None
    try:
        experience = Experience(**content)
    except ValidationError as refusal:
        taken = {error.field for error in errors}
        for found in refusal.errors(include_url=False, include_input=False):
            field = _field_of(found["loc"])
            if field not in taken:
                taken.add(field)
                errors.append(FieldError(field, _refusal_words(field)))
    if not errors:
        return FormResult(experience, [])
    order = {name: index for index, name in enumerate(_field_names())}
    return FormResult(None, sorted(errors, key=lambda error: order.get(error.field, 999)))


def form_names(section: Section, field: Field) -> list[str]:
    """Names of a field's controls: one, or one a row in a table of lines."""
    if not section.repeated:
        return [field.name]
    return [f"{section.repeated}_{row}_{field.name}" for row in range(REPEATED_ROWS_MAX)]


def _field_names() -> list[str]:
    return [
        name
        for section in SECTIONS
        for field in section.fields
        for name in form_names(section, field)
    ]


def field_words(name: str) -> str:
    """What the form calls a control, for messages about it."""
    for section in SECTIONS:
        for field in section.fields:
            if name in form_names(section, field):
                return field.words
    return name


def _check_required(reader: _Reader) -> None:
    for field in SECTIONS[0].fields:
        typed = reader.text(field.name) or ""
        if field.required and not typed:
            reader.errors.append(FieldError(field.name, _REQUIRED_WORDS[field.name]))
        elif field.kind == "area" and taxonomy.find(typed) is None:
            reader.errors.append(FieldError(field.name, Message("Välj ett ämne ur listan")))
    for section in SECTIONS:
        for field in section.fields if not section.repeated else ():
            length = len(reader.text(field.name) or "")
            if length > field.chars_max:
                reader.errors.append(FieldError(field.name, _too_long(field, length)))


_REQUIRED_WORDS = {
    "type": Message("Välj vad det är för slags erfarenhet"),
    "title": Message("Skriv en titel"),
    "summary": Message("Skriv en sammanfattning"),
    "area": Message("Välj ett ämne"),
    "status": Message("Välj hur långt ni har kommit"),
    "contact_role": Message("Skriv vem andra kan fråga, till exempel en enhet"),
}


def _too_long(field: Field, length: int) -> Message:
    return Message(
        "%(field)s: %(length)s tecken är för långt, högst %(most)s får plats",
        field=field.words,
        length=lambda formats: formats.number(length),
        most=lambda formats: formats.number(field.chars_max),
    )


def _some(**values: Any) -> dict[str, Any] | None:
    """The values that are given, or None when none is."""
    given = {name: value for name, value in values.items() if value is not None}
    return given or None


def _cost(reader: _Reader) -> dict[str, Any] | None:
    cost = _some(
        one_off_sek=reader.number("cost_one_off", Message("Kostnad en gång")),
        one_off_max_sek=reader.number("cost_one_off_max", Message("Högsta kostnad en gång")),
        yearly_sek=reader.number("cost_yearly", Message("Kostnad per år")),
        yearly_max_sek=reader.number("cost_yearly_max", Message("Högsta kostnad per år")),
        own_hours=reader.number("cost_hours", Message("Egen tid")),
        note=reader.text("cost_note"),
    )
    for part in ("one_off", "yearly"):
        low, high = (cost or {}).get(f"{part}_sek"), (cost or {}).get(f"{part}_max_sek")
        if cost and high is not None and (low is None or high < low):
            message = Message("Ett spann behöver ett lägre belopp först och ett högre sedan")
            reader.errors.append(FieldError(f"cost_{part}_max", message))
            del cost[f"{part}_max_sek"]
    return cost


def _products(reader: _Reader) -> tuple[dict[str, Any], ...]:
    products = []
    for row in range(REPEATED_ROWS_MAX):
        prefix = f"product_{row}_"
        product = _some(
            name=reader.text(f"{prefix}name"),
            supplier=reader.text(f"{prefix}supplier"),
            call_off_until=reader.date(
                f"{prefix}call_off_until", field_words(f"{prefix}call_off_until"), whole=True
            ),
        )
        if product and "name" not in product:
            message = Message("Skriv produktens namn på raden")
            reader.errors.append(FieldError(f"{prefix}name", message))
        elif product:
            products.append(product | {"call_off": reader.text(f"{prefix}call_off") or "okant"})
    return tuple(products)


def _links(reader: _Reader) -> tuple[dict[str, Any], ...]:
    links = []
    for row in range(REPEATED_ROWS_MAX):
        url, title = reader.text(f"link_{row}_url"), reader.text(f"link_{row}_title")
        if title and not url:
            reader.errors.append(FieldError(f"link_{row}_url", Message("Skriv länkens adress")))
        elif url and not re.match(r"https?://[^\s/]+\.[^\s/]+", url):
            message = Message("Skriv hela adressen, till exempel https://exempelkommun.se/rapport")
            reader.errors.append(FieldError(f"link_{row}_url", message))
        elif url:
            links.append({"url": url, "title": title or url[:200]})
    return tuple(links)


def _tags(typed: str) -> tuple[str, ...]:
    words = (" ".join(word.split()) for word in re.split(r"[,;\n]", typed))
    return tuple(dict.fromkeys(word for word in words if word))


def _field_of(location: tuple[int | str, ...]) -> str:
    """The form's field for a place in the model."""
    parts = [str(part) for part in location]
    if parts[:1] == ["attachments"] and len(parts) == 2:
        parts.append("name")  # the name and the type do not fit
    if parts and parts[0] in ("products", "links", "attachments") and len(parts) >= 3:
        return f"{parts[0][:-1]}_{parts[1]}_{parts[2]}"
    joined = ".".join(parts[:2])
    for place, field in _MODEL_TO_FIELD.items():
        if joined == place or joined.startswith(f"{place}."):
            return field
    return "contact_role" if parts[:1] == ["contact"] else parts[0] if parts else "title"


def _refusal_words(name: str) -> str:
    return _SPECIAL_REFUSALS.get(name) or Message(
        "%(field)s: det som står här går inte att använda, skriv om det", field=field_words(name)
    )


_SPECIAL_REFUSALS = {
    "tags": Message("Sökord: högst tio, och högst 60 tecken i varje"),
    "contact_email": Message("Skriv e-postadressen så här: enheten@exempelkommun.se"),
    "contact_phone": Message("Skriv telefonnumret med siffror, till exempel 08-465 004 00"),
}


def form_values(experience: Experience) -> dict[str, str]:
    """The form's texts for a record that is to be edited."""
    values = {name: getattr(experience, name) or "" for name in _PLAIN}
    values |= {
        "contact_role": experience.contact.role,
        "contact_email": experience.contact.email or "",
        "contact_phone": experience.contact.phone or "",
        "tags": ", ".join(experience.tags),
        "related": "\n".join(experience.related),
        "valid_until": experience.valid_until or "",
        "review_date": experience.review_date or "",
        "collaboration_open": "ja" if experience.collaboration_open else "",
    }
    values |= _cost_values(experience) | _legal_values(experience)
    if experience.timeline:
        for name in ("started", "live", "ended"):
            values[name] = getattr(experience.timeline, name) or ""
    for row, product in enumerate(experience.products[:REPEATED_ROWS_MAX]):
        for name in ("name", "supplier", "call_off", "call_off_until"):
            values[f"product_{row}_{name}"] = getattr(product, name) or ""
    for row, link in enumerate(experience.links[:REPEATED_ROWS_MAX]):
        values |= {f"link_{row}_url": link.url, f"link_{row}_title": link.title}
    return values | attachment_values(experience)


def _cost_values(experience: Experience) -> dict[str, str]:
    cost = experience.cost
    if cost is None:
        return {}
    numbers = {
        "cost_one_off": cost.one_off_sek,
        "cost_one_off_max": cost.one_off_max_sek,
        "cost_yearly": cost.yearly_sek,
        "cost_yearly_max": cost.yearly_max_sek,
        "cost_hours": cost.own_hours,
    }
    typed = {name: swedish.number(value) for name, value in numbers.items() if value is not None}
    return typed | {"cost_note": cost.note or ""}


def _legal_values(experience: Experience) -> dict[str, str]:
    legal = experience.legal
    if legal is None:
        return {}
    words = {True: "ja", False: "nej", None: ""}
    return {
        "legal_personal_data": words[legal.personal_data],
        "legal_dpia": words[legal.dpia_done],
        "legal_procurement": legal.procurement or "",
        "legal_note": legal.note or "",
    }

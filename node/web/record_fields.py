"""A record's fields as plain text, under the names its page gives them. Pure.

The order is that of the page. Used where a record is not shown but compared.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

from node.municipal import taxonomy
from node.web import labels
from node.web.formats import NO_BREAK_SPACE
from node.web.swedish import kronor, number, partial_date
from protocol.content import Contact, Experience
from protocol.content.experience import Cost, Legal, Product, Source, Timeline

Describe = Callable[[Experience], str]


def _lines(lines: Iterable[str | None]) -> str:
    return "\n".join(line for line in lines if line)


def _contact(contact: Contact) -> str:
    return _lines((contact.role, contact.email, contact.phone))


def _range(words: str, low: int | None, high: int | None) -> str | None:
    if low is None:
        return None
    amount = kronor(low) if high is None else f"{number(low)}–{kronor(high)}"
    return f"{words}: {amount}"


def _cost(cost: Cost | None) -> str:
    if cost is None:
        return ""
    hours = cost.own_hours
    return _lines((
        _range("En gång", cost.one_off_sek, cost.one_off_max_sek),
        _range("Per år", cost.yearly_sek, cost.yearly_max_sek),
        None if hours is None else f"Egen tid: {number(hours)}{NO_BREAK_SPACE}timmar",
        cost.note,
    ))  # fmt: skip


def _time(timeline: Timeline | None) -> str:
    if timeline is None:
        return ""
    parts = (
        ("Började", timeline.started),
        ("I drift", timeline.live),
        ("Slutade", timeline.ended),
    )
    return _lines(f"{words} {partial_date(day)}" for words, day in parts if day)


def _product(product: Product) -> str:
    supplier = f", {product.supplier}" if product.supplier else ""
    until = f", till {partial_date(product.call_off_until)}" if product.call_off_until else ""
    call_off = labels.label(labels.CALL_OFF, product.call_off)
    return f"{product.name}{supplier}. Kan andra avropa? {call_off}{until}"


def _legal(legal: Legal | None) -> str:
    if legal is None:
        return ""
    answers = (
        ("Personuppgifter behandlas", legal.personal_data),
        ("Konsekvensbedömning gjord", legal.dpia_done),
    )
    said = [f"{words}: {labels.YES_NO[one]}" for words, one in answers if one is not None]
    procurement = f"Upphandlingsform: {legal.procurement}" if legal.procurement else None
    return _lines((*said, procurement, legal.note))


def _source(source: Source | None) -> str:
    return _lines((source.name, source.url, source.licence)) if source else ""


FIELDS: Final[dict[str, Describe]] = {
    "Rubrik": lambda one: one.title,
    "Sammanfattning": lambda one: one.summary,
    "Typ": lambda one: labels.label(labels.RECORD_TYPES, one.type),
    "Ämne": lambda one: taxonomy.label(one.area),
    "Status": lambda one: labels.label(labels.STATUSES, one.status),
    "Kontakt": lambda one: _contact(one.contact),
    "Läget": lambda one: one.situation or "",
    "Vad vi gjorde": lambda one: one.actions or "",
    "Resultat": lambda one: one.results or "",
    "Det gick bra": lambda one: one.lessons_well or "",
    "Det skulle vi göra om": lambda one: one.lessons_change or "",
    "Råd till andra": lambda one: one.advice or "",
    "Förutsättningar": lambda one: one.preconditions or "",
    "Kostnad": lambda one: _cost(one.cost),
    "Tid": lambda one: _time(one.timeline),
    "Produkter och avtal": lambda one: _lines(map(_product, one.products)),
    "Juridik": lambda one: _legal(one.legal),
    "Länkar": lambda one: _lines(f"{link.title}: {link.url}" for link in one.links),
    "Bilagor": lambda one: _lines(
        f"{item.description} ({item.name}, {item.sha256[:8]})" for item in one.attachments
    ),
    "Hör ihop med": lambda one: _lines(related[:8] for related in one.related),
    "Gäller till": lambda one: partial_date(one.valid_until) if one.valid_until else "",
    "Ses över": lambda one: partial_date(one.review_date) if one.review_date else "",
    "Sökord": lambda one: ", ".join(one.tags),
    "Språk": lambda one: one.language,
    "Villkor": lambda one: labels.label(labels.LICENCES_SHOWN, one.licence),
    "KLASSA": lambda one: one.klassa or "",
    "Samarbete": lambda one: "Vill gärna samarbeta" if one.collaboration_open else "",
    "Läsare": lambda one: labels.label(labels.VISIBILITIES, one.visibility),
    "Hämtad från": lambda one: _source(one.source),
    "Exempel": lambda one: "Påhittad text" if one.example else "",
}
"""Every field but those a reader never meets (who went through the checklist, what it replaces)."""

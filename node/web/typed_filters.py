"""What is typed as `kommun:skövde` in the search box, as the choice it stands for. Pure.

A value is a code or the beginning of a name. What fits nothing stays a word to look for; products
and suppliers are known to the search alone, so any name is taken.
"""

from __future__ import annotations

from collections.abc import Iterable

from node.municipal import municipalities, taxonomy
from node.web import labels
from storage.search.query_language import TypedFilter, take_filters
from storage.search.texts import plain


def read_typed(text: str) -> tuple[str, dict[str, str]]:
    """The rest of a text, and the fields of a list's filter that are chosen in it."""
    chosen: dict[str, str] = {}

    def take(typed: TypedFilter) -> bool:
        field, code = _choice(typed)
        if not code or field in chosen:
            return False
        chosen[field] = code
        return True

    return take_filters(text, take), chosen


def _choice(typed: TypedFilter) -> tuple[str, str]:
    match typed.name:
        case "kommun":
            return "municipality", _named(typed.value, _municipalities())
        case "ämne":
            return "area", _named(typed.value, _areas())
        case "typ":
            return "type", _named(typed.value, labels.RECORD_TYPES.items())
        case "produkt":
            return "product", typed.value
        case "leverantör":
            return "supplier", typed.value
        case _:
            is_year = typed.value.isascii() and typed.value.isdigit() and len(typed.value) == 4
            return "year", typed.value if is_year else ""


def _municipalities() -> Iterable[tuple[str, str]]:
    """Each by its usual name, and by the one it has signed."""
    for one in municipalities.all_municipalities():
        yield one.code, one.name
        yield one.code, municipalities.name_of(one.code)


def _areas() -> Iterable[tuple[str, str]]:
    for area in taxonomy.areas():
        yield area.id, area.sv
        yield from ((subarea.id, subarea.sv) for subarea in area.subareas)


def _named(value: str, choices: Iterable[tuple[str, str]]) -> str:
    """The code that is written, else of the name that is, else of the first that begins so."""
    wanted, beginning = plain(value), ""
    for code, name in choices:
        if wanted in (plain(code), plain(name)):
            return code
        if not beginning and plain(name).startswith(wanted):
            beginning = code
    return beginning

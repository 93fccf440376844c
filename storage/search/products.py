"""Products and suppliers that records name: how they are kept, chosen and counted.

A name is known by its folded form, so "Ulefone Armor" and "ULEFONE  armor" are one; that form is
what is counted. How records spell it is stored beside, and read for the few names that are shown.
A name that is typed finds itself, or else every name that begins so.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence

import tantivy
from tantivy import Occur, Query

from protocol.content import Experience
from storage.record_views import Named, RecordFilter
from storage.search.reread import Reread
from storage.search.texts import plain

PRODUCT, SUPPLIER, NAMES = "product", "supplier", "names"
SHOWN_MAX = 50
"""So many of the commonest are told; more is no help in choosing."""
_DISTINCT_MAX = 65_000
_SIGNS = re.compile(r"[\\.+*?()|\[\]{}^$#&~-]")
_SPELLINGS_KEPT = 5_000

Clauses = list[tuple[Occur, Query]]


def folded(name: str) -> str:
    """Return the form in which names are compared."""
    return " ".join(plain(name).split())


def products_of(experience: Experience | Reread) -> list[str]:
    """Return the names of a record's products as it spells them."""
    return [product.name for product in experience.products]


def suppliers_of(experience: Experience | Reread) -> list[str]:
    """Return the names of their suppliers."""
    return [product.supplier for product in experience.products if product.supplier]


def names_as_text(experience: Experience | Reread) -> str:
    """Return how a record spells all of these, as it is stored."""
    return json.dumps([*products_of(experience), *suppliers_of(experience)], ensure_ascii=False)


def chosen_names(
    searcher: tantivy.Searcher, schema: tantivy.Schema, wanted: RecordFilter, seen: Clauses
) -> dict[str, Clauses]:
    """Return what keeps to the product and the supplier that a filter chooses, by field.

    ``seen`` keeps to what the reader may see: only names of that are known.
    """
    given = {PRODUCT: folded(wanted.product), SUPPLIER: folded(wanted.supplier)}
    return {
        field: [
            (Occur.Must, Query.const_score_query(_named(searcher, schema, field, name, seen), 0))
        ]
        for field, name in given.items()
        if name
    }


def _named(
    searcher: tantivy.Searcher, schema: tantivy.Schema, field: str, name: str, seen: Clauses
) -> Query:
    itself = Query.term_query(schema, field, name, "basic")
    is_there = Query.boolean_query([(Occur.Must, itself), *seen])
    if searcher.doc_freq(field, name) and searcher.search(is_there, 1, count=False).hits:
        return itself
    if not name.isprintable():
        return Query.empty_query()
    return Query.regex_query(schema, field, _SIGNS.sub(r"\\\g<0>", name) + ".*")


def counted_by(fields: Iterable[str]) -> dict[str, object]:
    """Return what the index is asked to count for these fields: exactly, and only the commonest."""
    return {
        field: {"terms": {"field": field, "size": SHOWN_MAX, "segment_size": _DISTINCT_MAX}}
        for field in fields
    }


class Spellings:
    """How names are spelled, as some record has it; remembered for those that were asked for."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], str] = {}

    def named(
        self,
        searcher: tantivy.Searcher,
        schema: tantivy.Schema,
        field: str,
        counts: Mapping[str, int],
        seen: Clauses,
    ) -> tuple[Named, ...]:
        """Return counted names as they are spelled, the commonest first."""
        if len(self._known) > _SPELLINGS_KEPT:
            self._known.clear()
        found = []
        for name, records in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
            if (field, name) not in self._known:
                self._known[field, name] = _spelled(searcher, schema, field, name, seen)
            found.append(Named(self._known[field, name], records))
        return tuple(found)


def _spelled(
    searcher: tantivy.Searcher, schema: tantivy.Schema, field: str, name: str, seen: Clauses
) -> str:
    named = Query.boolean_query([(Occur.Must, Query.term_query(schema, field, name)), *seen])
    for _, address in searcher.search(named, 1, count=False).hits:
        return _of_that_name(json.loads(searcher.doc(address)[NAMES][0]), name)
    return name


def _of_that_name(names: Sequence[str], name: str) -> str:
    spelled = next((one for one in names if folded(one) == name), name)
    return " ".join(spelled.split())

"""What a list is narrowed to, as queries that rank nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import tantivy
from tantivy import Occur, Query

from protocol.content.experience import Visibility
from storage.record_views import RecordFilter
from storage.search.documents import CHOICES, KEY, SAMPLE, choice
from storage.search.scope import Scope

Clauses = list[tuple[Occur, Query]]
Choices = list[list[str]]
"""Of each inner list one term must be there."""
_VISIBILITIES: tuple[str, ...] = get_args(Visibility)


def area_choices(wanted: RecordFilter) -> Choices:
    """Return what a filter chooses of areas."""
    return [[choice("area", wanted.area)]] if wanted.area else []


def kind_choices(wanted: RecordFilter) -> Choices:
    """Return what a filter chooses of type, status and openness."""
    found = []
    if wanted.type:
        found.append([choice("type", wanted.type)])
    if wanted.status:
        found.append([choice("status", wanted.status)])
    if wanted.collaboration_open:
        found.append([choice("open", "1")])
    return found


def code_choices(wanted: RecordFilter) -> Choices:
    """Return what a filter chooses of municipalities."""
    found = []
    if wanted.municipality:
        found.append([choice("code", wanted.municipality)])
    if wanted.codes is not None:
        found.append([choice("code", code) for code in sorted(wanted.codes)])
    return found


def year_choices(wanted: RecordFilter) -> Choices:
    """Return what a filter chooses of years; a month is kept in all that is counted."""
    is_year = wanted.year and not is_month(wanted.year)
    return [[choice("year", wanted.year)]] if is_year else []


def is_month(year: str) -> bool:
    """Whether what is chosen as a year is one of its months."""
    return "-" in year


def kept_choices(
    schema: tantivy.Schema, wanted: RecordFilter, among: Sequence[int] | None
) -> Clauses:
    """Return what a filter chooses that is kept in all that is counted: a month, and records.

    ``among`` are the keys of the only records there may be; None for all.
    """
    found: Clauses = []
    if is_month(wanted.year):
        found += chosen(schema, [[choice("month", wanted.year)]])
    if among is not None:
        query = Query.term_set_query(schema, KEY, list(among)) if among else Query.empty_query()
        found.append((Occur.Must, unranked(query)))
    return found


def sampled(schema: tantivy.Schema) -> Clauses:
    """Return what keeps to a few records of all kinds."""
    return chosen(schema, [[SAMPLE]])


def chosen(schema: tantivy.Schema, choices: Choices) -> Clauses:
    """Return what keeps to all of these."""
    return [(Occur.Must, unranked(_one_of(schema, terms))) for terms in choices]


def allowed(searcher: tantivy.Searcher, schema: tantivy.Schema, scope: Scope) -> Clauses:
    """Return what keeps out all that a reader may not see; nothing when nothing of it is here.

    What may not be seen is named, not what may: that is most of the index, and going through it
    would be the dearest part of a search.
    """
    here = [term for term in out_of_sight(scope) if searcher.doc_freq(CHOICES, term)]
    return [(Occur.MustNot, _one_of(schema, here))] if here else []


def together(text: Query | None, clauses: Clauses) -> Query:
    """Return the query for what a text finds among these; None finds everything."""
    found = [*([] if text is None else [(Occur.Must, text)]), *clauses]
    if all(occur == Occur.MustNot for occur, _ in found):
        found = [(Occur.Must, unranked(Query.all_query())), *found]
    return found[0][1] if len(found) == 1 else Query.boolean_query(found)


def unranked(query: Query) -> Query:
    """Return a query that finds the same, and for which no score is made up."""
    return Query.const_score_query(query, 0.0)


def out_of_sight(scope: Scope) -> list[str]:
    """Return the choices whose records a reader may not see."""
    visibilities = [choice("visibility", one) for one in _VISIBILITIES if one not in scope.visible]
    return visibilities + [choice("log", str(log_no)) for log_no in sorted(scope.hidden_logs)]


def _one_of(schema: tantivy.Schema, terms: Sequence[str]) -> Query:
    if not terms:
        return Query.empty_query()
    if len(terms) == 1:
        return Query.term_query(schema, CHOICES, terms[0], "basic")
    return Query.term_set_query(schema, CHOICES, list(terms))

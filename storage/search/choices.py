"""What a list is narrowed to, as queries that rank nothing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import tantivy
from tantivy import Occur, Query

from storage.record_views import MEMBERS, RecordFilter
from storage.search.documents import CHOICES, choice

if TYPE_CHECKING:
    from storage.search.searching import Scope


Choices = list[list[str]]
"""Of each inner list one term must be there."""


def kind_choices(wanted: RecordFilter) -> Choices:
    """Return what a filter chooses of area, type, status and openness."""
    found = []
    if wanted.area:
        found.append([choice("area", wanted.area)])
    if wanted.type:
        found.append([choice("type", wanted.type)])
    if wanted.status:
        found.append([choice("status", wanted.status)])
    if wanted.collaboration_open:
        found.append([choice("open", "1")])
    return found


def place_choices(wanted: RecordFilter) -> Choices:
    """Return what a filter chooses of municipality and year."""
    found = []
    if wanted.municipality:
        found.append([choice("code", wanted.municipality)])
    if wanted.codes is not None:
        found.append([choice("code", code) for code in sorted(wanted.codes)])
    if wanted.year:
        found.append([choice("year", wanted.year)])
    return found


def choices_query(
    schema: tantivy.Schema, choices: Choices, scope: Scope | None = None
) -> Query | None:
    """Return the query for all of these; None when they leave nothing out."""
    must = [_one_of(schema, terms) for terms in choices]
    if scope is not None:
        must.append(_one_of(schema, [choice("visibility", one) for one in scope.visible]))
    if not must:
        return None
    clauses = [(Occur.Must, query) for query in must]
    if scope is not None and scope.hidden_logs:
        hidden = [choice("log", str(log_no)) for log_no in sorted(scope.hidden_logs)]
        clauses.append((Occur.MustNot, _one_of(schema, hidden)))
    return Query.const_score_query(Query.boolean_query(clauses), 0.0)


def out_of_sight(scope: Scope) -> list[str]:
    """Return the choices whose records a reader may not see."""
    visibilities = [choice("visibility", one) for one in MEMBERS if one not in scope.visible]
    return visibilities + [choice("log", str(log_no)) for log_no in scope.hidden_logs]


def _one_of(schema: tantivy.Schema, terms: Sequence[str]) -> Query:
    if not terms:
        return Query.empty_query()
    if len(terms) == 1:
        return Query.term_query(schema, CHOICES, terms[0], "basic")
    return Query.term_set_query(schema, CHOICES, list(terms))

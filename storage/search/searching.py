"""Asking the index: which records, in which order, how many, and what else there is to choose.

A text is first taken strictly: every word in one of its ways. When hardly anything has them all,
those that have most are shown as well. Which of the two holds is decided by the text alone, so that
a filter never changes it and counts equal the lists they open. Words that no record has are
corrected first.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import tantivy
from tantivy import Query

from storage.record_views import MEMBERS, Facets, Meant, RecordFilter
from storage.search.analyzer import is_stop_word, words_of
from storage.search.choices import choices_query, kind_choices, out_of_sight, place_choices
from storage.search.documents import (
    KEY,
    KIND,
    PLACE,
    PUBLISHED,
    RECORD,
    Kind,
    key_of,
    read_place_number,
)
from storage.search.facets import count_facets
from storage.search.query_building import Asked, all_of, build, telling_terms
from storage.search.query_language import WORDS_MAX, Typed, parse
from storage.search.search_index import SearchIndex
from storage.search.spelling import Vocabulary

RANKED_MAX = 100
"""So many of the best are put in order by more than their text."""
_BUCKETS_MAX = 65_000


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose records and which of them a reader may see."""

    visible: Sequence[str]
    hidden_logs: Collection[int]


EVERYTHING = Scope(MEMBERS, ())


@dataclass(frozen=True, slots=True)
class Found:
    """The best records by their text from an offset on, each with its score; how many there are."""

    hits: tuple[tuple[bytes, float], ...]
    total: int
    facets: Facets
    meant: Meant


class Searching:
    """Answers from one index. Calls block, some for milliseconds; use a thread."""

    def __init__(self, index: SearchIndex) -> None:
        self._index = index
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="search")

    def find(self, wanted: RecordFilter, scope: Scope, *, offset: int, limit: int) -> Found:
        """Return hits for a filter with a text, with its facets."""
        searcher = self._index.searcher()
        meant, query = self._understand(searcher, wanted, scope)
        schema = self._index.schema
        chosen = [choices_query(schema, [*kind_choices(wanted), *place_choices(wanted)])]
        kinds = self._threads.submit(
            self._count, searcher, KIND, [query, choices_query(schema, place_choices(wanted))]
        )
        places = self._threads.submit(
            self._count, searcher, PLACE, [query, choices_query(schema, kind_choices(wanted))]
        )
        everything = _together([query, *chosen])
        typed = parse(wanted.text)
        offset = min(offset, searcher.num_docs)  # what is far beyond the end would cost memory
        if not (typed.words or typed.phrases):
            hits = _newest(searcher, everything, offset, limit)
        else:
            hits = _hits(searcher, searcher.search(everything, limit, count=False, offset=offset))
        by_kind = {Kind.decode(term): count for term, count in kinds.result().items()}
        by_place = {read_place_number(int(term)): count for term, count in places.result().items()}
        total, facets = count_facets(wanted, by_kind, by_place)
        return Found(hits, total, facets, meant)

    def similar(self, text: str, scope: Scope, limit: int) -> list[bytes]:
        """Return records with at least a third of the words of a text, the likest first."""
        typed = Typed(words=tuple(dict.fromkeys(words_of(text)))[:WORDS_MAX])
        if all(is_stop_word(word) for word in typed.words):
            return []
        asked = build(self._index.schema, typed)
        query = _together([asked.relaxed, choices_query(self._index.schema, [], scope)])
        searcher = self._index.searcher()
        return [record for record, _ in _hits(searcher, searcher.search(query, limit, count=False))]

    def matching(self, text: str, among: Collection[bytes]) -> set[bytes]:
        """Return those of some records that a text finds, with every word as it was typed."""
        if not among:
            return set()
        searcher, schema = self._index.searcher(), self._index.schema
        wanted = RecordFilter(text=text, literal=True)
        _, query = self._understand(searcher, wanted, EVERYTHING)
        keys = Query.term_set_query(schema, KEY, [key_of(record) for record in among])
        result = searcher.search(_together([query, keys]), len(among), count=False)
        return {record for record, _ in _hits(searcher, result)}

    def suggestions(self, beginning: str, scope: Scope, limit: int) -> list[str]:
        """Return words of titles, summaries and tags with this beginning, the commonest first."""
        return self._vocabulary(self._index.searcher(), scope).beginning_with(beginning, limit)

    def close(self) -> None:
        """End its threads."""
        self._threads.shutdown()

    def _understand(
        self, searcher: tantivy.Searcher, wanted: RecordFilter, scope: Scope
    ) -> tuple[Meant, Query]:
        typed = parse(wanted.text)
        corrections: dict[str, str] = {}
        if not wanted.literal:
            vocabulary = self._vocabulary(searcher, scope)
            for word in typed.words:
                near = None if vocabulary.knows(word) else vocabulary.corrected(word)
                if near is not None:
                    corrections[word] = near
        words = tuple(corrections.get(word, word) for word in typed.words)
        meant_words = replace(typed, words=words)
        asked = build(self._index.schema, meant_words)
        allowed = choices_query(self._index.schema, [], scope)
        relaxed = not wanted.literal and self._hardly_any(searcher, asked, allowed)
        query = _together([asked.relaxed if relaxed else asked.strict, allowed])
        terms = telling_terms(meant_words)
        return Meant(tuple(corrections.items()), relaxed, terms), query

    def _vocabulary(self, searcher: tantivy.Searcher, scope: Scope) -> Vocabulary:
        schema = self._index.schema
        allowed = _together([choices_query(schema, [], scope)])
        return Vocabulary(searcher, schema, allowed, out_of_sight(scope))

    @staticmethod
    def _hardly_any(searcher: tantivy.Searcher, asked: Asked, allowed: Query | None) -> bool:
        if not asked.enough:
            return False
        query = _together([asked.strict, allowed])
        return len(searcher.search(query, asked.enough, count=False).hits) < asked.enough

    @staticmethod
    def _count(
        searcher: tantivy.Searcher, field: str, queries: Sequence[Query | None]
    ) -> dict[str, int]:
        """Count records by the values of a field."""
        terms = {"terms": {"field": field, "size": _BUCKETS_MAX}}
        answer = searcher.aggregate(_together(queries), {"all": terms})
        return {bucket["key"]: bucket["doc_count"] for bucket in answer["all"]["buckets"]}


def _hits(
    searcher: tantivy.Searcher, result: tantivy.SearchResult
) -> tuple[tuple[bytes, float], ...]:
    return tuple(
        (bytes(searcher.doc(address)[RECORD][0]), float(score)) for score, address in result.hits
    )


def _newest(
    searcher: tantivy.Searcher, query: Query, offset: int, limit: int
) -> tuple[tuple[bytes, float], ...]:
    result = searcher.search(query, limit, count=False, offset=offset, order_by_field=PUBLISHED)
    return tuple((record, 0.0) for record, _ in _hits(searcher, result))


def _together(queries: Sequence[Query | None]) -> Query:
    return all_of([query for query in queries if query is not None])

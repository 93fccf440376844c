"""Asking the index: which records, in which order, how many, and what else there is to choose.

A text is first taken strictly: every word in one of its ways. When hardly anything has them all,
those that have most are shown as well. Which of the two holds is decided by the text alone, so that
a filter never changes it and counts equal the lists they open. Words that no record has are
corrected first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import lru_cache

import tantivy
from tantivy import Occur, Query

from storage.record_views import Facets, Meant, Named, RecordFilter
from storage.search.analyzer import is_stop_word, words_of
from storage.search.choices import (
    Clauses,
    allowed,
    kept_choices,
    out_of_sight,
    sampled,
    together,
    unranked,
)
from storage.search.counting import Counted, Narrowed, count, count_months, narrow
from storage.search.documents import (
    AREA,
    CODE,
    KEY,
    KIND,
    PUBLISHED,
    RECORD,
    SAMPLED,
    YEAR,
    YEARS_FROM,
    Kind,
    key_of,
)
from storage.search.facets import Counts, count_facets
from storage.search.kept_counts import KeptCounts
from storage.search.panics import panics_as_errors
from storage.search.products import PRODUCT, SHOWN_MAX, SUPPLIER, Spellings, chosen_names
from storage.search.query_building import (
    ENOUGH,
    build_relaxed,
    build_sparing,
    build_strict,
    can_relax,
    expected_records,
    says_little,
    telling_terms,
)
from storage.search.query_language import WORDS_MAX, Typed, parse
from storage.search.scope import EVERYTHING, Scope, ScopeKey
from storage.search.search_index import SearchIndex
from storage.search.spelling import Vocabulary
from storage.search.wide_first import Hits, best_wide

RANKED_MAX = 100
"""So many of the best are put in order by more than their text."""
FEW = 100
"""What finds fewer is asked for all of it, and not for what it finds among others."""
ANSWERS_KEPT = 50
"""Each has the places and scores of a hundred records and what is counted beside them."""
Names = tuple[tuple[Named, ...], tuple[Named, ...]]
"""Products and suppliers, the commonest first."""


@dataclass(frozen=True, slots=True)
class Found:
    """The best records by their text from an offset on, each with its score; how many there are."""

    hits: Hits
    total: int
    facets: Facets
    meant: Meant


class Searching:
    """Answers from one index. Calls block, some for milliseconds; use a thread.

    All raise :class:`storage.errors.IndexingError` when the index's files are damaged.
    """

    def __init__(self, index: SearchIndex) -> None:
        self._index = index
        self._threads = ThreadPoolExecutor(2, thread_name_prefix="search")
        self._spellings = Spellings()
        self._kept = KeptCounts(index)
        self._answers = lru_cache(ANSWERS_KEPT)(self._answer)

    def find(
        self,
        wanted: RecordFilter,
        scope: Scope,
        *,
        offset: int,
        limit: int,
        among: Sequence[int] | None = None,
    ) -> Found:
        """Return hits for a filter with a text, with its facets; ``among`` the records with these
        keys only.

        An answer is kept while the index stays as it is: the first pages are of the same best.
        """
        if among is not None:  # they change without the index
            return self._find(wanted, scope, offset, limit, among)
        # What is found does not depend on these.
        asked = replace(wanted, page=1, page_size=1, near=frozenset())
        return self._answers(self._index.view.generation, asked, scope.key, offset, limit)

    def _answer(
        self, _generation: int, wanted: RecordFilter, scope: ScopeKey, offset: int, limit: int
    ) -> Found:
        # As of that generation, or a later one when it has just gone on: never of an earlier.
        return self._find(wanted, Scope(*scope), offset, limit, None)

    @panics_as_errors()
    def _find(
        self,
        wanted: RecordFilter,
        scope: Scope,
        offset: int,
        limit: int,
        among: Sequence[int] | None,
    ) -> Found:
        searcher, schema = self._index.searcher(), self._index.schema
        offset = min(offset, searcher.num_docs)  # what is far beyond the end would cost memory
        understood = self._understand(searcher, wanted, scope)
        narrowed = narrow(searcher, schema, wanted, understood.allowed, among)
        counting = self._begin_counting(searcher, understood.counted, narrowed, _FIELDS)
        query = together(understood.ranked, narrowed.all)
        if not understood.is_ranked:
            hits = _newest(searcher, query, offset, limit)
        elif (wide := self._best_wide(searcher, understood, narrowed, offset + limit)) is not None:
            hits = wide[offset:]
        else:
            hits = _hits(searcher, searcher.search(query, limit, count=False, offset=offset))
        counted = _results(counting)
        total, facets = count_facets(wanted, _read_counts(counted))
        products, suppliers = self._spelled(searcher, counted, understood.allowed)
        facets = replace(facets, products=products, suppliers=suppliers)
        meant = understood.meant
        if meant.relaxed and total < ENOUGH:  # else it is more than all that have every word
            every_word = build_strict(searcher, schema, understood.typed, ranks=False)
            strictly = _hits_of(searcher, together(every_word, narrowed.all), ENOUGH)
            meant = replace(meant, relaxed=total > strictly)
        return Found(hits, total, facets, meant)

    def _best_wide(
        self, searcher: tantivy.Searcher, understood: _Understood, narrowed: Narrowed, limit: int
    ) -> Hits | None:
        if understood.meant.relaxed or understood.counted is None or limit > RANKED_MAX:
            return None
        return best_wide(
            searcher,
            self._index.schema,
            understood.typed,
            understood.counted,
            narrowed.all,
            limit,
        )

    @panics_as_errors()
    def names(self, wanted: RecordFilter, scope: Scope) -> Names:
        """Return the products and suppliers in the records of a filter without a text."""
        schema = self._index.schema

        def counted(searcher: tantivy.Searcher, among: Sequence[int] | None) -> Counted:
            seen = allowed(searcher, schema, scope)
            narrowed = narrow(searcher, schema, wanted, seen, among)
            return _results(self._begin_counting(searcher, None, narrowed, (PRODUCT, SUPPLIER)))

        chosen = (wanted.area, wanted.type, wanted.municipality, wanted.status, wanted.codes)
        counts = self._kept.read(("names", *chosen, scope.key), counted, most=SHOWN_MAX)
        searcher = self._index.searcher()
        return self._spelled(searcher, counts, allowed(searcher, schema, scope))

    @panics_as_errors()
    def months(self, scope: Scope) -> dict[str, int]:
        """Return how many records were published in each month, "2026-11"."""
        schema = self._index.schema

        def counted(searcher: tantivy.Searcher, among: Sequence[int] | None) -> Counted:
            kept = kept_choices(schema, RecordFilter(), among)
            query = together(None, [*allowed(searcher, schema, scope), *kept])
            found = count(searcher, query, (YEAR,))[YEAR]
            years = sorted(YEARS_FROM + int(year) for year in found)
            return {PUBLISHED: count_months(searcher, query, years)}

        return dict(self._kept.read(("months", scope.key), counted)[PUBLISHED])

    @panics_as_errors()
    def similar(self, text: str, scope: Scope, limit: int) -> list[bytes]:
        """Return records with at least a third of the words of a text, the likest first."""
        typed = Typed(words=tuple(dict.fromkeys(words_of(text)))[:WORDS_MAX])
        if all(is_stop_word(word) for word in typed.words):
            return []
        searcher, schema = self._index.searcher(), self._index.schema
        likeness = (
            build_relaxed(searcher, schema, typed)
            if can_relax(searcher, typed)
            else build_strict(searcher, schema, typed)
        )
        query = together(likeness, allowed(searcher, schema, scope))
        return [record for record, _ in _hits(searcher, searcher.search(query, limit, count=False))]

    @panics_as_errors()
    def matching(self, wanted: RecordFilter, among: Collection[bytes]) -> set[bytes]:
        """Return those of some records with the words, as they were typed if the filter is
        ``literal``, and the names that it chooses; the rest of it is left aside."""
        if not among:
            return set()
        searcher, schema = self._index.searcher(), self._index.schema
        found = self._understand(searcher, wanted, EVERYTHING)
        names = chosen_names(searcher, schema, wanted, [])
        clauses = [clause for of_field in names.values() for clause in of_field]
        few = searcher.search(together(found.counted, clauses), FEW, count=False)
        if len(few.hits) < FEW:
            return {record for record, _ in _hits(searcher, few)} & set(among)
        keys = Query.term_set_query(schema, KEY, [key_of(record) for record in among])
        query = together(found.counted, [*clauses, (Occur.Must, keys)])
        result = searcher.search(query, len(among), count=False)
        return {record for record, _ in _hits(searcher, result)}

    @panics_as_errors()
    def suggestions(self, beginning: str, scope: Scope, limit: int) -> list[str]:
        """Return words of titles, summaries and tags with this beginning, the commonest first."""
        return self._vocabulary(self._index.searcher(), scope).beginning_with(beginning, limit)

    def close(self) -> None:
        """End its threads."""
        self._threads.shutdown()

    def _understand(
        self, searcher: tantivy.Searcher, wanted: RecordFilter, scope: Scope
    ) -> _Understood:
        schema = self._index.schema
        clauses = allowed(searcher, schema, scope)
        typed, corrections = self._corrected(searcher, wanted, scope)
        terms = telling_terms(typed)
        if typed.is_empty:
            meant = Meant(corrections, False, terms)
            return _Understood(meant, typed, None, None, clauses, is_ranked=False)
        relaxed = not wanted.literal and can_relax(searcher, typed)
        relaxed = relaxed and _hardly_any(searcher, schema, typed, clauses)
        if relaxed:
            best, counted = (
                build_relaxed(searcher, schema, typed, ranks=ranks) for ranks in (True, False)
            )
        else:
            best, counted = (
                build_strict(searcher, schema, typed, ranks=ranks) for ranks in (True, False)
            )
        meant = Meant(corrections, relaxed, terms, says_little(typed))
        looks = bool(typed.words or typed.phrases)
        return _Understood(meant, typed, best, counted, clauses, is_ranked=looks)

    def _corrected(
        self, searcher: tantivy.Searcher, wanted: RecordFilter, scope: Scope
    ) -> tuple[Typed, tuple[tuple[str, str], ...]]:
        """What was typed, words that no record has replaced, and which were by which."""
        typed = parse(wanted.text)
        if wanted.literal:
            return typed, ()
        found = _corrections(self._vocabulary(searcher, scope), typed)
        words = tuple(found.get(word, word) for word in typed.words)
        return replace(typed, words=words), tuple(found.items())

    def _vocabulary(self, searcher: tantivy.Searcher, scope: Scope) -> Vocabulary:
        schema = self._index.schema
        seen = together(None, allowed(searcher, schema, scope))
        return Vocabulary(searcher, schema, seen, out_of_sight(scope))

    def _begin_counting(
        self,
        searcher: tantivy.Searcher,
        text: Query | None,
        narrowed: Narrowed,
        fields: Sequence[str],
    ) -> list[Future[Counted]]:
        """Count by these fields, each with what the others choose."""
        return [
            self._threads.submit(count, searcher, together(text, clauses), alike)
            for alike, clauses in narrowed.groups(fields)
        ]

    def _spelled(
        self,
        searcher: tantivy.Searcher,
        counted: Mapping[str, Mapping[str, int]],
        seen: Clauses,
    ) -> Names:
        schema = self._index.schema
        products, suppliers = (
            self._spellings.named(searcher, schema, field, counted[field], seen)
            for field in (PRODUCT, SUPPLIER)
        )
        return products, suppliers


_FIELDS = (AREA, KIND, CODE, YEAR, PRODUCT, SUPPLIER)


@dataclass(frozen=True, slots=True)
class _Understood:
    """A text as it was understood; without one both queries are None, and find everything.

    ``counted`` finds what ``ranked`` does.
    """

    meant: Meant
    typed: Typed
    ranked: Query | None
    counted: Query | None
    allowed: Clauses
    is_ranked: bool = True
    """Whether it says what to look for, and not only what to leave out."""


def _corrections(vocabulary: Vocabulary, typed: Typed) -> dict[str, str]:
    """Return what was probably meant by words that are in no record."""
    found = {}
    for word in typed.words:
        near = None if vocabulary.knows(word) else vocabulary.corrected(word)
        if near is not None:
            found[word] = near
    return found


def _hardly_any(
    searcher: tantivy.Searcher, schema: tantivy.Schema, typed: Typed, clauses: Clauses
) -> bool:
    def has_enough(query: Query) -> bool:
        return _hits_of(searcher, query, ENOUGH) >= ENOUGH

    # Where the sample alone has enough, all records need not be gone through; where it can hardly
    # have one, it need not be either.
    if expected_records(searcher, typed) >= SAMPLED:
        among = [*sampled(schema), *clauses]
        if has_enough(build_sparing(searcher, schema, typed, among, gone_through=0)):
            return False
    return not has_enough(build_sparing(searcher, schema, typed, clauses))


def _hits_of(searcher: tantivy.Searcher, query: Query, most: int) -> int:
    """How many records a query finds, if that is not more than so many."""
    return len(searcher.search(unranked(query), most, count=False).hits)


def _results(counting: Sequence[Future[Counted]]) -> Counted:
    return {field: counts for part in counting for field, counts in part.result().items()}


def _read_counts(counted: Counted) -> Counts:
    return Counts(
        areas=counted[AREA],
        kinds={Kind.decode(term): records for term, records in counted[KIND].items()},
        codes={f"{int(code):04d}": records for code, records in counted[CODE].items()},
        years={YEARS_FROM + int(year): records for year, records in counted[YEAR].items()},
    )


def _hits(searcher: tantivy.Searcher, result: tantivy.SearchResult) -> Hits:
    return tuple(
        (bytes(searcher.doc(address)[RECORD][0]), float(score)) for score, address in result.hits
    )


def _newest(searcher: tantivy.Searcher, query: Query, offset: int, limit: int) -> Hits:
    result = searcher.search(query, limit, count=False, offset=offset, order_by_field=PUBLISHED)
    return tuple((record, 0.0) for record, _ in _hits(searcher, result))

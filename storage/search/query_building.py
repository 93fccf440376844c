"""From what was typed to what the index is asked.

Each word is looked for in several ways at once, and each way counts as much as it says: the word
itself, in a title most; inside a compound; joined with its neighbour ("nyckel hantering"); taken
apart, when it is a compound itself that few records have; and as another word for the same thing
(``words/synonyms.txt``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import tantivy
from tantivy import Occur, Query

from storage.search import analyzer
from storage.search.analyzer import roots, terms_of
from storage.search.choices import unranked
from storage.search.documents import PARTS, SMALL, TITLE, WORDS
from storage.search.query_language import Typed
from storage.search.stems import english_stem
from storage.search.synonyms import other_names, terms_of_name

TITLE_WEIGHT = 0.65
WORDS_WEIGHT = 1.0
PARTS_WEIGHT = 0.75
JOINED_WEIGHT = 1.1
SYNONYM_WEIGHT = 0.55
APART_WEIGHT = 0.4
ONE_PART_WEIGHT = 0.3
ROOT_WEIGHT = 0.35
FOREIGN_WEIGHT = 0.4
ENOUGH = 10
"""So many records that have every word make it needless to show others as well."""
SHARE_OF_WORDS = 0.34
"""So many of the words must be there when all of them together are hardly anywhere."""
COMMON_RECORDS = 20_000
"""A word that may be in more records than this does not count as one of those then."""
GONE_THROUGH = 2
"""So many words, the rarest, are looked for everywhere where the others need not be."""
DECIDING_MIN = 2
"""So many words count in any case, the rarest."""
APART_RECORDS_MAX = 1_000
"""A compound that more records have is not looked for in its parts: they stand in a tenth of all
records, far from each other, and add little that is like what was asked for."""


Clauses = Sequence[tuple[Occur, Query]]


class Terms:
    """Queries for terms of one index.

    Without ``ranks`` they find the same and score nothing: fields that hold only what others hold
    as well are then left out.
    """

    def __init__(
        self, searcher: tantivy.Searcher, schema: tantivy.Schema, *, ranks: bool = True
    ) -> None:
        self.searcher = searcher
        self._schema = schema
        self._ranks = ranks

    def term(self, field: str, term: str, weight: float = 1.0) -> Query:
        """Return a query for one term; ``weight`` 1 is as the field ranks it."""
        if not self._ranks:
            return Query.term_query(self._schema, field, term, "basic")
        # One option for all: only then are unions cut short at what can still be among the best.
        found = Query.term_query(self._schema, field, term, "freq")
        return found if weight == 1.0 else Query.boost_query(found, weight)

    def anywhere(self, term: str, weight: float = 1.0) -> list[Query]:
        """Return queries for one term in all fields of words."""
        title = [self.term(TITLE, term, weight * TITLE_WEIGHT)] if self._ranks else []
        return [
            *title,
            self.term(WORDS, term, weight * WORDS_WEIGHT),
            self.term(PARTS, term, weight * PARTS_WEIGHT),
        ]

    def phrase(self, words: Sequence[str]) -> Query:
        """Return a query for terms one after another."""
        if len(words) == 1:
            return any_of([self.term(WORDS, words[0]), self.term(PARTS, words[0])])
        return Query.phrase_query(self._schema, WORDS, list(words))

    def other_name(self, name: Sequence[str], weight: float) -> list[Query]:
        """Return queries for another name: where its words stand together, or are one."""
        joined = self.anywhere("".join(name), weight)
        return joined if len(name) == 1 else [weighted(self.phrase(name), weight), *joined]

    def small_words(self, words: Sequence[str]) -> Query:
        """Return a query for titles with all of some words that say too little to be anywhere
        else, and the better for having them one after another."""
        found = all_of([self.term(SMALL, word) for word in words])
        if len(words) == 1 or not self._ranks:
            return found
        together = Query.phrase_query(self._schema, SMALL, list(words))
        return Query.boolean_query([(Occur.Must, found), (Occur.Should, together)])


class _Single(Terms):
    """Without words that must stand together."""

    def other_name(self, name: Sequence[str], weight: float) -> list[Query]:
        return self.anywhere("".join(name), weight)


def any_of(queries: Sequence[Query]) -> Query:
    """Return a query that one of these is enough for; what several match counts more."""
    return (
        queries[0]
        if len(queries) == 1
        else Query.boolean_query([(Occur.Should, q) for q in queries])
    )


def all_of(queries: Iterable[Query]) -> Query:
    """Return a query for what all of these match."""
    found = list(queries)
    return found[0] if len(found) == 1 else Query.boolean_query([(Occur.Must, q) for q in found])


def weighted(query: Query, weight: float) -> Query:
    """Return a query whose score counts so much."""
    return Query.boost_query(query, weight)


def build_strict(
    searcher: tantivy.Searcher,
    schema: tantivy.Schema,
    typed: Typed,
    *,
    ranks: bool = True,
    among: Clauses = (),
) -> Query:
    """Return the query that wants every word of what was typed in one of its ways.

    ``typed`` must not be empty. Without ``ranks`` it finds the same, sooner, and scores nothing.
    ``among`` stands beside the words and not around them: few records are then looked at first.
    """
    terms = Terms(searcher, schema, ranks=ranks)
    never = [_phrase(terms, phrase) for phrase in typed.without]
    if says_little(typed):
        asked = [*typed.words, *(word for phrase in typed.phrases for word in phrase)]
        return _joined([terms.small_words(asked)], never, among)
    always = [_phrase(terms, phrase) for phrase in typed.phrases]
    return _joined([*always, *_word_clauses(terms, typed.words)], never, among)


def build_sparing(
    searcher: tantivy.Searcher,
    schema: tantivy.Schema,
    typed: Typed,
    among: Clauses,
    gone_through: int = GONE_THROUGH,
) -> Query:
    """Return a query that finds what :func:`build_strict` does, sooner where that is little.

    So many of the words, the rarest, are gone through, and the others only looked up for the
    records that these and ``among`` leave: one of the two must leave few. ``typed`` must say
    something.
    """
    terms = Terms(searcher, schema, ranks=False)
    telling = [word for word in typed.words if terms_of(word) is not None]
    records = [records_at_most(searcher, word) for word in telling]
    ways = _word_ways(terms, telling)
    rarest = [ways[place] for place in sorted(range(len(telling)), key=records.__getitem__)]
    wanted = [_phrase(terms, phrase) for phrase in typed.phrases]
    wanted += [any_of(found) for found in rarest[:gone_through]]
    never = [_phrase(terms, phrase) for phrase in typed.without]
    never += [_none_of(found) for found in rarest[gone_through:]]
    return _joined(wanted, never, among)


def _none_of(queries: Iterable[Query]) -> Query:
    """Return a query for what none of these match: as something to leave out, it is asked about one
    record after another, where a union would be gone through as a whole."""
    found = unranked(Query.all_query())
    for query in queries:
        found = Query.boolean_query([(Occur.Must, found), (Occur.MustNot, query)])
    return found


def can_relax(searcher: tantivy.Searcher, typed: Typed) -> bool:
    """Whether less than every word may be enough: there are several, or one with parts."""
    telling = [found for found in map(terms_of, typed.words) if found is not None]
    return len(telling) > 1 or any(parts_of(searcher, found) for found in telling)


def build_relaxed(
    searcher: tantivy.Searcher, schema: tantivy.Schema, typed: Typed, *, ranks: bool = True
) -> Query:
    """Return the query that wants a third of the words, for what :func:`can_relax`.

    A third of those that tell records apart: common words only add to the score, and only as they
    are, since with them a sentence would find and rank a quarter of everything.
    """
    terms = Terms(searcher, schema, ranks=ranks)
    never = [_phrase(terms, phrase) for phrase in typed.without]
    always = [_phrase(terms, phrase) for phrase in typed.phrases]
    telling = [word for word in typed.words if terms_of(word) is not None]
    deciding, common = _by_rarity(searcher, telling)
    least = max(1, int(len(deciding) * SHARE_OF_WORDS))
    ways = _word_ways(terms, typed.words, relaxed=True)
    if least == 1:
        # Any way of any word: flat, it is gone through in half the time.
        most = any_of([query for place in deciding for query in ways[place]])
    else:
        decide = [(Occur.Should, any_of(ways[place])) for place in deciding]
        most = Query.boolean_query(decide, least)
    if common and ranks:
        wholes = [found.whole for place in common if (found := terms_of(telling[place]))]
        also = [(Occur.Should, query) for whole in wholes for query in terms.anywhere(whole)]
        most = Query.boolean_query([(Occur.Must, most), *also])
    return _joined([*always, most], never)


def _by_rarity(searcher: tantivy.Searcher, words: Sequence[str]) -> tuple[list[int], list[int]]:
    """The places of the words that decide, and of the others."""
    records = [records_at_most(searcher, word) for word in words]
    rarest = sorted(range(len(words)), key=lambda place: records[place])
    deciding = [place for place in rarest if records[place] <= COMMON_RECORDS]
    if len(deciding) < DECIDING_MIN:
        deciding = rarest[:DECIDING_MIN]
    return sorted(deciding), sorted(set(rarest) - set(deciding))


def expected_records(searcher: tantivy.Searcher, typed: Typed) -> float:
    """Return how many records would have every word, if having one made no other likelier."""
    every = found = float(searcher.num_docs)
    for word in typed.words:
        if terms_of(word) is not None and every:
            found *= min(1.0, records_at_most(searcher, word) / every)
    return found


def records_at_most(searcher: tantivy.Searcher, word: str) -> int:
    """Return how many records may have a word that says something, or a part that is looked for."""
    found = terms_of(word)
    assert found is not None, "only words that say something are looked for everywhere"
    terms = (found.whole, *parts_of(searcher, found))
    return sum(_records_with(searcher, term) for term in terms)


def _records_with(searcher: tantivy.Searcher, term: str) -> int:
    return sum(searcher.doc_freq(field, term) for field in (WORDS, PARTS))


def parts_of(searcher: tantivy.Searcher, found: analyzer.Terms) -> list[str]:
    """The parts that a word is taken apart into, if it is a compound that few records have."""
    if len(found.simple) < 2 or _records_with(searcher, found.whole) > APART_RECORDS_MAX:
        return []
    return found.simple


def says_little(typed: Typed) -> bool:
    """Whether it looks for something, and only for words that say too little."""
    words = [*typed.words, *(word for phrase in typed.phrases for word in phrase)]
    return bool(words) and all(terms_of(word) is None for word in words)


def _phrase(terms: Terms, words: Sequence[str]) -> Query:
    """What was typed as standing together; of words that say too little, in titles."""
    if all(terms_of(word) is None for word in words):
        return terms.small_words(words)
    return terms.phrase(terms_of_name(words))


def telling_terms(typed: Typed) -> frozenset[str]:
    """Return the terms by which a reader sees why something was found."""
    found: set[str] = set()
    typed_words = (*typed.words, *(word for phrase in typed.phrases for word in phrase))
    words = [word for word in typed_words if terms_of(word) is not None]
    for number, word in enumerate(words):
        terms = terms_of(word)
        if terms is None:
            continue
        found.update((terms.whole, *terms.simple, *roots(terms.whole)))
        joined = terms_of(word + words[number + 1]) if number + 1 < len(words) else None
        found.update((joined.whole,) if joined else ())
    for _, _, names in other_names(words):
        found.update(name[0] for name in names if len(name) == 1)
    return frozenset(found)


def _joined(wanted: Sequence[Query], never: Sequence[Query], among: Clauses = ()) -> Query:
    if len(wanted) == 1 and not never and not among:
        return wanted[0]
    must = [(Occur.Must, query) for query in wanted] or [(Occur.Must, Query.all_query())]
    return Query.boolean_query([*must, *((Occur.MustNot, query) for query in never), *among])


def flat_ways(
    searcher: tantivy.Searcher, schema: tantivy.Schema, words: Sequence[str]
) -> tuple[list[Query], list[tuple[str, ...]]]:
    """Return all ways in which some words may rank but other names of several words, and those."""
    telling = [word for word in words if terms_of(word) is not None]
    names = [name for _, _, group in other_names(telling) for name in group if len(name) > 1]
    ways = _word_ways(_Single(searcher, schema), telling)
    return [query for found in ways for query in found], names


def _word_clauses(terms: Terms, words: Sequence[str]) -> list[Query]:
    return [any_of(found) for found in _word_ways(terms, words)]


def _word_ways(terms: Terms, words: Sequence[str], *, relaxed: bool = False) -> list[list[Query]]:
    """For each word that says something, the ways in which it may be there."""
    telling = [word for word in words if terms_of(word) is not None]
    ways: list[list[Query]] = [_ways(terms, word, relaxed=relaxed) for word in telling]
    for number in range(len(telling) - 1):
        joined = terms_of(telling[number] + telling[number + 1])
        if joined is not None:
            # Half for each of the two words that it is made of.
            queries = terms.anywhere(joined.whole, JOINED_WEIGHT / 2)
            ways[number] += queries
            ways[number + 1] += queries
    for first, after, group in other_names(telling):
        for number in range(first, after):
            ways[number] += _synonyms(terms, group, SYNONYM_WEIGHT / (after - first))
    return ways


def _ways(terms: Terms, word: str, *, relaxed: bool) -> list[Query]:
    """The ways in which one word may be there; `relaxed`, one part of a compound is enough."""
    found = terms_of(word)
    assert found is not None, "only words that say something are looked for everywhere"
    ways = terms.anywhere(found.whole)
    simple = [any_of(terms.anywhere(part)) for part in parts_of(terms.searcher, found)]
    if simple:
        ways.append(weighted(all_of(simple), APART_WEIGHT))
        if relaxed:
            ways.append(weighted(any_of(simple), ONE_PART_WEIGHT))
    for root in roots(found.whole):
        ways += terms.anywhere(root, ROOT_WEIGHT)
    foreign = english_stem(word)
    if foreign not in (found.whole, *found.parts):
        ways.append(terms.term(PARTS, foreign, FOREIGN_WEIGHT))
    return ways


def _synonyms(terms: Terms, names: Sequence[tuple[str, ...]], weight: float) -> list[Query]:
    """Return queries for other names, beside the word's own: a flat union is the quickest."""
    return [query for name in names for query in terms.other_name(name, weight)]

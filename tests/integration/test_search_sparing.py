"""Shorter ways through the index find what going through all of it does, in the same order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from tantivy import Occur, Query

from content_factories import an_experience
from storage.search import query_building, wide_first
from storage.search.choices import sampled
from storage.search.documents import RECORD, Indexed
from storage.search.query_building import (
    APART_RECORDS_MAX,
    Clauses,
    build_sparing,
    build_strict,
)
from storage.search.query_language import Typed, parse
from storage.search.said import said_by
from storage.search.search_index import SearchIndex
from storage.search.texts import plain
from storage.search.wide_first import Hits, best_wide

RECORDS = 600
WORDS = (
    *("lånecykel", "nyckelhantering", "hemtjänst", "digital medarbetare", "rpa", "bygglov"),
    *("bygglovsansökningar", "och", "äldreomsorgens", "omsorg", "e-post", "upphandling", "trygg"),
    *("larm", "trygghetslarm", "skola", "skolorna", "karta", "snö", "snöslunga", "vatten"),
    *("kommuner", "local authority", "local government"),
)
TELLING = [word for word in WORDS if word != "och" and " " not in word]


@pytest.fixture
def index(tmp_path: Path) -> Iterator[SearchIndex]:
    """An index of records of few words each, some of them in nearly all."""
    random, made = Random("records"), SearchIndex(tmp_path / "search", bytes(16))
    records = []
    for _ in range(RECORDS):
        words = [word for place, word in enumerate(WORDS) if random.random() < 0.9 / (place + 1)]
        words += random.sample(WORDS, 4)
        random.shuffle(words)
        said = said_by(an_experience(title="Exempel", summary=" ".join(words)))
        records.append(
            Indexed(random.randbytes(32), 1, "1498", "Tidaholm", 1_700_000_000_000, said)
        )
    made.apply(records, [], {1: RECORDS})
    made.commit()
    yield made
    made.close()


def strict(index: SearchIndex, typed: Typed, *, ranks: bool = True, among: Clauses = ()) -> Query:
    """The query for what has every word."""
    return build_strict(index.searcher(), index.schema, typed, ranks=ranks, among=among)


def found(index: SearchIndex, query: Query) -> set[bytes]:
    """The records that a query finds."""
    searcher = index.searcher()
    hits = searcher.search(query, RECORDS, count=False).hits
    return {bytes(searcher.doc(address)[RECORD][0]) for _, address in hits}


@pytest.mark.parametrize("apart", [0, 50, APART_RECORDS_MAX])
@pytest.mark.parametrize("seed", range(2))
def test_sparing_finds_what_strict_does(
    index: SearchIndex, seed: int, apart: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For any words, phrases and words to leave out, however many of them are gone through, and
    among some records as among all; whichever compounds are taken apart."""
    print(f"seed={seed}")
    monkeypatch.setattr(query_building, "APART_RECORDS_MAX", apart)
    random, seen = Random(seed), set[int]()
    for _ in range(60):
        words = random.sample(WORDS, random.randint(1, 6))
        asked = [random.choice((word, word, word, f'"{word}"', f"-{word}")) for word in words]
        typed = parse(plain(" ".join((*asked, random.choice(TELLING)))))
        for among in ([], [(Occur.MustNot, clause) for _, clause in sampled(index.schema)]):
            strictly = found(index, strict(index, typed, ranks=False, among=among))
            for gone_through in range(4):
                query = build_sparing(index.searcher(), index.schema, typed, among, gone_through)
                assert found(index, query) == strictly, typed
            seen.add(min(len(strictly), 20))
    assert {0, 20} < seen, "some find nothing, some a lot, and some are between"


def ranked(index: SearchIndex, query: Query, limit: int) -> Hits:
    """The best records that a query finds."""
    searcher = index.searcher()
    hits = searcher.search(query, limit, count=False).hits
    return tuple((bytes(searcher.doc(address)[RECORD][0]), score) for score, address in hits)


@pytest.mark.parametrize("apart", [0, APART_RECORDS_MAX])
@pytest.mark.parametrize("seed", range(3))
def test_the_best_of_any_word_are_the_best_of_all(
    index: SearchIndex, seed: int, apart: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is seen, wherever it finds them at all: the same records at the same scores."""
    print(f"seed={seed}")
    monkeypatch.setattr(wide_first, "COMMON_RECORDS", 0)
    monkeypatch.setattr(query_building, "APART_RECORDS_MAX", apart)
    random, seen, full = Random(seed), set[bool](), 0
    for _ in range(60):
        words = random.sample(TELLING, random.randint(2, 3))
        typed = parse(plain(" ".join(words)))
        limit = random.choice((1, 5, 20, 100))
        left_out = [(Occur.MustNot, clause) for _, clause in sampled(index.schema)]
        for clauses in ([], left_out):
            strictly = strict(index, typed, ranks=False)
            wide = best_wide(index.searcher(), index.schema, typed, strictly, clauses, limit)
            seen.add(wide is None)
            if wide is not None:
                plainly = ranked(index, strict(index, typed, among=clauses), limit)
                assert dict(wide) == pytest.approx(dict(plainly)), typed
                full += len(wide) == limit
    assert seen == {False, True}
    assert full, "some lists are full"


def test_what_is_chosen_or_rare_is_found_in_the_plain_way(index: SearchIndex) -> None:
    """Looking wide pays only where nearly all of it is wanted."""
    typed = parse("larm skola")
    strictly = strict(index, typed, ranks=False)

    assert best_wide(index.searcher(), index.schema, typed, strictly, [], 5) is None


@pytest.mark.parametrize("apart", [0, APART_RECORDS_MAX])
def test_a_compound_that_many_have_is_not_taken_apart(
    index: SearchIndex, apart: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its parts, each for itself, are looked for only where few records have the whole."""
    monkeypatch.setattr(query_building, "APART_RECORDS_MAX", apart)
    typed = parse("trygghetslarm")
    whole = found(index, strict(index, parse('"trygghetslarm"'), ranks=False))
    assert whole
    assert (found(index, strict(index, typed, ranks=False)) == whole) == (apart == 0)

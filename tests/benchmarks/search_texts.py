"""Contents for searching: words as often as real records have them, and a long tail of compounds.

The vocabulary is what the records of the demo and the judged set say, each word as often as it
stands there, and below it what municipal Swedish never ends making: a first part of one compound
with the last part of another. `COMMON` is put where nearly every record has it, as a word does that
names what all of them are about. Texts are phrases of two to five words, which return, and words
of their own in between.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import NamedTuple

from node.demo.samples import all_samples
from node.municipal import taxonomy
from protocol import strict_json
from storage.search.analyzer import WORD
from storage.search.compounds import read_compounds
from storage.search.texts import plain
from tests.benchmarks.writing import ALL_STATUSES, ALL_TYPES

JUDGED = Path(__file__).resolve().parents[1] / "judged" / "records"
COMMON = "verksamheten"
COMMON_SHARE = 0.0195
"""Of all words; so about 88 % of records of 1,000 B have it."""
MADE = 400_000
MADE_SHARE = 0.09
NUMBER_SHARE = 0.02
PHRASES = 150_000
OWN_WORDS_SHARE = 0.15
"""So many of a text's pieces are a word by itself, drawn for this text."""
TITLE_BYTES, SUMMARY_BYTES = 45, 150
OPEN_SHARE = 0.1


class Vocabulary(NamedTuple):
    """Words from the commonest to the rarest, with what to draw them by."""

    words: tuple[str, ...]
    weights: list[float]


@cache
def vocabulary() -> Vocabulary:
    """Return all words; always the same."""
    found = Counter(plain(word) for text in _texts() for word in WORD.findall(text))
    del found[COMMON]
    made = _made_compounds(found)
    read_share = 1 - COMMON_SHARE - MADE_SHARE
    counted, tail = found.total(), sum(1 / rank for rank in range(20, len(made) + 20))
    weights = {COMMON: COMMON_SHARE}
    weights |= {word: read_share * count / counted for word, count in found.most_common()}
    for rank, word in enumerate(made, start=20):
        weights[word] = weights.get(word, 0) + MADE_SHARE / rank / tail
    return Vocabulary(tuple(weights), list(accumulate(weights.values())))


def _texts() -> Iterator[str]:
    for path in sorted(JUDGED.glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            yield from _strings(json.loads(line))
    for sample in all_samples():
        if sample.kind == "experience":
            yield from _strings(sample.content)


def _strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name not in ("id", "municipality", "type", "status", "area", "email"):
                yield from _strings(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _strings(inner)


def _made_compounds(known: Counter[str]) -> list[str]:
    """Compounds that no text has yet, put together from parts of those that stand there."""
    split = read_compounds().split
    pieces = [parts for word in sorted(known) if (parts := split(word))]
    heads = ["".join(parts[:-1]) for parts in pieces]
    tails = [parts[-1] for parts in pieces]
    random = Random("compounds")
    made: dict[str, None] = {}
    while len(made) < MADE:
        made[random.choice(heads) + random.choice(tails)] = None
    return list(made)


@cache
def phrases() -> tuple[str, ...]:
    """The pool that texts are put together from; always the same."""
    random = Random("search phrases")
    words, weights = vocabulary()

    def phrase() -> str:
        found = random.choices(words, cum_weights=weights, k=random.randint(2, 5))
        if random.random() < NUMBER_SHARE:
            found.append(str(int(10 ** random.uniform(0, 5))))
        return " ".join(found) + random.choice((" ", " ", " ", " ", ", ", ". "))

    return tuple(phrase() for _ in range(PHRASES))


def text_of(random: Random, size_bytes: int) -> str:
    """Text of at most so many bytes, cut between words, ended with a full stop."""
    pool, (words, weights) = phrases(), vocabulary()
    count = size_bytes // 20 + 2
    chosen = random.choices(pool, k=count)
    alone = random.choices(words, cum_weights=weights, k=max(1, int(count * OWN_WORDS_SHARE)))
    for word in alone:
        chosen[random.randrange(count)] += word + " "
    cut = "".join(chosen).encode()[: size_bytes - 1].decode(errors="ignore")
    return cut.rpartition(" ")[0].rstrip(" ,.").capitalize() + "."


def search_contents(number: int, count: int, size_bytes: int) -> Iterator[bytes]:
    """What the author with this number writes: about so many bytes each, spread over all that one
    can filter on."""
    random = Random(f"search contents {number}")
    areas = [subarea.id for area in taxonomy.areas() for subarea in area.subareas]
    for _ in range(count):
        content: dict[str, object] = {
            "schema": 1,
            "type": random.choice(ALL_TYPES),
            "title": text_of(random, TITLE_BYTES),
            "summary": text_of(random, SUMMARY_BYTES),
            "area": random.choice(areas),
            "status": random.choice(ALL_STATUSES),
            "contact": {"role": "Utvecklingsledare"},
            "collaboration_open": random.random() < OPEN_SHARE,
            "example": True,
            "situation": "",
        }
        missing = size_bytes - len(strict_json.dumps(content))
        yield strict_json.dumps(content | {"situation": text_of(random, missing)})

"""What a benchmark asks a node that is full of tests/benchmarks/search_texts.py: a mix of filters.

Words are taken from the vocabulary by how common they are, so each kind of question costs what its
name says, whatever the records are made of. Stop words are left out; nobody is slowed by them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from storage.search.analyzer import is_stop_word, terms_of, words_of
from tests.benchmarks.foreign_logs import place_of
from tests.benchmarks.search_texts import COMMON, phrases, vocabulary

EACH = 20
"""Questions of a kind."""
NEARLY_ALL = "word in nearly all"
_COMMON_FROM, _MIDDLE_FROM, _RARE_FROM = 1, 300, 7_000
_MISSPELLED_CHARS_MIN = 8
_SENTENCE_WORDS = 6
_PHRASES_LOOKED_AT = 5_000
_YEARS = ("2021", "2022", "2023", "2024", "2025")

Filter = dict[str, Any]


def questions() -> dict[str, list[Filter]]:
    """Return the filters of each kind of question."""
    random = Random("questions")
    words = [word for word in vocabulary().words if _tells(word)]
    common, middle = words[_COMMON_FROM:][: 2 * EACH], words[_MIDDLE_FROM:][: 20 * EACH]
    compounds = [word for word in words[_RARE_FROM:] if len((terms_of(word) or ((), ()))[1]) > 1]
    codes = [place_of(number)[0] for number in range(1, EACH + 1)]
    return {
        NEARLY_ALL: [{"text": word} for word in (COMMON, *common[: EACH - 1])],
        "common pair": [{"text": " ".join(pair)} for pair in _pairs(common)],
        "rare word": [{"text": word} for word in random.sample(words[_RARE_FROM // 2 :], EACH)],
        "compound": [{"text": word} for word in random.sample(compounds, EACH)],
        "phrase": [{"text": f'"{phrase}"'} for phrase in _phrases()],
        "misspelled": [{"text": _misspelled(random, word)} for word in _long(random, middle)],
        "sentence": [
            {
                "text": " ".join(
                    random.sample(common, 2) + random.sample(middle, _SENTENCE_WORDS - 2)
                )
            }
            for _ in range(EACH)
        ],
        "filters": [
            {"text": word} | narrowed
            for word, narrowed in zip(common, _narrowings(random, codes), strict=False)
        ],
        "page 3": [{"text": word, "page": 3} for word in common[:EACH]],
        "year alone": [{"year": year} for year in _YEARS],
        "year and word": [{"text": word, "year": random.choice(_YEARS)} for word in common[:EACH]],
    }


def _tells(word: str) -> bool:
    return word.isalpha() and len(word) > 3 and not is_stop_word(word)


def _pairs(words: Sequence[str]) -> Iterator[tuple[str, str]]:
    return zip(words[0::2], words[1::2], strict=False)


def _phrases() -> list[str]:
    found = [" ".join(words_of(phrase)) for phrase in phrases()[:_PHRASES_LOOKED_AT]]
    return [phrase for phrase in found if sum(map(_tells, phrase.split())) > 1][:EACH]


def _long(random: Random, words: Sequence[str]) -> list[str]:
    return random.sample([word for word in words if len(word) >= _MISSPELLED_CHARS_MIN], EACH)


def _misspelled(random: Random, word: str) -> str:
    """Two neighbouring letters in the middle changed places, or one went missing."""
    place = random.randrange(2, len(word) - 2)
    if random.random() < 0.5:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    return word[:place] + word[place + 1 :]


def _narrowings(random: Random, codes: Sequence[str]) -> Iterator[Filter]:
    for code in codes:
        yield random.choice(
            (
                {"area": "skola"},
                {"area": "aldre.hemtjanst", "status": "drift"},
                {"type": "erfarenhet", "status": "avbrutet"},
                {"municipality": code},
                {"type": "fraga", "municipality": code},
                {"collaboration_open": True},
            )
        )

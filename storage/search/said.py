"""What one version of a record says, as the index is to hold it.

Pure, and apart from all that only the database knows of a record, so that it can be made anywhere:
in another process as well (storage/search/analysing.py).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from protocol.content import Experience
from storage.search.analyzer import analyze_words, is_stop_word, telling, words_of
from storage.search.products import folded, names_as_text, products_of, suppliers_of
from storage.search.reread import Reread
from storage.search.texts import searchable_texts


class Said(NamedTuple):
    """Texts hold terms separated by blanks; see storage/search/documents.py for each of them.

    ``products`` and ``suppliers`` are folded names; ``names`` says how they are spelled, and is
    empty when there are none.
    """

    title: str
    words: str
    parts: str
    spelled: str
    small: str
    area: str
    type: str
    status: str
    visibility: str
    is_open: bool
    products: tuple[str, ...]
    suppliers: tuple[str, ...]
    names: str


def said_by(experience: Experience | Reread) -> Said:
    """Return what is kept of a version."""
    titled, tagged = words_of(experience.title), words_of("\n".join(experience.tags))
    head = [*titled, *words_of(experience.summary), *tagged]
    title = analyze_words([*titled, *tagged], experience.language)
    everything = analyze_words([*head, *words_of(_rest(experience))], experience.language)
    return Said(
        title=" ".join((title.words, *title.parts)),
        words=everything.words,
        parts=" ".join(everything.parts),
        spelled=" ".join(_spelled(head)),
        small=" ".join(filter(is_stop_word, titled)),
        area=experience.area,
        type=experience.type,
        status=experience.status,
        visibility=experience.visibility,
        is_open=experience.collaboration_open,
        products=_different(products_of(experience)),
        suppliers=_different(suppliers_of(experience)),
        names=names_as_text(experience) if experience.products else "",
    )


def _rest(experience: Experience | Reread) -> str:
    """All texts after title, summary and tags, which stand first."""
    head = [text for text in (experience.title, experience.summary, *experience.tags) if text]
    return "\n".join(searchable_texts(experience)[len(head) :])


def _spelled(words: Iterable[str]) -> set[str]:
    return {word for word in telling(words) if len(word) > 2}


def _different(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(map(folded, names)))

"""What a search finds, by the plainest reading of the rules: for words without other names."""

from __future__ import annotations

from protocol.content import Experience
from storage.search.analyzer import analyze, terms_of
from storage.search.query_language import parse
from storage.search.texts import searchable_texts


def finds(text: str, experience: Experience) -> bool:
    """Whether every word that was typed is in a record, in some form or inside a compound."""
    analyzed = analyze(searchable_texts(experience), experience.language)
    held = {*analyzed.words.split(), *analyzed.parts}
    return all(_is_in(word, held) for word in parse(text).words)


def _is_in(word: str, held: set[str]) -> bool:
    terms = terms_of(word)
    if terms is None:
        return False
    parts = terms.simple
    return terms.whole in held or (len(parts) > 1 and held.issuperset(parts))

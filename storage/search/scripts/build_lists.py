"""Makes ``words/swedish.marisa`` from a Hunspell dictionary of Swedish.

    python -m storage.search.scripts.build_lists FOLDER

``FOLDER`` holds ``index.dic`` and ``index.aff`` of the npm package ``dictionary-sv`` (4.0.0; the
word list is Göran Andersson's, LGPL-3.0). The dictionary says which words may begin and end a
compound and in which form they begin one ("omsorg" as "omsorgs"), and how each is inflected. What
is itself made of two others is left out, and so are inflections that Snowball's rules get right.
Writes the same bytes for the same input.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import marisa_trie

from storage.search.compounds import SHORTEST_PART_CHARS, Compounds
from storage.search.stems import snowball_stem
from storage.search.word_lists import (
    BEGINS,
    DICTIONARY_NAME,
    ENDS,
    INFLECTED,
    lines,
    pairs,
)

BEGIN_FLAGS = "XU"
END_FLAG = "Y"
NEVER = "%!"
IN_OTHER_LIST = frozenset(lines("stop_words.txt"))
WORDS = Path(__file__).parent.parent / "words"


class Rule(NamedTuple):
    """One suffix rule; ``begins`` when what it makes only begins compounds."""

    strip: str
    add: str
    condition: re.Pattern[str]
    begins: bool

    def apply(self, word: str) -> str | None:
        """Return the form, or None when the rule is for other words."""
        if not word.endswith(self.strip) or not self.condition.search(word):
            return None
        return word[: len(word) - len(self.strip)] + self.add


def read_rules(affixes: str) -> dict[str, list[Rule]]:
    """Return the suffix rules by flag."""
    rules: dict[str, list[Rule]] = defaultdict(list)
    for line in affixes.splitlines():
        fields = line.partition("#")[0].split()
        if len(fields) < 5 or fields[0] != "SFX":
            continue
        flag, strip, added, condition = fields[1:5]
        add, _, flags = added.partition("/")
        bare = ["" if text == "0" else text for text in (strip, add)]
        begins = bool(set(flags) & set(BEGIN_FLAGS))
        rules[flag].append(Rule(bare[0], bare[1], re.compile(condition + "$"), begins))
    return rules


def read_words(dictionary: str) -> dict[str, str]:
    """Return the lower-case words with their flags."""
    words: dict[str, str] = defaultdict(str)
    for line in dictionary.splitlines()[1:]:
        word, _, rest = line.strip().partition("/")
        flags = rest.split()[0] if rest.split() else ""
        if word.isalpha() and word.islower() and not set(flags) & set(NEVER):
            words[word] += flags
    return dict(words)


def forms(words: dict[str, str], rules: dict[str, list[Rule]]) -> Iterator[tuple[str, str, bool]]:
    """Yield each form with its word, and whether it only begins compounds."""
    for word, flags in words.items():
        for flag in flags:
            for rule in rules.get(flag, ()):
                form = rule.apply(word)
                if form and form.isalpha():
                    yield form, word, rule.begins


def inflections(words: dict[str, str], rules: dict[str, list[Rule]]) -> dict[str, str]:
    """Return the stems that Snowball gives forms and not their words, with those of the words."""
    own = {snowball_stem(word) for word in words}
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for form, word, begins in forms(words, rules):
        made = snowball_stem(form)
        if not begins and form not in words and made not in own:
            found[made][snowball_stem(word)] += 1
    return {made: min(of, key=lambda base: (-of[base], base)) for made, of in found.items()}


def parts(
    words: dict[str, str], rules: dict[str, list[Rule]], stem: Callable[[str], str]
) -> tuple[dict[str, str], set[str]]:
    """Return what begins compounds, with its stem, and stems that end them.

    What is a compound itself is left out: a word is judged by the shorter ones.
    """
    begins = {word: word for word, flags in words.items() if set(flags) & set(BEGIN_FLAGS)}
    for form, word, is_beginning in forms(words, rules):
        if is_beginning:
            begins.setdefault(form, word)
    ends = {word for word, flags in words.items() if END_FLAG in flags}
    for word in ends:
        begins.setdefault(word, word)  # few words that end a compound never begin one
    forms_found: dict[str, str] = {}
    ends_found: set[str] = set()
    found = Compounds(forms_found, ends_found, stem)
    for word in sorted(begins, key=lambda word: (len(word), word)):
        if len(word) < SHORTEST_PART_CHARS or word in IN_OTHER_LIST:
            continue
        is_compound = bool(found.split(word))
        if not _is_chain(word, forms_found) and (begins[word] != word or not is_compound):
            forms_found[word] = stem(begins[word])
        if word in ends and not is_compound:
            ends_found.add(stem(word))
    return forms_found, ends_found


def _is_chain(form: str, begins: dict[str, str]) -> bool:
    """Whether a form is two others in a row, so that nothing is lost without it."""
    return any(form[:cut] in begins and form[cut:] in begins for cut in range(3, len(form) - 2))


def build(folder: Path) -> marisa_trie.BytesTrie:
    """Return the dictionary made from the two files in a folder."""
    rules = read_rules((folder / "index.aff").read_text("utf-8"))
    words = read_words((folder / "index.dic").read_text("utf-8"))
    known, irregular = inflections(words, rules), pairs("irregular.txt")

    def stem(word: str) -> str:
        made = snowball_stem(word)
        return irregular.get(word) or known.get(made, made)

    begins, ends = parts(words, rules, stem)
    found = Compounds(begins, ends, stem)
    simple = {snowball_stem(word) for word in words if not found.split(word)}
    entries = {BEGINS + form: base for form, base in begins.items()}
    entries |= {ENDS + end: end for end in ends}
    entries |= {INFLECTED + made: base for made, base in known.items() if base in simple}
    said = ((key, "" if key[1:] == base else base) for key, base in sorted(entries.items()))
    return marisa_trie.BytesTrie((key, base.encode()) for key, base in said)


def main() -> None:
    """Write the dictionary made from what the first argument names."""
    build(Path(sys.argv[1])).save(str(WORDS / DICTIONARY_NAME))


if __name__ == "__main__":
    main()

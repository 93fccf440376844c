"""Makes two lists in ``words/`` from a Hunspell dictionary of Swedish.

    python -m storage.search.scripts.build_lists FOLDER

``FOLDER`` holds ``index.dic`` and ``index.aff`` of the npm package ``dictionary-sv`` (4.0.0; the
word list is Göran Andersson's, LGPL-3.0). The dictionary says which words may begin and end a
compound and in which form they begin one ("omsorg" as "omsorgs"), and how each is inflected. What
is itself made of two others is left out of both lists, and so are inflections that Snowball's rules
get right. Writes the same bytes for the same input.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from storage.search.compounds import SHORTEST_PART_CHARS, Compounds
from storage.search.stems import snowball_stem
from storage.search.word_lists import lines, pairs

BEGINS = "XU"
ENDS = "Y"
NEVER = "%!"
IN_OTHER_LIST = frozenset(lines("stop_words.txt"))
WORDS = Path(__file__).parent.parent / "words"
SOURCE = (
    "# Made by scripts/build_lists.py from dictionary-sv 4.0.0,\n"
    "# copyright 2003-19 Göran Andersson,\n"
    "# GNU Lesser General Public License 3.0; this list is under the same licence.\n"
)
COMPOUNDS = (
    "# Parts of compounds: `-` a form that begins one and the stem of its word, `=` may end one.\n"
)
INFLECTIONS = "# What Snowball makes of an inflected form, and the stem of its word.\n"


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
        begins = bool(set(flags) & set(BEGINS))
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
) -> Compounds:
    """Return the parts that are not compounds themselves: a word is judged by the shorter ones."""
    begins = {word: word for word, flags in words.items() if set(flags) & set(BEGINS)}
    for form, word, is_beginning in forms(words, rules):
        if is_beginning:
            begins.setdefault(form, word)
    ends = {word for word, flags in words.items() if ENDS in flags}
    for word in ends:
        begins.setdefault(word, word)  # few words that end a compound never begin one
    found = Compounds({}, set(), stem)
    for word in sorted(begins, key=lambda word: (len(word), word)):
        if len(word) < SHORTEST_PART_CHARS or word in IN_OTHER_LIST:
            continue
        is_compound = bool(found.split(word))
        if not _is_chain(word, found.begins) and (begins[word] != word or not is_compound):
            found.begins[word] = stem(begins[word])
        if word in ends and not is_compound:
            found.ends.add(stem(word))
    return found


def _is_chain(form: str, begins: dict[str, str]) -> bool:
    """Whether a form is two others in a row, so that nothing is lost without it."""
    return any(form[:cut] in begins and form[cut:] in begins for cut in range(3, len(form) - 2))


def main() -> None:
    """Read the two files and write the two lists."""
    folder = Path(sys.argv[1])
    rules = read_rules((folder / "index.aff").read_text("utf-8"))
    words = read_words((folder / "index.dic").read_text("utf-8"))
    known, irregular = inflections(words, rules), pairs("irregular.txt")

    def stem(word: str) -> str:
        made = snowball_stem(word)
        return irregular.get(word) or known.get(made, made)

    found = parts(words, rules, stem)
    simple = {snowball_stem(word) for word in words if not found.split(word)}
    begun = [
        f"-{form} {base}" if form != base else f"-{form}" for form, base in found.begins.items()
    ]
    ended = [f"={end}" for end in found.ends]
    inflected = [f"{made} {base}" for made, base in known.items() if base in simple]
    for name, about, entries in (
        ("compounds.txt", COMPOUNDS, begun + ended),
        ("inflections.txt", INFLECTIONS, inflected),
    ):
        (WORDS / name).write_text(about + SOURCE + "\n".join(sorted(entries)) + "\n", "utf-8")


if __name__ == "__main__":
    main()

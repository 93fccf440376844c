"""A publiccode.yml as it lies there, of any version of the standard, and what was read of it.

Versions differ in names only, so every version is read alike: 0.1 says ``tags`` for ``categories``,
``publiccode-yaml-version``, ``onlyFor``, and languages in three letters (``swe``); 0.5 adds
``organisation`` and ``fundedBy``; 1.0 takes away what was deprecated. A key of a newer version is
left out and named, like any other that a record has no place for: each key that is read is noted.
"""

from __future__ import annotations

from typing import Any

from node.importers import phrases, plain_yaml
from node.importers.notes import Note
from node.importers.result import BrokenFileError, shortened
from protocol.limits import LINE_CHARS_MAX

OLD_NAMES = {
    "publiccodeYmlVersion": "publiccode-yaml-version",
    "categories": "tags",
    "intendedAudience.scope": "onlyFor",
    "organisation": "organization",
}
"""What a key was called in an earlier version, or is in files of people who mistook it."""

TWO_LETTERS = {"swe": "sv", "eng": "en", "ita": "it", "deu": "de", "ger": "de", "fra": "fr",
               "fre": "fr", "nld": "nl", "dut": "nl", "fin": "fi", "nor": "no", "nob": "nb",
               "dan": "da", "spa": "es", "est": "et", "pol": "pl"}  # fmt: skip
"""Languages as 0.1 wrote them (ISO 639-2), and as they are written since."""


class Source:
    """The document and which of its keys have been read; paths are ``maintenance.type``."""

    def __init__(self, text: str) -> None:
        """Read the YAML; raises BrokenFileError for what is no publiccode.yml."""
        loaded = plain_yaml.load(text)
        if not isinstance(loaded.value, dict) or not {"name", "description"} & loaded.value.keys():
            raise BrokenFileError(1, Note(phrases.NO_PUBLICCODE))
        self._document: dict[str, Any] = loaded.value
        self._lines = loaded.lines
        self._read: set[str] = set()

    def line_of(self, key: str) -> int:
        """The line on which a top-level key stands; 1 when it is not there."""
        return self._lines.get(key, self._lines.get(OLD_NAMES.get(key, ""), 1))

    def value(self, path: str) -> object:
        """What stands at a path, under its present or its former name; None when nothing does."""
        found: object = self._document
        taken: list[str] = []
        for key in path.split("."):
            if not isinstance(found, dict):
                return None
            old = OLD_NAMES.get(".".join([*taken, key]), "")
            taken.append(old if key not in found and old in found else key)
            found = found.get(taken[-1])
        self._read.add(".".join(taken))
        return found

    def text(self, path: str) -> str:
        """The text at a path, "" when there is none."""
        return as_text(self.value(path))

    def line(self, path: str) -> str:
        """The text at a path on one line that fits a record."""
        return as_line(self.value(path))

    def lines(self, path: str) -> list[str]:
        """The texts of a list; a text alone counts as a list of one."""
        return [line for line in map(as_line, as_list(self.value(path))) if line]

    def languages(self) -> dict[str, str]:
        """Languages of the description: the code as it is written today, and the key as it is."""
        described = as_mapping(self._document.get("description"))
        found: dict[str, str] = {}
        for key, value in described.items():
            code = str(key).replace("_", "-").lower()
            if isinstance(value, dict):
                found.setdefault(TWO_LETTERS.get(code, code), str(key))
        return found

    def left_out(self) -> list[str]:
        """Paths of all that has not been read, down to single fields of a section."""
        return sorted(self._unread(self._document, "", 3))

    def _unread(self, mapping: dict[str, Any], prefix: str, depth: int) -> list[str]:
        found: list[str] = []
        for key, value in mapping.items():
            path = f"{prefix}{key}"
            if path in self._read or value in (None, "", [], {}):
                continue
            is_begun = any(read.startswith(f"{path}.") for read in self._read)
            if is_begun and isinstance(value, dict) and depth:
                found += self._unread(value, f"{path}.", depth - 1)
            else:
                found.append(path)
        return found


def as_text(value: object) -> str:
    """Text of a scalar; anything else counts as absent."""
    return str(value).strip() if isinstance(value, (str, int)) else ""


def as_line(value: object) -> str:
    """The same on one line, cut to what a line of a record holds."""
    return shortened(" ".join(as_text(value).split()), LINE_CHARS_MAX)


def as_mapping(value: object) -> dict[str, Any]:
    """A mapping; anything else counts as an empty one."""
    return value if isinstance(value, dict) else {}


def as_list(value: object) -> list[Any]:
    """A list; a scalar alone counts as a list of one."""
    if isinstance(value, list):
        return value
    return [value] if as_text(value) else []

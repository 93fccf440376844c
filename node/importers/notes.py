"""What an importer has to say to whoever imports: sentences that remember how they were made.

A `Note` is ordinary English text, as commands show it. Pages say the same in the reader's language,
by its template (node/web/import_words.py); a test keeps the two lists equal.
"""

from __future__ import annotations

from collections.abc import Mapping

Value = str | int


class Note(str):
    """A sentence with places such as %(field)s."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, Value]

    def __new__(cls, template: str, **values: Value) -> Note:
        """Make the English sentence."""
        note = super().__new__(cls, template % values if values else template)
        note.template = template
        note.values = values
        return note

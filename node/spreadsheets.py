"""Cells that a spreadsheet would take for a formula: kept from it when written, and read back.

Pure. What others wrote is never carried out on the computer of whoever opens a file.
"""

from __future__ import annotations

from typing import Final

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def guarded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def unguarded(text: str) -> str:
    """The text that a cell was guarded for."""
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text

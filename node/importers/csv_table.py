"""A CSV file as a table: headings, and rows with the numbers that a spreadsheet shows.

The separator is the one that gives the most columns alike in the first rows, read with the quoting
rules; `csv.Sniffer` guesses from single characters and takes a decimal comma for a separator.
A row that is broken is a problem of its own: reading goes on with the next line, so a quotation
mark that never ends costs its own row and not the rest of the file. All is bounded.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from node.importers import phrases
from node.importers.notes import Note
from node.importers.result import BrokenFileError, ImportProblem, shortened
from node.importers.texts import decode

TABLE_BYTES_MAX = 2_000_000
ROWS_MAX = 5_000
COLUMNS_MAX = 100
CELL_CHARS_MAX = 50_000
BROKEN_ROWS_MAX = 50
"""After so many the file is not what it says it is; what follows is not read."""
SEPARATORS = (";", ",", "\t", "|")
SAMPLE_ROWS = 50
EXAMPLE_CHARS_MAX = 60


class Row(NamedTuple):
    """A row's cells; ``number`` counts from 1 with the headings, as in a spreadsheet."""

    number: int
    cells: tuple[str, ...]


class Table(NamedTuple):
    """What a file holds, and how it was read; ``problems`` are rows that could not be."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    problems: tuple[ImportProblem, ...]
    encoding: str
    separator: str

    def example(self, column: int) -> str:
        """The first value of a column, shortened; "" when it has none."""
        found = (row.cells[column] for row in self.rows if len(row.cells) > column)
        return shortened(" ".join(next(filter(None, found), "").split()), EXAMPLE_CHARS_MAX)


def read_table(data: bytes, *, encoding: str = "", separator: str = "") -> Table:
    """Read a file's bytes; what is not given is found out.

    Raises `BrokenFileError` for what is no table at all.
    """
    if len(data) > TABLE_BYTES_MAX:
        raise BrokenFileError(1, Note(phrases.TOO_LARGE, most=TABLE_BYTES_MAX))
    decoded = decode(data, encoding=encoding, windows_too=True)
    text, said = _without_hint(decoded.text)
    if "\0" in text:
        raise BrokenFileError(text.count("\n", 0, text.index("\0")) + 1, Note(phrases.NO_TEXT))
    chosen = separator if separator in SEPARATORS else said or _likely_separator(text)
    problems: list[ImportProblem] = []
    rows = [row for row in _rows(text, chosen, problems) if any(row.cells)]
    if not rows:
        raise BrokenFileError(1, problems[0].reason if problems else Note(phrases.EMPTY_TABLE))
    head, *rest = rows
    headings = _headings(head)
    fitting = [row for row in rest if _fits(row, len(headings), problems)]
    if len(fitting) > ROWS_MAX:
        problems.append(
            ImportProblem(fitting[ROWS_MAX].number, Note(phrases.ROWS_CUT, most=ROWS_MAX))
        )
    problems.sort(key=lambda problem: problem.line)
    return Table(headings, tuple(fitting[:ROWS_MAX]), tuple(problems), decoded.encoding, chosen)


def _without_hint(text: str) -> tuple[str, str]:
    """The text without Excel's first line ``sep=;``, and the separator that it names."""
    first, _, rest = text.partition("\n")
    if first.lower().startswith("sep=") and first[4:].strip(" ") in SEPARATORS:
        return rest, first[4:].strip(" ")
    return text, ""


def _headings(head: Row) -> tuple[str, ...]:
    """Names of the columns, each once; one without a name is called by its number."""
    if len(head.cells) > COLUMNS_MAX:
        raise BrokenFileError(head.number, Note(phrases.MANY_COLUMNS, most=COLUMNS_MAX))
    found: list[str] = []
    for number, cell in enumerate(head.cells, 1):
        name = " ".join(cell.split())[:100] or f"#{number}"
        found.append(name if name not in found else f"{name} #{number}")
    return tuple(found)


def _fits(row: Row, columns: int, problems: list[ImportProblem]) -> bool:
    """Whether a row has no more cells than there are headings, empty ones apart."""
    if any(cell for cell in row.cells[columns:]):
        reason = Note(phrases.MANY_CELLS, cells=len(row.cells), columns=columns)
        problems.append(ImportProblem(row.number, reason))
        return False
    return True


def _likely_separator(text: str) -> str:
    def alike(separator: str) -> tuple[int, int]:
        """Rows with as many cells as most have, where that is more than one, and how many."""
        sample = islice(_rows(text, separator, []), SAMPLE_ROWS)
        counts = Counter(len(row.cells) for row in sample if any(row.cells))
        cells, rows = max(counts.items(), key=lambda item: item[::-1], default=(1, 0))
        return (rows, cells) if cells > 1 else (0, 0)

    return max(SEPARATORS, key=alike)


def _rows(text: str, separator: str, problems: list[ImportProblem]) -> Iterator[Row]:
    """Rows one by one; what cannot be read becomes a problem, and the next line begins a row."""
    lines = io.StringIO(text).readlines()
    start, number, broken = 0, 0, 0
    while start < len(lines):
        reader = csv.reader(lines[start:], delimiter=separator, strict=True)
        try:
            for cells in reader:
                number += 1
                if number > ROWS_MAX + BROKEN_ROWS_MAX + 2:
                    return
                if any(len(cell) > CELL_CHARS_MAX for cell in cells):
                    problems.append(ImportProblem(number, Note(phrases.LONG_CELL)))
                else:
                    yield Row(number, tuple(cell.strip() for cell in cells))
            return
        except csv.Error:
            number, broken = number + 1, broken + 1
            problems.append(ImportProblem(number, Note(phrases.BROKEN_ROW)))
            if broken >= BROKEN_ROWS_MAX:
                problems.append(ImportProblem(number + 1, Note(phrases.NO_TABLE)))
                return
            start = _line_after(lines, start, separator)


def _line_after(lines: list[str], start: int, separator: str) -> int:
    """The line after the one on which the first row from `start` that cannot be read begins."""
    reader = csv.reader(lines[start:], delimiter=separator, strict=True)
    good = 0
    try:
        for _ in reader:
            good = reader.line_num
    except csv.Error:
        pass
    return start + good + 1

"""Finds and reads the files to import; what cannot be read becomes a result with its reason."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from node.importers import phrases
from node.importers.markdown import read_markdown
from node.importers.notes import Note
from node.importers.publiccode import read_publiccode
from node.importers.result import BrokenFileError, ImportProblem, ImportResult
from node.importers.texts import FILE_BYTES_MAX, WINDOWS, decode


class ImportFormat(NamedTuple):
    """A format's reader (text, file name), the endings taken from a folder, and encodings.

    publiccode.yml is UTF-8 by its standard; Markdown is what an editor saved.
    """

    read: Callable[[str, str], ImportResult]
    endings: tuple[str, ...]
    windows_too: bool


IMPORT_FORMATS = {
    "markdown": ImportFormat(read_markdown, (".md", ".markdown"), windows_too=True),
    "publiccode": ImportFormat(read_publiccode, (".yml", ".yaml"), windows_too=False),
}


def read_files(format_name: str, paths: Sequence[Path]) -> Iterator[ImportResult]:
    """Read every file of a format in turn; a folder gives its files with the right ending."""
    chosen = IMPORT_FORMATS[format_name]
    for path in paths:
        files = files_of(format_name, path)
        if not files:
            reason = Note(phrases.NO_FILES, endings=", ".join(chosen.endings))
            yield ImportResult(str(path), "", error=ImportProblem(1, reason))
        for file in files:
            yield _read_file(format_name, file)


def files_of(format_name: str, path: Path) -> list[Path]:
    """The files of a format that a path gives: itself, or those of a folder by their endings."""
    if not path.is_dir():
        return [path]
    endings = IMPORT_FORMATS[format_name].endings
    return sorted(file for file in path.iterdir() if file.suffix.lower() in endings)


def _read_file(format_name: str, path: Path) -> ImportResult:
    """Read one file; a key made of its name alone becomes one of its whole path.

    Two folders may each hold an ``index.md``, and one must never replace the other's record.
    """
    name = unicodedata.normalize("NFC", path.name)
    try:
        data = read_bytes(path)
    except OSError as error:
        reason = Note(phrases.NOT_READABLE, why=error.strerror or str(error))
        return ImportResult(name, "", error=ImportProblem(1, reason))
    except BrokenFileError as error:
        return ImportResult(name, "", error=error.problem)
    result = read_data(format_name, name, data)
    if result.source_key.endswith(f":{result.file_name}"):
        whole = result.source_key.removesuffix(result.file_name) + str(path.resolve())
        return replace(result, source_key=whole)
    return result


def read_data(format_name: str, name: str, data: bytes) -> ImportResult:
    """Read a file's bytes in one of the formats; never raises."""
    chosen = IMPORT_FORMATS[format_name]
    try:
        decoded = decode(data, windows_too=chosen.windows_too)
    except BrokenFileError as error:
        return ImportResult(name, "", error=error.problem)
    result = chosen.read(decoded.text, name)
    if decoded.encoding == WINDOWS:
        note = Note(phrases.READ_AS, encoding=decoded.encoding)
        return replace(result, warnings=(note, *result.warnings))
    return result


def read_bytes(path: Path, most: int = FILE_BYTES_MAX) -> bytes:
    """Read a file whole; raises OSError, or BrokenFileError for one that is too large."""
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        raise BrokenFileError(1, Note(phrases.TOO_LARGE, most=most))
    return data


def read_text(path: Path) -> str:
    """Read a text file whole, without a byte order mark; raises OSError or ValueError."""
    try:
        return decode(read_bytes(path)).text
    except BrokenFileError as error:
        raise ValueError(str(error)) from error

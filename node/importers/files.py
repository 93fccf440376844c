"""Finds and reads the files to import; what cannot be read becomes a result with its reason."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from node.importers.markdown import read_markdown
from node.importers.publiccode import read_publiccode
from node.importers.result import ImportProblem, ImportResult

FILE_BYTES_MAX = 1_000_000


class ImportFormat(NamedTuple):
    """A format's reader (text, file name), and the endings taken from a folder."""

    read: Callable[[str, str], ImportResult]
    endings: tuple[str, ...]


IMPORT_FORMATS = {
    "markdown": ImportFormat(read_markdown, (".md",)),
    "publiccode": ImportFormat(read_publiccode, (".yml", ".yaml")),
}


def read_files(format_name: str, paths: Sequence[Path]) -> Iterator[ImportResult]:
    """Read every file of a format in turn; a folder gives its files with the right ending."""
    chosen = IMPORT_FORMATS[format_name]
    for path in paths:
        if path.is_dir():
            files = sorted(file for file in path.iterdir() if file.suffix.lower() in chosen.endings)
            if not files:
                reason = f"no {' or '.join(chosen.endings)} file in this folder"
                yield ImportResult(str(path), "", error=ImportProblem(1, reason))
            for file in files:
                yield _read_file(chosen, file)
        else:
            yield _read_file(chosen, path)


def _read_file(chosen: ImportFormat, path: Path) -> ImportResult:
    """Read one file; a key made of its name alone becomes one of its whole path.

    Two folders may each hold an ``index.md``, and one must never replace the other's record.
    """
    result = _read(chosen, path)
    if result.source_key.endswith(f":{result.file_name}"):
        whole = result.source_key.removesuffix(result.file_name) + str(path.resolve())
        return replace(result, source_key=whole)
    return result


def _read(chosen: ImportFormat, path: Path) -> ImportResult:
    name = unicodedata.normalize("NFC", path.name)
    try:
        text = read_text(path)
    except ValueError as error:
        return ImportResult(name, "", error=ImportProblem(_line_of(error), _reason_of(error)))
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        return ImportResult(name, "", error=ImportProblem(1, reason))
    return chosen.read(text, name)


def read_text(path: Path) -> str:
    """Read a text file whole, without a byte order mark; raises OSError or ValueError."""
    with path.open("rb") as file:
        data = file.read(FILE_BYTES_MAX + 1)
    if len(data) > FILE_BYTES_MAX:
        raise ValueError(f"the file is larger than {FILE_BYTES_MAX} bytes")
    return data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")


def _line_of(error: ValueError) -> int:
    if isinstance(error, UnicodeDecodeError):
        return bytes(error.object).count(b"\n", 0, error.start) + 1
    return 1


def _reason_of(error: ValueError) -> str:
    if isinstance(error, UnicodeDecodeError):
        return "the text is not UTF-8; save the file as UTF-8 and try again"
    return str(error)

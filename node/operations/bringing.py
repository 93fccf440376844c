"""Files that somebody at the node's own machine brings for an editor to look through.

They lie on that editor's page Importera as if the editor had chosen them there: nothing is made of
them, and nothing is published, until the editor does so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from node.errors import ArgumentError
from node.importers import IMPORT_FORMATS
from node.importers.csv_columns import from_plain
from node.importers.csv_table import TABLE_BYTES_MAX
from node.importers.files import files_of, read_bytes
from node.importers.result import BrokenFileError
from node.importers.texts import FILE_BYTES_MAX
from node.operations.draft_importing import TABLE, format_of
from node.operations.parts import Parts
from storage.account_views import Role, User
from storage.import_store import ImportFile

FILES_MAX: Final = 200
"""As many as a user has room for drafts."""
ALL_BYTES_MAX: Final = 20_000_000


@dataclass(frozen=True, slots=True)
class Brought:
    """An import that waits for a user, its files' names, and its page."""

    user: str
    files: list[str]
    url: str


async def bring_files(
    parts: Parts,
    user_name: str,
    format_name: str,
    paths: Sequence[Path],
    columns: dict[str, Any] | None,
) -> Brought:
    """Put files on an editor's page; raises `ArgumentError` and `TooManyImportsError`.

    The address is a path.
    """
    user = await _editor(parts, user_name)
    if format_name not in (*IMPORT_FORMATS, TABLE):
        raise ArgumentError(f"There is no import format {format_name!r}.")
    files = await asyncio.to_thread(_read, format_name, paths)
    try:
        mapping = from_plain(columns or {})
    except BrokenFileError as error:
        raise ArgumentError(f"{error}.") from error
    import_id = await parts.imports.begin(user, files)
    if format_name == TABLE:
        found = await parts.imports.open(user, import_id)
        assert found is not None, "it was begun for this user a moment ago"
        await parts.imports.set_columns(found, mapping)
    names = [file.name for file in files]
    return Brought(user.name, names, f"/importera/{import_id.hex()}")


async def _editor(parts: Parts, name: str) -> User:
    user = await parts.accounts.named(name)
    if user is None or not user.active:
        raise ArgumentError(f"There is no user {name!r}, or the account is closed.")
    if not user.role.covers(Role.EDITOR):
        raise ArgumentError(f"{user.name} is {user.role.value}; only an editor imports.")
    return user


def _read(format_name: str, paths: Sequence[Path]) -> list[ImportFile]:
    wanted = list(paths) if format_name == TABLE else list(_files(format_name, paths))
    if format_name == TABLE and len(wanted) != 1:
        raise ArgumentError("One table at a time is brought.")
    if not 0 < len(wanted) <= FILES_MAX:
        raise ArgumentError(
            f"From 1 to {FILES_MAX} files are brought at a time, not {len(wanted)}."
        )
    most = TABLE_BYTES_MAX if format_name == TABLE else FILE_BYTES_MAX
    files = [_read_one(format_name, path, most) for path in wanted]
    twice = {file.name for file in files if sum(one.name == file.name for one in files) > 1}
    if twice:
        raise ArgumentError(f"Two files have one name: {', '.join(sorted(twice))}.")
    if sum(len(file.content) for file in files) > ALL_BYTES_MAX:
        raise ArgumentError(f"At most {ALL_BYTES_MAX // 1_000_000} MB are brought at a time.")
    return files


def _files(format_name: str, paths: Sequence[Path]) -> Iterable[Path]:
    for path in paths:
        yield from files_of(format_name, path)


def _read_one(format_name: str, path: Path, most: int) -> ImportFile:
    if format_of(path.name) != format_name:
        raise ArgumentError(f"{path}: by its ending it is no {format_name} file. Rename it.")
    try:
        return ImportFile(path.name, read_bytes(path, most))
    except OSError as error:
        raise ArgumentError(f"{path}: {error.strerror or error}.") from error
    except BrokenFileError as error:
        raise ArgumentError(f"{path}: {error.problem.reason}.") from error

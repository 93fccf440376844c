"""Machines with a node's folder and its database on them: made, copied, lost, and put back.

Once for SQLite, where the database lies in the folder, and once for PostgreSQL, where it is one of
a server's. Whatever is copied or put back is that of a node that does not run.
"""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import ClassVar, NamedTuple, Protocol
from uuid import uuid4

import asyncpg

from migrated import migrated_template, put_migrated
from storage.database import DATABASE_FILE_NAME
from tests.postgresql_cluster import cluster


class Place(NamedTuple):
    """A data folder, and the URL of its database where that is not inside it."""

    folder: Path
    database_url: str = ""


class Disks(Protocol):
    """Where machines of one kind of database keep what they have."""

    title: ClassVar[str]

    async def prepared(self, folder: Path) -> Place:
        """A new machine; its database has all tables and nothing in them."""
        ...

    async def empty(self, folder: Path) -> Place:
        """A new machine with nothing on it."""
        ...

    async def copied(self, place: Place, folder: Path) -> Place:
        """A second machine with all that the first one has."""
        ...

    async def burn(self, place: Place) -> None:
        """Folder and database are gone."""
        ...

    async def back_up(self, place: Place) -> str:
        """Keep the database as it is, and nothing else; returns what to put back."""
        ...

    async def put_back(self, place: Place, backup: str) -> None:
        """Put that copy in the database's place; everything else on the machine stays."""
        ...


class InFolders:
    """Databases of SQLite."""

    title: ClassVar[str] = "SQLite"

    async def prepared(self, folder: Path) -> Place:
        """See `Disks`."""
        await put_migrated(folder)
        return Place(folder)

    async def empty(self, folder: Path) -> Place:
        """See `Disks`."""
        return Place(folder)

    async def copied(self, place: Place, folder: Path) -> Place:
        """See `Disks`."""
        shutil.copytree(place.folder, folder)
        return Place(folder)

    async def burn(self, place: Place) -> None:
        """See `Disks`."""
        shutil.rmtree(place.folder)

    async def back_up(self, place: Place) -> str:
        """See `Disks`; a node that was stopped leaves one whole file."""
        kept = place.folder.with_name(f"{place.folder.name}.backup")
        shutil.copy2(place.folder / DATABASE_FILE_NAME, kept)
        return str(kept)

    async def put_back(self, place: Place, backup: str) -> None:
        """See `Disks`; what SQLite had beside the file is of the newer one."""
        for file in place.folder.glob(f"{DATABASE_FILE_NAME}*"):
            file.unlink()
        shutil.copy2(backup, place.folder / DATABASE_FILE_NAME)


class OnServer:
    """Databases of one PostgreSQL server; a copy is made as a template is used."""

    title: ClassVar[str] = "PostgreSQL"

    def __init__(self, server: str) -> None:
        """``server``: its URL without a database."""
        self._server = server

    async def prepared(self, folder: Path) -> Place:
        """See `Disks`."""
        return Place(folder, await self._made(await migrated_template(self._server)))

    async def empty(self, folder: Path) -> Place:
        """See `Disks`."""
        return Place(folder, await self._made("template1"))

    async def copied(self, place: Place, folder: Path) -> Place:
        """See `Disks`."""
        shutil.copytree(place.folder, folder)
        return Place(folder, await self._made(_name(place.database_url)))

    async def burn(self, place: Place) -> None:
        """See `Disks`."""
        shutil.rmtree(place.folder)
        await self._do(f'DROP DATABASE "{_name(place.database_url)}" WITH (FORCE)')

    async def back_up(self, place: Place) -> str:
        """See `Disks`."""
        return await self._made(_name(place.database_url))

    async def put_back(self, place: Place, backup: str) -> None:
        """See `Disks`."""
        name = _name(place.database_url)
        await self._do(
            f'DROP DATABASE "{name}" WITH (FORCE)',
            f'CREATE DATABASE "{name}" TEMPLATE "{_name(backup)}"',
        )

    async def _made(self, template: str) -> str:
        name = f"tidan_{uuid4().hex}"
        await self._do(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return f"{self._server}/{name}"

    async def _do(self, *commands: str) -> None:
        connection = await asyncpg.connect(f"{self._server}/postgres")
        try:
            for command in commands:
                await connection.execute(command)
        finally:
            await connection.close()


@asynccontextmanager
async def on_postgresql() -> AsyncIterator[Disks]:
    """A server of its own, which is gone afterwards."""
    with cluster() as server:
        yield OnServer(server)


@asynccontextmanager
async def on_sqlite() -> AsyncIterator[Disks]:
    """Nothing but folders."""
    yield InFolders()


def _name(database_url: str) -> str:
    return database_url.rpartition("/")[2]

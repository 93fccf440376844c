"""The search that databases bring along, asked as well as one reasonably would, to compare with.

Each takes records as title, summary and all other words, and gives ids, the best first. Both are
asked for any of the words, because for all of them they find far less.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from typing import Any

import asyncpg

from storage.search.analyzer import words_of
from storage.sqlite_library import sqlite

Texts = Mapping[str, tuple[str, str, str]]
"""Title, summary and all other words of each record, by its id."""

FTS5_WEIGHTS = "0.0, 4.0, 2.0, 1.0"
DATABASE = "judged"


class Fts5:
    """SQLite's FTS5 with its Unicode tokenizer: the words' beginnings, ranked by bm25."""

    name = "SQLite FTS5"

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def find(self, text: str, limit: int) -> list[str]:
        """Return the best ids for what was typed."""
        query = " OR ".join(f'"{word}"*' for word in words_of(text))
        rows = self._connection.execute(
            f"SELECT id FROM records WHERE records MATCH ? ORDER BY bm25(records, {FTS5_WEIGHTS})"
            " LIMIT ?",
            (query, limit),
        )
        return [row[0] for row in rows]


@contextmanager
def fts5(texts: Texts) -> Iterator[Fts5]:
    """Give the engine with these records in it; å, ä and ö stay letters of their own."""
    with closing(sqlite.connect(":memory:")) as connection:
        connection.execute(
            "CREATE VIRTUAL TABLE records USING fts5(id UNINDEXED, title, summary, rest,"
            " tokenize = 'unicode61 remove_diacritics 0', prefix = '3 4 5')"
        )
        rows = [(record, *said) for record, said in texts.items()]
        connection.executemany("INSERT INTO records VALUES (?, ?, ?, ?)", rows)
        yield Fts5(connection)


class PostgreSql:
    """PostgreSQL's text search with its Swedish stemmer and stop words, ranked by cover density."""

    name = "PostgreSQL swedish"

    def __init__(self, connection: asyncpg.Connection[asyncpg.Record]) -> None:
        self._connection = connection

    async def find(self, text: str, limit: int) -> list[str]:
        """Return the best ids for what was typed."""
        rows = await self._connection.fetch(
            "SELECT id FROM records, websearch_to_tsquery('swedish', $1) query"
            " WHERE words @@ query ORDER BY ts_rank_cd(words, query) DESC, id LIMIT $2",
            " or ".join(words_of(text)),
            limit,
        )
        return [row["id"] for row in rows]


@asynccontextmanager
async def postgresql(server: str, texts: Texts) -> AsyncIterator[PostgreSql]:
    """Give the engine with these records in it, in a database of a UTF-8 locale on this server."""
    first = await asyncpg.connect(f"{server}/postgres")
    try:
        await first.execute(
            f"CREATE DATABASE {DATABASE} TEMPLATE template0 LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
        )
    finally:
        await first.close()
    connection = await asyncpg.connect(f"{server}/{DATABASE}")
    try:
        await connection.execute("CREATE TABLE records (id text, words tsvector)")
        await connection.executemany(
            "INSERT INTO records SELECT $1, setweight(to_tsvector('swedish', $2), 'A')"
            " || setweight(to_tsvector('swedish', $3), 'B')"
            " || setweight(to_tsvector('swedish', $4), 'C')",
            [(record, *said) for record, said in texts.items()],
        )
        yield PostgreSql(connection)
    finally:
        await connection.close()

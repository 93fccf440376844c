"""What thousands of nodes opened one after the other may share: statements as SQLite is given them.

A node translates each statement once, for its own database. Of a node that is opened to be judged
and closed again, that is a third of the work. What a statement says is the same for every database
of one kind, so the first translation serves all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy.engine import Engine
from sqlalchemy.ext.asyncio import AsyncEngine

from storage import database


@contextmanager
def shared_statements() -> Iterator[None]:
    """Let all SQLite databases opened in this block share what was translated for the first."""
    make, first = database.create_async_engine, list[Engine]()

    def make_sharing(*given: Any, **named: Any) -> AsyncEngine:
        engine = make(*given, **named)
        inner = engine.sync_engine
        first.append(inner)
        inner.dialect = first[0].dialect  # by it the library tells whose a translation is
        inner._compiled_cache = first[0]._compiled_cache
        del first[1:]
        return engine

    with patch.object(database, "create_async_engine", make_sharing):
        yield

"""Statements spelled once for each kind of database, and transactions as plain steps.

SQLAlchemy builds and compiles a statement; what is left is a text and the order of its parameters,
which a driver takes as it is. A transaction that must be fast is a generator that yields steps and
gets their rows back. It knows no connection, so the same steps run in one piece in SQLite's thread
and one after another on PostgreSQL (storage/database.py).
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from operator import itemgetter
from types import SimpleNamespace
from typing import Any, NamedTuple, TypeAlias, TypeVar

from sqlalchemy import ColumnElement, Dialect, Executable, Select, Table, bindparam
from sqlalchemy.sql.compiler import SQLCompiler

Values: TypeAlias = Mapping[str, Any]
Rows: TypeAlias = list[tuple[Any, ...]]
Result = TypeVar("Result")


class Spelled(NamedTuple):
    """A statement for one kind of database; ``arguments`` puts values in the order it takes."""

    text: str
    arguments: Callable[[Values], tuple[Any, ...]]
    returns_rows: bool


class Prepared:
    """A statement with named parameters, compiled once for each kind of database."""

    def __init__(self, statement: Executable, columns: Sequence[str] | None = None) -> None:
        """``columns`` are those an insert writes, when not all of the table's."""
        self._statement = statement
        self._columns = columns
        self._spelled: dict[str, Spelled] = {}

    def spelled(self, dialect: Dialect) -> Spelled:
        """Return the statement as ``dialect`` writes it."""
        found = self._spelled.get(dialect.name)
        if found is None:
            found = self._spelled[dialect.name] = self._spell(dialect)
        return found

    def _build(self, dialect: Dialect) -> Executable:  # noqa: ARG002  # for those that differ
        return self._statement

    def _spell(self, dialect: Dialect) -> Spelled:
        statement: Any = self._build(dialect)
        compiled: SQLCompiler = statement.compile(dialect=dialect, column_keys=self._columns)
        fixed = {name: value for name, value in compiled.params.items() if value is not None}
        arguments = _in_order(compiled.positiontup or [], fixed)
        return Spelled(
            str(compiled), arguments, bool(compiled.effective_returning or _reads(compiled))
        )


class Selection(Prepared):
    """A select whose rows may be read by the names of its columns."""

    def __init__(self, statement: Select[Any]) -> None:
        super().__init__(statement)
        self._names = [column.name for column in statement.selected_columns]

    def read(self, values: Values) -> Steps[list[Any]]:
        """Return its rows, with the columns as attributes; truth is 0 or 1 on SQLite."""
        return self.named((yield Step(self, [values])))

    def named(self, rows: Rows) -> list[Any]:
        """Return rows of it that came otherwise, with the columns as attributes."""
        return [SimpleNamespace(**dict(zip(self._names, row, strict=True))) for row in rows]


def dialect_insert(dialect: Dialect, table: Table) -> Any:
    """Return the insert of a kind of database, which can say what to do when a key is there."""
    return import_module(f"sqlalchemy.dialects.{dialect.name}").insert(table)


class Upsert(Prepared):
    """Insert a whole row, or overwrite the one with its key."""

    def __init__(self, table: Table) -> None:
        super().__init__(table.insert())
        self._table = table

    def _build(self, dialect: Dialect) -> Executable:
        insert = dialect_insert(dialect, self._table)
        keys = [column.name for column in self._table.primary_key]
        others = [column.name for column in self._table.columns if column.name not in keys]
        overwritten = {name: insert.excluded[name] for name in others}
        statement: Executable = insert.on_conflict_do_update(index_elements=keys, set_=overwritten)
        return statement


class InsertNew(Prepared):
    """Insert a row unless there is one with its key."""

    def __init__(self, table: Table, columns: Sequence[str]) -> None:
        super().__init__(table.insert(), columns)
        self._table = table

    def _build(self, dialect: Dialect) -> Executable:
        insert = dialect_insert(dialect, self._table)
        statement: Executable = insert.on_conflict_do_nothing()
        return statement


class Step(NamedTuple):
    """One statement, carried out for each of ``values``; its rows come back in one list."""

    statement: Prepared
    values: Sequence[Values] = ({},)


Steps: TypeAlias = Generator[Step, Rows, Result]


def among_ids(column: ColumnElement[bytes], at_once: int) -> ColumnElement[bool]:
    """Return the condition that a column is one of so many ids, given by :func:`ids_at_once`."""
    return column.in_([bindparam(f"id_{number}") for number in range(at_once)])


def ids_at_once(ids: Sequence[bytes], at_once: int) -> Iterator[dict[str, bytes]]:
    """Return parameters for so many ids at a time; the last is repeated to make the number full."""
    for first in range(0, len(ids), at_once):
        some = ids[first : first + at_once]
        filled = [*some, *[some[-1]] * (at_once - len(some))]
        yield {f"id_{number}": one for number, one in enumerate(filled)}


def _reads(compiled: SQLCompiler) -> bool:
    return not (compiled.isinsert or compiled.isupdate or compiled.isdelete)


def _in_order(names: Iterable[str], fixed: Values) -> Callable[[Values], tuple[Any, ...]]:
    """Return what picks the named values; those the statement itself fixes are already there."""
    wanted = list(names)
    if any(name in fixed for name in wanted):
        return lambda values: tuple(values.get(name, fixed.get(name)) for name in wanted)
    if len(wanted) == 1:
        return lambda values: (values[wanted[0]],)
    return itemgetter(*wanted) if wanted else lambda _: ()

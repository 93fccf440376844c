"""A panic of tantivy as an error like any other.

Its Python package raises what is no `Exception`, so that it would end a whole task of the node.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from storage.errors import IndexingError

_PANIC = "PanicException"
"""By name, since no module offers it."""


@contextmanager
def panics_as_errors() -> Iterator[None]:
    """Raise :class:`storage.errors.IndexingError` where the index's files make tantivy panic."""
    try:
        yield
    except BaseException as error:
        if type(error).__name__ != _PANIC:
            raise
        raise IndexingError("The files of the search index are damaged.") from error

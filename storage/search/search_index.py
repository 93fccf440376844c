"""The index on the disk: opened or made, written by one, read by all, and how far it has come.

A folder beside the database. ``state.json`` says for which database the index was made, by which
rules, and how far each log is in it; it is written after the index has committed. So a crash
between the two only means that some records are put in once more, which changes nothing. Whatever
does not fit (another database, older rules, an index that cannot be read) makes it begin anew: all
of it comes from the log.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import tantivy
from tantivy import Query

from storage.durable_file import make_folder, sync_folder, write_durably
from storage.errors import IndexingError
from storage.search.documents import KEY, WORDS, Indexed, document, key_of, schema
from storage.search.panics import panics_as_errors

FOLDER_NAME = "search"
INDEX_VERSION = 4
"""Raise this when documents or terms change; every node then indexes anew by itself."""

_STATE_NAME = "state.json"
_PRIVATE = 0o700
"""It holds texts that are for members only; nobody else on the machine reads them."""
_INDEX_NAME = "index"
HEAP_BYTES = 15_000_000
"""What is held in memory before it becomes a segment; few large ones are quicker to search."""
_THREADS = 1
_FEW_CHANGES = 100
"""After more, what was counted is counted anew."""


class View(NamedTuple):
    """What is found at one moment; ``generation`` is another number whenever that may be other."""

    generation: int
    searcher: tantivy.Searcher


class SearchIndex:
    """The index in ``folder`` for the database with this epoch. Calls block; use a thread."""

    def __init__(self, folder: Path, epoch: bytes, heap_bytes: int = HEAP_BYTES) -> None:
        self._heap_bytes = heap_bytes
        self._folder = folder
        self._epoch = epoch
        self._writer: tantivy.IndexWriter | None = None
        self._cursors: dict[int, int] = {}
        self._is_lost = False
        self._changed: set[int] = set()
        self.listeners: list[Callable[[View, View, Sequence[int]], None]] = []
        """Called after a commit that changed few documents, with what was found before and is now,
        and the keys of those that are not the same in both."""
        self._generation = 0
        self._index = self._open()

    @property
    def cursors(self) -> Mapping[int, int]:
        """How far each log is indexed, by its number in the database."""
        return self._cursors

    @property
    def schema(self) -> tantivy.Schema:
        """Its fields."""
        return self._index.schema

    @property
    def view(self) -> View:
        """What is committed; it stays as it is."""
        return self._view

    def searcher(self) -> tantivy.Searcher:
        """Return what finds it."""
        return self._view.searcher

    def clear(self, epoch: bytes | None = None) -> None:
        """Throw all of it away and begin with nothing; ``epoch`` is the database's new one."""
        self.close()
        self._epoch = epoch or self._epoch
        shutil.rmtree(self._folder, ignore_errors=True)
        self._cursors = {}
        self._index = self._open()

    def forget(self, log_no: int) -> None:
        """Have been nowhere in one log: with the next commit all of it is put in anew."""
        self._cursors.pop(log_no, None)

    def apply(
        self, records: Iterable[Indexed], gone: Iterable[bytes], cursors: Mapping[int, int]
    ) -> None:
        """Put in or replace some records, take others out, and note how far it is.

        When this or :meth:`commit` fails, the index is again what the disk has of it.
        """
        with self._or_as_on_disk():
            if self._is_lost:
                self._reopen()
            writer = self._writer or self._index.writer(self._heap_bytes, _THREADS)
            self._writer = writer
            for record in gone:
                self._take_out(writer, record)
            for indexed in records:
                self._take_out(writer, indexed.record)
                writer.add_document(document(indexed))
        self._cursors |= cursors

    def _take_out(self, writer: tantivy.IndexWriter, record: bytes) -> None:
        key = key_of(record)
        # Looking is quicker: what is taken out is looked for in every segment, with the commit.
        if key in self._changed or self.searcher().doc_freq(KEY, key):
            # By a query: deleting by term takes every number for a signed one, and finds nothing.
            writer.delete_documents_by_query(Query.term_query(self.schema, KEY, key))
        self._changed.add(key)

    def commit(self) -> None:
        """Make what was applied durable and visible."""
        if self._writer is not None:
            with self._or_as_on_disk():
                self._writer.commit()
                # The library syncs its folder before it names what is committed, and not after.
                sync_folder(self._folder / _INDEX_NAME)
                self._index.reload()
            before, changed = self._view, sorted(self._changed)
            self._see(self._index)
            if len(changed) <= _FEW_CHANGES:
                for listener in self.listeners:
                    listener(before, self._view, changed)
        self._write_state()

    def look(self) -> None:
        """Find what another process has committed to it by now."""
        self._index.reload()
        self._see(self._index)

    def refresh(self) -> None:
        """See what another process has committed to it."""
        self.look()
        self._cursors = self._read_state() or {}

    def _see(self, index: tantivy.Index) -> None:
        self._changed.clear()
        self._generation += 1
        self._view = View(self._generation, index.searcher())

    def close(self) -> None:
        """Let go of the writer; what was not committed is indexed again the next time."""
        writer, self._writer = self._writer, None
        if writer is not None:
            with suppress(ValueError):  # its files may be gone, and then there is nothing to undo
                writer.rollback()

    def close_merged(self) -> None:
        """Let go of the writer when the segments that are being merged are one.

        What was not committed is lost.
        """
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.wait_merging_threads()

    @contextmanager
    def _or_as_on_disk(self) -> Iterator[None]:
        """What failed may have been half done: forget it, and how far it would have come."""
        try:
            with panics_as_errors():
                yield
        except Exception:  # of any kind: it is raised again
            self._writer = None
            # While the disk is out of order it stays lost.
            with suppress(OSError, ValueError, IndexingError):
                self._reopen()
            raise

    def _reopen(self) -> None:
        self._is_lost, self._cursors = True, {}
        self._index = self._open()
        self._is_lost = False

    def _open(self) -> tantivy.Index:
        opened = self._open_or_make()
        self._see(opened)
        return opened

    def _open_or_make(self) -> tantivy.Index:
        state = self._read_state()
        place = self._folder / _INDEX_NAME
        if state is None:
            shutil.rmtree(self._folder, ignore_errors=True)
            make_folder(self._folder)
            make_folder(place)
            made = tantivy.Index(schema(), path=str(place))
            self._write_state()
            return made
        self._cursors = state
        self._folder.chmod(_PRIVATE)  # one of an earlier version was not
        return tantivy.Index.open(str(place))

    def _read_state(self) -> dict[int, int] | None:
        """How far it is; None when there is no index here that fits."""
        try:
            state = json.loads((self._folder / _STATE_NAME).read_bytes())
            fits = state["epoch"] == self._epoch.hex() and state["version"] == INDEX_VERSION
            with panics_as_errors():
                index = tantivy.Index.open(str(self._folder / _INDEX_NAME))
                index.searcher().doc_freq(WORDS, "")  # opens the files that are opened last
            return (
                {int(log_no): int(number) for log_no, number in state["cursors"].items()}
                if fits
                else None
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexingError):
            return None

    def _write_state(self) -> None:
        cursors = {str(log_no): number for log_no, number in self._cursors.items()}
        state = {"epoch": self._epoch.hex(), "version": INDEX_VERSION, "cursors": cursors}
        write_durably(self._folder / _STATE_NAME, json.dumps(state).encode())

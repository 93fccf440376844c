"""Comments on a record as its page shows them: in threads, and a page at a time. Pure.

Two levels whatever the entries say: a chain of answers to answers, which anyone can write as long
as they like, must not become as deep a page. Nor as long a one: pages are cut by the number of
comments, and one that begins inside a thread repeats what the thread is about.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from node.web.listing import page_numbers
from storage.record_views import CommentRow, RecordRow

COMMENTS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class CommentNode:
    """A comment and the answers to it; `may_accept` when our municipality asked."""

    row: CommentRow
    may_accept: bool
    text: str = ""
    answers: list[CommentNode] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CommentPage:
    """One page of a record's comments."""

    threads: list[CommentNode]
    total: int
    page: int
    pages: int

    @property
    def page_numbers(self) -> list[int | None]:
        """The numbers to choose between."""
        return page_numbers(self.page, self.pages)

    def page_url(self, page: int) -> str:
        """Address of another page of the same comments, from the record's own page."""
        return f"?sida={page}#kommentarer"

    @property
    def entry_ids(self) -> list[bytes]:
        """The comments on this page, whose texts are needed."""
        return [one.row.entry_id for thread in self.threads for one in (thread, *thread.answers)]

    def with_texts(self, texts: Mapping[bytes, str]) -> CommentPage:
        """The same page, with what each comment says."""
        threads = [
            replace(
                thread,
                text=texts.get(thread.row.entry_id, ""),
                answers=[
                    replace(one, text=texts.get(one.row.entry_id, "")) for one in thread.answers
                ],
            )
            for thread in self.threads
        ]
        return replace(self, threads=threads)


def make_threads(
    record: RecordRow, comments: Sequence[CommentRow], own_log: bytes
) -> list[CommentNode]:
    """Answers under the comment that began the thread; marks without text show at the answer."""
    asked_here = record.type == "fraga" and record.log == own_log
    by_id = {row.entry_id: row for row in comments if row.has_text}
    threads: dict[bytes, CommentNode] = {}
    answers: list[tuple[bytes, CommentNode]] = []
    beginnings = _beginnings(by_id)
    for entry_id, row in by_id.items():
        first = beginnings[entry_id]
        node = CommentNode(row, _may_accept(row, by_id, own_log, asked_here))
        if first == entry_id:
            threads[entry_id] = node
        else:
            answers.append((first, node))
    for thread, node in answers:
        threads[thread].answers.append(node)
    return list(threads.values())


def comment_page(
    threads: Sequence[CommentNode], page: int, shown: bytes | None = None
) -> CommentPage:
    """The page with this number, or the one that holds the comment `shown`."""
    flat = [(thread, one) for thread in threads for one in (thread, *thread.answers)]
    if shown is not None:
        place = next((n for n, (_, one) in enumerate(flat) if one.row.entry_id == shown), 0)
        page = place // COMMENTS_SHOWN + 1
    pages = max(1, -(-len(flat) // COMMENTS_SHOWN))
    page = max(1, min(page, pages))
    found: dict[bytes, CommentNode] = {}
    for thread, one in flat[(page - 1) * COMMENTS_SHOWN : page * COMMENTS_SHOWN]:
        kept = found.setdefault(thread.row.entry_id, replace(thread, answers=[]))
        if one is not thread:
            kept.answers.append(one)
    return CommentPage(list(found.values()), len(flat), page, pages)


def _beginnings(by_id: Mapping[bytes, CommentRow]) -> dict[bytes, bytes]:
    """For each comment the one that began its thread; each step of a chain is taken once."""
    found: dict[bytes, bytes] = {}
    for entry_id in by_id:
        path: dict[bytes, None] = {}
        place = entry_id
        while place not in found and place not in path:
            path[place] = None
            before = by_id[place].answer_to
            if before is None or before not in by_id:
                break
            place = before
        found |= dict.fromkeys(path, found.get(place, place))
    return found


def _may_accept(
    row: CommentRow, by_id: Mapping[bytes, CommentRow], own_log: bytes, asked_here: bool
) -> bool:
    if row.kind != "answer" or row.accepted or row.withdrawn is not None or row.log == own_log:
        return False
    question = by_id.get(row.answer_to) if row.answer_to else None
    return asked_here or (question is not None and question.log == own_log)

"""What importing some results would do, decided before anything is written.

A thing is known again by where it came from, else by its title: in the own log and among drafts.
What is known with the same content is left alone; what its source has changed becomes a new
version; a title that is taken by something else is a duplicate, for a person to decide about. Two
of one title in the same import are both meant, if their content differs, and said. So an import
that broke off goes on without making anything twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from node.ground.ground import Ground
from node.importers import ImportProblem, ImportResult, phrases
from node.importers.notes import Note
from protocol import strict_json
from protocol.content import Experience
from storage.import_store import Mark
from storage.record_views import MEMBERS

SAME_TITLE_MAX = 20
"""Records of one title that are compared, the newest first."""


class Fate(StrEnum):
    """What becomes of one thing."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DRAFTED = "drafted"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Plan:
    """A result and its fate; ``source`` and ``digest`` are what it is remembered by.

    ``record`` is the own record that it is or resembles, ``version`` that record's present entry,
    ``draft`` the draft. ``note`` says why it is a duplicate or refused, or what to look at.
    """

    result: ImportResult
    fate: Fate
    source: bytes = b""
    digest: bytes = b""
    record: bytes | None = None
    version: bytes | None = None
    draft: bytes | None = None
    note: Note | None = None


@dataclass(slots=True)
class Seen:
    """What an import has come to so far: sources, and digests by title."""

    sources: set[bytes] = field(default_factory=set)
    titles: dict[str, set[bytes]] = field(default_factory=dict)

    def take(self, results: Iterable[ImportResult]) -> None:
        """Note the results of an earlier part of the import."""
        for result in results:
            if result.experience is not None:
                self.note(source_of(result), result.experience)

    def note(self, source: bytes, experience: Experience) -> None:
        """Note one thing."""
        self.sources.add(source)
        self.titles.setdefault(experience.title.casefold(), set()).add(digest_of(experience))


@dataclass(frozen=True, slots=True)
class Known:
    """What the node knows that results are compared with."""

    marks: Mapping[bytes, Mark]
    own_titles: Mapping[str, Sequence[bytes]]
    draft_titles: Mapping[str, bytes]


async def make_plans(ground: Ground, results: Sequence[ImportResult], seen: Seen) -> list[Plan]:
    """Decide about each result, in order; `seen` is brought up to date."""
    store = ground.import_store
    known = Known(
        await store.marks(source_of(result) for result in results if result.experience),
        await store.titles_of(ground.own_log),
        await store.draft_titles(),
    )
    return [await _plan(ground, result, known, seen) for result in results]


async def _plan(ground: Ground, result: ImportResult, known: Known, seen: Seen) -> Plan:
    experience = result.experience
    if experience is None:
        return Plan(result, Fate.REFUSED, note=result.error.reason if result.error else None)
    found = Plan(result, Fate.NEW, source_of(result), digest_of(experience))
    title = experience.title.casefold()
    earlier = seen.titles.get(title, set())
    if found.source in seen.sources or found.digest in earlier:
        problem = ImportProblem(result.row or 1, Note(phrases.SAME_THING))
        refused = replace(result, experience=None, error=problem)
        return replace(found, result=refused, fate=Fate.REFUSED, note=problem.reason)
    is_first = not earlier
    seen.note(found.source, experience)
    mark = known.marks.get(found.source)
    if mark is not None:
        return await _marked(ground, found, mark)
    if title in known.own_titles:
        titled = await _titled(ground, found, known.own_titles[title])
        if is_first or titled.fate is Fate.UNCHANGED:
            return titled
    if not is_first:
        return replace(found, note=Note(phrases.TITLE_TWICE))
    if title in known.draft_titles:
        draft, note = known.draft_titles[title], Note(phrases.DRAFT_OF_THAT_TITLE)
        return replace(found, fate=Fate.DUPLICATE, draft=draft, note=note)
    return found


async def _marked(ground: Ground, found: Plan, mark: Mark) -> Plan:
    """The fate of what was imported before."""
    if mark.record is None:
        return replace(found, fate=Fate.DRAFTED, draft=mark.draft_id)
    known = replace(found, record=mark.record)
    if mark.digest == found.digest:
        return replace(known, fate=Fate.UNCHANGED)
    is_same, version = await _compared(ground, known)
    fate = Fate.UNCHANGED if is_same else Fate.CHANGED
    return replace(known, fate=fate, version=version)


async def _titled(ground: Ground, found: Plan, titled: Sequence[bytes]) -> Plan:
    """The fate of what has the title of own records: one says the same, or it is a duplicate."""
    plans = []
    for record in titled[:SAME_TITLE_MAX]:
        plan = replace(found, record=record)
        is_same, version = await _compared(ground, plan)
        if is_same:
            return replace(plan, fate=Fate.UNCHANGED, version=version)
        plans.append(replace(plan, version=version))
    return replace(plans[0], fate=Fate.DUPLICATE, note=Note(phrases.RECORD_OF_THAT_TITLE))


async def _compared(ground: Ground, plan: Plan) -> tuple[bool, bytes | None]:
    """Whether the own record says the same already, and the entry that it stands as."""
    assert plan.record is not None
    detail = await ground.queries.record(plan.record, visible=MEMBERS)
    if detail is None or detail.experience is None:
        return False, None
    bare = detail.experience.model_copy(update={"replaces": None, "checked": None})
    return digest_of(bare) == plan.digest, detail.entry_id


def source_of(result: ImportResult) -> bytes:
    """The digest by which the place that a result came from is remembered."""
    return hashlib.sha256(result.source_key.encode()).digest()


def digest_of(experience: Experience) -> bytes:
    """The digest by which content is compared."""
    return hashlib.sha256(strict_json.dumps(experience)).digest()

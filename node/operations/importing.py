"""Publishing what files hold, so that importing the same files again publishes nothing twice.

Each thing imported has a key of its own (from its reader). What was published under a key is
remembered with a digest of its content: unchanged files are left alone, changed ones become a new
version of the same record. A file that cannot be read or published is listed with its line and
reason, and the rest goes on.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from node.errors import ArgumentError
from node.importers import IMPORT_FORMATS, ImportResult, read_files
from node.operations.parts import Parts
from node.operations.publish import Ready
from protocol import strict_json
from protocol.content import Experience

GROUP_FILES = 100
PUBLISHED, UPDATED, UNCHANGED, REFUSED = "published", "updated", "unchanged", "refused"


@dataclass(frozen=True, slots=True)
class Imported:
    """One file: what became of it, its record, and for a refused one the line and the reason."""

    file: str
    outcome: str
    record: str | None
    warnings: list[str]
    line: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class _Planned:
    """A record to publish, under the key it is remembered by."""

    result: ImportResult
    key: str
    digest: str
    experience: Experience
    replaces: str | None


async def import_results(parts: Parts, format_name: str, paths: Sequence[Path]) -> list[Imported]:
    """Read files and publish what is new or changed; raises `RecoveringError` and the like."""
    if format_name not in IMPORT_FORMATS:
        known = " and ".join(sorted(IMPORT_FORMATS))
        raise ArgumentError(f"There is no import format {format_name!r}; there are {known}.")
    results = await asyncio.to_thread(lambda: list(read_files(format_name, paths)))
    done: list[Imported] = []
    keys: set[str] = set()
    for start in range(0, len(results), GROUP_FILES):
        done += await _import_group(parts, results[start : start + GROUP_FILES], keys)
    await parts.publisher.shown()
    return done


async def _import_group(
    parts: Parts, results: Sequence[ImportResult], keys: set[str]
) -> list[Imported]:
    """Publish one group; `keys` are those of this import so far."""
    done: dict[int, Imported] = {}
    planned: dict[int, _Planned] = {}
    for number, result in enumerate(results):
        outcome = await _plan(parts, result)
        if isinstance(outcome, _Planned):
            planned[number] = outcome
        else:
            done[number] = outcome
    experiences = [plan.experience for plan in planned.values()]
    checked = await parts.publisher.check("experience", experiences)
    ready: dict[int, Ready] = {}
    for (number, plan), item in zip(planned.items(), checked, strict=True):
        if isinstance(item, ArgumentError):
            done[number] = _refused(plan.result, 1, str(item))
        elif plan.key in keys:
            done[number] = _refused(plan.result, 1, "another file of this import is the same thing")
        else:
            keys.add(plan.key)
            ready[number] = item
    written = await parts.publisher.write(list(ready.values()))
    published = {number: entry.record for number, entry in zip(ready, written, strict=True)}
    await parts.facts.put_many(
        {
            planned[number].key: json.dumps([record, planned[number].digest])
            for number, record in published.items()
        }
    )
    for number, record in published.items():
        plan = planned[number]
        word = UPDATED if plan.replaces else PUBLISHED
        done[number] = Imported(plan.result.file_name, word, record, list(plan.result.warnings))
    return [done[number] for number in range(len(results))]


async def _plan(parts: Parts, result: ImportResult) -> _Planned | Imported:
    if result.experience is None:
        problem = result.error
        return _refused(result, problem.line if problem else 1, problem.reason if problem else "")
    key = "import:" + hashlib.sha256(result.source_key.encode()).hexdigest()
    digest = hashlib.sha256(strict_json.dumps(result.experience)).hexdigest()
    known = json.loads(await parts.facts.get(key) or "[null, null]")
    record, known_digest = known
    if known_digest == digest:
        return Imported(result.file_name, UNCHANGED, record, list(result.warnings))
    experience = result.experience.model_copy(update={"replaces": record})
    return _Planned(result, key, digest, experience, record)


def _refused(result: ImportResult, line: int, reason: str) -> Imported:
    return Imported(result.file_name, REFUSED, None, list(result.warnings), line, reason)

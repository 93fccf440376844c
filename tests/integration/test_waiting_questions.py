"""Questions that wait: which those are, how they are listed, and that they are counted right."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest

from content_factories import an_experience
from factories import LogMaker
from protocol.content import Comment, RootContent, Withdraw
from protocol.directory import Standing
from storage.database import Database
from storage.record_queries import RecordQueries
from storage.record_views import MEMBERS, NO_ACCEPTED, NO_ANSWER, PUBLIC, RecordFilter
from storage_factories import AREAS, project, record_queries, store, write

KINDS = (NO_ANSWER, NO_ACCEPTED)


def say(maker: LogMaker, kind: str, content: RootContent) -> str:
    """Append content to a log; returns the entry's id."""
    return write(maker, kind, content).entry.id.hex()


def two_logs() -> tuple[LogMaker, LogMaker]:
    """Who asks, and who answers."""
    return LogMaker(1, code="1401", name="Exempel 1"), LogMaker(2, code="1402", name="Exempel 2")


async def hand_over(database: Database, *makers: LogMaker) -> None:
    """Store what was written, and bring the projections up to it."""
    for maker in makers:
        await store(database, maker)
    await project(database)


async def listed(
    queries: RecordQueries, answers: str, visible: tuple[str, ...] = PUBLIC, **choices: Any
) -> list[str]:
    """Titles of what waits; totals and counts beside choices must agree with them."""
    wanted = RecordFilter(answers=answers, page_size=200, **choices)
    page, facets = await queries.page_and_facets(wanted, visible=visible)
    assert page.total == len(page.rows) == sum(facets.municipalities.values())
    assert page.total == sum(facets.types.values())
    return sorted(row.title for row in page.rows)


async def test_a_question_waits_until_whoever_asked_marks_what_helped(database: Database) -> None:
    """A comment is no answer, an answer alone not yet one that helped, and a mark undone waits."""
    asker, other = two_logs()
    question = say(asker, "experience", an_experience(type="fraga", title="Exempel: hur?"))
    say(asker, "experience", an_experience(title="Exempel: ingen fråga"))
    await hand_over(database, asker)
    queries, one = record_queries(database), ["Exempel: hur?"]
    assert [await listed(queries, kind) for kind in KINDS] == [one, one]

    say(other, "comment", Comment(record=question, text="Vi undrar också."))
    await hand_over(database, other)
    assert [await listed(queries, kind) for kind in KINDS] == [one, one]

    answer = say(other, "comment", Comment(record=question, text="Så.", kind="answer"))
    say(other, "comment", Comment(record=question, accepts=answer))
    await hand_over(database, other)
    assert [await listed(queries, kind) for kind in KINDS] == [[], one]

    mark = say(asker, "comment", Comment(record=question, accepts=answer))
    await hand_over(database, asker)
    assert [await listed(queries, kind) for kind in KINDS] == [[], []]

    say(asker, "withdraw", Withdraw(target=mark, reason="Exempel"))
    say(other, "withdraw", Withdraw(target=answer, reason="Exempel"))
    await hand_over(database, asker, other)
    assert [await listed(queries, kind) for kind in KINDS] == [one, one]


async def test_answers_of_a_log_that_is_hidden_are_none(database: Database) -> None:
    """Blocking who answered makes the question wait again at once, and lifting it ends that."""
    asker, other = two_logs()
    question = say(asker, "experience", an_experience(type="fraga", title="Exempel: hur?"))
    say(other, "comment", Comment(record=question, text="Så.", kind="answer"))
    await hand_over(database, asker, other)
    queries, log_store = record_queries(database), await store(database)
    assert await listed(queries, NO_ANSWER) == []

    await log_store.set_standing(other.log, Standing.BLOCKED, "Exempel", now_ms=1)
    assert await listed(queries, NO_ANSWER) == ["Exempel: hur?"]
    await log_store.set_standing(other.log, Standing.MEMBER, now_ms=2)
    assert await listed(queries, NO_ANSWER) == []
    await log_store.set_standing(asker.log, Standing.BLOCKED, "Exempel", now_ms=3)
    assert await listed(queries, NO_ACCEPTED) == []


@pytest.mark.parametrize("seed", range(3))
async def test_counts_kept_up_are_those_of_counting_anew(database: Database, seed: int) -> None:
    """However the logs move on, for any choice, with and without a text to look for."""
    print(f"seed={seed}")
    random, queries = Random(seed), record_queries(database)
    makers = [LogMaker(n, code=f"14{n:02}", name=f"Exempel {n}") for n in range(1, 5)]
    asked: list[str] = []
    for _ in range(5):
        for maker in random.sample(makers, 2):
            for _ in range(4):
                _write_something(random, maker, asked)
            await hand_over(database, maker)
        for answers in KINDS:
            for visible in (PUBLIC, MEMBERS):
                choices = {"area": random.choice(["", "aldre", *AREAS])}
                kept = await listed(queries, answers, visible, **choices)
                assert kept == await listed(record_queries(database), answers, visible, **choices)
                assert kept == await listed(queries, answers, visible, text="exempel", **choices)


def _write_something(random: Random, maker: LogMaker, asked: list[str]) -> None:
    if asked and random.random() < 0.6:
        kind = random.choice(["answer", "answer", "comment"])
        say(maker, "comment", Comment(record=random.choice(asked), text="Exempel", kind=kind))
        return
    asked.append(
        say(
            maker,
            "experience",
            an_experience(
                type="fraga",
                title=f"Exempel {len(asked)}",
                area=random.choice(AREAS),
                visibility=random.choice(["public", "federation"]),
            ),
        )
    )

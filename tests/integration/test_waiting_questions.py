"""Questions that wait: which those are, how they are listed, and that they are counted right."""

from __future__ import annotations

from random import Random
from typing import Any, NamedTuple

import pytest

from content_factories import an_experience
from factories import LogMaker
from protocol.content import Comment, Experience, RootContent, Withdraw
from protocol.directory import Standing
from query_plans import noted_statements
from storage.database import Database
from storage.projections import Projections
from storage.question_counts import ANSWERED
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


@pytest.mark.parametrize("is_told", [True, False])
@pytest.mark.parametrize("seed", range(2))
async def test_counts_kept_up_are_those_of_counting_anew(
    database: Database, seed: int, is_told: bool
) -> None:
    """However the logs move on, for any choice, with and without a text to look for; whether what
    has come is known from who projected it or not."""
    print(f"seed={seed}")
    random, projections = Random(seed), Projections(database)
    queries = record_queries(database, projections.recent if is_told else None)
    makers = [LogMaker(n, code=f"14{n:02}", name=f"Exempel {n}") for n in range(1, 5)]
    said: list[_Said] = []
    for _ in range(12):
        for maker in random.sample(makers, random.choice([1, 2])):
            for _ in range(random.choice([1, 4])):
                _say_something(random, maker, said)
            await store(database, maker)
            await project(database, projections)
        for answers in KINDS:
            for visible in (PUBLIC, MEMBERS):
                choices = {"area": random.choice(["", "aldre", *AREAS])}
                kept = await listed(queries, answers, visible, **choices)
                assert kept == await listed(record_queries(database), answers, visible, **choices)
                assert kept == await listed(queries, answers, visible, text="exempel", **choices)


async def test_only_what_was_asked_is_counted_anew(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry that is about no question has none counted again, and an answer does."""
    asker, other = two_logs()
    question = say(asker, "experience", an_experience(type="fraga", title="Exempel: hur?"))
    say(other, "comment", Comment(record=question, text="Vi undrar också."))
    projections = Projections(database)
    queries = record_queries(database, projections.recent)

    async def titles_and_counting(*makers: LogMaker) -> tuple[list[str], bool]:
        await store(database, *makers)
        await project(database, projections)
        with noted_statements(monkeypatch, database.engine.dialect.name) as statements:
            titles = await listed(queries, NO_ANSWER)
        return titles, any(f"AS {ANSWERED} " in one for one in statements)

    assert await titles_and_counting(asker, other) == (["Exempel: hur?"], True)
    say(other, "experience", an_experience(title="Exempel: något annat"))
    assert await titles_and_counting(other) == (["Exempel: hur?"], False)
    say(other, "comment", Comment(record=question, text="Så.", kind="answer"))
    assert await titles_and_counting(other) == ([], True)


class _Said(NamedTuple):
    """An entry, whose it is, and the record that it is about."""

    maker: LogMaker
    entry: str
    record: str


def _say_something(random: Random, maker: LogMaker, said: list[_Said]) -> None:
    """A question or another text, an answer, a mark, a change or a withdrawal."""
    own = [one for one in said if one.maker is maker]
    act = random.choice(["ask", "ask", "answer", "answer", "comment", "accept", "change", "undo"])
    content: RootContent
    if act == "undo" and own:
        kind, target = "withdraw", random.choice(own)
        content = Withdraw(target=target.entry, reason="Exempel")
    elif act == "change" and (texts := [one for one in own if one.entry == one.record]):
        kind, target = "experience", random.choice(texts)
        content = _a_text(random, len(said), replaces=target.record)
    elif act in ("answer", "comment") and said:
        kind, target = "comment", random.choice(said)
        content = Comment(record=target.record, text="Exempel", kind=act)
    elif act == "accept" and said:
        kind, target = "comment", random.choice(said)
        content = Comment(record=target.record, accepts=target.entry)
    else:
        entry = say(maker, "experience", _a_text(random, len(said)))
        said.append(_Said(maker, entry, entry))
        return
    said.append(_Said(maker, say(maker, kind, content), target.record))


def _a_text(random: Random, number: int, **changes: str) -> Experience:
    return an_experience(
        type=random.choice(["fraga", "fraga", "erfarenhet"]),
        title=f"Exempel {number}",
        area=random.choice(AREAS),
        visibility=random.choice(["public", "federation"]),
        **changes,
    )

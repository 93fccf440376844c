"""What may be published: answers to records that are here, changes of what is ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from content_factories import an_experience
from factories import LogMaker
from node.errors import ArgumentError
from node.intake.signing import Draft
from node.intake.step import Arrival, Outcome
from node.operations.node import Node
from node.operations.publish import GROUP_ENTRIES_MAX
from node_factories import example_record
from protocol import strict_json
from protocol.content import Comment, Experience, Helped, Interest, RootContent, Use, Withdraw
from protocol.directory import Standing
from protocol.errors import LocalError
from protocol.run import encode_run

NOWHERE = "ab" * 32
ANSWERS: dict[str, Callable[[str], RootContent]] = {
    "comment": lambda record: Comment(record=record, text="Exempel: hur gick det?"),
    "use": lambda record: Use(record=record),
    "helped": lambda record: Helped(record=record),
    "interest": lambda record: Interest(record=record, interest="samverka"),
}


async def arrived(node: Node, *contents: tuple[str, RootContent | bytes]) -> list[str]:
    """Entries of a neighbour's log, stored here and not waited for; returns their ids."""
    maker = LogMaker(2)
    for kind, content in contents:
        maker.append(kind, content if isinstance(content, bytes) else strict_json.dumps(content))
    await node.standings.decide(maker.log, Standing.MEMBER, "exempel")
    answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
    payload = encode_run(maker.envelopes)
    node.ingest.arrive(Arrival(1, maker.log, payload, answered.set_result))
    assert (await answered).error is None
    return [envelope.entry.id.hex() for envelope in maker.envelopes[1:]]


async def refusal(node: Node, kind: str, content: Any) -> str:
    """Why content is refused; nothing of it is signed."""
    before = list(node.directory.items())
    with pytest.raises(ArgumentError) as caught:
        await node.publisher.publish(kind, content)
    assert list(node.directory.items()) == before
    return str(caught.value)


@pytest.mark.parametrize("kind", ANSWERS)
async def test_answers_need_a_record_that_is_here(node: Node, kind: str) -> None:
    """A record of anybody's can be answered; a comment, an edit or nothing at all cannot."""
    theirs, comment = await arrived(
        node, ("experience", an_experience()), ("comment", Comment(record=NOWHERE, text="Exempel"))
    )
    own = (await node.publisher.publish("experience", example_record("Exempel"))).record
    edited = await node.publisher.publish("experience", example_record("Exempel", replaces=own))

    for record in (theirs, own):
        published = await node.publisher.publish(kind, ANSWERS[kind](record))
        assert published.record == record
    for no_record in (NOWHERE, comment, edited.entry):
        assert "no record" in await refusal(node, kind, ANSWERS[kind](no_record))


async def test_an_answer_finds_a_record_that_has_just_arrived(node: Node) -> None:
    """What is in the log and not yet projected is waited for, not refused."""
    (theirs,) = await arrived(node, ("experience", an_experience()))

    published = await node.publisher.publish("comment", ANSWERS["comment"](theirs))

    assert published.record == theirs


async def test_own_records_and_lost_ones_are_replaced(node: Node) -> None:
    """An edit names an own record, readable or not; an edit, an answer or nothing is refused."""
    own = (await node.publisher.publish("experience", example_record("Exempel"))).record
    lost = (await node.publisher.write(await lost_record(node)))[0].entry
    edit = await node.publisher.publish("experience", example_record("Exempel", replaces=own))
    use = await node.publisher.publish("use", Use(record=own))

    found = await node.publisher.publish("experience", example_record("Exempel", replaces=lost))

    assert edit.record == own
    assert found.record == lost
    for entry in (edit.entry, use.entry, NOWHERE):
        content = example_record("Exempel", replaces=entry)
        assert "own record" in await refusal(node, "experience", content)


async def lost_record(node: Node) -> list[Any]:
    """An own experience that this version cannot read, as a newer one would have written it."""
    (ready,) = await node.publisher.ready("experience", [an_experience()])
    newer = ready.draft._replace(content=b'{"schema":9}')
    return [ready._replace(draft=newer)]


async def test_own_entries_of_every_kind_are_withdrawn(node: Node) -> None:
    """Records, edits and answers of ours can be withdrawn, those of others cannot."""
    theirs, their_use = await arrived(
        node, ("experience", an_experience()), ("use", Use(record=NOWHERE))
    )
    own = (await node.publisher.publish("experience", example_record("Exempel"))).record
    answers = [
        await node.publisher.publish(kind, content(theirs)) for kind, content in ANSWERS.items()
    ]

    for target in (*(answer.entry for answer in answers), own):
        published = await node.publisher.publish(
            "withdraw", Withdraw(target=target, reason="Exempel")
        )
        assert published.record == published.entry
    for target in (theirs, their_use, NOWHERE):
        withdrawal = Withdraw(target=target, reason="Exempel")
        assert "own entry" in await refusal(node, "withdraw", withdrawal)


async def test_each_refused_content_gives_its_reason(node: Node) -> None:
    """Many contents are checked together, each judged for itself, over groups of any size."""
    count = 2 * GROUP_ENTRIES_MAX + 3
    contents: list[dict[str, object]] = [example_record(f"Exempel {n}") for n in range(count)]
    contents[1] |= {"area": "finns-inte"}
    contents[GROUP_ENTRIES_MAX] |= {"replaces": NOWHERE}
    contents[-1] |= {"status": 1.5}

    checked = await node.publisher.check("experience", contents)

    refused = {n: str(item) for n, item in enumerate(checked) if isinstance(item, ArgumentError)}
    assert len(checked) == count
    assert {n: reason.split()[0] for n, reason in refused.items()} == {
        1: "There",
        GROUP_ENTRIES_MAX: "Only",
        count - 1: "This",
    }


async def test_what_is_published_without_waiting_shows_later(node: Node) -> None:
    """Many groups are written one after the other, and waited for once."""
    contents = [example_record(f"Exempel {n}") for n in range(GROUP_ENTRIES_MAX + 1)]

    published = await node.publisher.publish_many("experience", contents, until_shown=False)
    stored = [await node.log_store.entry(node.own_log, item.sequence) for item in published[-2:]]
    await node.publisher.shown()

    counts = await node.queries.counts()
    assert all(stored)
    assert [item.sequence for item in published] == list(range(2, len(contents) + 2))
    assert counts.records == len(contents)


async def test_a_key_event_is_not_published(node: Node) -> None:
    """A change of key has a way of its own."""
    content = {"schema": 1, "key": NOWHERE, "next": NOWHERE}

    assert "change of key" in await refusal(node, "key", content)


async def test_what_is_too_long_is_refused(node: Node) -> None:
    """Content above the bound of the protocol is refused, and the reason tells its size."""
    texts = dict.fromkeys(("situation", "actions", "results", "advice"), "å" * 9000)

    assert "Shorten" in await refusal(
        node, "experience", Experience.model_validate(example_record("Exempel", **texts))
    )


async def test_a_draft_that_cannot_be_signed_fails_alone(node: Node) -> None:
    """Calls that are signed together do not share the mistake of one of them."""
    good, bad = Draft("comment", b"{}"), Draft("key", b"{}")
    results = await asyncio.gather(
        node.ingest.write([good]),
        node.ingest.write([bad]),
        node.ingest.write([good, good]),
        return_exceptions=True,
    )
    first, refused, last = results

    assert isinstance(refused, LocalError)
    assert not isinstance(first, BaseException)
    assert not isinstance(last, BaseException)
    assert [item.entry.header.sequence for item in (*first, *last)] == [2, 3, 4]

"""The fold: any mixture of logs gives the same memory, and only owners change what is theirs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content_factories import an_experience, entry_id, log_id, logged
from fold_memory import Memory
from protocol import strict_json
from protocol.content import (
    Address,
    Comment,
    Continue,
    Helped,
    Inception,
    Interest,
    Introduction,
    KeyChange,
    Leave,
    Profile,
    RootContent,
    Use,
    Withdraw,
)
from protocol.fold import Commented, LoggedContent, accepted_answers, fold

A, B, C = log_id(1), log_id(2), log_id(3)
LOGS = (A, B, C)
LENGTH_MAX = 8


def memory_of(*entries: LoggedContent) -> Memory:
    """The memory after these entries, in this order."""
    memory = Memory()
    memory.take(entries)
    return memory


@st.composite
def contents(draw: st.DrawFn) -> tuple[str, RootContent | bytes | None]:
    """One content of any kind, aimed at any entry of any of the three logs."""
    target = entry_id(draw(st.sampled_from(LOGS)), draw(st.integers(1, LENGTH_MAX))).hex()
    title = draw(st.sampled_from(["Ett", "Två", "Tre"]))
    choices: dict[str, list[RootContent | bytes | None]] = {
        "experience": [
            an_experience(title=title),
            an_experience(title=title, replaces=target),
            None,
            b"{",
            b'{"schema":9}',
        ],
        "comment": [Comment(record=target, text=title, answer_to=target)],
        "use": [Use(record=target, note=title)],
        "interest": [Interest(record=target, interest="samverka", note=title)],
        "helped": [Helped(record=target, reused=title)],
        "withdraw": [Withdraw(target=target, reason=title)],
        "profile": [Profile(name=title, code="1498")],
        "introduction": [Introduction(log=B.hex(), code="1497", name=title)],
        "later": [b"{}"],
        "key": [b"{}", KeyChange(key="01" * 32, next="02" * 32)],
        "address": [Address(url="https://a.example"), Address(url="https://b.example")],
        "leave": [Leave(), Leave(reason=title, successor=C.hex())],
        "continue": [Continue(predecessor=A.hex()), Continue(predecessor=B.hex())],
    }
    kind = draw(st.sampled_from(["experience", "experience", *choices]))
    return kind, draw(st.sampled_from(choices[kind]))


def whole_log(log: bytes) -> st.SearchStrategy[list[LoggedContent]]:
    """A log of several entries of any kind."""
    return st.lists(contents(), max_size=LENGTH_MAX).map(
        lambda items: [logged(log, n, *item) for n, item in enumerate(items, start=1)]
    )


@given(st.tuples(*(whole_log(log) for log in LOGS)), st.randoms(use_true_random=False))
def test_interleaving_never_matters(logs, random) -> None:  # type: ignore[no-untyped-def]
    """Whatever order logs arrive in, the memory is the same."""
    one_by_one = [entry for log in logs for entry in log]
    waiting = [list(log) for log in logs if log]
    mixed = []
    while waiting:
        log = random.choice(waiting)
        mixed.append(log.pop(0))
        waiting = [log for log in waiting if log]

    assert memory_of(*mixed) == memory_of(*one_by_one)


@given(st.binary(max_size=100), st.sampled_from(["experience", "use", "later", "inception"]))
def test_fold_never_raises(content: bytes, kind: str) -> None:
    """Content of any bytes is one change: at worst, that it cannot be read."""
    changes = fold(logged(A, 1, kind, content))

    assert len(changes) == 1


def test_edit_adds_a_version() -> None:
    """An edit by the owner becomes the newest version, and the first stays in the history."""
    first = logged(A, 1, "experience", an_experience(title="Först"))
    edit = logged(A, 2, "experience", an_experience(title="Sedan", replaces=first.entry_id.hex()))

    record = memory_of(first, edit).records[first.entry_id]

    assert [version.experience.title for version in record.versions] == ["Först", "Sedan"]


def test_only_the_owner_edits() -> None:
    """Another log's edit changes nothing and is listed as not its own, whoever arrives first."""
    mine = logged(A, 1, "experience", an_experience())
    theirs = logged(B, 1, "experience", an_experience(title="Kapat", replaces=mine.entry_id.hex()))

    for order in ((mine, theirs), (theirs, mine)):
        memory = memory_of(*order)
        assert len(memory.records[mine.entry_id].versions) == 1
        assert memory.unreadable[theirs.entry_id].reason == "not_own"


def test_only_the_owner_withdraws() -> None:
    """Another log's withdrawal has no effect."""
    mine = logged(A, 1, "experience", an_experience())
    theirs = logged(B, 1, "withdraw", Withdraw(target=mine.entry_id.hex(), reason="Nej"))

    assert memory_of(mine, theirs).records[mine.entry_id].withdrawn is None


def test_withdrawn_stays_withdrawn() -> None:
    """A later edit does not bring a withdrawn record back, and the first reason stays."""
    first = logged(A, 1, "experience", an_experience())
    target = first.entry_id.hex()
    log = [
        first,
        logged(A, 2, "withdraw", Withdraw(target=target, reason="Ett")),
        logged(A, 3, "withdraw", Withdraw(target=target, reason="Två")),
        logged(A, 4, "experience", an_experience(replaces=target)),
    ]

    record = memory_of(*log).records[first.entry_id]

    assert record.withdrawn == "Ett"
    assert len(record.versions) == 2


@pytest.mark.parametrize("content", [None, b'{"schema":2}'])
def test_edit_of_an_unreadable_first_version(content: bytes | None) -> None:
    """A record whose first version was erased lives on in its edit, and in its withdrawal."""
    first = logged(A, 1, "experience", content)
    edit = logged(A, 3, "experience", an_experience(replaces=first.entry_id.hex()))
    withdraw = logged(A, 2, "withdraw", Withdraw(target=first.entry_id.hex(), reason="Ja"))

    assert memory_of(first, edit).records[first.entry_id].withdrawn is None
    assert memory_of(first, withdraw, edit).records[first.entry_id].withdrawn == "Ja"


def test_newest_use_counts() -> None:
    """A log has one use of a record: the newest; withdrawing it leaves none."""
    record = entry_id(C, 1)
    old = logged(A, 1, "use", Use(record=record.hex(), since_year=2019))
    new = logged(A, 2, "use", Use(record=record.hex(), since_year=2021))
    withdraw_old = logged(A, 3, "withdraw", Withdraw(target=old.entry_id.hex(), reason="-"))
    withdraw_new = logged(A, 4, "withdraw", Withdraw(target=new.entry_id.hex(), reason="-"))

    memory = memory_of(old, new, withdraw_old)
    assert memory.uses[A, record].use.since_year == 2021
    assert memory_of(old, new, withdraw_old, withdraw_new).uses == {}


def test_what_helped_is_said_once_and_withdrawn() -> None:
    """A log says of a record once that it helped: the newest; withdrawing that leaves none."""
    record = entry_id(B, 1)
    old = logged(A, 1, "helped", Helped(record=record.hex(), reused="Mallen"))
    new = logged(A, 2, "helped", Helped(record=record.hex(), reused="Rutinen"))
    gone = logged(A, 3, "withdraw", Withdraw(target=new.entry_id.hex(), reason="Fel"))

    assert memory_of(old, new).helped[A, record].helped.reused == "Rutinen"
    assert memory_of(old, new, gone).helped == {}


def test_interests_are_kept_apart() -> None:
    """A log may both want to cooperate and plan the same."""
    record = entry_id(C, 1)
    entries = [
        logged(A, 1, "interest", Interest(record=record.hex(), interest="samverka")),
        logged(A, 2, "interest", Interest(record=record.hex(), interest="planerar")),
        logged(A, 3, "interest", Interest(record=record.hex(), interest="planerar", note="Ny")),
    ]

    assert {key[2] for key in memory_of(*entries).interests} == {"samverka", "planerar"}


def test_introduction_withdrawn() -> None:
    """A withdrawn introduction is gone, and may be given again."""
    introduction = Introduction(log=B.hex(), code="1497", name="Hjo")
    first = logged(A, 1, "introduction", introduction)
    withdraw = logged(A, 2, "withdraw", Withdraw(target=first.entry_id.hex(), reason="Fel"))
    again = logged(A, 3, "introduction", introduction)

    assert memory_of(first, withdraw).introductions == {}
    assert (A, B) in memory_of(first, withdraw, again).introductions


def test_first_entry_names_the_log() -> None:
    """A log has a name from its first entry, and a newer one from its profile."""
    inception = logged(
        A, 1, "inception", Inception(key="01" * 32, next="02" * 32, code="1498", name="Tidaholm")
    )
    profile = logged(A, 2, "profile", Profile(name="Tidaholms kommun", code="1498"))

    assert memory_of(inception).profiles[A].name == "Tidaholm"
    assert memory_of(inception, profile).profiles[A].name == "Tidaholms kommun"


def test_only_a_new_key_takes_a_leave_back() -> None:
    """Neither a withdrawal nor a later record ends a leave; a key event does."""
    leave = logged(A, 1, "leave", Leave(reason="Exempel", successor=B.hex()))
    withdrawal = logged(A, 2, "withdraw", Withdraw(target=leave.entry_id.hex(), reason="Nej"))
    record = logged(A, 3, "experience", an_experience())
    key = logged(A, 4, "key", KeyChange(key="01" * 32, next="02" * 32))
    again = logged(A, 5, "leave", Leave())

    held = memory_of(leave, withdrawal, record)
    assert (held.departures[A].reason, held.departures[A].successor) == ("Exempel", B)
    assert record.entry_id in held.records
    assert memory_of(leave, withdrawal, record, key).departures == {}
    assert memory_of(leave, key, again).departures[A].successor is None
    assert memory_of(leave, logged(B, 1, "key", KeyChange(key="01" * 32, next="02" * 32))) == (
        memory_of(leave)
    )


def test_the_newest_address_counts_and_continuing_is_withdrawn() -> None:
    """A log has one address; it goes on for several others until it says otherwise."""
    old = logged(A, 1, "address", Address(url="https://gammal.example"))
    new = logged(A, 2, "address", Address(url="https://ny.example"))
    first = logged(A, 3, "continue", Continue(predecessor=B.hex()))
    second = logged(A, 4, "continue", Continue(predecessor=C.hex()))
    gone = logged(A, 5, "withdraw", Withdraw(target=first.entry_id.hex(), reason="Fel"))

    memory = memory_of(old, new, first, second, gone)

    assert memory.addresses == {A: "https://ny.example"}
    assert set(memory.continuations) == {(A, C)}


def test_accepted_answers() -> None:
    """Only the municipality that asked can mark an answer as the one that helped."""
    record = entry_id(C, 1).hex()
    question = commented(A, 1, Comment(record=record, kind="question", text="Hur?"))
    answer = commented(
        B, 1, Comment(record=record, kind="answer", text="Så.", answer_to=question.entry_id.hex())
    )
    mark = Comment(record=record, accepts=answer.entry_id.hex())

    asker, owner, other = (commented(log, 9, mark) for log in (A, C, B))
    assert accepted_answers(C, "erfarenhet", [question, answer, asker]) == {answer.entry_id}
    assert accepted_answers(C, "erfarenhet", [question, answer, owner]) == frozenset()
    assert accepted_answers(C, "fraga", [owner, answer, question]) == {answer.entry_id}
    assert accepted_answers(C, "fraga", [question, answer, other]) == frozenset()
    assert accepted_answers(C, "fraga", [asker]) == frozenset()


def commented(log: bytes, sequence: int, comment: Comment) -> Commented:
    """The change a comment makes."""
    (change,) = fold(logged(log, sequence, "comment", comment))
    assert isinstance(change, Commented)
    assert strict_json.dumps(change.comment) == strict_json.dumps(comment)
    return change

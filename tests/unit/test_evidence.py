"""Evidence for one entry: what proves it, and what does not."""

from __future__ import annotations

import pytest

from factories import LogMaker
from protocol.entry import Body, Envelope
from protocol.errors import (
    CommitmentError,
    KeyEventError,
    LinkError,
    RemoteError,
    SignatureError,
    WrongLogError,
)
from protocol.evidence import check_evidence, is_evidence, make_evidence


@pytest.fixture
def log() -> LogMaker:
    """Entries 1 to 8, with a change of key at 5."""
    maker = LogMaker(1)
    maker.extend(3)
    maker.rotate()
    maker.extend(3)
    return maker


def events(log: LogMaker) -> list[Envelope]:
    """All key events of a log."""
    return [envelope for envelope in log.envelopes if envelope.entry.is_key_event]


@pytest.mark.parametrize("number", range(1, 9))
def test_every_entry_has_evidence(log: LogMaker, number: int) -> None:
    """Whichever entry it is, its evidence holds, with only the key events before it."""
    envelope = log.envelopes[number - 1]
    evidence = make_evidence(events(log), envelope)
    found = check_evidence(evidence)

    assert found.envelope == envelope
    assert len(evidence) == 1 + sum(one.entry.header.sequence < number for one in events(log))
    assert is_evidence(evidence) is (number > 2)


def test_what_is_no_evidence(log: LogMaker) -> None:
    """A log with an entry left out is not taken for evidence."""
    assert not is_evidence(log.envelopes)
    assert not is_evidence([*log.envelopes[:2], *log.envelopes[3:]])
    assert not is_evidence(log.envelopes[2:])


def test_content_may_be_missing(log: LogMaker) -> None:
    """The entry of erased content is proven all the same; a key event without content is not."""
    first, _, third, *_ = log.envelopes
    assert check_evidence([first, Envelope(third.entry, None)]).envelope.body is None
    with pytest.raises(CommitmentError):
        check_evidence([Envelope(first.entry, None), third])


def _changed(envelope: Envelope) -> Envelope:
    assert envelope.body is not None
    return Envelope(envelope.entry, Body(envelope.body.salt, envelope.body.content + b" "))


def test_what_does_not_hold(log: LogMaker) -> None:
    """Changed content, a wrong key, another log's entry, keys that lack one: each is refused."""
    first, _, third, _, rotation, _, seventh, _ = log.envelopes
    forged = log.sealed("comment", b'{"schema":1}', key=LogMaker(2).key)
    cases: dict[type[RemoteError], list[Envelope]] = {
        CommitmentError: [first, _changed(third)],
        SignatureError: [first, rotation, forged],
        WrongLogError: [first, LogMaker(2).extend(3)[-1]],
        KeyEventError: [rotation, seventh],
        LinkError: [first, rotation, third],
    }
    for error, envelopes in cases.items():
        with pytest.raises(error):
            check_evidence(envelopes)
    with pytest.raises(SignatureError):
        check_evidence([first, seventh])

"""The published test vectors say what this implementation does, and can be made anew."""

from __future__ import annotations

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from protocol import canonical, messages
from protocol.chain import verify_run
from protocol.content import read_content
from protocol.directory import Item
from protocol.entry import Body, Envelope, check_body, decode_entry, verify_entry
from protocol.errors import InviteCodeError, RemoteError
from protocol.fork import decode_proof, verify_proof
from protocol.identity import check_public_key
from protocol.invite import (
    Invite,
    decode_code,
    encode_code,
    is_proved,
    key_digest,
    make_invite,
)
from protocol.packed import unpack
from protocol.reconcile import Reconciler, fingerprint

FOLDER = Path(__file__).resolve().parents[1] / "vectors"
Case = dict[str, Any]


def load(name: str) -> list[Case]:
    """Return the vectors of one file."""
    vectors: list[Case] = json.loads((FOLDER / name).read_text("utf-8"))["vectors"]
    return vectors


def error_of(action: Callable[[], object]) -> str | None:
    """Return the code of the remote error ``action`` raises, or None."""
    try:
        action()
    except RemoteError as error:
        return error.code
    return None


def check_entry(case: Case) -> None:
    """Do all that a receiver of a single entry does."""
    body = Body(bytes.fromhex(case["salt"]), bytes.fromhex(case["content"]))
    entry = decode_entry(bytes.fromhex(case["entry"]))
    check_body(Envelope(entry, body))
    verify_entry(entry, bytes.fromhex(case["public_key"]))
    if case["valid"]:
        assert entry.id.hex() == case["id"]
        plain = {
            k: v.hex() if isinstance(v, bytes) else v for k, v in entry.header._asdict().items()
        }
        assert plain == {"version": 1, **case["header"]}


CHECKS: dict[str, Callable[[Case], object]] = {
    "canonical.json": lambda case: canonical.decode(bytes.fromhex(case["bytes"])),
    "keys.json": lambda case: check_public_key(bytes.fromhex(case["key"])),
    "entries.json": check_entry,
    "forks.json": lambda case: verify_proof(decode_proof(bytes.fromhex(case["proof"]))),
    "messages.json": lambda case: messages.decode(bytes.fromhex(case["frame"])),
    "content.json": lambda case: read_content(case["kind"], case["content"].encode()),
}


@pytest.mark.parametrize(
    ("name", "case"),
    [
        pytest.param(name, case, id=f"{name}: {case['name']}")
        for name in CHECKS
        for case in load(name)
    ],
)
def test_each_vector_holds(name: str, case: Case) -> None:
    """What a vector calls valid is accepted, and the rest is refused with the code it names."""
    assert error_of(lambda: CHECKS[name](case)) == case.get("error")
    assert case["valid"] is ("error" not in case)


@pytest.mark.parametrize("case", load("runs.json"), ids=lambda case: case["name"])
def test_each_run_vector_holds(case: Case) -> None:
    """A run is accepted, kept waiting and refused exactly as far as its vector says."""
    envelopes = [unpack([bytes.fromhex(part) for part in item]) for item in case["entries"]]

    result = verify_run(None, bytes.fromhex(case["log"]), envelopes)

    assert len(result.accepted) == case["accepted"]
    assert len(result.pending) == case["pending"]
    assert (result.error.code if result.error else None) == case["error"]
    assert (result.head.id.hex() if result.head else None) == case["head"]


@pytest.mark.parametrize("case", load("reconcile.json"), ids=lambda case: case["name"])
def test_each_reconciliation_vector_holds(case: Case) -> None:
    """Two sides exchange exactly the frames of the vector."""
    items = [
        [Item(bytes.fromhex(log), number, bytes.fromhex(head)) for log, number, head in case[side]]
        for side in ("dialer", "responder")
    ]
    sides = [Reconciler(side) for side in items]
    answer = sides[0].begin()
    for turn, frame in enumerate(case["frames"]):
        assert answer is not None
        assert messages.encode(messages.Reconcile(answer)).hex() == frame
        answer = sides[1 - turn % 2].receive(answer).answer

    assert answer is None
    assert [fingerprint(side).hex() for side in items] == case["fingerprints"]


@pytest.mark.parametrize("case", load("invites.json"), ids=lambda case: case["name"])
def test_each_invite_vector_holds(case: Case) -> None:
    """An invite's text is read exactly as its vector says, and shown with exactly its bytes."""
    if not case["valid"]:
        with pytest.raises(InviteCodeError):
            decode_code(case["text"])
    elif "text" in case:
        invite = decode_code(case["text"])
        assert encode_code(invite) == case["text"]
        assert (invite.origin, invite.code) == (case["origin"], case["code"])
        assert (invite.log.hex(), invite.secret.hex()) == (case["log"], case["secret"])
    else:
        hellos = bytes.fromhex(case["dialer_hello"]), bytes.fromhex(case["responder_hello"])
        shown = messages.decode(bytes.fromhex(case["frame"]))
        assert isinstance(shown, Invite)
        assert make_invite(bytes.fromhex(case["secret"]), *hellos, shown.origin) == shown
        assert key_digest(shown.key).hex() == case["key_digest"]
        assert is_proved(shown, *hellos)


def test_every_frame_of_the_example_exchange_decodes() -> None:
    """The exchange holds each kind of message that a first meeting needs, in canonical form."""
    frames = [bytes.fromhex(case["frame"]) for case in load("exchange.json")]
    decoded = [messages.decode(frame) for frame in frames]

    assert [messages.encode(message) for message in decoded] == frames
    kinds = {message.EVENT.value for message in decoded}
    assert kinds == {"hello", "auth", "reconcile", "want", "run", "stored"}


def test_writing_the_vectors_again_changes_nothing() -> None:
    """The files in the tree are what the generator writes, to the last byte."""
    made = runpy.run_path(str(FOLDER / "generate.py"))
    texts = made["render"]()
    document = made["DOCUMENT"].read_text("utf-8")

    assert sorted(texts) == sorted(path.name for path in FOLDER.glob("*.json"))
    assert {name: (FOLDER / name).read_text("utf-8") for name in texts} == texts
    assert made["render_document"](document) == document

"""What the drills with real processes find when a promise about signing is broken."""

from __future__ import annotations

from tests.processes.signed import Signed, Signing


def item(sequence: int, entry: str, kind: str = "experience") -> dict[str, object]:
    """One entry of a log as a node shows it."""
    return {"sequence": sequence, "entry": entry, "kind": kind}


def test_two_entries_at_one_number_under_one_key_are_found() -> None:
    """One key may sign a number once, whichever machine it lies on; the next key may sign it."""
    signing = Signing()
    signing.acknowledged(item(2, "b"))
    signing.note_log([item(1, "a"), item(2, "b")])
    assert signing.signed_twice() == []

    signing.note_log([item(1, "a"), item(2, "other")])
    assert signing.signed_twice() == ["two entries at number 2 with key 1"]

    signing = Signing()
    signing.acknowledged(item(2, "b"))
    signing.rotated(2, "rotation")
    assert signing.signed_twice() == []


def test_an_entry_is_gone_unless_a_rotation_in_the_log_took_its_place() -> None:
    """What was acknowledged before stands, or a rotation that is there continues from before it."""
    signing = Signing()
    signing.acknowledged(item(1, "a"))
    signing.acknowledged(item(2, "b"))
    without = [item(1, "a"), item(2, "other")]
    assert signing.lost(without) == ["entry 2, signed with key 1, is gone or another"]

    signing.rotated(2, "rotation")
    after = [item(1, "a"), item(2, "rotation", "key")]
    assert signing.lost(after) == []
    assert signing.given_way(after) == [Signed(1, 2, "b")]
    assert len(signing.lost(without)) == 2
    assert signing.lost([item(1, "other"), item(2, "rotation", "key")]) == [
        "entry 1, signed with key 1, is gone or another"
    ]

"""The published test vectors say what this implementation does, and can be made anew."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from protocol import canonical
from protocol.chain import verify_run
from protocol.content import read_content
from protocol.entry import Body, Envelope, check_body, decode_entry, verify_entry
from protocol.errors import RemoteError
from protocol.fork import decode_proof, verify_proof
from protocol.identity import check_public_key
from protocol.run import unpack

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


def test_writing_the_vectors_again_changes_nothing() -> None:
    """The files in the tree are what the generator writes, to the last byte."""
    script = (
        "import runpy, pathlib;"
        f"made = runpy.run_path({str(FOLDER / 'generate.py')!r})['render']();"
        f"folder = pathlib.Path({str(FOLDER)!r});"
        "assert sorted(made) == sorted(p.name for p in folder.glob('*.json'));"
        "assert all((folder / n).read_text('utf-8') == t for n, t in made.items())"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=120)

"""An independent COSE library agrees with us about whole logs.

``tests/interop/verify_log.py`` holds none of our code and runs in an environment of its own,
which ``make test`` sets up.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from factories import LogMaker, flipped
from independent import verify
from node_factories import nodes, until_equal
from protocol.archive import encode_item
from protocol.evidence import make_evidence
from storage_factories import whole_log


def test_an_independent_library_verifies_an_exported_log(tmp_path: Path) -> None:
    """A log with a rotation, exported, is verified entry by entry without our code."""
    maker = LogMaker()
    maker.extend(20)
    maker.rotate()
    maker.extend(5)
    path = tmp_path / "log.cbor"
    path.write_bytes(b"".join(encode_item(envelope) for envelope in maker.envelopes))

    result = verify(path)

    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == {
        "log": maker.log.hex(),
        "entries": 27,
        "head": maker.head.id.hex(),
        "code": "1498",
        "name": "Tidaholms kommun",
    }


def test_an_independent_library_refuses_changed_content(tmp_path: Path) -> None:
    """One turned bit of content in the file is noticed."""
    maker = LogMaker()
    maker.extend(3)
    data = b"".join(encode_item(envelope) for envelope in maker.envelopes)
    path = tmp_path / "log.cbor"
    path.write_bytes(flipped(data, len(data) - 2))

    result = verify(path)

    assert result.returncode == 1
    assert "wrong commitment" in result.stderr


def test_an_independent_library_verifies_evidence(tmp_path: Path) -> None:
    """Evidence for one entry, with a rotation before it, is verified without our code."""
    maker = LogMaker()
    maker.extend(20)
    maker.rotate()
    (envelope, _) = maker.extend(2)
    events = [one for one in maker.envelopes if one.entry.is_key_event]
    path = tmp_path / "evidence.cbor"
    path.write_bytes(b"".join(map(encode_item, make_evidence(events, envelope))))

    result = verify(path)

    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout) == {
        "log": maker.log.hex(),
        "entry": envelope.entry.id.hex(),
        "number": 23,
        "code": "1498",
        "name": "Tidaholms kommun",
    }


async def test_an_independent_library_verifies_what_travelled_through_others(
    tmp_path: Path,
) -> None:
    """A's log, exported by C which never met A, is verified entry by entry without our code."""
    async with nodes(tmp_path, "Ytterby", "Mellanby", "Innerby", introductions="auto-1") as made:
        a, b, c = made
        await a.befriend(b)
        await c.befriend(b)
        for number in range(5):
            await a.publish(f"Exempel: {number}")
        await until_equal([a, b, c])
        path = tmp_path / "a.cbor"
        entries = await whole_log(c.node.log_store, a.log_id)
        path.write_bytes(b"".join(encode_item(envelope) for envelope in entries))

        result = await asyncio.to_thread(verify, path)

        assert result.returncode == 0, result.stderr
        found = json.loads(result.stdout)
        assert (found["log"], found["entries"]) == (a.log, await a.head(a.log_id))

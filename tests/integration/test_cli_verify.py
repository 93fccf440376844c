"""`tidan log verify`: a file alone tells whether a log is whole, and where it is not."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from factories import LogMaker
from node.cli.root import main
from protocol.archive import encode_item
from protocol.entry import Body, Envelope
from protocol.evidence import make_evidence


def run(*arguments: str | Path) -> Result:
    """Run the command as typed."""
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def write_log(path: Path, envelopes: list[Envelope]) -> Path:
    """Write entries as an export would."""
    path.write_bytes(b"".join(map(encode_item, envelopes)))
    return path


@pytest.fixture(scope="module")
def log() -> LogMaker:
    """A log of more than one batch, with a change of key inside."""
    maker = LogMaker(1)
    maker.extend(1_500)
    maker.rotate()
    maker.extend(10)
    return maker


@pytest.mark.parametrize("flags", [[], ["--every-signature"]])
def test_a_whole_log(log: LogMaker, tmp_path: Path, flags: list[str]) -> None:
    """A whole log is good, and its identity is printed."""
    file = write_log(tmp_path / "log.cbor", log.envelopes)
    result = run("log", "verify", file, "--json", *flags)

    summary: dict[str, Any] = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (summary["log"], summary["entries"]) == (log.log.hex(), 1_512)
    assert (summary["name"], summary["code"]) == ("Tidaholms kommun", "1498")
    assert summary["head"] == log.head.id.hex()
    assert summary["key_events"] == 2
    assert summary["every_signature"] == bool(flags)
    assert summary["entries_per_second"] > 0
    assert "Good: 1512 entries" in run("log", "verify", file, *flags).stdout


def without_content(envelopes: list[Envelope]) -> list[Envelope]:
    """One entry's content was erased."""
    return [*envelopes[:7], Envelope(envelopes[7].entry, None), *envelopes[8:]]


def test_erased_content_is_counted(log: LogMaker, tmp_path: Path) -> None:
    """An erased content leaves the log good, and is told."""
    result = run(
        "--json", "log", "verify", write_log(tmp_path / "x", without_content(log.envelopes))
    )

    assert result.exit_code == 0
    assert json.loads(result.stdout)["without_content"] == 1


def changed_content(envelopes: list[Envelope]) -> list[Envelope]:
    """Somebody rewrote what an entry says."""
    envelope = envelopes[7]
    assert envelope.body is not None
    body = Body(envelope.body.salt, envelope.body.content.replace(b"8", b"9"))
    return [*envelopes[:7], Envelope(envelope.entry, body), *envelopes[8:]]


BREAKS: dict[str, tuple[Callable[[list[Envelope]], list[Envelope]], str]] = {
    "an entry is missing": (lambda log: [*log[:7], *log[8:]], "Entry 8 is not good"),
    "two entries changed places": (
        lambda log: [*log[:7], log[8], log[7], *log[9:]],
        "Entry 8 is not good",
    ),
    "content was changed": (changed_content, "Entry 8 is not good"),
    "the beginning is missing": (lambda log: log[3:], "Entry 1 is not good"),
    "an entry of another log": (
        lambda log: [*log[:7], LogMaker(2).envelopes[0], *log[7:]],
        "Entry 8 is not good",
    ),
    "nothing is there": (lambda _: [], "holds no entries"),
}


@pytest.mark.parametrize(("broken", "message"), BREAKS.values(), ids=BREAKS.keys())
def test_faults_are_placed(
    log: LogMaker,
    tmp_path: Path,
    broken: Callable[[list[Envelope]], list[Envelope]],
    message: str,
) -> None:
    """A fault ends in exit code 1, with the first bad place and what to do."""
    result = run("log", "verify", write_log(tmp_path / "log.cbor", broken(log.envelopes[:50])))

    assert result.exit_code == 1
    assert message in result.stderr
    assert "What to do:" in result.stderr


def test_a_signature_that_only_the_audit_sees(tmp_path: Path) -> None:
    """A bad signature covered by a later one passes the run rule, not --every-signature."""
    maker = LogMaker(1)
    maker.extend(5)
    forged = maker.sealed("comment", b'{"schema":1}', key=LogMaker(2).key)
    maker.envelopes.append(forged)
    maker.head = maker.head._replace(sequence=forged.entry.header.sequence, id=forged.entry.id)
    maker.extend(5)
    file = write_log(tmp_path / "log.cbor", maker.envelopes)

    assert run("log", "verify", file).exit_code == 0
    audited = run("log", "verify", file, "--every-signature")
    assert audited.exit_code == 1
    assert "Entry 7 is not good" in audited.stderr


def test_the_first_fault_is_told_whatever_finds_it(tmp_path: Path) -> None:
    """A bad signature comes before a broken link further on, although links are checked ahead."""
    maker = LogMaker(1)
    maker.extend(1_100)
    forged = maker.sealed("comment", b'{"schema":1}', key=LogMaker(2).key)
    maker.envelopes.append(forged)
    maker.head = maker.head._replace(sequence=forged.entry.header.sequence, id=forged.entry.id)
    maker.extend(1_000)
    file = write_log(tmp_path / "log.cbor", [*maker.envelopes[:1_500], *maker.envelopes[1_501:]])

    assert "Entry 1501 is not good" in run("log", "verify", file).stderr
    audited = run("log", "verify", file, "--every-signature")
    assert audited.exit_code == 1
    assert "Entry 1102 is not good" in audited.stderr


def test_a_newest_entry_nobody_signed(tmp_path: Path) -> None:
    """An end that no valid signature covers is a fault at its first entry."""
    maker = LogMaker(1)
    maker.extend(5)
    forged = maker.sealed("comment", b'{"schema":1}', key=LogMaker(2).key)
    result = run("log", "verify", write_log(tmp_path / "x", [*maker.envelopes, forged]))

    assert result.exit_code == 1
    assert "Entry 7 is not good" in result.stderr


def test_a_damaged_file(log: LogMaker, tmp_path: Path) -> None:
    """A file cut off in the middle of an entry says so; with --json as a document."""
    file = write_log(tmp_path / "log.cbor", log.envelopes[:20])
    file.write_bytes(file.read_bytes()[:-5])
    result = run("log", "verify", file, "--json")

    assert result.exit_code == 1
    error = json.loads(result.stdout)["error"]
    assert error["code"] == "archive"
    assert "Entry 20 of the file cannot be read" in error["message"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A wrong command line is exit code 2."""
    assert run("log", "verify", tmp_path / "nothing").exit_code == 2


def evidence_of(log: LogMaker, number: int) -> list[Envelope]:
    """Evidence for one entry of a log."""
    events = [one for one in log.envelopes if one.entry.is_key_event]
    return make_evidence(events, log.envelopes[number - 1])


@pytest.mark.parametrize("number", [700, 1_510])
def test_evidence(log: LogMaker, tmp_path: Path, number: int) -> None:
    """Evidence is known by its shape, under the old key and the new, and says what it proves."""
    file = write_log(tmp_path / "evidence.cbor", evidence_of(log, number))
    result = run("log", "verify", file, "--json")

    summary: dict[str, Any] = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (summary["log"], summary["sequence"]) == (log.log.hex(), number)
    assert summary["entry"] == log.envelopes[number - 1].entry.id.hex()
    assert (summary["name"], summary["has_content"]) == ("Tidaholms kommun", True)
    shown = run("log", "verify", file).stdout
    assert f"Good: evidence for entry {number}" in shown
    assert "does not show what came later" in shown


def test_evidence_that_is_not_good(log: LogMaker, tmp_path: Path) -> None:
    """Evidence whose content was changed is refused."""
    first, envelope = evidence_of(log, 700)
    body = Body(envelope.body.salt, envelope.body.content[:-1] + b" ") if envelope.body else None
    file = write_log(tmp_path / "x.cbor", [first, Envelope(envelope.entry, body)])
    result = run("log", "verify", file)

    assert result.exit_code == 1
    assert "The evidence is not good" in result.stderr

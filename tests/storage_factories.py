"""Plain factories for storage tests: logs full of every kind of content, and their delivery."""

from __future__ import annotations

from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from weakref import WeakKeyDictionary

from sqlalchemy import select, update

from content_factories import an_experience
from factories import START_MS, LogMaker, flipped
from protocol import strict_json
from protocol.chain import Head, RunResult, verify_run
from protocol.content import (
    Address,
    Attachment,
    Comment,
    Contact,
    Continue,
    Helped,
    Interest,
    Introduction,
    Leave,
    Profile,
    RootContent,
    Use,
    Withdraw,
)
from protocol.directory import Standing
from protocol.entry import Envelope
from protocol.fold import LoggedContent
from storage.appending import NewRun
from storage.database import Database
from storage.log_store import LogStore
from storage.projections import Projections
from storage.recent_changes import RecentChanges
from storage.record_queries import RecordQueries
from storage.schema import logs, runs
from storage.search.search import Search

_SEARCHES: WeakKeyDictionary[Database, tuple[Search, TemporaryDirectory[str]]] = WeakKeyDictionary()


def search_of(database: Database) -> Search:
    """The search index of a database, in a folder that goes when the database does."""
    if database not in _SEARCHES:
        folder = TemporaryDirectory(prefix="tidan-search-")
        _SEARCHES[database] = Search(database, Path(folder.name), b"exempel"), folder
    return _SEARCHES[database][0]


def record_queries(database: Database, recent: RecentChanges | None = None) -> RecordQueries:
    """The read side over a database and its search index."""
    return RecordQueries(database, search_of(database), lambda: RECEIVED_MS, recent)


async def project(database: Database, projections: Projections | None = None) -> None:
    """Bring projections and search index up to the log."""
    kept = projections or Projections(database)
    while await kept.catch_up():
        pass
    while await search_of(database).catch_up():
        pass


RECEIVED_MS = START_MS + 1_000_000_000
CONTACT = Contact(role="Enheten för digitalisering", email="digitalisering@exempel.se")
AREAS = ("aldre", "aldre.hemtjanst", "it.moln", "skola.grundskola")
WORDS = ("nyckel", "får", "far", "omsorg", "Ängslan", "100 %", "snake_case")


def write(maker: LogMaker, kind: str, content: RootContent | bytes) -> Envelope:
    """Append one entry with this content to a log."""
    return maker.append(kind, content if isinstance(content, bytes) else strict_json.dumps(content))


def some_attachments(random: Random) -> tuple[Attachment, ...]:
    """Files for a record, most often none; the same few files over and over."""
    return tuple(
        Attachment(
            sha256=f"{random.randrange(4):064x}",
            name="Exempel.txt",
            media_type="text/plain",
            size_bytes=random.choice([1, 1_000]),
            description="Exempel",
        )
        for _ in range(random.choice([0, 0, 0, 1, 3]))
    )


def some_content(random: Random, targets: list[bytes]) -> tuple[str, RootContent | bytes]:
    """One content of any kind, aimed at any earlier entry of any log."""
    target = random.choice(targets).hex()
    word = random.choice(WORDS)
    experience = {
        "title": f"Exempel {word} {random.randrange(100)}",
        "area": random.choice(AREAS),
        "type": random.choice(["erfarenhet", "fraga", "losning"]),
        "status": random.choice(["pilot", "drift", "avbrutet"]),
        "visibility": random.choice(["public", "public", "federation"]),
        "tags": (word,),
        "attachments": some_attachments(random),
    }
    choices: list[tuple[str, RootContent | bytes]] = [
        ("experience", an_experience(**experience)),
        ("experience", an_experience(**experience)),
        ("experience", an_experience(**experience, replaces=target)),
        ("experience", b"{"),
        ("experience", b'{"schema":9}'),
        ("comment", Comment(record=target, text=word, kind="question")),
        ("comment", Comment(record=target, text=word, answer_to=target, kind="answer")),
        ("comment", Comment(record=target, accepts=target)),
        ("use", Use(record=target, note=word, since_year=2024, contact=CONTACT)),
        ("helped", Helped(record=target, reused=word)),
        ("interest", Interest(record=target, interest="samverka", note=word)),
        ("interest", Interest(record=target, interest="planerar", contact=CONTACT)),
        ("withdraw", Withdraw(target=target, reason=word)),
        ("withdraw", Withdraw(target=target, reason=word)),
        ("profile", Profile(name=word, code="1498", contact=CONTACT)),
        ("introduction", Introduction(log=target, code="1497", name=word)),
        ("address", Address(url=f"https://tidan{random.randrange(3)}.example")),
        ("leave", Leave(reason=word, successor=target)),
        ("continue", Continue(predecessor=target)),
        ("later", b"{}"),
    ]
    return random.choice(choices)


def some_logs(random: Random, *, logs: int = 3, entries: int = 60) -> list[LogMaker]:
    """Several logs whose entries answer, replace and withdraw each other's."""
    makers = [
        LogMaker(number, code=f"14{number:02}", name=name, seed=random.randrange(10**6))
        for number, name in zip(
            range(1, logs + 1), ("Hjo", "Åmål", "Örebro", "Älvdalen"), strict=False
        )
    ]
    targets = [maker.log for maker in makers]
    for _ in range(entries):
        maker = random.choice(makers)
        if random.random() < 0.03:
            maker.rotate()
        else:
            targets.append(write(maker, *some_content(random, targets[-12:])).entry.id)
    return makers


def logged(maker: LogMaker) -> list[LoggedContent]:
    """A log as the fold sees it."""
    return [
        LoggedContent(
            maker.log,
            entry.header.sequence,
            entry.id,
            entry.header.time_ms,
            entry.header.kind,
            body.content if body else None,
        )
        for entry, body in maker.envelopes
    ]


def run_of(maker: LogMaker, head: Head | None, count: int | None = None) -> RunResult:
    """The next entries of a log after ``head``, checked."""
    start = head.sequence if head else 0
    stop = None if count is None else start + count
    result = verify_run(head, maker.log, maker.envelopes[start:stop])
    assert result.error is None
    assert not result.pending
    return result


async def store(database: Database, *makers: LogMaker, received_ms: int = RECEIVED_MS) -> LogStore:
    """Store whole logs, as members."""
    log_store = LogStore(database)
    for maker in makers:
        row = await log_store.log(maker.log)
        result = run_of(maker, row.head if row else None)
        await log_store.append_run(result, standing=Standing.MEMBER, received_ms=received_ms)
    return log_store


async def deliver(log_store: LogStore, makers: list[LogMaker], random: Random) -> None:
    """Store logs piece by piece, in any interleaving, several runs to a transaction."""
    heads: dict[bytes, Head | None] = {maker.log: None for maker in makers}
    for maker in makers:
        await log_store.set_standing(maker.log, Standing.MEMBER, now_ms=RECEIVED_MS)
    waiting = list(makers)
    while waiting:
        runs = []
        for _ in range(random.randint(1, 4)):
            maker = random.choice(waiting)
            run = run_of(maker, heads[maker.log], random.randint(1, 6))
            heads[maker.log] = run.head
            runs.append(NewRun.of(run))
            waiting = [item for item in waiting if heads[item.log] != item.head]
            if not waiting:
                break
        await log_store.append_batch(runs, RECEIVED_MS + random.randrange(1_000))


async def whole_log(log_store: LogStore, log: bytes, batch: int = 1_000) -> list[Envelope]:
    """All entries of a log as stored, read in pieces."""
    entries: list[Envelope] = []
    while run := await log_store.read_run(log, len(entries), len(entries) + batch):
        entries += run
    return entries


async def spoil_run(
    database: Database, log: bytes, first_sequence: int, /, **columns: object
) -> None:
    """Change the row of a stored run as a failing disk might; without ``columns`` one bit."""
    number = select(logs.c.log_no).where(logs.c.log_id == log).scalar_subquery()
    row = (runs.c.log_no == number, runs.c.first_sequence == first_sequence)
    async with database.write() as connection:
        if not columns:
            payload = await connection.scalar(select(runs.c.payload).where(*row))
            columns = {"payload": flipped(payload, len(payload) // 2)}
        changed = await connection.execute(update(runs).where(*row).values(**columns))
        assert changed.rowcount == 1


async def store_singly(database: Database, maker: LogMaker) -> LogStore:
    """Store a log as it grows in daily use: each entry a run of its own."""
    log_store = LogStore(database)
    head: Head | None = None
    for number in range(len(maker.envelopes)):
        run = run_of(maker, head, 1)
        head = run.head
        received_ms = RECEIVED_MS + number
        await log_store.append_run(run, standing=Standing.MEMBER, received_ms=received_ms)
    return log_store

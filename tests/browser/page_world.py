"""Nodes for the checks of pages: one with something on every page, one with nothing, a new one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

import aiohttp

from content_factories import an_experience
from factories import LogMaker
from memory_blobs import blob_of
from node.municipal import taxonomy
from node.operations.drafts import Written
from node_factories import TestNode
from picture_factories import png
from protocol.content import Attachment, Comment, Interest, Introduction, Use, Withdraw
from protocol.content.experience import Cost, Legal, Link, Product, Timeline
from storage.account_views import Role
from storage.import_store import ImportFile
from web_site import FORM, Site, open_site, user_with, write

RECORDS = 150
"""Enough for a list of pages with a gap in it."""
LONG_WORD = "Långtordsomintekanbrytasochfortsätter" * 4
PROSE = f"""**Läget** var så. Se [sidan](https://exempel.se) och `kod`.

- {LONG_WORD}
- Två

| Område | Antal |
|---|---|
| Norra | 12 |

1. Först
2. Sedan

> Ett citat
"""
PLACED, ABSENT = "skylt (1).png", "borta.png"
PICTURES = {
    PLACED: png(1_600, 900),
    "bilagd.png": png(400, 300, grey=200),
    ABSENT: png(5, 5),
}
"""The last has not come."""


def picture(name: str) -> Attachment:
    """What a record says of one of the pictures."""
    data = PICTURES[name]
    return Attachment(
        sha256=blob_of(data).digest.hex(),
        name=name,
        media_type="image/png",
        size_bytes=len(data),
        description=f"Exempel: en grå yta {LONG_WORD[:60]}",
    )


async def hold_pictures(site: Site) -> None:
    """Have the pictures that have come."""
    node = site.served.node
    for name, data in PICTURES.items():
        if name != ABSENT:
            growing = node.blob_files.upload("picture")
            growing.append(data)
            await node.sync.blobs.hold(growing)


class World(NamedTuple):
    """The nodes, and what addresses are filled in with."""

    full: Site
    empty: Site
    new: Site
    """Nobody has an account there, and it is closed to readers without one."""
    names: dict[str, str]


def a_whole_experience(**changes: object) -> dict[str, object]:
    """Every part of a record that a page can show."""
    return {
        "title": f"Exempel: gästhamnens bokningssystem {LONG_WORD[:60]}",
        "situation": f"{PROSE}\n![](bilaga:{PLACED})\n\n![](bilaga:{ABSENT})",
        "actions": PROSE,
        "results": PROSE,
        "lessons_well": PROSE,
        "lessons_change": PROSE,
        "advice": PROSE,
        "preconditions": PROSE,
        "cost": Cost(one_off_sek=120_000, one_off_max_sek=200_000, yearly_sek=1, own_hours=80),
        "timeline": Timeline(started="2023-01", live="2024", ended="2025-02-03"),
        "products": (Product(name=f"Bokning {LONG_WORD}", supplier="Exempelbolaget"),),
        "legal": Legal(personal_data=True, dpia_done=False, note="Exempel."),
        "links": (Link(url="https://exempel.se/rapport", title=f"Rapport {LONG_WORD}"),),
        "tags": ("larm", "hamn"),
        "valid_until": "2020-01-01",
        "collaboration_open": True,
        "language": "sv",
        "attachments": (picture(PLACED), picture("bilagd.png"), picture(ABSENT)),
    } | changes


async def fill(site: Site) -> dict[str, str]:
    """Give a node records, answers, neighbours and colleagues; returns the names of some."""
    node = site.served.node
    await hold_pictures(site)
    areas = [area.id for area in taxonomy.areas()]
    for number in range(RECORDS):
        area = areas[number % len(areas)]
        record = an_experience(title=f"Exempel {number}: fiber och larm", area=area)
        await node.publisher.publish("experience", record)  # the index waits for the question
    question = await site.publish(title="Exempel: vem vet?", type="fraga")
    own = await site.publish(**a_whole_experience(title="Exempel: egen"))
    newer = await site.publish(
        **a_whole_experience(title="Exempel: egen", replaces=own, related=(question,))
    )
    withdrawn = await site.publish(title="Exempel: återkallad")
    await node.publisher.publish("withdraw", Withdraw(target=withdrawn, reason="Fel text."))
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    foreign = write(hjo, "experience", an_experience(**a_whole_experience()))
    english = an_experience(title="Example: keys", summary="In English.", language="en")
    translated = write(hjo, "experience", english)
    write(hjo, "use", Use(record=own, since_year=2024, note="Exempel."))
    write(hjo, "interest", Interest(record=own, interest="samverka"))
    asked = write(hjo, "comment", Comment(record=own, kind="question", text="Hur gick det?"))
    write(hjo, "comment", Comment(record=own, kind="answer", text="Väl.", answer_to=asked))
    write(hjo, "comment", Comment(record=own, text=PROSE))
    skara = LogMaker(3, code="1495", name="Skara kommun")
    write(hjo, "introduction", Introduction(log=skara.log.hex(), code="1495", name="Skara kommun"))
    await site.receive(hjo)
    await node.introductions.review()
    skovde = LogMaker(4, code="1496", name="Skövde kommun")
    await node.operations.add_neighbour(hjo.log.hex(), "http://127.0.0.1:9", "Hjo")
    await node.operations.add_neighbour(skovde.log.hex(), "http://127.0.0.1:9", "Skövde")
    await node.operations.pause_neighbour(skovde.log.hex())
    link = await node.accounts.invite("anna", "Anna Exempel", Role.AUTHOR, "test")
    closed = await site.signed_in(Role.READER, "bo.exempel")
    bo = await node.account_store.by_name("bo.exempel")
    assert closed.cookie
    assert bo is not None
    await node.accounts.deactivate(bo[0].number, "test")
    drafts = await _drafts(site)
    return (
        drafts
        | await _imports(site)
        | {
            "own": own,
            "older": own,
            "newer": newer,
            "foreign": foreign,
            "english": translated,
            "withdrawn": withdrawn,
            "question": question,
            "log": skara.log.hex(),
            "neighbour": hjo.log.hex(),
            "paused_neighbour": skovde.log.hex(),
            "welcome": link.path,
        }
    )


async def _drafts(site: Site) -> dict[str, str]:
    """A draft, and one that was handed in for review; returns their ids."""
    node = site.served.node
    author = await user_with(node, Role.AUTHOR, "elsa.exempel")
    ids = {"draft": node.drafts.new_id(), "handed_in": node.drafts.new_id()}
    for name, draft_id in ids.items():
        await node.drafts.save(author, Written(draft_id, FORM | {"title": f"Exempel: {name}"}))
    await node.drafts.hand_in(author, Written(ids["handed_in"], FORM, version=1))
    return {name: draft_id.hex() for name, draft_id in ids.items()}


TABLE = f"""Titel;Beskrivning;Ämne;Kostnad;{LONG_WORD[:80]}
Exempel: ur en tabell;Text om {LONG_WORD};Bibliotek;185 000,50;x
Exempel: egen;Samma titel som en erfarenhet.;Bibliotek;;x
Exempel: fel;Text;Finns inte;;x
"""


async def _imports(site: Site) -> dict[str, str]:
    """An import of a table and one of files, as an editor has begun them; returns their ids."""
    node = site.served.node
    editor = await user_with(node, Role.EDITOR, f"{Role.EDITOR}.exempel")
    table = ImportFile("tabell.csv", TABLE.encode())
    files = [
        ImportFile("text.md", b"# Exempel: ur en fil\n\nText.\n"),
        ImportFile("publiccode.yml", b"name: Exempel\nusedBy: [Hjo kommun]\ndescription: {}\n"),
        ImportFile("fel.md", b"---\ntitel: [\n---\n"),
    ]
    begun = {"import": [table], "import_files": files}
    return {name: (await node.imports.begin(editor, some)).hex() for name, some in begun.items()}


@asynccontextmanager
async def open_world(folder: Path) -> AsyncIterator[World]:
    """Serve the nodes."""
    new = await TestNode(
        folder / "new", "1498", "Tidaholms kommun", read_access="signed-in"
    ).start()
    try:
        async with (
            open_site(folder / "full") as full,
            open_site(folder / "empty") as empty,
            aiohttp.ClientSession() as session,
        ):
            link = await new.node.operations.setup_link()
            assert link is not None
            names = await fill(full) | {"setup": link.url}
            yield World(full, empty, Site(new, session), names)
    finally:
        await new.stop()

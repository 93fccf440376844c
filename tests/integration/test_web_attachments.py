"""Files on the pages: attached without a script, described, listed, downloaded; nothing runs."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from content_factories import an_experience
from factories import LogMaker
from memory_blobs import blob_of
from node.web.pages.files import FILE_POLICY
from protocol.content import Attachment, Withdraw
from protocol.limits import BLOB_BYTES_MAX
from storage.account_views import Role
from web_site import CONFIRMED, FORM, SAME_ORIGIN, Page, Site, assert_sound, open_site, write

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\nen plan"
PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(40)
ATTACH = {"steg": "bifoga"}
DESCRIBED = {"attachment_0_description": "Planen"}


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm."""
    async with open_site(tmp_path) as opened:
        yield opened


def archive(name: str) -> bytes:
    """A ZIP archive with one small file."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        made.writestr(name, "b")
    return data.getvalue()


def office(*names: str) -> bytes:
    """An Office file with parts of these names."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        for name in ("[Content_Types].xml", *names):
            made.writestr(name, "<x/>")
    return data.getvalue()


def open_document(media_type: str) -> bytes:
    """An OpenDocument file that says it is of a type."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as made:
        made.writestr("mimetype", media_type)
        made.writestr("content.xml", "<x/>")
    return data.getvalue()


def carried(page: str) -> dict[str, str]:
    """What a form carries about files in its hidden fields."""
    pattern = r'name="(attachment_\d+_\w+)" value="([^"]*)"'
    return dict(re.findall(pattern, page))


async def attach(site: Site, *files: tuple[str, bytes], **fields: str) -> dict[str, str]:
    """Attach files in the form for a new record; returns what the form carries then."""
    answer = await site.upload("/skriv", FORM | ATTACH | fields, *files)
    assert answer.status == 200, re.findall(r'class="error"[^>]*>(.*?)</p>', answer.text)
    assert_sound(answer)
    return carried(answer.text)


async def publish(site: Site, **fields: str) -> str:
    """Publish the form; returns the record's id."""
    sent = [*(FORM | fields).items(), *CONFIRMED, ("steg", "publicera")]
    done = await site.post("/skriv", sent)
    assert done.status == 303, re.findall(r'class="error"[^>]*>(.*?)</p>', done.text)
    return done.location.removeprefix("/skriv/klart/")


def partial_files(site: Site) -> list[Path]:
    """What lies in the folder for files on their way."""
    folder = site.served.folder / "blobs" / "partial"
    return list(folder.iterdir()) if folder.exists() else []


async def test_a_file_is_attached_described_and_downloaded(site: Site) -> None:
    """Without a script: choose, attach, describe, look, publish; then anybody may fetch it."""
    form = await attach(site, ("Plan för larm.pdf", PDF))
    form["attachment_0_description"] = "Planen som nämnden beslutade om"
    preview = await site.post("/skriv", FORM | form | {"steg": "granska"})
    assert "Plan för larm.pdf" in preview.text
    assert_sound(preview)
    record = await publish(site, **form)
    page = await site.signed_out().get(f"/erfarenheter/{record}")
    page = await site.signed_out().get(page.location)
    (link,) = [link for link in Page(page.text).links if link.startswith("/filer/")]
    answer, data = await site.signed_out().download(link)

    assert_sound(page)
    assert "Planen som nämnden beslutade om" in page.text
    assert (answer.status, data) == (200, PDF)
    assert answer.headers["Content-Type"] == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''Plan%20")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Security-Policy"] == FILE_POLICY
    assert partial_files(site) == []


async def test_a_download_can_be_continued(site: Site) -> None:
    """A browser may ask for the rest of a file."""
    form = await attach(site, ("Plan.pdf", PDF))
    await publish(site, **form | DESCRIBED)
    link = f"/filer/{blob_of(PDF).digest.hex()}/Plan.pdf"
    answer, data = await site.download(link, Range="bytes=9-12")
    beyond, _ = await site.download(link, Range="bytes=5000-")

    assert (answer.status, data) == (206, PDF[9:13])
    assert answer.headers["Content-Range"] == f"bytes 9-12/{len(PDF)}"
    assert beyond.status == 416


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("a.pdf", PDF, "application/pdf"),
        ("b.PNG", PNG, "image/png"),
        ("c.jpeg", b"\xff\xd8\xff\xe0" + bytes(20), "image/jpeg"),
        ("d.gif", b"GIF89a" + bytes(20), "image/gif"),
        ("e.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        ("f.txt", "Hej på dig\n".encode(), "text/plain"),
        ("g.csv", "år;antal\n2024;7\n".encode("cp1252"), "text/csv"),
        ("h.docx", office("word/document.xml"), "wordprocessingml.document"),
        ("i.xlsx", office("xl/workbook.xml"), "spreadsheetml.sheet"),
        ("j.pptx", office("ppt/presentation.xml"), "presentationml.presentation"),
        ("k.odt", open_document("application/vnd.oasis.opendocument.text"), "opendocument.text"),
        ("utan ändelse", PDF, "application/pdf"),
    ],
)
async def test_what_may_be_attached(site: Site, name: str, data: bytes, media_type: str) -> None:
    """Documents, pictures, tables and texts are known by their bytes."""
    form = await attach(site, (name, data))

    assert form["attachment_0_media_type"].endswith(media_type)
    assert form["attachment_0_size_bytes"] == str(len(data))


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("sida.html", b"\x00<html><script>alert(1)</script>"),
        ("plan.pdf", b"<html><script>alert(1)</script>"),
        ("bild.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
        ("plan.pdf", b"MZ\x90\x00" + bytes(100)),
        ("plan.exe", PDF),
        ("bild.png", PDF),
        ("makro.docx", office("word/document.xml", "word/vbaProject.bin")),
        ("arkiv.docx", archive("a")),
        ("arkiv.zip", archive("a")),
        ("mall.odt", open_document("application/vnd.oasis.opendocument.text-template")),
        ("trasig.docx", b"PK\x03\x04" + bytes(30)),
        ("tom.pdf", b""),
        ("stor.pdf", b"%PDF-" + bytes(BLOB_BYTES_MAX)),
    ],
)
async def test_what_may_not_be_attached(site: Site, name: str, data: bytes) -> None:
    """Pages, programs, macros, archives and names that lie are refused in words; nothing stays."""
    answer = await site.upload("/skriv", FORM | ATTACH, (name, data))

    assert answer.status == 422
    assert f"{name}: " in answer.text
    assert FORM["summary"] in answer.text
    assert carried(answer.text) == {}
    assert partial_files(site) == []
    assert await site.served.node.blob_store.held([blob_of(data).digest]) == {}
    assert_sound(answer)


async def test_a_picture_needs_a_text_alternative(site: Site) -> None:
    """Without words for who cannot see it, a picture is not published; so with other files."""
    form = await attach(site, ("bild.png", PNG), ("plan.pdf", PDF))
    answer = await site.post("/skriv", FORM | form | {"steg": "granska"})
    linked = re.findall(r'href="#(attachment[^"]+)"', answer.text)

    assert answer.status == 422
    assert "Beskriv bilden i ord" in answer.text
    assert linked == ["attachment_0_description", "attachment_1_description"]
    assert set(linked) <= set(Page(answer.text).ids)


async def test_a_chosen_file_is_not_forgotten(site: Site) -> None:
    """Who chooses a file and goes on without attaching it is told so; no file, no button."""
    forgotten = await site.post("/skriv", FORM | {"fil": "plan.pdf", "steg": "granska"})
    empty = await site.upload("/skriv", FORM | ATTACH)

    assert "inte bifogad än" in forgotten.text
    assert "Välj en fil först" in empty.text


async def test_files_are_removed_and_kept_by_an_edit(site: Site) -> None:
    """Taking one away leaves the others; an edit begins with the files of the version before."""
    form = await attach(site, ("a.pdf", PDF), ("b.png", PNG))
    form |= {"attachment_0_description": "Planen", "attachment_1_description": "Skylten"}
    without = await site.post("/skriv", FORM | form | {"steg": "bilaga-bort-0"})
    record = await publish(site, **form)
    edit = await site.get(f"/erfarenheter/{record}/andra")

    assert carried(without.text)["attachment_0_name"] == "b.png"
    assert "attachment_1_name" not in carried(without.text)
    assert carried(edit.text)["attachment_1_description"] == "Skylten"
    assert_sound(without)
    assert_sound(edit)


async def test_only_authors_attach(site: Site, tmp_path: Path) -> None:
    """Readers, strangers and forms without the user's key leave not a byte on the disk."""
    reader = await site.signed_in(Role.READER)
    forged = await site.signed_in(Role.AUTHOR)
    forged.key = "0" * 64
    answers = [
        (await one.upload(path, FORM | ATTACH | {"nummer": "0"}, ("plan.pdf", PDF))).status
        for one in (reader, site.signed_out(), forged)
        for path in ("/skriv", "/bilagor")
    ]
    foreign = {**SAME_ORIGIN, "Sec-Fetch-Site": "cross-site"}
    other_site = await site.upload("/bilagor", {"nummer": "0"}, ("a.pdf", PDF), headers=foreign)

    assert answers == [403] * 6
    assert other_site.status == 403
    assert not list((site.served.folder / "blobs").rglob("*.*"))
    assert partial_files(site) == []


async def test_the_script_gets_a_row_or_words(site: Site) -> None:
    """One file at a time: its row of the form, or why it cannot be attached."""
    row = await site.upload("/bilagor", {"nummer": "3"}, ("a.pdf", PDF))
    wrong = await site.upload("/bilagor", {"nummer": "3"}, ("a.exe", b"MZ\x00"))
    bad = await site.upload("/bilagor", {"nummer": "99"}, ("a.pdf", PDF))

    assert carried(row.text)["attachment_3_name"] == "a.pdf"
    assert (wrong.status, "<" in wrong.text) == (422, False)
    assert bad.status == 400


async def test_what_was_not_looked_into_is_not_published(site: Site) -> None:
    """A form that claims another type or size than the file has, or a file that is not here."""
    form = await attach(site, ("a.pdf", PDF)) | {"attachment_0_description": "Planen"}
    for claim in (
        {"attachment_0_media_type": "image/png", "attachment_0_name": "a.png"},
        {"attachment_0_size_bytes": "7"},
        {"attachment_0_sha256": "0" * 64},
        {"attachment_0_name": "a.exe"},
        {"attachment_0_media_type": "text/html"},
    ):
        answer = await site.post("/skriv", FORM | form | claim | {"steg": "granska"})
        assert answer.status == 422, claim


def naming(data: bytes, **fields: object) -> object:
    """A record that names a PDF."""
    attachment = Attachment(
        sha256=blob_of(data).digest.hex(),
        name="Plan.pdf",
        media_type="application/pdf",
        size_bytes=len(data),
        description="Planen",
    )
    return an_experience(attachments=(attachment,), **fields)


async def test_a_file_that_has_not_come_is_said_to_be_on_its_way(site: Site) -> None:
    """A foreign record's file is listed with type and size before it is here, without a link."""
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    record = write(hjo, "experience", naming(PDF))
    await site.receive(hjo)
    page = await site.get((await site.get(f"/erfarenheter/{record}")).location)
    answer, _ = await site.download(f"/filer/{blob_of(PDF).digest.hex()}/Plan.pdf")

    assert "Hämtas från grannarna" in page.text
    assert "PDF" in page.text
    assert not [link for link in Page(page.text).links if link.startswith("/filer/")]
    assert answer.status == 404


async def test_files_are_as_visible_as_their_records(site: Site) -> None:
    """What is for member municipalities is downloaded signed in; a withdrawn record's by nobody."""
    node = site.served.node
    growing = node.blob_files.upload("x")
    growing.append(PDF)
    await node.sync.blobs.hold(growing)
    link = f"/filer/{blob_of(PDF).digest.hex()}/Plan.pdf"
    unnamed, _ = await site.download(link)
    published = await node.publisher.publish("experience", naming(PDF, visibility="federation"))
    statuses = [(await who.download(link))[0].status for who in (site, site.signed_out())]
    await node.publisher.publish("withdraw", Withdraw(target=published.record, reason="Fel"))
    withdrawn, _ = await site.download(link)

    assert unnamed.status == 404
    assert statuses == [200, 404]
    assert withdrawn.status == 404


@pytest.mark.parametrize(
    "name", ["Plan.exe", "Plan.html", "Plan.svg", "Plan", "..%2FPlan.pdf", "a%0d%0ab.pdf", ".pdf"]
)
async def test_an_address_gives_no_other_name(site: Site, name: str) -> None:
    """Nobody can make a link under which a file is saved as something that runs."""
    form = await attach(site, ("Plan.pdf", PDF))
    await publish(site, **form | DESCRIBED)
    answer, _ = await site.download(f"/filer/{blob_of(PDF).digest.hex()}/{name}")

    assert answer.status == 404


async def test_a_changed_file_is_not_given_out(site: Site) -> None:
    """What the disk has changed is no longer the file that was signed."""
    form = await attach(site, ("Plan.pdf", PDF))
    await publish(site, **form | DESCRIBED)
    path = site.served.node.blob_files.path_of(blob_of(PDF).digest)
    path.write_bytes(PDF.replace(b"plan", b"skam"))
    answer, _ = await site.download(f"/filer/{blob_of(PDF).digest.hex()}/Plan.pdf")

    assert answer.status == 404

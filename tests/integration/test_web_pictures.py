"""Pictures of records on the pages: shown where they belong, harmless whoever sent them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path

import pytest

from content_factories import an_experience
from factories import LogMaker
from memory_blobs import blob_of
from node.web import pictures
from node.web.pages.files import FILE_POLICY
from picture_factories import gif, jpeg, jpeg_with_exif, png, webp
from protocol.content import Attachment, Withdraw
from protocol.content.attachment import MediaType
from storage.account_views import Role
from web_site import CONFIRMED, FORM, Answer, Page, Site, assert_sound, open_site, write

PICTURE = png(30, 20)
NAME = "Skylt vid hamnen.png"
WORDS = "En skylt med kod att läsa av"


@pytest.fixture
async def site(tmp_path: Path) -> AsyncIterator[Site]:
    """A served node of Tidaholm."""
    async with open_site(tmp_path) as opened:
        yield opened


def named(data: bytes, name: str = NAME, media_type: MediaType = "image/png") -> Attachment:
    """What a record says of a picture."""
    digest = blob_of(data).digest.hex()
    return Attachment(
        sha256=digest, name=name, media_type=media_type, size_bytes=len(data), description=WORDS
    )


async def hold(site: Site, data: bytes) -> None:
    """Have a file here, as an upload or from a neighbour."""
    growing = site.served.node.blob_files.upload("x")
    growing.append(data)
    await site.served.node.sync.blobs.hold(growing)


async def page_of(site: Site, record: str, query: str = "") -> Answer:
    """A record's page, by way of its address with the title in it."""
    answer = await site.get(f"/erfarenheter/{record}{query}")
    return await site.get(answer.location) if answer.status == 301 else answer


async def shared_by_hjo(site: Site, *files: Attachment, **fields: object) -> Answer:
    """Let Hjo share a record with files; returns its page for the public."""
    hjo = LogMaker(2, code="1497", name="Hjo kommun")
    record = write(hjo, "experience", an_experience(attachments=files, **fields))
    await site.receive(hjo)
    return await page_of(site.signed_out(), record)


def images(page: Answer) -> list[dict[str, str]]:
    """The attributes of each image of a page."""
    found = re.findall(r"<img ([^>]*)>", page.text)
    return [
        {name: unescape(value) for name, value in re.findall(r'([\w-]+)="([^"]*)"', one)}
        for one in found
    ]


async def test_a_picture_is_shown_with_its_words(site: Site) -> None:
    """Its size is known before it comes, its words stand below, the file is one press away."""
    await hold(site, PICTURE)
    page = await shared_by_hjo(site, named(PICTURE))
    (image,) = images(page)
    shown, data = await site.signed_out().download(image["src"])

    assert_sound(page)
    assert (image["width"], image["height"], image["alt"]) == ("30", "20", WORDS)
    assert image["loading"] == "lazy"
    assert page.text.count(f">{WORDS}</span>") == 1
    assert [link for link in Page(page.text).links if link.startswith("/filer/")]
    assert (shown.status, data) == (200, PICTURE)
    assert shown.headers["Content-Type"] == "image/png"
    assert shown.headers["Content-Disposition"].startswith("inline; filename*=UTF-8''Skylt%20")
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Security-Policy"] == FILE_POLICY
    assert shown.headers["Cross-Origin-Resource-Policy"] == "same-origin"


async def test_each_kind_is_shown(site: Site) -> None:
    """PNG, JPEG, GIF and WebP, each by its own type."""
    kinds: list[tuple[bytes, str, MediaType]] = [
        (png(3, 4), "a.png", "image/png"),
        (jpeg(), "b.jpeg", "image/jpeg"),
        (gif(3, 4), "c.gif", "image/gif"),
        (webp(), "d.webp", "image/webp"),
    ]
    for data, _, _ in kinds:
        await hold(site, data)
    page = await shared_by_hjo(site, *(named(*kind) for kind in kinds))
    answers = [(await site.download(one["src"]))[0] for one in images(page)]

    assert [one.headers["Content-Type"] for one in answers] == [kind for _, _, kind in kinds]


async def test_a_text_places_a_picture(site: Site) -> None:
    """Once, where the text has it; the list of files then only names it."""
    await hold(site, PICTURE)
    text = f"Så såg den ut:\n\n![](bilaga:{NAME})\n\n![](bilaga:{NAME})\n\n![](bilaga:borta.png)"
    page = await shared_by_hjo(site, named(PICTURE), situation=text, language="sv")
    situation, files = page.text.index("Så såg den ut"), page.text.index('class="files"')

    assert_sound(page)
    assert len(images(page)) == 1
    assert situation < page.text.index("<img ") < files
    assert "Står i texten" in page.text[files:]
    assert "visas på ett annat ställe" in page.text
    assert "borta.png” finns inte bland bilagorna" in page.text


async def test_words_of_its_own_are_read_instead(site: Site) -> None:
    """Where a text says more of a picture than its description, both are there to be read."""
    await hold(site, PICTURE)
    text = f"![Skylten, <i>nära</i>](bilaga:{NAME}) och i en mening ![](bilaga:b.gif)"
    page = await shared_by_hjo(site, named(PICTURE), results=f"![Nära](bilaga:{NAME})", advice=text)
    (image,) = images(page)

    assert image["alt"] == "Nära"
    assert f"<span>{WORDS}</span>" in page.text


async def test_a_picture_that_has_not_come_says_so(site: Site) -> None:
    """What is missing stands in plain words with what the picture shows, in text and list."""
    other = png(9, 9)
    text = f"![](bilaga:{NAME})"
    page = await shared_by_hjo(site, named(PICTURE), named(other, "b.png"), situation=text)

    assert_sound(page)
    assert images(page) == []
    assert page.text.count("Bilden har inte kommit hit än. Den hämtas från grannarna.") == 2
    assert WORDS in page.text[: page.text.index('class="files"')]


@pytest.mark.parametrize(
    ("data", "name", "media_type"),
    [
        (b"<html><script>alert(1)</script>", "a.png", "image/png"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "a.png", "image/png"),
        (b"\x89PNG\r\n\x1a\n<script>alert(1)</script>", "a.png", "image/png"),
        (png(30, 20), "a.jpg", "image/jpeg"),
        (jpeg(), "a.gif", "image/gif"),
        (gif(30, 20, frames=2), "a.gif", "image/gif"),
        (gif(60_000, 60_000), "a.gif", "image/gif"),
        (gif(16_001, 1), "a.gif", "image/gif"),
        (gif(0, 1), "a.gif", "image/gif"),
        (png(30, 20)[:30], "a.png", "image/png"),
    ],
)
async def test_bytes_from_others_are_harmless(
    site: Site, data: bytes, name: str, media_type: MediaType
) -> None:
    """What is no picture of its type, moves, or has too many pixels is a download and no image."""
    await hold(site, data)
    page = await shared_by_hjo(site, named(data, name, media_type))
    asked, body = await site.download(f"/bilder/{blob_of(data).digest.hex()}/{name}")
    fetched, _ = await site.download(f"/filer/{blob_of(data).digest.hex()}/{name}")

    assert images(page) == []
    assert "Bilden visas inte här" in page.text
    assert (asked.status, data in body) == (404, False)
    assert fetched.headers["Content-Disposition"].startswith("attachment")


async def test_what_is_large_is_a_download(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A picture of more bytes than a page should have is not even read."""
    await hold(site, PICTURE)
    monkeypatch.setattr(pictures, "SHOWN_BYTES_MAX", len(PICTURE) - 1)
    page = await shared_by_hjo(site, named(PICTURE))
    asked, _ = await site.download(f"/bilder/{blob_of(PICTURE).digest.hex()}/a.png")

    assert (images(page), asked.status) == ([], 404)


@pytest.mark.parametrize("name", ["a.pdf", "a.svg", "a.jpg", "a.exe", "a", "..%2Fa.png"])
async def test_a_picture_has_no_other_name(site: Site, name: str) -> None:
    """A picture is shown under a name of its own kind and no other."""
    await hold(site, PICTURE)
    await shared_by_hjo(site, named(PICTURE))
    answer, _ = await site.download(f"/bilder/{blob_of(PICTURE).digest.hex()}/{name}")

    assert answer.status == 404


async def test_pictures_are_as_visible_as_their_records(site: Site) -> None:
    """Signed in what is for members; a withdrawn one and an earlier version show none."""
    await hold(site, PICTURE)
    address = f"/bilder/{blob_of(PICTURE).digest.hex()}/a.png"
    unnamed, _ = await site.download(address)
    record = await site.publish(attachments=(named(PICTURE),), visibility="federation")
    statuses = [(await who.download(address))[0].status for who in (site, site.signed_out())]
    await site.publish(replaces=record, visibility="federation")
    earlier = await page_of(site, record, f"?version={record}")
    replaced, _ = await site.download(address)
    other = await site.publish(attachments=(named(PICTURE),), situation=f"![](bilaga:{NAME})")
    withdrawal = Withdraw(target=other, reason="Fel")
    await site.served.node.publisher.publish("withdraw", withdrawal)
    withdrawn = await page_of(site, other)

    assert (unnamed.status, statuses, replaced.status) == (404, [200, 404], 404)
    assert (images(earlier), images(withdrawn)) == ([], [])
    assert NAME in earlier.text
    assert "Bilden visas inte här" in withdrawn.text


async def test_a_picture_the_disk_changed_is_not_shown(site: Site) -> None:
    """It is fetched anew, and until then the page says that it has not come."""
    await hold(site, PICTURE)
    await site.publish(attachments=(named(PICTURE),))
    path = site.served.node.blob_files.path_of(blob_of(PICTURE).digest)
    path.write_bytes(PICTURE[::-1])
    record = await site.publish(attachments=(named(PICTURE),))
    page = await page_of(site, record)

    assert images(page) == []
    assert "har inte kommit hit än" in page.text


async def review(site: Site, data: bytes, *, name: str = "a.jpg", **typed: str) -> Answer:
    """Attach a picture, write about it, and look at the preview."""
    attached = await site.upload("/skriv", FORM | {"steg": "bifoga"}, (name, data))
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', attached.text)
    fields = dict(hidden) | {"attachment_0_description": WORDS} | typed
    return await site.post("/skriv", FORM | fields | {"steg": "granska"})


async def test_the_preview_shows_the_draft_s_pictures(site: Site) -> None:
    """To whoever may open the draft, and to nobody else; a draft names what it names only."""
    author = await site.signed_in(Role.AUTHOR, "anna")
    preview = await review(author, jpeg(), situation="![](bilaga:a.jpg)")
    (image,) = images(preview)
    editor, other = await site.signed_in(Role.EDITOR), await site.signed_in(Role.AUTHOR, "bo")
    viewers = (author, editor, other, site.signed_out())
    statuses = [(await who.download(image["src"]))[0].status for who in viewers]
    await hold(site, PICTURE)
    elsewhere = image["src"].replace(blob_of(jpeg()).digest.hex(), blob_of(PICTURE).digest.hex())

    assert_sound(preview)
    assert image["src"].startswith("/utkast/")
    assert statuses == [200, 200, 404, 303]
    assert (await author.download(elsewhere))[0].status == 404
    assert (await author.download(f"/bilder/{blob_of(jpeg()).digest.hex()}/a.jpg"))[0].status == 404


async def test_the_preview_of_a_field_shows_them_too(site: Site) -> None:
    """The bar of tools gets the picture by the draft that the form is kept in."""
    preview = await review(site, jpeg())
    draft = re.search(r'name="utkast" value="(\w+)"', preview.text)
    assert draft is not None
    asked = {"text": "Så: ![](bilaga:a.jpg)", "utkast": draft.group(1)}
    with_draft = await site.post("/skriv/forhandsvisning", asked)
    without = await site.post("/skriv/forhandsvisning", asked | {"utkast": ""})

    assert [one["src"][:8] for one in images(with_draft)] == ["/utkast/"]
    assert images(without) == []
    assert "finns inte bland bilagorna" in without.text


async def test_where_a_picture_was_taken_is_told_before_publishing(site: Site) -> None:
    """A position hidden in a picture has to be looked at and answered for, once it is there."""
    told = await review(site, jpeg_with_exif(position=True))
    silent = await review(site, jpeg_with_exif(position=False))
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', told.text)
    refused = await site.post("/skriv", [*hidden, *CONFIRMED, ("steg", "publicera")])
    agreed = [*hidden, *CONFIRMED, ("intygar", "uppgifter"), ("steg", "publicera")]
    published = await site.post("/skriv", agreed)

    assert_sound(told)
    assert "Platsen där bilden togs i fältet ”Bilagor”: a.jpg" in told.text
    assert "Platsen där bilden togs" not in silent.text
    assert (refused.status, published.status) == (422, 303)

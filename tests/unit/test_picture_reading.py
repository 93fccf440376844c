"""What a picture's bytes say of it, for honest pictures and for bytes from anyone."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.web import picture_reading
from node.web.picture_metadata import NOTHING, read_exif
from node.web.picture_reading import Picture, read_picture
from picture_factories import exif, gif, jpeg, jpeg_with_exif, png, webp

EACH_KIND = {
    "png": (png(30, 20), Picture("image/png", 30, 20)),
    "gif": (gif(30, 20), Picture("image/gif", 30, 20)),
    "jpeg": (jpeg(), Picture("image/jpeg", 24, 16)),
    "webp": (webp(), Picture("image/webp", 24, 16)),
    "webp, extended": (webp((b"XMP ", b"<x/>")), Picture("image/webp", 24, 16)),
}
POSITIONED = {
    "jpeg": jpeg_with_exif(position=True),
    "jpeg, the other way round": jpeg_with_exif(position=True, order=">"),
    "jpeg, as text": jpeg(b"http://ns.adobe.com/xap/1.0/\x00<x exif:GPSLatitude='58,10N'/>"),
    "png": png(3, 4, (b"eXIf", exif(position=True))),
    "png, as text": png(3, 4, (b"iTXt", b"XML:com.adobe.xmp\x00<exif:GPSLongitude>")),
    "webp": webp((b"EXIF", exif(position=True))),
    "webp, as text": webp((b"XMP ", b"<x exif:GPSLatitude='58,10N'/>")),
}


@pytest.mark.parametrize(("data", "picture"), EACH_KIND.values(), ids=EACH_KIND)
def test_a_picture_says_its_size(data: bytes, picture: Picture) -> None:
    """Each kind is known by its bytes, with its width and height in pixels."""
    assert read_picture(data) == picture


@pytest.mark.parametrize("data", POSITIONED.values(), ids=POSITIONED)
def test_a_position_is_seen(data: bytes) -> None:
    """Where a picture was taken is noticed wherever phones and cameras write it."""
    picture = read_picture(data)

    assert picture is not None
    assert picture.has_position


def test_what_a_camera_says_besides_is_no_position() -> None:
    """Which way is up, a colour profile or a text is nothing that tells where somebody was."""
    for data in (jpeg_with_exif(), jpeg(b"ICC_PROFILE\x00", 0xE2), webp((b"EXIF", exif()))):
        picture = read_picture(data)
        assert picture is not None
        assert not picture.has_position


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_that_lies_is_measured_as_it_is_shown(orientation: int) -> None:
    """Browsers turn a picture as the camera says, so its width may be its height."""
    picture = read_picture(jpeg_with_exif(orientation=orientation))

    assert picture is not None
    assert (picture.width, picture.height) == ((16, 24) if orientation > 4 else (24, 16))


@pytest.mark.parametrize(
    "data",
    [gif(7, 5, frames=2), png(3, 4, (b"acTL", bytes(8))), webp((b"ANMF", bytes(16)))],
    ids=["gif", "png", "webp"],
)
def test_what_moves_is_noticed(data: bytes) -> None:
    """A picture of more than one frame is told from one that stands still."""
    picture = read_picture(data)

    assert picture is not None
    assert picture.is_moving


def test_a_frame_larger_than_its_screen_counts() -> None:
    """A GIF that states a small screen and a huge frame is measured by the frame."""
    data = bytearray(gif(7, 5))
    frame = data.index(b"\x2c")
    data[frame + 5 : frame + 9] = struct.pack("<HH", 60_000, 50_000)

    assert read_picture(bytes(data)) == Picture("image/gif", 60_000, 50_000)


@pytest.mark.parametrize("data", [one for one, _ in EACH_KIND.values()], ids=EACH_KIND)
def test_what_is_cut_off_is_harmless(data: bytes) -> None:
    """However much of a picture is missing, it is the same picture or none."""
    whole = read_picture(data)
    kinds = {read_picture(data[:length]) for length in range(len(data))}

    assert kinds == {whole, None}


@given(st.sampled_from([one for one, _ in EACH_KIND.values()]), st.data())
def test_changed_bytes_are_harmless(data: bytes, drawn: st.DataObject) -> None:
    """Whatever is changed in a picture, reading it ends and gives a size or nothing."""
    changed = bytearray(data)
    for _ in range(drawn.draw(st.integers(1, 4))):
        place = drawn.draw(st.integers(0, len(changed) - 1))
        changed[place] = drawn.draw(st.integers(0, 255))
    picture = read_picture(bytes(changed))

    assert picture is None or (picture.width > 0 and picture.height > 0)


@given(st.binary(max_size=200))
def test_no_bytes_confuse_the_reader_of_metadata(data: bytes) -> None:
    """Whatever stands where a camera's words should, it is read as something or nothing."""
    for order in (b"II*\x00", b"MM\x00*"):
        assert read_exif(order + data) in {NOTHING, (True, False), (False, True), (True, True)}


@pytest.mark.parametrize("data", [b"", b"<svg/>", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n", b"GIF89a"])
def test_other_files_are_no_pictures(data: bytes) -> None:
    """What is no picture of these kinds, or stops after its first words, is none."""
    assert read_picture(data) is None


def test_a_picture_without_a_size_is_none() -> None:
    """Zero pixels wide or high is no picture."""
    assert [read_picture(png(0, 4)), read_picture(gif(4, 0))] == [None, None]


def test_parts_without_end_are_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of more parts than any honest one has costs no more than a bounded effort."""
    monkeypatch.setattr(picture_reading, "PARTS_MAX", 50)
    many = 60

    assert read_picture(png(3, 4, *[(b"tEXt", b"")] * many)) is None
    assert read_picture(webp(*[(b"XMP ", b"")] * many)) is None
    assert read_picture(jpeg()[:2] + b"\xff\xe1\x00\x02" * many + jpeg()[2:]) is None
    assert read_picture(png(3, 4, *[(b"tEXt", b"")] * 10)) is not None

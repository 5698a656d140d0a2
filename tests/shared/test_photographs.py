"""A photograph keeps its picture and loses its notes: no place, no moment, no device, no second picture."""

import base64
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel import Invalid
from shared.photographs import cleaned

JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABQODxIPDRQSEBIXFRQYHjIhHhwcHj0sLiQySUBMS0dARkVQWnNiUFVtVkVGZIhlbXd7gYKBTmCN"
    "l4x9lnN+gXz/2wBDARUXFx4aHjshITt8U0ZTfHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHx8fHz/wAAR"
    "CAAQABgDASIAAhEBAxEB/8QAFQABAQAAAAAAAAAAAAAAAAAAAAb/xAAYEAEAAwEAAAAAAAAAAAAAAAAABkSCwv/EABYBAQEBAAAAAAAAAAAA"
    "AAAAAAMCBP/EABkRAAIDAQAAAAAAAAAAAAAAAAABAgMREv/aAAwDAQACEQMRAD8As0zMKe+U0NMa+XuiKOMAFLP/2Q=="
)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAABgAAAAQCAYAAAAMJL+VAAAARElEQVR4AezRsQkAMAgEQHGcZKZknGRs7bV4vrB7wUIRhdODjLNeMOk2HDoA"
    "gUWEie7+xiTcWAb0gwLSSxF1k9IZJ0oAAAD//6otE4AAAAAGSURBVAMAKrdVQX/rFLYAAAAASUVORK5CYII="
)
SECRET = b"14.0818N 87.2068W Rosa"
HEAD = 2 + 18
"""Where the tables of the JPEG begin: after its beginning and its JFIF segment."""


def segment(marker: int, body: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(body) + 2).to_bytes(2) + body


def exif(orientation: int, order: str = "big") -> bytes:
    """Camera notes with two entries: which way up, and where."""

    def number(value: int, size: int) -> bytes:
        return value.to_bytes(size, order)  # type: ignore[arg-type]

    place = number(0x8825, 2) + number(4, 2) + number(1, 4) + number(38, 4)
    up = number(0x0112, 2) + number(3, 2) + number(1, 4) + number(orientation, 2) + b"\0\0"
    tiff = (b"MM\0*" if order == "big" else b"II*\0") + number(8, 4) + number(2, 2) + place + up + number(0, 4)
    return segment(0xE1, b"Exif\0\0" + tiff + SECRET)


def chunk(kind: bytes, body: bytes) -> bytes:
    return len(body).to_bytes(4) + kind + body + zlib.crc32(kind + body).to_bytes(4)


def test_a_picture_without_notes_stays_as_it_is() -> None:
    assert cleaned(JPEG) == ("image/jpeg", JPEG)
    assert cleaned(PNG) == ("image/png", PNG)


@pytest.mark.parametrize(
    "notes",
    [
        exif(1),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + SECRET),
        segment(0xE2, b"ICC_PROFILE\0" + SECRET),
        segment(0xED, b"Photoshop 3.0\0" + SECRET),
        segment(0xFE, SECRET),
        segment(0xE5, SECRET) + b"\xff\xff\xff" + segment(0xFE, SECRET),
    ],
    ids=["exif", "xmp", "icc", "iptc", "comment", "unknown and filled"],
)
def test_the_notes_of_a_jpeg_go_and_its_picture_stays(notes: bytes) -> None:
    assert cleaned(JPEG[:HEAD] + notes + JPEG[HEAD:]) == ("image/jpeg", JPEG)
    assert cleaned(JPEG[:2] + notes + JPEG[2:]) == ("image/jpeg", JPEG)


def test_the_small_picture_in_the_head_and_what_follows_the_end_go() -> None:
    head = segment(0xE0, JPEG[6:18] + b"\x02\x02" + SECRET)
    assert cleaned(JPEG[:2] + head + JPEG[HEAD:] + SECRET) == ("image/jpeg", JPEG)


@pytest.mark.parametrize("order", ["big", "little"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_which_way_up_it_was_held_is_all_that_stays_of_the_camera(orientation: int, order: str) -> None:
    _, kept = cleaned(JPEG[:2] + exif(orientation, order) + JPEG[2:])
    assert SECRET not in kept
    assert kept.count(b"Exif") == (orientation != 1)
    assert (b"\x01\x12\0\x03\0\0\0\x01" + orientation.to_bytes(2) in kept) == (orientation != 1)
    assert cleaned(kept) == ("image/jpeg", kept)


@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME", b"iCCP", b"prVt"])
def test_the_notes_of_a_png_go_and_its_picture_stays(kind: bytes) -> None:
    notes = chunk(kind, SECRET)
    assert cleaned(PNG[:33] + notes + PNG[33:-12] + notes + PNG[-12:] + SECRET) == ("image/png", PNG)


NOTES = st.lists(
    st.builds(lambda marker, before, after: segment(marker, before + SECRET + after),
              st.sampled_from([0xE0, *range(0xE1, 0xF0), 0xFE]), st.binary(max_size=40), st.binary(max_size=40)),
    max_size=6,
)  # fmt: skip


@given(NOTES, st.binary(max_size=60))
def test_no_note_is_left_wherever_it_stood(notes: list[bytes], tail: bytes) -> None:
    _, kept = cleaned(JPEG[:HEAD] + b"".join(notes) + JPEG[HEAD:] + tail)
    assert SECRET not in kept
    assert kept.endswith(JPEG[HEAD:])


@pytest.mark.parametrize("whole", [JPEG, PNG], ids=["jpeg", "png"])
def test_what_is_not_whole_is_refused_wherever_it_breaks_off(whole: bytes) -> None:
    for length in range(len(whole)):
        with pytest.raises(Invalid, match=r"photo\."):
            cleaned(whole[:length])


@given(st.sampled_from([JPEG, PNG]), st.data())
def test_a_hostile_file_is_cleaned_or_refused_and_nothing_else(whole: bytes, data: Any) -> None:
    at = data.draw(st.integers(8, len(whole) - 1))
    broken = whole[:at] + data.draw(st.binary(min_size=1, max_size=30)) + whole[at + 1 :]
    try:
        _, kept = cleaned(broken)
    except Invalid as refused:
        assert refused.code.startswith("photo.")  # noqa: PT017
    else:
        assert cleaned(kept)[1] == kept


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "photo.not_an_image"),
        (b"%PDF-1.7", "photo.not_an_image"),
        (b"GIF89a", "photo.not_an_image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "photo.not_an_image"),
        (b"\xff\xd8\xff\xd9", "photo.damaged"),
        (JPEG.replace(b"\xff\xc0\0\x11\x08\0\x10\0\x18", b"\xff\xc0\0\x11\x08\xff\xff\xff\xff"), "photo.too_wide"),
        (PNG[:8] + chunk(b"IHDR", bytes(13)) + PNG[33:], "photo.too_wide"),
        (PNG[:33] + chunk(b"IDXT", b"x") + PNG[33:], "photo.damaged"),
        (PNG[:40] + b"?" + PNG[41:], "photo.damaged"),
    ],
)
def test_what_is_no_photograph_is_refused(content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        cleaned(content)
    assert refused.value.code == code


@pytest.mark.browser
def test_a_browser_draws_what_is_kept_the_right_way_up() -> None:
    from tests.portal.screen import chromium

    def size(page: Any, media_type: str, content: bytes) -> list[int]:
        address = f"data:{media_type};base64,{base64.b64encode(content).decode()}"
        drawn = "async a => { const i = new Image(); i.src = a; await i.decode(); return [i.naturalWidth, i.naturalHeight] }"
        found: list[int] = page.evaluate(drawn, address)
        return found

    with chromium() as browser:
        page = browser.new_page()
        assert size(page, *cleaned(JPEG)) == [24, 16]
        assert size(page, *cleaned(JPEG[:2] + exif(6) + JPEG[2:])) == [16, 24]
        assert size(page, *cleaned(PNG[:33] + chunk(b"tEXt", SECRET) + PNG[33:])) == [24, 16]
        browser.close()

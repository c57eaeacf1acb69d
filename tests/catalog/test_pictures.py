"""Turning uploads into pictures of our own: what is kept, what is lost, what is refused."""

import zlib
from io import BytesIO

import pytest
from PIL import Image, ImageCms

from shop.catalog.services import pictures
from shop.catalog.services.pictures import NotAPicture, PictureTooLarge, render
from tests.catalog.shelf import picture

ORIENTATION = 0x0112
TURNED_LEFT = 6
MAKER = 0x010F


def opened(content):
    image = Image.open(BytesIO(content))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_each_accepted_kind_becomes_two_webp_files(kind):
    made = render(picture((2000, 1000), kind=kind))

    large, thumbnail = opened(made.large), opened(made.thumbnail)
    assert (large.format, large.size) == ("WEBP", (1600, 800))
    assert (thumbnail.format, thumbnail.size) == ("WEBP", (400, 200))
    assert (made.width, made.height) == (1600, 800)


def test_small_pictures_stay_as_small_as_they_are():
    made = render(picture((120, 80)))

    assert (opened(made.large).size, opened(made.thumbnail).size) == ((120, 80), (120, 80))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_is_turned_the_right_way_up_and_loses_its_metadata(kind):
    exif = Image.Exif()
    exif[ORIENTATION] = TURNED_LEFT
    exif[MAKER] = "A camera with a serial number"

    made = render(picture((300, 100), kind=kind, exif=exif.tobytes()))

    large = opened(made.large)
    assert large.size == (100, 300)
    assert not large.getexif()
    assert b"serial number" not in made.large + made.thumbnail


@pytest.mark.parametrize(
    ("kind", "mode", "colour"),
    [("PNG", "RGBA", (1, 2, 3, 0)), ("PNG", "LA", (1, 0)), ("WEBP", "RGBA", (1, 2, 3, 0))],
)
def test_transparency_is_kept(kind, mode, colour):
    made = render(picture(kind=kind, mode=mode, colour=colour))

    assert opened(made.large).convert("RGBA").getpixel((5, 5))[3] == 0
    assert opened(made.thumbnail).convert("RGBA").getpixel((5, 5))[3] == 0


@pytest.mark.parametrize("kind", ["GIF", "PNG"])
def test_the_transparent_colour_of_a_palette_is_kept(kind):
    made = render(picture(kind=kind, mode="P", colour=0, transparency=0))

    assert opened(made.large).convert("RGBA").getpixel((5, 5))[3] == 0


@pytest.mark.parametrize("mode", ["CMYK", "L", "YCbCr"])
def test_other_colour_models_become_rgb(mode):
    kind = "JPEG"

    made = render(picture(kind=kind, mode=mode, colour=0))

    assert opened(made.large).mode == "RGB"


def test_a_colour_profile_is_translated_not_kept():
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()

    made = render(picture(colour=(200, 30, 60), icc_profile=lab))

    large = opened(made.large)
    assert "icc_profile" not in large.info
    assert all(abs(a - b) < 12 for a, b in zip(large.getpixel((5, 5)), (200, 30, 60), strict=True))


def test_a_broken_colour_profile_is_ignored():
    made = render(picture(icc_profile=b"this is no profile"))

    assert opened(made.large).size == (40, 20)


def test_of_an_animation_the_first_frame_is_kept():
    frames = [Image.new("RGB", (30, 30), colour) for colour in ("red", "blue")]
    buffer = BytesIO()
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:])

    large = opened(render(buffer.getvalue()).large)

    red, _, blue = large.convert("RGB").getpixel((5, 5))
    assert red > 200
    assert blue < 60
    assert getattr(large, "n_frames", 1) == 1


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    "content",
    [b"", b"GIF89a", b"\x89PNG\r\n\x1a\n", SVG, b"<html></html>", b"%PDF-1.7", b"\x00" * 1000],
    ids=["empty", "gif head", "png head", "svg", "html", "pdf", "zeros"],
)
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(NotAPicture):
        render(content)


@pytest.mark.parametrize("kind", ["BMP", "TIFF", "ICO"])
def test_other_formats_are_refused_even_if_they_can_be_read(kind):
    with pytest.raises(NotAPicture):
        render(picture((32, 32), kind=kind))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_file_that_is_cut_off_anywhere_is_refused_or_read_but_never_a_fault(kind):
    whole = picture((64, 48), kind=kind)

    for length in range(0, len(whole) - 1, 7):
        try:
            made = render(whole[:length])
        except NotAPicture:
            continue
        assert made.width == 64


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_a_file_with_any_byte_changed_is_refused_or_read_but_never_a_fault(kind):
    whole = picture((64, 48), kind=kind)

    for place in range(0, len(whole), 3):
        for value in (0, 255):
            damaged = whole[:place] + bytes([value]) + whole[place + 1 :]
            try:
                render(damaged)
            except (NotAPicture, PictureTooLarge):
                continue


def test_more_bytes_than_allowed_are_refused_unread():
    with pytest.raises(PictureTooLarge):
        render(picture() + b"\x00" * pictures.MAX_UPLOAD_BYTES)


@pytest.mark.parametrize("size", [(6400, 6300), (20_000, 20_000), (60_000, 60_000)])
def test_a_small_file_that_would_unpack_to_too_many_pixels_is_refused(size):
    with pytest.raises(PictureTooLarge):
        render(claiming(size))


def claiming(size):
    """A PNG whose header says it is as large as this."""
    small = bytearray(picture((10, 10)))
    small[16:24] = size[0].to_bytes(4, "big") + size[1].to_bytes(4, "big")
    header = bytes(small[12:29])
    small[29:33] = zlib.crc32(header).to_bytes(4, "big")
    return bytes(small)

"""Turning what someone uploaded into two pictures of our own making."""

import struct
import threading
import zlib
from dataclasses import dataclass
from io import BytesIO

from PIL import Image, ImageCms, ImageOps

from mdv.kernel.errors import Invalid

MAX_UPLOAD_BYTES = 10 * 1024 * 1024
MAX_FORM_BYTES = MAX_UPLOAD_BYTES + 64 * 1024  # with the fields beside the file
MAX_PIXELS = 25_000_000
LARGE_PX = 1600  # the longer side, at most
THUMBNAIL_PX = 400
QUALITY = 82
# Decided by content. No SVG: it can carry scripts.
ACCEPTED_FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
CONTENT_TYPE = "image/webp"
SUFFIX = ".webp"

# What Pillow raises on files that are cut off, or made to be read wrongly.
BROKEN = (
    OSError, ValueError, TypeError, SyntaxError, EOFError, LookupError, OverflowError,
    struct.error, zlib.error,
)  # fmt: skip
BOMBS = (Image.DecompressionBombError, Image.DecompressionBombWarning)

SRGB = ImageCms.createProfile("sRGB")

# One at a time: a decoded picture takes up to 100 MB.
_decoding = threading.Lock()


class NotAPicture(Invalid):
    code = "not_a_picture"
    detail = "This is not a JPEG, PNG, WebP or GIF picture, or it is damaged."


class PictureTooLarge(Invalid):
    code = "picture_too_large"
    detail = (
        f"A picture has at most {MAX_UPLOAD_BYTES // 1024**2} MB "
        f"and {MAX_PIXELS // 1_000_000} megapixels."
    )


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Two WebP files; `width` and `height` are those of the larger, in pixels."""

    large: bytes
    thumbnail: bytes
    width: int
    height: int


def render(content: bytes) -> Picture:
    """Re-encode a picture, turned the right way up, without metadata, in two sizes.

    Of an animation, the first frame. Transparency is kept.

    Raises:
        PictureTooLarge: over MAX_UPLOAD_BYTES or MAX_PIXELS.
        NotAPicture: another format, or damaged.
    """
    if len(content) > MAX_UPLOAD_BYTES:
        raise PictureTooLarge
    try:
        with _decoding, Image.open(BytesIO(content), formats=ACCEPTED_FORMATS) as source:
            if source.width * source.height > MAX_PIXELS:
                raise PictureTooLarge
            large = _upright(source)
            return Picture(
                large=_encoded(large),
                thumbnail=_encoded(_shrunk(large, THUMBNAIL_PX)),
                width=large.width,
                height=large.height,
            )
    except BOMBS:
        raise PictureTooLarge from None
    except BROKEN:
        raise NotAPicture from None


def _upright(source: Image.Image) -> Image.Image:
    source.draft("RGB", (LARGE_PX, LARGE_PX))  # a JPEG is decoded at about the size needed
    has_alpha = source.has_transparency_data
    plain = source.convert("RGBA" if has_alpha else "RGB")
    return ImageOps.exif_transpose(_in_srgb(_shrunk(plain, LARGE_PX)))


def _in_srgb(image: Image.Image) -> Image.Image:
    """Translate colours out of the file's own profile, which is not kept."""
    profile = image.info.get("icc_profile")
    if not profile:
        return image
    try:
        return ImageCms.profileToProfile(image, BytesIO(profile), SRGB) or image
    except (ImageCms.PyCMSError, OSError):
        return image


def _shrunk(image: Image.Image, longest: int) -> Image.Image:
    smaller = image.copy()
    smaller.thumbnail((longest, longest), Image.Resampling.LANCZOS)
    return smaller


def _encoded(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "WEBP", quality=QUALITY, exif=b"", icc_profile=b"", xmp=b"")
    return buffer.getvalue()

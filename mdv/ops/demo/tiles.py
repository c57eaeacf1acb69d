"""Pictures for the demo shop, drawn: a field of the goods' colour, a pattern, their initials."""

from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageColor, ImageDraw, ImageFont

from mdv.ops.demo.goods import COLOURS, Goods

SIDE = 480  # pixels
CELLS = 5
QUALITY = 90
PATTERN_TINT = 0.14  # how far the pattern's colour is from the field's
DISC = 0.21  # the disc's radius, as a share of the side
INITIALS = 0.15  # their height, likewise
LIGHT, DARK = (255, 255, 255), (30, 28, 26)
PAPER = ImageColor.getrgb("#faf7f0")

Colour = tuple[int, ...]
Box = tuple[float, float, float, float]
Pattern = Callable[[ImageDraw.ImageDraw, Box, Colour], None]


def draw_tile(goods: Goods, place: int) -> bytes:
    """Return a JPEG for the goods that stand at `place`; neighbours get different patterns."""
    field = ImageColor.getrgb(COLOURS[goods.colours[0]])
    tile = Image.new("RGB", (SIDE, SIDE), field)
    canvas = ImageDraw.Draw(tile)
    tint = _mixed(field, DARK if sum(field) > sum(LIGHT) / 2 else LIGHT, PATTERN_TINT)
    pattern = PATTERNS[place % len(PATTERNS)]
    cell = SIDE / CELLS
    for row in range(CELLS):
        for column in range(CELLS):
            left, top = column * cell, row * cell
            pattern(canvas, (left, top, left + cell, top + cell), tint)
    _draw_initials(canvas, goods.title, _mixed(field, DARK, 0.5))
    content = BytesIO()
    tile.save(content, "JPEG", quality=QUALITY)
    return content.getvalue()


def _draw_initials(canvas: ImageDraw.ImageDraw, title: str, ink: Colour) -> None:
    centre = SIDE / 2
    canvas.circle((centre, centre), SIDE * DISC, fill=PAPER)
    initials = "".join(word[0] for word in title.replace("-", " ").split()[:2])
    font = ImageFont.load_default(SIDE * INITIALS)
    canvas.text((centre, centre), initials.upper(), font=font, anchor="mm", fill=ink)


def _mixed(colour: Colour, other: Colour, share: float) -> Colour:
    pairs = zip(colour, other, strict=True)
    return tuple(round(one + (two - one) * share) for one, two in pairs)


def _dots(canvas: ImageDraw.ImageDraw, box: Box, tint: Colour) -> None:
    left, top, right, bottom = box
    canvas.circle(((left + right) / 2, (top + bottom) / 2), (right - left) / 5, fill=tint)


def _stripes(canvas: ImageDraw.ImageDraw, box: Box, tint: Colour) -> None:
    left, top, right, bottom = box
    canvas.rectangle((left, top, left + (right - left) / 3, bottom), fill=tint)


def _diamonds(canvas: ImageDraw.ImageDraw, box: Box, tint: Colour) -> None:
    left, top, right, bottom = box
    x, y = (left + right) / 2, (top + bottom) / 2
    canvas.polygon([(x, top), (right, y), (x, bottom), (left, y)], outline=tint, width=5)


def _checks(canvas: ImageDraw.ImageDraw, box: Box, tint: Colour) -> None:
    left, top, right, bottom = box
    x, y = (left + right) / 2, (top + bottom) / 2
    canvas.rectangle((left, top, x, y), fill=tint)
    canvas.rectangle((x, y, right, bottom), fill=tint)


def _scales(canvas: ImageDraw.ImageDraw, box: Box, tint: Colour) -> None:
    left, top, right, bottom = box
    canvas.arc((left, top, right, bottom), 0, 180, fill=tint, width=6)


def _weave(canvas: ImageDraw.ImageDraw, box: Box, tint: Colour) -> None:
    left, top, right, bottom = box
    third = (right - left) / 3
    canvas.rectangle((left, top + third, right, bottom - third), fill=tint)
    canvas.rectangle((left + third, top, right - third, top + third / 2), fill=tint)
    canvas.rectangle((left + third, bottom - third / 2, right - third, bottom), fill=tint)


PATTERNS: tuple[Pattern, ...] = (_dots, _stripes, _diamonds, _checks, _scales, _weave)

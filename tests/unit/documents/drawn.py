"""Pictures of texts, drawn with Pillow and its own font, as customers photograph and scan them."""

import random
import re
from collections import Counter
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter, ImageFont

RECEIPT = (
    "KETTLE AND MORE LIMITED",
    "Receipt number 48213 of 14 March 2026",
    "Customer: Margaret Whitfield",
    "Steel kettle with temperature control",
    "Quantity 1    Price 59.90",
    "Spare lid, black    Price 12.50",
    "Delivery to your door    Price 4.95",
    "Total paid by card    77.35",
    "Thank you for shopping with us",
    "Returns are accepted within 30 days",
    "Keep this receipt with the guarantee",
)
SCREEN = (
    "Payment failed: your bank declined the transaction",
    "Error code 3021 occurred while saving the order",
    "Please check the card number and try again later",
    "Order reference A48213 remains open until Friday",
    "Signed in as Margaret Whitfield, last visit yesterday",
    "Contact support if the problem happens again",
)


def page(
    lines: tuple[str, ...] = RECEIPT, *, size: int = 30, ink: int = 0, paper: int = 255
) -> Image.Image:
    """Return a picture of some lines, grey."""
    font = ImageFont.load_default(size)
    width = max(int(font.getlength(line)) for line in lines) + 4 * size
    picture = Image.new("L", (width, size * 2 * (len(lines) + 2)), paper)
    draw = ImageDraw.Draw(picture)
    for number, line in enumerate(lines):
        draw.text((2 * size, size * 2 * (number + 1)), line, ink, font)
    return picture


def turned(picture: Image.Image, degrees: float) -> Image.Image:
    return picture.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=255)


def photographed(picture: Image.Image) -> Image.Image:
    """Return a bad photo: in perspective, blurred, with noise and uneven light."""
    width, height = picture.size
    corners = (
        0,
        0,
        width * 0.03,
        height * 1.03,
        width * 0.98,
        height,
        width * 1.02,
        -height * 0.02,
    )
    paper = picture.transform(
        picture.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=230
    ).filter(ImageFilter.GaussianBlur(1.1))
    noise = Image.frombytes("L", picture.size, random.Random(7).randbytes(width * height))  # noqa: S311
    light = Image.linear_gradient("L").resize(picture.size).point(lambda value: 140 + value // 3)
    lit = Image.composite(paper, Image.new("L", picture.size, 60), light)
    return Image.blend(lit, noise, 0.12)


PICTURES = {
    "straight": (RECEIPT, page),
    "turned by 7 degrees": (RECEIPT, lambda: turned(page(), 7)),
    "turned by 90 degrees": (RECEIPT, lambda: turned(page(), 90)),
    "grey on grey": (RECEIPT, lambda: page(ink=120, paper=165)),
    "dark screenshot": (SCREEN, lambda: page(SCREEN, size=16, ink=215, paper=30)),
    "bad photo": (RECEIPT, lambda: photographed(page())),
}


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def recall(lines: tuple[str, ...], text: str) -> float:
    """Return the share of the words that are in a text."""
    wanted, seen = (Counter(re.findall(r"[\w.]+", t)) for t in (" ".join(lines), text))
    return (wanted & seen).total() / wanted.total()

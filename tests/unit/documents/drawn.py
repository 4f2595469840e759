"""Pictures of texts, drawn with Pillow and its own font, as customers photograph and scan them."""

import random
import re
from collections import Counter
from collections.abc import Callable
from io import BytesIO

from PIL import Image, ImageDraw, ImageFilter, ImageFont

RECEIPT = (
    "KETTLE AND MORE LIMITED, 14 Harbour Street, Bristol",
    "Receipt number 48213 of 14 March 2026",
    "Customer: Margaret Whitfield, account 900317",
    "Steel kettle with temperature control, one year of guarantee",
    "Quantity 1    Price 59.90",
    "Spare lid, black, fits every kettle of this make",
    "Quantity 2    Price 12.50",
    "Delivery to your door on Tuesday morning    4.95",
    "Total paid by card    89.85",
    "Thank you for shopping with us. If anything is wrong with",
    "what you have bought, write to us within 30 days, say what",
    "happened and send a photo of the damage with this receipt.",
    "We repair or replace it, or give you your money back.",
    "Keep this receipt together with the guarantee.",
)
SCREEN = (
    "Payment failed: your bank declined the transaction",
    "Error code 3021 occurred while saving the order",
    "Please check the card number and try again later",
    "Order reference A48213 remains open until Friday evening",
    "Signed in as Margaret Whitfield, last visit yesterday",
    "Your basket holds three articles and one voucher",
    "Steel kettle 59.90, spare lid 12.50, delivery 4.95",
    "The voucher cannot be used together with this card",
    "Choose another way to pay, or remove the voucher first",
    "Nothing was taken from your account so far",
    "Contact support if the problem happens again",
    "and tell them the error code and the time of the attempt",
)

GERMAN = (
    "Die Küchenmaschine kam beschädigt an, und es fehlt",
    "das Zubehör. Der Deckel der Schüssel passt nicht.",
    "Können Sie mir die Rückerstattung für die Bestellung",
    "schnell überweisen? Ich möchte keinen Gutschein.",
    "Für die Mühe wäre eine Entschädigung schön.",
)


def in_german() -> Image.Image:
    """Return a picture of a German text. Pillow's own font has no umlauts: dots are drawn on."""
    size = 30
    font, picture = ImageFont.load_default(size), page(GERMAN, sizes=(size,))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 0, *picture.size), 255)
    for number, line in enumerate(GERMAN, 1):
        plain = line.translate(str.maketrans("äöü", "aou"))
        draw.text((2 * size, 2 * size * number), plain, 0, font)
        for at, letter in enumerate(line):
            if letter in "äöü":
                start, width = 2 * size + font.getlength(plain[:at]), font.getlength(plain[at])
                top = 2 * size * number + font.getbbox("o")[1] - 7
                for share in (0.3, 0.7):
                    middle = start + share * width
                    draw.ellipse((middle - 2, top, middle + 2, top + 4), 0)
    return picture


def page(
    lines: tuple[str, ...] = RECEIPT,
    *,
    sizes: tuple[int, ...] = (30,),
    ink: int = 0,
    paper: int = 255,
) -> Image.Image:
    """Return a picture of some lines, grey; `sizes` are those of its letters, line by line."""
    fonts = [ImageFont.load_default(size) for size in sizes]
    step = 2 * max(sizes)
    of_lines = [(line, fonts[number % len(fonts)]) for number, line in enumerate(lines)]
    width = max(int(font.getlength(line)) for line, font in of_lines) + 2 * step
    picture = Image.new("L", (width, step * (len(lines) + 2)), paper)
    draw = ImageDraw.Draw(picture)
    for number, (line, font) in enumerate(of_lines, 1):
        draw.text((step, step * number), line, ink, font)
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
    return noisy(shadowed(paper))


def shadowed(picture: Image.Image, darkest: int = 140) -> Image.Image:
    """Return a picture whose upper side lies in a shadow: `darkest` of 255 is how light it is."""
    step = (225 - darkest) / 255
    light = Image.linear_gradient("L").resize(picture.size)
    light = light.point(lambda value: int(darkest + value * step))
    return Image.composite(picture, Image.new("L", picture.size, 60), light)


def noisy(picture: Image.Image) -> Image.Image:
    width, height = picture.size
    noise = Image.frombytes("L", picture.size, random.Random(7).randbytes(width * height))  # noqa: S311
    return Image.blend(picture, noise, 0.12)


BAD_PHOTO = "bad photo: blurred, noisy, in perspective, JPEG 45"
PICTURES: dict[str, tuple[tuple[str, ...], Callable[[], bytes]]] = {
    "straight": (RECEIPT, lambda: saved(page())),
    "turned by 7 degrees": (RECEIPT, lambda: saved(turned(page(), 7))),
    "turned by 90 degrees": (RECEIPT, lambda: saved(turned(page(), 90))),
    "grey on grey": (RECEIPT, lambda: saved(page(ink=120, paper=165))),
    "dark screenshot, letters of 14 to 16 pixels": (
        SCREEN,
        lambda: saved(page(SCREEN, sizes=(14, 15, 16), ink=215, paper=30)),
    ),
    BAD_PHOTO: (
        RECEIPT,
        lambda: saved(photographed(page()), "JPEG", quality=45),
    ),
}
"""Files with the lines that are to be found in them, by what is hard about them."""


def saved(picture: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    file = BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def bound(pages: list[Image.Image], kind: str) -> bytes:
    """Return several pages as one file."""
    return saved(pages[0], kind, save_all=True, append_images=pages[1:])


def words(text: str) -> Counter[str]:
    """Return how often each word is in a text; a price is a word."""
    return Counter(word.strip(".") for word in re.findall(r"[\w.]+", text))


def recall(lines: tuple[str, ...], text: str) -> float:
    """Return the share of the words that are in a text."""
    wanted = words(" ".join(lines))
    return (wanted & words(text)).total() / wanted.total()

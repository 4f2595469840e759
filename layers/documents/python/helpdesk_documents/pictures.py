"""Pictures: opened within limits, and prepared for recognition with Pillow alone."""

import math
import warnings
from collections.abc import Iterator
from io import BytesIO

from helpdesk.unread import Why
from PIL import Image, ImageOps, ImageSequence, ImageStat

from helpdesk_documents.bounds import FRAMES, PIXELS
from helpdesk_documents.kinds import Kind
from helpdesk_documents.result import RefusedError

_FORMATS = {
    Kind.PNG: "PNG", Kind.JPEG: "JPEG", Kind.GIF: "GIF", Kind.BMP: "BMP", Kind.TIFF: "TIFF",
    Kind.WEBP: "WEBP",
}  # fmt: skip
_PAGED = frozenset({Kind.TIFF})
"""Kinds whose frames are pages. Those of the others are an animation: the first shows enough."""

_SMALL, _LARGE = 1500, 3000
"""Pixels of the longer side below which a picture is doubled, and above which it is reduced."""

_DARK = 110
_COPY = 600
_STEEPEST = 15
_STEPS = [step / 2 for step in range(-2 * _STEEPEST, 2 * _STEEPEST + 1)]


def frames(data: bytes, kind: Kind) -> tuple[int, Iterator[Image.Image]]:
    """Return how many frames a picture has, and those that are read. Raises RefusedError.

    The size is looked at before anything is unpacked.
    """
    Image.MAX_IMAGE_PIXELS = None  # the limit below is lower than Pillow's, and does not warn
    warnings.simplefilter("ignore")
    try:
        picture = Image.open(BytesIO(data), formats=[_FORMATS[kind]])
        count = getattr(picture, "n_frames", 1) if kind in _PAGED else 1
    except (OSError, SyntaxError, ValueError) as error:
        raise RefusedError(Why.UNREADABLE) from error
    _refuse_if_large(picture)
    return count, _loaded(picture, min(count, FRAMES))


def _loaded(picture: Image.Image, count: int) -> Iterator[Image.Image]:
    try:
        for number, frame in enumerate(ImageSequence.Iterator(picture)):
            if number == count:
                return
            _refuse_if_large(frame)
            frame.draft("L", (_LARGE, _LARGE))
            yield ImageOps.exif_transpose(frame)
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise RefusedError(Why.UNREADABLE) from error


def _refuse_if_large(picture: Image.Image) -> None:
    if picture.width * picture.height > PIXELS:
        raise RefusedError(Why.TOO_LARGE)


def prepared(picture: Image.Image) -> Image.Image:
    """Return a picture as recognition wants it: grey, dark on light, large enough and level."""
    grey = ImageOps.autocontrast(_grey(picture), cutoff=1)
    if ImageStat.Stat(grey).mean[0] < _DARK:
        grey = ImageOps.invert(grey)
    longer = max(grey.size)
    if longer < _SMALL:
        grey = grey.resize((grey.width * 2, grey.height * 2), Image.Resampling.LANCZOS)
    elif longer > _LARGE:
        grey.thumbnail((_LARGE, _LARGE), Image.Resampling.LANCZOS)
    angle = _slant(grey)
    return (
        grey.rotate(angle, Image.Resampling.BICUBIC, expand=True, fillcolor=255) if angle else grey
    )


def _grey(picture: Image.Image) -> Image.Image:
    if picture.mode in {"I", "I;16", "I;16B", "F"}:
        # Values beyond a byte would be clipped to white.
        low, high = map(float, picture.convert("F").getextrema())  # type: ignore[arg-type]
        scale = 255 / (high - low) if high > low else 1
        return picture.convert("F").point(lambda value: value * scale - low * scale).convert("L")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, picture).convert("L")
    return picture.convert("L")


def _slant(grey: Image.Image) -> float:
    """Return by how many degrees to turn a page so that its lines are level.

    On a level page rows of ink and rows of paper alternate, so their sums differ most.
    """
    copy = ImageOps.invert(grey)
    copy.thumbnail((_COPY, _COPY), Image.Resampling.BOX)
    return max(_STEPS, key=lambda angle: (_unevenness(copy, angle), -abs(angle)))


def _unevenness(copy: Image.Image, angle: float) -> float:
    turned = copy.rotate(angle, Image.Resampling.BILINEAR, fillcolor=0)
    rows = turned.resize((1, turned.height), Image.Resampling.BOX)
    return math.fsum(ImageStat.Stat(rows).var)

"""Text in pictures, by Tesseract."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import tesserocr
from helpdesk.unread import Why
from PIL import Image

from helpdesk_documents import pictures
from helpdesk_documents.bounds import FRAMES
from helpdesk_documents.kinds import at_a_glance
from helpdesk_documents.result import Found, RefusedError

SURE, LEAST = 70, 50
"""Confidence below which a picture is also read turned, and below which its text is not kept."""

_TURNS = (
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_270,
    Image.Transpose.ROTATE_180,
)
_DATA = "share/tessdata"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was recognised, and how sure that is, from 0 to 100."""

    text: str
    confidence: float


def read(data: bytes, languages: Sequence[str]) -> Found:
    """Return the text of a picture: of its first FRAMES pages, if it has some."""
    kind = at_a_glance(data, "", "")
    count, frames = pictures.frames(data, kind)
    seen = Recogniser(languages).read(frames) if languages else None
    if not seen:
        return Found("", pages=count)
    return Found(seen.text, count, seen.confidence, cut=count > FRAMES)


class Recogniser:
    """Reads pictures in some languages (by their names in Tesseract: `eng`)."""

    def __init__(self, languages: Sequence[str]) -> None:
        """Raise RefusedError if what Tesseract knows of a language is not installed."""
        self._languages = languages
        self._folder = _folder(languages)

    def read(self, frames: Iterable[Image.Image]) -> Seen | None:
        """Return the text of all frames, or None if there is none.

        Raises RefusedError if there is some, and no frame's is sure enough.
        """
        seen: list[Seen] = []
        with tesserocr.PyTessBaseAPI(
            path=f"{self._folder}/", lang="+".join(self._languages), psm=tesserocr.PSM.AUTO
        ) as engine:
            for frame in frames:
                best = _best(engine, pictures.prepared(frame))
                if best.text:
                    seen.append(best)
        kept = [each for each in seen if each.confidence >= LEAST]
        if seen and not kept:
            raise RefusedError(Why.UNSURE)
        if not kept:
            return None
        return Seen("\n\n".join(each.text for each in kept), fmean(s.confidence for s in kept))


def _best(engine: tesserocr.PyTessBaseAPI, page: Image.Image) -> Seen:
    best = _read(engine, page)
    for turn in _TURNS:
        if best.confidence >= SURE:
            break
        best = max(best, _read(engine, page.transpose(turn)), key=lambda seen: seen.confidence)
    return best


def _read(engine: tesserocr.PyTessBaseAPI, page: Image.Image) -> Seen:
    engine.SetImage(page)
    text = engine.GetUTF8Text().strip()
    return Seen(text, float(engine.MeanTextConf()) if text else 0.0)


def _folder(languages: Sequence[str]) -> Path:
    """Return where the languages are: with the package in its layer, or in the environment."""
    for place in (Path(__file__).parents[1], Path(sys.prefix)):
        folder = place / _DATA
        if all((folder / f"{language}.traineddata").is_file() for language in languages):
            return folder
    raise RefusedError(Why.NO_RECOGNITION)

"""Text in pictures, by Tesseract."""

import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

import tesserocr
from helpdesk.unread import Why
from PIL import Image

from helpdesk_documents import pictures
from helpdesk_documents.bounds import FRAMES, RECOGNISING
from helpdesk_documents.kinds import at_a_glance
from helpdesk_documents.result import Found, RefusedError

SURE, LEAST = 70, 50
"""Confidence below which a picture is also read turned, and below which its text is not kept."""

_TURNS = (
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_270,
    Image.Transpose.ROTATE_180,
)
_SAUVOLA = "2"
"""How Tesseract tells ink from paper: by what is around it.

With one threshold for the whole page, lines in a shadow are lost.
"""

_DATA = "share/tessdata"


@dataclass(frozen=True, slots=True)
class Seen:
    """What was recognised, and how sure that is, from 0 to 100."""

    text: str
    confidence: float
    cut: bool = False
    """Whether there was no time for a further page."""


def read(data: bytes, languages: Sequence[str]) -> Found:
    """Return the text of a picture: of its first FRAMES pages, if it has some."""
    kind = at_a_glance(data, "", "")
    count, frames = pictures.frames(data, kind)
    seen = Recogniser(languages).read(frames) if languages else None
    if not seen:
        return Found("", pages=count)
    return Found(seen.text, count, seen.confidence, cut=seen.cut or count > FRAMES)


class Recogniser:
    """Reads pictures in some languages (by their names in Tesseract: `eng`)."""

    def __init__(self, languages: Sequence[str]) -> None:
        """Raise RefusedError if what Tesseract knows of a language is not installed."""
        self._languages = languages
        self._folder = _folder(languages)

    def read(self, frames: Iterable[Image.Image]) -> Seen | None:
        """Return the text of all frames, or None if there is none.

        Raises RefusedError if there is some, and no frame's is sure enough. Frames for which no
        time is left are not read.
        """
        seen: list[Seen] = []
        until, cut = time.process_time() + RECOGNISING, False
        with tesserocr.PyTessBaseAPI(
            path=f"{self._folder}/", lang="+".join(self._languages), psm=tesserocr.PSM.AUTO
        ) as engine:
            engine.SetVariable("thresholding_method", _SAUVOLA)
            for frame in frames:
                cut = time.process_time() > until
                if cut:
                    break
                best = _best(engine, pictures.prepared(frame), until)
                if best.text:
                    seen.append(best)
        kept = [each for each in seen if each.confidence >= LEAST]
        if seen and not kept:
            raise RefusedError(Why.UNSURE)
        if not kept and cut:
            raise RefusedError(Why.TOO_COSTLY)
        if not kept:
            return None
        text = "\n\n".join(each.text for each in kept)
        return Seen(text, fmean(each.confidence for each in kept), cut)


def _best(engine: tesserocr.PyTessBaseAPI, page: Image.Image, until: float) -> Seen:
    best = _read(engine, page)
    for turn in _TURNS:
        if best.confidence >= SURE or time.process_time() > until:
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

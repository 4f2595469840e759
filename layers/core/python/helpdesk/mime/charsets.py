"""Bytes to text: in the declared charset if that is right, and else in the likeliest one. Pure.

A charset is a sender's claim. Only charsets of texts are taken: Python also knows codecs that
unpack or rotate, and some that need far longer than the text is long.
"""

import codecs
import re
from collections.abc import Callable
from contextlib import suppress

type Detect = Callable[[bytes], str | None]
"""Guesses the charset of bytes; the name may be any."""

WORTH_A_GUESS = 200
"""Bytes above which a charset is guessed: in fewer a guess is mostly wrong."""

SEEN_BY_A_GUESS = 65_536
"""Bytes that a guess is made from."""

FEW_WRONG = 50
"""A text in its declared charset may have one wrong character in so many."""

_NAME = re.compile(r"[A-Za-z0-9_.:+-]{1,40}")
_TEXTS = re.compile(
    r"utf-(?:7|8|8-sig|16|16-le|16-be|32|32-le|32-be)|iso8859-\d{1,2}|cp\d{2,4}|koi8-[rut]|kz1048"
    r"|big5|big5hkscs|gb2312|gbk|gb18030|hz|johab|euc_(?:jp|jis_2004|jisx0213|kr)|tis-620|hp-roman8"
    r"|iso2022_(?:jp|jp_1|jp_2|jp_2004|jp_3|jp_ext|kr)|shift_ji(?:s|s_2004|sx0213)|ptcp154"
    r"|mac-(?:cyrillic|greek|iceland|latin2|roman|turkish)"
)
_MEANT = {
    "iso8859-1": "cp1252",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "euc_kr": "cp949",
    "shift_jis": "cp932",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "utf-8": "utf-8-sig",
}
"""What senders mean who declare a charset: the larger one that has it as a part."""

_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like the next one
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
"""How texts begin that say themselves what they are in."""

_SEVEN_BIT = ("iso2022", "hz", "utf-7")


def unguessed(data: bytes) -> str | None:  # noqa: ARG001 -- the type of a guess
    """Guess nothing."""
    return None


def usable(name: str | None) -> str | None:
    """Return the codec of a charset of texts; None for other names and for plain ASCII."""
    if not name or not _NAME.fullmatch(name):
        return None
    with suppress(LookupError, ValueError):
        codec = codecs.lookup(name).name
        if _TEXTS.fullmatch(codec):
            return _MEANT.get(codec, codec)
    return None


def read_text(data: bytes, declared: str | None, detect: Detect = unguessed) -> str:
    """Return bytes as text: as marked, declared, in UTF-8, as guessed, or as Western Europe writes.

    Never raises, and never returns half of a surrogate pair.
    """
    return _sound(_read(data, usable(declared), detect))


def _read(data: bytes, codec: str | None, detect: Detect) -> str:
    marked = next((codec for mark, codec in _MARKS if data.startswith(mark)), None)
    if marked:
        return data.decode(marked, "replace")
    if codec and (text := _strictly(data, codec)) is not None:
        return text
    if codec and codec.startswith(_SEVEN_BIT) and data.isascii():
        return data.decode(codec, "replace")
    if (text := _strictly(data, "utf-8-sig")) is not None:
        return text
    for likely in (codec, _guessed(data, detect)):
        if likely and (text := _mostly(data, likely)) is not None:
            return text
    text = _strictly(data, "cp1252")
    return data.decode("latin-1") if text is None else text


def _strictly(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except UnicodeError:
        return None


def _mostly(data: bytes, codec: str) -> str | None:
    text = data.decode(codec, "replace")
    return text if text.count("\ufffd") * FEW_WRONG <= len(text) else None


def _guessed(data: bytes, detect: Detect) -> str | None:
    if len(data) <= WORTH_A_GUESS:
        return None
    with suppress(Exception):  # a mail is read, also where the guess fails
        return usable(detect(data[:SEEN_BY_A_GUESS]))
    return None


def _sound(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

"""The text and the files of a mail that was taken apart. Pure.

Every part of text that is not a file is read, in order: some senders write one before and one
after a picture. Of alternatives the plain one counts, unless it is blank.
"""

import re
import unicodedata
from dataclasses import dataclass, field, replace

from helpdesk import characters
from helpdesk.mime import markup
from helpdesk.mime.charsets import Detect, read_text, usable
from helpdesk.mime.headers import line, parameter, parameters
from helpdesk.mime.model import Attachment, Fault, FaultKind
from helpdesk.mime.structure import FORWARDED, MOST_LEVELS, PLAIN, Part

MOST_PARTS = 100
LONGEST_TEXT = 1_000_000
LONGEST_NAME = 120

HTML = "text/html"
_OTHER_VERSIONS = frozenset({"text/x-amp-html", "text/watch-html"})
"""What some senders add as a further version of the text, for programs that know it."""

_ENCRYPTED = frozenset({"application/pgp-encrypted", "application/pkcs7-mime"})
_NAMES = {
    FORWARDED: "message.eml",
    "application/ms-tnef": "winmail.dat",
    "application/pdf": "file.pdf",
    "image/gif": "image.gif",
    "image/jpeg": "image.jpg",
    "image/png": "image.png",
    "message/delivery-status": "status.txt",
    "text/calendar": "invitation.ics",
    "text/rfc822-headers": "headers.txt",
    "text/vcard": "contact.vcf",
}
"""The names of files that come without one."""


@dataclass(slots=True)
class Body:
    """What is found: text, whether it is from HTML, files, and what was left out.

    `withheld` are the names of files that only the mending of the mail's head shows.
    """

    text: str = ""
    html_only: bool = False
    files: tuple[Attachment, ...] = ()
    withheld: tuple[str, ...] = ()
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class _Version:
    """Text that was read. `plain` and `html` tell which kinds of parts it is from."""

    text: str = ""
    plain: bool = False
    html: bool = False


@dataclass(slots=True)
class _Walk:
    """The way through a mail's parts."""

    detect: Detect
    seen: int = 0
    left_out: int = 0
    files: list[Part] = field(default_factory=list)
    faults: dict[FaultKind, str] = field(default_factory=dict)

    def version(self, part: Part, *, within: str = "") -> _Version:
        """Return the text of a part; note the files below it."""
        self.seen += 1
        if self.seen > MOST_PARTS:
            self.left_out += 1
            return _Version()
        declared = part.declared
        if declared.startswith("multipart/"):
            return self._of_parts(part, declared)
        if within == "multipart/alternative" and declared in _OTHER_VERSIONS:
            return _Version()
        if declared in _ENCRYPTED:
            self.faults.setdefault(FaultKind.ENCRYPTED, declared)
        if _is_file(part, declared):
            self.files.append(part)
            return _Version()
        return self._of_text(part, declared)

    def _of_parts(self, part: Part, declared: str) -> _Version:
        inner = part.parts
        if not inner:
            kind = FaultKind.NOT_DIVIDED if part.divided else FaultKind.TOO_DEEP
            detail = declared if part.divided else f"more than {MOST_LEVELS} levels of parts"
            self.faults.setdefault(kind, detail)
            return self._of_text(part, PLAIN) if part.divided else _Version()
        found = [self.version(each, within=declared) for each in inner]
        shown = [each for each in found if not characters.shows_nothing(each.text)]
        if declared == "multipart/alternative" and shown:
            return next((each for each in shown if not each.html), shown[-1])
        return _Version(
            "\n\n".join(each.text for each in shown),
            plain=any(each.plain for each in shown),
            html=any(each.html for each in shown),
        )

    def _of_text(self, part: Part, declared: str) -> _Version:
        data, charset = part.data, part.charset
        if declared == HTML and not usable(charset):
            charset = markup.stated_charset(data) or charset
        text = read_text(data, charset, self.detect)
        if len(text) > LONGEST_TEXT:
            self.faults.setdefault(FaultKind.TEXT_CUT, f"{len(text)} characters")
        text = text[:LONGEST_TEXT]
        if declared == HTML:
            return _Version(_plain(markup.to_text(text)), html=True)
        form = parameters(part.get("content-type"))
        if (parameter(form, "format") or "").lower() == "flowed":
            text = _unflowed(text, joined=(parameter(form, "delsp") or "").lower() == "yes")
        return _Version(_plain(text), plain=True)


def read_body(root: Part, detect: Detect) -> Body:
    """Return the text and the files of a mail."""
    walk = _Walk(detect)
    version = walk.version(root)
    if len(version.text) > LONGEST_TEXT:
        walk.faults.setdefault(FaultKind.TEXT_CUT, f"{len(version.text)} characters")
    faults = [Fault(kind, detail) for kind, detail in walk.faults.items()]
    if walk.left_out:
        faults.append(Fault(FaultKind.TOO_MANY_PARTS, f"parts left out: {walk.left_out}"))
    return Body(
        text=version.text[:LONGEST_TEXT],
        html_only=version.html and not version.plain,
        files=_files(walk.files),
        faults=faults,
    )


def without_hidden_files(body: Body, as_sent: Body) -> Body:
    """Return what is found in a mail whose head was mended, but for files that this alone shows.

    `as_sent` is what is found without mending. Who looks for viruses may not have found the others.
    """
    seen = [(each.type, each.data) for each in as_sent.files]
    shown = tuple(each for each in body.files if (each.type, each.data) in seen)
    withheld = tuple(each.name for each in body.files if each not in shown)
    return replace(body, files=shown, withheld=withheld)


def _is_file(part: Part, declared: str) -> bool:
    if declared not in {PLAIN, HTML} or part.disposition == "attachment":
        return True
    named = parameters(part.get("content-disposition"))
    return bool(part.disposition and (parameter(named, "filename") or part.filename))


def _files(found: list[Part]) -> tuple[Attachment, ...]:
    """Return the files, however many and large: who keeps them says what is too much."""
    return tuple(
        Attachment(
            name=_name(part, number),
            type=part.declared,
            data=part.data,
            inline=_inline(part),
            embedded=part.get("content-id") is not None,
        )
        for number, part in enumerate(found, start=1)
    )


def _inline(part: Part) -> bool:
    return part.disposition != "attachment" and (
        part.disposition == "inline" or part.get("content-id") is not None
    )


def _name(part: Part, number: int) -> str:
    return file_name(part.filename or "") or _NAMES.get(part.declared, f"file-{number}")


def file_name(said: str) -> str:
    """Return a name as it may be shown: without folders, of at most LONGEST_NAME characters."""
    last = re.split(r"[/\\]", line(unicodedata.normalize("NFC", said), 4 * LONGEST_NAME))[-1]
    name = "".join(c for c in last if not characters.hides_something(c)).strip(" .")
    stem, dot, ending = name.rpartition(".")
    if len(name) > LONGEST_NAME and dot and len(ending) <= 10:
        return f"{stem[: LONGEST_NAME - len(ending) - 1]}.{ending}"
    return name[:LONGEST_NAME]


def _plain(text: str) -> str:
    """Return a text with one kind of line ends and no control characters."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return lines.translate(_CONTROLS).strip("\n")


_CONTROLS = dict.fromkeys([*range(9), *range(11, 32), *range(127, 160)])


def _unflowed(text: str, *, joined: bool) -> str:
    """Return a flowing text (RFC 3676) with its soft line ends taken away."""
    lines: list[str] = []
    open_quote: str | None = None
    for each in text.replace("\r\n", "\n").split("\n"):
        bare = each.lstrip(">")
        quote = each[: len(each) - len(bare)]
        said = bare.removeprefix(" ")
        soft = said.endswith(" ") and said != "-- "
        kept = said[:-1] if soft and joined else said
        if open_quote == quote and said != "-- ":
            lines.append(kept)
        else:
            lines.append(("\n" if lines else "") + quote + (" " if quote else "") + kept)
        open_quote = quote if soft else None
    return "".join(lines)

"""HTML to the text that a reader sees: blocks as lines, quotes marked, links spelled out. Pure.

One pass over tags, without a tree. The standard library's own reader is not used: on unclosed
comments its time grows with the square of their number, and a megabyte of them takes minutes.
"""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

LONGEST = 1_000_000
"""Characters of HTML that are read."""

MOST_QUOTES = 8
"""How deep quotes are marked."""

LONGEST_LINK = 500

_HEAD = 4_096
"""Bytes of a page in which it may state its charset, four times what HTML asks for."""

_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9:-]{0,30}+)|<[!?]|</")
_STOP = re.compile(r">|=[ \t\r\n]{0,9}+[\"']")
_LINK = re.compile(r"(?<![^\s\"'/])(?:href|alt)[ \t\r\n]{0,9}+=[ \t\r\n]{0,9}+", re.IGNORECASE)
_META = re.compile(rb"<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_BARE = re.compile(r"[^\s>\"']{0,2000}+")
_LONG_NUMBER = re.compile(r"&#[0-9]{8,}+;?")
_BLANKS = re.compile(r"[ \t\r\n\f\xa0\u200b\ufeff]++")
_SAFE_LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s<>]{1,500}+", re.IGNORECASE)

_UNSEEN = frozenset("script style title template iframe noembed noframes object".split())
"""What no reader sees, up to its end tag."""

_ENDS = {name: re.compile(rf"</{name}", re.IGNORECASE) for name in _UNSEEN}

_HIDDEN = re.compile(
    r"(?<![^\s\"'/])style[ \t\r\n]{0,9}+=[ \t\r\n]{0,9}+[\"']?[^\"'>]{0,500}?"
    r"(?<![\w-])display[ \t]{0,9}+:[ \t]{0,9}+none",
    re.IGNORECASE,
)
_MAY_HIDE = {
    name: re.compile(rf"<(/?){name}(?![\w:-])", re.IGNORECASE)
    for name in ("div", "span", "p", "td", "tr", "table")
}
"""Elements that senders hide: texts for the lists of mail programs, and copies for phones."""

_BLOCKS = frozenset(
    "address article aside body center dd div dl dt fieldset figure footer form header hr html "
    "legend li main nav option pre section select table tbody textarea tfoot thead tr br".split()
)
_PARAGRAPHS = frozenset("blockquote h1 h2 h3 h4 h5 h6 ol p ul".split())


@dataclass(slots=True)
class _Page:
    """The lines so far, and what the reader is within."""

    lines: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    quotes: int = 0
    as_typed: int = 0
    link: str = ""
    link_at: int = 0

    def say(self, text: str) -> None:
        """Add text to the line."""
        if self.as_typed:
            first, *others = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            self.words.append(first)
            for each in others:
                self.end_line()
                self.words.append(each)
        else:
            self.words.append(_BLANKS.sub(" ", text))

    def end_line(self, *, blank: bool = False) -> None:
        """End the line, if anything is on it; leave a blank one after it."""
        said = "".join(self.words)
        self.words.clear()
        self.link_at = 0
        said = said.rstrip() if self.as_typed else " ".join(said.split(" ")).strip()
        mark = "> " * min(self.quotes, MOST_QUOTES)
        if said:
            self.lines.append(f"{mark}{said}")
        if blank or (self.as_typed and not said):
            self.blank()

    def blank(self) -> None:
        """Leave a blank line, unless there is one."""
        mark = ("> " * min(self.quotes, MOST_QUOTES)).rstrip()
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(mark)
        elif self.lines:  # the one there may be of a quote that ended
            self.lines[-1] = min(self.lines[-1], mark, key=len)


def stated_charset(page: bytes) -> str | None:
    """Return the charset that the beginning of a page states."""
    found = _META.search(page[:_HEAD])
    return found[1].decode("ascii", "replace") if found else None


def to_text(source: str) -> str:
    """Return what a reader of HTML sees, as lines of text; what is hidden if that is nothing."""
    seen = source[:LONGEST]
    return _lines(seen, hides=True) or _lines(seen, hides=False)


def _lines(source: str, *, hides: bool) -> str:
    page = _Page()
    for tag, attributes, text in _pieces(source, hides=hides):
        if text:
            page.say(_unescaped(text))
        if tag:
            _take(page, tag, attributes)
    page.end_line()
    return "\n".join(page.lines).strip("\n")


def _take(page: _Page, tag: str, attributes: str) -> None:
    name, closes = tag.lstrip("/"), tag.startswith("/")
    if name in _PARAGRAPHS:
        page.end_line(blank=name != "blockquote")
    elif name in _BLOCKS:
        page.end_line(blank=name == "br" and not page.words)
    if name == "blockquote":
        if closes:
            page.quotes = max(0, page.quotes - 1)
        page.blank()
        page.quotes += not closes
    elif name == "pre":
        page.as_typed = max(0, page.as_typed + (-1 if closes else 1))
    elif name == "li" and not closes:
        page.words.append("- ")
    elif name in {"td", "th"} and not closes and page.words:
        page.words.append(" ")
    elif name == "a":
        _take_link(page, "" if closes else _attribute(attributes, "href"))
    elif name == "img" and (shown := _attribute(attributes, "alt")):
        page.say(shown)


def _take_link(page: _Page, target: str) -> None:
    """Spell out where a link leads, unless its text does."""
    if page.link:
        shown = "".join(page.words[page.link_at :])
        goal = (
            page.link.partition(":")[2] if page.link.startswith(("mailto:", "tel:")) else page.link
        )
        if goal.rstrip("/") not in shown and shown.strip():
            page.words.append(f" ({goal})")
    found = _SAFE_LINK.fullmatch(target.strip()[: LONGEST_LINK + 10])
    page.link = found[0] if found else ""
    page.link_at = len(page.words)


def _pieces(source: str, *, hides: bool) -> Iterator[tuple[str, str, str]]:
    """Yield the text before each tag with the tag's name and attributes; "/" marks an end tag."""
    at, unclosed = 0, set[str]()
    may_hide = dict(_MAY_HIDE) if hides else {}
    while at < len(source):
        opened = source.find("<", at)
        if opened < 0:
            break
        found = _TAG.match(source, opened)
        if found is None:
            yield "", "", source[at : opened + 1]
            at = opened + 1
            continue
        text = source[at:opened]
        if source.startswith("<!--", opened):
            yield "", "", text
            end = source.find("-->", opened + 4)
            at = len(source) if end < 0 else end + 3
            continue
        end = _end_of_tag(source, found.end(), unclosed)
        if end < 0:  # a tag that never ends: what follows is text, with fewer signs
            yield "", "", text
            at = found.end()
            break
        name = (found[1] or "").lower()
        closes = "/" if source.startswith("</", opened) else ""
        yield f"{closes}{name}" if name else "", source[found.end() : end], text
        at = end
        if name in _UNSEEN and not closes and source[end - 2] != "/":
            after = _ENDS[name].search(source, end)
            at = after.start() if after else len(source)
        elif name in may_hide and not closes and _HIDDEN.search(source, found.end(), end):
            stop = _end_of_element(source, end, may_hide[name])
            if stop is None:
                del may_hide[name]  # one that never ends hides nothing, and is sought once
            else:
                at = stop
    yield "", "", source[at:]


def _end_of_element(source: str, at: int, tag: re.Pattern[str]) -> int | None:
    """Return where the end tag of an element stands, past those of the same name within it."""
    depth = 1
    for found in tag.finditer(source, at):
        depth += -1 if found[1] else 1
        if depth == 0:
            return found.start()
    return None


def _end_of_tag(source: str, at: int, unclosed: set[str]) -> int:
    """Return where a tag ends, past quoted values; `unclosed` are quotes with no second one."""
    while found := _STOP.search(source, at):
        if (mark := found[0][-1]) == ">":
            return found.end()
        close = -1 if mark in unclosed else source.find(mark, found.end())
        if close < 0:
            unclosed.add(mark)
        at = found.end() if close < 0 else close + 1
    return -1


def _attribute(attributes: str, name: str) -> str:
    """Return the value of the first attribute with this name."""
    for found in _LINK.finditer(attributes):
        if not found[0].lower().startswith(name):
            continue
        start = found.end()
        mark = attributes[start : start + 1]
        if mark in {'"', "'"}:
            end = attributes.find(mark, start + 1)
            said = attributes[start + 1 : end] if end > start else ""
        else:
            said = (_BARE.match(attributes, start) or [""])[0]
        return _unescaped(said[: 4 * LONGEST_LINK])
    return ""


def _unescaped(text: str) -> str:
    """Return text with its entities read; the standard library refuses numbers that are long."""
    return html.unescape(_LONG_NUMBER.sub("\ufffd", text))

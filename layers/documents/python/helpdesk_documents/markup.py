"""HTML to text: blocks on lines of their own, cells apart, scripts and styles left out."""

import re
from html.parser import HTMLParser

from helpdesk_documents import plain
from helpdesk_documents.result import EnoughError, Found, Gathered

LARGEST = 1_000_000
"""Characters of markup that are read."""

_BLOCKS = frozenset(
    "address article aside blockquote body br center dd div dl dt fieldset figcaption figure footer"
    " form h1 h2 h3 h4 h5 h6 header hr li main nav ol option p pre section table tr ul".split()
)
_UNSEEN = frozenset("noscript script style svg template title".split())
_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?([\w-]{1,40})""", re.IGNORECASE)


def read(data: bytes) -> Found:
    """Return the text that a page shows."""
    declared = _CHARSET.search(data[:4096])
    return text_of(plain.decode(data, declared[1].decode("ascii") if declared else None))


def text_of(markup: str) -> Found:
    """Return the text of markup: of its first LARGEST characters."""
    page = _Page()
    cut = len(markup) > LARGEST
    try:
        page.feed(markup[:LARGEST])
        page.close()
    except EnoughError:
        cut = True
    return Found(page.gathered.text, cut=cut)


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.gathered = Gathered()
        self._unseen: str | None = None
        self._within = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._unseen:
            self._within += tag == self._unseen
        elif tag in _UNSEEN:
            self._unseen, self._within = tag, 1
        elif tag in _BLOCKS:
            self.gathered.add("\n")
        elif tag == "img":
            self.gathered.add(next((value for key, value in attrs if key == "alt" and value), ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _UNSEEN:
            self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if self._unseen:
            self._within -= tag == self._unseen
            if self._within == 0:
                self._unseen = None
        elif tag in _BLOCKS:
            self.gathered.add("\n")
        elif tag in {"td", "th"}:
            self.gathered.add("\t")

    def handle_data(self, data: str) -> None:
        if not self._unseen:
            self.gathered.add(re.sub(r"\s+", " ", data))

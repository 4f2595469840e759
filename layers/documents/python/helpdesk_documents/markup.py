"""HTML to text, by the desk's own reader of HTML: the one that reads mails."""

from helpdesk.mime import markup

from helpdesk_documents import plain
from helpdesk_documents.result import Found


def read(data: bytes) -> Found:
    """Return the text that a page shows."""
    page = plain.decode(data, markup.stated_charset(data))
    return Found(markup.to_text(page), cut=len(page) > markup.LONGEST)

"""Whether the pages that articles link to are there."""

import http.client
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from helpdesk.knowledge import Article
from helpdesk.linting import Finding

PATIENCE = 10
"""Seconds that a page has to answer."""

AT_ONCE = 8
"""Pages that are asked for at the same time."""

ADVICE = "correct the address, or remove the link"

_NO_HEAD = {f"answers {status}" for status in (400, 403, 404, 405, 501)}
"""What is said of servers that do not know the method HEAD, or do not like it."""

type Answers = Callable[[str], str | None]


def broken_links(articles: Iterable[Article], answers: Answers | None = None) -> list[Finding]:
    """Return a finding for each link whose page does not answer with its content.

    `answers` says what is wrong with an address, None if nothing is; by default it is asked.
    """
    linking = [(each, link) for each in articles for link in each.links]
    addresses = sorted({link.url for _, link in linking})
    with ThreadPoolExecutor(AT_ONCE) as pool:
        said = dict(zip(addresses, pool.map(answers or wrong_with, addresses), strict=True))
    return [
        Finding(article=each.intent, rule="links", text=f"{link.url} {wrong}", advice=ADVICE)
        for each, link in linking
        if (wrong := said[link.url])
    ]


def wrong_with(url: str) -> str | None:
    """Ask for a page; return what is wrong with it, None if nothing is."""
    wrong = _asked(url, "HEAD")
    return _asked(url, "GET") if wrong in _NO_HEAD else wrong


def _asked(url: str, method: str) -> str | None:
    headers = {"User-Agent": "helpdesk-lint"}
    request = urllib.request.Request(url, method=method, headers=headers)  # noqa: S310 -- a Link's
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE):  # noqa: S310 -- begins https://
            return None
    except urllib.error.HTTPError as error:
        return f"answers {error.code}"
    except urllib.error.URLError as error:
        return f"cannot be reached: {error.reason}"
    except (OSError, http.client.HTTPException) as error:
        return f"cannot be reached: {error or type(error).__name__}"

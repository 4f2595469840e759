"""What a page may do, as its Content-Security-Policy says it. Pure."""

import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from typing import Self

NONE = "'none'"
"""The source that a policy names where nothing is allowed."""

_ORIGIN = re.compile(r"https://[a-z0-9-]+(\.[a-z0-9-]+)*(:[0-9]{1,5})?")


class Origins(tuple[str, ...]):
    """Origins of sites that may frame the page, in a line with blanks between them."""

    __slots__ = ()

    def __new__(cls, line: str = "") -> Self:
        """Read the line. Raises ValueError for what is no origin over https."""
        found = line.split()
        for each in found:
            if not _ORIGIN.fullmatch(each):
                raise ValueError(f"{each!r} is no origin such as https://shop.example")
        return super().__new__(cls, found)


NO_SITES = Origins()


def hash_of(code: str) -> str:
    """Return the source by which a policy allows a script or a style that stands in the page."""
    return f"'sha256-{b64encode(sha256(code.encode()).digest()).decode()}'"


def policy(
    *,
    scripts: Iterable[str] = (),
    styles: Iterable[str] = (),
    calls: Iterable[str] = (),
    frames: Origins = NO_SITES,
) -> str:
    """Return the policy of a page.

    It runs `scripts` and takes `styles` by their hashes, calls the origins `calls`, and is framed
    by `frames`. What is empty is not allowed at all.
    """
    allowed = {
        "default-src": (),
        "script-src": scripts,
        "style-src": styles,
        "connect-src": calls,
        "base-uri": (),
        "form-action": (),
        "frame-ancestors": frames,
    }
    return "; ".join(f"{name} {' '.join(who) or NONE}" for name, who in allowed.items())

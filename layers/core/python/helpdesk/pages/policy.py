"""What a page may do, as its Content-Security-Policy says it. Pure."""

from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256

NONE = "'none'"
"""The source that a policy names where nothing is allowed."""


def hash_of(code: str) -> str:
    """Return the source by which a policy allows a script or a style that stands in the page."""
    return f"'sha256-{b64encode(sha256(code.encode()).digest()).decode()}'"


def policy(
    *,
    scripts: Iterable[str] = (),
    styles: Iterable[str] = (),
    calls: Iterable[str] = (),
    forms: Iterable[str] = (),
    frames: Iterable[str] = (),
) -> str:
    """Return the policy of a page.

    It runs `scripts` and takes `styles` by their hashes, calls the origins `calls`, posts forms to
    `forms`, and is framed by `frames`. What is empty is not allowed at all.
    """
    allowed = {
        "default-src": (),
        "script-src": scripts,
        "style-src": styles,
        "connect-src": calls,
        "base-uri": (),
        "form-action": forms,
        "frame-ancestors": frames,
    }
    return "; ".join(f"{name} {' '.join(who) or NONE}" for name, who in allowed.items())

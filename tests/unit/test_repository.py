"""What must not be in the repository."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MADE = {"build", "__pycache__"}
SHOWN = {".ci", ".github"}
INVENTED = {"000000000000", "123456789012"}
"""Account numbers of emulators and of AWS's own examples."""

SECRETS = {
    "an AWS key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a token of a forge": r"\b(?:gh[pousr]_\w{36}|glpat-[\w-]{20}|xox[abp]-[\w-]{10})",
    "an account": r"\barn:aws[\w-]*:\w+:[\w-]*:(\d{12}):",
    "an address": r"[\w.+-]+@([A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,})",
}


def found(text: str) -> Iterator[tuple[str, str]]:
    """Yield what in a text looks like a secret, and what it is."""
    for what, pattern in SECRETS.items():
        for match in re.finditer(pattern, text):
            told = (match[1] if match.re.groups else match[0]).lower()
            if told not in INVENTED and "example" not in told.split("."):
                yield what, match[0]


def test_no_secret_account_or_real_address() -> None:
    """X2."""
    seen = 0
    for path in ROOT.rglob("*"):
        hidden = any(
            part.startswith(".") and part not in SHOWN for part in path.relative_to(ROOT).parts
        )
        if hidden or MADE & set(path.parts) or not path.is_file():
            continue
        text = path.read_text(errors="replace")
        assert not list(found(text)), path
        seen += 1
    assert seen > 100


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("key = 'AKIA" + "IOSFODNN7ABCDEFG'", "an AWS key"),
        ("-----BEGIN RSA " + "PRIVATE KEY-----", "a private key"),
        ("gh" + "p_" + "a" * 36, "a token of a forge"),
        ("arn:aws:sqs:eu-west-1:" + "111122223333:queue", "an account"),
        ("ada.lovelace@" + "gmail.com", "an address"),
    ],
)
def test_the_search_finds_what_is_there(text: str, what: str) -> None:
    assert [kind for kind, _ in found(text)] == [what]

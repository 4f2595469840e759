"""What customers ask while things break: good questions, hard ones, and what is no message."""

import json

QUESTIONS = (
    "where is my order 55812",
    "how do i reset my password",
    "which payment methods do you take",
    "would you sponsor our school team",
    "what are your opening hours",
)
BAIT = (
    "a" * 3_999 + "!",
    "a@" * 2_000,
    "1234567890" * 400,
    "(" * 2_000 + ")" * 2_000,
    "x" + " \t" * 1_990 + "y",
    "\u202ereversed\u202c " * 300,
    "👩‍👩‍👧‍👦" * 500,
    "'; DROP TABLE tickets; -- ${jndi:ldap://x} {{7*7}} \\x00 \x1b[2J",
    "www." * 1_000,
    "0" * 3_000 + "€",
)
"""Questions that make careless patterns run for ever, each as good as any other's."""


def poison(number: int) -> str:
    """Return the body of a message that is no ticket's."""
    kinds = (
        "{not json",
        "[]",
        '"a string"',
        '{"ticket": 5}',
        '{"ticket": "../../../etc/passwd"}',
        '{"ticket": "0000000000000000"}',
        '{"ticket": "0000000000000000", "text": "smuggled"}',
        json.dumps({"ticket": "0" * 200_000}),
        json.dumps({"ticket": "a" * 50_000 + "!"}),
        "[" * 20_000,
    )
    return kinds[number % len(kinds)]

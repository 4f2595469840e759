"""Rules about what customers write: doubles, styles, golden copies.

The styles are told by heuristics, which are data in `wording`:

fragments    at most three words
angry        a word of anger, marks like "!!" or "?!", or two words in capitals
typos        a shortened or mistyped word of the table, or a word that stands once in all phrases
             and is one letter away from a frequent word
long         at least 25 words
non-native   a pattern of the table, such as "how I can" or "explain me"
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from string import ascii_lowercase

from helpdesk.linting.checking import OUT_OF_SCOPE, Found, Knowledge
from helpdesk.linting.phrases import Index, normal, words
from helpdesk.linting.wording import ANGRY, CHAT, NON_NATIVE, SHOUTED

FRAGMENT = 3
"""Words of a fragment, at most."""

LONG = 25
"""Words of a long message, at least."""

FREQUENT = 5
"""Phrases in which a word stands that is surely spelled right."""


def doubles(knowledge: Knowledge) -> Iterator[Found]:
    """Yield phrases that stand in two articles, or twice in one."""
    seen: dict[str, str] = {}
    for intent, text in _phrases(knowledge):
        owner = seen.setdefault(normal(text) or text, "")
        if owner:
            yield intent, f"{text!r}, " + ("twice" if owner == intent else f"also in {owner}")
        else:
            seen[normal(text) or text] = intent


def near_doubles(knowledge: Knowledge) -> Iterator[Found]:
    """Yield phrases that are nearly the same as one of another article.

    What is not for the desk is left out: it is there to be nearly the same, and is not.
    """
    pairs = [each for each in _phrases(knowledge) if each[0] != OUT_OF_SCOPE]
    index = Index([text for _, text in pairs])
    for number, (intent, text) in enumerate(pairs):
        for other, _ in index.like(text, knowledge.limits.likeness):
            theirs, phrase = pairs[other]
            if other > number and theirs != intent and normal(phrase) != normal(text):
                yield intent, f"{text!r} is nearly {phrase!r} of {theirs}"


def golden_copies(knowledge: Knowledge) -> Iterator[Found]:
    """Yield phrases that are a golden case as well."""
    cases = {normal(case.text): case.text for case in knowledge.golden}
    for intent, text in _phrases(knowledge):
        if (case := cases.get(normal(text))) is not None:
            yield intent, f"{text!r} is the golden case {case!r}"


def coverage(knowledge: Knowledge) -> Iterator[Found]:
    """Yield styles of which an article has too few phrases."""
    limits = knowledge.limits
    mistyped = _mistyped(knowledge)
    styles: Mapping[str, tuple[Callable[[str], bool], int]] = {
        "fragments": (lambda text: len(words(text)) <= FRAGMENT, limits.fragments),
        "angry": (lambda text: bool(ANGRY.search(text) or SHOUTED.search(text)), limits.angry),
        "typos": (
            lambda text: bool(CHAT.search(text) or mistyped & set(words(text))),
            limits.typos,
        ),
        "long": (lambda text: len(words(text)) >= LONG, limits.long),
        "non-native": (lambda text: bool(NON_NATIVE.search(text)), limits.non_native),
    }
    for article in knowledge.articles:
        if article.intent == OUT_OF_SCOPE:
            continue
        for name, (fits, least) in styles.items():
            if (count := sum(map(fits, article.utterances))) < least:
                yield article.intent, f"{name}: {count}, at least {least}"


def _phrases(knowledge: Knowledge) -> Iterator[Found]:
    for article in knowledge.articles:
        for text in article.utterances:
            yield article.intent, text


def _mistyped(knowledge: Knowledge) -> frozenset[str]:
    """Return words that stand once, and are one letter away from a frequent word."""
    counts = Counter(word for _, text in _phrases(knowledge) for word in set(words(text)))
    frequent = {word for word, count in counts.items() if count >= FREQUENT and len(word) > 3}
    once = (word for word, count in counts.items() if count == 1 and len(word) > 3)
    return frozenset(word for word in once if word.isalpha() and _near(word) & frequent)


def _near(word: str) -> set[str]:
    """Return every text that is one letter away: one left out, doubled, exchanged or swapped.

    An ending that English adds by rule is no mistake.
    """
    parts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    left_out = {a + b[1:] for a, b in parts if b and not (len(b) == 1 and b in "sdrey")}
    swapped = {a + b[1] + b[0] + b[2:] for a, b in parts if len(b) > 1}
    other = {a + c + b[1:] for a, b in parts if len(b) > 1 and a for c in ascii_lowercase}
    more = {a + c + b for a, b in parts if b and a for c in ascii_lowercase}
    return (left_out | swapped | other | more) - {word}

"""What a message names that identifies its case: numbers by their kind, amounts, goods. Pure."""

import re
from collections.abc import Iterable, Iterator

from helpdesk.triage import Entity

_NUMBERS = {
    "order_number": "order",
    "invoice_number": "invoice",
    "tracking_number": "parcel",
}
"""The kinds of entities that are numbers of something, and the words for these."""

_CODE = re.compile(r"(?<![\w-])[a-z]{1,5}-\d{3,12}(?![\w-])", re.IGNORECASE)
"""The number of a model, such as XT-200, tells cases apart as an order's does."""

_ERROR = re.compile(
    r"(?<!\w)(?:error|fault|failure|exception)(?:\s{1,3}(?:code|number|no\.?|message|id))?"
    r"(?:\s{1,3}is)?\s{0,3}[:#(\"']{0,2}\s{0,3}(?=[a-z_-]{0,12}\d)([a-z0-9][a-z0-9_-]{1,24})(?![\w-])",
    re.IGNORECASE,
)

_DIGITS = re.compile(r"\D")

_RUN = re.compile(r"\d(?:[ /.-]?\d){3,}")
_YEAR = re.compile(r"(?:19|20)\d\d")

_TOKEN = re.compile(r"[^\W_]+")
_ORDINAL = re.compile(r"(\d+)(?:st|nd|rd|th)")
_MOST_CAPITALS = 0.2
"""Share of words with a capital letter above which these name nothing: in German, in shouting."""

_SYNONYMS = (
    ("bicycle", "bike", "ebike"),
    ("blazer", "coat", "jacket", "anorak", "parka", "raincoat"),
    ("computer", "laptop", "notebook", "pc"),
    ("couch", "sofa", "settee"),
    ("cover", "case"),
    ("earbuds", "earphones", "headphones", "headset"),
    ("freezer", "fridge", "refrigerator"),
    ("handset", "phone", "smartphone", "mobile"),
    ("hoover", "vacuum"),
    ("jumper", "pullover", "sweater", "cardigan"),
    ("lamp", "lantern", "light"),
    ("pants", "trousers"),
    ("pushchair", "pram", "stroller", "buggy"),
    ("screen", "monitor"),
    ("shoe", "sneaker", "trainer"),
    ("television", "tv"),
)
_GENERAL = frozenset(
    "appliance box device door engine equipment foundation frame holder kit machine maker product"
    " set stand table tank tire tie generator pack battery cable cup bag bow scale string screw"
    " door watch iron window tap saw book card decoration".split()
)
"""Words of the goods that name no good by themselves: parts, packings, and what is also a verb."""

_ONE_NAME = {word: group[0] for group in _SYNONYMS for word in group}


def numbers_in(text: str, entities: Iterable[Entity]) -> frozenset[str]:
    """Return the numbers that a text names, each with its kind, as `order:12345`.

    A number of an error counts as that, also where it looks like an order's.
    """
    errors = [(match.start(1), match.end(1), match[1]) for match in _ERROR.finditer(text)]
    found = {f"error:{_bare(said)}" for _, _, said in errors}
    for each in entities:
        within = any(start < each.end and each.start < end for start, end, _ in errors)
        if (kind := _NUMBERS.get(each.kind)) and not within:
            found.add(f"{kind}:{_bare(each.value)}")
        if each.kind == "product" and not within:
            found |= {f"order:{_bare(code)}" for code in _CODE.findall(each.value)}
    return frozenset(found)


def amounts_in(entities: Iterable[Entity]) -> frozenset[str]:
    """Return the amounts of money among what a text names: those in digits with a currency.

    The same sum is also written in words or without a currency, and that makes no other case.
    """
    said = (each for each in entities if each.kind == "amount" and " " in each.value)
    return frozenset(e.value for e in said if not e.spelling or _DIGITS.sub("", e.spelling))


def codes_in(text: str) -> frozenset[str]:
    """Return the longer numbers in a text, in digits alone: not each has a word before it."""
    found = (_DIGITS.sub("", each) for each in _RUN.findall(text))
    return frozenset(each for each in found if not _YEAR.fullmatch(each))


def names_in(text: str) -> frozenset[str]:
    """Return what a text calls by name or counts: words with a capital letter within a sentence.

    Numbers are among them. A name is written as `likeness` writes words.
    """
    found = list(_TOKEN.finditer(text))
    capitals = sum(_within(text, each) and each[0][0].isupper() for each in found)
    named = capitals <= _MOST_CAPITALS * len(found)
    return frozenset(
        plain_name(each[0].casefold())
        for each in found
        if each[0][0].isdigit() or (named and each[0][0].isupper() and _within(text, each))
    )


def plain_name(word: str) -> str:
    """Return a word without the ending of an ordinal number: 3rd is 3."""
    ordinal = _ORDINAL.fullmatch(word)
    return ordinal[1] if ordinal else word


def _within(text: str, word: re.Match[str]) -> bool:
    """Tell whether a word stands within a sentence, so that its capital letter says something."""
    before = text[: word.start()].rstrip(" \"'(")
    return bool(before) and before[-1] not in ".!?:\n>" and word[0] != "I"


def goods_among(names: Iterable[str]) -> frozenset[str]:
    """Return goods by one name each: without the plural's ending, synonyms as one."""
    return frozenset(_named(names))


def _named(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        one = _singular(name.casefold())
        if one not in _GENERAL and name.casefold() not in _GENERAL:
            yield _ONE_NAME.get(one, _ONE_NAME.get(name.casefold(), one))


def _singular(word: str) -> str:
    if word.endswith("s") and not word.endswith("ss") and len(word) > 3:
        return word.removesuffix("s")
    return word


def _bare(number: str) -> str:
    """Return a number as it is compared: letters and digits in one case."""
    return re.sub(r"[\W_]", "", number).upper()


def conflict(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether both name something of one sort, and nothing of it is the same."""
    return bool(one and other) and not one & other


def other_number(root: frozenset[str], new: frozenset[str]) -> bool:
    """Tell whether `new` is about another number than `root`.

    It is if both name numbers and none is the same, or if `new` names one of a kind of which `root`
    names only others.
    """
    if not root or not new:
        return False
    more = [each for each in new if not any(_same(each, theirs) for theirs in root)]
    kinds = {_kind(each) for each in root}
    return len(more) == len(new) or any(_kind(each) in kinds for each in more)


def shared_number(one: frozenset[str], other: frozenset[str]) -> bool:
    """Tell whether both name the same number, of the same kind or not."""
    return any(_same(each, theirs) for each in one for theirs in other)


def _same(one: str, other: str) -> bool:
    """Tell whether two numbers are one, also if only one of them has its letters: ORD-123, 123."""
    first, second = one.partition(":")[2], other.partition(":")[2]
    if first == second:
        return True
    plain = first.isdigit() or second.isdigit()
    return plain and _DIGITS.sub("", first) == _DIGITS.sub("", second)


def _kind(number: str) -> str:
    return number.partition(":")[0]

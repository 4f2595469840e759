"""What a message names: orders, invoices, parcels, money, dates, addresses, phones, goods, places.

Every pattern starts at a boundary and repeats only bounded, unambiguous parts, so that a search in
any text takes time in proportion to its length.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from spacy.language import Language
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc

from helpdesk.triage import Entity
from helpdesk.understanding import saying
from helpdesk.understanding.named_goods import named_goods
from helpdesk.understanding.shipped import lines

type Normalise = Callable[[re.Match[str]], str | None]

_CURRENCIES: Final = {
    "$": "USD", "usd": "USD", "dollar": "USD", "dollars": "USD", "buck": "USD", "bucks": "USD",
    "€": "EUR", "eur": "EUR", "euro": "EUR", "euros": "EUR",
    "£": "GBP", "gbp": "GBP", "pound": "GBP", "pounds": "GBP", "quid": "GBP",
    "¥": "JPY", "jpy": "JPY", "yen": "JPY", "₹": "INR", "inr": "INR", "rupees": "INR",
    "chf": "CHF", "cad": "CAD", "aud": "AUD",
}  # fmt: skip
_MONTHS: Final = "jan feb mar apr may jun jul aug sep oct nov dec".split()

_NUMBERED = (
    r"(?:\s{0,3}(?:number|num|no\.?|nr\.?|id|ref(?:erence)?|code))?"
    r"(?:\s{1,3}is)?\s{0,3}[:#]?\s{0,3}"
)
_CODE = r"(?=[a-z-]{0,6}\d)([a-z0-9][a-z0-9-]{2,24})(?![\w-])"
_MONEY = r"\d{1,3}(?:[ ,.']\d{3}){1,4}(?:[.,]\d{1,2})?|\d{1,9}(?:[.,]\d{1,2})?"
_MONTH = (
    r"(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"
)


def _code(match: re.Match[str]) -> str:
    return match[1].upper()


def _whole(match: re.Match[str]) -> str:
    return match[0].upper()


def _email(match: re.Match[str]) -> str:
    return match[0].lower()


def _phone(match: re.Match[str]) -> str | None:
    digits = re.sub(r"\D", "", match[0])
    if not 7 <= len(digits) <= 15:
        return None
    return ("+" if match[0].startswith("+") else "") + digits


def _amount(match: re.Match[str]) -> str:
    before, number, after = match[1], match[2], match[3]
    # The last separator is the decimal one if it leaves at most two digits.
    whole, _, cents = re.sub(r"[ ']", "", number).replace(",", ".").rpartition(".")
    if not whole or len(cents) > 2:
        whole, cents = whole + cents, ""
    value = Decimal(whole.replace(".", "") + (f".{cents}" if cents else ""))
    return f"{value:.2f} {_CURRENCIES[(before or after).lower()]}"


def _calendar(year: str | None, month: int, day: int) -> str | None:
    """ISO 8601; without a year its --MM-DD form. None if there is no such day."""
    number = 2000 + int(year) if year and len(year) == 2 else int(year) if year else 2000
    try:
        found = date(number, month, day)
    except ValueError:
        return None
    return found.isoformat() if year else f"--{month:02d}-{day:02d}"


def _folded(match: re.Match[str]) -> str:
    start, end = _span(match)
    return " ".join(match.string[start:end].split()).casefold()


def _span(match: re.Match[str]) -> tuple[int, int]:
    """Return where the thing itself is named: in the group `said`, if the pattern has one."""
    return match.span("said" if "said" in match.re.groupindex else 0)


def _iso_date(match: re.Match[str]) -> str | None:
    return _calendar(match[1], int(match[2]), int(match[3]))


def _numeric_date(match: re.Match[str]) -> str | None:
    first, second = int(match[1]), int(match[3])
    if match[2] == "." or first > 12:
        return _calendar(match[4], second, first)
    if second > 12:
        return _calendar(match[4], first, second)
    # 03/04: some writers put the day first, others the month. So the text stays as written.
    return match[0] if first and second else None


def _month(name: str) -> int:
    return _MONTHS.index(name[:3].lower()) + 1


def _day_month(match: re.Match[str]) -> str | None:
    return _calendar(match[3], _month(match[2]), int(match[1]))


def _month_day(match: re.Match[str]) -> str | None:
    return _calendar(match[3], _month(match[1]), int(match[2]))


_NAME = r"[A-ZÄÖÜ][a-zäöüßéèáíóúñç'-]{1,24}+"
_STREET = (
    "Street|St|Road|Rd|Avenue|Ave|Lane|Drive|Court|Square|Terrace|Close|Place|Gardens|Way|Crescent|"
    "Boulevard|Blvd|Mews|Hill|Row"
)


# XT-200 is a model after "my", and an order after "order". Numbers of orders are longer.
_MODEL = r"(?!(?:ORD|PO|SO|INV|REF|RMA|NR|NO)\b)[A-Z]{1,5}-"

# Names of places that are words or persons as well.
_DOUBTFUL = (
    "(?:Bath|Brest|Brunswick|Buffalo|Chad|Charlotte|Chester|Chesterfield|Constance|Cork|Crewe|Darwin|"
    "Derby|Essen|Georgia|Guinea|Halle|Hamilton|Hull|Jordan|León|Lincoln|Madison|Mesa|Mons|Nancy|Nice|"
    "Orlando|Palma|Parma|Phoenix|Preston|Providence|Queens|Reading|Roma|Santiago|Savannah|Split|Tours|"
    "Trier|Turkey|Victoria|Virginia|Warrington|Wellington)"
)
_NO_PLACES = frozenset(
    "january february march april may june july august september october november december monday"
    " tuesday wednesday thursday friday saturday sunday christmas easter english german french"
    " spanish italian dutch mr mrs ms dr my our the you your mum mom dad europe flat apartment unit"
    " house building room".split()
)


# In the order of precedence: a later pattern leaves text alone that an earlier one took.
_RULES: Final[tuple[tuple[str, str, Normalise], ...]] = (
    ("email", r"(?<![\w.+-])[\w+-][\w.+-]{0,63}@[a-z0-9][a-z0-9.-]{0,252}\.[a-z]{2,24}\b", _email),
    ("tracking_number", r"(?<!\w)1z[0-9a-z]{16}\b", _whole),
    ("tracking_number", r"(?<!\w)[a-z]{2}\d{9}[a-z]{2}\b", _whole),
    (
        "tracking_number",
        rf"(?<!\w)(?:tracking|parcel|shipment|consignment){_NUMBERED}{_CODE}",
        _code,
    ),
    ("invoice_number", r"(?<!\w)inv[-_ ]?(?=\d)[\d-]{3,20}\b", _whole),
    ("invoice_number", rf"(?<!\w)(?:invoice|bill|receipt){_NUMBERED}{_CODE}", _code),
    (
        "date",
        r"(?<![\w/.-])(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?![\w/-])",
        _iso_date,
    ),
    (
        "date",
        r"(?<![\w/.,-])(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d{2})(?![\w/-])",
        _numeric_date,
    ),
    (
        "date",
        rf"(?<!\w)(\d{{1,2}})(?:st|nd|rd|th)?(?:\s{{1,2}}of)?\s{{0,2}}{_MONTH}(?!\w)(?:,?\s{{1,2}}(\d{{4}})(?!\w))?",
        _day_month,
    ),
    (
        "date",
        rf"(?<!\w){_MONTH}\s{{0,2}}(\d{{1,2}})(?:st|nd|rd|th)?(?![\w.,]?\d)(?!\w)(?:,?\s{{1,2}}(\d{{4}})(?!\w))?",
        _month_day,
    ),
    (
        "amount",
        rf"(?<![\w.,])(?:([$€£¥₹]|(?:usd|eur|gbp|chf|cad|aud|inr|jpy)(?=[\s\d]))\s{{0,2}})({_MONEY})(?![\d])()",
        _amount,
    ),
    (
        "amount",
        rf"(?<![\w.,])()({_MONEY})\s{{0,2}}([$€£¥₹]|(?:usd|eur|euros?|gbp|chf|cad|aud|inr|jpy|dollars?|"
        r"bucks?|pounds?|quid|yen|rupees)(?!\w))",
        _amount,
    ),
    ("order_number", rf"(?<!\w)(?:order|purchase|po){_NUMBERED}{_CODE}", _code),
    (
        "product",
        rf"(?<!\w)(?:a|an|your|this|these|another|new|model)\s(?P<said>(?-i:{_MODEL}\d{{2,4}}[A-Z]?))(?![\w-])",
        _folded,
    ),
    ("product", rf"(?<!\w)(?:the|my)\s(?P<said>(?-i:{_MODEL}\d{{2,3}}[A-Z]?))(?![\w-])", _folded),
    ("order_number", r"(?<![\w&])#\s?([a-z]{0,5}-?\d[\w-]{2,20})\b", _code),
    ("order_number", r"(?<![\w-])([a-z]{1,5}-\d{3,12})(?![\w-])", _code),
    (
        "place",
        rf"(?<![\w#-])(?-i:(?:[Ff]lat\s\d{{1,4}}[a-z]?,?\s)?\d{{1,4}}[a-zA-Z]?,?\s(?:{_NAME}\s){{1,3}}(?:{_STREET}))(?!\w)",
        _folded,
    ),
    (
        "place",
        r"(?<!\w)(?-i:[A-ZÄÖÜ][a-zäöüß-]{1,24}(?:straße|strasse|gasse|platz|weg|allee))\s\d{1,4}[a-z]?(?!\w)",
        _folded,
    ),
    (
        "place",
        r"(?<!\w)(?:zip|zip\scode|post\s?code|postal\scode)(?:\sis)?:?\s(?P<said>\d{4,6})(?!\w)",
        _folded,
    ),
    ("place", r"(?<=,\s)(?-i:[A-Z]{2})\s(?P<said>\d{5}(?:-\d{4})?)(?![\w-])", _folded),
    ("place", rf"(?<![\w.,#-])(?P<said>\d{{5}})(?-i:\s{_NAME})(?!\w)", _folded),
    ("place", rf"(?<![\w.,#-])(?-i:\d{{5}}\s(?P<said>{_NAME}))(?!\w)", _folded),
    ("place", r"(?<!\w)(?-i:[A-Z]{1,2}\d[A-Z\d]?\s\d[A-Z]{2})(?!\w)", _folded),
    ("phone", r"(?<![\w+])\+\d[\d ()./-]{5,24}\d(?!\w)", _phone),
    ("phone", r"(?<![\w.,-])\(?\d{2,5}\)?[ /.-]\d{2,5}[ /.-]?\d{2,8}(?![\w-])", _phone),
    ("order_number", r"(?<![\w.,:+-])(\d{5,12})(?![\w:-]|[.,]\d)", _code),
    *saying.RULES,
    (
        "product",
        r"(?<!\w)(?:the|my|a|your|this|model)\s(?P<said>(?-i:[A-Z]{1,4}\d{2,4}[A-Z]{0,2}))"
        r"(?![\w-]|\s(?:error|code|message|motorway|road|form))",
        _folded,
    ),
    ("place", r"(?<!\w)(?-i:\d{4}\s?[A-Z]{2}|[A-Z]\d[A-Z]\s?\d[A-Z]\d)(?!\w)", _folded),
    (
        "place",
        rf"(?<!\w)(?:in|on|at|to)\s(?P<said>(?-i:(?:{_NAME}\s){{1,2}}(?:Street|Road|Avenue|Lane)))(?!\w)",
        _folded,
    ),
    (
        "place",
        rf"(?<!\w)(?:in|from|to|near|outside)\s(?P<said>(?-i:{_DOUBTFUL}))(?![\w-]|\s(?-i:[A-Z]))",
        _folded,
    ),
    ("place", r"(?<!\w)(?:the|in|within|to)\s(?P<said>(?-i:US|U\.S\.))(?!\w)", _folded),
)
PATTERNS: Final = tuple(
    (kind, re.compile(pattern, re.IGNORECASE), value) for kind, pattern, value in _RULES
)

UNLISTED: Final = re.compile(
    r"(?<!\w)(?:(?:live|lives|living|based|located|reside|moved|moving|store|shop|branch|office|"
    r"warehouse|depot)\s(?:in|to)|(?:ship|ships|shipping|deliver|delivery|deliveries)\sto)\s"
    rf"(?P<said>(?-i:{_NAME}))(?![\w-]|['\u2019]s)",
    re.IGNORECASE,
)
"""A place that no list has, after words of living or shipping there."""


CODED: Final = re.compile(r"(?<![\w-])[A-Z]{1,5}-?\d{2,4}[A-Z]?(?![\w-])")


def _goods(text: str) -> Iterator[Entity]:
    for start, end in named_goods(text):
        spelling = text[start:end]
        yield Entity("product", " ".join(spelling.split()).casefold(), start, end, spelling)


class Entities:
    """Sets `doc._.entities`, by place in the text, none overlapping another."""

    def __init__(self, nlp: Language, products: Sequence[str]) -> None:
        self._products = PhraseMatcher(nlp.vocab, attr="LOWER")
        for name in products:
            self._products.add(name, [nlp.make_doc(name)])
        self._places = PhraseMatcher(nlp.vocab, attr="LOWER")
        self._names = frozenset(lines("places.txt"))
        for name in self._names:
            self._places.add(name, [nlp.make_doc(name)])

    def __call__(self, doc: Doc) -> Doc:
        taken = bytearray(len(doc.text))
        found = []
        for entity in self._candidates(doc):
            if not any(taken[entity.start : entity.end]):
                taken[entity.start : entity.end] = b"\1" * (entity.end - entity.start)
                found.append(entity)
        doc._.entities = tuple(sorted(found, key=lambda entity: entity.start))
        return doc

    def _candidates(self, doc: Doc) -> Iterator[Entity]:
        goods = list(_goods(doc.text))
        # A model's number in the name of a good is no order's: "XT-200 headphones".
        yield from (each for each in goods if CODED.search(each.spelling))
        for kind, pattern, normalise in PATTERNS:
            for match in pattern.finditer(doc.text):
                if value := normalise(match):
                    start, end = _span(match)
                    yield Entity(kind, value, start, end, doc.text[start:end])
        spans = [doc[start:end] for _, start, end in self._products(doc)]
        for span in sorted(spans, key=lambda span: (-len(span), span.start)):
            value = span.text.lower()
            yield Entity("product", value, span.start_char, span.end_char, span.text)
        yield from self._named_places(doc)
        for match in UNLISTED.finditer(doc.text):
            if (value := _folded(match)) not in _NO_PLACES:
                yield Entity("place", value, *match.span("said"), match["said"])
        yield from goods

    def _named_places(self, doc: Doc) -> Iterator[Entity]:
        for _, start, end in self._places(doc):
            span = doc[start:end]
            if span.text not in self._names and not _is_meant(doc, start, end):
                continue
            value = span.text.casefold()
            yield Entity("place", value, span.start_char, span.end_char, span.text)
            code = doc[start - 1] if start else None
            if code and _POSTCODE.fullmatch(code.text):
                yield Entity("place", code.text, code.idx, code.idx + len(code), code.text)


_POSTCODE: Final = re.compile(r"(?!19|20)[1-9]\d{3}")
_SHORT: Final = frozenset({"uk", "usa", "uae"})
_INTO: Final = frozenset("to in from near within outside around".split())
_AFTERWARDS: Final = frozenset(
    "and or but for with please if what how is on at by i we yet now today tomorrow from to in when"
    " because so as the my your it then instead too also possible before until".split()
)


def _is_meant(doc: Doc, start: int, end: int) -> bool:
    """Tell whether the name of a place in other letters is one: "to paris", not "paris green"."""
    said = doc[start:end].text
    if said.isupper() or said in _SHORT:
        return True
    before = doc[start - 1].lower_ if start else ""
    if before == "the" and start > 1:
        before = doc[start - 2].lower_
    after = doc[end].lower_ if end < len(doc) else ""
    return before in _INTO and (not after.isalpha() or after in _AFTERWARDS)


if not Doc.has_extension("entities"):
    Doc.set_extension("entities", default=())


@Language.factory("helpdesk_entities", default_config={"products": []}, assigns=["doc._.entities"])
def create(nlp: Language, name: str, products: list[str]) -> Entities:  # noqa: ARG001
    """The component; `products` are the names of the goods the desk sells."""
    return Entities(nlp, products)

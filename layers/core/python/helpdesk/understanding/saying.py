"""Days and money in words, and money without a sign: only where the words around say so.

Each pattern starts at a boundary and repeats only bounded parts.
"""

import re
from decimal import Decimal
from typing import Final

_WEEKDAY = (
    r"(?:(?:last|next|this|coming)\s)?(?:mon|tues|wednes|thurs|fri|satur|sun)day"
    r"(?:,?\sthe\s\d{1,2}(?:st|nd|rd|th))?"
)

_UNITS = "zero one two three four five six seven eight nine ten eleven twelve thirteen".split()
_UNITS += "fourteen fifteen sixteen seventeen eighteen nineteen".split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_VALUES: Final = {word: n for n, word in enumerate(_UNITS)}
_VALUES.update({word: 10 * n for n, word in enumerate(_TENS, start=2)})
_VALUES.update({"a": 1, "fourty": 40})
_SCALES: Final = {"hundred": 100, "thousand": 1000}
_NUMERAL = rf"(?:{'|'.join([*_UNITS, *_TENS, *_SCALES, 'fourty'])})"
_CURRENCY = r"(dollars?|euros?|pounds?|bucks?|quid|yen|rupees)"

_NO_NOUN = (
    r"(?=\s?(?:[^\w\s]|$)|\s(?:of|and|or|at|in|but|is|was|would|will|i|we|it|you|they|he|she|not|to|by|with|"
    r"from|for|because|so|when|if|that|please|yet|still|as|my|your|the|then|though|instead|already|nothing|"
    r"no|until|around|here|there)(?!\w))"
)
"""After "the 24th" a noun may follow, and then it is no day: "the 2nd driver"."""

_PRICE = r"\d{1,3}(?:,\d{3}){1,2}(?:\.\d{2})?|\d{1,6}(?:[.,]\d{2})?"
_CENTS = r"\d{1,6}[.,]\d{2}"
_NO_UNIT = (
    r"(?![\w%°]|[.,:/-]\d|\s?(?:%|°|percent|per\scent|kgs?|g|grams?|km|cm|mm|m|metres?|meters?|inch(?:es)?|"
    r"feet|ft|lbs?|l|litres?|ml|gb|mb|tb|volts?|watts?|amps?|am|pm|a\.m|p\.m|hours?|hrs?|h|min(?:utes|s)?|"
    r"days?|weeks?|months?|years?|times|x|points?|stars?|o'clock)(?!\w))"
)
_BEFORE_PRICE = (
    r"(?:paid|pay|paying|charged?|charging|costs?|priced?\s(?:at|of)|price\s(?:is|was|of)|refund\sof|"
    r"refund\sfor|refunded|deducted|debit(?:ed)?|billed|took|taken|owe|owes|owed|total(?:s|\sof|\sis|\swas)?|"
    r"amount\sof|fees?\s(?:of|is|was)|fee|worth|voucher\s(?:of|over|for|worth)|asked\sfor|asks\sfor|"
    r"credit\sof|discount\sof|deposit\sof|balance\s(?:of|is)|sum\sof|payment\sof|only|spent|save|saved|(?:advertised|listed|sold|offered|shown)\sat|"
    r"says|said|shows|showed|was|for|of|is)"
)
_SURE_PRICE = (
    r"(?:paid|charged|cost|costs|priced\sat|price\s(?:is|was|of)|refund\sof|refunded|deducted|"
    r"debit(?:ed)?|billed|owe|owes|owed|total\s(?:of|is|was)|amount\sof|fee\sof|worth|"
    r"voucher\s(?:of|over|worth)|payment\sof|deposit\sof|sum\sof|credit\sof|spent)"
)
_PERSON = (
    r"(?:\s(?:me|us|him|her|you|only|about|around|over|almost|nearly|exactly|back|just|twice)){0,2}"
)
_AFTER_PRICE = (
    r"(?=\s?(?:[.,;!?)]|$|for\b|and\b|but\b|to\b|instead\b|on\b|in\b|by\b|plus\b|with\b|from\b|extra\b|"
    r"more\b|too\b|when\b|has\b|is\b|was\b|at\b|as\b|twice\b|again\b|back\b|yesterday\b|today\b))"
)


def _words(match: re.Match[str]) -> str:
    return " ".join(match[0].casefold().split())


def _day_of_month(match: re.Match[str]) -> str | None:
    """The day of any month, as XML writes it: ---24."""
    day = int(match[1])
    return f"---{day:02d}" if 1 <= day <= 31 else None


def _day_and_month(match: re.Match[str]) -> str | None:
    first, second = int(match[2]), int(match[3])
    if not (1 <= first <= 31 and 1 <= second <= 31) or (first > 12 and second > 12):
        return None
    if first > 12:
        return f"--{second:02d}-{first:02d}"
    # 03/04 is a day in March or in April, by where its writer lives.
    return f"--{first:02d}-{second:02d}" if second > 12 else match["said"]


def _bare(match: re.Match[str]) -> str:
    """The sum alone: its currency is not said."""
    whole, mark, cents = match["said"].replace(",", ".").rpartition(".")
    if not mark or len(cents) != 2:  # 1,299 is more than a thousand
        whole, cents = whole + cents, "00"
    return f"{Decimal(whole.replace('.', '') + '.' + cents):.2f}"


def _spoken(match: re.Match[str]) -> str:
    total = part = 0
    for word in re.findall(r"[a-z]+", match[1].casefold()):
        if scale := _SCALES.get(word):
            part = (part or 1) * scale
            if scale == max(_SCALES.values()):
                total, part = total + part, 0
        else:
            part += _VALUES.get(word, 0)
    return f"{total + part:.2f} {_CODES[match[2].casefold().removesuffix('s')]}"


_CODES: Final = {
    "dollar": "USD", "buck": "USD", "euro": "EUR", "pound": "GBP", "quid": "GBP", "yen": "JPY",
    "rupee": "INR",
}  # fmt: skip

RULES: Final = (
    ("date", r"(?<!\w)(?:the\s)?day\s(?:before\syesterday|after\stomorrow)(?!\w)", _words),
    ("date", rf"(?<![\w-])(?<!black\s)(?<!cyber\s){_WEEKDAY}(?![\w-])", _words),
    ("date", r"(?<![\w-])(?:today|yesterday|tomorrow)(?!['\u2019]?\w)", _words),
    ("date", rf"(?<!\w)the\s(\d{{1,2}})(?:st|nd|rd|th){_NO_NOUN}", _day_of_month),
    (
        "date",
        r"(?<!\w)(?:on|by|of|since|from|until|before|dated)\s(?P<said>(\d{1,2})/(\d{1,2}))(?![/.-]?\w)",
        _day_and_month,
    ),
    (
        "amount",
        rf"(?<![\w-])((?:a\s)?{_NUMERAL}(?:(?:[\s-]|\sand\s){_NUMERAL}){{0,5}}+)\s{_CURRENCY}(?!\w)",
        _spoken,
    ),
    (
        "amount",
        rf"(?<![\w-]){_SURE_PRICE}{_PERSON}\s(?P<said>{_PRICE}){_NO_UNIT}{_AFTER_PRICE}",
        _bare,
    ),
    ("amount", rf"(?<![\w-]){_BEFORE_PRICE}{_PERSON}\s(?P<said>{_CENTS}){_NO_UNIT}", _bare),
    (
        "amount",
        rf"(?<![\w.,/:-])(?P<said>{_CENTS}){_NO_UNIT}(?=\s(?:for|from|back|per|off|in\stotal)(?!\w))",
        _bare,
    ),
)
"""Kind, pattern and normal form. What is named is the group `said`, or all that matches."""

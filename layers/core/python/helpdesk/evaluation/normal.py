"""Spellings brought to one form, so that `#48213` and `48213` are the same order. Pure.

By the spelling alone: what the desk itself makes of it would judge the desk by the desk.
"""

import re
from typing import Final

from helpdesk.evaluation.cases import Named

_CURRENCIES: Final = {
    "$": "usd", "€": "eur", "£": "gbp", "dollars": "usd", "dollar": "usd", "bucks": "usd",
    "euros": "eur", "euro": "eur", "pounds": "gbp", "pound": "gbp", "quid": "gbp",
}  # fmt: skip
_LEADING: Final = re.compile(r"^(?:a|an|the|my|our|your|this|that|on|until|by|since)\s+")
_NUMBER: Final = re.compile(r"\d+(?:[.,]\d+)*")


def normal(named: Named) -> tuple[str, str]:
    """Return an entity as kind and form: equal pairs are the same thing."""
    value = " ".join(named.value.casefold().split()).strip(" .,;:!?\"'()[]<>")
    match named.kind:
        case "orders":
            value = re.sub(r"^(?:order|no|nr|number|#|\.|:|\s)+", "", value)
            value = re.sub(r"[^0-9a-z]", "", value)
        case "amounts":
            value = _amount(value)
        case "phones":
            value = re.sub(r"\D", "", value)
        case "mail_addresses":
            pass
        case _:
            value = _LEADING.sub("", value)
    return named.kind, value


def _amount(value: str) -> str:
    """Return an amount as number and currency, such as `25.9 eur`."""
    found = _NUMBER.search(value)
    if found is None:
        return value
    number = found[0]
    whole, mark, cents = number.rpartition("." if number.rfind(".") > number.rfind(",") else ",")
    if mark and len(cents) in {1, 2}:
        number = f"{re.sub(r'[.,]', '', whole)}.{cents}"
    else:
        number = re.sub(r"[.,]", "", number)
    rest = value.replace(found[0], " ")
    unit = next((code for sign, code in _CURRENCIES.items() if sign in rest), rest.strip())
    return f"{float(number):g} {unit}".strip()

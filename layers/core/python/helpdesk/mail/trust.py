"""What the receiving server found out about a mail, and how far its sender can be trusted. Pure.

The server writes its findings on top of a mail. A sender can write the same headers below, so only
the block on top counts: headers that the server writes, each once, with its own `Received` among
them. It ends with the server's receipt, and at the first header that is not the server's.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from helpdesk.mime.headers import Headers

RETURN_PATH, RECEIVED = "return-path", "received"
SPAM, VIRUS = "x-ses-spam-verdict", "x-ses-virus-verdict"
SPF, RESULTS = "received-spf", "authentication-results"
RECEIPT, SIGNATURE = "x-ses-receipt", "x-ses-dkim-signature"
BLOCK = frozenset({RETURN_PATH, RECEIVED, SPAM, VIRUS, SPF, RESULTS, RECEIPT, SIGNATURE})
"""What the receiving server writes, each at most once."""

AUTHORITY = "amazonses.com"
"""The server's name in its own results."""

_BY_SERVER = re.compile(r"\bby inbound-smtp\.[a-z0-9-]{1,40}\.amazonaws\.com\b", re.IGNORECASE)
_FOR = re.compile(r"\bfor <?([^\s<>;]{3,254}+)", re.IGNORECASE)
_ASIDE = re.compile(r'"(?:[^"\\]|\\[\s\S])*+"?|\([^()]*+\)?')
_RESULT = re.compile(r"(spf|dkim|dmarc)\s{0,9}=\s{0,9}([a-z_]{1,20}+)", re.IGNORECASE)


class Verdict(StrEnum):
    """What one check said; `missing` if it said nothing, `other` for a word that is not known."""

    PASS = "pass"  # noqa: S105 -- no password
    FAIL = "fail"
    GRAY = "gray"
    PROCESSING_FAILED = "processing_failed"
    DISABLED = "disabled"
    NONE = "none"
    NEUTRAL = "neutral"
    SOFTFAIL = "softfail"
    POLICY = "policy"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"
    OTHER = "other"
    MISSING = "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What the server said about spam and viruses, and about who sent the mail."""

    spam: Verdict = Verdict.MISSING
    virus: Verdict = Verdict.MISSING
    spf: Verdict = Verdict.MISSING
    dkim: Verdict = Verdict.MISSING
    dmarc: Verdict = Verdict.MISSING

    @property
    def clean(self) -> bool:
        """Whether a check for viruses was made and found none."""
        return self.virus is Verdict.PASS


class Standing(StrEnum):
    """How far a mail is trusted, the worst first.

    `infected` and `spam` are kept and get no answer. An `unproven` sender may be another person
    than the address says. The domain of a `proven` sender vouches for the mail.
    """

    INFECTED = "infected"
    SPAM = "spam"
    UNPROVEN = "unproven"
    PROVEN = "proven"


def block(headers: Headers) -> Headers:
    """Return the headers that the receiving server wrote; nothing if it did not write any."""
    found: dict[str, str] = {}
    for name, value in headers.lines:
        if name not in BLOCK or name in found:
            break
        if name == RECEIVED and not _BY_SERVER.search(value):
            break
        found[name] = value
        if name == RECEIPT:
            break
    return Headers(tuple(found.items())) if RECEIVED in found else Headers()


def verdicts(headers: Headers) -> Verdicts:
    """Return what the receiving server found out."""
    own = block(headers)
    results = _results(own.first(RESULTS) or "", AUTHORITY) or {}
    said = (own.first(SPF) or "").split(None, 1)
    return Verdicts(
        spam=_verdict(own.first(SPAM)),
        virus=_verdict(own.first(VIRUS)),
        spf=_verdict(said[0] if said else None),
        dkim=_either(results.get("dkim", [])),
        dmarc=_agreed(results.get("dmarc", [])),
    )


def said_by(headers: Headers, authority: str) -> Verdicts:
    """Return what another server found out, for a desk that believes it; it checks no content.

    Only its first results count, which are the topmost. A server that follows the standard
    takes away those of others in its name (RFC 8601, section 5), so they are its own.
    """
    every = (_results(value, authority) for value in headers.all(RESULTS))
    found = next((each for each in every if each is not None), None) or {}
    return Verdicts(
        spam=Verdict.GRAY,
        virus=Verdict.GRAY,
        spf=_agreed(found.get("spf", [Verdict.NONE])),
        dkim=_either(found.get("dkim", [Verdict.NONE])),
        dmarc=_agreed(found.get("dmarc", [Verdict.NONE])),
    )


def received_for(headers: Headers) -> str | None:
    """Return the address for which the receiving server took the mail."""
    found = _FOR.search(block(headers).first(RECEIVED) or "")
    return found[1] if found else None


def standing(verdicts: Verdicts) -> Standing:
    """Return how far a mail is trusted: who sent it is proven only if its own domain says so."""
    if verdicts.virus is Verdict.FAIL:
        return Standing.INFECTED
    if verdicts.spam is Verdict.FAIL:
        return Standing.SPAM
    return Standing.PROVEN if verdicts.dmarc is Verdict.PASS else Standing.UNPROVEN


def _results(value: str, authority: str) -> dict[str, list[Verdict]] | None:
    """Return a server's results by method; None if they are another's.

    Comments and quotes may hold words of the sender. A version may follow the server's name.
    """
    server, *said = _ASIDE.sub(" ", value).split(";")
    if server.lower().split()[:1] != [authority.lower()]:
        return None
    found: dict[str, list[Verdict]] = {}
    for each in said:
        if result := _RESULT.match(each.strip()):
            found.setdefault(result[1].lower(), []).append(_verdict(result[2]))
    return found


def _verdict(said: str | None) -> Verdict:
    if said is None:
        return Verdict.MISSING
    try:
        return Verdict(said.strip().lower())
    except ValueError:
        return Verdict.OTHER


def _either(found: list[Verdict]) -> Verdict:
    """Return the best of several: one good signature is enough."""
    return Verdict.PASS if Verdict.PASS in found else _agreed(found)


def _agreed(found: list[Verdict]) -> Verdict:
    """Return what all say; if they differ, the first that is not good."""
    return next(
        (each for each in found if each is not Verdict.PASS),
        Verdict.PASS if found else Verdict.MISSING,
    )

"""How serious a ticket is, with a reason for each result. Pure and total.

What a customer writes, what a file says and what the desk understood each add findings; none takes
one away. The highest level of all findings is the ticket's: where it is in doubt, it is the higher.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

from helpdesk.severity.likeness import levels_like, matters_like
from helpdesk.severity.tables import ANYONE, OTHER, Rule, Tables, matter_words, spoken
from helpdesk.triage import Understanding
from helpdesk.wording.phrases import words

LEVELS_OF: Mapping[str, int] = MappingProxyType(
    {
        "ordinary": 0,
        "dissatisfied": 1,
        "compensation": 1,
        "public": 2,
        "management": 2,
        "danger": 2,
        "law": 3,
    }
)
"""The level of what a message may be like."""

LIKE_A_MATTER = 0.5
"""How probable (0 to 1) a matter must be by likeness, to count before words and guesses."""

ORDINARILY = "ordinary"
HARDLY = 0.35
"""Up to this probability a message is hardly ordinary. Chosen on the development set."""

READABLE = "en"
"""The language whose messages the sentence encoder compares well."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that applies: its name, its reason, its level, and where it was found."""

    rule: str
    why: str
    level: int
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Severity:
    """How serious a ticket is.

    `needs` is the role that may take it. `matter`, `team`, `effort` and the hours that it takes,
    `least` to `most`, are known when people get the ticket. `expected` are the hours
    that closed tickets of its matter and level took, or the middle of `least` and `most`.
    """

    level: int = 0
    name: str = "ordinary"
    needs: str = ANYONE
    legal: bool = False
    compensation: bool = False
    findings: tuple[Finding, ...] = ()
    matter: str | None = None
    team: str | None = None
    effort: str | None = None
    least: int | None = None
    most: int | None = None
    expected: int | None = None
    expected_by: str | None = None

    @property
    def explained(self) -> str:
        """Say why, as in "3 legal: law, courts or authorities (message 1)"."""
        reasons = (f"{each.why} ({each.where})" for each in self.findings)
        why = ", ".join(dict.fromkeys(reasons))
        return f"{self.level} {self.name}{f': {why}' if why else ''}"


ORDINARY = Severity()

MANAGEMENT = 2
"""The level from which a matter is not for a lead alone."""


def of_text(text: str, where: str, tables: Tables) -> Severity | None:
    """Return how serious a text is by its words; None if it is ordinary and has no mark."""
    return heard(None, text, where, tables)


def heard(
    known: Severity | None, text: str, where: str, tables: Tables, *, sure: bool = False
) -> Severity | None:
    """Add what a text says; `where` it stands is a message or a file. Each rule counts once.

    With `sure`, words that may be harmless do not count: the text is understood later.
    """
    found = (name for name in spoken(text, tables) if not sure or tables.rules[name].doubt is None)
    return _with(known, found, where, tables)


def understood(
    known: Severity | None, text: str, understanding: Understanding, where: str, tables: Tables
) -> Severity | None:
    """Add what a message says as the desk understands it.

    Its words count unless the whole message is like one of a lower level. Intents that are probable
    enough, what it is like, and a dark mood add to them. Where there is no vector to compare, or in
    another language than its encoder's, words count as they stand.
    """
    english = understanding.language == READABLE
    likely = levels_like(text, understanding.meaning) if english else None
    named = spoken(text, tables)
    found = (
        name
        for name, rule in tables.rules.items()
        if _like(rule, likely)
        or ((name in named or _applies(rule, understanding)) and not _harmless(rule, likely))
    )
    return _with(known, found, where, tables)


def _harmless(rule: Rule, likely: Mapping[str, float] | None) -> bool:
    """Tell whether a message is so likely of a lower level that a rule's words do not count."""
    if rule.doubt is None or likely is None:
        return False
    lower = sum(part for name, part in likely.items() if LEVELS_OF[name] < rule.level)
    return lower >= rule.doubt


@dataclass(frozen=True, slots=True)
class About:
    """What a ticket is about: an article's intent and category, `sure` or guessed; and its text.

    `meaning` is the vector of its message, or empty: then its words tell the matter.
    """

    intent: str | None
    category: str | None
    sure: bool
    text: str
    meaning: bytes = b""


def estimated(known: Severity | None, about: About, tables: Tables) -> Severity:
    """Add matter, team, effort and hours, by what the ticket is about and by its level."""
    severity = known or ORDINARY
    name = matter_of(about, tables)
    matter = tables.matters[name]
    efforts = list(tables.efforts)
    steps = tables.levels[severity.level].steps
    effort = efforts[min(efforts.index(matter.effort) + steps, len(efforts) - 1)]
    least, most = tables.efforts[effort]
    timed = replace(severity, matter=name, team=matter.team, effort=effort, least=least, most=most)
    return _expected(timed, tables)


def matter_of(about: About, tables: Tables) -> str:
    """Return the matter that surely fits, else what it is like, most words, or a guess."""
    named = _named(about, tables)
    if named and about.sure:
        return named
    likely = matters_like(about.text, about.meaning)
    best = max(likely, key=likely.__getitem__) if likely else OTHER
    if likely and likely[best] >= LIKE_A_MATTER:
        return best
    counts = Counter(each.label for each in matter_words().spans(words(about.text)))
    most = max(counts.values(), default=0)
    by_words = next((name for name in tables.matters if most and counts[name] == most), None)
    return by_words or named or OTHER


def _named(about: About, tables: Tables) -> str | None:
    """Return the matter that names the intent or, if none does, its category."""
    by_intent = (name for name, each in tables.matters.items() if about.intent in each.intents)
    by_category = (
        name for name, each in tables.matters.items() if about.category in each.categories
    )
    return next(by_intent, None) or next(by_category, None)


def _like(rule: Rule, likely: Mapping[str, float] | None) -> bool:
    """Tell whether a message is like those of a rule: surely, or more than like any other rule's.

    The latter counts only where it is hardly an ordinary message.
    """
    if not likely or not rule.likeness:
        return False
    if any(likely[name] >= least for name, least in rule.likeness.items()):
        return True
    grave = max(likely.keys() - {ORDINARILY}, key=lambda name: (likely[name], name))
    return likely[ORDINARILY] <= HARDLY and grave in rule.likeness


def _applies(rule: Rule, understanding: Understanding) -> bool:
    if rule.mood is not None and understanding.sentiment <= rule.mood:
        return True
    return any(each.probability >= rule.intents.get(each.name, 2) for each in understanding.ranking)


def _with(
    known: Severity | None, found: Iterable[str], where: str, tables: Tables
) -> Severity | None:
    had = known.findings if known else ()
    names = {each.rule for each in had}
    new = [
        Finding(name, tables.rules[name].why, tables.rules[name].level, where)
        for name in found
        if name not in names
    ]
    if not new:
        return known
    severity = known or ORDINARY
    level = max(severity.level, *(each.level for each in new))
    rules = [tables.rules[each.rule] for each in new]
    raised = replace(
        severity,
        level=level,
        name=tables.levels[level].name,
        needs=tables.levels[level].needs,
        legal=severity.legal or any(each.legal for each in rules),
        compensation=severity.compensation or any(each.compensation for each in rules),
        findings=tuple(sorted((*had, *new), key=lambda each: -each.level)),
    )
    if raised.matter and level > severity.level:
        return _larger(raised, severity.level, tables)
    return raised


def _larger(raised: Severity, before: int, tables: Tables) -> Severity:
    """Return a ticket's severity with the effort of its higher level."""
    efforts = list(tables.efforts)
    now = efforts.index(raised.effort) if raised.effort in efforts else 0
    more = tables.levels[raised.level].steps - tables.levels[before].steps
    effort = efforts[max(0, min(now + more, len(efforts) - 1))]
    least, most = tables.efforts[effort]
    return _expected(replace(raised, effort=effort, least=least, most=most), tables)


def _expected(severity: Severity, tables: Tables) -> Severity:
    """Return a severity with the hours that its ticket is expected to take, and by what."""
    least, most = severity.least or 0, severity.most or 0
    took = tables.taken.get((severity.matter or OTHER, severity.level))
    if took:
        by = f"by {took.tickets} tickets of {severity.matter}, level {severity.level}"
        return replace(severity, expected=took.hours, expected_by=by)
    by = f"the middle of {severity.effort}"
    return replace(severity, expected=(least + most) // 2, expected_by=by)

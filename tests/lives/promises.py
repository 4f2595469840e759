"""What no life of a ticket may break."""

from enum import StrEnum


class BrokenPromiseError(AssertionError):
    """A promise was broken; the message begins with which one."""


class Promise(StrEnum):
    """What no life of a ticket may break."""

    LOST = "lost"
    TWICE = "replied twice"
    UNREACHABLE = "unreachable"
    UNEXPLAINED = "unexplained"
    NO_LEASE = "no lease"
    NEWS = "news answered unread"
    KEY = "one key, two tickets"
    UNFINISHED = "unfinished"
    ERASED = "still there"
    UNFOUND = "not found by a key of its customer"
    UNFORGOTTEN = "a key is kept that no ticket has"
    RATED = "rated in vain"
    FOLLOWED_UP = "followed up in vain"
    COUNTED = "not counted"
    TOLD = "not told"
    COURTESY = "woken by courtesy"
    DANGER = "left in danger"
    MAILED = "a mail is lost, or said twice"
    HEARD = "a lead hears nothing, or twice"
    GRAVE = "what is grave is taken lightly"
    ENTRUSTED = "taken by an agent who may not"
    CASE = "one case is two, or two are one"
    TO_ALL = "a reply to all is said twice, or where it may not be"
    DRAFT = "a draft is sent late, or outlives what was said"
    FIGURES = "the figures are not the lists"
    UNFILLED = "a variable was sent"


def expect(promise: Promise, kept: object, why: object) -> None:
    """Raise BrokenPromiseError unless the promise was kept."""
    if not kept:
        raise BrokenPromiseError(f"{promise}: {why}")

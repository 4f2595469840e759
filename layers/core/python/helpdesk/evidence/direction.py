"""Whether a text is about beginning something or about ending it, by its words alone. Pure.

The vectors of a wish and of its opposite are near to each other, since they share all but one word:
"subscribe" and "unsubscribe", "turn it on" and "do not send it any more".
"""

import re
from collections.abc import Iterator
from enum import IntEnum

BEFORE = 3
"""Words before a verb within which a "not" turns it round."""


class Direction(IntEnum):
    """What is wished, or explained."""

    ENDING = -1
    NEITHER = 0
    BEGINNING = 1

    def opposes(self, other: "Direction") -> bool:
        """Tell whether one begins what the other ends."""
        return self * other < 0


_ENDING = (
    r"unsubscrib\w*|unregister\w*|deregister\w*|unfollow\w*|uninstall\w*|unlink\w*|undo(?:ing)?"
    r"|deactivat\w*|disabl(?:e|es|ed|ing)|disconnect\w*|discontinu\w*|cancel\w*|cancl\w*|terminat\w*"
    r"|stop(?:s|ped|ping)?|quit(?:s|ting)?|end(?:s|ed|ing)?|ceas(?:e|es|ed|ing)|halt(?:s|ed|ing)?"
    r"|remov(?:e|es|ed|ing|al)|delet\w*|eras(?:e|es|ed|ing)|clos(?:e|es|ed|ing|ure)|revok\w*"
    r"|withdraw\w*|suspend\w*|paus(?:e|es|ed|ing)|block(?:s|ed|ing)?|mut(?:e|es|ed|ing)"
    r"|reject\w*|refus(?:e|es|ed|ing)|declin(?:e|es|ed|ing)|exclud\w*|leav(?:e|es|ing)"
    r"|shut(?:s|ting)?|kill\w*|drop(?:s|ped|ping)?|finish\w*|scrap\w*|annul\w*|undone|abort\w*"
    r"|void\w*|rescind\w*|interrupt\w*|wip(?:e|es|ed|ing)|skip\w*|freez(?:e|es|ing)|frozen"
    r"|call(?:s|ed|ing)? (?:\w+ ){0,2}off|(?:get|got|getting) out|rid of|gone"
    r"|(?:opt|opts|opted|opting|sign|signs|signed|signing|log|logs|logged|logging) (?:me )?"
    r"(?:out|off)|opt-out|no more|(?:any ?more|any longer)(?=\W*$)|enough of|too (?:many|often)|off"
    r"|ke(?:ep|eps|pt) (?:on )?(?:get|gett|receiv|send|com|bother|disturb)\w*|annoy\w*|spam\w*"
)
_BEGINNING = (
    r"(?:re)?subscrib\w*|(?:re)?activat\w*|(?:re)?enabl(?:e|es|ed|ing)"
    r"|(?:re)?start(?:s|ed|ing)?|begin(?:s|ning)?|resum(?:e|es|ed|ing)"
    r"|(?:re)?join(?:s|ed|ing)?|regist(?:er|ers|ered|ering)|enrol\w*"
    r"|(?:sign|signs|signed|signing) (?:me |us )?(?:up|on)|(?:opt|opts|opted|opting) (?:me )?in"
    r"|opt-in|add(?:s|ed|ing)?|creat(?:e|es|ed|ing|ion)|(?:re)?open(?:s|ed|ing)?"
    r"|set(?:s|ting)? up|install(?:s|ed|ing)?|(?:re)?connect(?:s|ed|ing)?|continu(?:e|es|ed|ing)"
    r"|renew(?:s|ed|ing)?|includ(?:e|es|ed|ing)|keep(?:s|ing)?|put (?:\w+ )?back"
    r"|back (?:on|in)|on"
)
_WEAK = (
    r"want(?:s|ed)?|wish(?:es|ed)?|like|need(?:s|ed)?|get(?:s|ting)?|receiv(?:e|es|ed|ing)"
    r"|send(?:s|ing)?|sent|com(?:e|es|ing)|mail(?:s|ed|ing)?|accept(?:s|ed|ing)?|agree[sd]?"
    r"|allow(?:s|ed|ing)?|permit(?:s|ted|ting)?|show(?:s|n|ing)?|mak(?:e|es|ing)"
)
_FOUND = re.compile(
    rf"\b(?:(?P<ending>{_ENDING})|(?P<beginning>{_BEGINNING})|(?P<weak>{_WEAK}))(?![\w'\u2019])",
    re.IGNORECASE,
)
# "on" and "off" count where something is switched so, not in "on Monday" or "10 % off".
_SWITCHED = re.compile(
    r"\b(?:turn|switch|put|tak|set|keep|stay|log|be)\w*(?P<between>(?: \w+){0,3})$", re.IGNORECASE
)
_SWITCH_ENDS = re.compile(r"\s*(?:$|[.!?;:,\n)\"'\u201d]|(?:again|and|for|until|please|list)\b)")
_NOT = re.compile(
    r"\b(?:not|never|without|no longer|nor"
    r"|(?:do|does|did|will|would|should|must|is|are)n['\u2019]?t|won['\u2019]?t|don['\u2019]?t)\b",
    re.IGNORECASE,
)
_FAILED = re.compile(
    r"\b(?:can|could|able to|manage to|did|has|have|had) ?(?:not|n['\u2019]t)\b"
    r"|\b(?:can|didn|hasn|haven)['\u2019]?t\b",
    re.IGNORECASE,
)
_BORDER = re.compile(r"[.!?;:,\n]")
_WORD = re.compile(r"[\w'\u2019]+")


def direction(text: str) -> Direction:
    """Return what most of a text's verbs are about; of as many for either, the last one says it.

    Wanting, getting and sending count only where there is nothing clearer.
    """
    strong: list[int] = []
    weak: list[int] = []
    for sign, is_weak in _signs(" ".join(text.split())):
        (weak if is_weak else strong).append(sign)
    for signs in (strong, weak):
        if signs:
            total = sum(signs) or signs[-1]
            return Direction.BEGINNING if total > 0 else Direction.ENDING
    return Direction.NEITHER


def _signs(text: str) -> Iterator[tuple[int, bool]]:
    for found in _FOUND.finditer(text):
        said = found[0].casefold()
        before = _BORDER.split(text[: found.start()])[-1]
        if said in {"on", "off"} and not _is_switched(before, text[found.end() :]):
            continue
        turned = _is_denied(before)
        if found["weak"] and not turned and not found["beginning"]:
            yield 1, True
            continue
        sign = -1 if found["ending"] else 1
        yield (-sign if turned else sign), False


def _is_switched(before: str, after: str) -> bool:
    """Tell whether "on" or "off" between two texts says how something is switched."""
    found = _SWITCHED.search(before.rstrip())
    return found is not None and (not found["between"] or bool(_SWITCH_ENDS.match(after)))


def _is_denied(before: str) -> bool:
    """Tell whether the words before a verb deny it; who could not do something wishes it still."""
    words = list(_WORD.finditer(before))
    near = before[words[-BEFORE].start() :] if len(words) >= BEFORE else before
    return bool(_NOT.search(near)) and not _FAILED.search(near)

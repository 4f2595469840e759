"""What a sentence says that was done, or that binds the desk."""

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import resources

from helpdesk.drafting.grounding.atoms import Atom, Kind
from helpdesk.drafting.grounding.english import plain, stem

_CLAUSE = re.compile(r"[,;:.!?()]")
_WORD = re.compile(r"[^\W\d_]+")


def promises(sentence: str) -> Iterator[Atom]:
    """Yield an atom for each thing that is said to be done, and for each promise.

    Its value is `done:` or `promised:` and the stem of the word that counts. What is done under a
    condition ("once your order has been sent") is not said to be done.
    """
    done, promised, conditions = _patterns()
    for name, patterns in (("done", done), ("promised", promised)):
        for pattern in patterns:
            for found in pattern.finditer(sentence):
                before = sentence[: found.start()]
                clause = _WORD.findall(_CLAUSE.split(before)[-1])
                words = {plain(word) for word in (*clause, *_WORD.findall(before)[:1])}
                if name == "promised" or not words & conditions:
                    value = frozenset({f"{name}:{stem(found[1])}"})
                    yield Atom(kind=Kind.PROMISE, values=value, spelling=found[0])


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], ...], tuple[re.Pattern[str], ...], frozenset[str]]:
    raw = tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text("utf-8"))
    data = raw["promises"]
    done, promised = (
        tuple(re.compile(each, re.IGNORECASE) for each in data[name])
        for name in ("done", "promised")
    )
    return done, promised, frozenset(data["conditions"])

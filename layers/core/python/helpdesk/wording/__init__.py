"""What customers' words show by themselves, in any matter: danger, law, fraud, courtesy.

The phrases are data, in `phrases.toml`. Reading a text takes time in proportion to its length.

phrases     the phrases as data, and finding them among words
reading     which kinds of wording a text holds
courtesy    whether a text only thanks, agrees or says goodbye
denial      what a text says that it is not about
parts       the sentences of a text, and the questions that a sentence joins
"""

from helpdesk.wording.courtesy import asks, is_courtesy, without_courtesy
from helpdesk.wording.denial import affirmed, forbids
from helpdesk.wording.parts import Part, parts
from helpdesk.wording.reading import Kind, Wording, kinds_in, wordings

__all__ = [
    "Kind",
    "Part",
    "Wording",
    "affirmed",
    "asks",
    "forbids",
    "is_courtesy",
    "kinds_in",
    "parts",
    "without_courtesy",
    "wordings",
]

"""What the demonstration asks: what the desk knows, and something that a person must answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from helpdesk.knowledge import Article
from helpdesk.triage import Answer, carry_out

COUNT = 6
"""Questions that the desk is asked to answer by itself."""

STARTER = {
    "track_order": "Where is my order 12345? It should have been here on Tuesday",
    "recover_password": "hi, i forgot my pasword and cant log in",
    "check_payment_methods": "What payment methods do you accept?",
    "get_refund": (
        "I would like my money back for the blender please, and thank you so much for your help"
    ),
    "delivery_period": "how long does delivery usually take",
    "change_shipping_address": "Can I still change the delivery address?",
}
"""Questions that the starter articles answer, by intent."""


@dataclass(frozen=True, slots=True)
class Escalating:
    """A question that should need a person, and what the agent replies to it."""

    text: str
    reply: str


SPONSORING = Escalating(
    "Would you sponsor our school's chess team? The tournament is in May.",
    "Hello, and good luck to the chess team!\n"
    "We do not sponsor teams yet, but I have passed your letter on to my colleagues,\n"
    "and they will keep their fingers crossed in May. Grüße vom Helpdesk, Ada",
)
PARROT = Escalating(
    "My parrot repeats everything your radio advertisement says. Can you talk to it?",
    "Hello, and greetings to your parrot!\n"
    "I have never talked to one, but please tell it that I said hello.\n"
    "Grüße vom Helpdesk, Ada",
)
FOR_A_PERSON = "Hello, I am a person, and I have read your message. Grüße vom Helpdesk, Ada"


@dataclass(frozen=True, slots=True)
class Questions:
    """What to ask. `own` says that the questions are utterances of the articles in the table.

    `escalating` are tried in turn until the desk hands one to a person.
    """

    answerable: tuple[str, ...]
    own: bool
    escalating: tuple[Escalating, ...]


def about(articles: Sequence[Article]) -> Questions:
    """Return the questions for a desk that knows these articles.

    Where it answers the starter articles' intents, it is asked in words they were not taught with.
    Elsewhere it is asked an utterance of each of some of its own articles.
    """
    answering = {each.intent: each for each in articles if isinstance(carry_out(each), Answer)}
    own = not answering.keys() >= STARTER.keys()
    known = [article.utterances[0] for _, article in sorted(answering.items())][:COUNT]
    with_people = sorted(
        (article.intent, article.utterances[0]) for article in articles if article.needs_person
    )
    return Questions(
        answerable=tuple(known if own else STARTER.values()),
        own=own,
        escalating=(
            SPONSORING,
            *(Escalating(text, FOR_A_PERSON) for _, text in with_people[:1]),
            PARROT,
        ),
    )

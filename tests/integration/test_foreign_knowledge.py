"""Another shop's knowledge, of 6 and of 60 articles, learned for real in the place of ours."""

from functools import cache

import pytest
from helpdesk.knowledge import Article, Edition, Golden, Retired, taught
from helpdesk.learning import Outcome, Published, Rules, rehearse
from helpdesk.processing import predict
from helpdesk.triage import Escalate, Policy, Reason
from helpdesk.understanding import Encoder, Understander, fit, load_encoder
from helpdesk.understanding.teaching import SpacyTeacher

from layers.nlp import encoder
from tests.fakes import MORNING, InMemoryArticles, an_article

RULES = Rules(policy=Policy(), tolerance=0.02, target=0.95)
THINGS = (
    "ladder drill tent projector bicycle kayak telescope piano camera microscope trombone mower "
    "chainsaw karaoke sled surfboard wheelbarrow mixer loom anvil harp beehive canoe drone gazebo "
    "hammock incubator jigsaw kiln lathe metronome oboe paddle trampoline ukulele violin welder "
    "xylophone zither accordion banjo cello easel flute guitar harmonium auger jack kettle lantern "
    "compressor stapler scanner printer laminator heater fan vacuum sander"
).split()
ASKED = (
    "how long may i keep the {}",
    "for how many days can i borrow the {}",
    "what is the loan period of the {}",
    "when must the {} be back",
    "i would like to keep the {} longer, how long is allowed",
    "tell me the lending time for the {}",
)


def lending(count: int) -> tuple[Article, ...]:
    """Return the articles of a library of things; one intent has the name of one of the shop's."""
    intents = ["get_refund", *(f"loan_of_{thing}" for thing in THINGS[: count - 1])]
    things = ["library card fee", *THINGS]
    return tuple(
        an_article(intent, utterances=tuple(each.format(thing) for each in ASKED))
        for intent, thing in zip(intents, things, strict=False)
    )


def cases(articles: tuple[Article, ...]) -> tuple[Golden, ...]:
    """Return a case for each article, two for no article, one about an intent that is gone."""
    things = ["library card fee", *THINGS]
    asked = [
        Golden(f"how many weeks may I have the {thing}?", (article.intent,))
        for article, thing in zip(articles, things, strict=False)
    ]
    strange = [Golden(text, ()) for text in ("sing me a song", "who won the match")]
    return (*asked, *strange, Golden("where is my parcel", ("track_order",)))


@cache
def light() -> Encoder:
    return load_encoder(encoder.build(light=True))


class Shelf:
    """Models in memory; in force is one of another edition."""

    def __init__(self) -> None:
        self.data: dict[str, bytes] = {}
        self.records: list[Published] = []

    def current(self) -> Published | None:
        return Published(version="ours", at=MORNING, knowledge="ours", figures=None)

    def load(self, version: str) -> bytes:
        raise AssertionError("the model of another knowledge is not asked")

    def holds(self, version: str) -> bool:
        return True

    def keep(self, version: str, data: bytes) -> None:
        self.data[version] = data

    def publish(self, published: Published, data: bytes) -> None:
        raise AssertionError("a rehearsal publishes nothing")

    def refuse(self, published: Published) -> None:
        self.records.append(published)


def rehearsed(
    articles: tuple[Article, ...], golden: tuple[Golden, ...]
) -> tuple[Outcome, Published]:
    return rehearse(
        Edition(number=1, articles=articles, golden=golden),
        models=Shelf(),
        teacher=SpacyTeacher(light(), target_precision=0.95, strangers_share=0.2),
        rules=RULES,
        clock=lambda: MORNING,
    )


@pytest.mark.parametrize("judged", [True, False], ids=["with golden cases", "without"])
@pytest.mark.parametrize("count", [6, 60])
def test_it_is_accepted(count: int, judged: bool) -> None:
    articles = lending(count)
    assert len(articles) == count

    outcome, published = rehearsed(articles, cases(articles) if judged else ())

    assert outcome is Outcome.ACCEPTED
    assert (published.figures is not None) == judged


@pytest.mark.parametrize("count", [6, 60])
def test_with_cases_whose_labels_are_wrong_it_is_refused_and_they_are_named(count: int) -> None:
    articles = lending(count)
    golden = cases(articles)
    labels = [each.intents for each in golden[:count]]
    swapped = [
        Golden(each.text, label)
        for each, label in zip(golden, [*labels[1:], labels[0]], strict=False)
    ]
    texts = [ASKED[0].format(thing) for thing in ["library card fee", *THINGS][:count]]
    sure = [Golden(text, case.intents) for text, case in zip(texts, swapped, strict=True)]

    outcome, refused = rehearsed(articles, (*sure, *golden[count:]))

    assert outcome is Outcome.REFUSED
    assert "cases are answered wrongly" in refused.refused[0]
    assert {each.text for each in refused.failed} <= set(texts)
    assert refused.failed[0].answered


def test_a_removed_articles_questions_go_to_people_and_not_to_the_neighbour() -> None:
    """Without its utterances the next model takes the question for another thing's."""
    articles = lending(20)
    gone, left = articles[1], articles[:1] + articles[2:]
    text = "for how many days can i borrow the ladder"
    decisions = []
    for retired in ((Retired(gone.intent, gone.utterances),), ()):
        model = fit(taught(left, retired), light(), target_precision=0.95)
        _, decision = predict(
            text,
            articles=InMemoryArticles(*left),
            understander=Understander(model, light()),
            policy=Policy(),
            now=MORNING,
        )
        decisions.append(decision)

    assert decisions[0] == Escalate(Reason.NO_ARTICLE)
    assert decisions[1] != decisions[0]

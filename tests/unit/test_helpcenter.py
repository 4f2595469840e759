"""The help center: which articles everyone may read, how they are found, and what is on a page."""

import json
import re
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from helpdesk import helpcenter
from helpdesk.helpcenter.markup import rendered
from helpdesk.helpcenter.nearest import SIGNS
from helpdesk.helpcenter.words import words
from helpdesk.knowledge import (
    Article,
    Facts,
    InvalidArticleError,
    Link,
    Lookup,
    StatusAnswer,
    Variant,
)
from helpdesk.knowledge.translating import NOW, Translation

MOMENT = datetime(2026, 11, 28, 12, tzinfo=UTC)
PLACE = helpcenter.Place("/v1", "https://desk.example")


def article(intent: str = "delivery_period", **more: object) -> Article:
    made = {
        "title": "How long does delivery take?",
        "answer": "It takes 3 to 5 days.",
        "utterances": ("how long does delivery take", "when does my parcel arrive"),
        "category": "DELIVERY",
        "department": "shipping",
        "public": True,
    }
    return Article(intent=intent, **{**made, **more})  # type: ignore[arg-type]


RETURNS = article(
    "return_policy",
    title="Can I return something?",
    answer="Within 30 days.",
    utterances=("can i send it back", "return an item", "what is your return policy"),
    category="RETURN",
)
GERMAN = Translation(language="de", title="Wie lange dauert es?", answer="Es dauert 3 bis 5 Tage.")


def shown(*articles: Article, **facts: str) -> tuple[helpcenter.PublicArticle, ...]:
    return helpcenter.shown(articles, facts, MOMENT)


class TestPublic:
    @pytest.mark.parametrize(
        "more",
        [
            {"needs_person": True},
            {"review": True},
            {
                "needs": Lookup.ORDER,
                "by_status": (StatusAnswer(status="shipped", answer="It left."),),
            },
        ],
    )
    def test_an_article_for_one_customer_or_a_person_cannot_be_public(
        self, more: dict[str, object]
    ) -> None:
        with pytest.raises(InvalidArticleError, match="public article is read by everyone"):
            article(**more)

    @pytest.mark.parametrize(
        "more",
        [
            {"public": False},
            {"automatic": False},
            {"valid_from": date(2026, 11, 29)},
            {"valid_until": date(2026, 11, 27)},
            {"answer": "Call {phone}."},
        ],
    )
    def test_what_is_not_sent_by_itself_is_not_shown(self, more: dict[str, object]) -> None:
        assert shown(article(**more)) == ()

    def test_a_category_under_review_is_not_shown(self) -> None:
        found = helpcenter.shown([article(), RETURNS], {}, MOMENT, frozenset({"return"}))

        assert [each.intent for each in found] == ["delivery_period"]

    def test_variables_are_filled_from_the_facts_of_the_web(self) -> None:
        (found,) = shown(article(answer="Call {phone}."), phone="123", phone_by_web="456")

        assert found.text("en").answer == "Call 456."

    def test_articles_are_in_the_order_of_categories_and_titles(self) -> None:
        found = shown(RETURNS, article("b", title="b"), article("a", title="A"))

        assert [each.slug for each in found] == ["a", "b", "return-policy"]


class TestTranslations:
    def test_a_translation_can_be_read_and_a_stale_one_cannot(self) -> None:
        kept = article(translations=(GERMAN,)).bound
        changed = replace(kept, answer="It takes a week.").after(kept)

        assert shown(kept)[0].languages == ("en", "de")
        assert shown(changed)[0].languages == ("en",)

    def test_a_new_wording_or_a_word_of_the_lead_makes_it_current_again(self) -> None:
        kept = article(translations=(GERMAN,)).bound
        stale = replace(kept, answer="It takes a week.").after(kept)
        (left,) = stale.translations
        again = replace(stale, translations=(replace(left, answer="Eine Woche."),)).after(stale)
        confirmed = replace(stale, translations=(replace(left, of=NOW),)).after(stale)
        forgotten = replace(stale, translations=(replace(left, of=""),)).after(stale)

        assert shown(again)[0].text("de").answer == "Eine Woche."
        assert shown(confirmed)[0].languages == ("en", "de")
        assert shown(forgotten)[0].languages == ("en",)

    def test_new_utterances_do_not_make_it_stale(self) -> None:
        kept = article(translations=(GERMAN,)).bound
        taught = replace(kept, utterances=(*kept.utterances, "when will it come")).after(kept)

        assert shown(taught)[0].languages == ("en", "de")

    def test_a_fact_is_said_in_the_language_of_the_translation(self) -> None:
        german = replace(GERMAN, answer="Es dauert {span}.")
        of = article(answer="It takes {span}.", translations=(german,))

        (found,) = shown(of, span="3 days", span_in_de="3 Tage")

        assert found.text("de").answer == "Es dauert 3 Tage."
        assert found.text("en").answer == "It takes 3 days."

    def test_a_translation_with_a_variable_without_a_fact_is_left_out(self) -> None:
        german = replace(GERMAN, answer="Rufen Sie {phone} an.")

        assert shown(article(translations=(german,)))[0].languages == ("en",)

    @pytest.mark.parametrize(
        ("wrong", "says"),
        [
            ((GERMAN, GERMAN), "two translations"),
            ((replace(GERMAN, language="German"),), "not a language"),
            ((replace(GERMAN, title=" "),), "title on one line"),
            ((replace(GERMAN, answer=" "),), "blank"),
        ],
    )
    def test_a_translation_that_cannot_be_read_is_refused(
        self, wrong: tuple[Translation, ...], says: str
    ) -> None:
        with pytest.raises(InvalidArticleError, match=says):
            article(translations=wrong)


class Knowledge:
    """Articles that count how often they are read."""

    def __init__(self, *articles: Article) -> None:
        self.articles = articles
        self.reads = 0

    def public(self) -> tuple[Article, ...]:
        self.reads += 1
        return self.articles

    def facts(self) -> Facts:
        return Facts()


def test_a_burst_of_readers_costs_one_reading_a_minute() -> None:
    knowledge, now = Knowledge(article()), [MOMENT]
    center = helpcenter.HelpCenter(knowledge, clock=lambda: now[0], life=60)

    for _ in range(100):
        assert center.article("delivery-period")
    assert knowledge.reads == 1
    knowledge.articles = ()
    now[0] += timedelta(seconds=60)
    assert center.article("delivery-period") is None
    assert knowledge.reads == 2


class TestNearest:
    ENTRIES = helpcenter.index(shown(article(), RETURNS), "en")

    @pytest.mark.parametrize(
        ("text", "slug"),
        [
            ("when will my parcels arrive?", "delivery-period"),
            ("RETURNING an itém", "return-policy"),
            ("deli", "delivery-period"),
        ],
    )
    def test_the_nearest_comes_first(self, text: str, slug: str) -> None:
        assert helpcenter.nearest(self.ENTRIES, text)[0].slug == slug

    @pytest.mark.parametrize("text", ["", "  ", "?!", "xylophone", "\u0301", "a"])
    def test_nothing_is_near_to_what_no_article_is_about(self, text: str) -> None:
        assert helpcenter.nearest(self.ENTRIES, text) == ()

    def test_a_language_has_the_articles_that_can_be_read_in_it(self) -> None:
        there = shown(article(translations=(GERMAN,)), RETURNS)

        assert [each.title for each in helpcenter.index(there, "de")] == ["Wie lange dauert es?"]
        assert helpcenter.nearest(helpcenter.index(there, "de"), "wie lange")
        assert helpcenter.index(there, "fr") == ()

    def test_a_written_index_has_every_weight(self) -> None:
        for (slug, _, written), entry in zip(
            json.loads(helpcenter.written(self.ENTRIES)), self.ENTRIES, strict=True
        ):
            signs = {each[:-1]: SIGNS.index(each[-1]) for each in written.split()}
            assert slug == entry.slug
            assert signs == entry.weights

    def test_hundreds_of_articles_are_searched_in_milliseconds(self) -> None:
        many = [
            article(f"intent_{number}", title=f"Matter {number}", utterances=(f"matter w{number}",))
            for number in range(500)
        ]
        entries = helpcenter.index(shown(*many), "en")
        text = " ".join(f"w{number}" for number in range(5_000))

        began = time.perf_counter()
        helpcenter.nearest(entries, text)
        assert time.perf_counter() - began < 0.25


HOSTILE = (
    "<script src=//x.example>alert(1)</script >",
    '"><img src=x onerror=alert(1)>',
    "javascript:alert(1)",
    'https://shop.example/" onmouseover="alert(1)',
    "https://shop.example/'><svg onload=alert(1)>",
    "- <b class=x>bold</b >",
    "1. </article ><style media=all>*{}",
    "&lt;script&gt;",
)


class TestPages:
    @pytest.mark.parametrize("text", HOSTILE)
    def test_nothing_that_an_article_says_becomes_markup(self, text: str) -> None:
        hostile = article(
            title=text,
            answer=f"{text}\nmore {text}",
            category=text,
            links=(Link(title=text, url="https://shop.example/a'b"),),
            translations=(replace(GERMAN, title=text, answer=text),),
            variants=(Variant(country="DE", answer=text),),
        )
        there = shown(hostile)
        plain = shown(article(answer="one\nmore", category="C"))
        pages = [
            helpcenter.article(there[0], language, PLACE).content for language in ("en", "de", "fr")
        ]
        pages.append(helpcenter.listing(there, "en", PLACE).content)
        tags = {"script", "img", "svg", "b", "style"}
        allowed = helpcenter.article(plain[0], "en", PLACE).content

        for page in pages:
            found = re.findall(r"<([a-z]+)", page)
            assert found.count("script") <= allowed.count("<script")
            assert found.count("style") == 1
            assert not {"img", "svg", "b"} & (set(found) & tags)
            assert not re.search(r"<[^>]*\son[a-z]+\s*=", page)
            assert 'href="javascript' not in page

    def test_an_answer_has_paragraphs_lists_and_links(self) -> None:
        said = "First.\n\n1. One\n2. Two\n- a\n- b\nSee https://shop.example/a_b?c=1&d=2."

        assert rendered(said) == (
            "<p>First.</p><ol><li>One</li><li>Two</li></ol><ul><li>a</li><li>b</li></ul>"
            '<p>See <a href="https://shop.example/a_b?c=1&amp;d=2" rel="noopener">'
            "https://shop.example/a_b?c=1&amp;d=2</a>.</p>"
        )

    def test_a_list_goes_on_with_its_number(self) -> None:
        assert rendered("3. Three").startswith('<ol start="3">')

    @pytest.mark.parametrize(
        "bad", ["http://shop.example", "https://", "ftp://x.example", "data:x"]
    )
    def test_only_full_https_addresses_are_links(self, bad: str) -> None:
        assert "<a " not in rendered(f"See {bad} now")

    def test_a_page_tells_its_other_languages_and_its_one_address(self) -> None:
        (of,) = shown(article(translations=(GERMAN,)))
        page = helpcenter.article(of, "de", PLACE)

        assert '<html lang="de" dir="ltr">' in page.content
        address = "https://desk.example/v1/help/articles/delivery-period"
        assert f'<link rel="canonical" href="{address}?lang=de">' in page.content
        assert f'<link rel="alternate" hreflang="en" href="{address}">' in page.content
        assert f'<link rel="alternate" hreflang="de" href="{address}?lang=de">' in page.content
        assert 'hreflang="de" dir="ltr" aria-current="page">Deutsch</a>' in page.content
        assert "noindex" not in page.content

    def test_a_language_that_is_missing_is_said_and_not_indexed(self) -> None:
        (of,) = shown(article())
        page = helpcenter.article(of, "de", PLACE).content

        assert "gibt es nicht in Ihrer Sprache" in page
        assert '<article lang="en" dir="ltr">' in page
        assert '<meta name="robots" content="noindex">' in page
        assert (
            'rel="canonical" href="https://desk.example/v1/help/articles/delivery-period"' in page
        )

    def test_a_language_from_right_to_left_is_marked(self) -> None:
        arabic = Translation(language="ar", title="مدة التسليم", answer="من 3 إلى 5 أيام.")
        (of,) = shown(article(translations=(arabic,)))

        page = helpcenter.article(of, "ar", PLACE).content

        assert '<article lang="ar" dir="rtl">' in page
        assert ">العربية</a>" in page

    def test_an_answer_of_a_country_stands_under_its_name(self) -> None:
        (of,) = shown(article(variants=(Variant(country="AT", answer="In Austria a week."),)))

        page = helpcenter.article(of, "en", PLACE).content

        assert "<h2>For customers in AT</h2><p>In Austria a week.</p>" in page

    def test_a_page_may_do_nothing_but_post_its_form(self) -> None:
        (of,) = shown(article())
        listed = helpcenter.listing([of], "en", PLACE).headers["Content-Security-Policy"]
        read = helpcenter.article(of, "en", PLACE).headers["Content-Security-Policy"]

        assert "script-src 'none'" in listed
        assert "script-src 'sha256-" in read
        for each in (listed, read):
            assert "default-src 'none'" in each
            assert "form-action 'self'" in each
            assert "unsafe" not in each

    def test_an_edited_article_has_another_tag(self) -> None:
        before, after = (
            helpcenter.article(shown(article(answer=each))[0], "en", PLACE) for each in "ab"
        )

        assert before.tag != after.tag

    def test_every_language_says_the_same_things(self) -> None:
        german, english = words("de"), words("en")

        assert german.keys() == english.keys()
        assert all(german.values())


class Counts:
    """What was counted."""

    def __init__(self) -> None:
        self.found: list[tuple[str, str | None]] = []

    def answered(self, intent: str, at: datetime, key: str | None) -> None:
        self.found.append((intent, key))


@pytest.mark.parametrize("key", ["short", "x" * 65, "<script>" * 3, "a b" * 8])
def test_a_key_that_no_page_makes_is_refused(key: str) -> None:
    counts = Counts()

    with pytest.raises(helpcenter.InvalidKeyError):
        helpcenter.answered(counts, "delivery_period", at=MOMENT, key=key)
    assert counts.found == []


def test_an_answer_is_counted_with_or_without_a_key() -> None:
    counts = Counts()
    for key in ("0" * 32, None):
        helpcenter.answered(counts, "delivery_period", at=MOMENT, key=key)

    assert counts.found == [("delivery_period", "0" * 32), ("delivery_period", None)]

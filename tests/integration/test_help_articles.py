"""The help center over the template's own tables: pages, the index, and what is counted."""

import json
import uuid
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import boto3
import pytest
from helpdesk.aws import clients
from helpdesk.aws.figures import DynamoFigures
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.knowledge import Article, Facts
from helpdesk.knowledge.translating import Translation

from tests.integration.conftest import Function, Stack, load

GERMAN = Translation(language="de", title="Wie lange dauert es?", answer="Es dauert 3 bis 5 Tage.")
DELIVERY = Article(
    intent="delivery_period",
    title="How long does delivery take?",
    answer="It takes 3 to 5 days.\nSee https://shop.example/delivery.",
    utterances=("how long does delivery take", "when does my parcel arrive"),
    category="DELIVERY",
    department="shipping",
    public=True,
    translations=(GERMAN,),
)
HIDDEN = replace(
    DELIVERY,
    intent="secret_matter",
    title="Not for everyone",
    utterances=("the hidden matter",),
    public=False,
    translations=(),
)
SECRET = "my very private question"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: str


@dataclass
class Visitor:
    """A browser at the gateway, whose address is `address`."""

    function: Function
    address: str = "192.0.2.1"

    def get(self, path: str, resource: str | None = None, **headers: str) -> Reply:
        return self.ask("GET", path, resource, None, headers)

    def post(self, path: str, resource: str | None = None, **fields: str) -> Reply:
        return self.ask("POST", path, resource, urlencode(fields), FORM)

    def ask(
        self,
        method: str,
        path: str,
        resource: str | None,
        body: str | None,
        headers: dict[str, str],
    ) -> Reply:
        bare, _, query = path.partition("?")
        asked = dict(each.split("=") for each in query.split("&")) if query else None
        resource = resource or bare
        slug = bare.removeprefix("/help/articles/").partition("/")[0]
        event = {
            "resource": resource,
            "path": bare,
            "httpMethod": method,
            "headers": headers,
            "multiValueHeaders": {name: [value] for name, value in headers.items()},
            "multiValueQueryStringParameters": (
                {name: [value] for name, value in asked.items()} if asked else None
            ),
            "pathParameters": {"slug": slug} if "{slug}" in resource else None,
            "stageVariables": None,
            "requestContext": {
                "resourcePath": resource,
                "httpMethod": method,
                "path": f"/v1{bare}",
                "domainName": "desk.example",
                "requestId": str(uuid.uuid4()),
                "identity": {"sourceIp": self.address},
            },
            "body": body,
            "isBase64Encoded": False,
        }
        answer = self.function(event)
        told = answer["headers"] | {k: v[-1] for k, v in answer["multiValueHeaders"].items()}
        return Reply(answer["statusCode"], told, answer["body"])

    def article(self, slug: str, query: str = "", **headers: str) -> Reply:
        return self.get(f"/help/articles/{slug}{query}", "/help/articles/{slug}", **headers)

    def answered(self, slug: str, **fields: str) -> Reply:
        return self.post(
            f"/help/articles/{slug}/answered", "/help/articles/{slug}/answered", **fields
        )


@pytest.fixture
def knowledge(stack: Stack) -> DynamoKnowledge:
    found = DynamoKnowledge(clients.table(stack.outputs["KnowledgeTable"]))
    found.load([DELIVERY, HIDDEN])
    return found


@pytest.fixture
def visitor(template: dict[str, Any], stack: Stack, knowledge: DynamoKnowledge) -> Visitor:
    assert knowledge.get("delivery_period")
    return Visitor(load(template, stack, "PagesFunction"))


def counted(stack: Stack) -> dict[str, int]:
    """Return how often articles answered, by intent."""
    figures = DynamoFigures(clients.table(stack.outputs["TicketsTable"]))
    days, _ = figures.counts(datetime.now(UTC).date() - timedelta(days=1))
    found: dict[str, int] = {}
    for day in days:
        for intent, number in day.outcomes.get("articles", {}).items():
            found[intent] = found.get(intent, 0) + number
    return found


class TestReading:
    def test_the_list_names_public_articles_alone(self, visitor: Visitor) -> None:
        reply = visitor.get("/help/articles")

        assert reply.status == 200
        assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
        assert 'href="/v1/help/articles/delivery-period"' in reply.body
        assert "Not for everyone" not in reply.body

    def test_an_article_is_a_page_that_needs_no_script(self, visitor: Visitor) -> None:
        reply = visitor.article("delivery-period")

        assert reply.status == 200
        assert "<p>It takes 3 to 5 days.</p>" in reply.body
        assert '<a href="https://shop.example/delivery" rel="noopener">' in reply.body
        assert 'action="/v1/help/articles/delivery-period/answered"' in reply.body
        assert "https://desk.example/v1/help/articles/delivery-period" in reply.body

    def test_a_translation_is_the_same_page_in_its_language(self, visitor: Visitor) -> None:
        reply = visitor.article("delivery-period", "?lang=de")

        assert "Es dauert 3 bis 5 Tage." in reply.body
        assert reply.headers["Content-Language"] == "de"

    @pytest.mark.parametrize("lang", ["fr", "<img>", "x" * 500, "DE-at"])
    def test_any_language_that_is_asked_for_gets_a_page(self, visitor: Visitor, lang: str) -> None:
        reply = visitor.article("delivery-period", f"?lang={lang}")

        assert reply.status == 200
        assert lang not in reply.body or lang == "fr"

    @pytest.mark.parametrize("slug", ["secret-matter", "no-such", "delivery_period", "..", "%00"])
    def test_what_is_no_public_article_is_a_page_with_a_way_on(
        self, visitor: Visitor, slug: str
    ) -> None:
        reply = visitor.article(slug)

        assert reply.status == 404
        assert 'href="/v1/help/articles"' in reply.body
        assert 'href="/v1/help"' in reply.body
        assert "noindex" in reply.body
        assert visitor.answered(slug).status == 404

    def test_the_same_article_again_has_no_body(self, visitor: Visitor) -> None:
        tag = visitor.article("delivery-period").headers["ETag"]
        again = visitor.article("delivery-period", **{"If-None-Match": tag})

        assert (again.status, again.body) == (304, "")
        assert visitor.article("delivery-period", **{"If-None-Match": 'W/"x"'}).status == 200

    def test_an_edited_article_is_sent_again_after_a_minute(
        self, visitor: Visitor, knowledge: DynamoKnowledge
    ) -> None:
        tag = visitor.article("delivery-period").headers["ETag"]
        knowledge.put(replace(DELIVERY, answer="A week.").after(DELIVERY))
        at = datetime.now(UTC) + timedelta(seconds=61)
        center = visitor.function.module.needs().center
        center._clock = lambda: at

        reply = visitor.article("delivery-period", **{"If-None-Match": tag})

        assert reply.status == 200
        assert "A week." in reply.body
        assert "Deutsch" not in reply.body, "the translation is stale"

    def test_a_burst_reads_the_table_once(
        self, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        calls: list[str] = []
        visitor.article("delivery-period")
        table = visitor.function.module.needs().center._knowledge._table
        monkeypatch.setattr(
            type(table), "query", lambda *_, **__: calls.append("query") or iter(())
        )
        for _ in range(50):
            assert visitor.article("delivery-period").status == 200
        assert calls == []

    def test_an_article_from_before_there_were_public_ones_is_not_shown(
        self, visitor: Visitor, stack: Stack
    ) -> None:
        table = boto3.resource("dynamodb").Table(stack.outputs["KnowledgeTable"])
        table.update_item(
            Key={"pk": "ARTICLE", "sk": "delivery_period"},
            UpdateExpression="REMOVE #public, translations",
            ExpressionAttributeNames={"#public": "public"},
        )

        assert visitor.article("delivery-period").status == 404

    def test_an_answer_with_a_variable_says_the_desks_fact(
        self, visitor: Visitor, knowledge: DynamoKnowledge
    ) -> None:
        knowledge.state(Facts(values={"span": "9 days"}, version=1), instead_of=Facts())
        knowledge.put(replace(DELIVERY, answer="It takes {span}."))

        assert "It takes 9 days." in visitor.article("delivery-period").body


class TestFinding:
    def test_the_index_has_titles_and_words_and_no_secret(self, visitor: Visitor) -> None:
        reply = visitor.get("/help/articles.json")

        assert reply.headers["Content-Type"].startswith("application/json")
        near, ((slug, title, words),) = json.loads(reply.body)
        assert near == "These articles may help:"
        assert (slug, title) == ("delivery-period", "How long does delivery take?")
        assert "deliv" in words
        tag = reply.headers["ETag"]
        assert visitor.get("/help/articles.json", **{"If-None-Match": tag}).status == 304

    def test_a_question_finds_articles_without_scripts_and_stands_in_no_address(
        self, visitor: Visitor, stack: Stack, capsys: pytest.CaptureFixture[str]
    ) -> None:
        reply = visitor.post("/help/articles", q=f"{SECRET} when will my parcel arrive")

        assert reply.status == 200
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.body.index('id="found"') < reply.body.index("delivery-period")
        assert "private" not in reply.body
        assert SECRET not in json.dumps(reply.headers) + capsys.readouterr().out
        for name in ("TicketsTable", "KnowledgeTable"):
            items = boto3.resource("dynamodb").Table(stack.outputs[name]).scan()["Items"]
            assert SECRET not in str(items)

    @pytest.mark.parametrize("asked", ["", "qqqq", "\x00\ufffe"])
    def test_a_question_without_an_article_says_so(self, visitor: Visitor, asked: str) -> None:
        assert "No article is near" in visitor.post("/help/articles", q=asked).body


class TestAnswered:
    def test_an_answer_is_counted_once_for_each_opened_page(
        self, visitor: Visitor, stack: Stack
    ) -> None:
        for key in ("a" * 32, "a" * 32, "b" * 32):
            reply = visitor.answered("delivery-period", key=key)
            assert reply.status == 303
            assert reply.headers["Location"] == "/v1/help/articles/delivery-period?thanks=1"

        assert counted(stack) == {"delivery_period": 2}

    def test_a_form_without_a_script_counts(self, visitor: Visitor, stack: Stack) -> None:
        assert visitor.answered("delivery-period").status == 303
        assert counted(stack) == {"delivery_period": 1}
        assert "Thank you" in visitor.article("delivery-period", "?thanks=1").body

    def test_nothing_of_the_reader_is_stored(self, visitor: Visitor, stack: Stack) -> None:
        visitor.answered("delivery-period", key="c" * 32)

        items = boto3.resource("dynamodb").Table(stack.outputs["TicketsTable"]).scan()["Items"]

        assert {each["pk"].partition("#")[0] for each in items} == {"ANSWERED", "COUNTED", "RATE"}
        assert "192.0.2.1" not in str(items)
        assert "c" * 32 not in str(items)
        assert all("expires_at" in each for each in items)

    def test_another_site_cannot_say_it(self, visitor: Visitor, stack: Stack) -> None:
        reply = visitor.ask(
            "POST",
            "/help/articles/delivery-period/answered",
            "/help/articles/{slug}/answered",
            "",
            FORM | {"Sec-Fetch-Site": "cross-site"},
        )

        assert reply.status == 403
        assert counted(stack) == {}

    def test_one_address_can_press_it_so_often_and_no_more(
        self, template: dict[str, Any], stack: Stack, knowledge: DynamoKnowledge
    ) -> None:
        assert knowledge.get("delivery_period")
        slow = stack.where("PagesFunction", ADDRESS_PER_SECOND="2")
        visitor = Visitor(load(template, slow, "PagesFunction"))
        replies = [visitor.answered("delivery-period").status for _ in range(30)]

        assert set(replies) == {303, 429}
        assert counted(stack) == {"delivery_period": replies.count(303)}
        assert Visitor(visitor.function, "198.51.100.7").answered("delivery-period").status == 303

    @pytest.mark.parametrize("key", ["short", "x" * 100])
    def test_a_key_that_no_page_makes_is_refused(
        self, visitor: Visitor, stack: Stack, key: str
    ) -> None:
        assert visitor.answered("delivery-period", key=key).status == 400
        assert counted(stack) == {}

    def test_a_form_that_is_too_large_is_refused(self, visitor: Visitor) -> None:
        assert visitor.post("/help/articles", q="x" * 5_000).status == 413

"""Cases, levels, analyses, incidents, notices and figures: customers' words stay where they belong,
and are gone with their customer.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from helpdesk.aws import clients
from helpdesk.aws.models import PublishedModels
from helpdesk.ticket import Agent, Role

from infra.local import notice_sink
from tests.fakes import ScriptedUnderstander, an_understanding
from tests.integration.conftest import SERVER_KEY, Stack, load, understand_with
from tests.integration.functions_at_work import A_MODEL
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- a fixture
from tests.integration.test_erasure_mail import Everything
from tests.integration.test_intake import Gateway
from tests.integration.test_privacy import SECRET, Sinks, found_in, sinks  # noqa: F401 -- a fixture
from tests.integration.test_worker import record

EMAIL = "quillfeather@zanzibar.example"
GRAVE = "My zanzibar lamp of order 48213 never came and my lawyer will sue you."
DOWN = "The zanzibar shop shows error 502 when I want to pay"
UNDERSTOOD = an_understanding(("refund", 0.9), model="v1/full")
SORRY = "The shop is back since 10:15."
ALL = {"TICKET", "RECENT", "ANALYSIS", "CONVERSATION", "CHANNEL", "COUNTED", "FIGURES"}
LEFT = {
    "RATE",
    "ERASURE",
    "COUNTED",
    "FIGURES",
    "CHANNEL",
    "AGENT",
    "ARTICLE",
    "INTENT",
    "TEXT",
    "EDITION",
}
"""What is left of a customer: the record, and what has nothing of a customer."""


class House:
    """A desk with all that this version can do, and a receiver of its notices."""

    def __init__(
        self, template: dict[str, Any], stack: Stack, at_desk: Desk, sink: notice_sink.NoticeSink
    ) -> None:
        self.stack, self.desk = stack, at_desk
        on = {"NOTIFIED": "webhook"}
        url = {
            "WEBHOOK_URL": f"http://127.0.0.1:{sink.port}/",
            "WEBHOOK_SECRET": SECRET,
        }
        self.door = Gateway(load(template, stack, "IntakeFunction"), key_id=SERVER_KEY)
        self.worker = load(template, stack.where("WorkerFunction", **on), "WorkerFunction")
        self.predict = load(template, stack, "PredictFunction")
        for each in (self.worker, self.predict):
            understand_with(each, lambda: ScriptedUnderstander({GRAVE: UNDERSTOOD}))
        self.courier = load(
            template, stack.where("CourierFunction", **on, **url), "CourierFunction"
        )
        self.clock = load(template, stack, "ReconcilerFunction")
        knowledge = clients.table(stack.outputs["KnowledgeTable"])
        PublishedModels(clients.s3(), stack.outputs["Bucket"], knowledge).publish(A_MODEL, b"model")
        at_desk.knowledge.put_agent(Agent("lena", frozenset({Role.AGENT, Role.LEAD})))

    def ask(self, text: str, email: str = EMAIL) -> str:
        """Ask, and let the worker look at it."""
        ticket_id: str = self.door.submit({"text": text, "customer": {"email": email}}).body["id"]
        self.worker({"Records": [record("m", json.dumps({"ticket": ticket_id}), 1)]})
        return ticket_id

    def live(self) -> list[str]:
        """A grave question twice, an analysis, an incident with its reply, notices and figures."""
        ids = [self.ask(GRAVE), self.ask(GRAVE), self.ask(f"{DOWN} today")]
        strangers = [self.ask(f"{DOWN} {n}", f"c{n}@zanzibar.example") for n in range(5)]
        said = self.asked()
        assert (said.status, said.body["level"], said.body["degraded"]) == (200, 3, False)
        assert self.assisted().status == 200
        for body in self.stack.take_messages("NoticesQueueUrl"):
            self.courier({"Records": [record("m", body, 1)]})
        reply = ("incident", "reply", ids[2], "--text", SORRY, "--yes")
        assert self.desk.run(*reply, agent="lena").exit_code == 0
        for _ in range(2):  # the first minute is that of the upgrade
            self.clock({})
        assert self.desk.json("ticket", "show", ids[1])["ticket"]["merged_into"] == ids[0]
        return [*ids, *strangers]

    def asked(self) -> Any:
        door = Gateway(self.predict, key_id=SERVER_KEY)
        body = json.dumps({"text": GRAVE, "customer": {"email": EMAIL}})
        headers = {"Content-Type": "application/json"}
        return door.request("POST", "/analyses", headers=headers, body=body)

    def assisted(self) -> Any:
        door = Gateway(self.predict, key_id=SERVER_KEY)
        body = json.dumps({"current_prospect_message": GRAVE, "prospect": {"email": EMAIL}})
        headers = {"Content-Type": "application/json"}
        return door.request("POST", "/process_message", headers=headers, body=body)

    def items(self) -> list[dict[str, Any]]:
        table = boto3.resource("dynamodb").Table(self.stack.outputs["TicketsTable"])
        return list(table.scan()["Items"])

    def kinds(self) -> set[str]:
        return {each["pk"].partition("#")[0] for each in self.items()}


@pytest.fixture
def house(
    *,
    template: dict[str, Any],
    stack: Stack,
    desk: Desk,  # noqa: F811
    tmp_path: Path,
    socket_enabled: None,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[House]:
    monkeypatch.setattr("helpdesk.settings.EndpointSettings.host", "127.0.0.1")
    sink = notice_sink.start(tmp_path / "notices", secret=SECRET)
    yield House(template, stack, desk, sink)
    sink.shutdown()
    sink.server_close()


def test_no_word_is_where_it_does_not_belong(
    house: House,
    sinks: Sinks,  # noqa: F811
    stack: Stack,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Logs, metrics, queues, URLs, headers, and what is counted: ids, and no word."""
    house.live()
    said = "".join(capsys.readouterr())

    assert not found_in(said.replace('"POST / HTTP', ""))
    assert not found_in("\n".join([*sinks.queues, *sinks.urls, *sinks.headers]))
    assert house.kinds() >= ALL
    counted = [each for each in house.items() if each["pk"].partition("#")[0] in LEFT]
    assert len(counted) >= 3
    assert not found_in(repr(counted))
    for outcome in ("duplicate", "escalated", "sent"):
        assert outcome in said, "the search would have found them"
    digests = [
        each["pk"]
        for each in house.items()
        if each["pk"].startswith(("RECENT", "ANALYSIS", "CONVERSATION"))
    ]
    assert not found_in(repr(digests))


def test_of_a_customer_nothing_is_left_but_the_record(house: House, stack: Stack) -> None:
    every = Everything(stack)
    ids = house.live()
    for word in (
        "zanzibar lamp",
        EMAIL,
        "RECENT#",
        "ANALYSIS#",
        "CONVERSATION#",
        "DISPATCH#webhook",
    ):
        assert every.naming(word), "the search would have found it"
    kept = {each["pk"] for each in house.items() if each["pk"].startswith("RECENT#")}
    assert len(kept) == 6

    asked = ("ticket", "erase", "--customer", EMAIL, "--yes")
    assert house.desk.run(*asked, agent="lena").exit_code == 0

    assert every.naming("quillfeather", "zanzibar lamp", "my lawyer") == []
    left = [each for each in house.items() if any(own in repr(each) for own in ids[:3])]
    assert {each["pk"].partition("#")[0] for each in left} <= {"ERASURE", "FIGURES"}
    assert len({each["pk"] for each in house.items() if each["pk"].startswith("RECENT#")}) == 5
    assert not house.kinds() & {"ANALYSIS", "CONVERSATION"}

    for number in range(5):
        other = ("ticket", "erase", "--customer", f"c{number}@zanzibar.example", "--yes")
        assert house.desk.run(*other, agent="lena").exit_code == 0
    assert every.naming("zanzibar", SORRY) == []
    assert house.kinds() <= LEFT

"""Every alarm goes off by its real cause, and by no less: its maths over what the code measures.

What Lambda, SQS, DynamoDB and the gateway measure by themselves is put in their place: an error
of a function that really failed, the depth of a queue to which a message was really moved.
"""

import ast
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from unittest import mock

import boto3
import pytest
from helpdesk import learning, telemetry, ticket
from helpdesk.aws import clients
from helpdesk.aws.buckets import DynamoBuckets
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.records import DynamoRecords
from helpdesk.aws.tickets import DynamoTickets
from helpdesk.collecting import LARGEST
from helpdesk.notifying import ATTEMPTS as ATTEMPTS_AT_A_NOTICE
from helpdesk.notifying import PAUSES, audience
from helpdesk.reconciling import WORTH_TELLING
from helpdesk.records import RecordsUnavailableError
from helpdesk.redrafting import ATTEMPTS
from helpdesk.triage import Answer, Escalate, Reason

from tests import alarming
from tests.alarming import ALARM, OK, Metric, Point
from tests.fakes import ADAS, Clock, ScriptedUnderstander, an_article, an_understanding
from tests.integration.conftest import ROOT, Function, Stack, load, understand_with
from tests.integration.test_courier_notices import courier  # noqa: F401 -- a fixture
from tests.integration.test_drafter import drafter  # noqa: F401 -- a fixture
from tests.integration.test_intake import Gateway
from tests.integration.test_mailbox import NAME, NOW, Post, a_mail, post  # noqa: F401 -- a fixture
from tests.integration.test_worker import Worker, message
from tests.mailing import known

if TYPE_CHECKING:
    from tests.integration.test_courier_notices import Courier
    from tests.integration.test_drafter import Drafter

MINUTE = 60.0
ID = "1" * 16
POISON = "a text at which the model breaks"


@dataclass
class Scene:
    """The stack, and what its functions write; `ask` returns a fixture by its name."""

    template: dict[str, Any]
    stack: Stack
    capsys: pytest.CaptureFixture[str]
    ask: Callable[[str], Any]

    def cold(self, name: str, **variables: str) -> Function:
        """Return a function that starts with some variables set otherwise."""
        return load(self.template, self.stack.where(name, **variables), name)

    def ready(self, name: str) -> Any:
        """Return the module of a function that has composed what it needs."""
        function = self.cold(name)
        understand_with(function, lambda: ScriptedUnderstander({}))
        with mock.patch.dict(os.environ, function.environment):
            function.module.needs()
        return function.module

    def measured(self, at: float = 0) -> list[Point]:
        """Return what was written since the last time, as of a second."""
        return list(alarming.emitted(self.capsys.readouterr().out, at))

    def alarm(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = self.template["Resources"][name]["Properties"]
        return found

    def state(self, name: str, points: list[Point], now: float = MINUTE) -> str:
        """Return an alarm's state; by default after a first minute with these points."""
        return alarming.state(self.alarm(name), points, now, self.template["Parameters"])

    def threshold(self, name: str) -> float:
        return alarming.threshold(self.alarm(name), self.template["Parameters"])


@pytest.fixture
def scene(
    template: dict[str, Any],
    stack: Stack,
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> Scene:
    return Scene(template, stack, capsys, request.getfixturevalue)


def alarms(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        name: each["Properties"]
        for name, each in template["Resources"].items()
        if each["Type"] == "AWS::CloudWatch::Alarm"
    }


def no_limits() -> DynamoBuckets:
    return DynamoBuckets(clients.table("no-such-table"))


def intake_without_limits(scene: Scene) -> None:
    function = scene.cold("IntakeFunction")
    gateway = Gateway(function)
    assert gateway.submit({"text": "hi"}).status == 202
    with mock.patch.object(function.module.needs().door.gate, "_buckets", no_limits()):
        assert gateway.submit({"text": "hi"}).status == 202


def pages_without_limits(scene: Scene) -> None:
    function = scene.cold("PagesFunction", PUBLIC_API_KEY_VALUE="k" * 20)
    gateway = Gateway(function, headers={"Accept": "*/*"})
    gateway.request("GET", "/widget.js")
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    with mock.patch.object(function.module.needs().gate, "_buckets", no_limits()):
        found = gateway.request("POST", "/help/articles", body="q=refund", headers=form)
    assert found.status == 200


def mails_without_limits(scene: Scene) -> None:
    module = scene.ready("MailFunction")
    gate = module.needs().mailroom.gate
    with mock.patch.object(gate, "_buckets", no_limits()):
        raw = a_mail(1).replace(b"From:", b"X-Was-From:", 1)
        raw = b"From: ada@example.com\r\n" + raw
        module.tell(module.needs().mailroom.take("inbound/a", raw, datetime.now(UTC)))
    module.telemetry.flush(module.SERVICE)


def looked_up(scene: Scene, module: Any, records: Any) -> None:
    down = RecordsUnavailableError("the table of records: ClientError")
    with (
        mock.patch.object(DynamoRecords, "orders", side_effect=down),
        suppress(RecordsUnavailableError),
    ):
        records.orders(ADAS)
    module.telemetry.flush(module.SERVICE)


def worker_without_records(scene: Scene) -> None:
    module = scene.ready("WorkerFunction")
    looked_up(scene, module, module.needs().records)


def predict_without_records(scene: Scene) -> None:
    module = scene.ready("PredictFunction")
    looked_up(scene, module, module.needs().assisting.records)


def poisoned(scene: Scene) -> None:
    function = scene.cold("WorkerFunction")
    script = {POISON: RuntimeError("the model broke")}
    understand_with(function, lambda: ScriptedUnderstander(script))
    articles = DynamoKnowledge(clients.table(scene.stack.outputs["KnowledgeTable"]))
    tickets = DynamoTickets(clients.table(scene.stack.outputs["TicketsTable"]))
    worker = Worker(function, scene.stack, tickets, articles)
    assert worker.deliver(message(worker.submit(POISON)))


def refused(scene: Scene) -> None:
    module = scene.cold("TrainerFunction").module
    worse = learning.Published(
        version="v2", at=NOW, knowledge="digest", figures=None, refused=("intents",)
    )
    learned = mock.Mock(return_value=(learning.Outcome.REFUSED, worse))
    with (
        mock.patch.object(module, "needs", mock.MagicMock()),
        mock.patch.object(module.learning, "learn", learned),
    ):
        module.handler({"Records": []}, None)


def degraded(scene: Scene) -> None:
    drafter: Drafter = scene.ask("drafter")  # noqa: F811
    body, drafter.script.status = drafter.handed_over(), 503
    assert not drafter.deliver(body, ATTEMPTS)


def gone(scene: Scene) -> None:
    courier: Courier = scene.ask("courier")  # noqa: F811
    courier.answers(410)
    assert not courier.deliver(courier.threatened())


def locked_out(scene: Scene) -> None:
    post: Post = scene.ask("post")  # noqa: F811
    ssm = boto3.client("ssm")
    ssm.put_parameter(Name=NAME, Value="wrong", Type="SecureString", Overwrite=True)
    post.run()


def too_large(scene: Scene) -> None:
    post: Post = scene.ask("post")  # noqa: F811
    post.script.add(a_mail(1), NOW, said=LARGEST + 1)
    assert post.run() == (0, 1)


COUNTED: dict[tuple[str, str], Callable[[Scene], None]] = {
    ("LimiterFailuresAlarm", "intake"): intake_without_limits,
    ("LimiterFailuresAlarm", "pages"): pages_without_limits,
    ("LimiterFailuresAlarm", "mail"): mails_without_limits,
    ("LookupFailuresAlarm", "worker"): worker_without_records,
    ("LookupFailuresAlarm", "predict"): predict_without_records,
    ("ProcessingFailuresAlarm", "worker"): poisoned,
    ("TrainerRefusalsAlarm", "trainer"): refused,
    ("DegradedDraftsAlarm", "drafter"): degraded,
    ("ChannelSwitchedOffAlarm", "courier"): gone,
    ("MailboxFailuresAlarm", "mailbox"): locked_out,
    ("MailTooLargeAlarm", "mailbox"): too_large,
}
"""What a function counts, by its alarm and its service, and what makes it count one."""

OLDEST = {
    "OldestQueryAlarm": "received",
    "OldestEscalationAlarm": "escalated",
    "OldestOutboxMailAlarm": "mail",
    "OldestNoticeAlarm": "notice",
}
"""Alarms of what waits too long, and what waits."""

BY_THE_PLATFORM = {
    "FunctionErrorsAlarm": "test_a_function_that_fails_is_told",
    "FunctionThrottlesAlarm": "test_each_metric_that_is_added_up_raises_its_alarm",
    "PagesErrorsAlarm": "test_a_page_that_fails_is_told",
    "TableThrottlesAlarm": "test_each_metric_that_is_added_up_raises_its_alarm",
    "IndexThrottlesAlarm": "test_each_metric_that_is_added_up_raises_its_alarm",
    "ApiErrorsAlarm": "test_more_than_one_answer_in_a_hundred_is_a_failure",
    "ReconcilerSilentAlarm": "test_a_reconciler_that_does_not_run_is_missed",
    "OldestMailAlarm": "test_a_mail_that_no_function_takes_is_told",
}
"""Alarms of what AWS measures, and the test of each."""


def test_every_alarm_has_a_test_of_its_cause_or_its_maths(template: dict[str, Any]) -> None:
    of_letters = {name for name in alarms(template) if name.endswith("DeadLettersAlarm")}
    tested = [{name for name, _ in COUNTED}, set(OLDEST), set(BY_THE_PLATFORM), of_letters]

    assert set.union(*tested) == set(alarms(template))
    assert sum(map(len, tested)) == len(alarms(template)), "each in one place"
    assert set(BY_THE_PLATFORM.values()) <= set(globals())


@pytest.mark.parametrize(("name", "service"), COUNTED)
def test_it_is_raised_by_what_its_function_counts(scene: Scene, name: str, service: str) -> None:
    COUNTED[name, service](scene)

    of_alarm = set(alarming.watched(scene.alarm(name)))
    once = [each for each in scene.measured() if each.metric in of_alarm]
    assert {dict(each.metric.dimensions)["service"] for each in once} == {service}
    one = [each.moved(MINUTE / 2) for each in once]
    least = int(scene.threshold(name) // sum(each.value for each in one))
    assert scene.state(name, []) == OK
    assert scene.state(name, one * least) == OK
    assert scene.state(name, one * (least + 1)) == ALARM
    later = alarming.period(scene.alarm(name)) + MINUTE
    assert scene.state(name, one * (least + 1), later) == OK, "it ends by itself"


def test_an_alarm_watches_each_function_that_counts_its_metric(template: dict[str, Any]) -> None:
    """What telemetry counts for any function is counted by several of them."""
    tree = ast.parse((ROOT / "layers/core/python/helpdesk/telemetry.py").read_text())
    shared = {
        call.args[1].value: function.name
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        for call in ast.walk(function)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "count"
        and isinstance(call.args[1], ast.Constant)
    }
    sources = {path: path.read_text() for path in (ROOT / "functions").rglob("*.py")}
    counting = {
        metric: {
            path.parent.name for path, text in sources.items() if f"telemetry.{helper}" in text
        }
        for metric, helper in shared.items()
    }
    watching: dict[str, set[str]] = {}
    for alarm in alarms(template).values():
        for metric in alarming.watched(alarm):
            service = dict(metric.dimensions).get("service")
            if metric.name in counting and service:
                watching.setdefault(metric.name, set()).add(service)

    assert counting == watching
    assert set(counting) == {"LimiterFailed", "LookupFailures"}


@pytest.mark.parametrize(
    "name",
    [
        "FunctionErrorsAlarm",
        "FunctionThrottlesAlarm",
        "PagesErrorsAlarm",
        "TableThrottlesAlarm",
        "IndexThrottlesAlarm",
        "LimiterFailuresAlarm",
        "LookupFailuresAlarm",
    ],
)
def test_each_metric_that_is_added_up_raises_its_alarm(scene: Scene, name: str) -> None:
    found = alarming.watched(scene.alarm(name))

    assert {statistic for statistic, _ in found.values()} == {"Sum"}
    for metric in found:
        limit = scene.threshold(name)
        assert scene.state(name, [Point(metric, limit, 1)]) == OK
        assert scene.state(name, [Point(metric, limit + 1, 1)]) == ALARM
    assert scene.state(name, []) == OK


def test_each_table_and_each_index_is_watched_for_throttles(template: dict[str, Any]) -> None:
    """A table's metric leaves out those of its indexes.

    docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html
    """
    wanted = set()
    for table, resource in template["Resources"].items():
        if resource["Type"] == "AWS::DynamoDB::Table":
            indexes = resource["Properties"].get("GlobalSecondaryIndexes", [])
            places = [{("TableName", table)}] + [
                {("TableName", table), ("GlobalSecondaryIndexName", each["IndexName"])}
                for each in indexes
            ]
            wanted |= {
                Metric("AWS/DynamoDB", f"{kind}ThrottleEvents", frozenset(place))
                for kind in ("Read", "Write")
                for place in places
            }
    found = [
        metric
        for name in ("TableThrottlesAlarm", "IndexThrottlesAlarm")
        for metric in alarming.watched(alarms(template)[name])
    ]

    assert set(found) == wanted
    assert len(found) == len(wanted)


def test_a_function_that_fails_is_told(scene: Scene) -> None:
    function = scene.cold("ReconcilerFunction", TICKETS_TABLE="no-such-table")
    with pytest.raises(telemetry.FunctionFailedError):
        function({})

    errors = Metric("AWS/Lambda", "Errors", frozenset({("FunctionName", "ReconcilerFunction")}))
    assert scene.state("FunctionErrorsAlarm", [Point(errors, 1, 1)]) == ALARM
    assert scene.state("FunctionErrorsAlarm", [Point(errors, 0, 1)]) == OK


def test_a_page_that_fails_is_told(scene: Scene) -> None:
    function = scene.cold("PagesFunction", KNOWLEDGE_TABLE="no-such-table")
    gateway = Gateway(function, headers={"Accept": "*/*"})

    assert gateway.request("GET", "/help/articles").status == 500
    assert scene.state("PagesErrorsAlarm", [each.moved(1) for each in scene.measured()]) == ALARM


def test_more_than_one_answer_in_a_hundred_is_a_failure(scene: Scene) -> None:
    at = frozenset({("ApiName", "helpdesk"), ("Stage", "v1")})
    metric = Metric("AWS/ApiGateway", "5XXError", at)

    def answers(**variables: str) -> Point:
        gateway = Gateway(scene.cold("IntakeFunction", **variables))
        status = gateway.submit({"text": "hi"}).status
        return Point(metric, float(status >= 500), 1)

    good, bad = answers(), answers(TICKETS_TABLE="no-such-table")
    assert (good.value, bad.value) == (0, 1)
    assert scene.state("ApiErrorsAlarm", [good] * 99 + [bad]) == OK
    assert scene.state("ApiErrorsAlarm", [good] * 98 + [bad] * 2) == ALARM
    assert scene.state("ApiErrorsAlarm", []) == OK


def test_a_reconciler_that_does_not_run_is_missed(scene: Scene) -> None:
    runs = Metric("AWS/Lambda", "Invocations", frozenset({("FunctionName", "ReconcilerFunction")}))
    name, hour = "ReconcilerSilentAlarm", [Point(runs, 1, at * MINUTE) for at in range(1, 61)]

    assert [scene.state(name, hour, at * MINUTE) for at in (60, 65, 69)] == [OK] * 3
    assert scene.state(name, hour, 70 * MINUTE) == ALARM
    assert scene.state(name, [*hour, Point(runs, 1, 71 * MINUTE)], 72 * MINUTE) == OK


def test_a_mail_that_no_function_takes_is_told(scene: Scene) -> None:
    """The table knows no mail that was not taken, so this alarm asks the queue.

    SQS leaves a message out that was received three times. That is after twice the time for which
    the queue hides it, and then the alarm is on; after `MaxReceives` it is a dead letter.
    """
    name, template = "OldestMailAlarm", scene.template
    (metric,) = alarming.watched(scene.alarm(name))
    limit = scene.threshold(name)

    assert scene.state(name, [Point(metric, limit, 1)]) == OK
    assert scene.state(name, [Point(metric, limit + 1, 1)]) == ALARM
    hidden = template["Resources"]["MailQueue"]["Properties"]["VisibilityTimeout"]
    assert limit < 2 * hidden
    of_queue_ages = {
        each
        for each, alarm in alarms(template).items()
        if any(one.name == "ApproximateAgeOfOldestMessage" for one in alarming.watched(alarm))
    }
    assert of_queue_ages == {name}, "what the table knows is asked of the table"


@pytest.fixture
def letters(scene: Scene, name: str) -> Callable[[], Point]:
    """Return what measures the dead letters of an alarm."""
    (metric,) = alarming.watched(scene.alarm(name))
    ((_, queue),) = metric.dimensions
    sqs, url = boto3.client("sqs"), url_of(scene, queue)

    def measured() -> Point:
        told = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
        return Point(metric, float(told["ApproximateNumberOfMessages"]), 1)

    return measured


def url_of(scene: Scene, queue: str) -> str:
    name = scene.template["Resources"][queue]["Properties"]["QueueName"]["Fn::Sub"]
    url: str = boto3.client("sqs").get_queue_url(
        QueueName=name.replace("${AWS::StackName}", "helpdesk")
    )["QueueUrl"]
    return url


@pytest.mark.parametrize(
    "name",
    [
        f"{queue}DeadLettersAlarm"
        for queue in ("Intake", "Mail", "Outbox", "Notices", "Drafts", "Files", "Escalation")
    ],
)
def test_a_message_that_is_received_too_often_is_told(
    scene: Scene, name: str, letters: Callable[[], Point]
) -> None:
    queue = name.replace("DeadLettersAlarm", "Queue")
    redrive = scene.template["Resources"][queue]["Properties"]["RedrivePolicy"]
    most = redrive["maxReceiveCount"]
    if isinstance(most, dict):
        most = scene.template["Parameters"][most["Ref"]]["Default"]
    sqs, url = boto3.client("sqs"), url_of(scene, queue)
    sqs.send_message(QueueUrl=url, MessageBody="no message of ours")
    for _ in range(most):
        assert sqs.receive_message(QueueUrl=url, VisibilityTimeout=0).get("Messages")
    assert scene.state(name, [letters()]) == OK
    assert not sqs.receive_message(QueueUrl=url, VisibilityTimeout=0).get("Messages")

    assert scene.state(name, [letters()]) == ALARM


@pytest.mark.parametrize("name", ["TrainerDeadLettersAlarm"])
def test_a_lesson_that_failed_is_told(
    scene: Scene, name: str, letters: Callable[[], Point]
) -> None:
    """Lambda puts what failed there by itself; see the destination in the template."""
    (event,) = scene.template["Resources"]["TrainerFunction"]["Properties"]["Events"].values()
    destination = event["Properties"]["DestinationConfig"]["OnFailure"]["Destination"]
    assert destination == {"Fn::GetAtt": ["TrainerDeadLetters", "Arn"]}
    assert scene.state(name, [letters()]) == OK
    boto3.client("sqs").send_message(QueueUrl=url_of(scene, "TrainerDeadLetters"), MessageBody="{}")

    assert scene.state(name, [letters()]) == ALARM


class Waiting:
    """A desk at which something waits, and its reconciler, which runs once a minute."""

    def __init__(self, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
        self.scene = scene
        self.function = scene.cold("ReconcilerFunction", NOTIFIED="webhook")
        self.began = datetime.now(UTC).replace(microsecond=0)
        self.clock = Clock(self.began)
        monkeypatch.setattr(self.function.module, "partial", lambda *_: self.clock)
        table = clients.table(scene.stack.outputs["TicketsTable"])
        self.tickets = DynamoTickets(table, heard_by=audience("webhook", "webhook: legal"))
        self.points: list[Point] = []

    @property
    def now(self) -> float:
        return (self.clock() - self.began).total_seconds()

    def begin(self, kind: str) -> None:
        """Let something of a kind wait from now on."""
        opened = ticket.submit(
            ticket_id=ID,
            text="Where is my order?",
            customer=ADAS,
            channel="mail" if kind == "mail" else "web",
            token_hash="hash",
            now=self.clock(),
            token_life=timedelta(days=90),
            retention=timedelta(days=400),
        )
        if kind == "mail":
            self.tickets.outbox.correspond(known(ID), expires_at=opened.after.expires_at)
        self.tickets.commit(opened)
        if kind == "received":
            return
        decision: Answer | Escalate = Answer(an_article("refund"))
        if kind != "mail":
            decision = Escalate(Reason.LEGAL if kind == "notice" else Reason.OUT_OF_SCOPE)
        self.tickets.commit(
            ticket.settle(opened.after, an_understanding(), decision, now=self.clock())
        )

    def run(self) -> None:
        self.function({})
        self.points += self.scene.measured(self.now)


@pytest.fixture
def waiting(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Waiting:
    return Waiting(scene, monkeypatch)


@pytest.mark.parametrize(("name", "kind"), OLDEST.items())
def test_what_waits_too_long_is_told_until_it_is_served(
    waiting: Waiting, scene: Scene, name: str, kind: str
) -> None:
    """However often its message was received, lost or sent again, which SQS leaves out."""
    waiting.begin(kind)
    limit = scene.threshold(name)
    waiting.clock.advance(timedelta(seconds=limit) - timedelta(minutes=3))
    states = {}
    for _ in range(9):
        waiting.run()
        states[waiting.now] = scene.state(name, waiting.points, waiting.now)
        waiting.clock.advance(timedelta(minutes=1))

    assert states == {at: ALARM if at > limit else OK for at in states}
    assert {OK, ALARM} == set(states.values())
    scene.stack.empty()
    waiting.clock.advance(timedelta(minutes=5))
    waiting.run()
    assert scene.state(name, waiting.points, waiting.now) == OK


@pytest.mark.parametrize("kind", OLDEST.values())
def test_what_is_served_within_a_minute_costs_no_metric(waiting: Waiting, kind: str) -> None:
    waiting.begin(kind)
    waiting.clock.advance(WORTH_TELLING - timedelta(seconds=1))
    waiting.run()
    assert waiting.points == []

    waiting.clock.advance(timedelta(seconds=1))
    waiting.run()
    ages = {each.metric.name: each.value for each in waiting.points}
    assert ages[f"Oldest{kind.title()}"] == WORTH_TELLING.total_seconds()


def test_no_alarm_asks_for_less_than_is_measured(template: dict[str, Any]) -> None:
    for name in OLDEST:
        limit = alarms(template)[name]["Threshold"]
        least = template["Parameters"][limit["Ref"]]["MinValue"] if "Ref" in str(limit) else limit
        assert least >= WORTH_TELLING.total_seconds()
        assert alarming.period(alarms(template)[name]) >= 2 * MINUTE, "a run a minute: no gaps"


def test_a_notice_may_use_all_its_attempts_before_it_is_late(template: dict[str, Any]) -> None:
    pauses = sum(PAUSES, timedelta(0))

    assert len(PAUSES) >= ATTEMPTS_AT_A_NOTICE - 1
    assert alarms(template)["OldestNoticeAlarm"]["Threshold"] > 1.2 * pauses.total_seconds()


def test_a_run_that_fails_has_measured_first(waiting: Waiting, scene: Scene) -> None:
    """A backlog that makes the reconciler run out of time is what its alarm is for."""
    waiting.begin("received")
    waiting.clock.advance(timedelta(minutes=10))
    broken = mock.Mock(side_effect=TimeoutError)
    with (
        mock.patch.object(waiting.function.module.reconciling, "reconcile", broken),
        pytest.raises(telemetry.FunctionFailedError),
    ):
        waiting.run()

    points = scene.measured(waiting.now)
    assert scene.state("OldestQueryAlarm", points, waiting.now) == ALARM


def test_the_oldest_is_not_the_most_urgent(waiting: Waiting) -> None:
    """The list of agents begins with what is due first; a snoozed ticket waits for no person."""
    waiting.begin("escalated")
    waiting.clock.advance(timedelta(minutes=30))
    for number, text in enumerate(("I will hurt myself", "a sponsor?")):
        change = ticket.submit(
            ticket_id=f"{number}" * 15 + "2",
            text=text,
            customer=ADAS,
            channel="web",
            token_hash="hash",
            now=waiting.clock(),
            token_life=timedelta(days=90),
            retention=timedelta(days=400),
        )
        waiting.tickets.commit(change)
        decision = Escalate(Reason.OUT_OF_SCOPE)
        settled = ticket.settle(change.after, an_understanding(), decision, now=waiting.clock())
        waiting.tickets.commit(settled)
    waiting.clock.advance(timedelta(minutes=30))
    waiting.run()

    ages = [each.value for each in waiting.points if each.metric.name == "OldestEscalated"]
    assert ages == [3600]

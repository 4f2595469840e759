"""Two judges of every policy agree: our own reading of IAM, and an evaluator that is not ours.

`make rules` installs the evaluator, writes the template as SAM makes it, and runs these.
"""

import copy
import json
from collections.abc import Iterable
from typing import Any

import pytest
from helpdesk.aws.vault import TAG
from helpdesk.files import Verdict

from tests.integration.agents_at_work import (  # noqa: F401 -- fixtures
    AGENTS,
    LEADS,
    MAY,
    READS,
    Desk,
    desk,
    there,
)
from tests.integration.calls_of_lambda import by_lambda
from tests.integration.conftest import ROOT, Stack
from tests.integration.functions_at_work import AT_WORK
from tests.integration.policies import ROLES, UNGUARDED, allows, statements
from tests.integration.recorded_calls import Call, recording
from tests.integration.second_judge import question, verdicts

pytestmark = pytest.mark.rules

TICKET, OVERRIDE, RATE = (f"{kind}#0123456789abcdef" for kind in ("TICKET", "OVERRIDE", "RATE"))
FILES = "FILES#0123456789abcdef"
SPENT = "SPENT#2026-03-02"
CHANNEL = "CHANNEL#webhook"
OWN_STACK = "stack/${AWS::StackName}/*"
DECISION, BOND = ("DECISION#EMAIL#kim@x.example", "CUSTOMER#EMAIL#kim@x.example")


@pytest.fixture(scope="module")
def written_out() -> dict[str, Any]:
    """Return the template as SAM writes it out, which is what AWS gets."""
    template: dict[str, Any] = json.loads((ROOT / "build" / "template.json").read_text())
    return template


def both(
    template: dict[str, Any], principals: Iterable[str], calls: list[Call]
) -> dict[str, dict[Call, bool]]:
    """Return what both judges say of each call of each principal. Fails where they differ."""
    judged = [call for call in dict.fromkeys(calls) if call.action not in UNGUARDED]
    asked = [(principal, call) for principal in principals for call in judged]
    told = iter(verdicts([question(template, *each) for each in asked]))
    found = {}
    for principal in principals:
        given = statements(template, principal)
        found[principal] = {call: allows(given, call) for call in judged}
        theirs = {call: next(told) == "Allowed" for call in judged}
        assert found[principal] == theirs, principal
    return found


@pytest.mark.parametrize("function", AT_WORK)
def test_each_function_may_what_it_does(
    written_out: dict[str, Any], template: dict[str, Any], stack: Stack, function: str
) -> None:
    calls = [*AT_WORK[function](stack), *by_lambda(template, function)]

    judged = both(written_out, [function], calls)[function]

    assert judged
    assert all(judged.values()), [call for call, may in judged.items() if not may]


@pytest.mark.parametrize("line", [*READS, *AGENTS, *LEADS])
def test_each_verb_is_for_the_roles_it_is_meant_for(
    written_out: dict[str, Any],
    stack: Stack,
    desk: Desk,  # noqa: F811
    there: dict[str, str],  # noqa: F811
    line: str,
) -> None:
    with recording(stack) as calls:
        assert desk.run(*line.format(**there).split()).exit_code == 0

    for role, judged in both(written_out, ROLES, calls).items():
        assert all(judged.values()) == (line in MAY[role]), (role, judged)


def writes(table: str, *keys: str) -> list[Call]:
    verbs = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
    return [Call(f"dynamodb:{verb}", table, keys) for verb in verbs]


def of_queue(queue: str, *verbs: str) -> list[Call]:
    return [Call(f"sqs:{verb}", queue) for verb in verbs]


NOT_FOR_ANY = [
    Call("dynamodb:DeleteTable", "TicketsTable"),
    Call("dynamodb:DeleteTable", "KnowledgeTable"),
    Call("dynamodb:Scan", "TicketsTable"),
    Call("dynamodb:UpdateItem", "KnowledgeTable", ("INTENT#refund",)),
    Call("s3:DeleteObject", "Bucket/models/v1"),
    Call("s3:PutObject", "Bucket/golden/messages.jsonl"),
    Call("s3:DeleteBucket", "Bucket"),
    *of_queue("IntakeQueue", "PurgeQueue", "DeleteQueue", "SetQueueAttributes"),
    Call("lambda:UpdateFunctionCode", "PredictFunction"),
    Call("lambda:UpdateFunctionCode", "TrainerFunction"),
    Call("cloudformation:DeleteStack", OWN_STACK),
]
REFUSED: dict[str, list[Call]] = {
    "IntakeFunction": [
        *writes("KnowledgeTable", "INTENT#refund"),
        Call("dynamodb:GetItem", "KnowledgeTable", ("INTENT#refund",)),
        Call("dynamodb:GetItem", "KnowledgeTable", ("MODEL", "INTENT#refund")),
        Call("dynamodb:Query", "KnowledgeTable", ("MODEL",)),
        Call("dynamodb:PutItem", "TicketsTable", (OVERRIDE,)),
        Call("dynamodb:PutItem", "TicketsTable", (TICKET, OVERRIDE)),
        Call("dynamodb:BatchWriteItem", "TicketsTable", (TICKET,)),
        Call("dynamodb:BatchWriteItem", "TicketsTable", (OVERRIDE,)),
        Call("dynamodb:DeleteItem", "TicketsTable", ("FIGURES",)),
        Call("dynamodb:PutItem", "TicketsTable", ("TICKET#short",)),
        Call("dynamodb:UpdateItem", "TicketsTable", (TICKET,)),
        Call("dynamodb:Query", "TicketsTable/index/by-state"),
        Call("dynamodb:PutItem", "TicketsTable", (DECISION,)),
        *of_queue("IntakeQueue", "ReceiveMessage", "DeleteMessage"),
        *of_queue("EscalationQueue", "ReceiveMessage", "DeleteMessage"),
        *of_queue("IntakeDeadLetters", "SendMessage"),
        Call("s3:GetObject", "Bucket/models/v1"),
        Call("lambda:InvokeFunction", "PredictFunction"),
    ],
    "WorkerFunction": [
        *writes("RecordsTable", "CUSTOMER#0"),
        Call("dynamodb:Scan", "RecordsTable"),
        *writes("KnowledgeTable", "INTENT#refund"),
        *writes("TicketsTable", OVERRIDE),
        Call("dynamodb:DeleteItem", "TicketsTable", (TICKET,)),
        *of_queue("IntakeQueue", "SendMessage"),
        *of_queue("EscalationQueue", "ReceiveMessage", "DeleteMessage"),
        Call("s3:PutObject", "Bucket/models/v1"),
        Call("s3:GetObject", "Bucket/golden/messages.jsonl"),
        Call("s3:ListBucket", "Bucket"),
    ],
    "ReconcilerFunction": [
        *writes("KnowledgeTable", "INTENT#refund"),
        *writes("TicketsTable", OVERRIDE),
        Call("dynamodb:DeleteItem", "TicketsTable", (TICKET,)),
        Call("dynamodb:Query", "TicketsTable", (TICKET,)),
        *of_queue("IntakeQueue", "ReceiveMessage", "DeleteMessage"),
        *of_queue("EscalationQueue", "ReceiveMessage", "DeleteMessage"),
        Call("s3:GetObject", "Bucket/models/v1"),
    ],
    "CourierFunction": [
        *writes("KnowledgeTable", "INTENT#refund"),
        Call("dynamodb:GetItem", "KnowledgeTable", ("TEXT",)),
        *writes("TicketsTable", OVERRIDE),
        Call("dynamodb:DeleteItem", "TicketsTable", (TICKET,)),
        Call("dynamodb:UpdateItem", "TicketsTable", (RATE,)),
        Call("dynamodb:Query", "TicketsTable/index/by-awaiting"),
        *of_queue("OutboxQueue", "SendMessage"),
        *of_queue("NoticesDeadLetters", "ReceiveMessage", "DeleteMessage"),
        Call("dynamodb:PutItem", "TicketsTable", (CHANNEL,)),
        Call("dynamodb:DeleteItem", "TicketsTable", (CHANNEL,)),
        *of_queue("EscalationQueue", "ReceiveMessage", "DeleteMessage"),
        Call("ses:SendRawEmail", "identity/another.example"),
        Call("ses:SendRawEmail", "identity/other@${MailDomain}"),
        Call("s3:GetObject", "Bucket/models/v1"),
    ],
    "DrafterFunction": [
        *writes("KnowledgeTable", "INTENT#refund"),
        *writes("TicketsTable", OVERRIDE),
        Call("dynamodb:DeleteItem", "TicketsTable", (TICKET,)),
        Call("dynamodb:UpdateItem", "TicketsTable", (TICKET,)),
        Call("dynamodb:Query", "TicketsTable/index/by-awaiting"),
        Call("bedrock:InvokeModel", "foundation-model/another.model"),
        Call("ssm:GetParameter", "parameter${ImapPasswordName}"),
        Call("secretsmanager:GetSecretValue", "secret:another-??????"),
        *of_queue("DraftsQueue", "SendMessage"),
        *of_queue("DraftsDeadLetters", "ReceiveMessage", "DeleteMessage"),
        *of_queue("EscalationQueue", "SendMessage", "ReceiveMessage"),
        Call("s3:GetObject", "Bucket/models/v1"),
    ],
    "MailFunction": [
        *writes("KnowledgeTable", "INTENT#refund"),
        *writes("TicketsTable", OVERRIDE),
        Call("dynamodb:DeleteItem", "TicketsTable", (TICKET,)),
        Call("dynamodb:Query", "TicketsTable/index/by-state"),
        Call("s3:PutObject", "MailBucket/inbound/1"),
        Call("s3:GetObject", "FilesBucket/attachments/0123456789abcdef/1"),
        Call("s3:PutObject", "FilesBucket/elsewhere/1"),
        Call("s3:GetObject", "Bucket/models/v1"),
        *of_queue("IntakeQueue", "ReceiveMessage", "DeleteMessage"),
        *of_queue("EscalationQueue", "ReceiveMessage", "DeleteMessage"),
    ],
    "TrainerFunction": [
        *writes("TicketsTable", TICKET),
        Call("dynamodb:GetItem", "TicketsTable", (TICKET,)),
        Call("dynamodb:DeleteItem", "KnowledgeTable", ("INTENT#refund",)),
        Call("dynamodb:PutItem", "KnowledgeTable", ("EDITION",)),
        Call("dynamodb:PutItem", "KnowledgeTable", ("GOLDEN#1",)),
        Call("dynamodb:PutItem", "KnowledgeTable", ("ARTICLE",)),
        Call("dynamodb:PutItem", "KnowledgeTable", ("ARTICLE", "MODEL")),
        Call("dynamodb:BatchWriteItem", "KnowledgeTable", ("ARTICLE",)),
        *of_queue("IntakeQueue", "SendMessage", "ReceiveMessage"),
        *of_queue("TrainerDeadLetters", "ReceiveMessage"),
    ],
    "PagesFunction": [
        *writes("TicketsTable", TICKET),
        *writes("KnowledgeTable", "INTENT#refund"),
        Call("dynamodb:GetItem", "TicketsTable", (TICKET,)),
        Call("dynamodb:Query", "TicketsTable/index/of-customer"),
        Call("s3:GetObject", "FilesBucket/attachments/0123456789abcdef/1"),
        Call("s3:PutObject", "FilesBucket/attachments/0123456789abcdef/1"),
        Call("lambda:InvokeFunction", "PredictFunction"),
        *of_queue("IntakeQueue", "SendMessage", "ReceiveMessage"),
        *of_queue("EscalationQueue", "SendMessage", "ReceiveMessage"),
    ],
    "PredictFunction": [
        *writes("TicketsTable", OVERRIDE),
        Call("dynamodb:DeleteItem", "TicketsTable", (TICKET,)),
        Call("dynamodb:UpdateItem", "TicketsTable", (TICKET,)),
        Call("dynamodb:UpdateItem", "TicketsTable", (SPENT, TICKET)),
        Call("dynamodb:PutItem", "TicketsTable", (SPENT,)),
        Call("dynamodb:DeleteItem", "TicketsTable", (SPENT,)),
        Call("dynamodb:UpdateItem", "TicketsTable", ("CONVERSATION#0",)),
        Call("bedrock:InvokeModel", "foundation-model/another.model"),
        Call("ssm:GetParameter", "parameter${ImapPasswordName}"),
        Call("secretsmanager:GetSecretValue", "secret:another-??????"),
        *writes("KnowledgeTable", "INTENT#refund"),
        Call("dynamodb:Query", "TicketsTable", (TICKET,)),
        Call("dynamodb:Query", "TicketsTable", ("ANALYSIS#0",)),
        Call("dynamodb:DeleteItem", "TicketsTable", ("ANALYSIS#0",)),
        Call("dynamodb:PutItem", "TicketsTable", ("FILES#0123456789abcdef",)),
        Call("dynamodb:GetItem", "TicketsTable", ("RECENT#0",)),
        Call("s3:PutObject", "Bucket/models/v1"),
        *of_queue("IntakeQueue", "SendMessage"),
        *of_queue("DraftsQueue", "SendMessage", "ReceiveMessage"),
        *of_queue("EscalationQueue", "ReceiveMessage", "DeleteMessage"),
    ],
    "MailboxFunction": [
        *writes("TicketsTable", TICKET),
        Call("dynamodb:GetItem", "TicketsTable", (TICKET,)),
        Call("s3:GetObject", "MailBucket/inbound/imap-1"),
        Call("s3:PutObject", "FilesBucket/attachments/0123456789abcdef/1"),
        Call("ssm:PutParameter", "parameter${ImapPasswordName}"),
        *of_queue("MailQueue", "SendMessage", "ReceiveMessage"),
    ],
    "DocumentsFunction": [
        *writes("TicketsTable", TICKET),
        *writes("TicketsTable", OVERRIDE),
        *writes("KnowledgeTable", "INTENT#refund"),
        Call("dynamodb:PutItem", "TicketsTable", (FILES, TICKET)),
        Call("dynamodb:GetItem", "TicketsTable", (BOND,)),
        Call("dynamodb:Query", "TicketsTable"),
        Call("dynamodb:DeleteItem", "TicketsTable", (FILES,)),
        Call("s3:PutObject", "FilesBucket/attachments/0123456789abcdef/1"),
        Call("s3:GetObject", "Bucket/models/v1"),
        *of_queue("EscalationQueue", "SendMessage", "ReceiveMessage"),
        *of_queue("IntakeQueue", "ReceiveMessage", "DeleteMessage"),
    ],
    "agent": [
        *writes("RecordsTable", "CUSTOMER#0"),
        Call("dynamodb:GetItem", "RecordsTable", ("CUSTOMER#0",)),
        Call("s3:PutObject", "FilesBucket/attachments/0123456789abcdef/1"),
        Call("s3:DeleteObject", "FilesBucket/attachments/0123456789abcdef/1"),
        Call("dynamodb:PutItem", "TicketsTable", (FILES,)),
        *writes("TicketsTable", OVERRIDE),
        *writes("KnowledgeTable", "INTENT#refund"),
        Call("dynamodb:PutItem", "TicketsTable", (TICKET, OVERRIDE)),
        Call("dynamodb:PutItem", "TicketsTable", ("ERASURE#0123456789abcdef",)),
        Call("dynamodb:PutItem", "TicketsTable", (RATE,)),
        Call("dynamodb:DeleteItem", "TicketsTable", (TICKET,)),
        *writes("TicketsTable", DECISION),
        Call("dynamodb:DeleteItem", "TicketsTable", (BOND,)),
        Call("dynamodb:UpdateItem", "TicketsTable", (BOND,)),
        *of_queue("IntakeQueue", "SendMessage", "ReceiveMessage"),
        *of_queue("IntakeDeadLetters", "ReceiveMessage", "DeleteMessage"),
        Call("s3:GetObject", "Bucket/models/v1"),
        Call("lambda:InvokeFunction", "TrainerFunction"),
        Call("lambda:InvokeFunction", "CourierFunction"),
        Call("dynamodb:UpdateItem", "TicketsTable", (CHANNEL,)),
        *of_queue("NoticesQueue", "SendMessage", "ReceiveMessage"),
        *of_queue("NoticesDeadLetters", "ReceiveMessage", "DeleteMessage"),
    ],
    "lead": [
        Call("dynamodb:BatchWriteItem", "RecordsTable", ("RECORDS",)),
        Call("dynamodb:Scan", "RecordsTable"),
        Call("dynamodb:UpdateItem", "TicketsTable", (TICKET,)),
        Call("dynamodb:UpdateItem", "TicketsTable", (OVERRIDE,)),
        Call("dynamodb:BatchWriteItem", "TicketsTable", (TICKET,)),
        Call("dynamodb:BatchWriteItem", "TicketsTable", (OVERRIDE,)),
        Call("dynamodb:PutItem", "TicketsTable", (TICKET, RATE)),
        Call("dynamodb:PutItem", "TicketsTable", (CHANNEL,)),
        Call("dynamodb:PutItem", "TicketsTable", (RATE,)),
        Call("dynamodb:DeleteItem", "TicketsTable", ("ERASURE#0123456789abcdef",)),
        *of_queue("IntakeQueue", "ReceiveMessage", "DeleteMessage"),
        Call("s3:PutObject", "Bucket/models/v1"),
        Call("dynamodb:BatchWriteItem", "KnowledgeTable", ("ARTICLE",)),
        Call("dynamodb:BatchWriteItem", "KnowledgeTable", ("AGENT", "ARTICLE#1")),
        Call("dynamodb:ConditionCheckItem", "KnowledgeTable", ("ARTICLE",)),
        Call("lambda:InvokeFunction", "WorkerFunction"),
    ],
    "auditor": [
        *writes("TicketsTable", DECISION),
        *writes("TicketsTable", TICKET),
        *writes("TicketsTable", OVERRIDE),
        *writes("KnowledgeTable", "INTENT#refund"),
        *of_queue("EscalationQueue", "ReceiveMessage", "DeleteMessage", "SendMessage"),
        *of_queue("IntakeDeadLetters", "ReceiveMessage", "DeleteMessage"),
        Call("s3:GetObject", "Bucket/models/v1"),
        Call("lambda:InvokeFunction", "PredictFunction"),
    ],
}


@pytest.mark.parametrize("principal", [*AT_WORK, *ROLES])
def test_what_is_not_theirs_is_refused(written_out: dict[str, Any], principal: str) -> None:
    refused = [*NOT_FOR_ANY, *REFUSED[principal]]
    judged = both(written_out, [principal], refused)[principal]

    assert not any(judged.values()), [call for call, may in judged.items() if may]


def test_calls_in_plain_text_are_refused(written_out: dict[str, Any]) -> None:
    calls = [Call("sqs:SendMessage", "IntakeQueue"), Call("sqs:SendMessage", "EscalationQueue")]
    asked = [("IntakeFunction", call) for call in calls]
    asked += [("WorkerFunction", Call("s3:GetObject", "Bucket/models/v1"))]

    for encrypted, verdict in ((True, "Allowed"), (False, "ExplicitlyDenied")):
        told = verdicts([question(written_out, *each, encrypted=encrypted) for each in asked])
        assert set(told) == {verdict}


FILE = Call("s3:GetObject", "FilesBucket/attachments/0123456789abcdef/1")
VERDICTS = [*Verdict, "a verdict of next year", ""]


@pytest.mark.parametrize("verdict", VERDICTS)
def test_what_is_scanned_is_given_out_only_if_it_is_clean(
    written_out: dict[str, Any], verdict: str
) -> None:
    """To links, which act as the function that signed them, to functions and to people."""
    tags = {TAG: verdict} if verdict else {}
    readers = ["IntakeFunction", "DocumentsFunction", *ROLES]

    def told(scanned: bool, *principals: str) -> set[str]:
        return set(
            verdicts(
                [
                    question(written_out, each, FILE, scanned=scanned, tags=tags)
                    for each in principals
                ]
            )
        )

    clean = verdict == Verdict.CLEAN
    assert told(True, *readers) == {"Allowed" if clean else "ExplicitlyDenied"}
    assert told(False, *readers) == {"Allowed"}
    assert told(True, "ScannerRole") == {"Allowed"}


def test_the_second_judge_sees_a_grant_that_is_too_wide_and_one_that_is_gone(
    written_out: dict[str, Any],
) -> None:
    override = Call("dynamodb:PutItem", "TicketsTable", (OVERRIDE,))
    mine = Call("dynamodb:PutItem", "TicketsTable", (TICKET,))
    wide, narrow = copy.deepcopy(written_out), copy.deepcopy(written_out)
    for statement in statements(wide, "agent"):
        statement.pop("Condition", None)
    for statement in statements(narrow, "agent"):
        if "dynamodb:PutItem" in statement["Action"]:
            statement["Action"] = "dynamodb:GetItem"

    for template, may in ((wide, True), (narrow, False)):
        assert both(template, ["agent"], [override, mine])["agent"] == {override: may, mine: may}


def test_the_stack_is_found_by_its_name_and_by_its_id(written_out: dict[str, Any]) -> None:
    """CloudFormation asks IAM about `stack/NAME/*` where a call gives the name."""
    named = Call("cloudformation:DescribeStacks", OWN_STACK)
    by_id = Call("cloudformation:DescribeStacks", "stack/${AWS::StackName}/1f2e3d")
    another = Call("cloudformation:DescribeStacks", "stack/${AWS::StackName}-test/*")

    for role, judged in both(written_out, ROLES, [named, by_id, another]).items():
        assert judged == {named: True, by_id: True, another: False}, role

"""What the template promises: routes, dead letters, variables, privileges, encryption."""

import ast
import importlib
import json
import re
import tomllib
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from cfnlint.api import lint_file
from helpdesk import contract
from helpdesk.agents import LEASE, LEASE_GRACE
from helpdesk.assisting import CALLS as CALLS_WHILE_A_SERVER_WAITS
from helpdesk.aws.dispatches import HIDDEN, HOLD
from helpdesk.aws.mails import INBOUND
from helpdesk.aws.vault import TAG
from helpdesk.collecting import WITHIN
from helpdesk.drafting.composing import CALLS
from helpdesk.engines import TIME_OUT
from helpdesk.files import Verdict, key_of
from helpdesk.files.naming import kept_at
from helpdesk.mail.signing import LONGEST_MAILBOX
from helpdesk.notifying import ATTEMPTS, Channel, Name, audience
from helpdesk.posting import LIMIT
from helpdesk.records_http import Address, Mapped
from helpdesk.redrafting import ATTEMPTS as ATTEMPTS_AT_A_DRAFT

from tests.integration.conftest import ROOT, functions, source
from tests.integration.policies import with_all_grants

TEMPLATE = ROOT / "template.yaml"
FUNCTIONS = [
    "IntakeFunction",
    "WorkerFunction",
    "ReconcilerFunction",
    "CourierFunction",
    "DrafterFunction",
    "TrainerFunction",
    "PagesFunction",
    "PredictFunction",
    "MailFunction",
    "MailboxFunction",
    "DocumentsFunction",
]
THAT_UNDERSTAND = {"WorkerFunction", "TrainerFunction", "PredictFunction"}
THAT_READ_FILES = {"DocumentsFunction"}
DOORS = {"IntakeFunction", "PagesFunction", "PredictFunction"}
THAT_KNOW_KEYS = DOORS - {"PagesFunction"}
"""The doors that tell a server's key from a page's; nobody shows the pages a key."""

LIBRARY_VARIABLES = {
    "POWERTOOLS_LOG_LEVEL",  # read by Powertools
    "POWERTOOLS_METRICS_NAMESPACE",  # read for telemetry, which every function has
    "OMP_NUM_THREADS",  # read by the encoder's runtime
}

SCANNED = "FilesAreScanned"

WILDCARDS = {
    # A log group's streams have names that Lambda chooses.
    "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:"
    "log-group:/aws/lambda/${AWS::StackName}-intake:*",
    "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:"
    "log-group:/aws/lambda/${AWS::StackName}-worker:*",
    "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:"
    "log-group:/aws/lambda/${AWS::StackName}-reconciler:*",
    "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:"
    "log-group:/aws/lambda/${AWS::StackName}-courier:*",
    "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:"
    "log-group:/aws/lambda/${AWS::StackName}-drafter:*",
    # A profile of Bedrock runs its model in several regions.
    "arn:${AWS::Partition}:bedrock:*::foundation-model/${EngineModel}",
    "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:"
    "log-group:/aws/lambda/${AWS::StackName}-trainer:*",
    "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:"
    "log-group:/aws/lambda/${AWS::StackName}-pages:*",
    "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:"
    "log-group:/aws/lambda/${AWS::StackName}-predict:*",
    "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:"
    "log-group:/aws/lambda/${AWS::StackName}-mail:*",
    "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:"
    "log-group:/aws/lambda/${AWS::StackName}-mailbox:*",
    # Every mail is one object.
    "${MailBucket.Arn}/inbound/*",
    "arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:"
    "log-group:/aws/lambda/${AWS::StackName}-documents:*",
    # Every file of a customer is one object.
    "${FilesBucket.Arn}/attachments/*",
    # GuardDuty chooses the end of its rule's name.
    "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:"
    "rule/DO-NOT-DELETE-AmazonGuardDutyMalwareProtectionS3*",
    # Every published model is one object.
    "${Bucket.Arn}/models/*",
    # Every index of passages is one object.
    "${Bucket.Arn}/indexes/*",
    # Streams are listed by account: AWS names no resource for this action.
    "*",
    # So is the golden set.
    "${Bucket.Arn}/golden/*",
}


def of_type(template: dict[str, Any], kind: str) -> dict[str, dict[str, Any]]:
    """Return the properties of every resource of a type."""
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == kind
    }


def value(template: dict[str, Any], given: Any) -> Any:
    """Return a property's value, a parameter's default in the place of its reference."""
    name = given.get("Ref") if isinstance(given, dict) else None
    return template["Parameters"][name]["Default"] if name in template["Parameters"] else given


def dotted(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


def as_list(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


@pytest.fixture(scope="module")
def queues(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return of_type(template, "AWS::SQS::Queue")


@pytest.fixture(scope="module")
def tables(template: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return of_type(template, "AWS::DynamoDB::Table")


def allowed(template: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    """Return every statement that grants something, with the role it belongs to."""
    return [
        (name, statement)
        for name, role in of_type(template, "AWS::IAM::Role").items()
        for policy in role["Policies"]
        for statement in with_all_grants(policy["PolicyDocument"])["Statement"]
        if statement["Effect"] == "Allow"
    ]


def test_cfn_lint_finds_nothing_and_is_told_to_overlook_nothing(template: dict[str, Any]) -> None:
    assert lint_file(TEMPLATE) == []
    assert "cfn-lint" not in TEMPLATE.read_text()
    assert not list(ROOT.glob(".cfnlintrc*"))


def test_the_strictest_reader_of_yaml_reads_it() -> None:
    """LocalStack's own refuses an unquoted `?` in a flow list, which cfn-lint's lets pass."""
    assert yaml.compose(TEMPLATE.read_text(), Loader=yaml.SafeLoader)


def test_no_rule_of_the_trade_is_skipped_without_a_reason() -> None:
    """`make rules` runs the rest; where a reason names a test, there is one."""
    config = (ROOT / "infra/checking/checkov.yaml").read_text()
    skipped = yaml.safe_load(config)["skip-check"]
    reasons = dict(re.findall(r"^  - (CKV\w+) # (.{20,})$", config, re.MULTILINE))
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    tests += "".join(path.stem for path in (ROOT / "tests").rglob("test_*.py"))

    assert list(reasons) == skipped
    for named in re.findall(r"test_\w+", "".join(reasons.values())):
        assert named in tests


def test_the_functions_are_the_ones_tested(template: dict[str, Any]) -> None:
    assert list(functions(template)) == FUNCTIONS
    assert all(source(function).is_file() for function in functions(template).values())


class TestApi:
    def routes(self, template: dict[str, Any], door: str) -> dict[tuple[str, str], dict[str, Any]]:
        events = functions(template)[door]["Events"].values()
        routes = [event["Properties"] for event in events if event["Type"] == "Api"]
        return {(route["Path"], route["Method"].upper()): route for route in routes}

    def test_the_doors_are_the_functions_with_routes(self, template: dict[str, Any]) -> None:
        assert {name for name in functions(template) if self.routes(template, name)} == DOORS

    @pytest.mark.parametrize("door", sorted(DOORS))
    def test_routes_are_chalices_letter_for_letter(
        self, template: dict[str, Any], door: str
    ) -> None:
        """Chalice routes on the resource path: a route spelled otherwise answers 500."""
        app = importlib.import_module(dotted(source(functions(template)[door]))).app
        declared = {(path, method) for path, verbs in app.routes.items() for method in verbs}

        assert declared == set(self.routes(template, door))

    def test_all_routes_are_on_the_one_rest_api(self, template: dict[str, Any]) -> None:
        apis = {
            route["RestApiId"]["Ref"]
            for door in DOORS
            for route in self.routes(template, door).values()
        }

        assert apis == set(of_type(template, "AWS::Serverless::Api"))
        assert not of_type(template, "AWS::Serverless::HttpApi")

    def test_all_but_nine_routes_are_behind_an_api_key(self, template: dict[str, Any]) -> None:
        free = {
            path
            for door in DOORS
            for (path, _), route in self.routes(template, door).items()
            if not route.get("Auth", {}).get("ApiKeyRequired")
        }

        articles = "/help/articles"
        assert free == {
            "/health",
            "/openapi.json",
            "/help",
            "/widget.js",
            articles,
            "/help/nearest.js",
            f"{articles}.json",
            f"{articles}/{{slug}}",
            f"{articles}/{{slug}}/answered",
        }

    def test_an_emulator_keeps_the_apis_id_and_the_key_that_was_chosen(
        self, template: dict[str, Any]
    ) -> None:
        """The tag is an emulator's; AWS takes it for a tag. An empty key lets AWS make one."""
        (api,) = of_type(template, "AWS::Serverless::Api").values()

        assert api["Tags"] == {"_custom_id_": {"Ref": "AWS::StackName"}}
        assert api["PropagateTags"], "SAM tags the stage alone otherwise"
        for name, key in of_type(template, "AWS::ApiGateway::ApiKey").items():
            assert key["Value"] == {
                "Fn::If": [f"{name}IsChosen", {"Ref": f"{name}Value"}, {"Ref": "AWS::NoValue"}]
            }
            chosen = template["Parameters"][f"{name}Value"]
            assert (chosen["Default"], chosen["NoEcho"]) == ("", True)
            accepted = re.compile(chosen["AllowedPattern"])
            assert accepted.fullmatch("")
            assert accepted.fullmatch("a9" * 20)
            assert not accepted.fullmatch("too-short")

    def test_each_kind_of_key_has_a_plan_and_limits_of_its_own(
        self, template: dict[str, Any]
    ) -> None:
        plans = of_type(template, "AWS::ApiGateway::UsagePlan")
        keys = {
            each["KeyId"]["Ref"]: each["UsagePlanId"]["Ref"]
            for each in of_type(template, "AWS::ApiGateway::UsagePlanKey").values()
        }

        assert keys == {"ApiKey": "ApiUsagePlan", "PublicApiKey": "PublicUsagePlan"}
        assert set(keys.values()) == set(plans)
        limits = [
            {plan["Throttle"][each]["Ref"] for each in ("RateLimit", "BurstLimit")}
            | {plan["Quota"]["Limit"]["Ref"]}
            for plan in plans.values()
        ]
        assert not set.intersection(*limits)
        assert set.union(*limits) <= set(template["Parameters"])

    @pytest.mark.parametrize("door", sorted(THAT_KNOW_KEYS))
    def test_a_door_knows_the_servers_key_by_its_id(
        self, template: dict[str, Any], door: str
    ) -> None:
        """Every other key is a page's, so a key that is missing here vouches for nothing."""
        variables = functions(template)[door]["Environment"]["Variables"]

        assert variables["SERVER_API_KEY_ID"] == {"Ref": "ApiKey"}

    def test_the_secrets_that_shops_sign_with_are_not_echoed(
        self, template: dict[str, Any]
    ) -> None:
        given = {name: each["Environment"] for name, each in functions(template).items()}
        variables = given.pop("IntakeFunction")["Variables"]
        named = {each["Ref"] for name, each in variables.items() if "SECRET" in name}

        assert named == {"IdentitySecret", "IdentitySecretBefore"}
        for name in named:
            chosen = template["Parameters"][name]
            assert (chosen["Default"], chosen["NoEcho"]) == ("", True)
            assert not re.fullmatch(chosen["AllowedPattern"], "x" * 31)
            assert re.fullmatch(chosen["AllowedPattern"], "x" * 64)
            assert name not in json.dumps(given), "only the door that checks has them"

    def test_a_held_request_ends_before_the_gateway_gives_up(
        self, template: dict[str, Any]
    ) -> None:
        for door in THAT_KNOW_KEYS:
            assert contract.MAX_WAIT < functions(template)[door]["Timeout"] <= 29


class TestQueues:
    def test_every_queue_and_stream_has_dead_letters_of_its_own(
        self, template: dict[str, Any], queues: dict[str, dict[str, Any]]
    ) -> None:
        """X1."""
        target = {
            name: queue["RedrivePolicy"]["deadLetterTargetArn"]["Fn::GetAtt"][0]
            for name, queue in queues.items()
            if "RedrivePolicy" in queue
        }
        streams = [
            event["Properties"]["DestinationConfig"]["OnFailure"]["Destination"]["Fn::GetAtt"][0]
            for function in functions(template).values()
            for event in function["Events"].values()
            if event["Type"] == "DynamoDB"
        ]

        assert len(target) >= 2
        assert sorted([*target, *target.values(), *streams]) == sorted(queues)

    def test_dead_letters_are_kept_at_least_as_long_as_messages(
        self, queues: dict[str, dict[str, Any]]
    ) -> None:
        """A message keeps its age when it becomes a dead letter."""
        for queue in queues.values():
            if redrive := queue.get("RedrivePolicy"):
                dead = queues[redrive["deadLetterTargetArn"]["Fn::GetAtt"][0]]
                assert dead["MessageRetentionPeriod"] >= queue["MessageRetentionPeriod"]

    def test_dead_letters_come_only_from_their_queue(
        self, queues: dict[str, dict[str, Any]]
    ) -> None:
        for queue in queues.values():
            if redrive := queue.get("RedrivePolicy"):
                dead = queues[redrive["deadLetterTargetArn"]["Fn::GetAtt"][0]]
                allow = dead["RedriveAllowPolicy"]
                assert allow["redrivePermission"] == "byQueue"
                (arn,) = (arn["Fn::Sub"] for arn in allow["sourceQueueArns"])
                assert arn.endswith(f":{queue['QueueName']['Fn::Sub']}")

    def test_a_ticket_gets_several_attempts(
        self, template: dict[str, Any], queues: dict[str, dict[str, Any]]
    ) -> None:
        assert value(template, queues["IntakeQueue"]["RedrivePolicy"]["maxReceiveCount"]) >= 5

    def test_a_message_in_work_is_hidden_for_six_time_outs_and_the_window(
        self, template: dict[str, Any], queues: dict[str, dict[str, Any]]
    ) -> None:
        for function in functions(template).values():
            for event in function["Events"].values():
                if event["Type"] == "SQS":
                    queue = queues[event["Properties"]["Queue"]["Fn::GetAtt"][0]]
                    window = event["Properties"].get("MaximumBatchingWindowInSeconds")
                    longest = template["Parameters"][window["Ref"]]["MaxValue"] if window else 0
                    assert queue["VisibilityTimeout"] >= 6 * function["Timeout"] + longest

    def test_the_intake_queue_hides_a_message_for_longer_than_the_worker_may_take(
        self, template: dict[str, Any], queues: dict[str, dict[str, Any]]
    ) -> None:
        longest = template["Parameters"]["WorkerBatchWindow"]["MaxValue"]
        timeout = functions(template)["WorkerFunction"]["Timeout"]

        assert queues["IntakeQueue"]["VisibilityTimeout"] >= 6 * timeout + longest

    def test_the_worker_reports_failed_records_and_can_be_tuned(
        self, template: dict[str, Any]
    ) -> None:
        mapping = template["Resources"]["WorkerFunctionTickets"]["Properties"]

        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        parameters = {
            mapping["BatchSize"]["Ref"],
            mapping["MaximumBatchingWindowInSeconds"]["Ref"],
            mapping["ScalingConfig"]["MaximumConcurrency"]["Ref"],
        }
        assert parameters <= set(template["Parameters"])

    def test_a_courier_has_a_mail_for_longer_than_it_runs(
        self, template: dict[str, Any], queues: dict[str, dict[str, Any]]
    ) -> None:
        """And no longer than the queue hides it: the next attempt finds it free."""
        function = functions(template)["CourierFunction"]
        assert set(function["Events"]) == {"Mails", "Notices"}
        for event in function["Events"].values():
            assert event["Properties"]["BatchSize"] == 1
            assert event["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        for name in ("OutboxQueue", "NoticesQueue"):
            hidden = timedelta(seconds=queues[name]["VisibilityTimeout"])
            assert timedelta(seconds=function["Timeout"]) < HOLD < hidden == HIDDEN

    def test_a_courier_gives_a_notice_up_before_its_queue_does(
        self, template: dict[str, Any], queues: dict[str, dict[str, Any]]
    ) -> None:
        """So that a refusal is told by one dead letter, and at once."""
        function = functions(template)["CourierFunction"]

        assert queues["NoticesQueue"]["RedrivePolicy"]["maxReceiveCount"] > ATTEMPTS
        assert timedelta(seconds=LIMIT) < timedelta(seconds=function["Timeout"]) / 2
        notices = function["Events"]["Notices"]["Properties"]
        assert notices["Enabled"] == {"Fn::If": ["LeadsAreTold", True, False]}

    def test_the_secret_of_mails_is_not_echoed_and_only_who_signs_has_it(
        self, template: dict[str, Any]
    ) -> None:
        given = {name: each["Environment"] for name, each in functions(template).items()}
        variables = given.pop("CourierFunction")["Variables"]
        key = template["Parameters"]["MailSecret"]

        assert variables["MAIL_SECRET"] == {"Ref": "MailSecret"}
        assert (key["Default"], key["NoEcho"]) == ("", True)
        assert not re.fullmatch(key["AllowedPattern"], "x" * 31)
        given.pop("MailFunction")
        assert "MailSecret" not in json.dumps(given)

    @pytest.mark.parametrize(
        "name", ["WebhookUrl", "WebhookSecret", "WebhookSecretBefore", "SlackUrl", "TelegramToken"]
    )
    def test_what_opens_a_channel_is_not_echoed_and_only_the_courier_has_it(
        self, template: dict[str, Any], name: str
    ) -> None:
        given = {each: made["Environment"] for each, made in functions(template).items()}
        key = template["Parameters"][name]

        assert (key["Default"], key["NoEcho"]) == ("", True)
        assert {"Ref": name} in given.pop("CourierFunction")["Variables"].values()
        assert f'"{name}"' not in json.dumps(given)

    def test_only_worker_and_predict_may_ask_the_shops_other_system(
        self, template: dict[str, Any]
    ) -> None:
        given = {each: made["Environment"] for each, made in functions(template).items()}
        parameters = template["Parameters"]
        asking = [given.pop(f"{each}Function")["Variables"] for each in ("Worker", "Predict")]

        assert parameters["RecordsAuthorization"]["NoEcho"] is True
        for each in asking:
            assert each["RECORDS_AUTHORIZATION"] == {"Ref": "RecordsAuthorization"}
        others = json.dumps(given)
        assert not [
            name for name in ("Url", "Fields", "Authorization") if f"Records{name}" in others
        ]
        for url in (
            "https://crm.example/of/{email}/{number}",
            "https://crm.example/?c={reference}",
        ):
            assert re.fullmatch(parameters["RecordsUrl"]["AllowedPattern"], url)
            assert Address.read(url)
        line = "orders=data.orders number=name"
        assert re.fullmatch(parameters["RecordsFields"]["AllowedPattern"], line)
        assert Mapped.read(line)
        for name in ("RecordsUrl", "RecordsFields"):
            assert re.fullmatch(parameters[name]["AllowedPattern"], "")
        assert not re.fullmatch(parameters["RecordsUrl"]["AllowedPattern"], "https://{email}.x/")

    def test_a_line_of_rules_that_the_template_takes_can_be_read(
        self, template: dict[str, Any]
    ) -> None:
        pattern = template["Parameters"]["NotifyRules"]["AllowedPattern"]
        line = "; ".join(f"{each}: {' '.join(Name)}" for each in Channel)

        assert re.fullmatch(pattern, line)
        assert re.fullmatch(pattern, "")
        assert not re.fullmatch(pattern, "slack: often")
        assert audience(" ".join(Channel), line).hears == {each: set(Name) for each in Channel}

    def test_each_channel_is_off_by_default_and_named_where_it_is_on(
        self, template: dict[str, Any]
    ) -> None:
        told = [
            each["Environment"]["Variables"]["NOTIFIED"]
            for each in functions(template).values()
            if "NOTIFIED" in each["Environment"]["Variables"]
        ]
        ((blank, named),) = (each["Fn::Join"] for each in told[:1])

        assert len(told) == 6
        assert all(each == told[0] for each in told)
        assert blank == " "
        assert [each["Fn::If"][1] for each in named] == list(Channel)
        for name in ("NotifyMail", "TelegramChat"):
            assert template["Parameters"][name]["Default"] == ""

    def test_a_claimed_ticket_is_hidden_for_its_lease(
        self, queues: dict[str, dict[str, Any]]
    ) -> None:
        hidden = timedelta(seconds=queues["EscalationQueue"]["VisibilityTimeout"])

        assert hidden == LEASE + LEASE_GRACE

    def test_queues_are_encrypted_and_refuse_plain_text(
        self, template: dict[str, Any], queues: dict[str, dict[str, Any]]
    ) -> None:
        assert all(queue["SqsManagedSseEnabled"] is True for queue in queues.values())
        policies = of_type(template, "AWS::SQS::QueuePolicy").values()
        named = [queue["Ref"] for policy in policies for queue in policy["Queues"]]
        assert sorted(named) == sorted(queues), "SQS keeps one policy of a queue"
        assert all(map(refuses_plain_text, policies))

    def test_the_queue_of_files_lets_no_one_in_but_their_bucket_of_this_account(
        self, template: dict[str, Any]
    ) -> None:
        """The bucket is named by its name: by reference, bucket and policy would be a circle."""
        policy = of_type(template, "AWS::SQS::QueuePolicy")["FilesQueuePolicy"]
        _, told = policy["PolicyDocument"]["Statement"]
        bucket = template["Resources"]["FilesBucket"]

        assert told["Principal"] == {"Service": "s3.amazonaws.com"}
        assert (told["Action"], told["Resource"]) == (
            "sqs:SendMessage",
            {"Fn::GetAtt": ["FilesQueue", "Arn"]},
        )
        source = told["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::Sub"]
        assert source.endswith(f":::{bucket['Properties']['BucketName']['Fn::Sub']}")
        assert told["Condition"]["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        assert bucket["DependsOn"] == "FilesQueuePolicy"


class TestMail:
    """What CloudFormation, S3 and SES demand of each other, which no emulator checks."""

    def bucket_name(self, template: dict[str, Any]) -> str:
        name: str = of_type(template, "AWS::S3::Bucket")["MailBucket"]["BucketName"]["Fn::Sub"]
        return name

    def test_the_queue_hears_of_mails_from_bucket_and_topic_alone(
        self, template: dict[str, Any]
    ) -> None:
        policy = of_type(template, "AWS::SQS::QueuePolicy")["MailQueuePolicy"]
        _, hears, became = policy["PolicyDocument"]["Statement"]
        topic = of_type(template, "AWS::SNS::Topic")["MailTopic"]["TopicName"]["Fn::Sub"]

        assert became["Principal"] == {"Service": "sns.amazonaws.com"}
        assert became["Condition"]["ArnEquals"]["aws:SourceArn"]["Fn::Sub"].endswith(f":{topic}")

        assert (hears["Effect"], hears["Action"]) == ("Allow", "sqs:SendMessage")
        assert hears["Principal"] == {"Service": "s3.amazonaws.com"}
        condition = hears["Condition"]
        assert condition["StringEquals"] == {"aws:SourceAccount": {"Ref": "AWS::AccountId"}}
        source = condition["ArnEquals"]["aws:SourceArn"]["Fn::Sub"]
        assert source == f"arn:${{AWS::Partition}}:s3:::{self.bucket_name(template)}"

    def test_bucket_and_queue_do_not_wait_for_each_other(self, template: dict[str, Any]) -> None:
        """The policy names the bucket, which needs the policy first: by its name, no reference."""
        policy = json.dumps(template["Resources"]["MailQueuePolicy"])
        bucket = template["Resources"]["MailBucket"]

        assert "MailBucket" not in policy
        assert bucket["DependsOn"] == "MailQueuePolicy"
        events = functions(template)["MailFunction"]["Events"].values()
        assert [event["Type"] for event in events] == ["SQS"]

    def test_only_new_mails_are_told(self, template: dict[str, Any]) -> None:
        bucket = of_type(template, "AWS::S3::Bucket")["MailBucket"]
        (told,) = bucket["NotificationConfiguration"]["QueueConfigurations"]

        assert told["Queue"] == {"Fn::GetAtt": ["MailQueue", "Arn"]}
        assert told["Event"] == "s3:ObjectCreated:*"
        (rule,) = told["Filter"]["S3Key"]["Rules"]
        assert (rule["Name"], rule["Value"]) == ("prefix", INBOUND)

    def test_raw_mail_is_forgotten(self, template: dict[str, Any]) -> None:
        bucket = of_type(template, "AWS::S3::Bucket")["MailBucket"]
        (rule,) = bucket["LifecycleConfiguration"]["Rules"]

        assert "VersioningConfiguration" not in bucket, "an old version would outlive an erasure"
        assert (rule["Prefix"], rule["Status"]) == (INBOUND, "Enabled")
        assert rule["ExpirationInDays"] == {"Ref": "RawMailDays"}

    def test_quarantine_outlives_what_the_queues_keep(
        self, template: dict[str, Any], queues: dict[str, dict[str, Any]]
    ) -> None:
        """A dead letter that is sent again finds its mail, and finds that it was taken."""
        names = ("MailQueue", "MailDeadLetters")
        kept = sum(queues[name]["MessageRetentionPeriod"] for name in names)

        least = timedelta(days=template["Parameters"]["RawMailDays"]["MinValue"])
        assert least > timedelta(seconds=kept)

    def test_without_a_domain_nothing_of_the_mail_service_is_made(
        self, template: dict[str, Any]
    ) -> None:
        made = {
            name: resource["Condition"]
            for name, resource in template["Resources"].items()
            if resource["Type"].startswith(("AWS::SES::", "AWS::SNS::"))
        }

        assert made.pop("MailRules") == "RuleSetIsOurs"
        assert made == dict.fromkeys(
            (
                "MailRule",
                "MailEvents",
                "MailEventsToTopic",
                "MailTopic",
                "MailTopicPolicy",
                "MailTopicToQueue",
            ),
            "MailComes",
        )
        assert template["Parameters"]["MailDomain"]["Default"] == ""
        assert template["Conditions"]["RuleSetIsOurs"]["Fn::And"][0] == {"Condition": "MailComes"}
        policy = of_type(template, "AWS::S3::BucketPolicy")["MailBucketPolicy"]
        _, stores = policy["PolicyDocument"]["Statement"]
        condition, allowed, otherwise = stores["Fn::If"]
        assert (condition, otherwise) == ("MailComes", {"Ref": "AWS::NoValue"})
        assert allowed["Action"] == "s3:PutObject"
        assert allowed["Resource"]["Fn::Sub"].endswith(f"/{INBOUND}*")
        rule = of_type(template, "AWS::SES::ReceiptRule")["MailRule"]["Rule"]
        assert allowed["Condition"]["ArnLike"]["aws:SourceArn"]["Fn::Sub"].endswith(
            f":receipt-rule/{rule['Name']['Fn::Sub']}"
        )
        (action,) = rule["Actions"]
        assert action["S3Action"]["ObjectKeyPrefix"] == INBOUND
        assert rule["ScanEnabled"] is True

    def test_without_a_host_nothing_reads_a_folder(self, template: dict[str, Any]) -> None:
        read = {name for name in template["Resources"] if "Mailbox" in name} | {"MailTooLargeAlarm"}
        named = {name for name in template["Parameters"] if name.startswith("Imap")}

        assert {template["Resources"][name]["Condition"] for name in read} == {"MailboxIsRead"}
        assert {template["Parameters"][name]["Default"] for name in named} == {""}
        empty = {"Fn::Not": [{"Fn::Equals": [{"Ref": "ImapHost"}, ""]}]}
        assert template["Conditions"]["MailboxIsRead"] == empty
        without = {"Fn::Not": [{"Condition": "MailboxIsRead"}]}
        assert without in template["Conditions"]["MailComes"]["Fn::And"], "one way in, not two"

    def test_a_run_begins_no_mail_that_it_cannot_end(self, template: dict[str, Any]) -> None:
        function = functions(template)["MailboxFunction"]

        assert timedelta(seconds=function["Timeout"]) >= 2 * WITHIN
        assert function["EventInvokeConfig"]["MaximumRetryAttempts"] == 0

    def test_the_password_is_named_and_never_given(self, template: dict[str, Any]) -> None:
        variables = functions(template)["MailboxFunction"]["Environment"]["Variables"]
        allowed = template["Parameters"]["ImapPasswordName"]["AllowedPattern"]

        assert variables["IMAP_PASSWORD_NAME"] == {"Ref": "ImapPasswordName"}
        assert re.fullmatch(allowed, "/helpdesk/imap")
        assert not re.fullmatch(allowed, "/helpdesk/*")

    def test_the_role_may_send_with_the_set_that_reports(self, template: dict[str, Any]) -> None:
        events = of_type(template, "AWS::SES::ConfigurationSet")["MailEvents"]["Name"]["Fn::Sub"]
        told = functions(template)["CourierFunction"]["Environment"]["Variables"]["MAIL_EVENTS"]
        (way,) = of_type(template, "AWS::SES::ConfigurationSetEventDestination").values()

        assert f"configuration-set/{events}" in json.dumps(template["Resources"]["CourierRole"])
        assert told == {"Fn::If": ["MailComes", {"Ref": "MailEvents"}, ""]}
        assert way["EventDestination"]["MatchingEventTypes"] == ["bounce", "complaint"]

    def test_the_secrets_that_sign_addresses_are_not_echoed(self, template: dict[str, Any]) -> None:
        for name in ("MailSecret", "MailSecretBefore"):
            chosen = template["Parameters"][name]
            assert (chosen["Default"], chosen["NoEcho"]) == ("", True)
            assert not re.fullmatch(chosen["AllowedPattern"], "x" * 31)

    def test_every_name_makes_an_address_that_can_be_signed(self, template: dict[str, Any]) -> None:
        allowed = template["Parameters"]["MailName"]["AllowedPattern"]

        assert re.fullmatch(allowed, "a" * LONGEST_MAILBOX)
        assert not re.fullmatch(allowed, "a" * (LONGEST_MAILBOX + 1))
        assert not re.fullmatch(allowed, "support+desk")


class TestScanning:
    """MalwareScan=on makes the scanner; nothing else does, for it costs."""

    def test_it_is_made_for_the_files_and_only_where_it_is_wanted(
        self, template: dict[str, Any]
    ) -> None:
        assert template["Conditions"][SCANNED] == {"Fn::Equals": [{"Ref": "MalwareScan"}, "on"]}
        assert {
            name
            for name, resource in template["Resources"].items()
            if resource.get("Condition") == SCANNED
        } == {"MalwareProtection", "ScannerRole"}
        (plan,) = of_type(template, "AWS::GuardDuty::MalwareProtectionPlan").values()
        assert plan["ProtectedResource"]["S3Bucket"] == {
            "BucketName": {"Ref": "FilesBucket"},
            "ObjectPrefixes": [key_of("", 1).rpartition("/")[0]],
        }
        assert plan["Actions"]["Tagging"]["Status"] == "ENABLED"
        assert plan["Role"] == {"Fn::GetAtt": ["ScannerRole", "Arn"]}
        role = of_type(template, "AWS::IAM::Role")["ScannerRole"]
        (trust,) = role["AssumeRolePolicyDocument"]["Statement"]
        guard_duty = "malware-protection-plan.guardduty.amazonaws.com"
        assert trust["Principal"] == {"Service": guard_duty}

    def test_the_bucket_goes_on_telling_the_scanner_after_an_update(
        self, template: dict[str, Any]
    ) -> None:
        told = of_type(template, "AWS::S3::Bucket")["FilesBucket"]["NotificationConfiguration"]

        assert told["EventBridgeConfiguration"] == {
            "Fn::If": [SCANNED, {"EventBridgeEnabled": True}, {"Ref": "AWS::NoValue"}]
        }

    def test_what_is_not_clean_is_refused_to_all_but_the_scanner(
        self, template: dict[str, Any]
    ) -> None:
        policy = of_type(template, "AWS::S3::BucketPolicy")["FilesBucketOverTls"]
        _, added = policy["PolicyDocument"]["Statement"]
        condition, refused, otherwise = added["Fn::If"]

        assert (condition, otherwise) == (SCANNED, {"Ref": "AWS::NoValue"})
        assert (refused["Effect"], refused["Principal"]) == ("Deny", "*")
        assert refused["Action"] == ["s3:GetObject", "s3:GetObjectVersion"]
        assert refused["Resource"] == {"Fn::Sub": "${FilesBucket.Arn}/attachments/*"}
        assert refused["Condition"] == {
            "StringNotEquals": {f"s3:ExistingObjectTag/{TAG}": Verdict.CLEAN.value},
            "ArnNotEquals": {"aws:PrincipalArn": {"Fn::GetAtt": ["ScannerRole", "Arn"]}},
        }

    def test_the_object_it_tries_the_bucket_with_is_no_file_of_a_customer(
        self, template: dict[str, Any]
    ) -> None:
        (tried,) = (
            statement["Resource"]["Fn::Sub"].partition("/")[2]
            for role, statement in allowed(template)
            if role == "ScannerRole" and statement["Action"] == "s3:PutObject"
        )

        assert kept_at(tried) is None


class TestDrafter:
    def test_without_an_engine_nothing_of_it_runs_or_alarms(self, template: dict[str, Any]) -> None:
        """The queues stay, which costs nothing: so nothing else depends on whether there is one."""
        of_it = {name for name in template["Resources"] if name.startswith("Draft")}
        made = {
            name: template["Resources"][name].get("Condition")
            for name in of_it | {"DegradedDraftsAlarm"}
        }

        assert {made.pop(name) for name in ("DraftsQueue", "DraftsDeadLetters")} == {None}
        assert set(made.values()) == {"EngineWrites"}
        assert len(made) == 5
        assert template["Parameters"]["Engine"]["Default"] == "none"

    def test_it_ends_before_lambda_ends_it_also_with_the_slowest_engine(
        self, template: dict[str, Any], queues: dict[str, dict[str, Any]]
    ) -> None:
        function = functions(template)["DrafterFunction"]
        event = function["Events"]["Drafts"]["Properties"]

        assert function["Timeout"] >= CALLS * TIME_OUT + 15
        assert event["BatchSize"] == 1
        assert queues["DraftsQueue"]["RedrivePolicy"]["maxReceiveCount"] > ATTEMPTS_AT_A_DRAFT
        assert event["ScalingConfig"]["MaximumConcurrency"] == {"Ref": "EngineConcurrency"}

    def test_a_suggestion_is_there_before_its_gateway_gives_up(
        self, template: dict[str, Any]
    ) -> None:
        function = functions(template)["PredictFunction"]

        assert function["Timeout"] >= CALLS_WHILE_A_SERVER_WAITS * TIME_OUT + 15

    def test_both_functions_ask_the_same_engine_if_there_is_one(
        self, template: dict[str, Any]
    ) -> None:
        drafter, predict = (
            {
                name: value
                for name, value in functions(template)[each]["Environment"]["Variables"].items()
                if name.startswith("ENGINE")
            }
            for each in ("DrafterFunction", "PredictFunction")
        )

        assert drafter.pop("ENGINE") == {"Ref": "Engine"}
        assert predict.pop("ENGINE") == {"Fn::If": ["EngineWrites", {"Ref": "Engine"}, ""]}
        assert drafter == predict

    @pytest.mark.parametrize("name", ["DrafterFunction", "PredictFunction"])
    def test_the_key_is_named_and_never_given(self, template: dict[str, Any], name: str) -> None:
        parameters = {each for each in template["Parameters"] if each.startswith("Engine")}
        variables = functions(template)[name]["Environment"]["Variables"]

        assert {each for each in parameters if "Key" in each or "Secret" in each} == {
            "EngineKeyName",
            "EngineSecretName",
        }
        named = {each for each in variables if each.startswith("ENGINE") and "KEY" in each}
        assert named == {"ENGINE_KEY_NAME"}

    @pytest.mark.parametrize(
        ("role", "more"),
        [("DrafterRole", {}), ("PredictRole", {"dynamodb:UpdateItem": "EngineWrites"})],
    )
    def test_a_grant_is_there_only_for_the_engine_that_needs_it(
        self, template: dict[str, Any], role: str, more: dict[str, str]
    ) -> None:
        (policy,) = of_type(template, "AWS::IAM::Role")[role]["Policies"]
        asked = [
            each["Fn::If"] for each in policy["PolicyDocument"]["Statement"] if "Fn::If" in each
        ]

        assert {one["Action"]: condition for condition, one, _ in asked} == more | {
            "bedrock:InvokeModel": "EngineIsBedrock",
            "ssm:GetParameter": "EngineHasSecret",
            "secretsmanager:GetSecretValue": "EngineHasSecret",
        }
        assert [condition for condition, *_ in asked].count("EngineHasKey") == 1
        assert {json.dumps(otherwise) for *_, otherwise in asked} == {'{"Ref": "AWS::NoValue"}'}

    @pytest.mark.parametrize("name", ["EngineHasKey", "EngineHasSecret"])
    def test_no_key_is_for_a_stack_without_an_engine(
        self, template: dict[str, Any], name: str
    ) -> None:
        assert {"Condition": "EngineWrites"} in template["Conditions"][name]["Fn::And"]


def refuses_plain_text(policy: dict[str, Any]) -> bool:
    (statement,) = (
        each for each in policy["PolicyDocument"]["Statement"] if each.get("Effect") == "Deny"
    )
    return (statement["Effect"], statement["Principal"], statement["Condition"]) == (
        "Deny",
        "*",
        {"Bool": {"aws:SecureTransport": "false"}},
    )


@pytest.mark.parametrize("name", FUNCTIONS)
class TestFunctions:
    def test_it_has_environments_reserved_if_a_parameter_says_so(
        self, template: dict[str, Any], name: str
    ) -> None:
        """0 is no reservation: to AWS it would be a function that may not run at all."""
        short = name.removesuffix("Function")
        reserved = template["Parameters"][f"{short}Reserved"]

        assert (reserved["Default"], reserved["MinValue"]) == (0, 0)
        assert functions(template)[name]["ReservedConcurrentExecutions"] == {
            "Fn::If": [
                f"{short}IsReserved",
                {"Ref": f"{short}Reserved"},
                {"Ref": "AWS::NoValue"},
            ]
        }
        assert template["Conditions"][f"{short}IsReserved"] == {
            "Fn::Not": [{"Fn::Equals": [{"Ref": f"{short}Reserved"}, 0]}]
        }

    def test_every_variable_that_is_read_is_set_and_no_other(
        self, template: dict[str, Any], name: str
    ) -> None:
        function = functions(template)[name]
        set_here = set(function["Environment"]["Variables"]) - LIBRARY_VARIABLES

        settings = importlib.import_module("helpdesk.settings")
        (read_from,) = {
            node.value.id
            for node in ast.walk(ast.parse(source(function).read_text()))
            if isinstance(node, ast.Attribute)
            and node.attr == "from_env"
            and isinstance(node.value, ast.Name)
        }
        read = {field.name.upper() for field in fields(getattr(settings, read_from))}

        assert set_here == read

    def test_its_handler_exists(self, template: dict[str, Any], name: str) -> None:
        function = functions(template)[name]
        module = importlib.import_module(dotted(source(function)))

        assert callable(getattr(module, function["Handler"].split(".")[1]))

    def test_its_log_group_has_a_retention(self, template: dict[str, Any], name: str) -> None:
        function = functions(template)[name]
        log_name = f"/aws/lambda/{function['FunctionName']['Fn::Sub']}"

        (group,) = (
            group
            for group in of_type(template, "AWS::Logs::LogGroup").values()
            if group["LogGroupName"]["Fn::Sub"] == log_name
        )
        assert value(template, group["RetentionInDays"]) > 0

    def test_it_has_a_role_of_its_own_for_lambda_alone(
        self, template: dict[str, Any], name: str
    ) -> None:
        roles = [function["Role"]["Fn::GetAtt"][0] for function in functions(template).values()]
        own = functions(template)[name]["Role"]["Fn::GetAtt"][0]
        (trust,) = template["Resources"][own]["Properties"]["AssumeRolePolicyDocument"]["Statement"]

        assert roles.count(own) == 1
        assert trust["Principal"] == {"Service": "lambda.amazonaws.com"}
        assert "ManagedPolicyArns" not in template["Resources"][own]["Properties"]

    def test_only_what_understands_carries_the_language_layer(
        self, template: dict[str, Any], name: str
    ) -> None:
        layers = [layer["Ref"] for layer in functions(template)[name]["Layers"]]

        assert layers == [
            "CoreLayer",
            *(["NlpLayer"] if name in THAT_UNDERSTAND else []),
            *(["DocumentsLayer"] if name in THAT_READ_FILES else []),
        ]


def test_one_python_everywhere(template: dict[str, Any]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    version = project["project"]["requires-python"].removeprefix("==").removesuffix(".*")
    runtime = f"python{version}"

    assert re.fullmatch(r"python3\.\d+", runtime)
    assert {function["Runtime"] for function in functions(template).values()} == {runtime}
    for layer in of_type(template, "AWS::Serverless::LayerVersion").values():
        assert layer["CompatibleRuntimes"] == [runtime]
    assert project["tool"]["mypy"]["python_version"] == version
    assert project["tool"]["ruff"]["target-version"] == f"py{version.replace('.', '')}"


class TestPrivileges:
    def test_no_action_is_a_wildcard(self, template: dict[str, Any]) -> None:
        for role, statement in allowed(template):
            for action in as_list(statement["Action"]):
                assert "*" not in action, role

    def test_no_resource_is_a_wildcard_that_is_not_listed(self, template: dict[str, Any]) -> None:
        found = set()
        for _, statement in allowed(template):
            for resource in as_list(statement["Resource"]):
                text = resource if isinstance(resource, str) else resource.get("Fn::Sub", "")
                if "*" in text:
                    found.add(text)

        assert found == WILDCARDS

    def test_every_grant_names_what_it_is_for(self, template: dict[str, Any]) -> None:
        for role, statement in allowed(template):
            assert statement.get("Sid"), role
            assert not {"NotAction", "NotResource", "NotPrincipal"} & statement.keys()

    def test_roles_are_all_there_is(self, template: dict[str, Any]) -> None:
        """No policy is attached anywhere else, where the tests above would not look."""
        assert not of_type(template, "AWS::IAM::Policy")
        people = {"AgentPolicy", "LeadPolicy", "AuditorPolicy"}  # see test_agent_cli_roles
        assert set(of_type(template, "AWS::IAM::ManagedPolicy")) == people
        assert all("Policies" not in function for function in functions(template).values())


class TestWhatIsKept:
    def test_tables_are_encrypted_and_can_be_restored(
        self, tables: dict[str, dict[str, Any]]
    ) -> None:
        assert len(tables) == 3
        for table in tables.values():
            assert table["SSESpecification"]["SSEEnabled"] is True
            recovery = table["PointInTimeRecoverySpecification"]
            assert recovery["PointInTimeRecoveryEnabled"] is True
            assert table["BillingMode"] == "PAY_PER_REQUEST"

    def test_tickets_expire(self, tables: dict[str, dict[str, Any]]) -> None:
        assert tables["TicketsTable"]["TimeToLiveSpecification"] == {
            "AttributeName": "expires_at",
            "Enabled": True,
        }

    @pytest.mark.parametrize("name", ["Bucket", "MailBucket", "FilesBucket"])
    def test_a_bucket_is_private_and_encrypted(self, template: dict[str, Any], name: str) -> None:
        buckets = of_type(template, "AWS::S3::Bucket")
        bucket = buckets[name]
        (policy,) = (
            each
            for each in of_type(template, "AWS::S3::BucketPolicy").values()
            if each["Bucket"] == {"Ref": name}
        )

        assert set(buckets) == {"Bucket", "MailBucket", "FilesBucket"}
        assert set(bucket["PublicAccessBlockConfiguration"].values()) == {True}
        assert len(bucket["PublicAccessBlockConfiguration"]) == 4
        (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
        assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] in {"AES256", "aws:kms"}
        (ownership,) = bucket["OwnershipControls"]["Rules"]
        assert ownership["ObjectOwnership"] == "BucketOwnerEnforced"
        assert refuses_plain_text(policy)

    def test_models_are_versioned_and_customers_files_are_not(
        self, template: dict[str, Any]
    ) -> None:
        """What a customer has erased must not stay as an older version."""
        buckets = of_type(template, "AWS::S3::Bucket")

        assert buckets["Bucket"]["VersioningConfiguration"]["Status"] == "Enabled"
        assert "VersioningConfiguration" not in buckets["FilesBucket"]

    def test_customers_files_expire_and_no_page_may_fetch_them(
        self, template: dict[str, Any]
    ) -> None:
        bucket = of_type(template, "AWS::S3::Bucket")["FilesBucket"]
        (rule,) = bucket["LifecycleConfiguration"]["Rules"]

        assert (rule["Status"], rule["ExpirationInDays"]) == ("Enabled", {"Ref": "FileDays"})
        assert "CorsConfiguration" not in bucket
        days = [template["Parameters"][name]["Default"] for name in ("FileDays", "RetentionDays")]
        assert days[0] <= days[1]
        link = template["Parameters"]["FileLinkSeconds"]
        assert link["Default"] == link["MaxValue"] == 300
        assert template["Parameters"]["MalwareScan"]["Default"] == "off"

    @pytest.mark.parametrize(
        "name",
        ["TicketsTable", "KnowledgeTable", "RecordsTable", "Bucket", "MailBucket", "FilesBucket"],
    )
    def test_it_outlives_the_stack(self, template: dict[str, Any], name: str) -> None:
        resource = template["Resources"][name]

        assert resource["DeletionPolicy"] == resource["UpdateReplacePolicy"] == "Retain"


def test_the_reconciler_runs_every_minute(template: dict[str, Any]) -> None:
    function = functions(template)["ReconcilerFunction"]
    (event,) = function["Events"].values()

    assert event["Properties"]["Schedule"] == "rate(1 minute)"
    assert function["Timeout"] < 60, "two runs do not overlap"


def test_every_parameter_is_used_and_explained(template: dict[str, Any]) -> None:
    body = json.dumps({k: v for k, v in template.items() if k != "Parameters"})

    for name, parameter in template["Parameters"].items():
        assert f'{{"Ref": "{name}"}}' in body or f"${{{name}}}" in body, name
        assert parameter["Description"]
        assert "Default" in parameter, f"{name}: start-up with defaults needs nothing (X2)"


def test_every_output_says_whom_it_is_for(template: dict[str, Any]) -> None:
    assert all(output["Description"] for output in template["Outputs"].values())

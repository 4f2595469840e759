"""`make deploy`, `undeploy` and `restore` on an account as AWS documents it: nothing is lost."""

import argparse
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import botocore
import botocore.session
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from infra.deploying import artifacts, operations, parameters
from infra.deploying.deploy import add_where, chosen
from infra.deploying.operations import Pace
from infra.deploying.restore import restore
from infra.deploying.stack import LOCAL_ZIP, DeployError, Stack, plain
from infra.deploying.stage_file import Stage
from infra.deploying.undeploy import again, undeploy
from infra.local import up
from infra.paths import ROOT
from tests.cloudformation import ACCOUNT, REGION, CloudFormation, invalid

TABLES = {
    "TicketsTable": "helpdesk-tickets",
    "KnowledgeTable": "helpdesk-knowledge",
    "RecordsTable": "helpdesk-records",
}
BUCKETS = {
    f"helpdesk-{ACCOUNT}-{REGION}",
    f"helpdesk-mail-{ACCOUNT}-{REGION}",
    f"helpdesk-files-{ACCOUNT}-{REGION}",
}

FURTHER_TABLE = """
  FurtherTable:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Retain
    Properties:
      TableName: !Sub ${AWS::StackName}-further
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
"""


class Account:
    """An account without a stack, and what the operator is told."""

    def __init__(self, template: Path) -> None:
        session = boto3.Session(region_name=REGION)
        self.s3: Any = session.client("s3")
        self.dynamodb: Any = session.client("dynamodb")
        self.cloudformation = CloudFormation(self.s3, self.dynamodb)
        self.template = template
        self.said: list[str] = []
        made = {
            "cloudformation": self.cloudformation,
            "s3": self.s3,
            "dynamodb": self.dynamodb,
            "sts": session.client("sts"),
        }

        def client(service: str, **_options: Any) -> Any:
            return made[service]

        self.session: Any = SimpleNamespace(region_name=REGION, client=client)

    def stack(self, name: str = "helpdesk") -> Stack:
        return Stack(name, self.session)

    def deploy(self, *, adopt: bool = False, **given: str) -> bool:
        return self.stack().deploy(given, self.said.append, adopt=adopt)

    @property
    def deployed(self) -> Any:
        return self.cloudformation.stacks["helpdesk"]

    def tables(self) -> set[str]:
        return set(self.dynamodb.list_tables()["TableNames"])

    def buckets(self) -> set[str]:
        found = {each["Name"] for each in self.s3.list_buckets()["Buckets"]}
        return found - {f"helpdesk-artifacts-{ACCOUNT}-{REGION}"}

    def protected(self) -> dict[str, bool]:
        described = [self.dynamodb.describe_table(TableName=t)["Table"] for t in self.tables()]
        return {each["TableName"]: each["DeletionProtectionEnabled"] for each in described}

    def put(self, table: str, number: int) -> None:
        item = {"pk": {"S": f"TICKET#{number}"}, "sk": {"S": "TICKET"}}
        self.dynamodb.put_item(TableName=table, Item=item)

    def count(self, table: str) -> int:
        found: int = self.dynamodb.scan(TableName=table)["Count"]
        return found

    def rewrite(self, old: str, new: str) -> None:
        text = self.template.read_text()
        assert old in text
        self.template.write_text(text.replace(old, new))


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    naps: list[float] = []
    monkeypatch.setattr(operations.time, "sleep", naps.append)
    return naps


@pytest.fixture
def account(
    tmp_path: Path, naps: list[float], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Account]:
    text = LOCAL_ZIP.sub(r"\g<key>: s3://bucket/code.zip", (ROOT / "template.yaml").read_text())
    path = tmp_path / "template.yaml"
    path.write_text(text)
    monkeypatch.setattr(artifacts, "TEMPLATE", path)
    with mock_aws():
        yield Account(path)


class TestASecondTry:
    @pytest.mark.parametrize("resource", ["TicketsTable", "RecordsTable", "BucketOverTls"])
    def test_a_creation_that_failed_half_way_leaves_nothing_in_the_way(
        self, account: Account, resource: str
    ) -> None:
        account.cloudformation.fails_at = resource
        with pytest.raises(DeployError, match=f"ROLLBACK_COMPLETE\n  {resource}: You are not auth"):
            account.deploy()
        assert account.tables() == set()
        assert account.buckets() == set()

        account.cloudformation.fails_at = None
        assert account.deploy()

        assert account.tables() == set(TABLES.values())
        assert account.buckets() == BUCKETS
        assert set(account.protected().values()) == {True}
        assert "removing what an earlier, failed creation left" in account.said

    def test_tables_are_protected_only_when_the_creation_cannot_be_taken_back_any_more(
        self, account: Account
    ) -> None:
        account.cloudformation.fails_at = "Bucket"
        sent = parameters.chosen({"TableProtection": "on"})
        url = account.stack().artifacts.uploaded(account.stack().artifacts.with_addresses(print))
        done = account.stack().operations(print)
        proposed = done.propose("CREATE", url, sent)
        assert proposed
        with pytest.raises(DeployError, match="the stack is ROLLBACK_FAILED"):
            done.execute(proposed)

        account.cloudformation.fails_at = None
        with pytest.raises(DeployError, match="ADOPT=yes"):
            account.deploy()
        assert account.deploy(adopt=True)
        assert set(account.protected().values()) == {True}

    def test_a_creation_that_broke_off_before_the_protection_gets_it_from_the_next(
        self, account: Account
    ) -> None:
        account.cloudformation.broken_after = 1
        with pytest.raises(ClientError):
            account.deploy(RetentionDays="180")
        assert set(account.protected().values()) == {False}

        account.cloudformation.broken_after = None
        assert account.deploy()
        assert set(account.protected().values()) == {True}
        assert account.deployed.parameters["RetentionDays"] == "180"

    def test_protection_is_off_where_it_is_said(self, account: Account) -> None:
        account.deploy(TableProtection="off")
        assert set(account.protected().values()) == {False}
        assert account.cloudformation.executed == 1

    def test_what_another_tool_left_after_a_failed_creation_is_taken_over(
        self, account: Account
    ) -> None:
        account.cloudformation.fails_at = "BucketOverTls"
        url = account.stack().artifacts.uploaded(account.stack().artifacts.with_addresses(print))
        proposed = account.stack().operations(print).propose("CREATE", url)
        assert proposed
        account.cloudformation.execute_change_set(ChangeSetName=proposed.id)
        assert account.tables() == set(TABLES.values())
        account.put("helpdesk-tickets", 1)

        account.cloudformation.fails_at = None
        with pytest.raises(DeployError, match="what an earlier one kept is there"):
            account.deploy()
        account.deploy(adopt=True)

        assert account.count("helpdesk-tickets") == 1


class TestAStackThatWasDeleted:
    def test_it_comes_again_with_each_item_and_object(self, account: Account) -> None:
        account.deploy(AlarmTopic="arn:aws:sns:us-east-1:123456789012:alarms")
        for number in range(25):
            account.put("helpdesk-tickets", number)
        bucket = f"helpdesk-files-{ACCOUNT}-{REGION}"
        account.s3.put_object(Bucket=bucket, Key="attachments/1", Body=b"a file")
        account.cloudformation.delete_stack(StackName="helpdesk")

        with pytest.raises(DeployError) as refused:
            account.deploy()
        assert "there is no stack 'helpdesk'" in str(refused.value)
        assert all(name in str(refused.value) for name in {*TABLES.values(), *BUCKETS})
        assert "helpdesk" not in account.cloudformation.stacks

        assert account.deploy(adopt=True)

        assert account.count("helpdesk-tickets") == 25
        assert account.s3.get_object(Bucket=bucket, Key="attachments/1")["Body"].read() == b"a file"
        deployed = account.deployed
        assert deployed.status == "UPDATE_COMPLETE"
        assert set(plain(deployed.template)["Resources"]) == set(deployed.resources)
        assert not account.deploy(), "nothing is left to do"

    def test_a_first_import_without_the_description_of_the_tables_would_be_refused(
        self, account: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What the fake refuses, DynamoDB refuses: an expiry that is on, a table with its key."""
        account.deploy()
        account.cloudformation.delete_stack(StackName="helpdesk")
        monkeypatch.setattr("infra.deploying.kept_resources._clocks", lambda *_: {})
        with pytest.raises(DeployError, match="TimeToLive is already enabled"):
            account.deploy(adopt=True)

    def test_tables_of_an_older_release_get_their_indexes_afterwards(
        self, account: Account
    ) -> None:
        account.rewrite("IndexName: happened", "IndexName: by-day")
        account.deploy()
        account.put("helpdesk-tickets", 1)
        account.cloudformation.delete_stack(StackName="helpdesk")
        account.rewrite("IndexName: by-day", "IndexName: happened")

        account.deploy(adopt=True)

        assert account.count("helpdesk-tickets") == 1
        assert "an update before the others: TicketsTable with an index happened" in account.said

    def test_what_is_gone_is_made_again_beside_what_is_there(self, account: Account) -> None:
        account.deploy(TableProtection="off")
        account.cloudformation.delete_stack(StackName="helpdesk")
        account.dynamodb.delete_table(TableName="helpdesk-records")
        account.put("helpdesk-tickets", 1)

        account.deploy(adopt=True)

        assert account.tables() == set(TABLES.values())
        assert account.count("helpdesk-tickets") == 1


class TestAnUpdate:
    def test_parameters_that_are_left_out_keep_their_values(self, account: Account) -> None:
        account.cloudformation.secret = frozenset({"MailSecret"})
        topic, secret = "arn:aws:sns:us-east-1:123456789012:alarms", "s" * 40
        account.deploy(AlarmTopic=topic, RetentionDays="180", MailSecret=secret)
        account.said.clear()

        account.deploy(RetentionDays="90")

        now = account.deployed.parameters
        assert (now["AlarmTopic"], now["RetentionDays"], now["MailSecret"]) == (topic, "90", secret)
        assert f"kept from before: AlarmTopic={topic}, MailSecret=****" in account.said

    def test_one_without_any_parameter_changes_nothing(self, account: Account) -> None:
        account.deploy(AlarmTopic="arn:aws:sns:us-east-1:123456789012:alarms")
        assert not account.deploy()

    def test_a_parameter_that_is_new_or_gone_does_no_harm(self, account: Account) -> None:
        account.rewrite("  RecordsUrl:\n", "  RecordsAddress:\n")
        account.rewrite("!Ref RecordsUrl", "!Ref RecordsAddress")
        account.deploy(RecordsAddress="https://shop.example/{email}", RetentionDays="180")
        account.rewrite("RecordsAddress", "RecordsUrl")

        account.deploy()

        now = account.deployed.parameters
        assert (now["RecordsUrl"], now["RetentionDays"]) == ("", "180")

    def test_what_changes_is_said_before_it_happens(
        self, account: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        account.deploy()
        account.said.clear()

        def stop(**_named: Any) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(account.cloudformation, "execute_change_set", stop)
        with pytest.raises(KeyboardInterrupt):
            account.deploy(LogDays="7")
        assert "  Modify WorkerLogs (AWS::Logs::LogGroup)" in account.said

    def test_one_that_fails_takes_back_the_table_it_created(self, account: Account) -> None:
        account.deploy()
        account.put("helpdesk-tickets", 1)
        account.rewrite("\n  BucketOverTls:\n", FURTHER_TABLE + "\n  BucketOverTls:\n")
        account.cloudformation.fails_at = "BucketOverTls"
        with pytest.raises(DeployError, match="UPDATE_ROLLBACK_COMPLETE"):
            account.deploy()
        assert account.tables() == set(TABLES.values())
        assert account.count("helpdesk-tickets") == 1

        account.cloudformation.fails_at = None
        account.deploy()
        assert "helpdesk-further" in account.tables()

    def test_no_tag_is_sent_so_that_no_resource_is_touched_by_one(self, account: Account) -> None:
        account.deploy(Digest="one")
        account.deploy(Digest="two", TableProtection="on")
        asked = [named for call, named in account.cloudformation.calls if "create" in call]
        assert len(asked) == 3
        assert not any("Tags" in named for named in asked)
        assert account.stack().digest == "two"
        account.said.clear()
        account.deploy(Digest="three")
        assert not [line for line in account.said if "Modify" in line]

    def test_a_digest_is_not_kept_from_before(self, account: Account) -> None:
        account.deploy(Digest="one")
        account.deploy(RetentionDays="90")
        assert account.stack().digest is None

    def test_the_trainers_stream_starts_elsewhere_without_a_second_mapping(
        self, account: Account
    ) -> None:
        account.rewrite("StartingPosition: TRIM_HORIZON", "StartingPosition: LATEST")
        account.deploy()
        account.rewrite("StartingPosition: LATEST", "StartingPosition: TRIM_HORIZON")
        account.said.clear()

        account.deploy()

        assert account.said[0].endswith("TrainerFunction without its stream Articles")
        function = plain(account.deployed.template)["Resources"]["TrainerFunction"]
        (event,) = function["Properties"]["Events"].values()
        assert event["Properties"]["StartingPosition"] == "TRIM_HORIZON"

    def test_lambda_refuses_it_in_one_update(
        self, account: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        account.rewrite("StartingPosition: TRIM_HORIZON", "StartingPosition: LATEST")
        account.deploy()
        account.rewrite("StartingPosition: LATEST", "StartingPosition: TRIM_HORIZON")
        monkeypatch.setattr("infra.deploying.stack.without_moved", lambda *_templates: None)
        with pytest.raises(DeployError, match="TrainerFunction: The event source mapping already"):
            account.deploy()


class TestADryRun:
    def test_of_a_creation_shows_each_resource_and_leaves_no_stack(self, account: Account) -> None:
        account.stack().preview({}, account.said.append)

        assert "  Add TicketsTable (AWS::DynamoDB::Table)" in account.said
        assert "helpdesk" not in account.cloudformation.stacks
        assert account.tables() == set()

    def test_of_an_update_shows_it_and_changes_nothing(self, account: Account) -> None:
        account.deploy(RetentionDays="180")
        before = account.deployed.parameters
        account.said.clear()

        account.stack().preview({"LogDays": "7"}, account.said.append)

        assert "  Modify WorkerLogs (AWS::Logs::LogGroup)" in account.said
        assert account.deployed.parameters == before
        assert account.cloudformation.executed == 2

    def test_of_nothing(self, account: Account) -> None:
        account.deploy()
        account.stack().preview({}, account.said.append)
        assert account.said[-1] == "nothing would change"

    def test_of_an_import(self, account: Account) -> None:
        account.deploy()
        account.cloudformation.delete_stack(StackName="helpdesk")
        with pytest.raises(DeployError, match="ADOPT=yes"):
            account.stack().preview({}, account.said.append)

        account.stack().preview({}, account.said.append, adopt=True)

        assert "  Import TicketsTable (AWS::DynamoDB::Table)" in account.said
        assert "helpdesk" not in account.cloudformation.stacks

    def test_after_a_failed_creation_removes_nothing(self, account: Account) -> None:
        account.cloudformation.fails_at = "Bucket"
        with pytest.raises(DeployError):
            account.deploy()
        account.stack().preview({}, account.said.append)
        assert "an earlier creation failed" in account.said[-1]
        assert account.deployed.status == "ROLLBACK_COMPLETE"


class TestNames:
    @pytest.mark.parametrize("name", ["Helpdesk", "desk_1", "1desk", "-desk", "desk.eu"])
    def test_one_that_no_bucket_may_have_is_refused_with_a_sentence(
        self, account: Account, name: str
    ) -> None:
        for use in (Stack.deploy, Stack.preview):
            with pytest.raises(DeployError, match="begins with a lower-case letter"):
                use(account.stack(name), {})
        assert not account.cloudformation.calls

    def test_one_that_is_too_long_is_refused(self, account: Account) -> None:
        longest = 63 - len(f"-artifacts-{ACCOUNT}-{REGION}")
        account.stack("d" * longest).check_name()
        with pytest.raises(DeployError, match=f"{longest} characters at most"):
            account.stack("d" * (longest + 1)).check_name()


class TestLooking:
    def test_looks_become_rarer(self, account: Account, naps: list[float]) -> None:
        account.cloudformation.looks = 30
        account.deploy(TableProtection="off")
        assert naps == sorted(naps)
        assert (naps[0], naps[-1]) == (2, 15)
        assert len([call for call, _ in account.cloudformation.calls if "events" in call]) < 40

    def test_an_emulator_is_looked_at_steadily(self) -> None:
        pauses = Pace(0.1, 0.1).pauses()
        assert {next(pauses) for _ in range(20)} == {0.1}

    def test_failures_are_those_since_the_operation_before_by_the_stacks_own_order(
        self, account: Account
    ) -> None:
        account.deploy()
        account.cloudformation.fails_at = "WorkerLogs"
        with pytest.raises(DeployError):
            account.deploy(LogDays="7")
        account.cloudformation.fails_at = "IntakeLogs"
        with pytest.raises(DeployError) as refused:
            account.deploy(LogDays="7")
        assert "IntakeLogs: You are not authorized" in str(refused.value)
        assert "WorkerLogs" not in str(refused.value)
        assert account.cloudformation.clock.year == 2001, "whatever this machine's clock says"


def typing(*lines: str) -> Callable[[str], str]:
    left = list(lines)
    return lambda _question: left.pop(0)


class TestUndeploying:
    def test_it_asks_and_says_what_stays(self, account: Account) -> None:
        account.deploy()
        account.put("helpdesk-tickets", 1)
        assert undeploy(account.stack(), None, account.said.append, typing("yes")) == 1
        assert account.deployed.status == "UPDATE_COMPLETE"
        assert account.said[-1] == "the stack stays as it is"
        told = "\n".join(account.said)
        assert all(name in told for name in {*TABLES.values(), *BUCKETS})
        assert "helpdesk-tickets: 1 items" in told
        assert told.count("protected from deletion") == 4, "three tables, and when it was created"
        assert "a month" in told

    def test_by_the_typed_name_the_stack_goes_and_all_that_is_kept_stays(
        self, account: Account
    ) -> None:
        account.deploy()
        account.put("helpdesk-tickets", 1)
        assert undeploy(account.stack(), None, account.said.append, typing("helpdesk")) == 0
        assert account.stack().describe() is None
        assert account.count("helpdesk-tickets") == 1
        assert account.buckets() == BUCKETS

    def test_without_a_person_it_needs_the_name(self, account: Account) -> None:
        account.deploy()

        def no_one(_question: str) -> str:
            raise EOFError

        assert undeploy(account.stack(), None, account.said.append, no_one) == 1
        assert undeploy(account.stack(), "helpdesk", account.said.append, no_one) == 0

    def test_without_a_stack(self, account: Account) -> None:
        with pytest.raises(DeployError, match="there is no stack"):
            undeploy(account.stack(), "helpdesk", account.said.append)

    def test_the_way_back_names_tables_that_are_not_named_after_the_stack(self) -> None:
        assert again({"TicketsTableName": "", "LogDays": "7"}) == "`make deploy ADOPT=yes`"
        assert 'PARAMETERS="TicketsTableName=restored"' in again({"TicketsTableName": "restored"})


class TestRestoring:
    @pytest.fixture
    def restored(self, account: Account) -> Account:
        """Return an account in which a table of the running stack was restored to a moment."""
        account.deploy(RetentionDays="180")
        for number in range(5):
            account.put("helpdesk-tickets", number)
        account.dynamodb.restore_table_to_point_in_time(
            SourceTableName="helpdesk-tickets",
            TargetTableName="helpdesk-tickets-restored",
            UseLatestRestorableTime=True,
        )
        account.put("helpdesk-tickets", 99)
        return account

    def restore(self, account: Account, table: str = "helpdesk-tickets-restored") -> None:
        restore(account.stack(), "TicketsTable", table, {}, account.said.append)

    def test_the_stack_uses_the_restored_table_and_the_old_one_stays(
        self, restored: Account
    ) -> None:
        self.restore(restored)

        deployed = restored.deployed
        assert deployed.resources["TicketsTable"] == "helpdesk-tickets-restored"
        assert restored.stack().outputs["TicketsTable"] == "helpdesk-tickets-restored"
        assert restored.count("helpdesk-tickets-restored") == 5
        assert restored.count("helpdesk-tickets") == 6
        expiry = restored.dynamodb.describe_time_to_live(TableName="helpdesk-tickets-restored")
        assert expiry["TimeToLiveDescription"]["TimeToLiveStatus"] == "ENABLED"
        assert restored.protected()["helpdesk-tickets-restored"]
        backups = restored.dynamodb.describe_continuous_backups(
            TableName="helpdesk-tickets-restored"
        )["ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
        assert backups["PointInTimeRecoveryStatus"] == "ENABLED"
        assert deployed.parameters["RetentionDays"] == "180"
        assert not restored.deploy(), "and the next deployment keeps it"

    def test_meanwhile_each_update_has_a_table(self, restored: Account) -> None:
        seen = []
        execute = restored.cloudformation.execute_change_set

        def look(**named: Any) -> None:
            execute(**named)
            template = plain(restored.deployed.template)["Resources"]
            worker = template["WorkerFunction"]["Properties"]["Environment"]["Variables"]
            seen.append((worker["TICKETS_TABLE"], "TicketsTable" in template))

        restored.cloudformation.execute_change_set = look  # type: ignore[method-assign]
        self.restore(restored)

        name = "helpdesk-tickets-restored"
        assert seen == [(name, False), (name, True), ({"Ref": "TicketsTable"}, True)]

    @pytest.mark.parametrize("done", [1, 2])
    def test_one_that_broke_off_goes_on(self, restored: Account, done: int) -> None:
        restored.cloudformation.broken_after = restored.cloudformation.executed + done
        with pytest.raises(ClientError, match="ExpiredToken"):
            self.restore(restored)
        restored.cloudformation.broken_after = None
        self.restore(restored)
        assert restored.deployed.resources["TicketsTable"] == "helpdesk-tickets-restored"
        assert not restored.deploy()

    def test_a_table_that_is_not_there_or_is_another_is_refused(self, restored: Account) -> None:
        with pytest.raises(DeployError, match="no table named 'elsewhere'"):
            self.restore(restored, "elsewhere")
        restored.dynamodb.create_table(
            TableName="elsewhere",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        with pytest.raises(DeployError, match="other keys"):
            self.restore(restored, "elsewhere")
        assert restored.cloudformation.executed == 2

    def test_the_knowledge_gets_its_stream(self, account: Account) -> None:
        account.deploy()
        account.dynamodb.restore_table_to_point_in_time(
            SourceTableName="helpdesk-knowledge",
            TargetTableName="restored",
            UseLatestRestorableTime=True,
        )
        restore(account.stack(), "KnowledgeTable", "restored", {}, account.said.append)
        table = account.dynamodb.describe_table(TableName="restored")["Table"]
        assert table["StreamSpecification"]["StreamViewType"] == "KEYS_ONLY"
        assert account.deployed.resources["KnowledgeTable"] == "restored"


def test_a_stack_that_cannot_be_described_is_not_taken_for_none(account: Account) -> None:
    def refuse(**_named: str) -> None:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "DescribeStacks")

    account.cloudformation.describe_stacks = refuse  # type: ignore[method-assign,assignment]
    with pytest.raises(ClientError, match="AccessDenied"):
        account.deploy()
    assert invalid("x").response["Error"]["Code"] == "ValidationError"


class TestTheTemplate:
    @pytest.fixture
    def template(self) -> dict[str, Any]:
        return plain((ROOT / "template.yaml").read_text())

    def test_no_edit_of_before_the_mapping_is_missed(self, template: dict[str, Any]) -> None:
        """https://docs.aws.amazon.com/lambda/latest/dg/kafka-starting-positions.html"""
        starts = [
            event["Properties"]["StartingPosition"]
            for resource in template["Resources"].values()
            for event in resource["Properties"].get("Events", {}).values()
            if event["Type"] == "DynamoDB"
        ]
        assert starts == ["TRIM_HORIZON"]

    def test_each_table_is_protected_and_has_a_name_that_can_be_another(
        self, template: dict[str, Any]
    ) -> None:
        assert template["Parameters"]["TableProtection"]["Default"] == "on"
        for logical, name in TABLES.items():
            properties = template["Resources"][logical]["Properties"]
            chosen = {"Ref": f"{logical}Name"}
            usual = {"Fn::Sub": name.replace("helpdesk", "${AWS::StackName}")}
            protected = {"Fn::If": ["TablesAreProtected", True, False]}
            assert properties["TableName"] == {"Fn::If": [f"{logical}IsNamed", chosen, usual]}
            assert properties["DeletionProtectionEnabled"] == protected

    def test_the_digest_is_in_an_output_alone(self, template: dict[str, Any]) -> None:
        """A parameter of a resource, or a tag of the stack, would touch resources each time."""
        body = json.dumps(template["Resources"])
        assert '{"Ref": "Digest"}' not in body
        assert "${Digest}" not in body
        assert "DigestIsKnown" not in body
        assert template["Outputs"]["Digest"]["Value"] == {"Ref": "Digest"}


class TestOnThisMachine:
    """`make run` deploys in the same way; LocalStack has no imports and updates no table."""

    def test_it_is_one_operation_and_the_next_time_none(self, account: Account) -> None:
        stack = Stack("helpdesk", account.session, "http://127.0.0.1:4566")
        elsewhere: Any = SimpleNamespace(pid=None, url=stack.endpoint_url)

        for _ in range(2):
            up._deploy(stack, {"LogDays": "7"}, elsewhere, ROOT, account.said.append)

        assert account.cloudformation.executed == 1
        assert set(account.protected().values()) == {False}
        up._deploy(stack, {"LogDays": "1"}, elsewhere, ROOT, account.said.append)
        assert account.cloudformation.executed == 2

    def test_no_import_is_asked_of_it(self, account: Account) -> None:
        account.deploy()
        account.cloudformation.delete_stack(StackName="helpdesk")
        with pytest.raises(DeployError, match=r"helpdesk-[a-z0-9-]+ already exists"):
            Stack("helpdesk", account.session, "http://127.0.0.1:4566").deploy({})


class TestWhichStackIsMeant:
    def test_the_command_line_wins_over_the_stage(self, monkeypatch: pytest.MonkeyPatch) -> None:
        stage = Stage("desk", "eu-central-1", None, {"LogDays": "7", "RetentionDays": "90"})
        monkeypatch.setattr("infra.deploying.stage_file.read", lambda name: {"prod": stage}[name])
        monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)

        stack, given = chosen(asked("--stage", "prod", "--region", "eu-west-1", "LogDays=1"))

        assert (stack.name, stack.region) == ("desk", "eu-west-1")
        assert given == {"LogDays": "1", "RetentionDays": "90"}

    def test_without_a_region_it_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("infra.deploying.stage_file.read", lambda _name: Stage())
        for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
        with pytest.raises(DeployError, match="no region"):
            chosen(asked())


def asked(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_where(parser)
    parser.add_argument("parameters", nargs="*")
    return parser.parse_args(arguments)


RUNBOOK = (ROOT / "docs" / "runbook.md").read_text().split("## IntakeDeadLettersAlarm")[0]
AWS = re.findall(r"^aws (\S+) (\S+) (.+)$", RUNBOOK, re.MULTILINE)


@pytest.mark.parametrize(("service", "verb", "options"), [a for a in AWS if a[1] != "wait"])
def test_a_command_of_the_pages_on_deploying_has_operations_and_options_that_exist(
    service: str, verb: str, options: str
) -> None:
    model = botocore.session.get_session().get_service_model(service)
    operations_by_verb = {botocore.xform_name(n, "-"): n for n in model.operation_names}
    operation = model.operation_model(operations_by_verb[verb])
    assert operation.input_shape
    known = {botocore.xform_name(each, "-") for each in operation.input_shape.members}
    given = {each.removeprefix("no-") for each in re.findall(r"--([a-z-]+)", options)}
    assert given - {"query"} <= known

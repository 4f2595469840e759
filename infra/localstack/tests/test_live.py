"""The contract a LocalStack with this plugin keeps, asked through boto3 alone.

What is listed here is what the rest of the project relies on without saying so.
"""

from __future__ import annotations

import base64
import functools
import http.client
import json
import os
import signal
import socket
import time
import urllib.parse
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from infra import emulator
from infra.emulator import environments
from infra.emulator.processes import Record, processes_of
from running import REGION, ROLE, Aws, archive, eventually, free_port, runs, start, unique

pytestmark = pytest.mark.live


class TestLambda:
    def test_context_and_bundled_boto3_reach_localstack(self, aws: Aws) -> None:
        name = aws.function(
            "import boto3\n"
            "def handler(event, context):\n"
            "    queues = boto3.client('sqs').list_queues()\n"
            "    return [context.function_name, context.memory_limit_in_mb,\n"
            "            context.invoked_function_arn, 'ResponseMetadata' in queues]",
            MemorySize=256,
        )
        arn = f"arn:aws:lambda:{REGION}:000000000000:function:{name}"
        assert aws.invoke(name) == [name, "256", arn, True]

    def test_environment_as_on_aws(self, aws: Aws) -> None:
        name = aws.function(
            "import os, tempfile\n"
            "def handler(event, context): return dict(os.environ, tmp=tempfile.gettempdir(),"
            " cwd=os.getcwd())",
            Environment={"Variables": {"MINE": "1", "LANG": "C", "PYTHONPATH": "/mine"}},
        )
        seen = aws.invoke(name)
        assert (seen["MINE"], seen["LANG"]) == ("1", "C")
        assert seen["AWS_EXECUTION_ENV"] == "AWS_Lambda_python3.13"
        assert seen["AWS_ENDPOINT_URL"] == aws.url
        assert seen["cwd"] == seen["LAMBDA_TASK_ROOT"]
        assert seen["PYTHONPATH"] == f"{seen['LAMBDA_TASK_ROOT']}:/mine"
        assert seen["tmp"] == seen["TMPDIR"]
        assert not {"GATEWAY_LISTEN", "DYNAMODB_JOURNAL_FOLDER", "VIRTUAL_ENV"} & seen.keys()

    def test_layers_are_merged_in_order(self, aws: Aws) -> None:
        first = aws.layer(
            {
                "python/both.py": "x = 'first'",
                "python/one.py": "x = 1",
                "data/text": "from the layer",
                "python/boto3/__init__.py": "x = 'mine'",
            }
        )
        second = aws.layer(
            {
                "python/lib/python3.13/site-packages/deep.py": "x = 'deep'",
                "python/both.py": "x = 'second'",
            }
        )
        name = aws.function(
            "import os, both, boto3, deep, one\n"
            "def handler(event, context):\n"
            "    with open(os.environ['LAMBDA_LAYER_ROOT'] + '/data/text') as file:\n"
            "        return [both.x, one.x, deep.x, boto3.x, file.read()]",
            Layers=[first, second],
        )
        assert aws.invoke(name) == ["second", 1, "deep", "mine", "from the layer"]

    def test_logs_arrive_with_the_answer_and_in_cloudwatch(self, aws: Aws) -> None:
        name = aws.function("def handler(event, context): print('one'); print('two')")
        response = aws.lambda_.invoke(FunctionName=name, LogType="Tail")
        lines = base64.b64decode(response["LogResult"]).decode().splitlines()
        assert lines[1:3] == ["one", "two"]
        assert [line.split()[0] for line in lines] == ["START", "one", "two", "END", "REPORT"]

        def stored() -> list[str]:
            group = f"/aws/lambda/{name}"
            try:
                events = aws.logs.filter_log_events(logGroupName=group)["events"]
            except ClientError:
                return []
            return [event["message"].split()[0] for event in events]

        assert eventually(lambda: len(stored()) == 5 and stored()) == [
            "START",
            "one",
            "two",
            "END",
            "REPORT",
        ]

    def test_json_logs(self, aws: Aws) -> None:
        name = aws.function(
            "import logging\ndef handler(event, context): logging.getLogger().warning('hello')",
            LoggingConfig={"LogFormat": "JSON"},
        )
        response = aws.lambda_.invoke(FunctionName=name, LogType="Tail")
        lines = base64.b64decode(response["LogResult"]).decode().splitlines()
        assert [json.loads(line).get("message") for line in lines] == [None, "hello", None]

    def test_parallel_environments_and_warm_reuse(self, aws: Aws) -> None:
        name = aws.function(
            "import os, time\n"
            "def handler(event, context):\n    time.sleep(event)\n    return os.getpid()"
        )
        with ThreadPoolExecutor(8) as pool:
            pids = set(pool.map(lambda _: aws.invoke(name, 2), range(8)))
        assert len(pids) == 8
        assert {aws.invoke(name, 0) for _ in range(5)} <= pids

    def test_reserved_concurrency_throttles(self, aws: Aws) -> None:
        name = aws.function("import time\ndef handler(event, context): time.sleep(1)")
        aws.lambda_.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=1)

        def attempt(_: int) -> str:
            try:
                aws.invoke(name)
            except ClientError as error:
                return str(error.response["Error"]["Code"])
            return "ok"

        with ThreadPoolExecutor(3) as pool:
            seen = Counter(pool.map(attempt, range(3)))
        assert seen == {"ok": 1, "TooManyRequestsException": 2}

    def test_provisioned_concurrency(self, aws: Aws) -> None:
        def provision(source: str) -> str:
            name = aws.function(source, Publish=True)
            aws.lambda_.put_provisioned_concurrency_config(
                FunctionName=name, Qualifier="1", ProvisionedConcurrentExecutions=1
            )
            ask = aws.lambda_.get_provisioned_concurrency_config
            status = eventually(
                lambda: (
                    (s := ask(FunctionName=name, Qualifier="1")["Status"]) != "IN_PROGRESS" and s
                )
            )
            if status == "READY":
                assert aws.invoke(f"{name}:1") == "provisioned-concurrency"
            return str(status)

        kind = "os.environ['AWS_LAMBDA_INITIALIZATION_TYPE']"
        assert provision(f"import os\ndef handler(event, context): return {kind}") == "READY"
        assert provision("1 / 0") == "FAILED"

    def test_version_alias_and_update_of_code(self, aws: Aws) -> None:
        name = aws.function("def handler(event, context): return 'old'", Publish=True)
        aws.lambda_.create_alias(FunctionName=name, Name="live", FunctionVersion="1")
        assert aws.invoke(name) == "old"
        package = archive({"app.py": "def handler(event, context): return 'new'"})
        aws.lambda_.update_function_code(FunctionName=name, ZipFile=package)
        aws.lambda_.get_waiter("function_updated_v2").wait(
            FunctionName=name, WaiterConfig={"Delay": 0.1}
        )
        assert [aws.invoke(name), aws.invoke(f"{name}:live")] == ["new", "old"]

    def test_function_url(self, aws: Aws) -> None:
        name = aws.function(
            "def handler(event, context): return {'statusCode': 201, 'body': event['rawPath']}"
        )
        url = aws.lambda_.create_function_url_config(FunctionName=name, AuthType="NONE")[
            "FunctionUrl"
        ]
        connection = http.client.HTTPConnection(aws.url.removeprefix("http://"))
        host = urllib.parse.urlsplit(url).netloc
        connection.request("GET", "/deep/path", headers={"Host": host})
        response = connection.getresponse()
        assert (response.status, response.read()) == (201, b"/deep/path")

    def test_asynchronous_failure_reaches_its_destination(self, aws: Aws) -> None:
        url = aws.queue()
        name = aws.function("def handler(event, context): raise ValueError('no')")
        aws.lambda_.put_function_event_invoke_config(
            FunctionName=name,
            MaximumRetryAttempts=0,
            DestinationConfig={"OnFailure": {"Destination": aws.queue_arn(url)}},
        )
        aws.lambda_.invoke(FunctionName=name, InvocationType="Event", Payload=b'{"a": 1}')
        (message,) = eventually(
            lambda: aws.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=5).get("Messages")
        )
        body = json.loads(message["Body"])
        assert body["requestPayload"] == {"a": 1}
        assert body["responsePayload"]["errorMessage"] == "no"

    @pytest.mark.parametrize(
        ("source", "options", "error_type"),
        [
            ("import nothing_like_it", {}, "Runtime.ImportModuleError"),
            ("", {"Handler": "app.absent"}, "Runtime.HandlerNotFound"),
            ("import sys; sys.exit(1)", {}, "Runtime.ExitError"),
            ("def handler(e, c):\n  while 1: pass", {"Timeout": 1}, "Sandbox.Timedout"),
            ("import os\ndef handler(e, c): os._exit(1)", {}, "Runtime.ExitError"),
            ("def handler(e, c): return 'x' * 7_000_000", {}, "Function.ResponseSizeTooLarge"),
            ("def handler(e, c): raise KeyError('k')", {}, "KeyError"),
        ],
    )
    def test_failures_are_answers_with_logs(
        self, aws: Aws, source: str, options: dict[str, Any], error_type: str
    ) -> None:
        name = aws.function(source, **options)
        for _ in range(2):
            error, log = aws.failure(name)
            assert error["errorType"] == error_type
            assert "REPORT RequestId: " in log

    def test_hanging_init(self, aws: Aws) -> None:
        name = aws.function("import time; time.sleep(60)", Timeout=1)
        error, log = aws.failure(name)
        assert error["errorType"] == "Sandbox.Timedout"
        assert "INIT_REPORT Init Duration: 100" in log

    def test_unknown_runtime_fails_with_a_reason(self, aws: Aws) -> None:
        name = unique("f")
        package = {"ZipFile": archive({"app.py": ""})}
        aws.lambda_.create_function(
            FunctionName=name, Code=package, Role=ROLE, Runtime="nodejs22.x", Handler="app.handler"
        )

        def state() -> dict[str, Any]:
            return dict(aws.lambda_.get_function_configuration(FunctionName=name))

        assert eventually(lambda: state()["State"] != "Pending" and state())["State"] == "Failed"
        assert (
            "no interpreter for runtime nodejs22.x; configured: python3.13"
            in state()["StateReason"]
        )

    def test_deleting_a_function_ends_its_processes(self, aws: Aws) -> None:
        name = aws.function("import os\ndef handler(event, context): return os.getpid()")
        pid = aws.invoke(name)
        assert runs(pid)
        aws.lambda_.delete_function(FunctionName=name)
        eventually(lambda: not runs(pid))

    def test_metrics_are_kept(self, aws: Aws) -> None:
        name = aws.function("def handler(event, context): return 1 / event")
        for event in (1, 1, 0):
            aws.lambda_.invoke(FunctionName=name, Payload=json.dumps(event).encode())

        def total(metric: str) -> float:
            now = time.time()
            points = aws.cloudwatch.get_metric_statistics(
                Namespace="AWS/Lambda",
                MetricName=metric,
                Period=3600,
                Statistics=["Sum"],
                Dimensions=[{"Name": "FunctionName", "Value": name}],
                StartTime=now - 3600,
                EndTime=now + 60,
            )["Datapoints"]
            return float(sum(point["Sum"] for point in points))

        assert eventually(lambda: total("Invocations") == 3, within=15)
        assert total("Errors") == 1


class TestDynamoDb:
    """Each of these loses updates when moto is called from several threads at once."""

    @staticmethod
    def in_parallel(work: Callable[[int], Any], count: int, threads: int = 20) -> list[Any]:
        with ThreadPoolExecutor(threads) as pool:
            return list(pool.map(work, range(count)))

    def test_400_increments(self, aws: Aws) -> None:
        table = aws.table()

        def add(_: int) -> None:
            aws.dynamodb.update_item(
                TableName=table,
                Key={"pk": {"S": "x"}},
                UpdateExpression="ADD n :one",
                ExpressionAttributeValues={":one": {"N": "1"}},
            )

        self.in_parallel(add, 400)
        assert aws.items(table)[0]["n"] == {"N": "400"}

    def test_20_conditional_puts_have_one_winner_each(self, aws: Aws) -> None:
        table = aws.table()

        def put(number: int) -> bool:
            try:
                aws.dynamodb.put_item(
                    TableName=table,
                    Item={"pk": {"S": str(number % 20)}},
                    ConditionExpression="attribute_not_exists(pk)",
                )
            except aws.dynamodb.exceptions.ConditionalCheckFailedException:
                return False
            return True

        assert sum(self.in_parallel(put, 200)) == 20

    def test_80_optimistic_updates(self, aws: Aws) -> None:
        table = aws.table()
        key = {"pk": {"S": "x"}}
        aws.dynamodb.put_item(TableName=table, Item={**key, "v": {"N": "0"}})

        def bump(_: int) -> None:
            while True:
                now = aws.dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True)
                version = int(now["Item"]["v"]["N"])
                try:
                    aws.dynamodb.update_item(
                        TableName=table,
                        Key=key,
                        UpdateExpression="SET v = :new",
                        ConditionExpression="v = :old",
                        ExpressionAttributeValues={
                            ":new": {"N": str(version + 1)},
                            ":old": {"N": str(version)},
                        },
                    )
                except aws.dynamodb.exceptions.ConditionalCheckFailedException:
                    continue
                return

        self.in_parallel(bump, 80, threads=8)
        assert aws.items(table)[0]["v"] == {"N": "80"}

    def test_transactions_are_all_or_nothing(self, aws: Aws) -> None:
        table = aws.table()

        def transact(number: int) -> bool:
            guard = {"pk": {"S": f"guard-{number % 10}"}}
            event = {"pk": {"S": f"event-{number}"}}
            try:
                aws.dynamodb.transact_write_items(
                    TransactItems=[
                        {"Put": {"TableName": table, "Item": event}},
                        {
                            "Put": {
                                "TableName": table,
                                "Item": guard,
                                "ConditionExpression": "attribute_not_exists(pk)",
                            }
                        },
                    ]
                )
            except aws.dynamodb.exceptions.TransactionCanceledException as error:
                codes = [reason["Code"] for reason in error.response["CancellationReasons"]]
                assert codes == ["None", "ConditionalCheckFailed"]
                return False
            return True

        assert sum(self.in_parallel(transact, 60)) == 10
        kinds = Counter(item["pk"]["S"].split("-")[0] for item in aws.items(table))
        assert kinds == {"guard": 10, "event": 10}

    def test_a_transaction_repeated_with_its_token_happens_once(self, aws: Aws) -> None:
        table = aws.table()

        def add(amount: str, token: str) -> None:
            update = {
                "TableName": table,
                "Key": {"pk": {"S": "x"}},
                "UpdateExpression": "ADD n :n",
                "ExpressionAttributeValues": {":n": {"N": amount}},
            }
            aws.dynamodb.transact_write_items(
                TransactItems=[{"Update": update}], ClientRequestToken=token
            )

        for token in ("first", "first", "second"):
            add("1", token)
        assert aws.items(table)[0]["n"] == {"N": "2"}
        with pytest.raises(aws.dynamodb.exceptions.IdempotentParameterMismatchException):
            add("5", "first")

    def test_items_expire(self, aws: Aws) -> None:
        table = aws.table()
        specification = {"Enabled": True, "AttributeName": "expires"}
        aws.dynamodb.update_time_to_live(TableName=table, TimeToLiveSpecification=specification)
        for name, seconds in (("soon", 1), ("later", 600)):
            expires = {"N": str(int(time.time()) + seconds)}
            aws.dynamodb.put_item(TableName=table, Item={"pk": {"S": name}, "expires": expires})
        assert len(aws.items(table)) == 2
        assert eventually(lambda: len(aws.items(table)) == 1)
        assert aws.items(table)[0]["pk"] == {"S": "later"}

    def test_streams_reach_functions(self, aws: Aws) -> None:
        source, target = (
            aws.table(StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}),
            aws.table(),
        )
        arn = aws.dynamodb.describe_table(TableName=source)["Table"]["LatestStreamArn"]
        name = aws.function(
            "import boto3\n"
            "def handler(event, context):\n"
            "    for record in event['Records']:\n"
            "        item = record['dynamodb']['NewImage']\n"
            f"        boto3.client('dynamodb').put_item(TableName={target!r}, Item=item)"
        )
        aws.lambda_.create_event_source_mapping(
            FunctionName=name, EventSourceArn=arn, StartingPosition="TRIM_HORIZON"
        )
        aws.dynamodb.put_item(TableName=source, Item={"pk": {"S": "through"}})
        assert eventually(lambda: aws.items(target)) == [{"pk": {"S": "through"}}]


class TestQueueToFunction:
    RECORDER = (
        "import boto3, json, os, time\n"
        "table = boto3.resource('dynamodb').Table(os.environ['TABLE'])\n"
        "def handler(event, context):\n"
        "    began = time.time()\n"
        "    time.sleep(float(os.environ.get('SECONDS', '0')))\n"
        "    ended = time.time()\n"
        "    for r in event['Records']:\n"
        "        table.put_item(Item={\n"
        "            'pk': r['messageId'], 'body': r['body'], 'pid': os.getpid(),\n"
        "            'batch': context.aws_request_id, 'size': len(event['Records']),\n"
        "            'began': repr(began), 'ended': repr(ended),\n"
        "            'receives': r['attributes']['ApproximateReceiveCount']})\n"
        "    bad = [r for r in event['Records'] if 'poison' in r['body']]\n"
        "    return {'batchItemFailures': [{'itemIdentifier': r['messageId']} for r in bad]}\n"
    )

    def recorder(self, aws: Aws, **variables: str) -> tuple[str, str]:
        """A function that writes down every message it is given, and the table it writes to."""
        table = aws.table()
        environment = {"Variables": {"TABLE": table, **variables}}
        return aws.function(self.RECORDER, Environment=environment), table

    @staticmethod
    def has_items(aws: Aws, table: str, count: int) -> bool:
        return len(aws.items(table)) == count

    def test_a_queue_that_is_idle_in_between_goes_on(self, aws: Aws) -> None:
        function, table = self.recorder(aws)
        url = aws.queue()
        aws.consume(url, function)
        aws.send(url, ["warm"])
        eventually(lambda: aws.items(table))
        for number in range(10):
            aws.send(url, [f"m{number}"])
            eventually(functools.partial(self.has_items, aws, table, number + 2))

    def test_bodies_arrive_as_they_were_sent(self, aws: Aws) -> None:
        function, table = self.recorder(aws)
        url = aws.queue()
        aws.consume(url, function)
        bodies = ['{"a":1}', '"text"', "1.0", "plain", '{"ż": "\\u017c"}']
        aws.send(url, bodies)
        eventually(lambda: len(aws.items(table)) == 5)
        assert sorted(item["body"]["S"] for item in aws.items(table)) == sorted(bodies)
        eventually(lambda: aws.depth(url) == 0)

    @pytest.mark.parametrize("concurrency", [2, 3])
    def test_maximum_concurrency_is_used_and_never_exceeded(
        self, aws: Aws, concurrency: int
    ) -> None:
        function, table = self.recorder(aws, SECONDS="0.3")
        url = aws.queue()
        aws.send(url, [f"m{n}" for n in range(24)])
        aws.consume(url, function, BatchSize=2, ScalingConfig={"MaximumConcurrency": concurrency})
        eventually(lambda: len(aws.items(table)) == 24, within=20)
        spans = {
            (i["batch"]["S"], float(i["began"]["S"]), float(i["ended"]["S"]))
            for i in aws.items(table)
        }
        at_once = [sum(b <= began < e for _, b, e in spans) for _, began, _ in spans]
        assert max(at_once) == concurrency
        assert len({item["pid"]["N"] for item in aws.items(table)}) == concurrency

    def test_only_the_failed_part_of_a_batch_comes_again_and_then_is_dead(self, aws: Aws) -> None:
        dead = aws.queue()
        redrive = {"deadLetterTargetArn": aws.queue_arn(dead), "maxReceiveCount": "2"}
        url = aws.queue(VisibilityTimeout="2", RedrivePolicy=json.dumps(redrive))
        function, table = self.recorder(aws)
        aws.send(url, ["good-1", "poison", "good-2"])
        aws.consume(url, function, FunctionResponseTypes=["ReportBatchItemFailures"])
        (message,) = eventually(
            lambda: aws.sqs.receive_message(QueueUrl=dead, WaitTimeSeconds=5).get("Messages"),
            within=20,
        )
        assert message["Body"] == "poison"
        receives = {item["body"]["S"]: item["receives"]["S"] for item in aws.items(table)}
        assert receives == {"good-1": "1", "good-2": "1", "poison": "2"}
        assert aws.depth(url) == 0

    def test_a_crash_returns_the_whole_batch(self, aws: Aws) -> None:
        table = aws.table()
        function = aws.function(
            "import boto3, os\n"
            "def handler(event, context):\n"
            "    record = event['Records'][0]\n"
            "    if record['attributes']['ApproximateReceiveCount'] == '1': os._exit(1)\n"
            "    for r in event['Records']:\n"
            f"        boto3.client('dynamodb').put_item(TableName={table!r},"
            " Item={'pk': {'S': r['body']}})"
        )
        url = aws.queue(VisibilityTimeout="2")
        aws.send(url, ["a", "b", "c"])
        aws.consume(url, function)
        eventually(lambda: len(aws.items(table)) == 3)
        eventually(lambda: aws.depth(url) == 0)

    def test_a_batching_window_collects(self, aws: Aws) -> None:
        function, table = self.recorder(aws)
        url = aws.queue()
        aws.consume(url, function, BatchSize=10, MaximumBatchingWindowInSeconds=2)
        for number in range(4):
            aws.send(url, [f"m{number}"])
            time.sleep(0.3)
        eventually(lambda: len(aws.items(table)) == 4)
        assert {item["size"]["N"] for item in aws.items(table)} == {"4"}

    def test_a_full_batch_does_not_wait_for_its_window(self, aws: Aws) -> None:
        function, table = self.recorder(aws)
        url = aws.queue()
        aws.consume(url, function, BatchSize=5, MaximumBatchingWindowInSeconds=300)
        aws.send(url, [f"m{n}" for n in range(5)])
        eventually(lambda: len(aws.items(table)) == 5)

    def test_filters_drop_what_does_not_match(self, aws: Aws) -> None:
        function, table = self.recorder(aws)
        url = aws.queue()
        pattern = json.dumps({"body": {"kind": ["wanted"]}})
        aws.consume(url, function, FilterCriteria={"Filters": [{"Pattern": pattern}]})
        aws.send(url, ['{"kind":"wanted"}', '{"kind":"other"}', "not json"])
        eventually(lambda: aws.depth(url) == 0)
        eventually(lambda: aws.items(table))
        assert [item["body"]["S"] for item in aws.items(table)] == ['{"kind":"wanted"}']

    def test_fifo_keeps_the_order_of_each_group(self, aws: Aws) -> None:
        table = aws.table()
        function = aws.function(
            "import boto3, time\n"
            "d = boto3.client('dynamodb')\n"
            "def handler(event, context):\n"
            "    for r in event['Records']:\n"
            f"        d.update_item(TableName={table!r},\n"
            "            Key={'pk': {'S': r['attributes']['MessageGroupId']}},\n"
            "            UpdateExpression='SET seen = list_append(if_not_exists(seen, :e), :b)',\n"
            "            ExpressionAttributeValues={\n"
            "                ':e': {'L': []}, ':b': {'L': [{'S': r['body']}]}})"
        )
        url = aws.sqs.create_queue(
            QueueName=unique("q") + ".fifo",
            Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"},
        )["QueueUrl"]
        aws.consume(url, function, BatchSize=3, ScalingConfig={"MaximumConcurrency": 2})
        for number in range(10):
            for group in "abc":
                aws.sqs.send_message(
                    QueueUrl=url, MessageBody=f"{group}{number}", MessageGroupId=group
                )
        done = lambda: sum(len(item["seen"]["L"]) for item in aws.items(table)) == 30  # noqa: E731
        eventually(done, within=20)
        for item in aws.items(table):
            group = item["pk"]["S"]
            assert [b["S"] for b in item["seen"]["L"]] == [f"{group}{n}" for n in range(10)]

    def test_disabled_mappings_leave_the_queue_alone_until_enabled(self, aws: Aws) -> None:
        function, table = self.recorder(aws)
        url = aws.queue()
        mapping = aws.consume(url, function)
        aws.lambda_.update_event_source_mapping(UUID=mapping, Enabled=False)
        eventually(lambda: aws.mapping_state(mapping) == "Disabled", within=15)
        aws.send(url, [f"m{n}" for n in range(100)])
        time.sleep(1)
        assert (aws.depth(url), aws.items(table)) == (100, [])
        aws.lambda_.update_event_source_mapping(UUID=mapping, Enabled=True)
        eventually(lambda: len(aws.items(table)) == 100, within=20)
        # The poll that was under way took one batch and gave it back.
        receives = Counter(item["receives"]["S"] for item in aws.items(table))
        assert receives["1"] >= 90
        assert receives["1"] + receives["2"] == 100


class TestRestApi:
    @pytest.fixture(scope="class")
    def api(self, aws: Aws) -> tuple[str, Callable[[str | None], int]]:
        """An API whose one method asks for a key, and a function that calls it with one."""
        name = aws.function("def handler(event, context): return {'statusCode': 200, 'body': 'ok'}")
        arn = aws.lambda_.get_function(FunctionName=name)["Configuration"]["FunctionArn"]
        api = aws.api.create_rest_api(name=unique("api"))["id"]
        root = aws.api.get_resources(restApiId=api)["items"][0]["id"]
        method = {"restApiId": api, "resourceId": root, "httpMethod": "GET"}
        aws.api.put_method(**method, authorizationType="NONE", apiKeyRequired=True)
        uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"
        aws.api.put_integration(**method, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
        aws.api.create_deployment(restApiId=api, stageName="v1")

        def call(key: str | None) -> int:
            connection = http.client.HTTPConnection(aws.url.removeprefix("http://"))
            headers = {"X-API-Key": key} if key else {}
            connection.request("GET", f"/_aws/execute-api/{api}/v1/", headers=headers)
            return connection.getresponse().status

        return api, call

    def key(self, aws: Aws, api: str, **limits: Any) -> str:
        stages = [{"apiId": api, "stage": "v1"}]
        plan = aws.api.create_usage_plan(name=unique("plan"), apiStages=stages, **limits)
        key = aws.api.create_api_key(name=unique("key"), enabled=True)
        aws.api.create_usage_plan_key(usagePlanId=plan["id"], keyId=key["id"], keyType="API_KEY")
        return str(key["value"])

    def test_keys_are_asked_for(self, aws: Aws, api: Any) -> None:
        identity, call = api
        assert [call(None), call("wrong"), call(self.key(aws, identity))] == [403, 403, 200]

    def test_throttle(self, aws: Aws, api: Any) -> None:
        identity, call = api
        key = self.key(aws, identity, throttle={"rateLimit": 1.0, "burstLimit": 3})
        assert Counter(call(key) for _ in range(8))[429] >= 4
        time.sleep(1.2)
        assert call(key) == 200

    def test_quota(self, aws: Aws, api: Any) -> None:
        identity, call = api
        key = self.key(aws, identity, quota={"limit": 3, "period": "MONTH"})
        assert [call(key) for _ in range(5)] == [200, 200, 200, 429, 429]
        assert call(self.key(aws, identity)) == 200, "another key has a quota of its own"


class TestSkippedResources:
    def test_they_are_found_in_the_log(self, aws: Aws, state: Path) -> None:
        before = emulator.log_offset(state)
        template = {
            "Resources": {
                "Board": {
                    "Type": "AWS::CloudWatch::Dashboard",
                    "Properties": {"DashboardBody": "{}"},
                },
                "Queue": {"Type": "AWS::SQS::Queue"},
            }
        }
        name = unique("stack")
        aws.cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template))
        waiter = aws.cloudformation.get_waiter("stack_create_complete")
        waiter.wait(StackName=name, WaiterConfig={"Delay": 0.2})
        assert emulator.skipped_resources(state, since=before) == ["AWS::CloudWatch::Dashboard"]
        assert emulator.skipped_resources(state, since=emulator.log_offset(state)) == []

    def test_updates_that_do_nothing_are_found_too(self, aws: Aws, state: Path) -> None:
        name, group = unique("stack"), unique("/group")

        def template(days: int) -> str:
            properties = {"LogGroupName": group, "RetentionInDays": days}
            return json.dumps(
                {"Resources": {"Group": {"Type": "AWS::Logs::LogGroup", "Properties": properties}}}
            )

        aws.cloudformation.create_stack(StackName=name, TemplateBody=template(7))
        quick = {"Delay": 0.2}
        aws.cloudformation.get_waiter("stack_create_complete").wait(
            StackName=name, WaiterConfig=quick
        )
        before = emulator.log_offset(state)
        aws.cloudformation.update_stack(StackName=name, TemplateBody=template(14))
        aws.cloudformation.get_waiter("stack_update_complete").wait(
            StackName=name, WaiterConfig=quick
        )
        assert emulator.skipped_resources(state, since=before) == ["AWS::Logs::LogGroup"]


class TestRestart:
    """Each test has a LocalStack of its own, because it kills it."""

    @pytest.fixture
    def place(self, tmp_path: Path) -> Iterator[tuple[Path, int]]:
        yield tmp_path / "state", free_port()
        emulator.stop(tmp_path / "state", say=lambda _line: None)
        assert processes_of(tmp_path / "state") == []

    TEMPLATE = json.dumps(
        {
            "Resources": {
                "Table": {
                    "Type": "AWS::DynamoDB::Table",
                    "Properties": {
                        "TableName": "Tickets",
                        "BillingMode": "PAY_PER_REQUEST",
                        "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}],
                        "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
                        "TimeToLiveSpecification": {"AttributeName": "expires", "Enabled": True},
                    },
                }
            }
        }
    )

    def deploy(self, aws: Aws) -> None:
        aws.cloudformation.create_stack(StackName="s", TemplateBody=self.TEMPLATE)
        waiter = aws.cloudformation.get_waiter("stack_create_complete")
        waiter.wait(StackName="s", WaiterConfig={"Delay": 0.2})

    def test_items_survive_kill_9_and_a_fresh_deployment(self, place: tuple[Path, int]) -> None:
        state, port = place
        first = start(state, port)
        aws = Aws(first.url)
        self.deploy(aws)
        function = aws.function("import os\ndef handler(event, context): return os.getpid()")
        child = aws.invoke(function)
        for number in range(200):
            aws.dynamodb.put_item(TableName="Tickets", Item={"pk": {"S": str(number)}})
        assert first.pid
        os.kill(first.pid, signal.SIGKILL)
        eventually(lambda: not runs(child))
        assert emulator.status(state).running is False
        assert list((state / "tmp").iterdir()), "the crash left garbage"

        second = start(state, port)
        assert second.started
        assert second.pid != first.pid
        aws = Aws(second.url)
        assert aws.dynamodb.list_tables()["TableNames"] == []
        self.deploy(aws)
        assert len(aws.items("Tickets")) == 200
        ttl = aws.dynamodb.describe_time_to_live(TableName="Tickets")["TimeToLiveDescription"]
        assert ttl["TimeToLiveStatus"] == "ENABLED"

    def test_stop_keeps_what_was_written_a_moment_before(self, place: tuple[Path, int]) -> None:
        state, port = place
        aws = Aws(start(state, port).url)
        aws.table("Tickets")
        aws.dynamodb.put_item(TableName="Tickets", Item={"pk": {"S": "last words"}})
        assert emulator.stop(state, say=lambda _line: None) is True
        assert emulator.stop(state, say=lambda _line: None) is False
        aws = Aws(start(state, port).url)
        aws.table("Tickets")
        assert aws.items("Tickets") == [{"pk": {"S": "last words"}}]
        aws = Aws(start(state, port, fresh=True).url)
        aws.table("Tickets")
        assert aws.items("Tickets") == []

    def test_sigkill_leaves_no_process_behind(self, place: tuple[Path, int]) -> None:
        state, port = place
        endpoint = start(state, port)
        aws = Aws(endpoint.url)
        name = aws.function(
            "import os, time\ndef handler(event, context):\n"
            "    time.sleep(1)\n"
            "    while event: pass\n"
            "    return os.getpid()",
            Timeout=60,
        )
        with ThreadPoolExecutor(3) as pool:
            idle = list(pool.map(lambda _: aws.invoke(name, 0), range(3)))
        busy = aws.function("def handler(event, context):\n    while True: pass", Timeout=60)
        aws.lambda_.invoke(FunctionName=busy, InvocationType="Event", Payload=b"1")
        eventually(lambda: len(processes_of(state)) == 5)
        assert all(map(runs, idle))
        assert endpoint.pid
        os.kill(endpoint.pid, signal.SIGKILL)
        eventually(lambda: processes_of(state) == [])


class TestStarting:
    @pytest.fixture
    def place(self, tmp_path: Path) -> Iterator[Path]:
        yield tmp_path / "state"
        emulator.stop(tmp_path / "state", say=lambda _line: None)

    def test_two_at_once_make_one(self, place: Path) -> None:
        port = free_port()
        with ThreadPoolExecutor(2) as pool:
            ends = list(pool.map(lambda _: start(place, port), range(2)))
        assert sorted(end.started for end in ends) == [False, True]
        assert len({end.pid for end in ends}) == 1
        with socket.socket() as elsewhere, pytest.raises(OSError, match="refused"):
            elsewhere.connect(("127.0.0.2", port))  # listens on 127.0.0.1 alone

    def test_a_port_taken_by_a_stranger(self, place: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as stranger:
            port = stranger.getsockname()[1]
            with pytest.raises(emulator.EmulatorError, match="taken by another program"):
                start(place, port)

    def test_a_localstack_of_someone_else(
        self, place: Path, aws: Aws, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        port = int(aws.url.rpartition(":")[2])
        with pytest.raises(emulator.EmulatorError, match=f"AWS_ENDPOINT_URL={aws.url}"):
            start(place, port)
        monkeypatch.setenv("AWS_ENDPOINT_URL", aws.url)
        for some_port in (port, free_port()):
            assert start(place, some_port) == emulator.Endpoint(aws.url, None, None, started=False)

    def test_an_endpoint_that_does_not_answer(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free_port()}")
        with pytest.raises(emulator.EmulatorError, match="no LocalStack answers there"):
            start(place, free_port())

    def test_a_recycled_process_id_is_left_alone(self, place: Path) -> None:
        place.mkdir()
        bystander = os.getpid()
        Record(bystander, "0", free_port()).write(place)
        assert emulator.status(place).running is False
        assert emulator.stop(place, say=lambda _line: None) is False
        assert runs(bystander)

    def test_the_wrong_python(self, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(environments, "PYTHON_VERSION", (3, 12))
        with pytest.raises(emulator.EmulatorError, match="run this with Python 3"):
            start(place, free_port())

    def test_a_folder_that_cannot_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "file").touch()
        with pytest.raises(emulator.EmulatorError, match="cannot write to"):
            start(tmp_path / "file" / "state", free_port())

"""The worker may start from a snapshot (SnapStart): what the template and the deployment do for it,
and that nothing unique is made before the snapshot is taken."""

import ast
import json
import random
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any, ClassVar

import pytest
from cfnlint.decode import decode
from helpdesk import starting
from helpdesk.aws import clients

from infra.deploying import snapshots
from infra.deploying.stack import TEMPLATE
from infra.paths import ROOT

WORKER = ROOT / "functions" / "worker" / "handler.py"
LOADED = """
import json, sys
sys.path.insert(0, sys.argv[1])
import handler
names = [each.__file__ for name, each in sys.modules.items()
         if name.split(".")[0] in {"helpdesk", "handler"} and getattr(each, "__file__", None)]
print(json.dumps(names))
"""
UNIQUE = {
    *("uuid1", "uuid4", "urandom", "token_bytes", "token_hex", "token_urlsafe", "getrandbits"),
    *("now", "utcnow", "time", "time_ns", "monotonic", "perf_counter", "today"),
    *("random", "uniform", "randrange", "randint", "sample", "shuffle", "default_rng"),
    *("socket", "create_connection", "urlopen", "create_client"),
}
"""Names of functions whose results differ between two processes."""


def template() -> dict[str, Any]:
    decoded, _faults = decode(str(TEMPLATE))
    plain: dict[str, Any] = json.loads(json.dumps(decoded))
    return plain


@pytest.fixture(scope="module")
def loaded() -> list[Path]:
    """The product's modules that are loaded while a worker starts."""
    run = subprocess.run(
        [sys.executable, "-c", LOADED, str(WORKER.parent)],
        capture_output=True,
        text=True,
        check=True,
    )
    return [Path(each) for each in json.loads(run.stdout)]


def at_import(tree: ast.AST) -> list[str]:
    """Return the names of the functions that a module calls while it is imported.

    A lone `time` makes a time of day.
    """
    found = []
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inside = ast.Module(
                [
                    ast.Expr(each)
                    for each in [*getattr(node, "decorator_list", []), *node.args.defaults]
                ],
                [],
            )
            found += at_import(inside)
            continue
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            found.append("" if called == "time" else called.split(".")[-1])
        found += at_import(node)
    return found


def test_nothing_unique_is_made_while_a_worker_is_imported(loaded: list[Path]) -> None:
    assert {"handler.py", "starting.py", "preparing.py", "clients.py"} <= {p.name for p in loaded}
    for path in loaded:
        made = UNIQUE & set(at_import(ast.parse(path.read_text())))
        assert not made, f"{path} calls {made} while it is imported"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("import uuid\nID = uuid.uuid4()", True),
        ("class A:\n    born = datetime.now(UTC)", True),
        ("def f(at=time.time()):\n    pass", True),
        ("def f():\n    return uuid.uuid4()", False),
        ("now = partial(datetime.now, UTC)", False),
    ],
)
def test_what_is_unique_at_import_is_found(text: str, *, found: bool) -> None:
    assert bool(UNIQUE & set(at_import(ast.parse(text)))) is found


def test_workers_that_wait_for_each_other_draw_from_the_system() -> None:
    """The process's own generator goes on alike in each environment of a snapshot."""
    tree = ast.parse(WORKER.read_text())
    imported = {
        (node.module, each.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        for each in node.names
    }

    assert ("random", "SystemRandom") in imported
    assert not any(
        isinstance(node, ast.Import) and any(each.name == "random" for each in node.names)
        for node in ast.walk(tree)
    )


class Hooks(ModuleType):
    """The library of Lambda's runtime, which keeps what is registered."""

    def __init__(self) -> None:
        super().__init__("snapshot_restore_py")
        self.before: list[Any] = []
        self.after: list[Any] = []
        self.register_before_snapshot = self.before.append
        self.register_after_restore = self.after.append


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> Hooks:
    found = Hooks()
    monkeypatch.setitem(sys.modules, "snapshot_restore_py", found)
    return found


def test_a_snapshot_has_no_connections_and_environments_draw_numbers_of_their_own(
    hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", "snap-start")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    session = clients.Session(region="us-east-1")
    closed: list[str] = []
    for name in ("s3", "sqs"):
        made = session.client(name)
        monkeypatch.setattr(made, "close", lambda name=name: closed.append(name))

    starting.endure_snapshots(session.disconnect)
    (before,), (after,) = hooks.before, hooks.after
    before()
    random.seed(1)
    alike = random.getstate()
    after()

    assert closed == ["s3", "sqs"]
    assert random.getstate() != alike


class Sqs(BaseHTTPRequestHandler):
    """A queue that keeps connections open; `doors` has one for each connection."""

    protocol_version = "HTTP/1.1"
    doors: ClassVar[set[int]] = set()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.doors.add(self.client_address[1])
        body = b'{"QueueUrls": []}'
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        pass


def test_a_client_that_was_disconnected_connects_again(
    socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setattr(Sqs, "doors", set())
    with ThreadingHTTPServer(("127.0.0.1", 0), Sqs) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        session = clients.Session(region="us-east-1")
        queues = clients.sqs(session, endpoint_url=f"http://127.0.0.1:{server.server_port}")
        queues.list_queues()
        queues.list_queues()
        before = len(Sqs.doors)

        session.disconnect()
        queues.list_queues()
        after = len(Sqs.doors)
        session.disconnect()
        server.shutdown()

    assert (before, after) == (1, 2)


@pytest.mark.parametrize("kind", ["on-demand", "provisioned-concurrency", ""])
def test_without_a_snapshot_there_are_no_hooks(
    kind: str, hooks: Hooks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_LAMBDA_INITIALIZATION_TYPE", kind)

    starting.endure_snapshots(lambda: None)

    assert not hooks.before
    assert not hooks.after


def test_the_template_has_snapshots_off_and_then_no_trace_of_them() -> None:
    found = template()
    resources = found["Resources"]
    function = resources["WorkerFunction"]["Properties"]
    on = {"Fn::Equals": [{"Ref": "WorkerSnapStart"}, "on"]}

    assert found["Parameters"]["WorkerSnapStart"]["Default"] == "off"
    assert found["Conditions"]["WorkerIsRestored"] == on
    assert "SnapStart" not in function
    assert resources["WorkerAlias"]["Condition"] == "WorkerIsRestored"
    assert found["Outputs"]["WorkerAlias"]["Condition"] == "WorkerIsRestored"
    mapping = resources["WorkerFunctionTickets"]["Properties"]
    assert mapping["FunctionName"] == {
        "Fn::If": ["WorkerIsRestored", {"Ref": "WorkerAlias"}, {"Ref": "WorkerFunction"}]
    }
    assert "Events" not in function, "another mapping would ask the queue, too"


def test_the_worker_has_nothing_that_snapshots_forbid() -> None:
    """docs.aws.amazon.com/lambda/latest/dg/snapstart.html, November 2026."""
    found = template()
    function = {
        **found["Globals"]["Function"],
        **found["Resources"]["WorkerFunction"]["Properties"],
    }

    name, version = function["Runtime"][:6], function["Runtime"][6:]
    assert name == "python"
    assert tuple(map(int, version.split("."))) >= (3, 12)
    assert function.get("PackageType", "Zip") == "Zip"
    assert function.get("EphemeralStorage", {"Size": 512})["Size"] <= 512
    assert not {"FileSystemConfigs", "ProvisionedConcurrencyConfig"} & set(function)


class Versions:
    """Lambda with a worker, as far as versions go; `calls` has what was asked of it."""

    def __init__(self, *versions: str, published: str = "") -> None:
        self.calls: list[tuple[Any, ...]] = []
        self._versions, self._published = ["$LATEST", *versions], published
        self.snapshots = "None"

    def get_function_configuration(self, FunctionName: str) -> dict[str, Any]:  # noqa: N803
        assert FunctionName == "w"
        return {"SnapStart": {"ApplyOn": self.snapshots, "OptimizationStatus": "Off"}}

    def update_function_configuration(
        self,
        FunctionName: str,  # noqa: N803
        SnapStart: dict[str, str],  # noqa: N803
    ) -> None:
        self.snapshots = SnapStart["ApplyOn"]
        self.calls.append(("switch", FunctionName, self.snapshots))

    def publish_version(self, FunctionName: str) -> dict[str, str]:  # noqa: N803
        self.calls.append(("publish", FunctionName))
        if self._published not in self._versions:
            self._versions.append(self._published)
        return {"Version": self._published}

    def get_waiter(self, name: str) -> Any:
        def wait(**given: Any) -> None:
            self.calls.append((name, given.get("Qualifier", "")))

        return SimpleNamespace(wait=wait)

    def update_alias(self, FunctionName: str, Name: str, FunctionVersion: str) -> None:  # noqa: N803
        self.calls.append(("alias", FunctionName, Name, FunctionVersion))

    def get_paginator(self, _name: str) -> Any:
        pages = [{"Versions": [{"Version": each} for each in self._versions]}]
        return SimpleNamespace(paginate=lambda **_: pages)

    def delete_function(self, FunctionName: str, Qualifier: str) -> None:  # noqa: N803
        self.calls.append(("delete", FunctionName, Qualifier))


def published(versions: Versions, **outputs: str) -> list[tuple[Any, ...]]:
    stack: Any = SimpleNamespace(
        outputs={"WorkerFunctionName": "w", **outputs}, client=lambda _service: versions
    )
    snapshots.publish(stack, lambda _: None)
    return versions.calls


def test_the_alias_moves_once_the_snapshot_is_there_and_older_versions_go() -> None:
    calls = published(Versions("1", "2", published="3"), WorkerAlias="live")

    assert calls == [
        ("switch", "w", "PublishedVersions"),
        ("function_updated_v2", ""),
        ("publish", "w"),
        ("published_version_active", "3"),
        ("alias", "w", "live", "3"),
        ("delete", "w", "1"),
        ("delete", "w", "2"),
    ]


def test_where_nothing_changed_lambda_names_the_same_version() -> None:
    there = Versions("2", published="2")
    there.snapshots = "PublishedVersions"

    calls = published(there, WorkerAlias="live")

    assert [each[0] for each in calls] == ["publish", "published_version_active", "alias"]


def test_without_snapshots_nothing_is_published_and_no_version_is_paid_for() -> None:
    assert published(Versions()) == []
    there = Versions("4")
    there.snapshots = "PublishedVersions"
    assert published(there) == [
        ("switch", "w", "None"),
        ("function_updated_v2", ""),
        ("delete", "w", "4"),
    ]

"""The rules of the rooms, read from the imports: who may know whom, and nothing at import."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CORE = ROOT / "layers/core/python"
PACKAGE = CORE / "helpdesk"

ROOMS: dict[str, set[str]] = {
    # room: the rooms it may import from. Each reaches only those above it: one direction.
    "characters": set(),
    "wording": set(),
    "speaking": set(),
    "knowledge": set(),
    "triage": {"wording", "knowledge"},
    "cases": {"wording", "speaking", "triage"},
    "evidence": {"characters", "knowledge", "speaking", "triage", "wording"},
    "drafting": {"characters", "evidence", "knowledge", "speaking", "triage", "wording"},
    "naming": {"triage"},
    "hours": set(),
    "severity": {"wording", "triage"},
    "priority": {"wording", "hours", "knowledge", "triage", "severity"},
    "ticket": {
        "characters",
        "drafting",
        "wording",
        "hours",
        "knowledge",
        "triage",
        "priority",
        "severity",
    },
    "records": {"characters", "ticket"},
    "access": {"ticket"},
    "identity": set(),
    "mime": {"characters"},
    "mail": {"access", "characters", "mime"},
    "ports": {"cases", "drafting", "knowledge", "triage", "ticket"},
    "families": {"ports", "ticket"},
    "moving": {"ports"},
    "belonging": {"ticket", "ports"},
    "repeating": {"access", "ports", "ticket"},
    "announcing": {"knowledge", "ticket", "ports"},
    "outbox": {"mail", "ticket", "ports", "moving"},
    "masking": set(),
    "notifying": {
        "characters",
        "knowledge",
        "mail",
        "masking",
        "outbox",
        "ports",
        "severity",
        "ticket",
        "triage",
    },
    "unread": set(),
    "files": {
        "cases",
        "characters",
        "triage",
        "severity",
        "ticket",
        "access",
        "ports",
        "moving",
        "repeating",
        "unread",
    },
    "limits": set(),
    "holding": {"limits"},
    "customers": {
        "wording",
        "ticket",
        "access",
        "families",
        "ports",
        "moving",
        "repeating",
        "announcing",
    },
    "watching": {"customers", "holding", "ports", "ticket"},
    "receiving": {
        "access",
        "characters",
        "customers",
        "files",
        "limits",
        "mail",
        "mime",
        "moving",
        "outbox",
        "ports",
        "ticket",
    },
    "collecting": {"mail", "ports"},
    "denying": {"wording", "triage", "ports"},
    "matters": {"wording", "triage", "ports"},
    "considering": {
        "wording",
        "speaking",
        "knowledge",
        "triage",
        "severity",
        "ports",
        "denying",
        "matters",
    },
    "recognising": {
        *"belonging cases files outbox ports severity speaking ticket triage wording".split()
    },
    "proposing": {
        "drafting",
        "evidence",
        "knowledge",
        "ports",
        "speaking",
        "ticket",
        "triage",
    },
    "tracking": {
        "announcing",
        "knowledge",
        "ports",
        "records",
        "speaking",
        "ticket",
        "triage",
    },
    "processing": {
        "tracking",
        "records",
        "considering",
        "proposing",
        "naming",
        "speaking",
        "knowledge",
        "triage",
        "ticket",
        "ports",
        "moving",
        "announcing",
        "denying",
        "files",
        "cases",
        "recognising",
    },
    "papers": {"wording"},
    "analysing": {"naming", "papers", "files", "severity", "triage", "ticket", "ports"},
    "redrafting": {"drafting", "evidence", "knowledge", "moving", "proposing", "ticket"},
    "steps": set(),
    "assisting": {
        "access",
        "announcing",
        "customers",
        "drafting",
        "evidence",
        "knowledge",
        "moving",
        "ports",
        "records",
        "speaking",
        "steps",
        "ticket",
        "tracking",
        "triage",
        "wording",
    },
    "reliability": set(),
    "evaluation": {"drafting", "records", "reliability"},
    "reconciling": {"ticket", "ports", "announcing", "files"},
    "stats": {"knowledge", "triage", "severity", "ticket"},
    "figures": {"stats", "ticket"},
    "agents": {
        "access",
        "drafting",
        "evidence",
        "knowledge",
        "ticket",
        "ports",
        "moving",
        "belonging",
        "files",
        "stats",
    },
    "incidents": {"agents", "cases", "ports", "severity", "stats", "ticket"},
    "roster": {"ticket", "ports"},
    "learning": {"evidence", "knowledge", "triage", "ports", "considering", "reliability"},
    "linting": {"knowledge"},
    "curation": {*"evidence knowledge learning masking ports speaking ticket".split()},
    "operations": {"ports"},
    "erasure": {
        "records",
        "ticket",
        "access",
        "families",
        "ports",
        "moving",
        "repeating",
        "belonging",
        "limits",
        "outbox",
    },
    "contract": {
        "characters",
        "knowledge",
        "triage",
        "priority",
        "ticket",
        "identity",
        "analysing",
        "files",
        "naming",
        "papers",
        "severity",
        "customers",
        "assisting",
        "evidence",
        "records",
    },
    "arrivals": set(),
    "file_contract": {"contract", "customers", "files"},
    "pages": set(),
    "helpcenter": {"knowledge", "pages"},
    "settings": {"hours", "pages", "severity", "steps"},
    "starting": {"settings"},
    "telemetry": {"masking", "settings"},
    "batches": {"telemetry"},
    "preparing": {"starting", "telemetry"},
    "web": {"access", "files", "identity", "ports", "ticket", "contract", "limits", "telemetry"},
    "admission": {"access", "limits", "telemetry", "web"},
    "headers": {"access", "contract", "repeating", "web"},
    "openapi": {"contract", "file_contract", "headers"},
    "smtp": {"outbox"},
    "posting": {"notifying"},
    "engines": {"drafting", "notifying", "posting"},
    "records_http": {"notifying", "records", "ticket"},
    "imap": {"collecting"},
    "aws": {
        "analysing",
        "assisting",
        "arrivals",
        "cases",
        "drafting",
        "evidence",
        "knowledge",
        "ticket",
        "records",
        "ports",
        "belonging",
        "files",
        "reconciling",
        "redrafting",
        "contract",
        "stats",
        "figures",
        "agents",
        "curation",
        "operations",
        "learning",
        "holding",
        "limits",
        "erasure",
        "mail",
        "receiving",
        "outbox",
        "notifying",
        "collecting",
    },
    "understanding": {"evidence", "knowledge", "triage", "ports", "learning"},
    "likening": {"evaluation"},
}
ROOMS["composition"] = set(ROOMS)
"""The room where the adapters meet may know every other, and none may know it."""

DOMAIN = {
    "characters",
    "wording",
    "speaking",
    "knowledge",
    "triage",
    "cases",
    "evidence",
    "drafting",
    "naming",
    "hours",
    "severity",
    "priority",
    "ticket",
    "records",
    "access",
    "identity",
    "mime",
    "mail",
    "ports",
    "families",
    "moving",
    "belonging",
    "repeating",
    "announcing",
    "outbox",
    "notifying",
    "unread",
    "files",
    "customers",
    "holding",
    "watching",
    "receiving",
    "collecting",
    "denying",
    "matters",
    "considering",
    "recognising",
    "proposing",
    "tracking",
    "processing",
    "papers",
    "analysing",
    "redrafting",
    "steps",
    "assisting",
    "reliability",
    "evaluation",
    "reconciling",
    "stats",
    "figures",
    "agents",
    "incidents",
    "roster",
    "linting",
    "curation",
    "operations",
    "pages",
    "helpcenter",
    "learning",
    "limits",
    "erasure",
    "masking",
}
"""Pure: the standard library and each other."""

PACKAGES: dict[str, set[str]] = {
    # what a file may import from outside, beside the standard library and the product
    "layers/core/python/helpdesk/contract/": {"pydantic", "pydantic_core"},
    "layers/core/python/helpdesk/arrivals.py": {"pydantic"},
    "layers/core/python/helpdesk/file_contract.py": {"pydantic"},
    "layers/core/python/helpdesk/openapi": {"pydantic"},
    "layers/core/python/helpdesk/web.py": {"chalice", "pydantic"},
    "layers/core/python/helpdesk/admission.py": {"chalice"},
    "layers/core/python/helpdesk/headers.py": {"chalice"},
    "layers/core/python/helpdesk/batches.py": {"aws_lambda_powertools"},
    "layers/core/python/helpdesk/telemetry.py": {"aws_lambda_powertools"},
    "layers/core/python/helpdesk/composition/": {"mypy_boto3_sqs"},
    "layers/core/python/helpdesk/aws/": {
        "botocore",
        "mypy_boto3_lambda",
        "mypy_boto3_s3",
        "mypy_boto3_sqs",
    },
    "layers/core/python/helpdesk/engines/": {"botocore"},
    "layers/core/python/helpdesk/understanding/": {
        "numpy",
        "onnxruntime",
        "py3langid",
        "spacy",
        "symspellpy",
        "tokenizers",
        "vader",
    },
    "layers/core/python/helpdesk/likening.py": {"nltk", "sacrebleu"},
    "functions/documents/": {"aws_lambda_powertools", "helpdesk_documents"},
    "functions/intake/": {"chalice"},
    "functions/mail/": {"aws_lambda_powertools"},
    "functions/mailbox/": set(),
    "functions/pages/": {"chalice"},
    "functions/predict/": {"botocore.exceptions", "chalice"},
    "functions/trainer/": set(),
    "functions/courier/": {"aws_lambda_powertools"},
    "functions/drafter/": {"aws_lambda_powertools"},
    "functions/worker/": {"aws_lambda_powertools"},
    "functions/reconciler/": set(),
    "agent_cli/articles.py": {"yaml"},
    "agent_cli/inbox/": {"textual"},
    "agent_cli/web/": {"anyio", "jinja2", "starlette", "uvicorn"},
    "agent_cli/": {"botocore.exceptions", "click", "pydantic", "rich"},
}

LONGEST = 400
"""Lines of a file."""

SOURCES = sorted(
    path
    for folder in (PACKAGE, ROOT / "functions", ROOT / "agent_cli")
    for path in folder.rglob("*.py")
)


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def room(path: Path) -> str:
    """Return the room of a file of the package: `web` of `web.py`, `aws` of `aws/queues.py`."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[str]:
    """Yield every imported name, dotted and absolute, whether module or something in one."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def outside(path: Path) -> set[str]:
    ours = {"helpdesk", "agent_cli"} | sys.stdlib_module_names
    return {dotted for dotted in imports(path) if dotted.split(".")[0] not in ours}


sources = pytest.mark.parametrize("path", SOURCES, ids=name)
package = pytest.mark.parametrize(
    "path", [path for path in SOURCES if PACKAGE in path.parents], ids=name
)


def test_there_is_something_to_check() -> None:
    assert {room(path) for path in PACKAGE.rglob("*.py")} == {*ROOMS, "__init__"}
    assert len(list(imports(PACKAGE / "customers.py"))) > 10


def test_each_room_knows_only_rooms_above_it() -> None:
    order = list(ROOMS)
    for here, known in ROOMS.items():
        assert known <= set(order[: order.index(here)])
    assert all(ROOMS[pure] <= DOMAIN for pure in DOMAIN)


def test_the_front_page_lists_the_rooms_in_their_order() -> None:
    page = ast.get_docstring(ast.parse((PACKAGE / "__init__.py").read_text())) or ""

    assert re.findall(r"^    (\w+)   ", page, re.MULTILINE) == list(ROOMS)


@package
def test_a_room_imports_only_from_the_rooms_it_may_know(path: Path) -> None:
    if room(path) == "__init__":
        assert not list(imports(path))
        return
    reached = {
        dotted.split(".")[1] for dotted in imports(path) if dotted.split(".")[0] == "helpdesk"
    }

    assert reached <= ROOMS[room(path)] | {room(path)}


@sources
def test_a_file_imports_only_the_packages_it_may(path: Path) -> None:
    """botocore in `aws`, spaCy in `understanding`, Chalice in doors."""
    allowed = {
        package
        for prefix, packages in PACKAGES.items()
        if name(path).startswith(prefix)
        for package in packages
    }

    strange = {
        dotted
        for dotted in outside(path)
        if not any(f"{dotted}.".startswith(f"{package}.") for package in allowed)
    }
    assert not strange


@sources
def test_adapters_meet_in_the_composition_room_alone(path: Path) -> None:
    """A door asks `composition`; only the session also makes a client by itself."""
    if PACKAGE in path.parents:
        return
    allowed = {"helpdesk.aws.clients"} if name(path) == "agent_cli/session.py" else set()
    adapters = ("helpdesk.aws", "helpdesk.understanding")

    assert not {dotted for dotted in imports(path) if dotted.startswith(adapters)} - allowed


def test_composition_loads_no_language_layer() -> None:
    """Functions without the language layer compose their parts too."""
    code = "import sys, helpdesk.composition; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())

    assert "helpdesk.aws.tickets" in loaded
    assert not {"helpdesk.understanding", "numpy", "spacy", "onnxruntime"} & loaded


def modules() -> dict[str, Path]:
    """Return the modules of the package and the terminal by their dotted names."""
    roots = {PACKAGE: CORE, ROOT / "agent_cli": ROOT}
    return {
        ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"): path
        for folder, root in roots.items()
        for path in folder.rglob("*.py")
    }


def circle(graph: Mapping[str, set[str]]) -> list[str]:
    """Return the modules of a circle of imports, or an empty list."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        found: list[str] = error.args[1]
        return found
    return []


def test_no_imports_go_in_circles() -> None:
    """Imports within functions count, and those that only types need."""
    known = modules()
    graph = {
        here: {
            next((m for m in (dotted, dotted.rpartition(".")[0]) if m in known), here)
            for dotted in imports(path)
            if dotted.split(".")[0] in {"helpdesk", "agent_cli"}
        }
        for here, path in known.items()
    }

    assert circle(graph) == []
    assert "agent_cli.session" in graph["agent_cli.verbs"]
    assert circle(graph | {"agent_cli.session": {"agent_cli.verbs"}})


@sources
def test_no_file_is_long(path: Path) -> None:
    length = len(path.read_text().splitlines())

    assert length <= LONGEST


def test_the_readers_of_files_know_two_rooms_and_load_no_other() -> None:
    """They run in a process of their own for each file, whose start every file waits for."""
    folder = ROOT / "layers/documents/python"
    package = sorted(folder.rglob("*.py"))
    reached = {dotted for path in package for dotted in imports(path) if dotted[:9] == "helpdesk."}
    code = (
        f"import sys; sys.path[:0] = [{str(CORE)!r}, {str(folder)!r}]\n"
        "from helpdesk_documents.extraction import extract\n"
        "for data, name in ((b'a,b', 'a.csv'), (b'From: a\\nTo: b\\n\\nc', 'a.eml')):\n"
        "    assert extract(data, name, '').text\n"
        "    print(*sys.modules)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    of_csv, of_mail = map(str.split, run.stdout.splitlines())

    assert {dotted.split(".")[1] for dotted in reached} == {"mime", "unread"}
    assert {m.split(".")[1] for m in of_mail if m[:9] == "helpdesk."} == {
        "characters", "mime", "unread",
    }  # fmt: skip
    assert {m for m in of_csv if m[:9] == "helpdesk."} == {
        "helpdesk.mime", "helpdesk.mime.charsets", "helpdesk.unread",
    }  # fmt: skip
    assert "email.parser" not in of_csv


def test_words_do_not_know_how_they_are_shown() -> None:
    """A web page can say them as well: no library of the terminal is loaded with them."""
    names = sorted(m for m in modules() if m.startswith("agent_cli.words"))
    assert len(names) > 5
    code = f"import sys, {', '.join(names)}; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT
    )

    loaded = set(run.stdout.split())
    assert "agent_cli.words.facts" in loaded
    assert not {"click", "rich", "textual", "agent_cli.render", "agent_cli.output"} & loaded


@sources
def test_nothing_imports_from_a_door_or_a_test(path: Path) -> None:
    doors = {"functions", "tests", "infra", "agent_cli"}
    if name(path).startswith("agent_cli/"):
        doors.remove("agent_cli")

    assert not {dotted for dotted in imports(path) if dotted.split(".")[0] in doors}


@sources
def test_only_settings_reads_the_environment(path: Path) -> None:
    if path == PACKAGE / "settings" / "environment.py":
        return
    tree = ast.parse(path.read_text())
    read = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    imported = {dotted.split(".")[-1] for dotted in imports(path)}

    assert not {"environ", "environb", "getenv", "getenvb"} & (read | imported)


@sources
def test_one_file_speaks_imap(path: Path) -> None:
    assert path == PACKAGE / "imap.py" or not {
        dotted for dotted in imports(path) if dotted.startswith("imaplib")
    }


@sources
def test_no_name_says_nothing(path: Path) -> None:
    assert path.stem not in {"utils", "helpers", "common", "base", "manager", "misc"}


@sources
def test_no_branch_for_an_emulator(path: Path) -> None:
    """The same code talks to AWS and to an emulator; botocore reads the endpoint by itself."""
    if name(path) == "agent_cli/web/serving.py":  # where the console listens, not where AWS is
        return
    strings = {
        node.value
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    pattern = re.compile(r"localstack|localhost|127\.0\.0\.1|:4566", re.IGNORECASE)

    assert not [text for text in strings if pattern.search(text)]


IMPORT_ALL = """
import importlib.util, pathlib, socket, sys
import boto3, botocore.session

root = pathlib.Path(sys.argv[1])
sys.path[:0] = [str(root / "layers/core/python"), str(root)]

def forbid(what):
    def refuse(*args, **kwargs):
        raise AssertionError(f"{what} at import")
    return refuse

boto3.Session.__init__ = forbid("an AWS session")
botocore.session.Session.__init__ = forbid("an AWS session")
socket.socket.__init__ = forbid("a socket")

for number, path in enumerate(sys.argv[2:]):
    spec = importlib.util.spec_from_file_location(f"module_{number}", root / path)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    print(path)
"""


def test_nothing_happens_at_import() -> None:
    """Every module, doors included, loads without settings, sessions or sockets, and in silence."""
    paths = [name(path) for path in SOURCES if path.name != "__main__.py"]

    run = subprocess.run(
        [sys.executable, "-I", "-c", IMPORT_ALL, str(ROOT), *paths],
        env={},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.split() == paths

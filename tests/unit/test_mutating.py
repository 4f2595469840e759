"""What the mutation tester counts, and that each pure room has tests of its own."""

import subprocess
import sys

import pytest

from infra.mutating import rooms
from infra.mutating.__main__ import Mutant, spread
from infra.mutating.essence import essence
from tests.unit.test_architecture import DOMAIN


@pytest.mark.parametrize(
    ("code", "mutant"),
    [
        ("x: int | None = 1", "x: int + None = 1"),
        ("type Both = int | str", "type Both = int & str"),
        ("def f(x: int | str) -> int | str: ...", "def f(x: int) -> int: ..."),
        ("def f(a, *, b=1): ...", "def f(a, /, b=1): ..."),
        ("def f():\n 'said'\n return 1", "def f():\n 'said otherwise'\n return 1"),
        ("@dataclass(frozen=True, slots=True)\nclass A: ...", "@dataclass()\nclass A: ..."),
        ("class A(Protocol):\n @property\n def x(self): ...", "class A(Protocol):\n x = 1"),
        ("x is None", "x == None"),
        ("x != A.B", "x is not A.B"),
    ],
)
def test_a_change_that_cannot_be_noticed_does_not_count(code: str, mutant: str) -> None:
    assert essence(code) == essence(mutant)


@pytest.mark.parametrize(
    ("code", "mutant"),
    [
        ("x: int = 1", "x: int = 2"),
        ("x <= 1", "x < 1"),
        ("x is None", "x is not None"),
        ("def f(a=1): ...", "def f(a=2): ..."),
        ("def f(*, a=True): ...", "def f(*, a=False): ..."),
        ("@dataclass(order=True)\nclass A: ...", "@dataclass(order=False)\nclass A: ..."),
        ("@property\ndef f(self): ...", "def f(self): ..."),
        ("class A(StrEnum):\n B = 'b'", "class A(StrEnum):\n B = 'c'"),
        ("f('said')", "f('said otherwise')"),
    ],
)
def test_a_change_of_behaviour_counts(code: str, mutant: str) -> None:
    assert essence(code) != essence(mutant)


def test_every_pure_room_can_be_mutated() -> None:
    assert rooms.ROOMS.keys() == DOMAIN


@pytest.mark.parametrize("room", rooms.ROOMS)
def test_a_room_has_files_and_tests_of_its_own(room: str) -> None:
    assert rooms.sources(room)
    assert all(path.exists() for path in rooms.tests(room))


@pytest.mark.parametrize(
    ("most", "lines"), [(None, range(10)), (20, range(10)), (4, [0, 2, 5, 7]), (1, [0])]
)
def test_of_many_mutants_some_are_tried_from_all_over_the_room(
    most: int | None, lines: list[int]
) -> None:
    every = [Mutant(rooms.PACKAGE / "masking.py", line, "a", "b") for line in range(10)]
    assert [each.line for each in spread(every, most)] == list(lines)


def test_a_module_is_known_by_its_dotted_name() -> None:
    assert rooms.module(rooms.PACKAGE / "triage.py") == "helpdesk.triage"
    assert rooms.module(rooms.PACKAGE / "aws/queues.py") == "helpdesk.aws.queues"
    assert rooms.module(rooms.PACKAGE / "aws/__init__.py") == "helpdesk.aws"


TRY = """
import sys
from infra.mutating import rooms, trial

trial.prepare()
path = rooms.PACKAGE / "masking.py"
code = path.read_text() + sys.argv[1]
process = trial.start(path, code, [rooms.UNIT / "test_masking.py"])
process.join()
sys.exit(process.exitcode)
"""


@pytest.mark.parametrize(("fault", "status"), [("\n", 0), ("\nmask = str\n", 1)])
def test_tests_see_the_mutant_and_the_file_stays(fault: str, status: int) -> None:
    path = rooms.PACKAGE / "masking.py"
    before = path.read_text()

    run = subprocess.run([sys.executable, "-c", TRY, fault], cwd=rooms.ROOT, check=False)

    assert run.returncode == status
    assert path.read_text() == before

"""`knowledge replace` at the terminal, with the trainer's own use cases behind the call."""

# ruff: noqa: F811 -- fixtures

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from helpdesk import contract, learning
from helpdesk.aws import clients
from helpdesk.aws.editions import DynamoEditions
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.models import PublishedModels
from helpdesk.aws.trainer import Trainer
from helpdesk.composition import Parts
from helpdesk.knowledge import Golden
from helpdesk.triage import Policy, Understanding

from agent_cli.commands.knowledge import foretelling
from tests.fakes import MORNING, ScriptedUnderstander, an_understanding
from tests.integration.test_agent_cli import Desk, desk, poison  # noqa: F401 -- fixtures

ARTICLES = """
- intent: opening_hours
  title: When are you open?
  answer: From nine to five.
  category: HOUSE
  department: house
  utterances: [when do you open]
  golden: [are you open on sunday]
- intent: refund
  title: Fees
  answer: Fees are not paid back.
  category: FEES
  department: desk
  utterances: [my fee back]
"""
CASES = """
{"text": "pay me my fee", "intent": "refund", "also": ["opening_hours"]}

{"text": "sing a song", "intent": null}
{"text": "lend me a ladder", "intent": "ladders"}
"""


RULES = learning.Rules(policy=Policy(), tolerance=0.02, target=0.95)


class School:
    """Fits nothing; understands by a script. `lessons` lists what was taught."""

    def __init__(self) -> None:
        self.script: dict[str, Understanding | Exception] = {}
        self.lessons: list[Mapping[str, Sequence[str]]] = []

    def fit(self, utterances: Mapping[str, Sequence[str]]) -> learning.Learned:
        self.lessons.append(utterances)
        return learning.Learned(f"model{len(self.lessons)}", b"model")

    def understander(self, data: bytes) -> ScriptedUnderstander:
        return ScriptedUnderstander(self.script)


class Lambda:
    """Answers as the trainer's function does, over the same table; `fault` makes it fail."""

    def __init__(self, editions: DynamoEditions, models: PublishedModels) -> None:
        self.editions, self.models, self.school = editions, models, School()
        self.fault: str | None = None
        self.events: list[dict[str, Any]] = []

    def invoke(self, *, FunctionName: str, Payload: bytes) -> dict[str, Any]:  # noqa: N803
        assert FunctionName == "trainer"
        event = json.loads(Payload)
        self.events.append(event)
        if self.fault:
            said = {"errorMessage": self.fault}
            return {"FunctionError": "Unhandled", "Payload": io.BytesIO(json.dumps(said).encode())}
        answer = self.foretell(event) if "foretell" in event else self.learn(event.get("rehearse"))
        return {"Payload": io.BytesIO(json.dumps(answer).encode())}

    def foretell(self, event: dict[str, Any]) -> dict[str, Any]:
        found = learning.foretell(
            self.editions.to_learn(None),
            contract.amendment(event["foretell"]),
            models=self.models,
            teacher=self.school,
            rules=RULES,
        )
        return {"foretold": asdict(found)}

    def learn(self, number: int | None = None) -> dict[str, Any]:
        outcome, published = (learning.learn if number is None else learning.rehearse)(
            self.editions.to_learn(number),
            models=self.models,
            teacher=self.school,
            rules=RULES,
            clock=lambda: MORNING,
        )
        return {
            "outcome": outcome,
            "published": {**asdict(published), "at": published.at.isoformat()},
        }


@pytest.fixture
def trainer(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lambda]:
    """Return the trainer, which has learned the shop's knowledge."""
    table = clients.table(desk.stack.outputs["KnowledgeTable"])
    models = PublishedModels(clients.s3(), desk.stack.outputs["Bucket"], table)
    found = Lambda(DynamoEditions(table, models), models)
    called: Any = found
    monkeypatch.setattr(Parts, "trainer", Trainer(called, "trainer"))
    found.learn()
    found.school.script["are you open on sunday"] = an_understanding(("opening_hours", 0.9))
    found.school.script["pay me my fee"] = an_understanding(("refund", 0.9))
    yield found
    for item in clients.s3().list_objects_v2(Bucket=models.bucket)["Contents"]:
        clients.s3().delete_object(Bucket=models.bucket, Key=item["Key"])


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    (folder / "articles.yaml").write_text(ARTICLES)
    (folder / "golden.jsonl").write_text(CASES)
    (folder / "README.md").write_text("not read")
    return folder


def intents(desk: Desk) -> list[str]:
    table = clients.table(desk.stack.outputs["KnowledgeTable"])
    return [article.intent for article in DynamoKnowledge(table).all()]


class TestReplacing:
    def test_it_shows_what_comes_and_goes_and_is_one_step(
        self,
        desk: Desk,
        trainer: Lambda,
        shop: Path,
    ) -> None:
        shown = desk.json("knowledge", "replace", str(shop), "--dry-run")
        assert trainer.events == []
        assert intents(desk) == ["gift_card", "refund"]

        done = desk.json("knowledge", "replace", str(shop), "--yes")

        assert {**shown, "done": True, "model": "model2"} == done
        assert done == {
            "edition": 1,
            "instead_of": 0,
            "added": ["opening_hours"],
            "changed": ["refund"],
            "removed": ["gift_card"],
            "unchanged": [],
            "facts": [],
            "cases_coming": 4,
            "cases_going": 0,
            "cases": 4,
            "uncounted": {"ladders": 1},
            "done": True,
            "model": "model2",
            "refused": [],
            "failed": [],
        }
        assert trainer.events == [{"rehearse": 1}]
        assert intents(desk) == ["opening_hours", "refund"]
        current = trainer.models.current()
        assert current
        assert (current.version, current.edition) == ("model2", 1)
        assert trainer.learn()["outcome"] == "unchanged", "the stream has nothing left to learn"

    def test_people_read_it_before_they_are_asked(
        self,
        desk: Desk,
        trainer: Lambda,
        shop: Path,
    ) -> None:
        refused = desk.run("knowledge", "replace", str(shop))

        assert refused.exit_code == 2
        assert "articles added:     1 (opening_hours)" in refused.stderr
        assert "articles changed:   1 (refund)" in refused.stderr
        assert "articles removed:   1 (gift_card)" in refused.stderr
        assert "golden cases: 4 added, 0 removed, 4 in all" in refused.stderr
        assert "not counted: 1 golden case(s) about ladders" in refused.stderr
        assert "Replace 2 articles by 2?" in refused.stderr
        assert trainer.events == []

    def test_it_is_undone_and_done_again_without_learning(
        self,
        desk: Desk,
        trainer: Lambda,
        shop: Path,
    ) -> None:
        desk.run("knowledge", "replace", str(shop), "--yes")
        result = desk.run("knowledge", "replace", "--undo", "--yes")
        assert "edition 0 is now in use, with model model1" in result.stderr
        assert "knowledge replace --to 1" in result.stderr
        assert intents(desk) == ["gift_card", "refund"]
        current = trainer.models.current()
        assert current
        assert current.version == "model1"

        assert desk.json("knowledge", "replace", "--to", "1", "--yes")["model"] == "model2"
        assert intents(desk) == ["opening_hours", "refund"]
        assert len(trainer.school.lessons) == 2
        assert desk.run("knowledge", "replace", "--to", "7", "--yes").exit_code == 3

    def test_a_refused_one_changes_nothing_and_names_the_cases(
        self,
        desk: Desk,
        trainer: Lambda,
        shop: Path,
    ) -> None:
        for text in ("are you open on sunday", "sing a song"):
            trainer.school.script[text] = an_understanding(("refund", 0.9))

        refused = desk.run("knowledge", "replace", str(shop), "--yes")

        assert refused.exit_code == 1
        assert "refused, and nothing was changed: precision" in refused.stderr
        assert (
            "'are you open on sunday': answered as refund, should be opening_hours"
            in refused.stderr
        )
        assert "'sing a song': answered as refund, should be people" in refused.stderr
        assert "then run it again" in refused.stderr
        assert intents(desk) == ["gift_card", "refund"]
        said = desk.run("knowledge", "replace", str(shop), "--yes", "-o", "json")
        assert (said.exit_code, json.loads(said.stdout)["done"]) == (1, False)
        assert len(json.loads(said.stdout)["failed"]) == 2

    def test_the_shops_golden_cases_do_not_judge_another_knowledge(
        self,
        desk: Desk,
        trainer: Lambda,
        shop: Path,
    ) -> None:
        """Names coincide: the shop's case of a refund would fail and must not count."""
        trainer.editions.load_golden([Golden("my money", ("refund",))])
        (shop / "golden.jsonl").unlink()
        (shop / "articles.yaml").write_text(ARTICLES.replace("  golden: ", "  # golden: "))

        done = desk.json("knowledge", "replace", str(shop), "--yes")

        assert (done["cases_going"], done["cases"], done["done"]) == (1, 0, True)

    def test_the_same_again_changes_nothing(
        self,
        desk: Desk,
        trainer: Lambda,
        shop: Path,
    ) -> None:
        desk.run("knowledge", "replace", str(shop), "--yes")
        again = desk.run("knowledge", "replace", str(shop))

        assert again.exit_code == 0
        assert "nothing was replaced" in again.stderr
        assert trainer.events == [{"rehearse": 1}]

    def test_if_the_trainer_fails_nothing_changes(
        self,
        desk: Desk,
        trainer: Lambda,
        shop: Path,
    ) -> None:
        trainer.fault = "out of memory"
        failed = desk.run("knowledge", "replace", str(shop), "--yes")

        assert (failed.exit_code, intents(desk)) == (1, ["gift_card", "refund"])
        assert "the trainer failed: out of memory" in failed.stderr
        trainer.fault = None
        assert desk.json("knowledge", "replace", str(shop), "--yes")["edition"] == 2

    @pytest.mark.parametrize(
        ("name", "text", "complaint"),
        [
            ("golden.jsonl", '{"text": 7, "intent": "refund"}', "golden.jsonl"),
            ("golden.jsonl", '{"text": "a", "intent": 7}', "golden.jsonl"),
            ("golden.jsonl", '{"text": "a", "intent": "refund", "also": "b"}', "`also`"),
            ("golden.jsonl", '{"text": " ", "intent": "refund"}', "without a text"),
            ("golden.jsonl", "{", "golden.jsonl"),
            ("articles.yaml", ARTICLES.replace("[are you open on sunday]", "when"), "`golden`"),
            ("articles.yaml", "[]", "holds no article"),
            ("articles.yaml", "- 7", "articles.yaml"),
        ],
    )
    def test_what_cannot_be_read_is_refused_and_named(
        self,
        *,
        desk: Desk,
        trainer: Lambda,
        shop: Path,
        name: str,
        text: str,
        complaint: str,
    ) -> None:
        (shop / name).write_text(text)
        refused = desk.run("knowledge", "replace", str(shop), "--yes")

        assert (refused.exit_code, trainer.events) == (2, [])
        assert complaint in refused.stderr

    @pytest.mark.parametrize(
        "words", [(), ("{shop}", "--undo"), ("--undo", "--to", "1"), ("{empty}",), ("nowhere",)]
    )
    def test_it_wants_one_thing(
        self,
        desk: Desk,
        trainer: Lambda,
        shop: Path,
        tmp_path: Path,
        words: tuple[str, ...],
    ) -> None:
        (tmp_path / "empty").mkdir()
        given = [each.format(shop=shop, empty=tmp_path / "empty") for each in words]

        assert desk.run("knowledge", "replace", *given, "--yes").exit_code == 2

    def test_import_leaves_golden_cases_out_and_says_so(
        self,
        desk: Desk,
        trainer: Lambda,
        shop: Path,
    ) -> None:
        (shop / "other.yaml").write_text(ARTICLES.replace("refund", "fees"))
        result = desk.run("knowledge", "import", str(shop / "other.yaml"), "--yes")

        assert result.exit_code == 0
        assert "1 golden cases left out: `knowledge replace` takes them" in result.stderr


class TestRemoving:
    def test_the_questions_of_a_removed_article_are_still_taught(
        self,
        desk: Desk,
        trainer: Lambda,
    ) -> None:
        desk.run("knowledge", "remove", "refund", "--yes")
        trainer.learn()
        assert set(trainer.school.lessons[-1]) == {"gift_card", "refund"}
        listed = desk.run("knowledge", "list")
        assert "removed; agents get their questions: refund" in listed.stderr
        assert desk.run("knowledge", "remove", "refund", "--yes").exit_code == 3

        told = desk.run("knowledge", "remove", "refund", "--forget", "--yes")
        assert "refund forgotten: version 2" in told.stderr
        trainer.learn()
        assert set(trainer.school.lessons[-1]) == {"gift_card"}
        assert "agents get their questions" not in desk.run("knowledge", "list").stderr


class TestRedriving:
    def test_a_letter_of_the_trainer_has_it_learn_again(
        self,
        desk: Desk,
        trainer: Lambda,
    ) -> None:
        desk.run("knowledge", "remove", "gift_card", "--forget", "--yes")
        poison(desk, "TrainerDeadLettersUrl", "{}")
        assert len(desk.json("deadletter", "redrive", "--all", "--dry-run")) == 1
        assert trainer.events == []

        assert len(desk.json("deadletter", "redrive", "--all", "--yes")) == 1

        assert trainer.events == [{"learn": "again"}]
        assert len(trainer.school.lessons) == 2
        assert desk.json("deadletter", "list") == []

    def test_one_that_fails_again_stays(self, desk: Desk, trainer: Lambda) -> None:
        trainer.fault = "out of memory"
        poison(desk, "TrainerDeadLettersUrl", "{}")
        failed = desk.run("deadletter", "redrive", "--all", "--yes", "--queue", "trainer")

        assert failed.exit_code == 1
        assert "out of memory" in failed.stderr
        assert desk.stack.queue_depth("TrainerDeadLettersUrl") == 1


class TestTrying:
    """`knowledge add` and `edit` have the trainer try a change before it is stored."""

    WRAPPING = """
intent: gift_wrapping
title: Do you wrap gifts?
answer: We wrap gifts for two euros.
category: SHOP
department: shop
utterances: [wrap it as a gift, gift wrap please]
golden: [can I have it wrapped]
"""

    def test_a_new_article_takes_over_golden_cases_in_the_same_step(
        self, desk: Desk, trainer: Lambda, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        trainer.editions.load_golden(
            [Golden("pay me my fee", ("refund",)), Golden("a bow around it?", ())]
        )
        wrapping = an_understanding(("gift_wrapping", 0.9))
        trainer.school.script |= {"a bow around it?": wrapping, "can I have it wrapped": wrapping}
        file = tmp_path / "gift_wrapping.yaml"
        file.write_text(self.WRAPPING)
        monkeypatch.setattr(foretelling, "_agreed", lambda *_: True)

        told = desk.run("knowledge", "add", "gift_wrapping", "--file", str(file))

        assert told.exit_code == 0, told.stderr
        assert "golden set after:  intents 100.0%" in told.stderr
        assert "the gate will accept it" in told.stderr
        assert "'a bow around it?'" in told.stderr
        golden = set(trainer.editions.to_learn().golden)
        assert golden == {
            Golden("pay me my fee", ("refund",)),
            Golden("a bow around it?", ("gift_wrapping",)),
            Golden("can I have it wrapped", ("gift_wrapping",)),
        }
        assert "gift_wrapping" in intents(desk)

    def test_a_lead_who_cannot_be_asked_takes_over_nothing(
        self, desk: Desk, trainer: Lambda, tmp_path: Path
    ) -> None:
        trainer.editions.load_golden(
            [Golden("pay me my fee", ("refund",)), Golden("a bow around it?", ())]
        )
        trainer.school.script["a bow around it?"] = an_understanding(("gift_wrapping", 0.9))
        file = tmp_path / "gift_wrapping.yaml"
        file.write_text(self.WRAPPING)

        told = desk.run("knowledge", "add", "gift_wrapping", "--file", str(file))

        assert "No: there is no terminal to ask on" in told.stderr
        assert Golden("a bow around it?", ()) in trainer.editions.to_learn().golden

    def test_a_trainer_that_fails_is_told_and_no_hindrance(
        self, desk: Desk, trainer: Lambda, tmp_path: Path
    ) -> None:
        trainer.fault = "out of memory"
        file = tmp_path / "gift_wrapping.yaml"
        file.write_text(self.WRAPPING)

        told = desk.run("knowledge", "add", "gift_wrapping", "--file", str(file))

        assert told.exit_code == 0
        assert "what the gate would decide is not known: the trainer failed" in told.stderr
        assert "gift_wrapping" in intents(desk)

    @pytest.mark.parametrize("word", ["--no-trial", "--no-input"])
    def test_it_is_left_out_if_the_lead_says_so(
        self, desk: Desk, trainer: Lambda, tmp_path: Path, word: str
    ) -> None:
        file = tmp_path / "gift_wrapping.yaml"
        file.write_text(self.WRAPPING)
        desk.run("knowledge", "add", "gift_wrapping", "--file", str(file), word)

        assert trainer.events == []
        assert "gift_wrapping" in intents(desk)

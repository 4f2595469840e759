"""The desk's facts in the table and at the terminal, and `knowledge lint` with them."""

# ruff: noqa: F811 -- fixtures

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from helpdesk.aws import clients
from helpdesk.aws.editions import DynamoEditions
from helpdesk.aws.knowledge import DynamoKnowledge
from helpdesk.aws.models import PublishedModels
from helpdesk.aws.tables import Table
from helpdesk.curation import Curator, EditionRecord, Stater
from helpdesk.knowledge import Edition, Facts, Golden
from helpdesk.ports import ConflictError

from agent_cli import articles
from agent_cli.commands.schema import all_schemas
from tests.fakes import LEAD, MORNING, an_article, an_understanding
from tests.integration.conftest import Stack
from tests.integration.test_agent_cli import Desk, desk  # noqa: F401 -- fixtures

REFUND = an_article("refund", answer="Within {period}.")
ARTICLE = """
intent: gift_wrapping
title: Do you wrap gifts?
answer: We do, for {wrapping}.
category: ORDER
department: orders
utterances: [do you sell gift wrapping, wrap it]
"""


@pytest.fixture
def table(stack: Stack) -> Table:
    return clients.table(stack.outputs["KnowledgeTable"])


@pytest.fixture
def knowledge(table: Table) -> DynamoKnowledge:
    return DynamoKnowledge(table)


@pytest.fixture
def stater(knowledge: DynamoKnowledge) -> Stater:
    return Stater(lead=LEAD, knowledge=knowledge, clock=lambda: MORNING)


class Counting:
    """A table that counts its reads of facts."""

    def __init__(self, table: Table) -> None:
        self.table, self.reads = table, 0

    def get_item(self, **given: Any) -> Any:
        self.reads += given["Key"]["pk"].startswith("FACTS")
        return self.table.get_item(**given)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.table, name)


class TestInTheTable:
    def test_what_was_set_is_read(self, knowledge: DynamoKnowledge, stater: Stater) -> None:
        assert knowledge.facts() == Facts()
        stater.set("period", "30 days")

        expected = Facts(values={"period": "30 days"}, version=1, at=MORNING, by="lena")
        assert knowledge.facts() == expected
        stater.remove("period")
        assert knowledge.facts() == Facts(version=2, at=MORNING, by="lena")

    def test_of_two_changes_at_once_one_is_refused(
        self, knowledge: DynamoKnowledge, stater: Stater
    ) -> None:
        before = knowledge.facts()
        stater.set("period", "30 days")

        with pytest.raises(ConflictError, match="another lead changed the facts"):
            knowledge.state(Facts(values={"phone": "7"}, version=1), instead_of=before)
        assert knowledge.facts().values == {"period": "30 days"}

    def test_a_fact_that_an_article_came_to_use_is_not_removed(
        self, knowledge: DynamoKnowledge, stater: Stater
    ) -> None:
        before = stater.set("period", "30 days")
        Curator(lead=LEAD, knowledge=knowledge, clock=lambda: MORNING).add(REFUND)

        with pytest.raises(ConflictError):
            knowledge.state(Facts(version=2), instead_of=before)

    def test_an_article_is_not_stored_if_its_facts_changed_meanwhile(
        self, knowledge: DynamoKnowledge, stater: Stater
    ) -> None:
        before = stater.set("period", "30 days")
        stater.remove("period")
        curator = Curator(lead=LEAD, knowledge=Late(knowledge, before), clock=lambda: MORNING)

        with pytest.raises(ConflictError):
            curator.add(REFUND)
        assert knowledge.all() == ()

    def test_a_function_reads_them_once_in_a_while_and_when_one_is_missing(
        self, table: Table, stater: Stater
    ) -> None:
        counting, now = Counting(table), [100.0]
        seen = DynamoKnowledge(
            counting,
            lag=timedelta(seconds=5),
            clock=lambda: now[0],  # type: ignore[arg-type]
        )
        stater.set("period", "30 days")

        for _ in range(3):
            assert seen.facts(["period"]).values == {"period": "30 days"}
        assert counting.reads == 1
        stater.set("phone", "7")
        assert seen.facts(["period", "phone"]).values["phone"] == "7"
        assert counting.reads == 2
        stater.set("phone", "8")
        now[0] += 5
        assert seen.facts(["phone"]).values["phone"] == "8"

    def test_an_answer_without_variables_costs_no_read(self, table: Table) -> None:
        counting = Counting(table)
        knowledge = DynamoKnowledge(counting)  # type: ignore[arg-type]
        knowledge.put(an_article("refund"))

        assert knowledge.get("refund")
        assert counting.reads == 0

    def test_each_edition_has_its_own(
        self, table: Table, stack: Stack, knowledge: DynamoKnowledge, stater: Stater
    ) -> None:
        editions = DynamoEditions(
            table, PublishedModels(clients.s3(), stack.outputs["Bucket"], table)
        )
        first = stater.set("period", "30 days")
        others = Facts(values={"period": "9 days"}, version=1, at=MORNING, by="lena")
        record = EditionRecord(
            number=1, at=MORNING, by="lena", articles=1, cases=0, put_in_force=False
        )
        editions.prepare(record, Edition(number=1, articles=(REFUND,), facts=others))
        assert knowledge.facts() == first
        editions.put_in_force(1, instead_of=0, at=MORNING, by="lena", model=None)

        assert (knowledge.facts(), editions.edition(0).facts) == (others, first)
        assert stater.set("period", "8 days").version == 2
        editions.put_in_force(0, instead_of=1, at=MORNING, by="lena", model=None)
        assert knowledge.facts() == first


class Late:
    """Knowledge that still sees facts of before."""

    def __init__(self, knowledge: DynamoKnowledge, facts: Facts) -> None:
        self._knowledge, self._facts = knowledge, facts

    def facts(self, _names: object = ()) -> Facts:
        return self._facts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._knowledge, name)


@pytest.fixture
def wrapping(tmp_path: Path) -> Path:
    file = tmp_path / "article.yaml"
    file.write_text(ARTICLE)
    return file


class TestAtTheTerminal:
    def test_a_fact_is_set_listed_and_removed(self, desk: Desk, wrapping: Path) -> None:
        add = ("knowledge", "add", "gift_wrapping", "--file", str(wrapping))
        refused = desk.run(*add)
        assert (refused.exit_code, len(refused.stderr.splitlines())) == (2, 1)
        assert "there is no fact for {wrapping}" in refused.stderr
        told = desk.json("knowledge", "fact", "set", "wrapping", "two euros")
        assert told == {"name": "wrapping", "text": "two euros", "used_by": []}
        desk.json(*add)

        (listed,) = desk.json("knowledge", "fact", "list")
        assert listed == {"name": "wrapping", "text": "two euros", "used_by": ["gift_wrapping"]}
        kept = desk.run("knowledge", "fact", "remove", "wrapping", "--yes")
        assert (kept.exit_code, "used by gift_wrapping" in kept.stderr) == (5, True)
        assert desk.run("knowledge", "fact", "remove", "fax", "--yes").exit_code == 3
        assert desk.run("knowledge", "fact", "set", "Fax", "1").exit_code == 2
        desk.json("knowledge", "remove", "gift_wrapping", "--yes")
        assert desk.run("knowledge", "fact", "remove", "wrapping", "--yes").exit_code == 0
        assert desk.json("knowledge", "fact", "list") == []

    @pytest.mark.parametrize("form", ["json", "jsonl"])
    def test_facts_are_exported_and_imported(self, desk: Desk, tmp_path: Path, form: str) -> None:
        desk.json("knowledge", "fact", "set", "wrapping", "two euros")
        file = tmp_path / f"all.{form}"
        desk.run("knowledge", "export", "--format", form, "--to", str(file))
        assert desk.json("knowledge", "import", str(file), "--yes")["facts"] == []
        desk.run("knowledge", "fact", "remove", "wrapping", "--yes")

        done = desk.json("knowledge", "import", str(file), "--yes")
        assert (done["facts"], done["added"]) == (["wrapping"], [])
        assert desk.json("knowledge", "fact", "list")[0]["text"] == "two euros"
        assert (
            "CSV cannot contain facts" in desk.run("knowledge", "export", "--format", "csv").stderr
        )

    def test_a_file_of_facts(self, desk: Desk, tmp_path: Path) -> None:
        file = tmp_path / "facts.yaml"
        file.write_text("facts:\n  phone: '030 12'\n")
        desk.json("knowledge", "import", str(file), "--yes")
        assert desk.json("knowledge", "fact", "list")[0]["text"] == "030 12"
        file.write_text("facts:\n  phone: 030\n")

        assert desk.run("knowledge", "import", str(file), "--yes").exit_code == 2

    def test_a_new_article_waits_for_a_leads_word(self, desk: Desk, wrapping: Path) -> None:
        desk.json("knowledge", "fact", "set", "wrapping", "two euros")
        wrapping.write_text(ARTICLE + "automatic: true\n")
        added = desk.run("knowledge", "add", "gift_wrapping", "--file", str(wrapping))
        assert "not automatic until a lead says so" in added.stderr
        assert not desk.json("knowledge", "show", "gift_wrapping")["automatic"]
        desk.json("knowledge", "remove", "gift_wrapping", "--yes")

        reason = ("--automatic", "--reason", "No risk.")
        desk.json("knowledge", "add", "gift_wrapping", "--file", str(wrapping), *reason)
        shown = desk.json("knowledge", "show", "gift_wrapping")
        assert (shown["automatic"], shown["automatic_reason"]) == (True, "No risk.")

    def test_an_edit_from_a_file_that_does_not_say_it_keeps_it(
        self, desk: Desk, wrapping: Path
    ) -> None:
        desk.json("knowledge", "fact", "set", "wrapping", "two euros")
        add = ("knowledge", "add", "gift_wrapping", "--file", str(wrapping))
        desk.json(*add)
        wrapping.write_text(
            ARTICLE.replace("We do", "Yes") + "owner: lena\nvalid_from: 2026-12-24\n"
        )
        desk.json("knowledge", "edit", "gift_wrapping", "--file", str(wrapping), "--yes")

        shown = desk.json("knowledge", "show", "gift_wrapping")
        assert (shown["automatic"], shown["owner"]) == (False, "lena")
        assert (shown["valid_from"], shown["valid_until"]) == ("2026-12-24", None)
        listed = {each["intent"]: each for each in desk.json("knowledge", "list")}
        assert listed["gift_wrapping"]["valid_from"] == "2026-12-24"
        assert "not today" in desk.run("knowledge", "list").stdout

    @pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
    def test_dates_and_owner_survive_an_export(self, desk: Desk, tmp_path: Path, form: str) -> None:
        article = an_article(
            "strike",
            automatic=False,
            owner="lena",
            automatic_reason="none",
            review_on=MORNING.date(),
            valid_until=MORNING.date(),
        )
        desk.knowledge.put(article)
        file = tmp_path / f"all.{form}"
        desk.run("knowledge", "export", "--format", form, "--to", str(file))

        assert "strike" in desk.json("knowledge", "import", str(file), "--dry-run")["unchanged"]

    def test_what_would_be_answered_is_shown_with_its_facts(
        self, desk: Desk, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from helpdesk.contract import PredictionOut
        from helpdesk.triage import Answer

        from agent_cli.desk import Desk as DeskOfAgents

        made = PredictionOut.of(an_understanding(("refund", 0.9)), Answer(REFUND))
        monkeypatch.setattr(DeskOfAgents, "predict", lambda *_: made)
        desk.knowledge.put(REFUND)
        assert desk.json("knowledge", "test", "money")["answer"] is None
        desk.json("knowledge", "fact", "set", "period", "30 days")

        assert desk.json("knowledge", "test", "money")["answer"] == "Within 30 days."


class TestLint:
    def test_the_deployed_knowledge_is_read(self, desk: Desk) -> None:
        desk.knowledge.put(replace(REFUND, answer="No problem. Within {period}."))
        result = desk.run("knowledge", "lint", "-o", "json")
        found = json.loads(result.stdout)
        jsonschema.validate(found, all_schemas()["knowledge lint"])

        assert result.exit_code == 1
        rules = {each["rule"] for each in found if each["article"] == "refund"}
        assert {"opening", "variables", "coverage"} <= rules
        assert "opening: 1. Begin with the answer." in result.stderr
        desk.json("knowledge", "fact", "set", "period", "30 days")
        clean = desk.run("knowledge", "lint", "--only", "variables")
        assert (clean.exit_code, "no findings" in clean.stderr) == (0, True)

    def test_files_are_read_without_a_desk(self, desk: Desk, wrapping: Path) -> None:
        def lint(*words: str) -> list[str]:
            result = desk.run("knowledge", "lint", str(wrapping.parent), *words, "-o", "jsonl")
            return [json.loads(line)["rule"] for line in result.stdout.splitlines()]

        golden = '{"text": "Wrap it!", "intent": "gift_wrapping"}\n'
        (wrapping.parent / "golden.jsonl").write_text(golden)
        assert set(lint()) == {"variables", "coverage", "golden copies"}
        (wrapping.parent / "facts.yaml").write_text("facts: {wrapping: two euros}\n")

        assert lint("--only", "variables", "--only", "golden copies") == ["golden copies"]
        assert lint("--only", "length", "--words", "3") == ["length"]

    def test_a_rule_that_is_not_there_is_named(self, desk: Desk) -> None:
        result = desk.run("knowledge", "lint", "--only", "colour")

        assert (result.exit_code, "there is no rule with the name colour" in result.stderr) == (
            2,
            True,
        )


class TestEditing:
    def test_a_lead_sees_what_follows_and_a_script_need_not(
        self, desk: Desk, tmp_path: Path
    ) -> None:
        table = clients.table(desk.stack.outputs["KnowledgeTable"])
        models = PublishedModels(clients.s3(), desk.stack.outputs["Bucket"], table)
        DynamoEditions(table, models).load_golden([Golden("pay me", ("refund",))])
        file = tmp_path / "refund.yaml"
        before = desk.knowledge.get("refund")
        assert before
        phrases = (*before.utterances, "a question about a gift card")
        file.write_text(articles.as_yaml(replace(before, automatic=False, utterances=phrases)))
        edit = ("knowledge", "edit", "refund", "--file", str(file), "--yes")
        told = desk.run(*edit)

        assert told.exit_code == 0
        assert "golden cases of refund: 1" in told.stderr
        assert "from now on they go to agents: 'pay me'" in told.stderr
        assert "of gift_card" in told.stderr
        file.write_text(file.read_text().replace("automatic: false", "automatic: true"))
        silent = desk.run(*edit, "--no-input")
        assert (silent.exit_code, "golden cases" in silent.stderr) == (0, False)

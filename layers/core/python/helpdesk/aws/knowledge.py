"""The articles of the edition in force, canned replies and the roster, in the knowledge table.

ARTICLE#<n>             <intent>          an article of edition n as it is now
HISTORY#<n>#<intent>    VERSION#<number>  every version there was, with who made it and when
RETIRED#<n>             <intent>          an intent that is known and not for the desk
CANNED                  <name>            a canned reply for agents
AGENT                   <name>            the roles and departments of an agent

Edition 0, which was there before there were editions, goes without its number: `ARTICLE`,
`HISTORY#<intent>`, `RETIRED`. What else belongs to an edition is in `editions`.
"""

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from helpdesk.aws.conditions import Key
from helpdesk.aws.editions import (
    EditionPointer,
    article_item,
    case_item,
    facts_put,
    items,
    partition,
    read_facts,
)
from helpdesk.aws.shapes import Shape
from helpdesk.aws.tables import Table
from helpdesk.curation import Revision
from helpdesk.knowledge import Article, Facts, Golden, Retired
from helpdesk.ticket import Agent, Role

_ARTICLE = Shape[Article](Article)
_REVISION = Shape[Revision](Revision)
_RETIRED = Shape[Retired](Retired)
_CANNED = "CANNED"
_AGENT = "AGENT"


class DynamoKnowledge:
    """Articles in the DynamoDB table `table`, all in one partition: a desk has hundreds at most.

    `lag` is how long another edition, or a changed fact, may be in force before it is noticed.
    """

    def __init__(
        self,
        table: Table,
        *,
        lag: timedelta = timedelta(0),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._table = table
        self._pointer = EditionPointer(table, lag=lag, clock=clock)
        self._lag = lag.total_seconds()
        self._clock = clock
        self._facts: tuple[int, float, Facts] | None = None

    def get(self, intent: str) -> Article | None:
        """Return the article as it is now."""
        key = {"pk": self._partition("ARTICLE"), "sk": intent}
        item = self._table.get_item(Key=key, ConsistentRead=True)
        return _ARTICLE.read(item) if item else None

    def all(self) -> tuple[Article, ...]:
        """Return every article, by intent."""
        return tuple(map(_ARTICLE.read, self._items(self._partition("ARTICLE"))))

    def public(self) -> Iterator[Article]:
        """Yield the articles that are marked public, by intent; may be seconds old."""
        found = self._table.query(
            KeyConditionExpression=Key("pk").eq(self._partition("ARTICLE")),
            FilterExpression="#public = :yes",
            ExpressionAttributeNames={"#public": "public"},
            ExpressionAttributeValues={":yes": True},
        )
        return map(_ARTICLE.read, found)

    def facts(self, names: Collection[str] = ()) -> Facts:
        """Return the desk's facts; at most `lag` old, and new if one of `names` is missing."""
        number, now = self._pointer.look().number, self._clock()
        if self._facts:
            edition, looked_at, seen = self._facts
            known = edition == number and seen.values.keys() >= set(names)
            if known and now - looked_at < self._lag:
                return seen
        found = read_facts(self._table, number)
        self._facts = number, now, found
        return found

    def state(self, facts: Facts, *, instead_of: Facts) -> None:
        """Put facts in force. Raises ConflictError if they are not `instead_of` any more.

        Raises it too if another edition is in force, or an article came to use a fact.
        """
        number = self._pointer.number
        writes: list[dict[str, Any]] = [
            {"Put": facts_put(number, facts, instead_of=instead_of)},
            self._pointer.still(number),
        ]
        lost = "another lead changed the facts or an article meanwhile"
        self._table.write_together(writes, lost=lost)

    def put(self, article: Article) -> None:
        """Store an article in place of the one for its intent."""
        self._table.put_item(Item=article_item(self._partition("ARTICLE"), article))

    def load(self, articles: Iterable[Article]) -> None:
        """Store many articles in place of those for their intents, without history."""
        pk = self._partition("ARTICLE")
        self._table.put_all(article_item(pk, article) for article in articles)

    def remove(self, intent: str) -> None:
        """Delete the article for an intent, if there is one."""
        self._table.delete_item(Key={"pk": self._partition("ARTICLE"), "sk": intent})

    def history(self, intent: str) -> tuple[Revision, ...]:
        """Return what is kept of an article, oldest first."""
        pk = f"{self._partition('HISTORY')}#{intent}"
        return tuple(_REVISION.read(item) for item in self._items(pk))

    def retired(self) -> tuple[Retired, ...]:
        """Return the intents that are known and not for the desk, by name."""
        found = self._items(self._partition("RETIRED"))
        return tuple(_RETIRED.read(item) for item in found)

    def revise(
        self,
        before: Article | None,
        revision: Revision,
        retired: Retired | None = None,
        *,
        facts: Facts | None = None,
        golden: Iterable[Golden] = (),
    ) -> None:
        """Put a revision in force and keep it, and `before` too if it was not kept yet.

        The intent is retired from then on if `retired` is given, and else it is not. `facts` are
        those that the article uses. The cases `golden` take the place of those of the same text.
        Raises ConflictError if the article is not `before` any more, if the facts changed, or if
        another edition is in force.
        """
        number = self._pointer.number
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if before:
            condition = {
                "ConditionExpression": "#version = :version",
                "ExpressionAttributeNames": {"#version": "version"},
                "ExpressionAttributeValues": {":version": before.version},
            }
        key = {"pk": partition("ARTICLE", number), "sk": revision.intent}
        if revision.article:
            item = article_item(key["pk"], revision.article)
            writes: list[dict[str, Any]] = [{"Put": {"Item": item, **condition}}]
        else:
            writes = [{"Delete": {"Key": key, **condition}}]
        kept = {**_REVISION.write(revision, none=True), **_version_key(revision, number)}
        writes.append({"Put": {"Item": kept, "ConditionExpression": "attribute_not_exists(pk)"}})
        key = {"pk": partition("RETIRED", number), "sk": revision.intent}
        if retired:
            writes.append({"Put": {"Item": {**_RETIRED.write(retired, none=True), **key}}})
        else:
            writes.append({"Delete": {"Key": key}})
        writes.append(self._pointer.still(number))
        cases = partition("GOLDEN", number)
        writes += [{"Put": {"Item": case_item(cases, each)}} for each in golden]
        if facts:
            # Counted as a change: a fact that is removed at this moment is then not removed.
            counted = replace(facts, version=facts.version + 1)
            writes.append({"Put": facts_put(number, counted, instead_of=facts)})
        if before and not self._kept(before, number):
            first = Revision(
                intent=before.intent,
                version=before.version,
                at=revision.at,
                by="",
                note="loaded",
                article=before,
            )
            loaded = {**_REVISION.write(first, none=True), **_version_key(first, number)}
            writes.append({"Put": {"Item": loaded}})
        lost = f"another lead edited {revision.intent} or the facts meanwhile"
        self._table.write_together(writes, lost=lost)

    def canned(self) -> dict[str, str]:
        """Return the canned replies by name."""
        return {item["sk"]: item["text"] for item in self._items(_CANNED)}

    def put_canned(self, name: str, text: str) -> None:
        """Store a canned reply in place of the one of its name."""
        self._table.put_item(Item={"pk": _CANNED, "sk": name, "text": text})

    def remove_canned(self, name: str) -> None:
        """Delete a canned reply, if there is one."""
        self._table.delete_item(Key={"pk": _CANNED, "sk": name})

    def agent(self, name: str) -> Agent | None:
        """Return the agent of this name, or None if the agent is not on the roster."""
        key = {"pk": _AGENT, "sk": name}
        item = self._table.get_item(Key=key, ConsistentRead=True)
        return _agent(item) if item else None

    def agents(self) -> tuple[Agent, ...]:
        """Return every agent on the roster, by name."""
        return tuple(map(_agent, self._items(_AGENT)))

    def put_agent(self, agent: Agent) -> None:
        """Store an agent in place of the one of that name."""
        key = {"pk": _AGENT, "sk": agent.name}
        roles, departments = sorted(agent.roles), sorted(agent.departments)
        self._table.put_item(Item={**key, "roles": roles, "departments": departments})

    def remove_agent(self, name: str) -> None:
        """Delete the agent of this name, if there is one."""
        self._table.delete_item(Key={"pk": _AGENT, "sk": name})

    def _kept(self, article: Article, number: int) -> bool:
        pk = f"{partition('HISTORY', number)}#{article.intent}"
        key = {"pk": pk, "sk": f"VERSION#{article.version:06}"}
        return self._table.get_item(Key=key, ConsistentRead=True) is not None

    def _partition(self, kind: str) -> str:
        return partition(kind, self._pointer.look().number)

    def _items(self, pk: str) -> Iterable[dict[str, Any]]:
        return items(self._table, pk)


def _agent(item: Mapping[str, Any]) -> Agent:
    roles = frozenset(map(Role, item["roles"]))
    return Agent(item["sk"], roles, frozenset(item["departments"]))


def _version_key(revision: Revision, number: int) -> dict[str, str]:
    pk = f"{partition('HISTORY', number)}#{revision.intent}"
    return {"pk": pk, "sk": f"VERSION#{revision.version:06}"}

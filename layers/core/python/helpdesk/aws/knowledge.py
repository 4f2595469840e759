"""The knowledge in one DynamoDB table.

ARTICLE             <intent>          the article as it is now
HISTORY#<intent>    VERSION#<number>  every version there was, with who made it and when
CANNED              <name>            a canned reply for agents
AGENT               <name>            the roles and departments of an agent
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from helpdesk.aws.conditions import Key
from helpdesk.aws.shapes import Shape
from helpdesk.aws.tables import Table
from helpdesk.curation import Revision
from helpdesk.knowledge import Article
from helpdesk.ports import ConflictError
from helpdesk.ticket import Agent, Role

_ARTICLE = Shape[Article](Article)
_REVISION = Shape[Revision](Revision)
_PARTITION = "ARTICLE"
_CANNED = "CANNED"
_AGENT = "AGENT"


class DynamoKnowledge:
    """Articles in the DynamoDB table `table`, all in one partition: a desk has hundreds at most."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def get(self, intent: str) -> Article | None:
        """Return the article as it is now."""
        key = {"pk": _PARTITION, "sk": intent}
        item = self._table.get_item(Key=key, ConsistentRead=True)
        return _ARTICLE.read(item) if item else None

    def all(self) -> tuple[Article, ...]:
        """Return every article, by intent."""
        return tuple(_ARTICLE.read(item) for item in self._items(_PARTITION))

    def put(self, article: Article) -> None:
        """Store an article in place of the one for its intent."""
        item = _ARTICLE.write(article, none=True)
        self._table.put_item(Item={**item, "pk": _PARTITION, "sk": article.intent})

    def load(self, articles: Iterable[Article]) -> None:
        """Store many articles in place of those for their intents, without history."""
        items = ((_ARTICLE.write(article, none=True), article.intent) for article in articles)
        self._table.put_all({**item, "pk": _PARTITION, "sk": intent} for item, intent in items)

    def remove(self, intent: str) -> None:
        """Delete the article for an intent, if there is one."""
        self._table.delete_item(Key={"pk": _PARTITION, "sk": intent})

    def history(self, intent: str) -> tuple[Revision, ...]:
        """Return what is kept of an article, oldest first."""
        return tuple(_REVISION.read(item) for item in self._items(f"HISTORY#{intent}"))

    def revise(self, before: Article | None, revision: Revision) -> None:
        """Put a revision in force and keep it, and `before` too if it was not kept yet.

        Raises ConflictError if the article is not `before` any more.
        """
        condition: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if before:
            condition = {
                "ConditionExpression": "#version = :version",
                "ExpressionAttributeNames": {"#version": "version"},
                "ExpressionAttributeValues": {":version": before.version},
            }
        key = {"pk": _PARTITION, "sk": revision.intent}
        if revision.article:
            item = {**_ARTICLE.write(revision.article, none=True), **key}
            writes: list[dict[str, Any]] = [{"Put": {"Item": item, **condition}}]
        else:
            writes = [{"Delete": {"Key": key, **condition}}]
        kept = {**_REVISION.write(revision, none=True), **_version_key(revision)}
        writes.append({"Put": {"Item": kept, "ConditionExpression": "attribute_not_exists(pk)"}})
        if before and not self._kept(before):
            first = Revision(
                intent=before.intent,
                version=before.version,
                at=revision.at,
                by="",
                note="loaded",
                article=before,
            )
            loaded = {**_REVISION.write(first, none=True), **_version_key(first)}
            writes.append({"Put": {"Item": loaded}})
        for write in writes:
            for parameters in write.values():
                parameters["TableName"] = self._table.name
        try:
            self._table.client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            if error.response["Error"]["Code"] != "TransactionCanceledException":
                raise
            raise ConflictError(f"somebody else edited {revision.intent} meanwhile") from error

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
        """Return the agent of this name, or None for one who is not on the roster."""
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

    def _kept(self, article: Article) -> bool:
        key = {"pk": f"HISTORY#{article.intent}", "sk": f"VERSION#{article.version:06}"}
        return self._table.get_item(Key=key, ConsistentRead=True) is not None

    def _items(self, partition: str) -> Iterator[dict[str, Any]]:
        return self._table.query(
            KeyConditionExpression=Key("pk").eq(partition), ConsistentRead=True
        )


def _agent(item: Mapping[str, Any]) -> Agent:
    roles = frozenset(map(Role, item["roles"]))
    return Agent(item["sk"], roles, frozenset(item["departments"]))


def _version_key(revision: Revision) -> dict[str, str]:
    return {"pk": f"HISTORY#{revision.intent}", "sk": f"VERSION#{revision.version:06}"}

"""The knowledge in one DynamoDB table: an item per article, read as it is now."""

from typing import TYPE_CHECKING, Any

from boto3.dynamodb.conditions import Key
from pydantic import TypeAdapter

from helpdesk.knowledge import Article

if TYPE_CHECKING:
    from mypy_boto3_dynamodb.service_resource import Table

_ARTICLE = TypeAdapter(Article)
_PARTITION = "ARTICLE"


class DynamoKnowledge:
    """Articles in the DynamoDB table `table`, all in one partition: a desk has hundreds at most."""

    def __init__(self, table: "Table") -> None:
        self._table = table

    def get(self, intent: str) -> Article | None:
        """Return the article as it is now."""
        key = {"pk": _PARTITION, "sk": intent}
        item = self._table.get_item(Key=key, ConsistentRead=True).get("Item")
        return _ARTICLE.validate_python(item) if item else None

    def all(self) -> tuple[Article, ...]:
        """Return every article, by intent."""
        # The client behind a table speaks plain Python types; its stubs do not know.
        client: Any = self._table.meta.client
        pages = client.get_paginator("query").paginate(
            TableName=self._table.name,
            KeyConditionExpression=Key("pk").eq(_PARTITION),
            ConsistentRead=True,
        )
        return tuple(_ARTICLE.validate_python(item) for page in pages for item in page["Items"])

    def put(self, article: Article) -> None:
        """Store an article in place of the one for its intent."""
        item = _ARTICLE.dump_python(article, mode="json")
        self._table.put_item(Item={**item, "pk": _PARTITION, "sk": article.intent})

    def remove(self, intent: str) -> None:
        """Delete the article for an intent, if there is one."""
        self._table.delete_item(Key={"pk": _PARTITION, "sk": intent})

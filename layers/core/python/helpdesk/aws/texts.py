"""What the desk says beside its articles, in the knowledge table, as leads wrote it.

TEXT                        <name>#<language>   a text as it is now
TEXTHISTORY#<name>#<lang>   VERSION#<number>    every version there was

They belong to the desk and not to an edition: a lead who replaces the articles keeps them.
"""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from helpdesk.aws.editions import items
from helpdesk.aws.shapes import Shape
from helpdesk.aws.tables import Table
from helpdesk.knowledge import Text
from helpdesk.ports import TextsUnavailableError

_PARTITION = "TEXT"
_TEXT = Shape[Text](Text)


class DynamoTexts:
    """Texts in the DynamoDB table `table`."""

    def __init__(self, table: Table) -> None:
        self._table = table

    def text(self, name: str, language: str) -> Text | None:
        """Return the text for an occasion in a language; None if no lead wrote it.

        Raises TextsUnavailableError.
        """
        try:
            item = self._table.get_item(Key=_key(name, language), ConsistentRead=True)
        except (BotoCoreError, ClientError) as error:
            raise TextsUnavailableError(f"the text {name} cannot be read") from error
        return _TEXT.read(item) if item else None

    def texts(self) -> Iterator[Text]:
        """Yield the texts that leads wrote, by name and language."""
        return map(_TEXT.read, items(self._table, _PARTITION))

    def text_history(self, name: str, language: str) -> tuple[Text, ...]:
        """Return every version that a lead wrote, oldest first."""
        return tuple(map(_TEXT.read, items(self._table, _history(name, language))))

    def put_text(self, text: Text) -> None:
        """Put a version in force and keep it.

        Raises ConflictError if the version before is not the one in force any more.
        """
        item = _TEXT.write(text)
        before: dict[str, Any] = {"ConditionExpression": "attribute_not_exists(pk)"}
        if text.version > 1:
            before = {
                "ConditionExpression": "#version = :before",
                "ExpressionAttributeNames": {"#version": "version"},
                "ExpressionAttributeValues": {":before": text.version - 1},
            }
        kept = {"pk": _history(text.name, text.language), "sk": f"VERSION#{text.version:06}"}
        puts = [
            {"Item": {**item, **_key(text.name, text.language)}, **before},
            {"Item": {**item, **kept}},
        ]
        lost = f"another lead wrote the text {text.name} meanwhile"
        self._table.write_together(({"Put": put} for put in puts), lost=lost)


def _key(name: str, language: str) -> dict[str, str]:
    return {"pk": _PARTITION, "sk": f"{name}#{language}"}


def _history(name: str, language: str) -> str:
    return f"TEXTHISTORY#{name}#{language}"

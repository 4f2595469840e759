"""The trainer as leads call it: to foretell, to rehearse an edition, or to learn again."""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from helpdesk.aws.shapes import Shape
from helpdesk.knowledge import Amendment
from helpdesk.learning import Foretold, LessonError, Published

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_PUBLISHED = Shape[Published](Published)
_FORETOLD = Shape[Foretold](Foretold)
_AMENDMENT = Shape[Amendment](Amendment)


@dataclass(frozen=True, slots=True)
class Trainer:
    """The function `name` that fits and judges models."""

    client: "LambdaClient"
    name: str

    def rehearse(self, number: int) -> Published:
        """Return the model of an edition that is not in force; refused, it says why.

        Raises LessonError if the trainer fails.
        """
        return _PUBLISHED.read(self._call({"rehearse": number})["published"])

    def foretell(self, amendment: Amendment) -> Foretold:
        """Return what a change of the edition in force would do; nothing is stored.

        Raises LessonError if the trainer fails.
        """
        said = self._call({"foretell": _AMENDMENT.write(amendment)})
        if "foretold" not in said:
            raise LessonError("the trainer is an earlier version and cannot try a change")
        return _FORETOLD.read(said["foretold"])

    def learn(self) -> None:
        """Have the edition in force learned, if it is not. Raises LessonError."""
        self._call({"learn": "again"})

    def _call(self, event: dict[str, Any]) -> dict[str, Any]:
        answer = self.client.invoke(FunctionName=self.name, Payload=json.dumps(event).encode())
        said: dict[str, Any] = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            raise LessonError(f"the trainer failed: {said.get('errorMessage', said)}; see its log")
        return said

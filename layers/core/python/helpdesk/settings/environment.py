"""Settings read from the environment. No other module reads any variable."""

import os
from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, Self, get_type_hints

from helpdesk.hours import HoursError
from helpdesk.settings.values import ScaleError

NEEDED_WITH = "needed_with"
"""Of a field's metadata: the name of a field with which it must be set, in spite of a default."""


class SettingsError(RuntimeError):
    """A variable is missing or has the wrong type; the message names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FromEnvironment:
    """Settings that are read from variables."""

    @classmethod
    def from_env(cls, environment: Mapping[str, str] | None = None) -> Self:
        """Read the settings from the environment: field `a_b` is the variable `A_B`.

        Raises SettingsError naming every variable that is missing or malformed.
        """
        environment = os.environ if environment is None else environment
        kinds = get_type_hints(cls)
        values: dict[str, Any] = {}
        faults = []
        for each in fields(cls):
            name = each.name.upper()
            if raw := environment.get(name, ""):
                try:
                    values[each.name] = kinds[each.name](raw)
                except (HoursError, ScaleError) as error:
                    faults.append(f"{name}: {error}")
                except ValueError:
                    faults.append(f"{name}={raw!r} is not of type {kinds[each.name].__name__}")
            elif _is_needed(each, environment):
                faults.append(f"{name} is not set")
        if faults:
            raise SettingsError("; ".join(faults))
        return cls(**values)


def _is_needed(setting: Field[Any], environment: Mapping[str, str]) -> bool:
    other = setting.metadata.get(NEEDED_WITH, "")
    return setting.default is MISSING or bool(other and environment.get(other.upper()))

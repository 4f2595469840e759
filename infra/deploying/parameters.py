"""Which parameters an update names: what is given now, and for the others what they were before."""

from collections.abc import Iterable, Mapping
from typing import Any

PROTECTION = "TableProtection"
DIGEST = "Digest"
NOT_KEPT = frozenset({PROTECTION, DIGEST})
"""Parameters that have their default if they are not given.

A stack is created without protection, so the next deployment after a broken off one must switch it
on. A digest is of one deployment only.
"""

type Sent = list[dict[str, Any]]


def chosen(given: Mapping[str, str]) -> Sent:
    """Return parameters as CloudFormation wants them; it takes defaults for all others."""
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in given.items()]


def updated(
    given: Mapping[str, str], before: Iterable[Mapping[str, Any]], known: Iterable[str]
) -> Sent:
    """Return what to send with an update: `given`, and "as before" for all that is left out.

    `before` are the parameters of the deployed stack, `known` the names in the new template. One
    that the deployed stack does not have yet gets its default.
    """
    return [*chosen(given), *_as_before(_kept(given, before, known))]


def unchanged(before: Iterable[Mapping[str, Any]]) -> Sent:
    """Return "as before" for every parameter of a deployed stack."""
    return _as_before(each["ParameterKey"] for each in before)


def told(
    given: Mapping[str, str],
    before: Iterable[Mapping[str, Any]],
    template: Mapping[str, Mapping[str, Any]],
) -> list[str]:
    """Return `Name=value` of what is kept from before and is not the template's default.

    CloudFormation itself hides the values of secrets (`****`).
    """
    values = {each["ParameterKey"]: each.get("ParameterValue", "") for each in before}
    return [
        f"{name}={values[name]}"
        for name in _kept(given, before, template)
        if values[name] != str(template[name].get("Default", ""))
    ]


def _kept(
    given: Mapping[str, str], before: Iterable[Mapping[str, Any]], known: Iterable[str]
) -> list[str]:
    names = {each["ParameterKey"] for each in before} & set(known)
    return sorted(names - set(given) - NOT_KEPT)


def _as_before(names: Iterable[str]) -> Sent:
    return [{"ParameterKey": name, "UsePreviousValue": True} for name in names]

"""What the help center's own pages say, one file for each language, and which way it is read."""

import tomllib
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Final

from helpdesk.knowledge import ANY_LANGUAGE

RIGHT_TO_LEFT: Final = frozenset({"ar", "fa", "he", "ps", "sd", "ug", "ur", "yi"})

OWN_NAMES: Final = MappingProxyType(
    {
        "ar": "العربية",
        "cs": "Čeština",
        "da": "Dansk",
        "de": "Deutsch",
        "el": "Ελληνικά",
        "en": "English",
        "es": "Español",
        "fi": "Suomi",
        "fr": "Français",
        "he": "עברית",
        "hu": "Magyar",
        "it": "Italiano",
        "nl": "Nederlands",
        "no": "Norsk",
        "pl": "Polski",
        "pt": "Português",
        "ro": "Română",
        "sv": "Svenska",
        "tr": "Türkçe",
        "uk": "Українська",
    }
)
"""Languages as their speakers call them."""


@cache
def words(language: str) -> dict[str, str]:
    """Return what pages say in a language; in English for a language that has no file."""
    there = resources.files(__package__).joinpath("texts", f"{_known(language)}.toml")
    return tomllib.loads(there.read_text("utf-8"))


def spoken(language: str) -> str:
    """Return the language in which pages speak to readers of a language."""
    return _known(language)


def direction(language: str) -> str:
    """Return which way a language is read, as the attribute `dir` says it."""
    return "rtl" if language in RIGHT_TO_LEFT else "ltr"


def own_name(language: str) -> str:
    """Return what speakers call a language; its code where that is not known here."""
    return OWN_NAMES.get(language, language)


def _known(language: str) -> str:
    return language if language in _languages() else ANY_LANGUAGE


@cache
def _languages() -> frozenset[str]:
    folder = resources.files(__package__).joinpath("texts")
    return frozenset(each.name.removesuffix(".toml") for each in folder.iterdir())

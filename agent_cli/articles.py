"""Articles as files: YAML in the editor, JSON, JSON Lines and CSV for exchange, Rasa's YAML.

A CSV row has one article; its utterances are separated by line breaks within the cell, and its
links, variants, answers by status and translations are JSON.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import yaml
from helpdesk.knowledge import Amendment, Article, Golden, InvalidArticleError
from pydantic import TypeAdapter, ValidationError

from agent_cli import golden_cases

FORMATS = ("json", "jsonl", "csv")
SUFFIXES = (".yaml", ".yml", ".json", ".jsonl", ".csv")

_ARTICLE = TypeAdapter(Article)
_NAMES = [field.name for field in fields(Article) if field.name != "version"]
_ANNOTATION = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")
_BOOLEANS = {"automatic", "needs_person", "review", "public"}
_NESTED = ("links", "variants", "by_status", "translations")
SWITCHES = ("automatic", "needs_person", "review", "public")
"""The fields of an article that are true or false, as a form has them."""
SINGLE = (
    *"intent title answer category department priority automatic_reason owner".split(),
    *"review_on valid_from valid_until".split(),
    *SWITCHES,
)
"""The fields that a form has one by one."""
LISTS = ("utterances", "golden")
"""The fields that a form has as lines."""
_FACTS = TypeAdapter(dict[str, str])


@dataclass(frozen=True, slots=True)
class Found:
    """What files hold: articles, utterances of intents they hold no answer for, golden cases.

    `facts` are the desk's facts by name, None if no file has any.
    """

    articles: tuple[Article, ...]
    utterances: Mapping[str, tuple[str, ...]]
    golden: tuple[Golden, ...] = ()
    facts: Mapping[str, str] | None = None

    def onto(self, present: Iterable[Article]) -> tuple[tuple[Article, ...], tuple[str, ...]]:
        """Add utterances without an answer to the present articles.

        Returns the articles, and the intents that have neither an answer nor an article.
        """
        known = {article.intent: article for article in (*present, *self.articles)}
        joined = tuple(
            replace(
                known[intent],
                utterances=tuple(dict.fromkeys((*known[intent].utterances, *texts))),
            )
            for intent, texts in self.utterances.items()
            if intent in known
        )
        left = tuple(sorted(set(self.utterances) - set(known)))
        return (*(a for a in self.articles if a.intent not in self.utterances), *joined), left


def read(paths: Sequence[Path]) -> Found:
    """Return what files hold. Each may be in another of the formats.

    Raises InvalidArticleError, which names the file and what is wrong with it, or OSError.
    """
    articles: list[Article] = []
    golden: list[Golden] = []
    facts: dict[str, str] | None = None
    rasa: list[Mapping[str, Any]] = []
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8-sig")
            if path.suffix in {".yml", ".yaml"}:
                loaded = yaml.safe_load(text)
                if isinstance(loaded, dict) and {"nlu", "responses"} & set(loaded):
                    rasa.append(loaded)
                    continue
                found = loaded or []
                found = [found] if isinstance(found, dict) else found
            else:
                found = _plain(path.suffix, text)
            for plain in found:
                if isinstance(plain, dict) and set(plain) == {"facts"}:
                    facts = (facts or {}) | _FACTS.validate_python(plain["facts"])
                    continue
                if golden_cases.is_case(plain):
                    golden.append(golden_cases.case(plain))
                    continue
                amendment = _amendment(plain)
                golden += amendment.golden
                articles.append(amendment.article)
        except (ValueError, TypeError, yaml.YAMLError, csv.Error) as error:
            raise InvalidArticleError(f"{path}: {_said(error)}") from error
    moved, left = _from_rasa(rasa)
    return Found((*articles, *moved), left, tuple(golden), facts)


def files(path: Path) -> list[Path]:
    """Return a file, or the files of a folder that can be read. Raises InvalidArticleError."""
    if not path.is_dir():
        return [path]
    found = sorted(each for each in path.iterdir() if each.suffix in SUFFIXES)
    if not found:
        raise InvalidArticleError(f"{path} holds no file that ends in {', '.join(SUFFIXES)}")
    return found


def write(articles: Sequence[Article], form: str, facts: Mapping[str, str] | None = None) -> str:
    """Return articles, and the desk's facts, in one of FORMATS; CSV holds no facts."""
    plain = [_ARTICLE.dump_python(article, mode="json") for article in articles]
    if facts and form != "csv":
        plain.append({"facts": dict(facts)})
    if form == "json":
        return json.dumps(plain, indent=2, ensure_ascii=False) + "\n"
    if form == "jsonl":
        return "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in plain)
    text = io.StringIO()
    writer = csv.DictWriter(text, _NAMES, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    for each in plain:
        nested = {name: json.dumps(each[name]) if each[name] else "" for name in _NESTED}
        writer.writerow({**each, **nested, "utterances": "\n".join(each["utterances"])})
    return text.getvalue()


def as_yaml(article: Article) -> str:
    """Return an article as leads edit it, without its version."""
    plain = _ARTICLE.dump_python(article, mode="json")
    shown = {name: plain[name] for name in _NAMES}
    return _dumped(shown)


def from_yaml(text: str, *, version: int = 0, automatic: bool = False) -> Amendment:
    """Return the article that `as_yaml` wrote, as edited, with the golden cases beside it.

    It is `automatic` or not if the text does not say it. Raises InvalidArticleError.
    """
    try:
        plain = yaml.safe_load(text)
        if isinstance(plain, dict):
            plain = {"automatic": automatic, **plain}
        found = _amendment(plain)
        return replace(found, article=replace(found.article, version=version))
    except (ValueError, TypeError, yaml.YAMLError) as error:
        raise InvalidArticleError(_said(error)) from error


def blank(intent: str) -> str:
    """Return the YAML of an article to be filled in."""
    return (
        f"intent: {intent}\ntitle: \nanswer: |\n  \ncategory: \ndepartment: \npriority: normal\n"
        "automatic: false\nneeds_person: false\nreview: false\npublic: false\nutterances:\n- \n"
        "# Messages that test the model; it does not learn them:\ngolden: []\n"
    )


def rest_as_yaml(article: Article) -> str:
    """Return what an article says beside SINGLE fields and lists, as YAML; "" if nothing."""
    plain = _ARTICLE.dump_python(article, mode="json")
    known = {*SINGLE, *LISTS}
    rest = {name: plain[name] for name in _NAMES if name not in known and plain[name]}
    return _dumped(rest) if rest else ""


def fields_of(text: str) -> dict[str, Any] | None:
    """Return the fields of an article in YAML, as a form shows them; None if a form cannot.

    Lists are lines of one text, `rest` is YAML.
    """
    try:
        plain = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    if not isinstance(plain, dict) or not all(isinstance(name, str) for name in plain):
        return None
    lists = {name: plain.get(name) or [] for name in LISTS}
    if not all(isinstance(each, list) and all(map(_is_line, each)) for each in lists.values()):
        return None
    if any(isinstance(plain.get(name), dict | list) for name in SINGLE):
        return None
    rest = {n: value for n, value in plain.items() if value and n not in {*SINGLE, *LISTS}}
    return {
        **{n: plain.get(n) is True for n in SWITCHES},
        **{n: _shown(plain.get(n)) for n in SINGLE if n not in SWITCHES},
        **{name: "\n".join(each) for name, each in lists.items()},
        "rest": _dumped(rest) if rest else "",
    }


def of_fields(fields: Mapping[str, Any], rest: str) -> str:
    """Return the YAML of an article from the fields of a form; `rest` is YAML as it was written."""
    return f"{_dumped(dict(fields))}{rest}"


def _shown(value: Any) -> str:
    return "" if value is None else str(value)


def _is_line(value: Any) -> bool:
    return isinstance(value, str) and "\n" not in value


def _dumped(plain: Mapping[str, Any]) -> str:
    given = dict(plain)
    text: str = yaml.dump(given, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)
    return text


class _Dumper(yaml.SafeDumper):
    """Writes texts of several lines as such."""


def _block(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _block)


def _amendment(plain: Any) -> Amendment:
    """Return an article with the golden cases that it carries under `golden`."""
    if not isinstance(plain, dict):
        raise TypeError(f"an article must be a mapping, not {type(plain).__name__}")
    golden = tuple(golden_cases.beside(plain))
    own = {name: value for name, value in plain.items() if name != "golden"}
    if unknown := set(own) - {*_NAMES, "version"}:
        raise ValueError(f"unknown field {', '.join(sorted(map(str, unknown)))}")
    return Amendment(article=_ARTICLE.validate_python(own), golden=golden)


def _plain(suffix: str, text: str) -> list[Any]:
    if suffix == ".json":
        loaded = json.loads(text)
        return loaded if isinstance(loaded, list) else [loaded]
    if suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    if suffix == ".csv":
        return [_row(row) for row in csv.DictReader(io.StringIO(text))]
    raise ValueError("not .json, .jsonl, .csv, .yml or .yaml")


def _row(row: Mapping[str, str]) -> dict[str, Any]:
    filled: dict[str, Any] = {name: value for name, value in row.items() if value}
    for name in _BOOLEANS & set(filled):
        filled[name] = filled[name].strip().lower() in {"true", "yes", "1"}
    filled |= {name: json.loads(filled[name]) for name in _NESTED if name in filled}
    filled["utterances"] = [line for line in row.get("utterances", "").splitlines() if line.strip()]
    return filled


def _from_rasa(
    files: Sequence[Mapping[str, Any]],
) -> tuple[list[Article], dict[str, tuple[str, ...]]]:
    """Return the articles of intents that an `utter_<intent>` answers, and the other utterances."""
    examples: dict[str, tuple[str, ...]] = {}
    answers: dict[str, str] = {}
    for loaded in files:
        for block in loaded.get("nlu", []):
            if "intent" not in block:
                continue
            # A retrieval intent, faq/ask_hours, is known by its second part.
            name = _snake(str(block["intent"]).rsplit("/", 1)[-1])
            lines = (line.strip().removeprefix("-").strip() for line in _lines(block["examples"]))
            texts = (_ANNOTATION.sub(r"\1", line) for line in lines if line)
            examples[name] = tuple(dict.fromkeys((*examples.get(name, ()), *texts)))
        for name, variants in loaded.get("responses", {}).items():
            said = [variant["text"] for variant in variants if variant.get("text")]
            if said:
                answers[_snake(name.removeprefix("utter_").rsplit("/", 1)[-1])] = said[0]
    articles = [
        Article(
            intent=intent,
            title=intent.replace("_", " "),
            answer=answers[intent],
            utterances=texts,
            category="imported",
            department="imported",
        )
        for intent, texts in examples.items()
        if intent in answers
    ]
    return articles, {name: texts for name, texts in examples.items() if name not in answers}


def _lines(given: Any) -> list[str]:
    if isinstance(given, str):
        return given.splitlines()
    return [str(each["text"] if isinstance(each, dict) else each) for each in given]


def _snake(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")


def _said(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors(include_url=False)[0]
        if isinstance(ours := first.get("ctx", {}).get("error"), InvalidArticleError):
            return str(ours)
        return f"{'.'.join(map(str, first['loc'])) or 'article'}: {first['msg']}"
    return " ".join(str(error).split())

"""What visitors read without a key: policy, languages, and the page put together from its files."""

import json
import re
from base64 import b64decode
from hashlib import sha256
from pathlib import Path

import pytest
from helpdesk import pages
from helpdesk.settings import PagesSettings, SettingsError
from helpdesk.settings.values import Origins

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "functions/pages/page"
FILES = {path.stem: json.loads(path.read_text("utf-8")) for path in FOLDER.glob("texts/*.json")}
TEXTS = {language: pages.spoken(texts, mailed=False) for language, texts in FILES.items()}
KB = 1024
KEY = "0123456789" * 4
BUCKET = "https://files.s3.eu-central-1.amazonaws.com"

SMALL = pages.Parts(
    html='<html lang="{{lang}}" dir="{{dir}}"><meta content="{{key}}"><style>{{style}}</style>'
    "<h1>{{title}}</h1><script>{{script}}</script><data>{{texts}}</data>",
    css="h1 {\n  color: red;\n}\n",
    js="// why\nconst a = 'two  blanks';\n\nlet b = a + 1;\n",
    widget='const words = "{{words}}";\n',
)
SPOKEN = {"title": "Help & more", "sent": "Sent</script>", "unread_one": "1", "unread_many": "{}"}


def read(name: str) -> str:
    return (FOLDER / name).read_text("utf-8")


@pytest.fixture(scope="module")
def parts() -> pages.Parts:
    return pages.Parts(*map(read, ("page.html", "page.css", "page.js", "widget.js")))


def sources(document: pages.Document) -> dict[str, list[str]]:
    """Return what a document's policy allows, by directive."""
    policy = document.headers["Content-Security-Policy"]
    return {name: said for name, *said in (each.split() for each in policy.split("; "))}


class TestPolicy:
    def test_what_is_empty_is_allowed_to_nobody(self) -> None:
        said = {each.split(" ", 1)[1] for each in pages.policy().split("; ")}

        assert said == {"'none'"}

    def test_scripts_and_styles_are_allowed_by_their_hash_alone(self) -> None:
        document = pages.page(SMALL, SPOKEN, "en", key=KEY)
        for tag, directive in (("script", "script-src"), ("style", "style-src")):
            (code,) = re.findall(rf"<{tag}>(.*?)</{tag}>", document.content, re.DOTALL)
            (allowed,) = sources(document)[directive]
            digest = b64decode(allowed.removeprefix("'sha256-").removesuffix("'"))
            assert digest == sha256(code.encode()).digest()

    def test_only_named_sites_frame_the_page(self) -> None:
        shops = Origins("https://shop.example https://www.shop.example:8443")

        assert sources(pages.page(SMALL, SPOKEN, "en", key=KEY))["frame-ancestors"] == ["'none'"]
        framed = pages.page(SMALL, SPOKEN, "en", key=KEY, frames=shops)
        assert sources(framed)["frame-ancestors"] == list(shops)

    @pytest.mark.parametrize(
        "line",
        [
            "http://shop.example",
            "https://*.example",
            "*",
            "https://shop.example/path",
            "https://shop.example; script-src *",
            "https://shop.example,https://other.example",
        ],
    )
    def test_what_is_no_origin_is_refused(self, line: str) -> None:
        with pytest.raises(ValueError, match="is no origin"):
            Origins(line)

    def test_the_function_ends_its_start_with_what_is_no_origin(self) -> None:
        """The template refuses it, too: it would be part of the policy."""
        there = {
            "FILES_ORIGIN": BUCKET,
            "KNOWLEDGE_TABLE": "knowledge",
            "TICKETS_TABLE": "tickets",
            "ADDRESS_PER_SECOND": "5",
        }
        given = there | {"WIDGET_ORIGINS": "https://shop.example; x"}

        with pytest.raises(SettingsError, match="WIDGET_ORIGINS"):
            PagesSettings.from_env(given)
        assert PagesSettings.from_env(there).widget_origins == ()


class TestLanguages:
    @pytest.mark.parametrize(
        ("wanted", "accepted", "found"),
        [
            ("", "", "en"),
            ("de", "ar", "de"),
            ("DE-at", "", "de"),
            ("xx", "de", "de"),
            ("", "fr, ar;q=0.5, de;q=0.8", "de"),
            ("", "de;q=0, ar;q=0.1", "ar"),
            ("", "fr", "en"),
            ("", "de-CH", "de"),
            ("", "de;q=much, ar;q=0.2", "ar"),
            ("", "de;q=1.1.1, ar;q=0.2", "ar"),
            ("", "*", "en"),
            ("../etc", ";;;,,,", "en"),
        ],
    )
    def test_a_visitor_gets_the_language_asked_for_or_else_the_browsers(
        self, wanted: str, accepted: str, found: str
    ) -> None:
        assert pages.language_of(wanted, accepted, ("en", "ar", "de")) == found

    def test_each_language_has_all_texts_and_no_other(self) -> None:
        assert set(FILES) == {"ar", "de", "en"}
        for language, texts in FILES.items():
            assert texts.keys() == FILES["en"].keys(), language
            for name, text in texts.items():
                assert text or name == "answered", f"{language}: {name}"
                assert text.count("{}") == FILES["en"][name].count("{}"), f"{language}: {name}"

    def test_every_text_is_used(self, parts: pages.Parts) -> None:
        states = {"received", "asked", "escalated", "answered", "closed", "automatic", "agent"}
        states |= {"customer", "expected", "being_checked", "ready", "refused", "erased"}
        used = {*re.findall(r"(?<!el\.)words\.([a-z_]+)", parts.js), *states}
        used |= {*re.findall(r"\{\{([a-z_]+)\}\}", parts.html), "unread_one", "unread_many"}

        assert TEXTS["en"].keys() <= used
        assert {*re.findall(r"(?<!el\.)words\.([a-z_]+)", parts.js)} <= TEXTS["en"].keys()

    def test_the_direction_of_the_page_is_its_languages(self, parts: pages.Parts) -> None:
        for language, texts in TEXTS.items():
            direction = "rtl" if language == "ar" else "ltr"
            content = pages.page(parts, texts, language, key=KEY).content
            assert f'<html lang="{language}" dir="{direction}">' in content


class TestThePage:
    def test_texts_cannot_become_markup(self) -> None:
        content = pages.page(SMALL, SPOKEN, "en", key=KEY).content

        assert "<h1>Help &amp; more</h1>" in content
        assert "Sent\\u003c/script>" in content

    def test_a_text_that_is_missing_is_named(self) -> None:
        with pytest.raises(pages.TextsError, match="'title'"):
            pages.page(SMALL, {"sent": "Sent"}, "en", key=KEY)

    def test_a_script_has_no_semicolon_before_a_brace(self) -> None:
        parts = pages.Parts(
            html="{{script}}",
            css="",
            js="if (a) {\n  b(';}');\n}\nconst c = () => { d(); };\n",
            widget="",
        )

        made = pages.page(parts, {}, "en", key=KEY).content
        assert made == "if(a){b(';}')}\nconst c=()=>{d()};"

    def test_what_is_quoted_in_a_script_stays_as_it_is(self) -> None:
        parts = pages.Parts(
            html="{{script}}",
            css="",
            js="const a = 'x  y' + `z  ${ a }` + \"q  r\";\n"
            "const b = /[/ ] '/.test( a ) ? 1 : typeof a;\nlet c = 1 - -1;\nreturn a in b;\n",
            widget="",
        )

        assert pages.page(parts, {}, "en", key=KEY).content == (
            "const a='x  y'+`z  ${ a }`+\"q  r\";"
            "const b=/[/ ] '/.test(a)?1:typeof a;let c=1- -1;return a in b;"
        )

    @pytest.mark.parametrize("mailed", [False, True])
    @pytest.mark.parametrize("language", sorted(TEXTS))
    def test_it_is_one_answer_of_less_than_15_kb(
        self, parts: pages.Parts, language: str, mailed: bool
    ) -> None:
        """Before the gateway packs it."""
        texts = pages.spoken(FILES[language], mailed=mailed)
        document = pages.page(parts, texts, language, key=KEY, calls=[BUCKET])

        assert len(document.content.encode()) < 15 * KB
        assert not re.search(r"""(src|href|action)=["']?[^"'>{]""", document.content)

    def test_it_asks_its_own_address_and_sends_files_to_the_bucket_alone(
        self, parts: pages.Parts
    ) -> None:
        document = pages.page(parts, TEXTS["en"], "en", key=KEY, calls=[BUCKET])

        assert sources(document)["connect-src"] == ["'self'", BUCKET]
        assert sources(document)["default-src"] == ["'none'"]
        assert not re.search(r"https?://(?![\[(])", document.content), "names no other address"

    def test_nothing_that_is_said_can_become_markup(self, parts: pages.Parts) -> None:
        for code in (parts.js, parts.widget):
            assert not re.search(
                r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b|new Function", code
            )

    def test_a_token_is_in_no_address_but_the_fragment(self, parts: pages.Parts) -> None:
        (link,) = re.findall(r"`[^`\n]*talk\.token[^`\n]*`;", parts.js.replace("Bearer", ""))[-1:]

        assert link == "`${location.origin}${here}#${talk.id}.${talk.token}`;"
        assert parts.js.count("talk.token") == 2, "in the header Authorization, and in the link"
        assert "localStorage" not in parts.js + parts.widget
        assert "cookie" not in parts.js + parts.widget

    def test_its_tag_changes_with_its_content_and_its_policy(self) -> None:
        one = pages.page(SMALL, SPOKEN, "en", key=KEY)
        shops = Origins("https://shop.example")

        assert one.tag == pages.page(SMALL, SPOKEN, "en", key=KEY).tag
        others = {
            pages.page(SMALL, SPOKEN, "en", key="another").tag,
            pages.page(SMALL, SPOKEN, "en", key=KEY, frames=shops).tag,
            pages.page(SMALL, SPOKEN, "de", key=KEY).tag,
        }
        assert len(others | {one.tag}) == 4

    def test_a_visitor_who_has_it_names_it(self) -> None:
        document = pages.page(SMALL, SPOKEN, "en", key=KEY)

        assert pages.matches(document, document.tag)
        assert pages.matches(document, f'"other", {document.tag.removeprefix("W/")}')
        assert pages.matches(document, "*")
        assert not pages.matches(document, "")
        assert not pages.matches(document, '"other"')


class TestTheButton:
    def test_it_is_less_than_3_kb(self, parts: pages.Parts) -> None:
        document = pages.widget(parts, TEXTS)

        assert len(document.content.encode()) < 3 * KB
        assert document.headers["Cross-Origin-Resource-Policy"] == "cross-origin"

    def test_it_has_its_words_in_every_language(self, parts: pages.Parts) -> None:
        content = pages.widget(parts, TEXTS).content

        for texts in TEXTS.values():
            assert texts["title"] in content
            assert texts["unread_many"] in content

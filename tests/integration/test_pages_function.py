"""The pages function as the gateway calls it."""

import re
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.conftest import Stack, functions, load
from tests.integration.test_intake import Gateway

KEY = "pages-of-the-shop-0123456789"
SHOP = "https://shop.example"


@dataclass(frozen=True)
class Door:
    """A pages function with some variables set otherwise."""

    template: dict[str, Any]
    stack: Stack

    def with_(self, **variables: str) -> Gateway:
        there = self.stack.where("PagesFunction", **variables)
        return Gateway(load(self.template, there, "PagesFunction"), headers={"Accept": "*/*"})


@pytest.fixture
def door(template: dict[str, Any], deployed: Stack) -> Door:
    return Door(template, deployed)


@pytest.fixture
def gateway(door: Door) -> Gateway:
    return door.with_(PUBLIC_API_KEY_VALUE=KEY, WIDGET_ORIGINS=SHOP)


def test_the_page_has_the_public_key_and_no_other(gateway: Gateway) -> None:
    reply = gateway.request("GET", "/help")

    assert reply.status == 200
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert f'<meta name=key content="{KEY}" id=key>' in reply.text


@pytest.mark.parametrize(("domain", "told"), [("", False), ("shop.example", True)])
def test_a_desk_with_mail_says_what_an_address_is_for(door: Door, domain: str, told: bool) -> None:
    page = door.with_(PUBLIC_API_KEY_VALUE=KEY, MAIL_DOMAIN=domain).request("GET", "/help")

    assert ("replies also come by mail" in page.text) is told
    assert ("We cannot tell whether it is yours" in page.text) is not told


def test_the_shop_frames_it_and_the_bucket_gets_its_files(door: Door, gateway: Gateway) -> None:
    policy = gateway.request("GET", "/help").headers["Content-Security-Policy"]
    elsewhere = door.with_(PUBLIC_API_KEY_VALUE=KEY, FILES_ORIGIN="https://files.example")

    assert f"frame-ancestors {SHOP}" in policy
    policy = elsewhere.request("GET", "/help").headers["Content-Security-Policy"]
    assert "connect-src 'self' https://files.example;" in policy
    assert "frame-ancestors 'none'" in policy


def test_a_host_that_stands_for_aws_gets_the_files(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:4566/")

    policy = (
        door.with_(PUBLIC_API_KEY_VALUE=KEY)
        .request("GET", "/help")
        .headers["Content-Security-Policy"]
    )

    assert "connect-src 'self' http://127.0.0.1:4566;" in policy


def test_the_browser_or_the_address_chooses_the_language(gateway: Gateway) -> None:
    german = gateway.request("GET", "/help", headers={"Accept-Language": "de-CH, en;q=0.5"})
    arabic = gateway.request("GET", "/help", query={"lang": "ar"})

    assert (german.headers["Content-Language"], german.headers["Vary"]) == ("de", "Accept-Language")
    assert '<html lang="ar" dir="rtl">' in arabic.text


@pytest.mark.parametrize("path", ["/help", "/widget.js"])
def test_a_visitor_who_has_it_already_gets_304(gateway: Gateway, path: str) -> None:
    first = gateway.request("GET", path)
    again = gateway.request("GET", path, headers={"If-None-Match": first.headers["ETag"]})

    assert (first.status, again.status, again.text) == (200, 304, "")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert re.fullmatch(r"public, max-age=\d+", again.headers["Cache-Control"])


def test_both_are_safe_to_give_out(gateway: Gateway) -> None:
    for path in ("/help", "/widget.js"):
        told = gateway.request("GET", path).headers
        assert told["X-Content-Type-Options"] == "nosniff"
        assert told["Referrer-Policy"] == "no-referrer"
        assert told["Strict-Transport-Security"]
        assert "Set-Cookie" not in told


def test_without_a_key_there_is_no_page_and_it_is_said_what_to_do(door: Door) -> None:
    reply = door.with_(PUBLIC_API_KEY_VALUE="").request("GET", "/help")

    assert reply.status == 503
    assert reply.headers["Content-Type"] == "application/problem+json"
    assert "PublicApiKeyValue" in reply.text


def test_the_pages_read_articles_and_count_and_may_do_nothing_else(
    template: dict[str, Any],
) -> None:
    (policy,) = template["Resources"]["PagesRole"]["Properties"]["Policies"]
    keys = [
        key
        for each in policy["PolicyDocument"]["Statement"]
        if "Condition" in each
        for key in each["Condition"]["ForAllValues:StringLike"]["dynamodb:LeadingKeys"]
    ]
    free = [each for each in policy["PolicyDocument"]["Statement"] if "Condition" not in each]

    assert sorted(keys) == [
        "ANSWERED#*", "ARTICLE", "ARTICLE#*", "COUNTED", "EDITION", "FACTS", "FACTS#*", "RATE#*"
    ]  # fmt: skip
    assert [each["Action"] for each in free] == [["logs:CreateLogStream", "logs:PutLogEvents"]]


def test_the_gateway_slows_down_who_asks_for_them_too_often(template: dict[str, Any]) -> None:
    """They want no key, so no usage plan counts them."""
    api = template["Resources"]["Api"]["Properties"]
    slowed = {
        (each["ResourcePath"].replace("/~1", "/").replace("~1", "/"), each["HttpMethod"]): each
        for each in api["MethodSettings"]
    }
    open_to_all = {
        (each["Properties"]["Path"], each["Properties"]["Method"])
        for function in functions(template).values()
        for each in function["Events"].values()
        if each["Type"] == "Api" and not each["Properties"].get("Auth", {}).get("ApiKeyRequired")
    }

    assert ("/health", "GET") in open_to_all
    assert slowed.keys() == open_to_all
    for each in slowed.values():
        assert each["ThrottlingRateLimit"] == {"Ref": "PublicRequestsPerSecond"}
    assert api["MinimumCompressionSize"] == 1024


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("", True),
        ("https://shop.example", True),
        ("https://shop.example https://www.shop.example:8443", True),
        ("http://shop.example", False),
        ("https://*.example", False),
        ("https://shop.example/", False),
        ("https://shop.example; script-src *", False),
    ],
)
def test_the_template_takes_origins_over_https_alone(
    template: dict[str, Any], given: str, *, taken: bool
) -> None:
    pattern = template["Parameters"]["WidgetOrigins"]["AllowedPattern"]

    assert bool(re.fullmatch(pattern, given)) is taken

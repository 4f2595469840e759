"""An S3 that checks its links: signature version 4 of a link, worked out again from its parts.

moto answers every link and takes every form. The rules are those of AWS's documentation
("Authenticating requests: using query parameters", "POST policy").
"""

import hashlib
import hmac
import json
from base64 import b64decode
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

SECRET = "FOOBARSECRET"
"""The secret key of moto's credentials."""


def opens(url: str, *, at: datetime, secret: str = SECRET) -> bool:
    """Tell whether S3 would answer a link then: signed by our key, unchanged, not too old."""
    parts = urlsplit(url)
    asked = dict(parse_qsl(parts.query, keep_blank_values=True))
    signature = asked.pop("X-Amz-Signature", "")
    if asked.get("X-Amz-Algorithm") != "AWS4-HMAC-SHA256":
        return False
    signed = datetime.strptime(asked["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    query = "&".join(f"{quote(k, safe='')}={quote(asked[k], safe='')}" for k in sorted(asked))
    whole = ["GET", parts.path, query, f"host:{parts.netloc}", "", "host", "UNSIGNED-PAYLOAD"]
    digest = hashlib.sha256("\n".join(whole).encode()).hexdigest()
    scope = asked["X-Amz-Credential"].partition("/")[2]
    text = "\n".join(["AWS4-HMAC-SHA256", asked["X-Amz-Date"], scope, digest])
    right = hmac.compare_digest(_signature(secret, scope, text), signature)
    return right and signed <= at < signed + timedelta(seconds=int(asked["X-Amz-Expires"]))


def takes(fields: dict[str, str], content: bytes, *, at: datetime, secret: str = SECRET) -> bool:
    """Tell whether S3 would store what is sent with a form: its policy is ours, and it is met."""
    given = dict(fields)
    policy, signature = given.pop("policy"), given.pop("x-amz-signature")
    scope = given["x-amz-credential"].partition("/")[2]
    if not hmac.compare_digest(_signature(secret, scope, policy), signature):
        return False
    demanded = json.loads(b64decode(policy))
    if at >= datetime.fromisoformat(demanded["expiration"]):
        return False
    named: set[str] = set()
    for each in demanded["conditions"]:
        if isinstance(each, dict):
            ((name, value),) = each.items()
            named.add(name)
            if name != "bucket" and given.get(name) != value:
                return False
        elif each[0] == "content-length-range" and not each[1] <= len(content) <= each[2]:
            return False
    return set(given) <= named  # S3 refuses fields of which the policy says nothing


def _signature(secret: str, scope: str, text: str) -> str:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def policy_of(fields: dict[str, str]) -> Any:
    """Return what a form's policy demands."""
    return json.loads(b64decode(fields["policy"]))

"""Who vouches for a customer: point 11 of the field's findings."""

import json
import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from helpdesk.identity import Identity, Secrets, UnvouchedError, sign, verified

from tests.fakes import MORNING

SECRET, OTHER = "s" * 32, "t" * 32
ENDS = int((MORNING + timedelta(hours=1)).timestamp())
ADA = Identity(reference="cust-1", email="ada@example.com", expires=ENDS)
KEYS = Path(__file__).parents[2] / "docs" / "keys.md"


def asked(identity: Identity | None = ADA, signature: str | None = None, **more: Any) -> bool:
    given: dict[str, Any] = {
        "server": False,
        "names_tier": False,
        "secrets": Secrets(SECRET),
        "now": MORNING,
        **more,
    }
    made = sign(identity or ADA, SECRET) if signature is None else signature
    return verified(identity, made, **given)


def test_a_server_vouches_and_a_page_does_not() -> None:
    assert asked(None, server=True)
    assert not asked(None)


def test_a_page_with_the_signature_of_its_shop_does() -> None:
    assert asked()


@pytest.mark.parametrize("server", [True, False])
@pytest.mark.parametrize(
    "changed",
    [
        replace(ADA, reference="cust-2"),
        replace(ADA, email="eve@example.com"),
        replace(ADA, expires=ENDS + 1),
        replace(ADA, reference=None),
        replace(ADA, email=None),
        replace(ADA, email="Ada@example.com"),
    ],
    ids=str,
)
def test_a_wrong_signature_is_refused_and_not_ignored(changed: Identity, server: bool) -> None:
    with pytest.raises(UnvouchedError, match="does not match") as caught:
        asked(changed, sign(ADA, SECRET), server=server)
    assert caught.value.field == "customer.identity"


def test_a_secret_of_another_shop_signs_nothing() -> None:
    with pytest.raises(UnvouchedError, match="does not match"):
        asked(signature=sign(ADA, OTHER))


def test_two_secrets_hold_while_one_rotates() -> None:
    both = Secrets(OTHER, SECRET)

    assert asked(secrets=both)
    assert asked(signature=sign(ADA, OTHER), secrets=both)
    with pytest.raises(UnvouchedError):
        asked(secrets=Secrets(OTHER))


def test_without_a_secret_no_signature_is_taken() -> None:
    """An empty secret is none: its signatures are easy to make."""
    for secrets in (Secrets(""), Secrets("", "")):
        with pytest.raises(UnvouchedError, match="does not accept signed identities"):
            asked(signature=sign(ADA, ""), secrets=secrets)
    with pytest.raises(UnvouchedError, match="does not match"):
        asked(signature=sign(ADA, ""), secrets=Secrets(SECRET, ""))


@pytest.mark.parametrize(
    ("ends", "said"), [(0, "expired"), (-1, "expired"), (24 * 3600 + 1, "at most 24 hours")]
)
def test_a_signature_ends_and_does_not_last(ends: int, said: str) -> None:
    late = replace(ADA, expires=int(MORNING.timestamp()) + ends)

    with pytest.raises(UnvouchedError, match=said):
        asked(late)


@pytest.mark.parametrize("ends", [1, 24 * 3600])
def test_a_signature_holds_until_its_last_second(ends: int) -> None:
    assert asked(replace(ADA, expires=int(MORNING.timestamp()) + ends))


def test_a_signature_about_no_customer_is_refused() -> None:
    with pytest.raises(UnvouchedError, match=r"customer\.reference, customer\.email"):
        asked(Identity(reference=None, email=None, expires=ENDS))


def test_a_page_that_names_a_tier_is_told_what_to_do() -> None:
    with pytest.raises(UnvouchedError, match=r"Leave customer\.tier out") as caught:
        asked(names_tier=True)
    assert caught.value.field == "customer.tier"
    assert asked(None, server=True, names_tier=True)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("ab", "c@d.e"), ("a", "bc@d.e")),
        (("x\n5:a@b.c", None), ("x", "a@b.c")),
        (("x", None), (None, "x")),
        (("1:x", None), ("x", None)),
        (("\u00e9", None), ("e\u0301", None)),
    ],
)
def test_no_two_identities_are_signed_as_one_text(
    one: tuple[str | None, str | None], other: tuple[str | None, str | None]
) -> None:
    texts = {Identity(reference=r, email=e, expires=ENDS).text for r, e in (one, other)}

    assert len(texts) == 2


def test_what_is_signed_never_changes() -> None:
    """Shops have written their own signing by the document."""
    fixed = Identity(reference="cust-1", email="jörg@example.com", expires=1_790_000_000)

    assert fixed.text == (
        "helpdesk-identity-1\n6:cust-1\n17:jörg@example.com\n1790000000\n".encode()
    )
    assert sign(fixed, SECRET) == (
        "39fe117954b64e8db270553f9fd328f3fa6fb7b033a5ce0955e2a077724d2d65"
    )


def test_the_secrets_are_not_shown() -> None:
    assert SECRET not in repr(Secrets(SECRET, OTHER))
    assert OTHER not in repr(Secrets(SECRET, OTHER))


def test_the_snippet_for_shops_signs_as_the_desk_does() -> None:
    (snippet,) = re.findall(r"```python\n(.+?)```", KEYS.read_text(), re.DOTALL)
    shop: dict[str, Any] = {}
    exec(snippet, shop)  # noqa: S102 -- our own document

    made = shop["identity"](SECRET, reference="cust-1", email="jörg@example.com", minutes=10)
    signed = Identity(
        reference="cust-1", email="jörg@example.com", expires=made["identity"]["expires"]
    )
    assert made["identity"]["signature"] == sign(signed, SECRET)
    assert json.loads(json.dumps(made)).keys() == {"reference", "email", "identity"}
    alone = shop["identity"](SECRET, reference="cust-1")
    assert alone.keys() == {"reference", "identity"}
    assert Secrets(SECRET).signed(
        Identity(reference="cust-1", email=None, expires=alone["identity"]["expires"]),
        alone["identity"]["signature"],
    )

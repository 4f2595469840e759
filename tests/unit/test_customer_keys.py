"""When two addresses, references or names are equal, and how people type them."""

import pytest
from helpdesk.ticket import Customer, CustomerKey, Kind
from hypothesis import given
from hypothesis import strategies as st

COMPOSED, APART = "ren\u00e9e", "rene\u0301e"


@pytest.mark.parametrize(
    ("kind", "one", "other", "equal"),
    [
        (Kind.EMAIL, "Ada@Example.COM", "ada@example.com", True),
        (Kind.EMAIL, f"{COMPOSED}@x.example", f"{APART.upper()}@x.example", True),
        (Kind.EMAIL, "ada+shop@x.example", "ada@x.example", False),
        (Kind.EMAIL, "a.da@x.example", "ada@x.example", False),
        (Kind.REFERENCE, COMPOSED, APART, True),
        (Kind.REFERENCE, "cus_Ab", "cus_aB", False),
        (Kind.REFERENCE, " C-1 ", "C-1", True),
        (Kind.NAME, f"{COMPOSED}  Smith", f"{APART.upper()} SMITH", True),
        (Kind.NAME, "Ada", "Adah", False),
    ],
)
def test_which_keys_are_equal(kind: Kind, one: str, other: str, equal: bool) -> None:
    assert (CustomerKey.of(kind, one) == CustomerKey.of(kind, other)) is equal


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Ada@x.example", CustomerKey(Kind.EMAIL, "ada@x.example")),
        ("C-1", CustomerKey(Kind.REFERENCE, "C-1")),
        ("name:Ada Lovelace", CustomerKey(Kind.NAME, "ada lovelace")),
        ("reference:ada@x.example", CustomerKey(Kind.REFERENCE, "ada@x.example")),
        ("reference:email:1", CustomerKey(Kind.REFERENCE, "email:1")),
        ("shop:17", CustomerKey(Kind.REFERENCE, "shop:17")),
        ("name:", CustomerKey(Kind.REFERENCE, "name:")),
    ],
)
def test_how_a_key_is_typed(text: str, key: CustomerKey) -> None:
    assert CustomerKey.typed(text) == key


@given(kind=st.sampled_from(Kind), said=st.text(min_size=1, max_size=254))
def test_a_key_comes_back_as_it_is_stored_and_as_it_is_shown(kind: Kind, said: str) -> None:
    key = CustomerKey.of(kind, said)

    assert CustomerKey.read(key.stored) == key
    assert CustomerKey.of(kind, key.value) == key
    assert not key.value or CustomerKey.typed(str(key)) == key


@pytest.mark.parametrize("character", ["a", "\U0001d160", "\ufdfa", "\u0390"])
def test_a_key_fits_into_a_table_whatever_its_form_makes_of_it(character: str) -> None:
    """Normalising can make a text many times as long; a table takes keys of 1,024 bytes."""
    for kind in Kind:
        key = CustomerKey.of(kind, character * 254)

        assert len(f"2026-03-02T09:00:00.000+00:00#{key.stored}".encode()) <= 1024
    assert CustomerKey.of(Kind.NAME, character * 253) != CustomerKey.of(Kind.NAME, character * 254)


class TestOfACustomer:
    def test_a_customer_is_known_by_all_that_was_given(self) -> None:
        customer = Customer(email="Ada@x.example", name="Ada", reference="C-1")

        assert tuple(map(str, customer.keys)) == (
            "email:ada@x.example",
            "reference:C-1",
            "name:ada",
        )
        assert Customer(name="", email=None).keys == ()

    def test_customers_who_are_not_verified_have_keys_of_their_own(self) -> None:
        assert (
            Customer(email="Ada@x.example", verified=False).key == "UNVERIFIED#EMAIL#ada@x.example"
        )
        assert Customer(name="Ada", verified=False).key is None

    def test_forms_that_earlier_versions_stored_are_known(self) -> None:
        ada = Customer(email=f"{COMPOSED}@x.example")

        assert ada.spellings == (f"EMAIL#{COMPOSED}@x.example", f"EMAIL#{APART}@x.example")
        assert Customer(reference="C-1").spellings == ("REFERENCE#C-1",)
        assert Customer(email="a@x.example", verified=False).spellings == (
            "UNVERIFIED#EMAIL#a@x.example",
        )

    @pytest.mark.parametrize("verified", [True, False])
    def test_of_a_key_the_customer_is_made_again(self, verified: bool) -> None:
        key = CustomerKey(Kind.REFERENCE, "C-1")

        assert Customer.known_by(key, verified=verified) == Customer(
            reference="C-1", verified=verified
        )

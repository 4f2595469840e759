"""Canned replies: who may set and remove them, and what is refused."""

import pytest
from helpdesk.curation import Canner
from helpdesk.knowledge import InvalidTextError
from helpdesk.ports import NotFoundError
from helpdesk.ticket import NotAllowedError

from tests.fakes import ADA, LEAD


class Shelf:
    """Canned replies in memory."""

    def __init__(self) -> None:
        self.replies = {"sorry": "We are sorry."}

    def canned(self) -> dict[str, str]:
        return dict(self.replies)

    def put_canned(self, name: str, text: str) -> None:
        self.replies[name] = text

    def remove_canned(self, name: str) -> None:
        del self.replies[name]


def test_leads_set_and_remove_them() -> None:
    shelf = Shelf()
    canner = Canner(agent=LEAD, shelf=shelf)

    assert canner.set("hello", " Dear {name}, \n") == "Dear {name},"
    assert canner.get("hello") == "Dear {name},"
    assert canner.remove("sorry") == "We are sorry."
    assert shelf.replies == {"hello": "Dear {name},"}


def test_other_agents_read_them_only() -> None:
    shelf = Shelf()
    canner = Canner(agent=ADA, shelf=shelf)

    assert canner.get("sorry") == "We are sorry."
    with pytest.raises(NotAllowedError, match="ada is not a lead"):
        canner.set("sorry", "x")
    with pytest.raises(NotAllowedError, match="ada is not a lead"):
        canner.remove("sorry")
    assert shelf.replies == {"sorry": "We are sorry."}


@pytest.mark.parametrize("name", ["", "No Name", "1st", "a" * 41, "a.b"])
def test_a_name_that_cannot_be_typed_is_refused(name: str) -> None:
    with pytest.raises(InvalidTextError, match="up to 40 small letters"):
        Canner(agent=LEAD, shelf=Shelf()).set(name, "x")


@pytest.mark.parametrize("name", ["a", "a" * 40, "a-1_b"])
def test_a_name_may_have_letters_digits_and_lines(name: str) -> None:
    assert Canner(agent=LEAD, shelf=Shelf()).set(name, "x") == "x"


def test_a_blank_text_is_refused() -> None:
    with pytest.raises(InvalidTextError, match="the text is blank"):
        Canner(agent=LEAD, shelf=Shelf()).set("hello", " \n")


def test_one_that_is_not_there_is_told_with_those_that_are() -> None:
    canner = Canner(agent=LEAD, shelf=Shelf())

    with pytest.raises(NotFoundError, match="no canned reply 'x'; there are: sorry"):
        canner.get("x")
    with pytest.raises(NotFoundError):
        canner.remove("x")

"""What the bucket of mails says."""

import json
from typing import Any

import pytest
from helpdesk.arrivals import mails_of
from pydantic import ValidationError


def notification(*keys: str) -> dict[str, Any]:
    """Return what S3 says of new objects, with the fields that nothing reads."""
    return {
        "Records": [
            {
                "eventVersion": "2.1",
                "eventSource": "aws:s3",
                "eventName": "ObjectCreated:Put",
                "s3": {"bucket": {"name": "mails"}, "object": {"key": key, "size": 1}},
            }
            for key in keys
        ]
    }


def test_the_mails_are_named_in_their_order() -> None:
    assert mails_of(json.dumps(notification("inbound/b", "inbound/a"))) == (
        "inbound/b",
        "inbound/a",
    )


def test_keys_are_written_as_in_addresses() -> None:
    assert mails_of(json.dumps(notification("inbound/a+b%3D%C3%BC"))) == ("inbound/a b=ü",)


def test_what_the_service_stores_at_its_setup_is_no_mail() -> None:
    body = json.dumps(notification("inbound/AMAZON_SES_SETUP_NOTIFICATION", "inbound/a"))

    assert mails_of(body) == ("inbound/a",)


def test_the_test_event_names_none() -> None:
    assert mails_of('{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "mails"}') == ()


@pytest.mark.parametrize(
    "body",
    ["", "null", "[]", "{}", '{"Records": []}', '{"Records": [{"s3": {}}]}', '{"Event": "other"}'],
)
def test_other_texts_are_refused_without_being_quoted(body: str) -> None:
    with pytest.raises(ValidationError) as caught:
        mails_of(body)
    assert "input_value" not in str(caught.value)

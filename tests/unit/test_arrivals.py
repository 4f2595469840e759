"""What the bucket of mails says."""

import json
from typing import Any

import pytest
from helpdesk import arrivals
from helpdesk.arrivals import Came, Notice, Release, read
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
    assert read(json.dumps(notification("inbound/b", "inbound/a"))) == Came(
        ("inbound/b", "inbound/a")
    )


def test_keys_are_written_as_in_addresses() -> None:
    assert read(json.dumps(notification("inbound/a+b%3D%C3%BC"))) == Came(("inbound/a b=ü",))


def test_what_the_service_stores_at_its_setup_is_no_mail() -> None:
    body = json.dumps(notification("inbound/AMAZON_SES_SETUP_NOTIFICATION", "inbound/a"))

    assert read(body) == Came(("inbound/a",))


def test_the_test_event_names_none() -> None:
    assert read('{"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "mails"}') == Came()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"Records": []}',
        '{"Records": [{"s3": {}}]}',
        '{"Event": "other"}',
        '{"release": "models/v1", "by": "lena"}',
        '{"release": "inbound/a"}',
        '{"release": "inbound/a", "by": "lena", "more": 1}',
        '{"Type": "SubscriptionConfirmation", "MessageId": "1", "Message": ""}',
        '{"Type": "Notification", "MessageId": "1 2", "Message": ""}',
    ],
)
def test_other_texts_are_refused_without_being_quoted(body: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read(body)
    assert "input_value" not in str(caught.value)


def test_what_became_of_a_mail_has_the_id_of_its_notice() -> None:
    body = json.dumps({"Type": "Notification", "MessageId": "a-1", "Message": "{}", "More": 1})

    assert read(body) == Notice("a-1", "{}")


def test_a_lead_releases_a_mail_by_its_object() -> None:
    assert read(arrivals.release("inbound/a", "lena")) == Release("inbound/a", "lena")
    with pytest.raises(ValidationError):
        arrivals.release("models/a", "lena")

"""The environment as settings."""

from dataclasses import fields
from datetime import timedelta

import pytest
from helpdesk.settings import (
    NO_CATEGORIES,
    CourierSettings,
    DocumentsSettings,
    DrafterSettings,
    EngineKind,
    EngineSettings,
    IntakeSettings,
    MailboxSettings,
    MailSettings,
    PredictSettings,
    ReconcilerSettings,
    SettingsError,
    TrainerSettings,
    WorkerSettings,
)

INTAKE = {
    "TICKETS_TABLE": "tickets",
    "QUEUE_PATIENCE": "120",
    "NOTICES_QUEUE_URL": "https://queue",
    "KNOWLEDGE_TABLE": "knowledge",
    "INTAKE_QUEUE_URL": "https://queue",
    "ESCALATION_QUEUE_URL": "https://queue",
    "SERVER_API_KEY_ID": "key",
    "TOKEN_DAYS": "90",
    "RETENTION_DAYS": "400",
    "FILES_BUCKET": "files",
    "FILE_LINK_SECONDS": "300",
    "REQUESTS_PER_SECOND": "100",
    "REQUESTS_BURST": "200",
    "PUBLIC_REQUESTS_PER_SECOND": "50",
    "PUBLIC_REQUESTS_BURST": "100",
    "ADDRESS_PER_SECOND": "100",
    "CUSTOMER_PER_MINUTE": "30",
    "LOOKS_PER_MINUTE": "600",
    "HELD_REQUESTS": "300",
    "MAIL_BUCKET": "mails",
}
WORKER = {
    "TICKETS_TABLE": "tickets",
    "QUEUE_PATIENCE": "120",
    "NOTICES_QUEUE_URL": "https://queue",
    "KNOWLEDGE_TABLE": "knowledge",
    "ESCALATION_QUEUE_URL": "https://queue",
    "BUCKET": "bucket",
    "MAX_RECEIVES": "5",
    "ANSWER_FLOOR": "0.0",
    "ANSWER_MARGIN": "0.1",
    "OUTBOX_QUEUE_URL": "https://queue",
    "FILE_WAIT": "60",
    "CASE_WINDOW": "7",
    "RECORDS_TABLE": "records",
}
MAIL = {
    "TICKETS_TABLE": "tickets",
    "QUEUE_PATIENCE": "120",
    "NOTICES_QUEUE_URL": "https://queue",
    "KNOWLEDGE_TABLE": "knowledge",
    "INTAKE_QUEUE_URL": "https://queue",
    "ESCALATION_QUEUE_URL": "https://queue",
    "TOKEN_DAYS": "90",
    "RETENTION_DAYS": "400",
    "MAIL_BUCKET": "mails",
    "MAIL_NAME": "support",
    "RAW_MAIL_DAYS": "30",
    "REOPEN_DAYS": "14",
    "MAILS_PER_HOUR": "20",
    "FILES_BUCKET": "files",
    "OUTBOX_QUEUE_URL": "https://queue",
}
MAILBOX = {
    "TICKETS_TABLE": "tickets",
    "MAIL_BUCKET": "mails",
    "IMAP_HOST": "imap.shop.example",
    "IMAP_USER": "support",
    "IMAP_PASSWORD_NAME": "/helpdesk/imap",
    "MAIL_NAME": "support",
}
RECONCILER = {
    "TICKETS_TABLE": "tickets",
    "QUEUE_PATIENCE": "120",
    "NOTICES_QUEUE_URL": "https://queue",
    "KNOWLEDGE_TABLE": "knowledge",
    "INTAKE_QUEUE_URL": "https://queue",
    "ESCALATION_QUEUE_URL": "https://queue",
    "OUTBOX_QUEUE_URL": "https://queue",
}
COURIER = {
    "TICKETS_TABLE": "tickets",
    "QUEUE_PATIENCE": "120",
    "NOTICES_QUEUE_URL": "https://queue",
    "ESCALATION_QUEUE_URL": "https://queue",
    "MAX_RECEIVES": "5",
    "MAIL_NAME": "support",
    "NOTICES_DEAD_LETTERS_URL": "https://queue",
}
LEARNED = {
    "KNOWLEDGE_TABLE": "knowledge",
    "BUCKET": "bucket",
    "ANSWER_FLOOR": "0.0",
    "ANSWER_MARGIN": "0.1",
}
PREDICT = LEARNED | {
    "SERVER_API_KEY_ID": "key",
    "TICKETS_TABLE": "tickets",
    "QUEUE_PATIENCE": "120",
    "NOTICES_QUEUE_URL": "https://queue",
    "ESCALATION_QUEUE_URL": "https://queue",
    "TOKEN_DAYS": "90",
    "RETENTION_DAYS": "400",
    "RECORDS_TABLE": "records",
    "CONVERSATION_DAYS": "30",
}
TRAINER = LEARNED | {
    "TARGET_PRECISION": "0.95",
    "STRANGERS_SHARE": "0.2",
    "GATE_TOLERANCE": "0.02",
}
DOCUMENTS = {
    "TICKETS_TABLE": "tickets",
    "INTAKE_QUEUE_URL": "https://queue",
    "FILES_BUCKET": "files",
    "MALWARE_SCAN": "off",
    "OCR_LANGUAGES": "eng,deu",
}
DRAFTER = {
    "TICKETS_TABLE": "tickets",
    "QUEUE_PATIENCE": "120",
    "KNOWLEDGE_TABLE": "knowledge",
    "BUCKET": "bucket",
    "DRAFTS_QUEUE_URL": "https://queue",
    "ENGINE": "bedrock",
    "ENGINE_MODEL": "some-model",
    "ENGINE_DOLLARS_A_DAY": "2.5",
    "ENGINE_TOKENS_A_TICKET": "60000",
    "ENGINE_READ_PRICE": "3000000",
    "ENGINE_WRITTEN_PRICE": "15000000",
}
WITH_AN_ENGINE = PREDICT | {k: v for k, v in DRAFTER.items() if k.startswith("ENGINE_")}
EVERY = [
    (DrafterSettings, DRAFTER),
    (DocumentsSettings, DOCUMENTS),
    (IntakeSettings, INTAKE),
    (MailSettings, MAIL),
    (MailboxSettings, MAILBOX),
    (WorkerSettings, WORKER),
    (ReconcilerSettings, RECONCILER),
    (CourierSettings, COURIER),
    (PredictSettings, PREDICT),
    (TrainerSettings, TRAINER),
]


def test_values_get_their_types() -> None:
    worker = WorkerSettings.from_env(WORKER)
    intake = IntakeSettings.from_env(INTAKE)

    assert (worker.max_receives, worker.answer_margin) == (5, 0.1)
    assert (intake.token_life, intake.retention) == (timedelta(days=90), timedelta(days=400))


@pytest.mark.parametrize(
    ("kind", "environment"), [(WorkerSettings, WORKER), (PredictSettings, PREDICT)]
)
def test_categories_are_a_line_with_commas_and_case_makes_no_difference(
    kind: type[WorkerSettings], environment: dict[str, str]
) -> None:
    with_some = kind.from_env(environment | {"REVIEW_CATEGORIES": " BILLING, Gift cards,,"})

    assert sorted(with_some.review_categories) == ["billing", "gift cards"]
    assert kind.from_env(environment).review_categories == NO_CATEGORIES


@pytest.mark.parametrize(
    ("kind", "environment", "name"),
    [(kind, environment, name) for kind, environment in EVERY for name in environment],
)
@pytest.mark.parametrize("absent", ["", None])
def test_a_missing_or_empty_variable_is_named(
    kind: type[IntakeSettings], environment: dict[str, str], name: str, absent: str | None
) -> None:
    """F11: start fails with a message naming what is missing."""
    given = {k: v for k, v in environment.items() if k != name}
    if absent is not None:
        given[name] = absent

    with pytest.raises(SettingsError, match=f"^{name} is not set$"):
        kind.from_env(given)


def test_a_secret_may_be_missing_and_is_never_shown() -> None:
    without = IntakeSettings.from_env(INTAKE)
    with_it = IntakeSettings.from_env(INTAKE | {"IDENTITY_SECRET": "s" * 32})

    assert (without.identity_secret, without.identity_secret_before) == ("", "")
    assert with_it.identity_secret == "s" * 32
    assert "ssss" not in repr(with_it)


def test_every_fault_is_named_at_once() -> None:
    with pytest.raises(SettingsError) as caught:
        WorkerSettings.from_env({"MAX_RECEIVES": "five", "ANSWER_FLOOR": "high"})

    message = str(caught.value)
    assert "MAX_RECEIVES='five' is not of type int" in message
    assert "ANSWER_FLOOR='high' is not of type float" in message
    assert "BUCKET is not set" in message


def test_without_an_argument_the_process_environment_is_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in RECONCILER.items():
        monkeypatch.setenv(name, value)

    assert ReconcilerSettings.from_env().tickets_table == "tickets"


def test_a_desk_without_a_domain_has_a_mailbox_that_no_server_delivers_to() -> None:
    without = MailSettings.from_env(MAIL)
    at_home = MailSettings.from_env(MAIL | {"MAIL_DOMAIN": "shop.example", "MAIL_SECRET": "s" * 32})

    assert without.mailbox == "support@helpdesk.example"
    assert at_home.mailbox == "support@shop.example"
    assert (without.raw_mail_life, without.reopen_within) == (
        timedelta(days=30),
        timedelta(days=14),
    )
    assert "ssss" not in repr(at_home)


def test_the_drafters_money_is_in_microdollars_and_its_engine_is_one_of_three() -> None:
    drafter = DrafterSettings.from_env(DRAFTER)

    assert drafter.microdollars_a_day == 2_500_000
    assert drafter.patience == timedelta(seconds=120)
    assert (drafter.engine, bool(drafter.engine_private)) == (EngineKind.BEDROCK, False)
    with pytest.raises(SettingsError, match="ENGINE='none'"):
        DrafterSettings.from_env(DRAFTER | {"ENGINE": "none"})


def test_without_an_engine_nothing_of_one_must_be_set() -> None:
    predict = PredictSettings.from_env(PREDICT | {"ENGINE": ""})

    assert not predict.engine
    assert (predict.engine_model, predict.engine_key_name) == ("", "")


def test_with_an_engine_every_function_has_the_same_settings_of_it() -> None:
    predict = PredictSettings.from_env(WITH_AN_ENGINE | {"ENGINE": "bedrock"})
    drafter = DrafterSettings.from_env(DRAFTER)

    for name in (each.name for each in fields(EngineSettings)):
        assert getattr(predict, name) == getattr(drafter, name)
    assert predict.microdollars_a_day == drafter.microdollars_a_day


@pytest.mark.parametrize("name", sorted(set(WITH_AN_ENGINE) - set(PREDICT)))
def test_with_an_engine_what_bounds_it_must_be_set(name: str) -> None:
    given = WITH_AN_ENGINE | {"ENGINE": "openai", name: ""}

    with pytest.raises(SettingsError, match=f"^{name} is not set$"):
        PredictSettings.from_env(given)

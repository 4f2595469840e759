"""Next steps: the vocabulary, what a desk changes of it, and what follows from what was found."""

import pytest
from helpdesk.steps import ForbiddenStepError, Sign, Situation, StepsError, following, read, shipped

EVERY_SIGN: dict[Sign, dict[str, str]] = {each: {} for each in Sign}


def actions(
    line: str = "", *, intent: str | None = None, signs: dict[Sign, dict[str, str]]
) -> list[str]:
    return [each.action for each in following(Situation(intent, signs), read(line))]


class TestShipped:
    def test_every_sign_has_one_step(self) -> None:
        assert actions(signs=EVERY_SIGN) == [
            "UPDATE_CRM",
            "SCHEDULE_FOLLOW_UP",
            "FLAG_FOR_HUMAN_REVIEW",
            "SHARE_ORDER_STATUS",
            "ASK_FOR_PROOF",
            "ASK_WHICH_ORDER",
        ]
        assert {each.sign for each in shipped().rules.values()} == set(Sign)

    @pytest.mark.parametrize("sign", Sign)
    def test_one_sign_is_followed_by_one_step_with_its_details(self, sign: Sign) -> None:
        (step,) = following(Situation("pricing", {sign: {"a": "b"}}), shipped())

        assert (step.sign, step.details) == (sign, {"a": "b"})

    def test_nothing_found_asks_for_nothing(self) -> None:
        assert not actions(intent="complaint", signs={})

    def test_intents_ask_for_orders_and_complain(self) -> None:
        assert shipped().asked("order", "track_order")
        assert shipped().asked("complaint", "complaint")
        assert not shipped().asked("order", "complaint")
        assert not shipped().asked("order", None)


class TestChanged:
    def test_a_step_has_another_name(self) -> None:
        assert actions("UPDATE_CRM.name=TOUCH_RECORD", signs={Sign.RECORD_FOUND: {}}) == [
            "TOUCH_RECORD"
        ]

    def test_a_step_is_switched_off_and_on(self) -> None:
        signs: dict[Sign, dict[str, str]] = {Sign.RECORD_FOUND: {}}

        assert not actions("UPDATE_CRM.use=off", signs=signs)
        assert actions("UPDATE_CRM.use=off; UPDATE_CRM.use=on;", signs=signs) == ["UPDATE_CRM"]

    def test_a_step_is_added_that_follows_from_an_intent(self) -> None:
        line = "SEND_PRICE_LIST.intents=pricing discount_code"

        assert actions(line, intent="discount_code", signs={}) == ["SEND_PRICE_LIST"]
        assert not actions(line, intent="refund", signs={})
        (step,) = following(Situation("pricing", {}), read(line))
        assert step.details == {"intent": "pricing"}

    def test_a_shipped_step_follows_from_an_intent_as_well(self) -> None:
        line = "SCHEDULE_FOLLOW_UP.intents=pricing"

        assert actions(line, intent="pricing", signs={}) == ["SCHEDULE_FOLLOW_UP"]

    def test_what_an_intent_asks_for_is_the_desks_to_say(self) -> None:
        assert read("asks.order=where_is_it").asked("order", "where_is_it")
        assert not read("asks.order=where_is_it").asked("order", "track_order")

    def test_a_forbidden_step_refuses_only_where_it_applies(self) -> None:
        line = "SHARE_ORDER_STATUS.forbidden=on; SHARE_ORDER_STATUS.name=SHARE"

        assert actions(line, signs={Sign.RECORD_FOUND: {}}) == ["UPDATE_CRM"]
        with pytest.raises(ForbiddenStepError, match=r"The step SHARE applies") as refused:
            actions(line, signs={Sign.ORDER_FOUND: {}})
        assert refused.value.action == "SHARE"

    def test_what_is_switched_off_is_not_forbidden_either(self) -> None:
        line = "UPDATE_CRM.forbidden=on; UPDATE_CRM.use=off"

        assert not actions(line, signs={Sign.RECORD_FOUND: {}})

    def test_the_actions_are_those_that_may_be_said(self) -> None:
        line = "UPDATE_CRM.use=off; SHARE_ORDER_STATUS.forbidden=on; A_NEW_ONE.intents=pricing"

        assert shipped().actions - read(line).actions == {"UPDATE_CRM", "SHARE_ORDER_STATUS"}
        assert read(line).actions - shipped().actions == {"A_NEW_ONE"}

    @pytest.mark.parametrize(
        ("line", "why"),
        [
            ("UPDATE_CRM", "write it as in"),
            ("UPDATE_CRM=off", "write it as in"),
            ("UPDATE_CRM.use=", "write it as in"),
            ("UPDATE_CRM.use=maybe", "on or off"),
            ("UPDATE_CRM.forbidden=yes", "on or off"),
            ("UPDATE_CRM.colour=red", "has name, intents"),
            ("UPDATE_CRM.name=update crm", "is called as in"),
            ("UPDATE_CRM.intents=Pricing!", "write intents as in"),
            ("ANOTHER.use=off", "a new step is written"),
            ("another.intents=pricing", "a new step is written"),
            ("asks.weather=rain", "order or complaint"),
            ("UPDATE_CRM.name=ASK_FOR_PROOF", "two steps are called ASK_FOR_PROOF"),
            (";".join(f"STEP_{n}.intents=pricing" for n in range(35)), "at most 40"),
        ],
    )
    def test_a_wrong_line_says_what_is_wrong(self, line: str, why: str) -> None:
        with pytest.raises(StepsError, match=why):
            read(line)

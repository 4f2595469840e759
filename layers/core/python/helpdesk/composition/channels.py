"""The channels that are on, from the settings of the courier."""

from collections.abc import Mapping

from helpdesk.mail import Address
from helpdesk.notifying import ByMail, ByRequest, Channel, Post, Slack, Telegram, Webhook
from helpdesk.outbox import Sender
from helpdesk.posting import Poster
from helpdesk.settings import CourierSettings, EndpointSettings


def channels(settings: CourierSettings, sender: Sender) -> Mapping[Channel, Post]:
    """Return the channels of a stack that have all they need; the others are off.

    Where another host stands for AWS, receivers may be on it.
    """
    wire = Poster(trusted=EndpointSettings.from_env().host)
    found: dict[Channel, Post] = {}
    if settings.webhook_url and settings.webhook_secret:
        webhook = Webhook(settings.webhook_url, settings.secrets)
        found[Channel.WEBHOOK] = ByRequest(webhook, wire)
    if settings.slack_url:
        found[Channel.SLACK] = ByRequest(Slack(settings.slack_url), wire)
    if settings.telegram_token and settings.telegram_chat:
        telegram = Telegram(settings.telegram_api, settings.telegram_token, settings.telegram_chat)
        found[Channel.TELEGRAM] = ByRequest(telegram, wire)
    if settings.notify_mail:
        mailbox = Address(settings.mailbox, settings.mail_display_name)
        found[Channel.MAIL] = ByMail(sender, mailbox, settings.notify_mail)
    return found

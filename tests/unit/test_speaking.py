"""The part of a message that speaks: what mail programs and manners put beside it is left aside."""

import re
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from helpdesk.speaking import (
    Aside,
    AsideKind,
    Spoken,
    lines,
    phrases,
    quoting,
    signing,
    speaking,
)
from helpdesk.speaking.lines import MOST_CHARACTERS, MOST_LINES, bounded
from hypothesis import given
from hypothesis import strategies as st

from tests.regex_shape import faults

ASKS = "Where is my parcel?"
HEADERS = (
    "From: Desk <desk@shop.example>\nSent: Monday, 3 June 2024 10:12\n"
    "To: Ada Byron <ada@mail.example>\nSubject: Your order\n"
)
EARLIER = "We sent it on Friday.\nThe desk"

ATTRIBUTIONS = [
    "On Mon, Jun 3, 2024 at 10:12 AM Desk <desk@shop.example> wrote:",
    "On Mon, Jun 3, 2024 at 10:12 AM The Desk of the Shop <desk@shop.example>\nwrote:",
    "On Jun 3, 2024, at 10:12, Desk <desk@shop.example>\nwrote:",
    "On 03/06/2024 10:12, Desk wrote:",
    "Desk <desk@shop.example> wrote:",
    "Am Mo., 3. Juni 2024 um 10:12 Uhr schrieb Desk <desk@shop.example>:",
    "Am 03.06.24 um 10:12 schrieb Desk:",
    "Am 03.06.2024 um 10:12 schrieb Desk\n<desk@shop.example>:",
    "Le lun. 3 juin 2024 à 10:12, Desk <desk@shop.example> a écrit :",
    "El lun, 3 jun 2024 a las 10:12, Desk (<desk@shop.example>) escribió:",
    "Il giorno lun 3 giu 2024 alle ore 10:12 Desk <desk@shop.example> ha scritto:",
    "Op ma 3 jun 2024 om 10:12 schreef Desk <desk@shop.example>:",
    "Em seg., 3 de jun. de 2024 às 10:12, Desk <desk@shop.example> escreveu:",
    "W dniu 03.06.2024 o 10:12, Desk pisze:",
    "pon., 3 cze 2024 o 10:12 Desk <desk@shop.example> napisał(a):",
    "Den mån 3 juni 2024 kl 10:12 skrev Desk <desk@shop.example>:",
    "Den man. 3. jun. 2024 kl. 10.12 skrev Desk <desk@shop.example>:",
    "2024-06-03 10:12 GMT+02:00 Desk <desk@shop.example>:",
    "пн, 3 июн. 2024 г. в 10:12, Desk <desk@shop.example>:",  # noqa: RUF001
]


@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_a_quote_below_an_answer(line: str) -> None:
    quote = "> We sent it on Friday.\n>\n>> When?\n> The desk"

    assert speaking(f"{ASKS}\n\n{line}\n\n{quote}\n").text == ASKS


@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_a_quote_above_an_answer(line: str) -> None:
    assert speaking(f"{line}\n> We sent it on Friday.\n\n{ASKS}").text == ASKS


@pytest.mark.parametrize("line", [each for each in ATTRIBUTIONS if "@" in each])
def test_a_quote_without_marks(line: str) -> None:
    assert speaking(f"{ASKS}\n\n{line}\n\n{EARLIER}").text == ASKS


BLOCKS = {
    "English": ("From", "Sent", "To", "Subject"),
    "German": ("Von", "Gesendet", "An", "Betreff"),
    "French": ("De", "Envoyé", "À", "Objet"),
    "Spanish": ("De", "Enviado el", "Para", "Asunto"),
    "Italian": ("Da", "Inviato", "A", "Oggetto"),
    "Dutch": ("Van", "Verzonden", "Aan", "Onderwerp"),
    "Portuguese": ("De", "Enviado", "Para", "Assunto"),
    "Polish": ("Od", "Wysłano", "Do", "Temat"),
    "Swedish": ("Från", "Skickat", "Till", "Ämne"),
    "Danish": ("Fra", "Sendt", "Til", "Emne"),
    "in bold": ("*From", "*Date", "*To", "*Subject"),
}


@pytest.mark.parametrize("labels", BLOCKS.values(), ids=BLOCKS)
@pytest.mark.parametrize("rule", ["", "________________________________\n"])
def test_headers_of_an_earlier_mail(labels: tuple[str, ...], rule: str) -> None:
    told = ("Desk <desk@shop.example>", "3 June 2024 10:12", "ada@mail.example", "Your order")
    block = "\n".join(f"{label}: {value}" for label, value in zip(labels, told, strict=True))

    found = speaking(f"{ASKS}\n\n{rule}{block}\n\n{EARLIER}")

    assert found.text == ASKS
    assert [each.kind for each in found.aside] == [AsideKind.HEADER_BLOCK, AsideKind.QUOTE]


@pytest.mark.parametrize(
    "line",
    [
        "-----Original Message-----",
        "-------- Original message --------",
        "-----Ursprüngliche Nachricht-----",
        "-----Message d'origine-----",
        "-----Mensaje original-----",
        "-----Messaggio originale-----",
        "-----Oorspronkelijk bericht-----",
        "-----Mensagem original-----",
        "-----Wiadomość oryginalna-----",
        "-----Ursprungligt meddelande-----",
        "-----Oprindelig meddelelse-----",
    ],
)
def test_a_line_that_separates(line: str) -> None:
    assert speaking(f"{ASKS}\n\n{line}\n{HEADERS}\n{EARLIER}").text == ASKS


@pytest.mark.parametrize(
    "line",
    [
        "---------- Forwarded message ---------",
        "Begin forwarded message:",
        "-------- Weitergeleitete Nachricht --------",
        "Anfang der weitergeleiteten Nachricht:",
        "---------- Message transféré ---------",
        "---------- Mensaje reenviado ---------",
        "---------- Messaggio inoltrato ---------",
        "---------- Doorgestuurd bericht ---------",
        "---------- Mensagem encaminhada ---------",
        "---------- Wiadomość przekazana ---------",
        "---------- Vidarebefordrat meddelande ---------",
        "---------- Videresendt meddelelse ---------",
    ],
)
def test_a_forwarded_mail_is_cut_only_below_words_of_ones_own(line: str) -> None:
    forward = f"{line}\n{HEADERS}\nHello,\nit broke.\nThanks,\nAda"

    assert speaking(f"{ASKS}\n\n{forward}").text == ASKS
    assert speaking(f"{ASKS}\n\n{forward}").aside[-1].kind is AsideKind.FORWARD
    assert speaking(forward) == Spoken(forward, ())
    assert speaking(f"Hello,\n\n{forward}").text == forward


FOOTERS = """\
Sent from my iPhone
Sent from my Galaxy S20
Sent from Yahoo Mail on Android
Sent from Outlook for iOS
Get Outlook for Android
Sent via BlackBerry
Von meinem iPhone gesendet
Gesendet mit der GMX Mail App
Envoyé de mon iPhone
Envoyé depuis mon mobile Orange
Enviado desde mi iPhone
Inviato da iPhone
Verstuurd vanaf mijn iPad
Enviado do meu iPhone
Wysłane z iPhone'a
Skickat från min iPhone
Sendt fra min iPhone
This e-mail and any attachments are confidential and intended solely for the addressee.
CONFIDENTIALITY NOTICE: the contents are meant for the recipient only.
If you are not the intended recipient, please delete this message.
Please consider the environment before printing this e-mail.
Virus-free. www.avast.com
This email has been checked for viruses by Avast antivirus software.
Diese E-Mail enthält vertrauliche Informationen.
Ce message est confidentiel et réservé à son destinataire.
Este mensaje es confidencial.
Questo messaggio è riservato al destinatario.
Dit bericht is vertrouwelijk.
Esta mensagem é confidencial.
You are receiving this email because you subscribed to our newsletter.
To unsubscribe click here: https://list.example/out"""


@pytest.mark.parametrize("footer", FOOTERS.splitlines())
def test_footers(footer: str) -> None:
    found = speaking(f"{ASKS}\n\n{footer}\n")

    assert found.text == ASKS
    assert found.aside[0].kind in {AsideKind.DEVICE_FOOTER, AsideKind.LEGAL_FOOTER}


CLOSINGS = """\
Kind regards
Best,
Yours sincerely,
Thanks in advance
Thank you for your help!
Have a nice day!
Mit freundlichen Grüßen
Viele Grüße
LG
Vielen Dank im Voraus
Cordialement
Bonne journée
Merci d'avance
Saludos cordiales
Un saludo,
Muchas gracias
Cordiali saluti
Grazie mille
Met vriendelijke groet,
Alvast bedankt
Atenciosamente
Com os melhores cumprimentos
Pozdrawiam
Z poważaniem
Z góry dziękuję
Med vänliga hälsningar
Tack på förhand
Med venlig hilsen
På forhånd tak"""


@pytest.mark.parametrize("closing", CLOSINGS.splitlines())
@pytest.mark.parametrize("below", ["", "\n+44 20 7946 0000", "\nHead of Sales\nLace & Co Ltd"])
def test_closings_with_a_signature(closing: str, below: str) -> None:
    assert speaking(f"{ASKS}\n\n{closing}\nAda Byron{below}").text == ASKS


GREETINGS = """\
Hello,
Hi there!
Dear Sir or Madam,
Dear Mr. Smith,
Hi team, hope you are well.
Good morning
Hallo zusammen,
Sehr geehrte Damen und Herren,
Liebe Frau Schmidt,
Bonjour,
Madame, Monsieur,
Buenos días:
Estimados señores:
Buongiorno,
Gentile servizio clienti,
Beste klantenservice,
Geachte heer, mevrouw,
Bom dia,
Prezados,
Dzień dobry,
Szanowni Państwo,
Hej!
God dag,"""


@pytest.mark.parametrize("greeting", GREETINGS.splitlines())
@pytest.mark.parametrize("after", ["\n\n", "\n", " "])
def test_greetings(greeting: str, after: str) -> None:
    if after == " " and greeting[-1].isalpha():
        return
    assert speaking(f"{greeting}{after}{ASKS}").text == ASKS


@pytest.mark.parametrize(
    "pointing",
    [
        "The receipt is attached.",
        "I have attached the receipt and two photos.",
        "Please find the invoice attached",
        "See attachment.",
        "Enclosed is a copy of the bill!",
        "Anbei die Rechnung.",
        "Die Rechnung ist im Anhang.",
        "Vous trouverez la facture en pièce jointe.",
        "Adjunto una foto.",
        "In allegato la fattura.",
        "Zie bijlage.",
        "Segue em anexo a fatura.",
    ],
)
def test_sentences_that_only_point_to_a_file(pointing: str) -> None:
    matter = "My kettle leaks."
    for text in (f"{matter} {pointing}", f"{matter}\n\n{pointing}", f"{pointing} {matter}"):
        if text.startswith(matter) or pointing[-1] in ".!":
            assert speaking(text).text == matter
            assert [each.kind for each in speaking(text).aside] == [AsideKind.ATTACHED]
    assert speaking(pointing) == Spoken(pointing, ())
    assert speaking(f"Hello,\n\n{pointing}\n\nBest regards\nKim").text == pointing


@pytest.mark.parametrize(
    "text",
    [
        "I attached the bill, but nothing happened.",
        "How do I attach a photo? It is too large.",
        "Is the receipt attached? I do not see it.",
        "The attached cable is broken. It smokes.",
        "The lid was not attached. It fell off.",
        "Attach the lamp. It hangs loose.",
        "The attachment of the blender is missing. Send one.",
    ],
)
def test_what_is_said_about_a_file_speaks(text: str) -> None:
    assert speaking(text).text == text


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("hello, where is my order? thanks, Tom", "where is my order?"),
        ("hi where is my order", "where is my order"),
        ("Thanks, I saw it. Is it red?", "Thanks, I saw it. Is it red?"),
        ("?\n\n> Fixed.", "?"),
        ("It broke.\n\nThanks a lot and take care,\nTom", "It broke."),
        ("It broke.\n\nRegards\nTom\n+44 20 7946 0000\nQuality since 1950", "It broke."),
        ("It broke.\n\nKind regards\nJ. Peters", "It broke."),
        ("It broke.\n\nRegards,\nMrs E. Byron", "It broke."),
        ("It broke today.\n\nAda Byron\nLace sp. z o.o.", "It broke today."),
        (
            "It broke.\n\nThanks\nTom\n+44 20 7946 0000\nthe lamp smokes",
            "It broke.\nthe lamp smokes",
        ),
        ("It broke.\n\nThanks\nTom\nACME Ltd\nThere were fumes", "It broke.\nThere were fumes"),
        ("It broke.\n\nThanks\nTom\nanother crack appeared", "It broke.\nanother crack appeared"),
        ("It broke.\nTom\n-- \nTom\nLace Ltd", "It broke."),
        ("It broke.\n\nFW: Lamp\n\n" + HEADERS, "It broke."),
        ("Dear support this is the third time", "this is the third time"),
        ("it is broken, thanks", "it is broken"),
        ("is it waterproof? best, Ben", "is it waterproof?"),
        ("Yes, thanks\nTom", "Yes"),
        ("It broke.\nThanks in advance.\n\nBest regards, Tom", "It broke."),
        ("It broke again.\n\nTom Miller", "It broke again."),
        ("It broke.\n-- \nTom\nLace Ltd | www.lace.example", "It broke."),
        ("Thanks!\n\nOn 3 June 2024 10:12 Desk <d@s.example> wrote:\n> Fixed.", "Thanks!"),
        ("> Did it arrive?\nYes.\n> Is it whole?\nNo, it smokes.", "Yes.\nNo, it smokes."),
        ("> Who ordered it?\n\nTom Miller", "Tom Miller"),
        ("It was the red one.\n> Who ordered?\n\nTom Miller", "It was the red one.\nTom Miller"),
        ("Broken.\n\nRegards\nTom\n\nPS: it started to smoke", "Broken.\nPS: it started to smoke"),
        (
            "These came:\n--\n2 chairs\n1 table\n--\nWhere is the lamp?",
            "These came:\n--\n2 chairs\n1 table\n--\nWhere is the lamp?",
        ),
        ("Broken.\n--\nTom\n--\nLace Ltd", "Broken."),
        ("Broken.\n\nOn 3 June 2024 10:12 Desk<d@s.example> wrote:   Is it whole?", "Broken."),
        (
            "Broken.\n\nOn 3 June 2024 10:12 I told d@s.example this:  it smokes",
            "Broken.\n\nOn 3 June 2024 10:12 I told d@s.example this:  it smokes",
        ),
        ("Broken.\n|---->\n| nothing |", "Broken.\n|---->\n| nothing |"),
        ("Broken.\n-- \nTom\nIt started to smoke", "Broken.\nIt started to smoke"),
        ("Broken.\n\nThanks\nTom\nMy order number is 12345", "Broken.\nMy order number is 12345"),
        ("Hi\u00a0there,\r\n\r\nit broke.\r\n", "it broke."),
    ],
)
def test_what_is_left(text: str, said: str) -> None:
    assert speaking(text).text == said


KEPT = """\
Thanks for nothing
hi
Thanks!
Hello Kitty bag is torn
thanks but that did not help
Thanks, but that did not help
Dear me, the lamp burns
best price?
Best phone under 200?
No thanks
Hello? Is anyone there
I want this one:\\n\\nEspresso Machine Deluxe
Please send it to\\n\\nTom Miller
Where is my order\\nThanks\\nBroken lamp again
It broke.\\n\\nHelp
It broke.\\n\\nREFUND NOW
>50 pieces are missing
On 3 May at 10:00 I wrote to support:\\nmy lamp is smoking
On 3 May your driver wrote:\\nno one at home. That is a lie
From: London\\nTo: Paris\\nhow long does it take?
To unsubscribe I clicked the link, and it fails
My lamp broke.\\n\\nThis email is my second one, and the confidential data leaked
My lamp broke.\\nI sent this from my iPhone, does the app work?
First matter: the lamp\\n--\\nmy second matter: the chair
Thanks to your driver my door is broken
> all of it is quoted
Tom
regards
???"""


@pytest.mark.parametrize("written", KEPT.splitlines())
def test_all_of_it_speaks(written: str) -> None:
    text = written.replace("\\n", "\n")

    assert speaking(text) == Spoken(text, ())


def test_asides_are_places_in_the_text() -> None:
    text = f"Hello,\n\n{ASKS}\n\nBest,\nTom\n\nSent from my iPhone\n\n> earlier"

    found = speaking(text)

    assert [(each.kind, text[each.start : each.end]) for each in found.aside] == [
        (AsideKind.GREETING, "Hello,"),
        (AsideKind.THANKS, "Best,"),
        (AsideKind.SIGNATURE, "Tom"),
        (AsideKind.DEVICE_FOOTER, "Sent from my iPhone"),
        (AsideKind.QUOTE, "> earlier"),
    ]
    assert found.aside[0] == Aside(AsideKind.GREETING, 0, 6)


PIECES = [
    *("Hello,", "hi", "Hi Tom", "Dear Sir or Madam", "thanks", "Thanks, Tom", "but", "Best", "xx"),
    *("Kind regards", "Tom Miller", "-- ", "--", "_____", "It broke again.", "Is it?", "PS: fire"),
    *("> quoted", ">", ">> a", "On 3 June 2024 10:12 Desk <d@s.example>", "wrote:", *ATTRIBUTIONS),
    *("From: Ada", "Sent: today", "To: x@y.example", "Subject: a", "-----Original Message-----"),
    *("Begin forwarded message:", "Sent from my iPhone", "Disclaimer: confidential", "+49 30 1"),
    *("\n", "\n\n", " ", ", ", ". ", "? ", "\r\n", "\u00a0", "\u2028", "\U0001f642", "e\u0301"),
]
texts = st.one_of(
    st.text(),
    st.lists(st.sampled_from(PIECES), max_size=14).map("\n".join),
    st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=20).map("".join),
)


@given(texts)
def test_what_speaks_is_made_of_the_text_in_its_order(text: str) -> None:
    found = speaking(text)
    place, left = 0, []
    for aside in found.aside:
        assert place <= aside.start < aside.end <= len(text)
        left.append(text[place : aside.start])
        place = aside.end
    left.append(text[place:])

    assert "".join(found.text.split()) == "".join("".join(left).split())
    assert bool(found.text) == bool(text.strip())


@given(texts)
def test_what_speaks_is_at_rest(text: str) -> None:
    found = speaking(text)

    assert speaking(text) == found
    assert speaking(found.text) == Spoken(found.text, ())


HOSTILE: dict[str, Callable[[int], str]] = {
    "line breaks": lambda size: "\n" * size,
    "blanks": lambda size: " " * size + "x",
    "an attribution without end": lambda size: "On " + "a b " * (size // 4) + "wrote",
    "attributions": lambda size: "On 3 June 2024 10:12\n" * (size // 21),
    "marks": lambda size: ">" * size,
    "deep marks": lambda size: "\n".join("> " * depth for depth in range(int(size**0.5))),
    "greetings": lambda size: "hello, " * (size // 7) + "x",
    "thanks": lambda size: "x " + ", thanks" * (size // 8),
    "lines of thanks": lambda size: "x\n" + "thanks\n" * (size // 7),
    "colons": lambda size: ":" * size,
    "headers": lambda size: "From: a@b\n" * (size // 10),
    "rules": lambda size: "_____\n\n" * (size // 7),
    "separators": lambda size: "--\n" * (size // 3),
    "boxes": lambda size: "|-->\n" * (size // 5),
    "boxed headers": lambda size: "|-->\n" + "| From: |\n" * (size // 10),
    "glued quotes": lambda size: "On a@b:  x\n" * (size // 11),
    "footers": lambda size: "\n\nDisclaimer: I" * (size // 15),
    "apostrophes": lambda size: "a'" * (size // 2),
}


def calls(text: str) -> int:
    """Return how many calls of functions it takes to look at a text."""
    count = 0
    speaking(text)  # reads the data that it needs

    def seen(_frame: object, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(seen)
    try:
        speaking(text)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_the_work_grows_with_the_text_and_not_faster(hostile: Callable[[int], str]) -> None:
    assert calls(hostile(16_000)) <= 2.5 * calls(hostile(8_000)) + 1_000


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
def test_the_work_is_bounded(hostile: Callable[[int], str]) -> None:
    assert calls(hostile(400_000)) <= 1.1 * calls(hostile(200_000)) + 1_000


def test_what_is_beyond_the_bounds_speaks() -> None:
    end = "and the last word"
    text = f"{ASKS}\n> quoted\n" + "a b\n" * MOST_CHARACTERS + end

    assert len(bounded(text).lines) == MOST_LINES
    assert speaking(text).text.startswith(f"{ASKS}\na b")
    assert speaking(text).text.endswith(end)


def test_no_pattern_goes_back_without_bound() -> None:
    patterns = [
        each
        for module in (lines, phrases, quoting, signing)
        for each in vars(module).values()
        if isinstance(each, re.Pattern)
    ]

    assert len(patterns) == 7
    assert not [fault for each in patterns for fault in faults(each)]


@pytest.mark.parametrize("name", ["phrases", "mails"])
def test_the_data_lie_beside_the_code(name: str) -> None:
    assert Path(phrases.__file__).with_name(f"{name}.toml").is_file()

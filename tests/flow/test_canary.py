"""Nothing internal reaches a company, however it is hidden in an office's mail."""

from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP

import pytest

from mailflow.core.visible import folded
from tests.flow.city import (
    CENTRAL,
    COMPANY,
    ONE_OFFICE,
    City,
    body_of,
    digest_of,
    forward_to,
    letter,
    of_kind,
    parse,
    reply_to,
    to_of,
)

BAU = "bauaufsicht@stadt.example.org"
CANARY = "Geheimwort"
Mail = Callable[[EmailMessage, str], bytes]


def _saying(words: str) -> Mail:
    """Answer with words in which the office's token stands for ``TOKEN``."""
    return lambda forward, token: reply_to(forward, words.replace("TOKEN", token), quote=False)


def _between(sign: str) -> Mail:
    """Answer with the token, a sign between its letters."""
    return lambda forward, token: reply_to(
        forward, f"Kommt im Juni. Az {sign.join(token)}", quote=False
    )


def _page(inside: str) -> Mail:
    """Answer with a page."""

    def make(forward: EmailMessage, token: str) -> bytes:
        message = parse(reply_to(forward, "", quote=False))
        message.set_content(inside.replace("TOKEN", token), subtype="html")
        return message.as_bytes(policy=SMTP.clone(refold_source="none"))

    return make


def _file(name: str, content: str = "%PDF-1.4") -> Mail:
    """Answer with a file."""

    def make(forward: EmailMessage, token: str) -> bytes:
        message = parse(reply_to(forward, "Siehe Anlage.", quote=False))
        message.add_attachment(
            content.replace("TOKEN", token).encode(),
            maintype="application",
            subtype="pdf",
            filename=name.replace("TOKEN", token),
        )
        return message.as_bytes(policy=SMTP.clone(refold_source="none"))

    return make


HIDDEN: dict[str, Mail] = {
    "a tag character": _between("\U000e0041"),
    "a Hangul filler": _between("\u3164"),
    "an annotation mark": _between("\ufff9"),
    "a next-line control": _between("\x85"),
    "an escape sequence": _between("\x1b[0m"),
    "blanks": _between(" "),
    "a token over two lines": lambda forward, token: reply_to(
        forward, f"Kommt im Juni. Az {token[:13]}\n{token[13:]}", quote=False
    ),
    "letters around": _saying("Kommt im Juni. xTOKENx"),
    "wide letters": lambda forward, token: reply_to(
        forward,
        "Kommt im Juni. " + "".join(chr(ord(each) + 0xFEE0) for each in token),
        quote=False,
    ),
    "a file that bears the token": _file("TOKEN.pdf"),
    "a file that bears an office's address": _file(f"Mail an {BAU}.pdf"),
    "a file that holds the thread": _file("Verlauf.txt", "Antwort an TOKEN"),
    "a colleague quoted behind bars": _saying(f"Kommt im Juni.\n\n| {CANARY}: er ist säumig."),
    "a remark to colleagues": _saying(
        f"Kommt im Juni.\n\nHinweis an die Kollegen vom Key-Account: {CANARY}."
    ),
    "a soft hyphen in the word": _saying(f"Kommt im Juni.\n\nIn\u00adtern: {CANARY}."),
    "letters of size nought": _page(f"<p>Kommt.</p><p style='font-size:0'>{CANARY} TOKEN</p>"),
    "a hidden part": _page(f"<p>Kommt im Juni.</p><div hidden>{CANARY}</div>"),
    "a comment": _page(f"<p>Kommt im Juni.</p><!-- {CANARY} TOKEN -->"),
}


@pytest.mark.parametrize("name", HIDDEN)
def test_nothing_hidden_reaches_the_company(town: City, name: str) -> None:
    """What goes out bears no part of the token, no address of the house and no internal word."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    token = str(forward["Reply-To"]).partition("+")[2].partition("@")[0]
    for mail in town.deliver(HIDDEN[name](forward, token)):
        assert to_of(mail) == COMPANY
        names = " ".join(str(part.get_filename()) for part in mail.walk())
        files = " ".join(str(part.get_content()) for part in mail.iter_attachments())
        shown = f"{body_of(mail)} {names} {files}"
        assert CANARY not in shown
        assert BAU not in shown
        assert token[-16:] not in folded(shown)
    assert town.ticket().state in {"answered", "consulting"}


def test_a_managers_own_answer_names_no_office_address(town: City) -> None:
    """His words go out as they are; where an address of the house stood, the one address does."""
    town.deliver(letter("Stand", ONE_OFFICE))
    order = f"{town.ticket().reference} antwort Bitte fragen Sie {BAU}."
    out = town.deliver(reply_to(digest_of(town), order))
    (answer,) = of_kind(out, "combined-answer")
    assert BAU not in body_of(answer)
    assert f"Bitte fragen Sie {CENTRAL}." in " ".join(body_of(answer).split())

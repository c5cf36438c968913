"""What the manager reads with an office's mail names all for which it would have waited."""

from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from mailflow.core.ticket import Hold, HoldReason
from tests.flow.city import (
    COMPANY,
    ONE_OFFICE,
    City,
    body_of,
    digest_of,
    forward_to,
    letter,
    parse,
    reply_to,
    to_of,
)
from tests.flow.made_anew import lost_after

BAU = "bauaufsicht@stadt.example.org"
REMARK = "Die Firma ist uns schon negativ aufgefallen, im Zweifel gehen wir bis 3,80 Euro runter."
LINES = "\n".join(
    f"Zu Punkt {number}: Die Halle erfüllt in diesem Abschnitt die Vorgaben ohne Abweichung."
    for number in range(12)
)
LONG = f"Guten Tag,\n\n{LINES}\n{{}}\n\nMit freundlichen Grüßen\nPetra Grün"
RULE = {"X-MS-Exchange-Generated-Message-Source": "Mailbox Rules Agent"}


def _answer(
    town: City,
    text: str,
    *files: tuple[str, bytes],
    sender: str = "",
    headers: dict[str, str] | None = None,
) -> list[EmailMessage]:
    """Answer a forward with files and headers; give what goes out."""
    forward = forward_to(town.deliver(letter("Halle 4", ONE_OFFICE)), BAU)
    mail = parse(reply_to(forward, text, sender=sender, quote=False))
    for name, value in (headers or {}).items():
        mail[name] = value
    for name, content in files:
        mail.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return town.deliver(mail.as_bytes(policy=SMTP))


def _hold(town: City) -> Hold:
    (hold,) = town.ticket().holds
    return hold


def _told(mail: EmailMessage) -> str:
    return " ".join(body_of(mail).split())


DOUBTS = {
    "a rule's header": ("", (), RULE, ""),
    "a whole mail": ("", (("Alt.eml", b"From: x\n\nx"),), {}, ""),
    "a file with macros": ("", (("Plan.docm", b"PK"),), {}, ""),
    "its kind": ("Das dauert noch, wir melden uns.\n", (), {}, ""),
    "another matter": ("Wie bei der Bäckerei Morgenrot GmbH hilft ein Wall.\n", (), {}, ""),
    "its sender": ("", (), {}, "fremd@stadt.example.org"),
    "several": ("Wir melden uns.\n", (("Plan.docm", b"PK"),), RULE, "fremd@stadt.example.org"),
}


@pytest.mark.parametrize("doubt", DOUBTS)
def test_a_remark_is_named_whatever_else_the_mail_waits_for(town: City, doubt: str) -> None:
    """What is perhaps internal stands in the digest, though the mail waits for another reason."""
    said, files, headers, sender = DOUBTS[doubt]
    assert not _answer(town, LONG.format(said + REMARK), *files, sender=sender, headers=headers)
    assert REMARK in _told(digest_of(town))


@pytest.mark.parametrize(
    "file",
    [
        ("Vermerk_intern.pdf", b"%PDF-1.4 x"),
        ("Liste.txt", b"umweltamt-leitung@stadt.example.org"),
        ("Plan.docm", b"PK"),
    ],
)
def test_each_file_is_named_beside_the_rest(town: City, file: tuple[str, bytes]) -> None:
    """A file that is internal or withheld is named in a mail that a rule's header makes wait."""
    _answer(town, LONG.format(""), file, headers=RULE)
    assert file[0] in _told(digest_of(town))


def test_each_doubt_about_a_sender_is_named(town: City) -> None:
    """That a mail comes late is told of a stranger's mail, too, whose release it concerns."""
    _answer(town, LONG.format(""))
    forward = forward_to([parse(raw) for *_, raw in town.wire.accepted], BAU)
    late = "Zwischennachricht: das dauert noch bis zum 15.12.2026."
    town.deliver(reply_to(forward, late, sender="fremd@stadt.example.org"))
    text = _hold(town).text
    assert "nicht hinterlegt" in text
    assert "nach Abschluss" in text


def test_a_refusal_in_doubt_is_shown_as_the_answer_it_may_be(town: City) -> None:
    """A mail taken for a refusal names its remark: the digest offers to release it as an answer."""
    _answer(town, f"Nicht zuständig.\n\n{LONG.format(REMARK)}", headers=RULE)
    assert _hold(town).suggestion == "decline"
    digest = digest_of(town)
    assert "freigeben als antwort bauaufsicht" in _told(digest)
    assert REMARK in _told(digest)


def test_a_refusal_that_has_taken_effect_names_what_it_would_send(town: City) -> None:
    """A refusal that names nobody is offered as an answer, and names its remark and its files."""
    _answer(town, f"Nicht zuständig.\n\n{LONG.format(REMARK)}", ("Plan.docm", b"PK"))
    assert _hold(town).reason is HoldReason.ATTACHMENT
    town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} verwerfen bauaufsicht"))
    forward = forward_to([parse(raw) for *_, raw in town.wire.accepted], BAU)
    town.deliver(reply_to(forward, f"Nicht zuständig.\n\n{LONG.format(REMARK)}"))
    assert _hold(town).reason is HoldReason.DECLINED
    town.wait(days=1)
    digest = digest_of(town)
    assert "freigeben als antwort bauaufsicht" in _told(digest)
    assert REMARK in _told(digest)


def test_a_copy_to_the_company_in_doubt_names_what_its_release_sends(town: City) -> None:
    """A mail that claims to have gone to the company names its remark, where it waits."""
    forward = forward_to(town.deliver(letter("Halle 4", ONE_OFFICE)), BAU)
    mail = parse(reply_to(forward, LONG.format(REMARK), sender="fremd@stadt.example.org"))
    mail["Cc"] = COMPANY
    town.deliver(mail.as_bytes(policy=SMTP))
    assert REMARK in _hold(town).text
    assert _hold(town).text.endswith("In Kopie ging sie schon an das Unternehmen.")


def test_what_is_put_into_a_ticket_names_all_at_once(town: City) -> None:
    """A mail without a token that the manager gives an office is answered with all its doubts."""
    town.deliver(letter("Halle 4", ONE_OFFICE))
    mail = parse(letter("Halle 4", LONG.format(f"Wir melden uns.\n{REMARK}"), sender=BAU))
    mail.add_attachment(b"PK", maintype="application", subtype="x", filename="Plan.docm")
    town.deliver(mail.as_bytes(policy=SMTP))
    (item,) = town.reporting.digest().pending
    order = f"{item.reference} zu {town.ticket().reference}"
    (told,) = town.deliver(reply_to(digest_of(town), order))
    for each in (REMARK, "Plan.docm", "Zwischennachricht"):
        assert each in _told(told)


def test_more_files_than_are_named_are_counted(town: City) -> None:
    """A list of files that is cut says how many more there are."""
    files = [(f"{number} intern.pdf", b"%PDF-1.4 x") for number in range(13)]
    _answer(town, LONG.format(""), *files)
    assert _hold(town).text.endswith("9 intern.pdf und 3 weitere")


def test_an_answer_without_doubt_goes(town: City) -> None:
    """Nothing is named, and nothing waits, where there is no doubt."""
    (answer,) = _answer(town, LONG.format(""))
    assert to_of(answer) == COMPANY


def test_a_rebuild_names_the_same(tmp_path: Path) -> None:
    """A database made anew holds the mail under the same number, with the same words."""
    before: list[Hold] = []

    def story(town: City) -> None:
        said, files, headers, sender = DOUBTS["several"]
        _answer(town, LONG.format(said + REMARK), *files, sender=sender, headers=headers)
        before.append(_hold(town))

    with lost_after(tmp_path, story) as (town, differs):
        after = _hold(town)
    assert not differs
    assert [(each.text, each.number) for each in before] == [(after.text, after.number)]


def test_each_remark_is_quoted_and_not_the_first_alone(town: City) -> None:
    """Behind a harmless sentence that sounds internal stands the grave one, quoted as well."""
    harmless = "Das Gelände war früher ein vertraulich behandelter Standort."
    _answer(town, LONG.format(f"{harmless}\n{LINES}\n{REMARK}\n{LINES}\nDas ist vertraulich."))
    for each in (harmless, REMARK, "Das ist vertraulich."):
        assert f"„{each}“" in _hold(town).text

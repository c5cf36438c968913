"""Systems that answer by themselves, on the other side: every exchange ends by itself."""

import re
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path

import pytest

from mailflow.core.tracking import Keyring
from tests.faults.trial import BAU, UMWELT, Trial, letter
from tests.faults.verdict import parse
from tests.flow import city as city_module
from tests.flow.city import (
    CENTRAL,
    COMPANY,
    MANAGER,
    ONE_OFFICE,
    TWO_OFFICES,
    body_of,
    city,
    forward_to,
    of_kind,
    reply_to,
    to_of,
)
from tests.flow.city import letter as plain_letter

DEPUTY = "bauaufsicht-vertretung@stadt.example.org"
OTHER = "wirtschaft@kreis.example.net"
TELLTALE = re.compile(
    rb"^(?:auto-submitted|x-mailflow-|precedence|x-auto|return-path|feedback-id)[^\r\n]*"
    rb"(?:\r\n[ \t][^\r\n]*)*\r\n",
    re.IGNORECASE | re.MULTILINE,
)


def stripped(raw: bytes) -> bytes:
    """Give a mail as a gateway passes it on that removes all that tells of a machine."""
    head, gap, body = raw.partition(b"\r\n\r\n")
    return TELLTALE.sub(b"", head + b"\r\n") + gap[2:] + body


def test_two_mailflows_fall_silent_after_a_mail_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two cities' addresses write to each other through a gateway that hides what they are."""
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with city(tmp_path / "a") as ours:
        monkeypatch.setattr(city_module, "CENTRAL", OTHER)
        with city(tmp_path / "b", keyring=Keyring({"a": b"z" * 32}, "a")) as theirs:
            towns = {CENTRAL: Trial(ours), OTHER: Trial(theirs)}
            under_way = [(CENTRAL, OTHER, letter("Stand", ONE_OFFICE, sender=OTHER))]
            exchanged = 0
            while under_way:
                reader, writer, raw = under_way.pop(0)
                said = _said(towns[reader], raw, writer)
                under_way += [(who, reader, mail) for who, mail in said if who in towns]
                exchanged += 1
                assert exchanged <= 3, "they do not fall silent"
            for each in towns.values():
                each.judge()


def _said(town: Trial, raw: bytes, writer: str) -> list[tuple[str, bytes]]:
    """Let a mail reach a city; give what it writes, to the plain address of each reader."""
    accepted = town.city.wire.accepted
    before = len(accepted)
    town.city.wait(minutes=1)
    town.city.deliver(town.manifest.mark(stripped(raw), company=writer))
    return [(re.sub(r"\+[^@]*", "", who), mail) for _, who, mail in accepted[before:]]


def _in_the_thread(mail: EmailMessage, number: int) -> bytes:
    text = f"Ihre Anfrage hat die Nummer 4711{number} erhalten.\n\nIhr Service-Team"
    return reply_to(mail, text, sender=COMPANY)


def _anew(mail: EmailMessage, number: int) -> bytes:  # noqa: ARG001 - it quotes nothing
    return letter(f"[Ticket 4711{number}] Ihre Anfrage", "Danke, erfasst.\n", sender=COMPANY)


@pytest.mark.parametrize("answers", [_in_the_thread, _anew])
def test_a_companys_ticket_system_gets_two_mails_at_most(
    town: Trial, answers: Callable[[EmailMessage, int], bytes]
) -> None:
    """It acknowledges all it gets, hides that it is a machine, and keeps the thread or does not."""
    to_answer = of_kind(town.write("Stand", ONE_OFFICE), "acknowledgement")
    received = len(to_answer)
    for number in range(20):
        if not to_answer:
            break
        town.city.wait(minutes=1)
        out = town.deliver(answers(to_answer.pop(0), number), company=COMPANY)
        to_answer += [mail for mail in out if to_of(mail) == COMPANY]
        received += sum(to_of(mail) == COMPANY for mail in out)
    assert received <= 2
    town.judge()


def test_a_reply_to_all_with_everyone_in_copy_reaches_nobody_twice(town: Trial) -> None:
    """An office answers to its colleague, the manager and us: one answer goes out, no echo."""
    out = town.write("Umnutzung", TWO_OFFICES)
    copies = f"Cc: {UMWELT}, {MANAGER}, {CENTRAL}\r\n".encode()
    first = town.deliver(copies + reply_to(forward_to(out, BAU), "Ein Antrag ist nötig."))
    second = town.deliver(copies + reply_to(forward_to(out, UMWELT), "60 dB(A) am Tag."))
    assert first == []
    assert [str(mail["X-Mailflow-Kind"]) for mail in second] == ["combined-answer"]
    (answer,) = second
    assert town.deliver(answer.as_bytes()) == []
    (company,) = {to_of(answer)}
    thanks = copies + reply_to(answer, "Vielen Dank!", sender=company)
    assert town.deliver(thanks, company=COMPANY) == []
    town.judge()


def _until_silent(
    town: Trial, mails: list[EmailMessage], answers: Callable[[EmailMessage], bytes]
) -> list[EmailMessage]:
    """Let every mail be answered by a machine until there is none; give all that there were."""
    all_, to_answer = list(mails), list(mails)
    while to_answer:
        town.city.wait(minutes=1)
        out = town.deliver(answers(to_answer.pop(0)))
        all_ += out
        to_answer += out
        assert len(all_) <= 20, "they do not fall silent"
    return all_


def _passed_back(mail: EmailMessage) -> bytes:
    above = (
        f"-----Ursprüngliche Nachricht-----\nVon: KAM <{CENTRAL}>\n"
        f"Gesendet: Dienstag, 24. November 2026 09:00\nAn: {COMPANY}\nBetreff: Stand\n\n"
    )
    # a machine adds no word of its own, and so none by which its owner is known
    return plain_letter(f"WG: {mail['Subject']}", above + body_of(mail), sender=COMPANY)


def _redirected(mail: EmailMessage) -> bytes:
    back = f"Resent-From: <{COMPANY}>\r\nResent-To: <{CENTRAL}>\r\n".encode()
    return back + mail.as_bytes(policy=SMTP)


def _rewritten(mail: EmailMessage) -> bytes:
    again = parse(mail.as_bytes(policy=SMTP))
    again.replace_header("From", COMPANY)
    return stripped(again.as_bytes(policy=SMTP))


@pytest.mark.parametrize("passes_on", [_passed_back, _redirected, _rewritten])
def test_a_company_whose_address_forwards_to_us_gets_two_mails_and_asks_nobody_twice(
    town: Trial, passes_on: Callable[[EmailMessage], bytes]
) -> None:
    """Each of our mails comes back, as the company's or as ours: none of them is a letter."""
    out = town.write("Stand", ONE_OFFICE)
    first = _until_silent(town, of_kind(out, "acknowledgement"), passes_on)
    answer = town.answer(forward_to(out, BAU), "Die Genehmigung kommt im Juni.")
    second = _until_silent(town, answer, passes_on)
    assert [each["X-Mailflow-Kind"] for each in (*first, *second)] == [
        "acknowledgement",
        "combined-answer",
    ]
    town.judge()


ABSENT = "Ich bin bis einschließlich 18.12.2026 nicht im Hause.\n\nPetra Grün"


def _says_it_is_away(mail: EmailMessage) -> bytes:
    return b"Auto-Submitted: auto-replied\r\n" + _is_away(mail)


def _is_away(mail: EmailMessage) -> bytes:
    subject = f"Automatische Antwort: {mail['Subject']}"
    return reply_to(mail, ABSENT, subject=subject, quote=False)


@pytest.mark.parametrize("note", [_says_it_is_away, _is_away])
def test_where_everybody_is_out_of_office_each_side_gets_two_mails_at_most(
    town: Trial, note: Callable[[EmailMessage], bytes]
) -> None:
    """Company, office and deputy answer each mail with a note of absence, marked as one or not."""
    out = town.write("Stand", ONE_OFFICE)
    exchanged = _until_silent(town, out, note)
    town.city.wait(days=1)
    answer = town.answer(forward_to(out, BAU), "Die Genehmigung kommt im Juni.")
    exchanged += _until_silent(town, answer, note)
    to_company = [str(mail["X-Mailflow-Kind"]) for mail in exchanged if to_of(mail) == COMPANY]
    to_offices = [to_of(mail) for mail in exchanged if to_of(mail) != COMPANY]
    assert to_company == ["acknowledgement", "combined-answer"]
    assert to_offices == [BAU, DEPUTY]
    town.judge()

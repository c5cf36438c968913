"""What may become of a mail whose sender the city's mail server does not vouch for."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailflow.core.digest import Pending
from mailflow.core.offices import Offices
from tests.faults.test_rows_trust import NEW_FACT, OURS, vouched
from tests.faults.trial import BAU, UMWELT, Trial, letter, trial
from tests.flow.city import (
    COMPANY,
    OFFICES,
    ONE_OFFICE,
    TWO_OFFICES,
    again,
    body_of,
    digest_of,
    forward_to,
    of_kind,
    reply_to,
    to_of,
)

FAILED = f"Authentication-Results: {OURS}; dmarc=fail\r\n".encode()
DANGER = "In unserer Halle riecht es stark nach Gas, zwei sind umgekippt!"
PAVEMENT = "Guten Tag,\n\nwann endet die Baustelle auf dem Gehweg?\n\nSabine Muster\n"
TIEFBAU = "tiefbau@stadt.example.org"


@pytest.fixture
def guarded(town: Trial) -> Iterator[Trial]:
    """Give a city that believes what its own mail server says of senders, and nobody else."""
    town.city.deciding._authserv_ids = (OURS,)
    yield town
    town.judge()


def begin(town: Trial, text: str = ONE_OFFICE) -> tuple[list[EmailMessage], EmailMessage]:
    """Let a company write; give what went out, and its acknowledgement."""
    out = town.write("Stand", text)
    (acknowledgement,) = of_kind(out, "acknowledgement")
    return out, acknowledgement


def say(town: Trial, mail: EmailMessage, text: str) -> list[EmailMessage]:
    """Let somebody of the city's own domain answer, and its server vouch for him."""
    return town.deliver(vouched(reply_to(mail, text), "stadt.example.org"))


def waiting(town: Trial) -> Pending:
    """Give the one item that waits for the manager."""
    (item,) = town.city.reporting.digest().pending
    return item


@pytest.mark.parametrize("with_token", [False, True])
def test_the_manager_reads_that_an_offices_mail_is_forged(guarded: Trial, with_token: bool) -> None:
    """One word of his would send it on as an answer: what the server says stands beside it."""
    _, ack = begin(guarded)
    to = {"to": str(ack["Reply-To"])} if with_token else {}
    forged = letter("Bescheid", "Ihr Antrag ist genehmigt.", sender=BAU, **to)
    assert guarded.deliver(FAILED + forged) == []
    assert f"dass {BAU} sie nicht geschickt hat" in waiting(guarded).reason
    guarded.judge()


_UNREADABLE = ("smtp.mailfrom=müller@evil.example", "smtp.helo=[192.0.2.7]", "smtp.mailfrom=<>")


def _said(spf: str, dmarc: str) -> bytes:
    """Write our server's header with a part that its reader cannot read."""
    return f"Authentication-Results: {OURS}; spf=none {spf}; dmarc={dmarc}\r\n".encode()


@pytest.mark.parametrize("spf", _UNREADABLE)
def test_a_failure_beside_what_cannot_be_read_is_heard(guarded: Trial, spf: str) -> None:
    """A city that takes its offices without a result still takes none that failed."""
    town = guarded.city
    offices = Offices(tuple(replace(each, unauthenticated=True) for each in OFFICES))
    town.deciding._policy = replace(town.policy, offices=offices)
    out, _ = begin(guarded)
    forged = reply_to(forward_to(out, BAU), "Ist erteilt.")
    assert of_kind(guarded.deliver(_said(spf, "fail") + forged), "combined-answer") == []
    assert f"dass {BAU} sie nicht geschickt hat" in waiting(guarded).reason


@pytest.mark.parametrize("spf", _UNREADABLE)
def test_a_pass_beside_what_cannot_be_read_is_heard(guarded: Trial, spf: str) -> None:
    """An office whose server names itself by a bare address is not held for it."""
    out, _ = begin(guarded)
    said = _said(spf, "pass header.from=stadt.example.org")
    out = guarded.deliver(said + reply_to(forward_to(out, BAU), "Ist erteilt."))
    assert "Ist erteilt." in body_of(of_kind(out, "combined-answer")[0])


def test_a_number_joins_nothing_however_generous_the_city_is(guarded: Trial) -> None:
    """``trust.unauthenticated_companies`` speaks of mails with a token; a number is no secret."""
    policy = replace(guarded.city.policy, unauthenticated_companies=True)
    guarded.city.deciding._policy = policy
    begin(guarded)
    reference = guarded.city.ticket().reference
    guarded.deliver(letter(f"Re: {reference}", "Wir ziehen zurück.", sender=COMPANY))
    (ticket,) = guarded.city.store.tickets([reference]).values()
    assert len(ticket.letters) == 1
    guarded.judge()


@pytest.mark.parametrize("result", [b"", FAILED])
def test_the_alert_of_a_held_danger_leads_to_that_mail(guarded: Trial, result: bytes) -> None:
    """It names the mail that waits and the doubt; an order on it passes on that mail."""
    _, ack = begin(guarded)
    raw = result + reply_to(ack, DANGER)
    alerts = of_kind(guarded.deliver(raw, company=COMPANY), "alert")
    (told,) = [mail for mail in alerts if DANGER in " ".join(body_of(mail).split())]
    item = waiting(guarded)
    assert item.reference in body_of(told)
    assert item.reason in " ".join(body_of(told).split())
    assert "Gas" in body_of(forward_to(say(guarded, told, f"{item.reference} an umwelt"), UMWELT))
    guarded.judge()


def _one_letter_wrong(ack: EmailMessage) -> bytes:
    local, _, domain = str(ack["Reply-To"]).partition("@")
    wrong = "a" if local[-1] != "a" else "b"
    return letter("Re", DANGER, sender=COMPANY, to=f"{local[:-1]}{wrong}@{domain}")


def _cut_short(ack: EmailMessage) -> bytes:
    local, _, domain = str(ack["Reply-To"]).partition("@")
    return letter("Re", DANGER, sender=COMPANY, to=f"{local[:-2]}@{domain}")


def _by_an_office(ack: EmailMessage) -> bytes:
    return letter("Re", DANGER, sender=BAU, to=str(ack["Reply-To"]))


@pytest.mark.parametrize("how", [_one_letter_wrong, _cut_short, _by_an_office])
def test_danger_is_told_whatever_the_mail_waits_for(
    town: Trial, how: Callable[[EmailMessage], bytes]
) -> None:
    """A mangled token is no reason to read of gas in the next morning's digest."""
    _, ack = begin(town)
    out = town.deliver(how(ack), company=COMPANY)
    assert any("stark nach Gas" in body_of(mail) for mail in of_kind(out, "alert"))
    town.judge()


def test_danger_in_a_flood_is_one_alert(town: Trial) -> None:
    """A bomb of alarming mails must not become a bomb of alerts: the flood itself is told."""
    _, ack = begin(town)
    out = [mail for _ in range(60) for mail in town.deliver(_one_letter_wrong(ack))]
    flood = town.city.policy.storm_of_sender
    assert len(of_kind(out, "alert")) <= flood + 2
    more = [mail for _ in range(30) for mail in town.deliver(_one_letter_wrong(ack))]
    assert of_kind(more, "alert") == []
    town.judge()


def test_a_held_reply_to_a_question_reaches_the_office_that_asked(guarded: Trial) -> None:
    """Two offices asked; whoever was answered gets it, the other still waits for its own."""
    out, _ = begin(guarded, TWO_OFFICES)
    asked = say(guarded, forward_to(out, BAU), "Rückfrage\nWie groß ist die Halle?")
    (question,) = of_kind(asked, "question")
    say(guarded, forward_to(out, UMWELT), "Rückfrage\nWelche Maschinen?")
    guarded.answer(question, "900 qm.")
    reference = guarded.city.ticket().reference
    order = f"{waiting(guarded).reference} zu {reference}"
    out = say(guarded, digest_of(guarded.city), order)
    assert {to_of(mail) for mail in of_kind(out, "forward")} == {BAU}
    umwelt = guarded.city.ticket().consultation("umwelt")
    assert umwelt is not None
    assert umwelt.state == "questioned"
    guarded.judge()


def test_a_held_reply_to_a_question_reaches_it_during_a_review_too(tmp_path: Path) -> None:
    """An office still waits for this, whatever else lies with the manager."""
    with trial(tmp_path, manager_releases=True) as town:
        town.city.deciding._authserv_ids = (OURS,)
        town.city.deciding._policy = replace(town.city.policy, as_they_come=True)
        out, _ = begin(town, TWO_OFFICES)
        say(town, forward_to(out, BAU), "Ja, ein Antrag ist nötig.")
        asked = say(town, forward_to(out, UMWELT), "Rückfrage\nWelche Maschine?")
        (question,) = of_kind(asked, "question")
        town.answer(question, "Eine Presse.")
        items = town.city.reporting.digest().pending
        (held,) = [each for each in items if "bestätigt nicht" in each.reason]
        reference = town.city.ticket().reference
        out = say(town, digest_of(town.city), f"{held.reference} zu {reference}")
        assert [to_of(mail) for mail in of_kind(out, "forward")] == [UMWELT]
        town.judge()


@pytest.mark.parametrize("sender", ["x@evil.example", TIEFBAU])
def test_a_forged_absence_note_silences_no_office(guarded: Trial, sender: str) -> None:
    """Whoever got hold of a forward cannot have the office left in peace until next year."""
    forward = forward_to(guarded.write("Gehweg", PAVEMENT), TIEFBAU)
    words = "Ich bin bis zum 31.12.2027 nicht im Hause."
    note = reply_to(forward, words, sender=sender, subject="Abwesenheitsnotiz")
    assert guarded.deliver(FAILED + b"Auto-Submitted: auto-replied\r\n" + note) == []
    assert guarded.city.ticket().consultations[0].absent_until is None
    guarded.judge()


def test_an_offices_own_absence_note_still_counts(guarded: Trial) -> None:
    """A colleague of the same domain, vouched for by the server, is believed."""
    forward = forward_to(guarded.write("Gehweg", PAVEMENT), TIEFBAU)
    words = "Ich bin bis zum 31.12.2027 nicht im Hause."
    note = reply_to(forward, words, sender="j.kim@stadt.example.org", subject="Abwesenheitsnotiz")
    guarded.deliver(vouched(b"Auto-Submitted: auto-replied\r\n" + note, "stadt.example.org"))
    assert guarded.city.ticket().consultations[0].absent_until is not None
    guarded.judge()


def test_a_forged_mail_made_a_ticket_by_the_manager_acknowledges_nobody(guarded: Trial) -> None:
    """He may want the matter; the victim whose name it bears has still not written to us."""
    _, ack = begin(guarded)
    victim = "opfer@victim.example"
    guarded.deliver(FAILED + reply_to(ack, ONE_OFFICE, sender=victim), company=victim)
    out = say(guarded, digest_of(guarded.city), f"{waiting(guarded).reference} neu")
    assert of_kind(out, "forward")
    assert of_kind(out, "acknowledgement") == []
    guarded.judge()


def test_a_new_matter_under_an_old_closed_number_is_a_new_inquiry(guarded: Trial) -> None:
    """It would join nothing, so it needs nobody's word: it is served as any first mail is."""
    out, ack = begin(guarded)
    say(guarded, forward_to(out, BAU), "Ist erteilt.")
    guarded.city.wait(days=15)
    guarded.city.chasing.close()
    guarded.city.wait(days=200)
    assert of_kind(guarded.answer(ack, TWO_OFFICES), "acknowledgement")
    guarded.judge()


def test_letting_a_flood_through_leaves_doubtful_mails_alone(guarded: Trial) -> None:
    """``mailflow again --sender`` is about floods; who waits for another reason goes on waiting."""
    _, ack = begin(guarded)
    guarded.answer(ack, NEW_FACT)
    since = waiting(guarded).waiting_since
    guarded.city.wait(days=3)
    assert again(guarded.city, COMPANY) == 0
    assert waiting(guarded).waiting_since == since
    guarded.judge()


def test_a_managers_mail_is_never_made_an_inquiry(guarded: Trial) -> None:
    """His order without the server's word waits; it can be dropped, not sent to offices."""
    begin(guarded)
    reference = guarded.city.ticket().reference
    digest = digest_of(guarded.city)
    guarded.answer(digest, f"{reference} erinnern")
    item = waiting(guarded)
    assert [each.command for each in item.choices] == [f"{item.reference} verwerfen"]
    (notice,) = of_kind(say(guarded, digest, f"{item.reference} neu"), "notice")
    assert "NICHT ausgeführt" in body_of(notice)
    guarded.judge()

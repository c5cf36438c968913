"""Rows of the fault matrix about who may speak: tokens, numbers, senders, headers."""

from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.core.offices import Offices
from mailflow.core.ticket import HoldReason
from mailflow.core.tracking import Keyring, Role, find
from tests.faults.databases import on_both
from tests.faults.trial import BAU, UMWELT, Trial, letter
from tests.flow.city import (
    CENTRAL,
    COMPANY,
    MANAGER,
    OFFICES,
    ONE_OFFICE,
    TWO_OFFICES,
    body_of,
    digest_of,
    forward_to,
    of_kind,
    parse,
    reply_to,
    to_of,
)

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
STRANGER = "neugier@evil.example"
RING = Keyring({"a": b"k" * 32, "b": b"l" * 32}, "b")
LEG = RING.leg(Role.OFFICE, "KAM-2222-2222", "bauaufsicht")


def token_of(mail: EmailMessage) -> str:
    """Give the token in a mail's Reply-To."""
    (token,) = find(str(mail["Reply-To"]))
    return token


@pytest.mark.parametrize("subject", ["Re: [{}] Stand", "[#1] {}", "{}", "AW: AW: [{}] [x]"])
def test_row_40_a_number_in_the_subject_opens_no_door(town: Trial, subject: str) -> None:
    """RT took a bare number; Zendesk CVE-2024-49193. Here a stranger gets a ticket of his own."""
    town.write("Stand", ONE_OFFICE)
    reference = town.city.ticket().reference
    raw = letter(subject.format(reference), "Was steht darin?", sender=STRANGER, Cc=STRANGER)
    out = town.deliver(raw, company=STRANGER)
    assert of_kind(out, "forward") == []
    (ticket,) = town.city.store.tickets([reference]).values()
    assert len(ticket.letters) == 1
    assert ticket.contact.address == COMPANY
    town.judge()


@given(
    st.integers(0, 29),
    st.sampled_from("abcdefghijklmnopqrstuvwxyz234567."),
    st.sampled_from(["swap", "cut", "add"]),
)
def test_row_41_no_token_but_the_whole_one_verifies(place: int, letter_: str, how: str) -> None:
    """FreeScout CVE-2026-53591, CVE-2026-47123: a cut MAC passed. Here every letter counts."""
    token = RING.token(Role.OFFICE, LEG, BAU)
    place = min(place, len(token) - 1)
    changed = {
        "swap": token[:place] + letter_ + token[place + 1 :],
        "cut": token[:place],
        "add": token[:place] + letter_ + token[place:],
    }[how]
    assert RING.verify(token, Role.OFFICE, BAU, NOW)
    assert RING.verify(changed, Role.OFFICE, BAU, NOW) == (changed == token)
    assert not RING.verify(token, Role.COMPANY, BAU, NOW)
    assert not RING.verify(token, Role.OFFICE, STRANGER, NOW)


@pytest.mark.parametrize("cut", [1, 2, 8, 15, 16])
def test_row_41_a_mail_with_half_a_token_changes_nothing(town: Trial, cut: int) -> None:
    """A token cut short in the address is no token: nothing becomes the office's answer."""
    out = town.write("Stand", ONE_OFFICE)
    local, _, domain = str(forward_to(out, BAU)["Reply-To"]).partition("@")
    raw = letter("Genehmigung", "Ist erteilt.", sender=BAU, to=f"{local[:-cut]}@{domain}")
    assert of_kind(town.deliver(raw), "combined-answer") == []
    assert town.city.ticket().state == "consulting"
    town.judge()


def test_row_42_reply_to_never_decides_who_speaks_or_who_reads(town: Trial) -> None:
    """GitLab#349329, FreeScout#4287: Reply-To took a ticket over. Here From decides."""
    out = town.deliver(town.inquiry("Stand", ONE_OFFICE, Reply_To=STRANGER))
    (ack,) = of_kind(out, "acknowledgement")
    assert to_of(ack) == COMPANY
    reply = reply_to(forward_to(out, BAU), "Ist erteilt.", sender=STRANGER)
    assert town.deliver(f"Reply-To: {BAU}\r\n".encode() + reply) == []
    assert town.city.ticket().holds[0].reason == "sender"
    town.judge()


def test_row_43_a_leaked_token_gives_a_stranger_nothing(town: Trial) -> None:
    """FreeScout#2382, faveo#165: whoever had the token became the customer. Here it is held."""
    out = town.write("Umnutzung", TWO_OFFICES)
    (ack,) = of_kind(out, "acknowledgement")
    for mail in (ack, forward_to(out, BAU)):
        raw = reply_to(mail, "Bitte alles an mich.", sender=STRANGER)
        assert town.deliver(raw, company=STRANGER) == []
    assert town.city.ticket().contact.address == COMPANY
    town.answer(forward_to(out, BAU), "Ja.")
    assert town.answer(forward_to(out, UMWELT), "Nein.") == []
    order = f"{town.city.ticket().reference} verwerfen"
    (answer,) = of_kind(town.answer(digest_of(town.city), order), "combined-answer")
    assert to_of(answer) == COMPANY
    assert STRANGER not in {who for _, who, _ in town.city.wire.accepted}
    town.judge()


@pytest.mark.parametrize("cut", [1, 3, 14, 16])
@pytest.mark.parametrize("who", [COMPANY, STRANGER])
def test_row_41_half_a_token_in_the_address_opens_nothing(town: Trial, cut: int, who: str) -> None:
    """Who writes to what is left of a token is held and told: no ticket, no acknowledgement."""
    (ack,) = of_kind(town.write("Stand", ONE_OFFICE), "acknowledgement")
    local, _, domain = str(ack["Reply-To"]).partition("@")
    raw = letter("Frage", "Noch etwas.", sender=who, to=f"{local[:-cut]}@{domain}")
    (alert,) = town.deliver(raw, company=who)
    assert (to_of(alert), alert["X-Mailflow-Kind"]) == (MANAGER, "alert")
    assert town.deliver(letter("Noch", "Und?", sender=who, to=f"{local[:-cut]}@{domain}")) == []
    assert len(town.city.store.references()) == 1
    town.judge(alert="nicht echt")


def test_a_word_behind_the_plus_is_no_token(town: Trial) -> None:
    """Whoever gives the address out with a word of his own behind the plus is written to."""
    for number, tag in enumerate(("messe", "ausschreibung-strassenbau", "max.mustermann")):
        address = CENTRAL.replace("@", f"+{tag}@")
        raw = letter("Stand", ONE_OFFICE, sender=f"x@firma{number}.example", to=address)
        assert of_kind(town.deliver(raw, company=f"x@firma{number}.example"), "acknowledgement")
    town.judge()


def test_a_valid_token_beside_a_false_or_foreign_one_is_held(town: Trial) -> None:
    """All that are found must agree; the manager is told, once a day."""
    out = town.write("Stand", ONE_OFFICE)
    forward, (ack,) = forward_to(out, BAU), of_kind(out, "acknowledgement")
    other = token_of(ack)
    false = other[:-1] + ("a" if other[-1] != "a" else "b")
    raw = letter("Re", f"Ist erteilt. {false}", sender=BAU, to=str(forward["Reply-To"]))
    assert [mail["X-Mailflow-Kind"] for mail in town.deliver(raw)] == ["alert"]
    unknown = CENTRAL.replace("@", "+abcdefghijkl.abcdefghijklmnop@")
    raw = letter("Re", "Ist erteilt.", sender=BAU, to=str(forward["Reply-To"]), Cc=unknown)
    assert town.deliver(raw) == []
    assert town.city.ticket().state == "consulting"
    town.judge()


@on_both
def test_guesses_beside_a_true_token_are_counted(town: Trial) -> None:
    """Who was written to once may not guess at others' tokens unnoticed behind his own."""
    forward = forward_to(town.write("Stand", ONE_OFFICE), BAU)
    told = []
    for number in range(25):
        guess = CENTRAL.replace("@", f"+abcdefghijkl.abcdefghijklmn{chr(97 + number)}p@")
        raw = letter("Re", "Ist erteilt.", sender=BAU, to=str(forward["Reply-To"]), Cc=guess)
        told += town.deliver(raw)
    assert [str(mail["Subject"]) for mail in told].count(
        "Achtung: Jemand probiert Kennungen aus"
    ) == 1
    town.judge()


def test_another_citys_token_in_copy_is_none_of_ours(town: Trial) -> None:
    """A company that writes to two cities at once is served by both."""
    raw = letter("Stand", ONE_OFFICE, Cc="amt+abcdefghijkl.abcdefghijklmnop@andere.example")
    assert of_kind(town.deliver(raw, company=COMPANY), "acknowledgement")
    town.judge()


def test_a_forged_sender_with_a_valid_token_raises_an_alert(town: Trial) -> None:
    """§4: valid token, bound sender, authentication failed: held, the manager told of each name."""
    town.city.deciding._authserv_ids = ("mx.stadt.example.org",)
    out = town.write("Stand", ONE_OFFICE)
    forward, (ack,) = forward_to(out, BAU), of_kind(out, "acknowledgement")
    line = b"Authentication-Results: mx.stadt.example.org; dmarc=fail\r\n"
    kinds = [
        [str(mail["X-Mailflow-Kind"]) for mail in town.deliver(line + reply_to(each, "Ja."))]
        for each in (forward, ack, forward)
    ]
    assert kinds == [["alert"], ["alert"], []]
    assert town.city.ticket().holds[0].reason == "authentication"
    town.judge()


OURS = "mx.stadt.example.org"
PASSED = f"Authentication-Results: {OURS}; dmarc=pass header.from=".encode()
NEW_FACT = "Die Halle ist nun doch 900 Quadratmeter groß."


def vouched(raw: bytes, domain: str) -> bytes:
    """Give a mail as the city's mail server stores it after it has proven the sender."""
    return PASSED + domain.encode() + b"\r\n" + raw


def test_a_companys_mail_without_a_result_waits_for_one_word_of_the_manager(town: Trial) -> None:
    """§4: valid token, bound sender, no result of the trusted server: held, no alert."""
    town.city.deciding._authserv_ids = (OURS,)
    out = town.write("Stand", ONE_OFFICE)
    (ack,), reference = of_kind(out, "acknowledgement"), town.city.ticket().reference
    assert town.answer(ack, NEW_FACT) == []
    digest = digest_of(town.city)
    order = next(line.strip() for line in body_of(digest).splitlines() if "zu KAM" in line)
    assert order.endswith(f"zu {reference}")
    out = town.deliver(vouched(reply_to(digest, order), "stadt.example.org"))
    assert NEW_FACT in body_of(forward_to(out, BAU))
    town.judge()


def test_a_companys_mail_that_is_proven_joins_its_ticket(town: Trial) -> None:
    """§4: valid token, bound sender, a pass of the trusted server: accepted."""
    town.city.deciding._authserv_ids = (OURS,)
    (ack,) = of_kind(town.write("Stand", ONE_OFFICE), "acknowledgement")
    raw = vouched(reply_to(ack, NEW_FACT), COMPANY.partition("@")[2])
    assert NEW_FACT in body_of(forward_to(town.deliver(raw, company=COMPANY), BAU))
    town.judge()


def test_a_city_may_take_companies_without_results(town: Trial) -> None:
    """``trust.unauthenticated_companies``: small firms sign nothing, and the city knows it."""
    town.city.deciding._authserv_ids = (OURS,)
    town.city.deciding._policy = replace(town.city.policy, unauthenticated_companies=True)
    (ack,) = of_kind(town.write("Stand", ONE_OFFICE), "acknowledgement")
    assert NEW_FACT in body_of(forward_to(town.answer(ack, NEW_FACT), BAU))
    town.judge()


def _inside_the_house(town: Trial, office_id: str) -> None:
    """Let one office's mail count without a result, as ``unauthenticated`` in offices.toml does."""
    town.city.deciding._authserv_ids = (OURS,)
    offices = Offices(
        tuple(replace(each, unauthenticated=each.id == office_id) for each in OFFICES)
    )
    town.city.deciding._policy = replace(town.city.policy, offices=offices)


def test_an_office_whose_mail_never_leaves_the_house_answers_without_results(town: Trial) -> None:
    """§4, the opt-in per office: valid token, bound sender, no result: its answer goes out."""
    _inside_the_house(town, "bauaufsicht")
    forward = forward_to(town.write("Stand", ONE_OFFICE), BAU)
    (answer,) = town.answer(forward, "Die Genehmigung kommt im Juni.")
    assert (to_of(answer), answer["X-Mailflow-Kind"]) == (COMPANY, "combined-answer")
    assert "kommt im Juni" in body_of(answer)
    assert town.city.ticket().holds == ()
    town.judge()


def test_its_neighbour_without_results_is_held(town: Trial) -> None:
    """§4: what one office may, no other may; and where the server objects, nobody may."""
    _inside_the_house(town, "bauaufsicht")
    out = town.write("Umnutzung", TWO_OFFICES)
    assert town.answer(forward_to(out, UMWELT), "60 dB(A) am Tag.") == []
    denied = f"Authentication-Results: {OURS}; dmarc=fail\r\n".encode()
    town.deliver(denied + reply_to(forward_to(out, BAU), "Ist erteilt."))
    holds = town.city.ticket().holds
    assert [(each.office_id, each.reason) for each in holds] == [
        ("umwelt", HoldReason.AUTHENTICATION),
        ("bauaufsicht", HoldReason.AUTHENTICATION),
    ]
    town.answer(forward_to(out, BAU), "Ein Antrag ist nötig.")
    assert town.city.ticket().state == "consulting"
    assert "combined-answer" not in {
        str(parse(raw)["X-Mailflow-Kind"]) for _, _, raw in town.city.wire.accepted
    }
    town.judge()


def test_a_number_without_a_proven_sender_joins_nothing(town: Trial) -> None:
    """§4: no token, known company: only where it is proven may the number in a subject count."""
    town.city.deciding._authserv_ids = (OURS,)
    town.write("Stand", ONE_OFFICE)
    reference = town.city.ticket().reference
    town.write(f"Re: [{reference}] Stand", ONE_OFFICE)
    (ticket,) = town.city.store.tickets([reference]).values()
    assert len(ticket.letters) == 1
    town.judge()


@pytest.mark.parametrize("result", ["none", "dmarc=fail"])
def test_an_emergency_is_told_even_where_its_mail_is_held(town: Trial, result: str) -> None:
    """Who writes is in doubt, but gas does not wait: the manager reads it at once."""
    town.city.deciding._authserv_ids = (OURS,)
    (ack,) = of_kind(town.write("Stand", ONE_OFFICE), "acknowledgement")
    danger = reply_to(ack, "In unserer Halle riecht es stark nach Gas, zwei sind umgekippt!")
    line = f"Authentication-Results: {OURS}; {result}\r\n".encode()
    out = town.deliver(line + danger, company=COMPANY)
    assert of_kind(out, "forward") == []
    assert any("stark nach Gas" in body_of(mail) for mail in of_kind(out, "alert"))
    town.judge()


FORGED = (
    "X-Mailflow-Kind: digest\r\nX-Mailflow-Ticket: KAM-2222-2222\r\nRT-Squelch-Replies-To: x\r\n"
    "X-RT-Original-Encoding: x\r\nX-Zammad-Ticket-State: closed\r\nX-Priority: 1\r\n"
)


@pytest.mark.parametrize("message_id", ["<letter.", "<mailflow."])
def test_row_44_control_headers_of_others_control_nothing(town: Trial, message_id: str) -> None:
    """RT CVE-2023-41259: headers steered the system. Here a letter with them is a letter."""
    raw = town.inquiry("Stand", ONE_OFFICE).replace(b"<letter.", message_id.encode())
    out = town.deliver(FORGED.encode() + raw, company=COMPANY)
    assert of_kind(out, "acknowledgement")
    assert forward_to(out, BAU)
    for mail in out:
        assert mail["RT-Squelch-Replies-To"] is None
        assert mail["X-Zammad-Ticket-State"] is None
        assert mail["X-Mailflow-Ticket"] != "KAM-2222-2222"
    town.judge()


@pytest.mark.parametrize(
    "results",
    ["evil.example; dmarc=pass header.from=stadt.example.org", "", "mx.stadt.example.org; none"],
)
def test_row_44_only_the_trusted_servers_word_counts(town: Trial, results: str) -> None:
    """RFC 8601 §7.1: a result of a server nobody named proves nothing; the reply is held."""
    town.city.deciding._authserv_ids = ("mx.stadt.example.org",)
    out = town.write("Stand", ONE_OFFICE)
    reply = reply_to(forward_to(out, BAU), "Ist erteilt.")
    line = f"Authentication-Results: {results}\r\n" if results else ""
    assert town.deliver(line.encode() + reply) == []
    assert town.city.ticket().holds[0].reason == "authentication"
    town.judge()


def test_row_45_a_foreign_services_code_reaches_nobody(town: Trial) -> None:
    """GitLab HackerOne 498964, the Ticket Trick: the code was shown to the writer. Never here."""
    mail = letter(
        "Your verification code",
        "Your code is 483920. If you did not sign up, ignore this mail.",
        sender="Example Chat <no-reply@chat.example.net>",
    )
    assert town.deliver(mail) == []
    assert "483920" not in body_of(digest_of(town.city))
    assert town.city.reporting.digest().counts_total.quarantined == 1
    town.judge()


def test_row_45_a_code_sent_into_a_ticket_stays_out_of_it(town: Trial) -> None:
    """The trick's second half: the service writes to the ticket's own address. Still nobody."""
    out = town.write("Stand", ONE_OFFICE)
    (ack,) = of_kind(out, "acknowledgement")
    mail = letter(
        "Confirm your account",
        "Your sign-in code: 483920",
        sender="noreply@chat.example.net",
        to=str(ack["Reply-To"]),
    )
    assert town.deliver(mail) == []
    assert len(town.city.ticket().letters) == 1
    town.judge()


def test_a_manager_without_the_days_key_is_not_obeyed(town: Trial) -> None:
    """§4: a command needs the manager's address and the one-time key of a mail to him."""
    town.write("Eine Frage", "Hallo, können Sie helfen?\n\nViele Grüße")
    reference = town.city.ticket().reference
    order = letter("x", f"{reference} an bauaufsicht", sender=MANAGER)
    assert town.deliver(order) == []
    digest = digest_of(town.city)
    forged = reply_to(digest, f"{reference} an bauaufsicht", sender=STRANGER)
    assert of_kind(town.deliver(forged), "forward") == []
    assert of_kind(town.answer(digest, f"{reference} an bauaufsicht"), "forward")
    town.judge()


@pytest.mark.parametrize("order", ["antwort Der Antrag ist genehmigt.", "an bauaufsicht"])
def test_a_managers_order_under_a_failed_authentication_does_nothing(
    town: Trial, order: str
) -> None:
    """§4: the address and the day's key are not enough where the server calls the sender false.

    The mail is held, nobody outside is written to, and the manager is told once a day.
    """
    town.city.deciding._authserv_ids = (OURS,)
    town.write("Eine Frage", "Hallo, können Sie helfen?\n\nViele Grüße")
    before, digest = town.city.ticket(), digest_of(town.city)
    denied = f"Authentication-Results: {OURS}; dmarc=fail header.from=stadt.example.org\r\n"
    told = []
    for days in (0, 0, 1):
        town.city.wait(days=days)
        forged = denied.encode() + reply_to(digest, f"{before.reference} {order}")
        told.append([str(each["Subject"]) for each in town.deliver(forged)])
    assert [len(each) for each in told] == [1, 0, 1]
    assert all("kommt nicht von ihrem Absender" in each for each in (*told[0], *told[2]))
    after = town.city.ticket()
    assert (after.state, after.answers, after.current()) == (before.state, before.answers, ())
    assert town.city.reporting.digest().counts_total.held == 3
    proven = reply_to(digest, f"{before.reference} an bauaufsicht")
    assert of_kind(town.deliver(vouched(proven, "stadt.example.org")), "forward")
    town.judge()


def test_a_token_of_another_city_is_a_stranger(town: Trial) -> None:
    """A well-formed token made with another key is held, whatever else the mail says."""
    out = town.write("Stand", ONE_OFFICE)
    leg = token_of(forward_to(out, BAU))[1:12]
    foreign = Keyring({"a": b"x" * 32}, "a").token(Role.OFFICE, leg, BAU)
    raw = letter("Re", "Ist erteilt.", sender=BAU, to=CENTRAL.replace("@", f"+{foreign}@"))
    assert [to_of(each) for each in town.deliver(raw)] == [MANAGER]
    assert town.city.ticket().state == "consulting"
    town.judge(alert="nicht echt")

"""What is small and could be lost unseen: a pasted map, an unreadable reply, a withheld file."""

from email.message import EmailMessage
from email.policy import SMTP

import pytest

from mailflow.core.ticket import ConsultationState, HoldReason
from tests.flow.city import (
    COMPANY,
    NO_OFFICE,
    ONE_OFFICE,
    City,
    body_of,
    digest_of,
    forward_to,
    letter,
    of_kind,
    parse,
    reply_to,
)
from tests.flow.test_guards import _with_file
from tests.flow.test_machines import _bounce

BAU, TIEFBAU = "bauaufsicht@stadt.example.org", "tiefbau@stadt.example.org"
MAP = b"\x89PNG\r\n\x1a\n" + b"x" * 25_000


def _with_picture(raw: bytes, picture: bytes) -> bytes:
    mail = parse(raw)
    mail.add_attachment(
        picture, maintype="image", subtype="png", filename="image001.png", disposition="inline"
    )
    return mail.as_bytes(policy=SMTP)


def _encrypted(raw: bytes) -> bytes:
    """Give a reply with its text enveloped, as Outlook does by S/MIME."""
    mail = parse(raw)
    mail.clear_content()
    mail.set_content(
        b"0\x82\x01\x00\x06\x09*\x86H\x86\xf7\r\x01\x07\x03" * 20,
        maintype="application",
        subtype="pkcs7-mime",
        params={"smime-type": "enveloped-data"},
        filename="smime.p7m",
    )
    return mail.as_bytes(policy=SMTP)


def _pictures(mail: EmailMessage) -> list[object]:
    parts = (each for each in mail.walk() if each.get_filename() == "image001.png")
    return [each.get_payload(decode=True) for each in parts]


@pytest.mark.parametrize(
    ("text", "picture", "sent"),
    [
        ("Ja. Die Lage sehen Sie auf der Karte unten.", MAP, [MAP]),
        ("Ja, siehe den beigefügten Kartenausschnitt.", MAP, [MAP]),
        ("Yes, see the map below.", MAP, [MAP]),
        ("Ja, siehe Karte unten.", MAP[:900], []),
        ("Ja. Bitte reichen Sie den Lageplan nach.", MAP, []),
    ],
)
def test_a_pasted_picture_goes_with_the_text_that_points_at_it(
    town: City, text: str, picture: bytes, sent: list[bytes]
) -> None:
    """A map is no letterhead because it is small; where no word points at one it is."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    out = town.deliver(_with_picture(reply_to(forward, text), picture))
    (answer,) = of_kind(out, "combined-answer")
    assert _pictures(answer) == sent


def test_an_encrypted_reply_to_a_question_answers_nothing(town: City) -> None:
    """Nobody can read it, so the office goes on waiting and the manager is shown it."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    asked = town.deliver(reply_to(forward, "Rückfrage\nWie hoch wird die Halle?"))
    (question,) = of_kind(asked, "question")
    assert town.deliver(_encrypted(reply_to(question, "9,50 m"))) == []
    (hold,) = town.ticket().holds
    assert "verschlüsselt" in hold.text
    assert town.ticket().state == "waiting"
    assert town.ticket().consultations[0].state is ConsultationState.QUESTIONED


def test_an_encrypted_supplement_is_shown_to_the_manager(town: City) -> None:
    """An office that works on the matter gets no file that it cannot open."""
    (acknowledgement,) = of_kind(town.deliver(letter("Stand", ONE_OFFICE)), "acknowledgement")
    assert town.deliver(_encrypted(reply_to(acknowledgement, "Nachtrag"))) == []
    assert [hold.reason for hold in town.ticket().holds] == [HoldReason.UNROUTED]


def test_a_withheld_file_of_a_supplement_is_named(town: City) -> None:
    """The words go on, and the manager learns which file did not, as with a first mail."""
    (acknowledgement,) = of_kind(town.deliver(letter("Stand", ONE_OFFICE)), "acknowledgement")
    raw = _with_file(reply_to(acknowledgement, "Nachtrag anbei."), "Bedarf.xlsm")
    assert len(of_kind(town.deliver(raw), "forward")) == 1
    (hold,) = town.ticket().holds
    assert (hold.reason, "Bedarf.xlsm" in hold.text) == (HoldReason.ATTACHMENT, True)


def test_the_notice_quotes_an_order_that_was_not_read(town: City) -> None:
    """A remark between two orders ends the reading, and the second is not called done."""
    first = town.deliver(letter("Eine Frage", NO_OFFICE))
    assert of_kind(first, "acknowledgement")
    reference = town.ticket().reference
    orders = f"{reference} an umwelt\nBitte rasch, der Rat fragt nach.\n{reference} frist +2T"
    out = town.deliver(reply_to(digest_of(town), orders))
    (notice,) = of_kind(out, "notice")
    assert len(of_kind(out, "forward")) == 1
    assert f"NICHT ausgeführt: Bitte rasch, der Rat fragt nach. {reference} frist" in (
        " ".join(body_of(notice).split())
    )


def test_the_notice_quotes_what_did_not_go_out_of_an_answer(town: City) -> None:
    """With a second paragraph the manager's answer reaches nobody, and he reads both again."""
    town.deliver(letter("Eine Frage", NO_OFFICE))
    words = "antwort Montag 9 Uhr.\n\nBitte den Lageplan mitbringen."
    out = town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} {words}"))
    (notice,) = out
    assert f"NICHT ausgeführt: {town.ticket().reference} antwort Montag 9 Uhr." in body_of(notice)
    assert "NICHT ausgeführt: Bitte den Lageplan mitbringen." in body_of(notice)


def _two_letters(town: City) -> tuple[str, list[EmailMessage]]:
    """Let a company write twice into one ticket; give its reference and the office's two mails."""
    out = town.deliver(letter("Gehweg", "Unser Gehweg ist abgesackt, wann kommt die Baustelle?"))
    (acknowledgement,) = of_kind(out, "acknowledgement")
    town.wait(minutes=5)
    more = reply_to(acknowledgement, "Der Hausmeister ist von acht bis zehn da.", sender=COMPANY)
    forwards = of_kind(out + town.deliver(more), "forward")
    return town.ticket().reference, forwards


def test_an_office_that_nothing_reached_gets_every_letter(town: City) -> None:
    """Asked again after two failures it reads both letters; the one who has both, the last."""
    reference, forwards = _two_letters(town)
    assert "abgesackt" not in body_of(forwards[1])
    for number, forward in enumerate(forwards):
        town.deliver(_bounce(TIEFBAU, forward["Message-ID"], own_id=str(number)))
    (again,) = of_kind(
        town.deliver(reply_to(digest_of(town), f"{reference} an tiefbau")), "forward"
    )
    assert body_of(again).index("abgesackt") < body_of(again).index("Hausmeister")


def test_an_office_asked_again_is_not_told_twice(town: City) -> None:
    """What it got in a mail that did not fail it has, also where its part was withdrawn."""
    reference, _ = _two_letters(town)
    town.deliver(reply_to(digest_of(town), f"{reference} ohne tiefbau"))
    town.wait(days=1)
    (again,) = of_kind(
        town.deliver(reply_to(digest_of(town), f"{reference} an tiefbau")), "forward"
    )
    assert "Hausmeister" in body_of(again)
    assert "abgesackt" not in body_of(again)


def test_letters_that_waited_together_go_together(careful_town: City) -> None:
    """Two letters during a review wait as one decision: the office asked for them reads both."""
    town = careful_town
    out = town.deliver(letter("Stand", ONE_OFFICE))
    (acknowledgement,) = of_kind(out, "acknowledgement")
    town.deliver(reply_to(forward_to(out, BAU), "Die Genehmigung kommt im Juni."))
    for text in ("Es geht um Halle sieben.", "Und bitte schriftlich."):
        town.wait(hours=1)
        town.deliver(reply_to(acknowledgement, text, sender=COMPANY))
    order = f"{town.ticket().reference} an bauaufsicht"
    (forward,) = of_kind(town.deliver(reply_to(digest_of(town), order)), "forward")
    assert body_of(forward).index("Halle sieben") < body_of(forward).index("schriftlich")
    assert "Stand unseres Antrags" not in body_of(forward)


@pytest.mark.parametrize("order", ["", "verwerfen", "an bauaufsicht"])
def test_what_was_kept_back_goes_to_an_office_by_order_alone(town: City, order: str) -> None:
    """A claim under data protection law is not carried along by the company's next letter."""
    acknowledgement = of_kind(town.deliver(letter("Stand", ONE_OFFICE)), "acknowledgement")[0]
    claim = "Ich verlange Auskunft nach Art. 15 DSGVO über die Daten zu mir."
    town.wait(hours=1)
    town.deliver(reply_to(acknowledgement, claim, sender=COMPANY))
    town.wait(days=1)
    if order:
        out = town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} {order}"))
        assert any("DSGVO" in body_of(mail) for mail in of_kind(out, "forward")) == (
            order[:2] == "an"
        )
    words = "Die Nutzungsänderung betrifft Halle 4."
    (forward,) = of_kind(town.deliver(reply_to(acknowledgement, words, sender=COMPANY)), "forward")
    assert "betrifft Halle 4" in body_of(forward)
    assert "DSGVO" not in body_of(forward)


@pytest.mark.parametrize("said", ["Das macht das Tiefbauamt.", "Unzuständig: Tiefbauamt"])
def test_the_digest_says_where_a_refusal_moved_a_letter_by_itself(town: City, said: str) -> None:
    """The next digest, and no later one, names both offices and quotes what was written."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    town.deliver(reply_to(forward_to(out, BAU), said))
    town.wait(days=1)
    told = " ".join(body_of(digest_of(town)).split())
    assert f"{town.ticket().reference}: Amt für Bauordnung ist nicht zuständig" in told
    assert "nennt Tiefbauamt" in told
    assert said.startswith("Unzuständig") or f"„{said}“" in told
    town.wait(days=1)
    assert "nennt Tiefbauamt" not in " ".join(body_of(digest_of(town)).split())

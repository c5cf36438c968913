"""The manager puts a waiting mail into a ticket: nothing passes there that could not otherwise."""

from collections.abc import Callable
from email.message import EmailMessage

import pytest

from mailflow import deciding
from mailflow.core.known import Scan
from mailflow.core.message import Message
from mailflow.reading import ReadingFailed
from tests.faults.test_rows_trust import OURS, vouched
from tests.flow.city import (
    CENTRAL,
    COMPANY,
    NO_OFFICE,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    Reader,
    body_of,
    digest_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
    to_of,
)
from tests.flow.test_guards import _with_file

BAU = "bauaufsicht@stadt.example.org"
COLLEAGUE = "j.kim@stadt.example.org"
REMARK = "Die Firma ist uns schon zweimal negativ aufgefallen."
FORGED = f"Authentication-Results: {OURS}; dmarc=fail header.from=stadt.example.org\r\n".encode()


def _scanner_says(verdict: Scan, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "scan", lambda _address, _raw: verdict)


def _say(town: City, order: str) -> list[EmailMessage]:
    """Let the manager say something about the one mail that waits, in answer to a fresh digest."""
    (item,) = town.reporting.digest().pending
    town.wait(days=1)
    return town.deliver(reply_to(digest_of(town), f"{item.reference} {order}"))


def _say_in(town: City, order: str) -> list[EmailMessage]:
    """Let the manager say something about the one ticket."""
    town.wait(days=1)
    return town.deliver(reply_to(digest_of(town), f"{town.ticket().reference} {order}"))


class _Forgetful(Reader):
    """Reads a mail but once, as one that takes longer than it may on a busier day."""

    def __init__(self) -> None:
        self._read: set[bytes] = set()

    def read(self, raw: bytes) -> Message:
        """Give the message; raises ReadingFailed the second time."""
        if raw in self._read:
            raise ReadingFailed(problem="took too long")
        self._read.add(raw)
        return super().read(raw)


def test_a_waiting_mail_that_cannot_be_read_keeps_no_order_waiting(
    town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The manager reads that it can only be discarded, and the rest of his order is done."""
    town.deliver(letter("Stand", NO_OFFICE))
    ticket = town.ticket().reference
    monkeypatch.setattr(town.deciding, "_reader", _Forgetful())
    town.deliver(letter("Halle", "Ja.", to=CENTRAL.replace("@", "+abcdefghijkl.abcdefghijklmnop@")))
    waiting = next(each.reference for each in town.reporting.digest().pending[1:])
    digest = digest_of(town)
    out = town.deliver(reply_to(digest, f"{waiting} neu\n{ticket} an bauaufsicht"))
    (notice,) = of_kind(out, "notice")
    assert "nicht lesen" in body_of(notice)
    assert forward_to(out, BAU)
    town.deliver(reply_to(digest, f"{waiting} verwerfen"))
    assert waiting not in {each.reference for each in town.reporting.digest().pending}


def _cut(forward: EmailMessage) -> bytes:
    local, _, domain = str(forward["Reply-To"]).partition("@")
    text = f"Ja, ist erteilt. {REMARK}"
    return letter("AW: Stand", text, sender=COLLEAGUE, to=f"{local[:-2]}@{domain}")


def _contradicted(forward: EmailMessage) -> bytes:
    other = CENTRAL.replace("@", "+abcdefghijkl.abcdefghijklmnop@")
    text = f"Ja, ist erteilt. {REMARK}"
    return letter("AW: Stand", text, sender=COLLEAGUE, to=str(forward["Reply-To"]), Cc=other)


def _with_a_file(forward: EmailMessage) -> bytes:
    return _with_file(
        reply_to(forward, f"Ja, ist erteilt. {REMARK}", sender=COLLEAGUE), "Bescheid.pdf"
    )


@pytest.mark.parametrize("write", [_cut, _contradicted, _with_a_file])
def test_a_colleagues_mail_is_never_taken_for_the_companys(
    town: City, monkeypatch: pytest.MonkeyPatch, write: Callable[[EmailMessage], bytes]
) -> None:
    """Whoever writes from the city speaks for its office, and waits there as somebody unknown."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    if write is _with_a_file:
        _scanner_says(Scan.UNAVAILABLE, monkeypatch)
    town.deliver(write(forward))
    monkeypatch.undo()
    out = _say(town, f"zu {town.ticket().reference}")
    assert "nicht hinterlegt" in " ".join(body_of(of_kind(out, "notice")[0]).split())
    assert len(town.ticket().letters) == 1
    (item,) = town.reporting.digest().pending
    assert item.choices[0].command.endswith("freigeben bauaufsicht")


def test_of_several_offices_the_manager_names_the_colleagues(town: City) -> None:
    """Where it is not clear for whom a colleague writes, the order is refused with the way out."""
    forward = forward_to(town.deliver(letter("Halle 4", TWO_OFFICES)), BAU)
    town.deliver(_cut(forward))
    reference = town.ticket().reference
    (notice,) = of_kind(_say(town, f"zu {reference}"), "notice")
    assert f"zu {reference} bauaufsicht" in " ".join(body_of(notice).split())
    _say(town, f"zu {reference} bauaufsicht")
    (reply,) = (reply for part in town.ticket().consultations for reply in part.replies)
    assert (REMARK in reply.text, reply.state) == (True, "held")


@pytest.mark.parametrize("sender", [COLLEAGUE, "chef@zwei.example"])
def test_a_misspelt_office_is_no_company(town: City, sender: str) -> None:
    """Who names an office behind the ticket means one: what is none is refused."""
    town.deliver(letter("Halle 4", TWO_OFFICES))
    other = CENTRAL.replace("@", "+abcdefghijkl.abcdefghijklmnop@")
    town.deliver(letter("AW: Halle 4", REMARK, sender=sender, to=other))
    (notice,) = of_kind(_say(town, f"zu {town.ticket().reference} tiefbaumt"), "notice")
    told = " ".join(body_of(notice).split())
    assert "Kein Amt heißt „tiefbaumt“. Gemeint sein kann: tiefbau." in told
    assert len(town.ticket().letters) == 1


def test_the_office_that_is_named_counts_before_the_senders_own(town: City) -> None:
    """Somebody of one office answers for another: the manager says for which."""
    town.deliver(letter("Halle 4", TWO_OFFICES))
    town.deliver(letter("AW: Halle 4", "Nachts gelten 40 Dezibel.", sender=BAU))
    _say(town, f"zu {town.ticket().reference} umwelt")
    (part,) = (part for part in town.ticket().consultations if part.replies)
    assert part.office_id == "umwelt"


def test_what_was_taken_for_internal_goes_out_on_the_managers_word(town: City) -> None:
    """The digest shows what it is about, and "als antwort" makes an answer of it."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    words = "Intern\n\nDie Genehmigung ist erteilt."
    town.deliver(reply_to(forward, words, sender="m.beispiel@stadt.example.org"))
    (item,) = town.reporting.digest().pending
    assert "Genehmigung ist erteilt" in " ".join(item.excerpt.split())
    (answer,) = of_kind(_say_in(town, "freigeben als antwort"), "combined-answer")
    assert "Genehmigung ist erteilt" in " ".join(body_of(answer).split())


@pytest.mark.parametrize(
    "words",
    [
        "Bitte nicht an das Unternehmen weitergeben, was fehlt; die Genehmigung ist erteilt.",
        "Da läuft ein Ordnungswidrigkeitenverfahren, bitte nicht erwähnen.",
    ],
)
def test_what_an_office_wants_kept_in_the_house_is_no_answer(town: City, words: str) -> None:
    """The digest offers words of the manager's own instead, and so does the refusal."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.deliver(reply_to(forward, words))
    (item,) = town.reporting.digest().pending
    assert not any("als antwort" in each.command for each in item.choices)
    assert any(each.command.endswith(" antwort: ") for each in item.choices)
    out = _say_in(town, "freigeben als antwort")
    assert of_kind(out, "combined-answer") == []
    (notice,) = of_kind(out, "notice")
    assert "hat das nur für die Stadt geschrieben" in " ".join(body_of(notice).split())


def test_what_the_company_has_in_copy_is_not_sent_again(town: City) -> None:
    """No remark in it can be kept back any more: it counts as the office's answer."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    words = "Ja, ist erteilt. Sie können die Unterlagen vertraulich bei uns abholen."
    raw = reply_to(forward, words)
    out = town.deliver(b"Cc: " + COMPANY.encode() + b"\r\n" + raw)
    assert of_kind(out, "combined-answer") == []
    assert (town.ticket().state, town.reporting.digest().pending) == ("answered", ())


def test_a_strangers_words_are_not_read_by_the_company(town: City) -> None:
    """Who writes with another company's token and is put into its ticket is not quoted there."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward, (acknowledgement,) = forward_to(out, BAU), of_kind(out, "acknowledgement")
    words = "Unser Umsatz: 4711 Euro."
    town.deliver(reply_to(acknowledgement, words, sender="chef@zwei.example", quote=False))
    _say(town, f"zu {town.ticket().reference}")
    assert len(town.ticket().letters) == 2
    (answer,) = of_kind(town.deliver(reply_to(forward, "Ja, ist erteilt.")), "combined-answer")
    assert "4711" not in body_of(answer)
    assert "wie ist der Stand" in body_of(answer)


@pytest.mark.parametrize("words", ["Ja, ist erteilt.", "Rückfrage\nWie hoch wird die Halle?"])
def test_a_strangers_message_id_is_not_read_by_the_company(town: City, words: str) -> None:
    """An answer or a question stands in the thread of the company's own letters alone."""
    out = town.deliver(letter("Stand", ONE_OFFICE))
    forward, (acknowledgement,) = forward_to(out, BAU), of_kind(out, "acknowledgement")
    raw = reply_to(acknowledgement, "Wir bieten mehr.", sender="chef@zwei.example", quote=False)
    town.deliver(raw.replace(b"@sender.example>", b"@zwei.example>"))
    _say(town, f"zu {town.ticket().reference}")
    own, other = (each.message_id for each in town.ticket().letters)
    (mail,) = (each for each in town.deliver(reply_to(forward, words)) if to_of(each) == COMPANY)
    assert "@zwei.example>" in other
    assert mail["In-Reply-To"] == own
    assert other not in mail["References"]


@pytest.mark.parametrize("closed", [False, True])
def test_a_supplement_assigned_after_the_answer_waits_for_its_release(
    town: City, *, closed: bool
) -> None:
    """It is late like any other, and goes out with one further word."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    town.deliver(reply_to(forward, "Ja, ist erteilt."))
    if closed:
        town.wait(days=20)
        town.chasing.close()
    town.deliver(letter("Nachtrag", "Die Gebühr beträgt 120 Euro.", sender=BAU))
    _say(town, f"zu {town.ticket().reference}")
    (answer,) = of_kind(_say(town, "freigeben"), "combined-answer")
    assert "120 Euro" in body_of(answer)


def test_a_forgery_is_called_one_though_the_scanner_is_away(
    town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A true token under a forged name raises the alert, and waits again after the order."""
    town.deciding._authserv_ids = (OURS,)
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    _scanner_says(Scan.UNAVAILABLE, monkeypatch)
    out = town.deliver(FORGED + _with_file(reply_to(forward, "Alles genehmigt."), "Bescheid.pdf"))
    (item,) = town.reporting.digest().pending
    assert f"dass {BAU} sie nicht geschickt hat" in item.reason
    assert of_kind(out, "alert")
    monkeypatch.undo()
    order = reply_to(digest_of(town), f"{item.reference} zu {town.ticket().reference}")
    assert of_kind(town.deliver(vouched(order, "stadt.example.org")), "combined-answer") == []
    (item,) = town.reporting.digest().pending
    assert "nicht geschickt" in item.reason


def test_advertising_under_a_forged_name_is_called_a_forgery(town: City) -> None:
    """What the server says of the sender stands beside every mail that waits."""
    town.deciding._authserv_ids = (OURS,)
    words = "Jetzt Rabatt sichern! SEO Angebot: Platz 1 bei Google, nur heute, unsubscribe"
    town.deliver(FORGED + letter("Werbung", words, sender="x@stadt.example.org"))
    (item,) = town.reporting.digest().pending
    assert "nicht geschickt hat" in item.reason


@pytest.mark.parametrize("later", [Scan.INFECTED, Scan.UNAVAILABLE, Scan.CLEAN])
@pytest.mark.parametrize("order", ["zu", "neu"])
def test_what_nobody_scanned_is_scanned_before_it_goes_on(
    town: City, monkeypatch: pytest.MonkeyPatch, order: str, later: Scan
) -> None:
    """Only what the scanner finds clean by then leaves; else the order is refused, with why."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    mail = reply_to(forward, "Ist erteilt.") if order == "zu" else letter("Stand 2", ONE_OFFICE)
    _scanner_says(Scan.UNAVAILABLE, monkeypatch)
    town.deliver(_with_file(mail, "Plan.pdf"))
    _scanner_says(later, monkeypatch)
    out = _say(town, f"zu {town.ticket().reference}" if order == "zu" else "neu")
    files = [part.get_filename() for mail in out for part in mail.iter_attachments()]
    assert bool(files) == (later is Scan.CLEAN)
    assert bool(town.reporting.digest().pending) == (later is not Scan.CLEAN)


def test_a_silent_scanner_keeps_no_order_waiting(
    town: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The picture in a manager's signature is passed on to nobody: his order is done."""
    town.deliver(letter("Stand", NO_OFFICE))
    digest = digest_of(town)
    _scanner_says(Scan.UNAVAILABLE, monkeypatch)
    order = reply_to(digest, f"{town.ticket().reference} an bauaufsicht")
    out = town.deliver(_with_file(order, "logo.png"))
    assert of_kind(out, "notice")
    assert forward_to(out, BAU)


def test_two_mails_put_into_one_ticket_reach_its_office_once_each(town: City) -> None:
    """Ordered in one mail: what the first order sends, the second does not send again."""
    (receipt,) = of_kind(town.deliver(letter("Stand", ONE_OFFICE)), "acknowledgement")
    reference = town.ticket().reference
    for number in (1, 2):
        town.wait(minutes=5)
        words = f"Hier die Unterlagen Nummer {number} zur Nutzungsänderung, Flurstück {number}."
        town.deliver(reply_to(receipt, words, sender="planer@planer.example"))
    waiting = [item.reference for item in town.reporting.digest().pending]
    assert len(set(waiting)) == 2
    town.wait(days=1)
    orders = "\n".join(f"{each} zu {reference}" for each in waiting)
    forwards = of_kind(town.deliver(reply_to(digest_of(town), orders)), "forward")
    assert len(forwards) == 2
    said = "".join(body_of(each) for each in forwards)
    for number in (1, 2):
        assert said.count(f"> Hier die Unterlagen Nummer {number}") == 1

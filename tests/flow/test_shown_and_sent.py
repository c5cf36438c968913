"""What the digest shows of a reply that waits is what an order to release it sends."""

import re

import pytest

from mailflow.core.message import Address, Message
from mailflow.core.passed_on import may_pass_on
from tests.flow.city import (
    ONE_OFFICE,
    City,
    body_of,
    digest_of,
    forward_to,
    letter,
    of_kind,
    reply_to,
)

BAU = "bauaufsicht@stadt.example.org"
SIGNED = "\n\nMit freundlichen Grüßen\n\nPeter Maier\nAmt für Bauordnung\nTel. 0203 283-1234\n"
TALK = (
    "Hallo Peter,\n\nvon mir aus kann man das machen. Aber sei vorsichtig, der Inhaber hat 2024 "
    "ein Bußgeld bekommen.\n\nGruß\nKarin Lenz\n"
)


def _head(sender: str, receiver: str, subject: str) -> str:
    return (
        f"\nVon: {sender}\nGesendet: Dienstag, 24. November 2026 11:02\n"
        f"An: {receiver}\nBetreff: AW: {subject}\n\n"
    )


def _thread(town: City, above: str, talk: str = TALK) -> bytes:
    """Answer above a colleague's mail, the question to her, and our forward."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    subject = str(forward["Subject"])
    lenz = _head("Lenz, Karin <k.lenz@stadt.example.org>", "Maier, Peter", subject) + talk
    asked = _head("Maier, Peter", "Lenz, Karin", subject) + "Hallo Karin,\n\nwas meinst du?\n"
    ours = _head(f"KAM <{forward['Reply-To']}>", BAU, subject) + body_of(forward)
    return reply_to(forward, above + lenz + asked + ours, quote=False)


def _released(town: City) -> tuple[str, str]:
    """Give what the digest shows of the reply that waits, and what its release sends."""
    digest = digest_of(town)
    order = f"{town.ticket().reference} freigeben bauaufsicht"
    (answer,) = of_kind(town.deliver(reply_to(digest, order)), "combined-answer")
    found = re.search("\n   „(.*?)“\r?\n     KAM-", body_of(digest), re.DOTALL)
    assert found
    shown = " ".join(found[1].split())
    sent = body_of(answer).partition("==\r\n")[2] or body_of(answer).partition("==\n")[2]
    return shown, " ".join(sent.partition("Haben Sie noch Fragen?")[0].split())


@pytest.mark.parametrize(
    "own",
    [
        "Die Zufahrt ist ab Montag wieder frei.",
        "Die Gebühr beträgt 450 Euro, siehe Gebührensatzung.",
        "Ja, bitte den Antrag schriftlich einreichen, Formular anbei.",
        "Nein, das ist nach § 34 BauGB nicht zulässig. Siehe Bebauungsplan 1042.",
        "Die Genehmigung wurde erteilt, den Bescheid erhalten Sie mit gesonderter Nachricht.",
        "Der Antrag ist vollständig, Sie erhalten nächste Woche eine weitere Nachricht.",
        "Bitte beantragen Sie die Genehmigung per E-Mail.",
        "Sie benötigen folgende Unterlagen: Lageplan, Betriebsbeschreibung.",
        "Bitte reichen Sie folgende Unterlagen ein: Lageplan, Betriebsbeschreibung.",
        "Die Anzeige reicht, bitte an meine E-Mail-Adresse schicken.",
        "Das Vorhaben ist zulässig. Die Stellungnahme der Feuerwehr liegt vor.",
        "Laut Stellungnahme der Feuerwehr bestehen keine Bedenken.",
        "Der Kollege Kluge hat mir geschrieben, dass die Halle noch im Bestand steht.",
        "Eine Nachricht an die Nachbarn ist nicht erforderlich.",
    ],
)
def test_an_ordinary_answer_hands_nothing_over(own: str) -> None:
    """Words that tell the company something are the answer, whatever else they mention."""
    assert not may_pass_on(_above_talk(own))


@pytest.mark.parametrize(
    "own",
    [
        "Ja, siehe unten.",
        "Die Antwort der Kollegin geht gern so an Sie.",
        "Anbei erhalten Sie die Auskunft unserer Statik.",
        "Bitte beachten Sie die Stellungnahme der Feuerwehr.",
        "Hier die Antwort der Statik, ist in Ordnung.",
        "Sie benötigen folgende Unterlagen:",
        "z. K.\n\nKarl Maier\nAmt für Bauordnung",
        "Ich schließe mich der Stellungnahme an, keine Bedenken.",
    ],
)
def test_a_cover_note_hands_over(own: str) -> None:
    """Words that point at what stands below are no answer without it."""
    assert may_pass_on(_above_talk(own))


def _above_talk(own: str) -> Message:
    return Message(
        sender=Address("", BAU),
        reply_text=f"Sehr geehrte Frau Muster,\n\n{own}{SIGNED}",
        quoted_head="Von: Lenz, Karin <k.lenz@stadt.example.org>",
        quoted_body=TALK,
    )


def test_an_answer_above_colleagues_goes_without_them(town: City) -> None:
    """Nobody has to release an ordinary answer, and of the talk below it nothing is sent."""
    out = town.deliver(_thread(town, f"Die Zufahrt ist ab Montag wieder frei.{SIGNED}"))
    (answer,) = of_kind(out, "combined-answer")
    assert "ab Montag wieder frei" in body_of(answer)
    assert "Bußgeld" not in body_of(answer)


def test_a_cover_note_is_sent_with_the_mail_it_hands_over_alone(town: City) -> None:
    """No header, no older mail and no forward of ours goes along, and the digest shows the rest."""
    talk = (
        "Hallo Peter,\n\ndie Statik ist geprüft, die Gebühr beträgt 450 Euro.\n\nGruß\nKarin Lenz\n"
    )
    assert town.deliver(_thread(town, f"Siehe unten.{SIGNED}", talk)) == []
    shown, sent = _released(town)
    assert sent == shown
    assert sent.startswith("Siehe unten.")
    assert "450 Euro" in sent
    for other in ("Von:", "Gesendet", "k.lenz", "was meinst du", "gewandt", "Karin Lenz"):
        assert other not in sent


def test_what_stands_below_a_closing_is_shown_if_it_is_sent(town: City) -> None:
    """A sentence under a stranger's signature reaches nobody without the manager's eyes."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    text = (
        "Guten Tag,\n\ndie Genehmigung kommt im Juni.\n\nMit freundlichen Grüßen\nM. Beispiel\n\n"
        "Der Nachbar hat uns übrigens Klage angedroht.\n"
    )
    assert town.deliver(reply_to(forward, text, sender="m.beispiel@stadt.example.org")) == []
    shown, sent = _released(town)
    assert "Klage angedroht" in shown
    assert sent == shown


def test_a_long_reply_that_waits_says_how_much_is_not_shown(town: City) -> None:
    """Who releases ten sentences of which he reads four knows how many words are to come."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    text = "\n\n".join(
        f"{n}. Die Halle darf im Monat {n} als Lager dienen, nachts nicht." for n in range(10)
    )
    assert town.deliver(reply_to(forward, text, sender="m.beispiel@stadt.example.org")) == []
    shown, sent = _released(town)
    read, _, _ = shown.partition(" … ")
    more = len(sent.split()) - len(read.split())
    assert shown.endswith(f"… (noch {more} Wörter)")


def test_a_reply_of_which_a_word_or_two_would_be_cut_off_is_shown_whole(town: City) -> None:
    """Who has read all but the end wants no riddle for the last word."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    text = "\n\n".join(
        f"{n}. Die Halle darf im Monat {n} als Lager dienen, nachts nie." for n in range(5)
    )
    assert town.deliver(reply_to(forward, text, sender="m.beispiel@stadt.example.org")) == []
    shown, sent = _released(town)
    assert len(shown) > 280
    assert sent == shown


def test_the_sentence_that_made_a_reply_wait_is_shown_whole(town: City) -> None:
    """It stands behind what the digest has room for, and is no less read before the release."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    answer = "Die Nutzungsänderung ist genehmigungsfähig. " * 8
    remark = "Ich hoffe, ihr könnt das so nehmen, der Chef der Firma ist ein alter Querulant."
    stranger = f"{'m.beispiel' * 5}@stadt.example.org"  # for whom the reason has a sentence more
    town.deliver(reply_to(forward, f"{answer}\n\n{remark}\n\nGruß\nBrinkmann", sender=stranger))
    town.wait(days=1)
    (item,) = town.reporting.digest().pending
    assert "Querulant" not in item.excerpt
    assert remark in " ".join(body_of(digest_of(town)).split())


OUTLOOK = "\nVon: KAM <{reply}>\nGesendet: Dienstag, 24. November 2026 09:00\nBetreff: Stand\n\n"


@pytest.mark.parametrize(
    ("above", "mark"),
    [
        ("Antwort siehe unten im Text.", "> "),
        ("Antwort siehe unten im Text.", ""),
        ("Gern beantworten wir das.", ""),
    ],
)
def test_answers_inside_our_mail_are_sent_without_it(town: City, above: str, mark: str) -> None:
    """The question of the company may stand beside them; our own words and headers may not."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    lines = [f"{mark}{line}" for line in body_of(forward).splitlines()]
    asked = next(
        at
        for at, line in enumerate(lines)
        if line.endswith("> wie ist der Stand unseres Antrags auf Nutzungsänderung?")
    )
    lines.insert(asked + 1, "Im Juni, denke ich.")
    head = (
        "Am 24.11.2026 um 09:00 schrieb KAM:\n"
        if mark
        else OUTLOOK.format(reply=forward["Reply-To"])
    )
    raw = reply_to(forward, f"{above}\n\n{head}" + "\n".join(lines), quote=False)
    assert town.deliver(raw) == []
    shown, sent = _released(town)
    assert sent == shown
    assert town.ticket().reference not in sent
    assert "Im Juni, denke ich." in sent
    for ours in ("gewandt", "Was wir von Ihnen", "Gesendet:", "Ebenfalls", "So antworten", "##"):
        assert ours not in sent

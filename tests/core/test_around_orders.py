"""What stands above an order and behind it: courtesies are passed over, all else refuses it."""

import pytest

from mailflow.core.above_orders import why_no_order
from mailflow.core.commands import Verb, commands_in

REF = "KAM-7K3Q-9F2M"
AUTHOR = "Weber, Petra"


@pytest.mark.parametrize(
    "above",
    [
        "Hallo, noch nicht freigeben:",
        "Hallo noch nicht freigeben",
        "Hallo zusammen, folgende bitte ohne Firmennamen:",
        "Guten Morgen, das hier war falsch, bitte nicht ausführen:",
        "Guten Morgen bitte erst am Montag",
        "Hi, only after I have talked to Lindner:",
        "Hallo, ab Montag bitte:",
        "Hallo, bis Montag:",
        "Hallo Herr Meier, sollen wir das wirklich:",
        "Hallo, im Mai:",
        "Hallo, bitte wie folgt, aber nicht vor Montag:",
        "Hallo mit Lindner besprechen",
        "Hallo, danke, aber warten:",
        "Hallo, Stornierung:",
        "Hallo, wirklich?",
        "Hallo 👎",
        "Dear all, hold these:",
    ],
)
@pytest.mark.parametrize("order", ["freigeben", "schliessen", "an umwelt", "antwort: Ja."])
def test_words_beside_the_greeting_refuse_every_order_below(above: str, order: str) -> None:
    """They may limit all that follows, and were dropped with the greeting; the notice quotes."""
    first, second = commands_in(f"{above}\n\n{REF} {order}\n{REF} notiz A\n\nGruß", "KAM", AUTHOR)
    assert above in first.refusal
    assert above in second.refusal


@pytest.mark.parametrize(
    "above",
    [
        *("Hallo KAM-Team,", "Moin Jan!", "Hallo Herr Dr. Roth,", "Guten Morgen, liebe Kollegen,"),
        *("Lieber Max, liebe Anna,", "Liebe Kolleginnen und Kollegen,", "Hi there", "Dear all,"),
        *("Hallo, bitte wie folgt:", "Hallo, hier meine Entscheidungen:", "Grüß Gott,"),
        *("Guten Morgen,\nhier meine Entscheidungen:", "Anbei meine Entscheidungen:", "Bitte:"),
        *("Danke für die Übersicht.", "Guten Morgen, danke für die Übersicht!"),
        *("Von meinem iPhone gesendet", "Guten Morgen - bitte wie folgt:", "Hello everyone"),
        *("Meine Entscheidungen für heute:", "Good morning, my decisions:", "Hallo 🙂"),
        "Outlook für Android herunterladen<https://aka.example/x>",
        "Hi, please proceed as follows:",
    ],
)
def test_a_greeting_and_a_lead_in_refuse_nothing(above: str) -> None:
    """What leads to the orders is no condition: some of it ended the reading."""
    (order,) = commands_in(f"{above}\n\n{REF} freigeben\n\nGruß", "KAM", AUTHOR)
    assert (order.verb, order.refusal) == (Verb.RELEASE, "")


def test_the_words_are_told_below_which_no_order_was_read() -> None:
    """Whoever begins with prose reads which words ended the reading."""
    told = why_no_order(f"Guten Morgen,\nbitte noch nicht:\n{REF} freigeben", AUTHOR)
    assert "„bitte noch nicht:“" in told
    assert "Dort steht" not in why_no_order("Hallo,\n\nGruß", AUTHOR)


@pytest.mark.parametrize(
    "sign",
    [
        *(" ?", " ???", " (?)", " – ?", ", danke ?", " !?", "\u00a0？", " ⁉", " 👎", " ❌", " ⛔"),
        *(" ✗", " ✋", " 🤔", " 🤷", " 🛑", " :-("),
    ],
)
@pytest.mark.parametrize("verb", ["freigeben", "ok", "release", "schliessen", "verwerfen umwelt"])
def test_a_sign_that_asks_or_says_no_refuses_the_order(verb: str, sign: str) -> None:
    """It holds no letter, so it was dropped, and the order done."""
    (order,) = commands_in(f"{REF} {verb}{sign}\n\nGruß\nPetra Weber", "KAM", AUTHOR)
    assert order.verb
    assert "Dahinter steht" in order.refusal
    assert sign.rsplit(maxsplit=1)[-1].strip("()") in order.refusal


@pytest.mark.parametrize(
    "sign", ["👍", "👍🏽", "✅", "✔️", "🙂", "...", "…", "!!", "-", ":-)", "🙏 Danke"]
)
def test_a_sign_that_agrees_or_says_nothing_is_left_out(sign: str) -> None:
    """What a digest's example had in its place, and a thumb up, change nothing."""
    (order,) = commands_in(f"{REF} freigeben {sign}", "KAM", AUTHOR)
    assert (order.verb, order.argument, order.refusal) == (Verb.RELEASE, "", "")

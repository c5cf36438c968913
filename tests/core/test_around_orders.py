"""What stands above an order and behind it: courtesies are passed over, all else refuses it."""

import pytest

from mailflow.core.above_orders import why_no_order
from mailflow.core.commands import Verb, commands_in
from mailflow.core.reasons import settles

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
        "Hallo, Widerruf,",
        "Hallo Oktober",
        "Hallo, wirklich?",
        "Hallo 👎",
        "Dear all, hold these:",
        *("Moin moin, erst ab Montag:", "Hallo und noch nicht freigeben,", "Hallo, Storniert,"),
        *("Hallo und guten Morgen, Widerruf,", "Hallöchen erst Montag,", "Hallo Team, Sperre,"),
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
        *("Lieber Max, liebe Anna,", "Good morning, Jan,", "Hi there", "Dear all,"),
        *("Hallo, bitte wie folgt:", "Hallo, hier meine Entscheidungen:", "Grüß Gott,"),
        *("Guten Morgen,\nhier meine Entscheidungen:", "Anbei meine Entscheidungen:", "Bitte:"),
        *("Danke für die Übersicht.", "Guten Morgen, danke für die Übersicht!"),
        *("Von meinem iPhone gesendet", "Guten Morgen - bitte wie folgt:", "Hello everyone"),
        *("Meine Entscheidungen für heute:", "Good morning, my decisions:", "Hallo 🙂"),
        *("Moin moin!", "Moin, moin!", "Hallo und guten Morgen,", "Hallöchen,", "Entscheidungen:"),
        *("Sehr geehrtes Team,", "Sehr geehrtes KAM-Team,", "Aufträge:", "Zu den offenen Punkten:"),
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


@pytest.mark.parametrize(
    "order",
    [
        *("freigeben LG Petra", "ok, Danke und Gruß", "freigeben. Danke, Weber", "ok danke Petra"),
        *("freigeben   Gruß, Petra Weber", "freigeben. LG P. Weber", "freigeben. Viele Grüße"),
        *("freigeben Vielen Dank und schönen Abend", "freigeben, Schönes Wochenende!"),
        *("release, thanks and best regards, Petra", "ok, passt so", "freigeben, passt"),
        *("ok für mich", "ok from me", "freigeben - passt so, danke", "ok, kann so raus"),
        *("freigeben, keine Einwände", "release, no objections", "aufnehmen, passt"),
        *("verwerfen, ist nur Werbung", "verwerfen, kein Unternehmen", "discard, not for us"),
        *("verwerfen - nicht für uns", "verwerfen (Spam)", "schliessen, hat sich erledigt"),
        *("-> freigeben", "→ freigeben", "=> freigeben", "– freigeben"),
        *("freigegeben", "Freigabe erteilt", "ja, freigeben", "ja bitte freigeben", "o.k."),
        *("freigeben, keine Änderungen nötig", "freigeben i.O.", "freigeben, o.k.", "Erinnerung"),
        *(
            "nochmal erinnern",
            "bitte noch einmal erinnern",
            "abschließen",
            "verwerfen, kein Bedarf",
        ),
        *("neu anlegen", "neu bitte anlegen"),
    ],
)
def test_a_closing_or_a_reason_behind_an_order_changes_nothing(order: str) -> None:
    """A tired manager writes everything in one line, and it was refused."""
    (command,) = commands_in(f"{REF} {order}", "KAM", AUTHOR)
    assert command.verb
    assert (command.argument, command.refusal) == ("", "")


@pytest.mark.parametrize(
    ("order", "argument"),
    [
        ("freigeben ohne Gruß", "ohne"),
        ("freigeben, bis morgen", "bis morgen"),
        ("freigeben, LG Klaus Sander", "LG Klaus Sander"),
        ("freigeben erst morgen, passt so", "erst morgen"),
        ("freigeben, passt nicht", "passt nicht"),
        ("freigeben, nicht für uns", "nicht für uns"),
        ("freigeben nicht gut", "nicht gut"),
        ("ok nur für mich", "nur für mich"),
        ("freigeben sobald geprüft", "sobald geprüft"),
        ("freigeben, Danke für das Streichen", "Danke für das Streichen"),
        ("verwerfen, kann so raus", "kann so raus"),
        ("verwerfen alles", "alles"),
        ("schliessen nicht erledigt", "nicht erledigt"),
        ("schliessen bis Montag", "bis Montag"),
        ("an umwelt, danke, IT", "umwelt, danke, IT"),
        ("an umwelt so", "umwelt so"),
        ("an umwelt, LG Petra", "umwelt"),
        *((f"an umwelt{each}", "umwelt") for each in (" z.K.", ", z.K.", ", bitte prüfen")),
        ("an umwelt mit der Bitte um Stellungnahme", "umwelt"),
        ("an umwelt, tiefbau, bitte prüfen", "umwelt, tiefbau, bitte prüfen"),
        ("an umwelt nur z.K.", "umwelt nur"),
        ("freigabe nicht erteilt", "nicht erteilt"),
        ("neu nicht anlegen", "nicht anlegen"),
        ("Erinnerung nicht senden", "nicht senden"),
        ("frist bis Montag", "bis Montag"),
        ("freigeben umwelt, passt so", "umwelt"),
    ],
)
def test_what_is_no_courtesy_of_that_order_stays(order: str, argument: str) -> None:
    """Only the end of a line is left out, and only from a list: the rest is weighed as before."""
    (command,) = commands_in(f"{REF} {order}", "KAM", AUTHOR)
    assert command.argument == argument


@pytest.mark.parametrize(
    "order",
    [
        *("verwerfen bauaufsicht ok", "freigeben bauaufsicht in Ordnung", "verwerfen, alles klar"),
        *("verwerfen alles, klar", "verwerfen, alles gut", "verwerfen, alles telefonisch erledigt"),
        *("verwerfen umwelt (bauaufsicht passt)", "freigeben umwelt, bauaufsicht: erledigt"),
        *("freigeben umwelt, bauaufsicht - erledigt", "verwerfen bauaufsicht, umwelt 👍"),
        *("freigeben bauaufsicht und umwelt ✔", "verwerfen umwelt,\nbauaufsicht passt so"),
        *("verwerfen bauaufsicht in Ordnung, umwelt", "verwerfen bauaufsicht, ok, umwelt"),
        *("verwerfen umwelt, bauaufsicht in Ordnung und danke", "verwerfen umwelt gut und tiefbau"),
        *("an tiefbau, bauaufsicht in Ordnung", "ohne umwelt, bauaufsicht in Ordnung"),
    ],
)
def test_a_word_that_may_be_said_of_one_office_refuses_the_order(order: str) -> None:
    """Left out, it did the order to the office of which it says that nothing is to be done."""
    command, *_ = commands_in(f"{REF} {order}\n\nGruß", "KAM", AUTHOR)
    assert command.verb
    assert "Dahinter steht" in command.refusal


@pytest.mark.parametrize(
    "order",
    [
        *("verwerfen umwelt, ist nur Werbung", "verwerfen umwelt - erledigt, danke"),
        *("freigeben bauaufsicht 41723, keine Einwände", "freigeben umwelt (geprüft)"),
        *("freigeben umwelt, bauaufsicht, danke", "verwerfen umwelt und bauaufsicht LG Petra"),
        *("verwerfen umwelt, danke 👍", "verwerfen alles, danke", "freigeben umwelt 👍"),
    ],
)
def test_a_reason_behind_one_name_and_thanks_behind_several_refuse_nothing(order: str) -> None:
    """Behind a comma the one is the whole order's, and the other no office's."""
    (command,) = commands_in(f"{REF} {order}", "KAM", AUTHOR)
    assert command.argument.rpartition(" ")[2] in {"umwelt", "bauaufsicht", "41723", "alles"}
    assert command.refusal == ""


@pytest.mark.parametrize("words", ["ja, ohne umwelt", "ja", "nicht freigegeben", "ja, aber kürzer"])
def test_a_yes_is_an_order_only_before_a_release(words: str) -> None:
    """What else a yes agrees to is not said."""
    command, *_ = commands_in(f"{REF} {words}", "KAM", AUTHOR)
    assert command.verb is None


@pytest.mark.parametrize("sign", ["\u200b", "\u2060", "\u00ad", "\u200e", "\ufeff"])
def test_signs_that_nobody_sees_hide_no_order(sign: str) -> None:
    """Programs put them beside a number; a line of them alone ended the reading."""
    number = REF.replace("-", f"{sign}-{sign}")
    for line in (f"{REF}{sign} freigeben", f"{sign}{REF} freigeben", f"{number} {sign}freigeben"):
        (command,) = commands_in(f"Hallo,\n{sign}\n{line}{sign}\n{sign}\nGruß", "KAM", AUTHOR)
        assert (command.reference, command.verb, command.argument) == (REF, Verb.RELEASE, "")
        assert command.refusal == ""
    (answer,) = commands_in(f"{REF}{sign} antwort: Ja, Bau{sign}antrag.", "KAM", AUTHOR)
    assert "Ja, Bau" in answer.argument
    assert answer.verb is Verb.ANSWER


def test_ohne_gruss_below_an_order_closes_nothing() -> None:
    """It reads like a closing, and is a limit."""
    first, *_ = commands_in(f"{REF} freigeben\nohne Gruß", "KAM", AUTHOR)
    assert "ohne Gruß" in first.refusal


OTHER_WORDS = """
Januar Jahresende Woche 12. Abend Monat demnächst irgendwann Rest Lärm Lärmfrage Punkt 1 läuft
weiter offen teils halb bald fast vielleicht angeblich mitteilen Bescheid schicken senden Antwort
anrufen informieren Wiedervorlage wieder umwelt lassen wird soll kann muss nie nicht kaum niemand
un erste letzte sie ab bis zum in am um ob dass nach sowie oder later Friday part rest tell
"""


@pytest.mark.parametrize("reason", ["erledigt", "wie besprochen", "ist beantwortet", "Dublette"])
def test_one_word_beside_a_reason_that_is_none_keeps_a_matter_open(reason: str) -> None:
    """A day, one part or a task is known by no list: every word of a reason is in a closed one."""
    assert settles(reason)
    for word in OTHER_WORDS.split():
        for words in (
            f"{word} {reason}",
            f"{reason} {word}",
            f"{word}, {reason}",
            f"{reason}; {word}",
        ):
            assert not settles(words), words

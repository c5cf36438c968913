"""Whatever characters a mail holds, both databases take them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailflow.core.changes import AddHold, AddNote, AddReply
from mailflow.core.message import Address, Attachment, Message
from mailflow.core.reply import ReplyKind
from mailflow.core.ticket import HoldReason, ReplyState
from mailflow.store import Store
from tests.flow.city import ONE_OFFICE, City, letter
from tests.store.matter import NOW, RAW, REFERENCE, asking, decided, incoming, opening, stored

NASTY = "a\x00b\ud800c\udfff\U0001f600ä\u2028\x1b"


def test_a_mail_of_nasty_characters_is_recorded(store: Store) -> None:
    """NUL, lone surrogates and emoji in every field of a mail neither fail nor vanish."""
    row = stored(store, RAW, None)
    message = Message(
        message_id=f"<{NASTY}@x>",
        in_reply_to=NASTY,
        references=(NASTY,),
        sender=Address(NASTY, f"{NASTY}@x.example"),
        subject=NASTY,
        text=NASTY,
        reply_text=NASTY,
        attachments=(Attachment(NASTY, NASTY, 1, "0" * 64, False, b"x"),),
        problems=(NASTY,),
    )
    store.apply_to_mail(incoming(row, message), decided(), [], NOW)
    assert store.undecided() == []


def test_a_matter_of_nasty_characters_is_recorded(store: Store) -> None:
    """The words that reach tickets, replies, holds and events are as free as those of mails."""
    row = stored(store, RAW, None)
    store.apply(
        decided(
            opening(subject=NASTY, company=NASTY),
            asking("bauaufsicht"),
            AddReply(
                REFERENCE,
                "bauaufsicht",
                1,
                row.id,
                ReplyKind.ANSWER,
                ReplyState.ACCEPTED,
                NASTY,
                NASTY,
            ),
            AddHold(REFERENCE, HoldReason.LATE, NASTY, row.id, suggestion=NASTY),
            AddNote(REFERENCE, NASTY),
        ),
        [],
        NOW,
    )
    ticket = store.tickets([REFERENCE])[REFERENCE]
    assert "\U0001f600ä" in ticket.subject
    assert "\x00" not in ticket.consultations[0].replies[0].text
    assert store.integrity_fault() == ""


@pytest.mark.parametrize("name", ["Betreff", "Absender", "Bezug"])
def test_nasty_headers_pass_from_end_to_end(town: City, name: str) -> None:
    """A mail with such characters in its headers becomes a ticket as any other does."""
    words = {"Betreff": "Subject", "Absender": "From", "Bezug": "References"}[name]
    value = "=?utf-8?q?a=00b=ED=A0=80c?= <s.muster@montage.example>"
    raw = letter("Stand", ONE_OFFICE)
    raw = b"\r\n".join(
        f"{words}: {value}".encode() if line.startswith(f"{words}: ".encode()) else line
        for line in raw.split(b"\r\n")
    )
    if name == "Bezug":
        raw = f"References: {value}\r\n".encode() + raw
    out = town.deliver(raw)
    assert sorted(str(mail["X-Mailflow-Kind"]) for mail in out) == ["acknowledgement", "forward"]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(), max_size=40))
def test_any_words_become_an_event_of_a_sound_chain(store: Store, words: str) -> None:
    """Every text a person or machine can write ends up in the trail, and the chain holds."""
    if not store.tickets([REFERENCE]):
        store.apply(decided(opening(), asking("bauaufsicht")), [], NOW)
    store.apply(decided(AddNote(REFERENCE, words)), [], NOW)
    assert store.integrity_fault() == ""

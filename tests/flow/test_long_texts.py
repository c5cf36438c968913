"""Long texts made to be slow: one mail must not stop the others, whatever it says."""

from email.policy import SMTP

import pytest

from mailflow.core.between import without_our_mails
from mailflow.core.message import Message
from mailflow.core.quoted import holds_thread, without_heads
from tests.flow.city import (
    NO_OFFICE,
    ONE_OFFICE,
    City,
    Reader,
    digest_of,
    forward_to,
    letter,
    of_kind,
    parse,
    reply_to,
)

BAU = "bauaufsicht@stadt.example.org"
LENGTH = 200_000


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "filling", ["\n", " \n", "> a\n", "laerm", "KAM-2222-2222 ", "wir sind ein "]
)
def test_a_long_text_is_decided_in_no_time(town: City, filling: str) -> None:
    """A company's mail of 200 kB that says next to nothing is acknowledged like any other."""
    text = f"{ONE_OFFICE}\n{filling * (LENGTH // len(filling))}\nEnde\n"
    assert of_kind(town.deliver(letter("Stand", text)), "acknowledgement")


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "filling",
    ["\n", "intern: a\nMfG\n", "I N T E R N ", "bis zum 1.1. ", "An: x\n", "Von: x\n"],
)
def test_a_long_reply_is_read_in_no_time(town: City, filling: str) -> None:
    """An office's mail of 200 kB takes effect or waits; the next mail is decided all the same."""
    forward = forward_to(town.deliver(letter("Stand", ONE_OFFICE)), BAU)
    text = f"Im Juni.\n{filling * (LENGTH // len(filling))}\nEnde\n"
    town.deliver(reply_to(forward, text, quote=False))
    (part,) = town.ticket().current()
    assert part.replies


@pytest.mark.timeout(20)
@pytest.mark.parametrize("quoted", ["> Zeile {}", "> Zeile {} von mehreren"])
def test_a_long_letter_quoted_whole_is_compared_in_no_time(quoted: str) -> None:
    """A quote of 2 MB is the company's own where each line is, and else waits for a person."""
    own = "\n".join(f"Zeile {at}" for at in range(150_000))
    reply = "\n".join(quoted.format(at) for at in range(150_000))
    assert holds_thread(reply, own) == (quoted != "> Zeile {}")


@pytest.mark.timeout(20)
@pytest.mark.parametrize("head", ["An: x", "Von: x"])
def test_a_block_of_many_heads_is_looked_at_once(head: str) -> None:
    """Whether a line is of a mail's head costs no look at the whole block for each of its lines."""
    text = "\n".join(["Hallo", *[head] * 40_000])
    assert without_heads(text) == (text if head == "An: x" else "Hallo")


@pytest.mark.timeout(20)
def test_a_quote_of_very_many_lines_is_compared_in_part() -> None:
    """A thousand times more lines than our mail has cost no thousand looks into it."""
    letter_words = "".join(f"> Zeile {at} aus dem Brief des Unternehmens\n" for at in range(5_000))
    ours = f"## Bitte oberhalb dieser Zeile antworten\n{letter_words}"
    quoted = "Zeile 4999 aus dem Brief des Unternehmens\nGanz andere Worte stehen hier\n" * 60_000
    read = Message(text="", reply_text=f"Ja.\n> Von: x\n{quoted}", quotes_kept=True)
    kept = without_our_mails(read, (ours,), "unternehmen@stadt.example.org")
    assert kept.quotes_kept
    assert "Ganz andere Worte" in kept.reply_text


class _Counting(Reader):
    """Counts what it reads."""

    def __init__(self) -> None:
        self.count = 0

    def read(self, raw: bytes) -> Message:
        """Give the message."""
        self.count += 1
        return super().read(raw)


def test_a_letter_of_many_files_is_opened_once(town: City, monkeypatch: pytest.MonkeyPatch) -> None:
    """Passing a stored letter's files on reads it once, not once for each file."""
    message = parse(letter("Eine Frage", NO_OFFICE))
    for number in range(40):
        content = f"Plan {number}".encode()
        message.add_attachment(content, "application", "pdf", filename=f"{number}.pdf")
    town.deliver(message.as_bytes(policy=SMTP.clone(refold_source="none")))
    order = reply_to(digest_of(town), f"{town.ticket().reference} an bauaufsicht, umwelt")
    reader = _Counting()
    monkeypatch.setattr(town.deciding, "_reader", reader)
    forward = forward_to(town.deliver(order), BAU)
    assert len(list(forward.iter_attachments())) == 40
    assert reader.count == 2  # the order, and the letter

"""Stories that chance writes: companies, offices and the manager, over days.

All that happens lies in the mailbox afterwards, and a database made anew from it must hold what was
there. Of a server's refusal no mail tells.
"""

import random
import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

from mailflow.core.retry import Deferred, Outcome, Rejected, Unsure
from mailflow.core.ticket import TicketState
from tests.flow.city import (
    NO_OFFICE,
    ONE_OFFICE,
    TWO_OFFICES,
    City,
    at_the_desk,
    letter,
    parse,
    reply_to,
    to_of,
)
from tests.flow.test_machines import _bounce

__all__ = ["Story"]

_COMPANIES = ("post@eins.example", "chefin@zwei.example", "buero@drei.example")
_ROAD = (
    "Guten Tag,\n\ndürfen wir den Gehweg vor der Halle für eine Baustelle nutzen?\n\nViele Grüße"
)
_LETTERS = (ONE_OFFICE, TWO_OFFICES, NO_OFFICE, _ROAD)
_REPLIES = (
    "Die Genehmigung kommt im {month}.",
    "Ein Antrag ist nötig, er dauert etwa {number} Wochen.",
    "Rückfrage\nBitte senden Sie uns den Lageplan Nummer {number}.",
    "Zwischennachricht\nWir prüfen das bis zum {number}. {month}.",
    "Dafür ist das Umweltamt zuständig, nicht wir.",
    "Intern: Der Antrag {number} ist noch nicht geprüft, bitte nicht weitergeben.",
)
_ORDERS = (
    "freigeben",
    "schliessen",
    "an umwelt",
    "an tiefbau",
    "ohne bauaufsicht",
    "ohne umwelt",
    "antwort: Bitte fragen Sie im {month} noch einmal nach, Zeichen {mark}.",
    "notiz Anruf Nummer {number}",
    "frist +{number}T",
    "verwerfen",
    "erinnern",
    "aufnehmen",
    "an hafen",
    "neu",
    "ansiedlung",
)
_AT_THE_DESK = (*_ORDERS, *("freigeben",) * 8, *("antwort: Das Zeichen ist {mark}.",) * 4)
_STRANGER = "wer@anderswo.example"
_TICK = timedelta(minutes=20)
_MONTHS = ("Januar", "März", "Juni", "August", "Oktober")


class Story:
    """One story, told by a seed; ``told`` says what happened, for whoever must understand it.

    ``desk``: half of the orders are given at the command line. ``refused``: half of the troubles
    are a server's refusal. ``before`` is the story that was told until the database was lost;
    ``bounced`` are the Message-IDs of what came back, and may rightly go out once more.
    """

    def __init__(
        self,
        town: City,
        seed: int,
        *,
        desk: bool = False,
        refused: bool = False,
        before: "Story | None" = None,
    ) -> None:
        self._town = town
        self._seed = seed
        self._random = random.Random(seed)  # noqa: S311 - a play, no secret
        self._refused, self._desk, self._orders = refused, desk, _AT_THE_DESK if desk else _ORDERS
        self._out: list[EmailMessage] = list(before._out) if before else []
        self._taken = 0
        self.bounced: set[str] = set(before.bounced) if before else set()
        self.told: list[str] = []

    def tell(self, steps: int) -> None:
        """Let so many things happen, one after the other."""
        self._inquire()
        ways: tuple[tuple[int, Callable[[], None]], ...] = (
            (3, self._inquire),
            (3, self._write_again),
            (8, self._office_replies),
            (5, self._order),
            (2, self._colleague_replies),
            (1, self._stranger_writes),
            (1, self._office_is_away),
            (2, self._company_moves_address),
            (1, self._assign),
            (2, self._bounce),
            (2, self._trouble),
            (4, self._receipts),
            (3, self._days),
        )
        weights = [weight for weight, _ in ways]
        for _ in range(steps):
            (way,) = self._random.choices([each for _, each in ways], weights)
            way()
            self._pass(timedelta(seconds=self._random.choice((20, 90, 700, 4000, 15000))))
        self._receipts()

    def _tell(self, what: str) -> None:
        self.told.append(f"{self._town.now:%a %d. %H:%M:%S} {what}")

    # what goes out

    def _see(self) -> None:
        accepted = self._town.wire.accepted
        self._out += [parse(raw) for _, _, raw in accepted[self._taken :]]
        self._taken = len(accepted)

    def _pass(self, duration: timedelta) -> None:
        """Let time pass; the clock's work is done as the service does it."""
        until = self._town.now + duration
        tick = max(_TICK, duration / 30)
        while self._town.now < until:
            self._town.now = min(until, self._town.now + tick)
            self._town.chasing.remind()
            self._town.chasing.close()
            self._town.work()
        self._see()

    def _deliver(self, what: str, raw: bytes) -> None:
        self._tell(what)
        own = b"<story.%d.%d@" % (self._seed, len(self.told))
        self._town.deliver(re.sub(rb"(?m)(?<=^Message-ID: )<letter\.\d+@", own, raw))
        self._see()

    def _sent(self, *kinds: str) -> list[EmailMessage]:
        return [each for each in self._out if each["X-Mailflow-Kind"] in kinds]

    def _filled(self, words: str) -> str:
        return words.format(
            number=self._random.randrange(2, 25),
            month=self._random.choice(_MONTHS),
            mark=self._random.randrange(10**6),
        )

    # what happens

    def _inquire(self) -> None:
        company, text = self._random.choice(_COMPANIES), self._random.choice(_LETTERS)
        subject = f"Anfrage {self._random.randrange(1000)}"
        self._deliver(f"{company} writes: {subject}", letter(subject, text, sender=company))

    def _write_again(self) -> None:
        mails = self._sent("acknowledgement", "question", "interim", "combined-answer")
        if mails:
            mail = self._random.choice(mails)
            text = self._filled("Dazu noch: Es geht um das Flurstück {number} im {month}.")
            self._deliver(f"{to_of(mail)} answers its {_kind(mail)}", reply_to(mail, text))

    def _office_replies(self) -> None:
        mails = self._sent("forward", "reminder")
        if mails:
            mail = self._random.choice(mails[-6:])
            text = self._filled(self._random.choice(_REPLIES))
            self._deliver(f"{to_of(mail)} on {_kind(mail)}: {text[:40]!r}", reply_to(mail, text))

    def _colleague_replies(self) -> None:
        mails = self._sent("forward", "reminder")
        if mails:
            mail = self._random.choice(mails[-6:])
            text = self._filled(self._random.choice(_REPLIES))
            who = self._random.choice(("k.neu@stadt.example.org", "p.gruen@stadt.example.org"))
            raw = reply_to(mail, text, sender=who)
            self._deliver(f"{who} on the {_kind(mail)} to {to_of(mail)}: {text[:40]!r}", raw)

    def _stranger_writes(self) -> None:
        mails = self._sent("forward", "question", "acknowledgement")
        if mails:
            mail = self._random.choice(mails[-6:])
            raw = reply_to(
                mail, self._filled("Ich bin neu hier, Zimmer {number}."), sender=_STRANGER
            )
            self._deliver(f"a stranger on the {_kind(mail)} to {to_of(mail)}", raw)

    def _office_is_away(self) -> None:
        mails = self._sent("forward", "reminder")
        if mails:
            mail = self._random.choice(mails[-4:])
            until = self._town.now + timedelta(days=self._random.choice((2, 12)))
            text = f"Ich bin bis zum {until:%d.%m.%Y} nicht im Haus."
            raw = b"Auto-Submitted: auto-replied\r\n" + reply_to(
                mail, text, subject=f"Abwesenheit: {mail['Subject']}", quote=False
            )
            self._deliver(f"{to_of(mail)} is away: {text}", raw)

    def _company_moves_address(self) -> None:
        mails = self._sent("acknowledgement", "combined-answer")
        if mails:
            mail = self._random.choice(mails)
            who = f"vertrieb@{to_of(mail).partition('@')[2]}"
            text = self._filled("Ich übernehme das von meinem Kollegen, Zimmer {number}.")
            raw = letter(f"AW: {mail['Subject']}", text, sender=who)
            self._deliver(f"{who} writes without a token", raw)

    def _assign(self) -> None:
        """Let the manager put what waits without a ticket to one, by the number in the digest."""
        tickets = self._town.store.references(tuple(TicketState))
        waiting = [each.reference for each in self._town.reporting.digest().pending]
        loose = [each for each in waiting if each not in tickets]
        if loose and tickets:
            ways = (f"zu {self._random.choice(tickets)}", "neu", "verwerfen")
            self._say(f"{loose[0]} {self._random.choice(ways)}")

    def _order(self) -> None:
        tickets = self._town.store.references(tuple(TicketState))
        if tickets:
            self._say(
                *(
                    f"{self._random.choice(tickets[-3:])} {self._filled(order)}"
                    for order in self._random.choices(
                        self._orders, k=self._random.choice((1, 1, 2))
                    )
                )
            )

    def _say(self, *lines: str) -> None:
        """Let the manager answer today's digest, or tomorrow's; at the desk he needs none."""
        if self._desk and self._random.random() < 0.5:
            for line in lines:
                results = at_the_desk(self._town, line)
                self._tell(f"at the desk: {line}: {[each.done for each in results]}")
            self._pass(timedelta(minutes=1))
            return
        if not self._town.reporting.send():
            self._pass(timedelta(days=1))
            self._town.reporting.send()
        self._pass(timedelta(minutes=1))
        digests = self._sent("digest")
        if digests:
            self._pass(timedelta(hours=1))
            self._deliver(f"the manager: {lines}", reply_to(digests[-1], "\n".join(lines)))

    def _bounce(self) -> None:
        mails = self._sent("forward", "combined-answer", "question", "reminder")
        if mails:
            mail = self._random.choice(mails[-5:])
            self.bounced.add(str(mail["Message-ID"]))
            name = f"dsn{self._random.randrange(10**9)}"
            raw = _bounce(to_of(mail), str(mail["Message-ID"]), own_id=name)
            self._deliver(f"{_kind(mail)} to {to_of(mail)} bounces", raw)

    def _trouble(self) -> None:
        troubles: list[Outcome] = [Deferred("451 busy"), Unsure("gone after the dot")]
        if self._refused:
            troubles += [Rejected("550 5.1.1 nobody")] * 2
        outcome = self._random.choice(troubles)
        self.told.append(f"the next mail: {outcome}")
        self._town.wire.outcomes.append(outcome)

    def _receipts(self) -> None:
        self._tell("receipts arrive")
        self._town.take_receipts()
        self._see()

    def _days(self) -> None:
        self._pass(timedelta(days=self._random.choice((1, 3, 9))))
        self._tell("is now")


def _kind(mail: EmailMessage) -> str:
    return str(mail["X-Mailflow-Kind"])

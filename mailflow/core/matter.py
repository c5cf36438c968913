"""What one order of the manager works on, a ticket or a mail that waits, and what refuses it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain

from mailflow.core.known import Held, Known, Policy
from mailflow.core.offices import Office
from mailflow.core.proposal import Proposal
from mailflow.core.ticket import (
    Hold,
    HoldReason,
    Letter,
    OfficeReply,
    ReplyState,
    Resolution,
    Ticket,
)
from mailflow.core.tracking import Role, leg_of, without_tokens

__all__ = ["SAY_AGAIN", "Matter", "RefusedError"]

SAY_AGAIN = "Bitte sagen Sie es noch einmal in der Antwort auf die nächste Übersicht."
_SHOWN = 300


class RefusedError(Exception):
    """A command that cannot be done; its text says why, for the manager to read."""


@dataclass(frozen=True, slots=True)
class Matter:
    """Everything a command may touch: the ticket it names, or the held mail.

    ``colon``: one stands between the command's verb and its argument.
    """

    proposal: Proposal
    policy: Policy
    known: Known
    reference: str
    argument: str
    colon: bool = False

    @property
    def ticket(self) -> Ticket:
        """The ticket as it would now be; raises RefusedError when there is none."""
        ticket = self.proposal.tickets.get(self.reference)
        if ticket is None:
            raise RefusedError("Dazu gibt es keinen Vorgang, nur eine wartende Mail.")
        return ticket

    @property
    def held(self) -> Held:
        """The mail that waits outside every ticket; raises RefusedError when there is none."""
        held = self.known.held.get(self.reference)
        if held is None:
            raise RefusedError("Dazu wartet keine Mail auf eine Entscheidung.")
        if self.proposal.has_resolved(held.hold):
            raise RefusedError("Über diese Mail haben Sie eben schon entschieden.")
        return held

    @property
    def review_leg(self) -> str:
        """The key of the preview this order answers, "" for a digest or the command line."""
        legs = (leg for leg in self.known.legs if leg.valid and leg.reference == self.reference)
        return next((leg_of(leg.token) for leg in legs if leg.role is Role.MANAGER), "")

    def has_shown(self, hold: Hold) -> bool:
        """Whether the mail that he answers can have shown this item; at the desk all is shown.

        A preview is known by its key: the same one may come back later.
        """
        if hold.reason is HoldReason.REVIEW and self.review_leg:
            return self.review_leg in hold.suggestion.split()
        seen = self.known.seen
        return seen is None or seen.knows(hold.created_at, hold.mail_id)

    def _is_news(self, mail: Letter | OfficeReply) -> bool:
        seen = self.known.seen
        moment = mail.decided_at or mail.received_at
        return seen is not None and not seen.knows_mail(mail.mail_id, moment)

    def refuse_over_letters(self) -> None:
        """Raise RefusedError where the company wrote after the mail that is answered."""
        letters = self.ticket.letters
        newer = [each for each in letters if self._is_news(each)]
        if newer:
            words = without_tokens(" ".join(newer[-1].text.split()))[:_SHOWN]
            raise RefusedError(
                f"Inzwischen hat das Unternehmen noch einmal geschrieben: „{words}“ {SAY_AGAIN}"
            )

    def refuse_over_answer(self) -> None:
        """Raise RefusedError where an answer was sent after the mail that is answered."""
        at = self.ticket.last_answer_at
        seen = self.known.seen
        if at and seen and not seen.knows(at):
            local = at.astimezone(self.policy.zone)
            raise RefusedError(
                f"Schon beantwortet: Am {local:%d.%m.%Y} um {local:%H:%M} Uhr ging eine Antwort an "
                "das Unternehmen. Soll noch eine hinaus, sagen Sie es in der Antwort auf eine "
                "neuere Übersicht."
            )

    def refuse_over_new_answer(self) -> None:
        """Raise RefusedError where an earlier order of the same mail made an answer wait.

        Nobody has read that one yet; closing, or other words, would be its end.
        """
        if any(hold.reason is HoldReason.REVIEW and not hold.id for hold in self.ticket.holds):
            raise RefusedError("Die Gesamtantwort hat sich eben geändert; bitte erst die Vorschau.")

    def refuse_over_new_mail(self) -> None:
        """Raise RefusedError where an earlier order of the same mail writes to an office.

        Whether the one or the other is meant is not ours to guess.
        """
        if self.proposal.writes_to_office(self.reference):
            raise RefusedError(
                "Nicht geschlossen, denn eine Anweisung davor schreibt dazu an ein Amt. Soll der "
                f"Vorgang trotzdem geschlossen werden, sagen Sie es allein: {self.reference} "
                "schliessen"
            )

    def refuse_over_replies(self, offices: Iterable[str] | None = None) -> None:
        """Raise RefusedError where an office, or one of these, has written since then.

        What has gone out in an answer since, the answer itself stands for.
        """
        only = None if offices is None else set(offices)
        for part in self.ticket.consultations:
            concerned = only is None or part.office_id in only
            replies = [each for each in part.replies if each.state is not ReplyState.SENT]
            if concerned and any(map(self._is_news, replies)):
                name = self.policy.office(part.office_id).short_name
                raise RefusedError(f"Inzwischen kam eine Rückmeldung von {name}. {SAY_AGAIN}")

    def refuse_over(self, holds: Iterable[Hold]) -> None:
        """Raise RefusedError where one of these items came after the mail that is answered."""
        for hold in holds:
            if not self.has_shown(hold):
                raise RefusedError(f"Inzwischen kam etwas hinzu: {hold.text} {SAY_AGAIN}")

    def settle(self, reasons: tuple[HoldReason, ...], resolution: Resolution) -> None:
        """Settle what waits on this ticket for one of these reasons.

        A reply that waits because the company cannot be reached goes on waiting.
        """
        for hold in self.ticket.holds:
            unsent = hold.reason is HoldReason.UNREACHABLE and hold.reply_id
            if hold.reason in reasons and not unsent:
                self.proposal.resolve(self.reference, hold, resolution)

    def held_reply(self, hold: Hold) -> OfficeReply:
        """Give the reply that an item holds; raises RefusedError when it is gone."""
        for part in self.ticket.consultations:
            for reply in part.replies:
                if reply.id == hold.reply_id:
                    return reply
        raise RefusedError("Die wartende Rückmeldung ist nicht mehr da.")

    def office_named(self, word: str, ticket: Ticket | None = None) -> Office | None:
        """Find an office by any of its names; one no longer configured by its id.

        ``ticket`` is the one it belongs to, where that is not the order's own.
        """
        ticket = ticket or self.proposal.tickets.get(self.reference)
        if ticket and ticket.consultation(word.lower()):
            return self.policy.office(word.lower())
        return self.policy.offices.named(word)

    def refuse_beside(self, words: str, office: Office) -> None:
        """Raise RefusedError where more stands beside an office's name than a plain order has."""
        if beside := self.policy.offices.words_beside(words, office):
            raise RefusedError(
                f"Neben „{office.id}“ steht „{' '.join(beside)}“. Bitte schreiben Sie hier nur"
                " Ämter; eine Frist ist ein Auftrag für sich."
            )

    def no_office(self, *words: str) -> RefusedError:
        """Word that no office is called so, with those that may be meant, or else all there are."""
        offices = self.policy.offices
        meant = dict.fromkeys(each.id for word in words for each in offices.nearly(word))
        told = f"Gemeint sein kann: {', '.join(meant)}"
        known = f"Bekannt sind: {', '.join(office.id for office in offices)}"
        return RefusedError(f"Kein Amt heißt „{', '.join(words)}“. {told if meant else known}.")

    def _each_named(self, words: str) -> list[str]:
        """Part "umwelt/tiefbau" in two where the whole names no office."""
        if self.office_named(words):
            return [words]
        return [each for each in re.split(r"\s*[/+&]\s*|\s+sowie\s+", words) if each]

    def offices(self) -> list[Office]:
        """Read the argument as offices, each once; raises RefusedError naming the unknown ones."""
        words = re.split(r"[,;]|\s+und\s+|\s+and\s+", self.argument)
        named = chain.from_iterable(map(self._each_named, filter(None, map(str.strip, words))))
        found = [(word, self.office_named(word)) for word in named]
        missing = [word for word, office in found if office is None]
        if missing:
            raise self.no_office(*missing)
        if not found:
            example = ", ".join(office.id for office in self.policy.offices.all[:2])
            raise RefusedError(f"Welches Amt? Zum Beispiel: an {example}")
        for word, office in found:
            if office:
                self.refuse_beside(word, office)
        return list({office.id: office for _, office in found if office}.values())

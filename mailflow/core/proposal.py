"""A decision in the making: changes and drafts, with the tickets as they would then be.

Lives only while one decision is made. Every step changes the frozen snapshot and records the
change beside it, so that a later step (a second command in the same mail, the question whether
all offices have answered) sees what the earlier ones did.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import date, datetime

from mailflow.core.brought import Brought
from mailflow.core.changes import (
    AddConsultation,
    AddHold,
    AddLetter,
    AddNote,
    AddReply,
    AddSent,
    Change,
    CountAnswer,
    Decision,
    EventKind,
    MailOutcome,
    MoveConsultation,
    MoveTicket,
    OpenTicket,
    ResolveHold,
    SetFlags,
    SetReply,
    UpdateConsultation,
    UseReplies,
)
from mailflow.core.drafts import TO_OFFICES, Draft
from mailflow.core.known import Mail
from mailflow.core.message import Message
from mailflow.core.reply import ReplyKind, ReplyReading
from mailflow.core.ticket import (
    CONSULTATION_MOVES,
    TICKET_MOVES,
    Consultation,
    ConsultationState,
    Hold,
    HoldReason,
    Letter,
    OfficeReply,
    PassedOn,
    ReplyState,
    Resolution,
    Ticket,
    TicketState,
)
from mailflow.core.tracking import without_tokens

__all__ = ["ForbiddenMoveError", "Proposal", "letter_of"]


_NOBODY = "Niemand ist hier mehr gefragt; bitte entscheiden Sie, wie es weitergeht."


class ForbiddenMoveError(Exception):
    """A state change that the table does not have: a fault in the program, not in a mail."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A point in a proposal to which it can return."""

    tickets: Mapping[str, Ticket]
    changes: int
    drafts: int


def passed_on(message: Message) -> tuple[PassedOn, ...]:
    """Give the record of a message's attachments, without their bytes."""
    return tuple(
        PassedOn(each.name, each.content_type, each.size, each.sha256, each.inline)
        for each in message.attachments
    )


def letter_of(mail: Mail) -> Letter:
    """Give a company's mail as its ticket keeps it."""
    message = mail.message
    text = message.new_text
    return Letter(
        mail.id,
        mail.fingerprint,
        message.message_id,
        mail.received_at,
        text,
        passed_on(message),
        mail.sender,
    )


class Proposal:
    """Collect what one decision changes; ``decision`` freezes it.

    ``seen_until`` is the moment of the mail that an order answers, None for all else.
    """

    def __init__(
        self,
        tickets: Mapping[str, Ticket],
        now: datetime,
        seen_until: datetime | None = None,
    ) -> None:
        self.now = now
        self._seen_until = seen_until
        self.tickets = dict(tickets)
        self._versions = {ticket.reference: ticket.version for ticket in tickets.values()}
        self._changes: list[Change] = []
        self._drafts: list[Draft] = []

    def decision(
        self,
        outcome: MailOutcome,
        why: str,
        reference: str = "",
        *,
        looked_after: AbstractSet[str] = frozenset(),
    ) -> Decision:
        """Freeze everything proposed so far, for the tickets it really touches.

        A ticket that would be left without anybody comes to the manager, unless another decision
        of the same mail has ``looked_after`` it.
        """
        touched = {getattr(change, "reference", "") for change in self._changes}
        for each in (touched - looked_after) & self.tickets.keys():
            if _is_forgotten(self.tickets[each]):
                self.hold(each, HoldReason.UNROUTED, _NOBODY)
        versions = tuple(item for item in self._versions.items() if item[0] in touched)
        changes, drafts = tuple(self._changes), tuple(self._drafts)
        return Decision(outcome, why, reference, changes, drafts, versions)

    def mark(self) -> Mark:
        """Remember how far the proposal has come, to go back there if a step is refused."""
        return Mark(dict(self.tickets), len(self._changes), len(self._drafts))

    def return_to(self, mark: Mark) -> None:
        """Forget everything proposed since the mark."""
        self.tickets = dict(mark.tickets)
        del self._changes[mark.changes :]
        del self._drafts[mark.drafts :]

    def record(self, change: Change) -> None:
        """Propose a change that no later step needs to see."""
        self._changes.append(change)

    def send(self, draft: Draft) -> None:
        """Propose an outgoing mail; a later step sees which letters it brings to an office."""
        self._drafts.append(draft)
        self._bring(draft)

    def add_sent(self, change: AddSent) -> None:
        """Propose the row of a mail that has gone out; a later step sees its letters likewise."""
        self._changes.append(change)
        self._bring(change)

    def _bring(self, sent: Draft | AddSent) -> None:
        ticket = self.tickets.get(sent.reference)
        if ticket and sent.letters:
            to = sent.office_id, sent.recipient.lower()
            has_arrived = isinstance(sent, AddSent)
            brought = {Brought(*to, each, sent.round, has_arrived) for each in sent.letters}
            self._keep(replace(ticket, brought=ticket.brought | brought))

    def writes_to_office(self, reference: str) -> bool:
        """Whether an earlier step of this decision writes to an office of this ticket."""
        return any(each.reference == reference and each.kind in TO_OFFICES for each in self._drafts)

    def note(
        self, reference: str, text: str, kind: EventKind = EventKind.NOTE, office_id: str = ""
    ) -> None:
        """Propose an internal note."""
        self._changes.append(AddNote(reference, text, kind, office_id))

    def open(self, change: OpenTicket, mail: Mail, earlier: int) -> Ticket:
        """Propose a new ticket with its first letter. Raises ValueError without a number."""
        if not change.reference:  # nobody could ever name it
            raise ValueError("a ticket without a number")
        ticket = Ticket(
            id=0,
            reference=change.reference,
            account=change.account,
            contact=change.contact,
            leg=change.leg,
            subject=change.subject,
            language=change.language,
            state=TicketState.NEW,
            version=0,
            opened_at=mail.received_at,
            letters=(letter_of(mail),),
            flags=change.flags,
            earlier_tickets=earlier,
        )
        self.tickets[ticket.reference] = ticket
        self._changes += [change, AddLetter(ticket.reference, mail.id)]
        return ticket

    def join(self, reference: str, mail: Mail) -> Ticket:
        """Propose that a mail of the company belongs to this ticket."""
        ticket = self.tickets[reference]
        self._changes.append(AddLetter(reference, mail.id))
        return self._keep(replace(ticket, letters=(*ticket.letters, letter_of(mail))))

    def flag(self, reference: str, flags: Iterable[str]) -> None:
        """Propose that a ticket bears these flags, too; those it bears already change nothing."""
        ticket = self.tickets[reference]
        together = tuple(sorted({*ticket.flags, *flags}))
        if set(together) != set(ticket.flags):
            self._changes.append(SetFlags(reference, together))
            self._keep(replace(ticket, flags=together))

    def move(self, reference: str, target: TicketState) -> Ticket:
        """Propose a ticket's next state; staying where it is changes nothing."""
        ticket = self.tickets[reference]
        if ticket.state is target:
            return ticket
        if target not in TICKET_MOVES[ticket.state]:
            raise ForbiddenMoveError(f"ticket {reference}: {ticket.state} -> {target}")
        self._changes.append(MoveTicket(reference, ticket.state, target))
        return self._keep(replace(ticket, state=target))

    def ask(self, reference: str, change: AddConsultation) -> Consultation:
        """Propose that an office is asked."""
        ticket = self.tickets[reference]
        asked = Consultation(
            id=0,
            office_id=change.office_id,
            leg=change.leg,
            recipient=change.recipient,
            round=change.round,
            state=ConsultationState.ASKED,
            asked_on=change.asked_on,
            due_on=change.due_on,
            note=change.note,
        )
        self._changes.append(change)
        self._keep(replace(ticket, consultations=(*ticket.consultations, asked)))
        return asked

    def move_part(self, reference: str, office_id: str, target: ConsultationState) -> None:
        """Propose the next state of an office's latest part; staying changes nothing."""
        part = self._part(reference, office_id)
        if part.state is target:
            return
        if target not in CONSULTATION_MOVES[part.state]:
            raise ForbiddenMoveError(f"{reference}, {office_id}: {part.state} -> {target}")
        self._changes.append(MoveConsultation(reference, office_id, part.round, part.state, target))
        self._keep_part(reference, replace(part, state=target))

    def update_part(
        self,
        reference: str,
        office_id: str,
        *,
        due_on: date | None = None,
        absent_until: date | None = None,
        reminded: tuple[str, ...] | None = None,
    ) -> None:
        """Propose new days or ladder steps for an office's latest part."""
        part = self._part(reference, office_id)
        self._changes.append(
            UpdateConsultation(reference, office_id, part.round, due_on, absent_until, reminded)
        )
        changed = replace(
            part,
            due_on=due_on or part.due_on,
            absent_until=absent_until or part.absent_until,
            reminded=part.reminded if reminded is None else reminded,
        )
        self._keep_part(reference, changed)

    def reply(
        self,
        reference: str,
        office_id: str,
        mail: Mail,
        reading: ReplyReading,
        state: ReplyState,
    ) -> None:
        """Propose a reply of an office, as read."""
        part = self._part(reference, office_id)
        change = AddReply(
            reference,
            office_id,
            part.round,
            mail.id,
            reading.kind,
            state,
            reading.text,
            reading.internal_text,
            reading.until,
        )
        added = OfficeReply(
            id=0,
            mail_id=mail.id,
            fingerprint=mail.fingerprint,
            kind=reading.kind,
            state=state,
            text=reading.text,
            internal_text=reading.internal_text,
            received_at=mail.received_at,
            until=reading.until,
            attachments=passed_on(mail.message),
            sender=mail.sender,
        )
        self._changes.append(change)
        self._keep_part(reference, replace(part, replies=(*part.replies, added)))

    def set_reply(
        self,
        reference: str,
        reply: OfficeReply,
        kind: ReplyKind,
        state: ReplyState,
        *,
        whole: bool = False,
    ) -> OfficeReply:
        """Propose what a held reply is after all; ``whole``: its internal part is none."""
        self._changes.append(SetReply(reference, reply.id, kind, state, whole))
        changed = replace(reply, kind=kind, state=state)
        if whole:
            changed = replace(changed, text=reply.internal_text, internal_text="")
        for part in self.tickets[reference].consultations:
            if reply in part.replies:
                replies = tuple(changed if each == reply else each for each in part.replies)
                self._keep_part(reference, replace(part, replies=replies))
        return changed

    def use_replies(self, reference: str, answer: int) -> None:
        """Propose that all accepted replies have gone into this combined answer."""
        self._changes.append(UseReplies(reference, answer))
        ticket = self.tickets[reference]
        parts = tuple(replace(part, replies=_as_sent(part)) for part in ticket.consultations)
        self._keep(replace(ticket, consultations=parts, answers=answer))

    def count_answer(self, reference: str, answer: int) -> None:
        """Propose that this answer went out beside the offices' own, whose replies still wait."""
        self._changes.append(CountAnswer(reference, answer))
        self._keep(replace(self.tickets[reference], answers=answer))

    def forget_entries(self, reference: str) -> None:
        """Propose that no combined answer waits any more: no later step changes it."""
        self._keep(replace(self.tickets[reference], held_entries=()))

    def hold(
        self,
        reference: str,
        reason: HoldReason,
        text: str,
        *,
        mail_id: int = 0,
        office_id: str = "",
        suggestion: str = "",
        of_reply: bool = False,
        keeps_back: bool = False,
        created_at: datetime | None = None,
    ) -> None:
        """Propose an item for the manager, who may know it since ``created_at``.

        What an order brings about is nothing new to whoever gave it, save a preview.
        """
        text = without_tokens(text)  # the digest shows it, and its reader's reply would bear it
        seen = self._seen_until if reason is not HoldReason.REVIEW else None
        since = created_at or (min(seen, self.now) if seen else None)
        change = AddHold(
            reference,
            reason,
            text,
            mail_id=mail_id,
            office_id=office_id,
            suggestion=suggestion,
            of_reply=of_reply,
            keeps_back=keeps_back,
            created_at=since,
        )
        self._changes.append(change)
        ticket = self.tickets.get(reference)
        if ticket:
            kept_back = ticket.kept_back | ({mail_id} if keeps_back else set())
            holds = (*ticket.holds, _hold_of(change, self.now))
            self._keep(replace(ticket, holds=holds, kept_back=kept_back))

    def resolve(self, reference: str, hold: Hold, resolution: Resolution) -> None:
        """Propose that an item is settled."""
        if hold.id:
            self._changes.append(ResolveHold(hold.id, resolution, reference))
        else:  # proposed by an earlier step of this very decision
            self._changes = [each for each in self._changes if not _is_same(each, hold)]
        ticket = self.tickets.get(reference)
        if ticket:
            holds = tuple(each for each in ticket.holds if each is not hold)
            passed_on = {hold.mail_id} if resolution is Resolution.PASSED_ON else set()
            self._keep(replace(ticket, holds=holds, kept_back=ticket.kept_back - passed_on))

    def has_resolved(self, hold: Hold) -> bool:
        """Whether an earlier step of this decision has settled the item."""
        return any(
            isinstance(each, ResolveHold) and each.hold_id == hold.id for each in self._changes
        )

    def _keep(self, ticket: Ticket) -> Ticket:
        self.tickets[ticket.reference] = ticket
        return ticket

    def _part(self, reference: str, office_id: str) -> Consultation:
        part = self.tickets[reference].consultation(office_id)
        if part is None:
            raise ForbiddenMoveError(f"{reference}: {office_id} was never asked")
        return part

    def _keep_part(self, reference: str, part: Consultation) -> None:
        ticket = self.tickets[reference]
        key = (part.office_id, part.round)
        parts = tuple(
            part if (each.office_id, each.round) == key else each for each in ticket.consultations
        )
        self._keep(replace(ticket, consultations=parts))


def _is_same(change: Change, hold: Hold) -> bool:
    return isinstance(change, AddHold) and (change.reference, change.reason, change.text) == (
        hold.reference,
        hold.reason,
        hold.text,
    )


def _is_forgotten(ticket: Ticket) -> bool:
    """Whether a ticket is open and neither an office, the company nor the manager has it."""
    return not ticket.is_over and not ticket.still_working() and not ticket.holds


def _as_sent(part: Consultation) -> tuple[OfficeReply, ...]:
    return tuple(
        replace(reply, state=ReplyState.SENT) if reply.state is ReplyState.ACCEPTED else reply
        for reply in part.replies
    )


def _hold_of(change: AddHold, now: datetime) -> Hold:
    """Give the item as it will lie there, as yet without an id."""
    return Hold(
        0,
        change.reference,
        change.reason,
        change.text,
        change.created_at or now,
        mail_id=change.mail_id,
        office_id=change.office_id,
        suggestion=change.suggestion,
        keeps_back=change.keeps_back,
    )

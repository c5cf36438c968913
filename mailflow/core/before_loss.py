"""A mail of ours that went out before the database was lost, and of which only the receipt is left.

Its row is made anew from the receipt, so that the same mail is never sent a second time. An answer
to the company also settles what nobody could replay, such as an order given beside the mailbox:
as far as the answer can have known of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import combinations

from mailflow.core.account import is_of_company
from mailflow.core.changes import Decision, MailOutcome, SetEntry
from mailflow.core.combining import (
    answer_if_complete,
    has_unsent,
    names_made_of,
)
from mailflow.core.consulting import pass_on, reopen, withdraw_review
from mailflow.core.doubts import may_still
from mailflow.core.drafts import TO_COMPANY, TO_OFFICES, DraftKind
from mailflow.core.known import Entry, Known, Leg, Mail, Policy
from mailflow.core.lost_rows import LostForward, forward_of, leg_of_lost, lost_row
from mailflow.core.office_reply import leave_waiting
from mailflow.core.proposal import Proposal
from mailflow.core.releases import names_again
from mailflow.core.reply import ReplyKind
from mailflow.core.retry import Cause, EntryState
from mailflow.core.ticket import (
    ConsultationState,
    Hold,
    HoldReason,
    Letter,
    OfficeReply,
    ReplyState,
    Resolution,
    Ticket,
    TicketState,
)
from mailflow.core.tracking import kind_named, named

__all__ = ["sent_before_loss", "withdrawn_and_sent"]

_WHY = "Beleg für eine Mail von vor dem Verlust der Datenbank"
_OTHERWISE = "ging als andere Mail hinaus, wie deren Beleg zeigt"
_TOO_LATE = "Das Unternehmen schrieb noch einmal, ehe es die Antwort vom {} hatte."
_TRIED, _IN_A_ROW = 8, 30
"""Of so many replies, the last ones, any choice can have made an answer, or any that came in a row.
"""
_ANSWERED = frozenset({HoldReason.UNROUTED, HoldReason.DECLINED})


def sent_before_loss(known: Known, policy: Policy, now: datetime) -> Decision:
    """Decide a receipt that no entry of the outbox awaits, while the database is made good.

    What goes to the manager is left as it is: digests and alerts are made by the clock.
    """
    proposal = Proposal(known.tickets, now)
    kind = kind_named(known.mail.message.message_id)
    leg = leg_of_lost(known, policy)
    reference = leg.reference if leg else ""
    if kind in TO_COMPANY | TO_OFFICES:
        proposal.add_sent(lost_row(DraftKind(kind), known, leg, policy))
    ticket = proposal.tickets.get(reference)
    if ticket and kind in TO_COMPANY:
        _company_has(proposal, ticket, known, policy)
    elif ticket and leg and kind == DraftKind.FORWARD:
        _office_has(proposal, ticket, leg, known.mail, policy)
    return proposal.decision(MailOutcome.EVENT, _WHY, reference)


def _office_has(proposal: Proposal, ticket: Ticket, leg: Leg, mail: Mail, policy: Policy) -> None:
    """Let an office owe its part that was asked beside the mailbox, as its forward shows.

    What waited then goes on waiting: others may have been asked with it.
    """
    sent = forward_of(ticket, leg, mail.message.message_id, policy)
    if sent is None or not _is_newer(sent, ticket, leg) or not policy.knows(leg.office_id):
        return
    office = policy.office(leg.office_id)
    _end_round(proposal, ticket, leg.office_id)
    reopen(proposal, policy, ticket.reference, office, sent.round)
    leave_waiting(proposal, ticket.reference)
    if ticket.letters[-1].fingerprint not in sent.letters:  # it came since then
        pass_on(proposal, policy, ticket.reference, office)
    words = f"Am {_when(mail, policy)}, ging die Anfrage an {office.short_name} hinaus."
    proposal.note(ticket.reference, f"{words} Das zeigt ihr Beleg.")
    for hold in ticket.holds:
        if hold.reason in _ANSWERED:
            # to name the office would ask it again, once it has answered
            _tell(proposal, hold, f"{words} Genügt das, sagen Sie: verwerfen {hold.thing}")
        elif hold.reason is HoldReason.EXTERNAL and hold.suggestion == office.id:
            proposal.resolve(ticket.reference, hold, Resolution.PASSED_ON)


def _is_newer(sent: LostForward, ticket: Ticket, leg: Leg) -> bool:
    """Whether a forward is of a later round than the last one known of its office.

    A round in which a reply waits to be decided on is not over.
    """
    part = ticket.consultation(leg.office_id)
    waits = part and part.state.is_open and ticket.held_reply_of(part)
    if ticket.state is TicketState.CLOSED or waits:
        return False
    return sent.round > (part.round if part else 0)


def _end_round(proposal: Proposal, ticket: Ticket, office_id: str) -> None:
    """End an office's last round, which was over when the next one began: it was left out."""
    part = ticket.consultation(office_id)
    if part and part.state.is_open:
        proposal.move_part(ticket.reference, office_id, ConsultationState.WITHDRAWN)


def _company_has(proposal: Proposal, ticket: Ticket, known: Known, policy: Policy) -> None:
    """Let follow what a mail to the company brought about when it went out."""
    name = named(known.mail.message.message_id)
    if failed := _sent_again(name, ticket, known.to_company, policy):
        _settle_failed(proposal, policy, ticket, failed)
    elif kind_named(known.mail.message.message_id) != DraftKind.COMBINED_ANSWER:
        return
    elif used := _made_of(name, ticket, policy):
        _count_replies(proposal, ticket, used, known, policy)
    elif not ticket.is_over:
        _count(proposal, ticket, known.mail, policy)


def withdrawn_and_sent(proposal: Proposal, ticket: Ticket, known: Known, policy: Policy) -> None:
    """Let follow what an answer brought about that was withdrawn since its release was lost."""
    if used := _made_of(named(known.mail.message.message_id), ticket, policy):
        _count_replies(proposal, ticket, used, known, policy)


def _sent_again(
    name: str, ticket: Ticket, entries: Iterable[Entry], policy: Policy
) -> Entry | None:
    """Give the mail in whose place the one of this name went out, None where that is a first."""

    def again(entry: Entry) -> str:
        names = names_again(ticket.reference, named(entry.message_id))
        return policy.keyring.name(entry.kind, ticket.leg, names)

    return next((each for each in entries if again(each) == name), None)


def _settle_failed(proposal: Proposal, policy: Policy, ticket: Ticket, failed: Entry) -> None:
    """Settle a mail that went out once more: whatever it answered, it had answered before."""
    _take_back(proposal, ticket, [failed])
    for hold in ticket.holds:
        if hold.suggestion == named(failed.message_id):
            proposal.resolve(ticket.reference, hold, Resolution.SENT_AGAIN)
            answer_if_complete(proposal, policy, ticket.reference)


def _made_of(name: str, ticket: Ticket, policy: Policy) -> Sequence[OfficeReply]:
    """Give the replies that the answer of this name was made of, none where it was of others.

    One that waits may have been released beside the mailbox, as an answer whatever it was taken
    for.
    """
    replies = [each for part in ticket.consultations for each in part.replies if _may_go(each)]
    replies.sort(key=lambda each: (each.received_at, each.mail_id))
    tried = _choices(replies)
    return next((some for some in tried if name in names_made_of(some, ticket, policy)), ())


def _may_go(reply: OfficeReply) -> bool:
    is_answer = reply.kind is ReplyKind.ANSWER and reply.state is not ReplyState.KEPT
    return is_answer or reply.state is ReplyState.HELD


def _choices(replies: Sequence[OfficeReply]) -> Iterator[Sequence[OfficeReply]]:
    """Give what an answer can have been made of: what came in a row, or some of the last ones."""
    replies = replies[-_IN_A_ROW:]
    for begin in range(len(replies)):
        for end in range(begin + 1, len(replies) + 1):
            yield replies[begin:end]
    last = replies[-_TRIED:]
    for count in range(2, len(last)):
        yield from combinations(last, count)


def _is_unproven(entry: Entry, ticket: Ticket) -> bool:
    """Whether nothing has gone out under an entry, save perhaps before the loss."""
    waits = entry.state in {EntryState.QUEUED, EntryState.HELD}
    return waits and entry.id not in ticket.held_entries


def _take_back(proposal: Proposal, ticket: Ticket, entries: Iterable[Entry]) -> None:
    for entry in entries:
        if _is_unproven(entry, ticket):
            failed, state = EntryState.FAILED, entry.state
            change = SetEntry(entry.id, failed, _OTHERWISE, Cause.WITHDRAWN, only_from=state)
            proposal.record(change)


def _count_replies(
    proposal: Proposal,
    ticket: Ticket,
    used: Sequence[OfficeReply],
    known: Known,
    policy: Policy,
) -> None:
    """Count an answer that the company has, of these replies: none of them goes out once more.

    What was made anew of some of them is taken back, and what else was in it goes on.
    """
    reference, when = ticket.reference, _when(known.mail, policy)
    anew = _made_anew(used, ticket, known.to_company, policy)
    _take_back(proposal, ticket, [entry for entry, _ in anew])
    fresh = [each for each in used if each.state is not ReplyState.SENT]
    rest = {each.id: each for _, made in anew for each in made if each not in used}
    if not fresh and not rest:
        return  # by which the ticket stands as it does
    proposal.note(reference, f"Am {when}, ging eine Antwort hinaus, wie ihr Beleg zeigt.")
    if rest or any(each.state is ReplyState.ACCEPTED for each in fresh):
        withdraw_review(proposal, reference)  # a preview shows all that is accepted, and no more
    for each in fresh:
        _count_as_sent(proposal, ticket, each)
    for each in rest.values():
        proposal.set_reply(reference, each, each.kind, ReplyState.ACCEPTED)
    proposal.count_answer(reference, ticket.answers + 1 - len(anew))
    _settle_letters(proposal, ticket, known.mail, when)
    _go_on(proposal, policy, reference, reopens=bool(rest))


def _made_anew(
    used: Sequence[OfficeReply], ticket: Ticket, entries: Iterable[Entry], policy: Policy
) -> list[tuple[Entry, Sequence[OfficeReply]]]:
    """Give the answers made anew of some of these replies, each with all that it was made of.

    Even of the same ones it may bear another name: whether it waits for its release is part of it,
    and may have changed since.
    """
    unproven = [each for each in entries if _is_unproven(each, ticket)]
    made = [(each, _made_of(named(each.message_id), ticket, policy)) for each in unproven]
    return [(entry, those) for entry, those in made if any(each in used for each in those)]


def _count_as_sent(proposal: Proposal, ticket: Ticket, reply: OfficeReply) -> None:
    """Count a reply as one that has gone out, whoever released it: its office has answered."""
    reference = ticket.reference
    proposal.set_reply(reference, reply, ReplyKind.ANSWER, ReplyState.SENT)
    for hold in ticket.holds:
        if hold.reply_id == reply.id:
            proposal.resolve(reference, hold, Resolution.RELEASED)
    part = next((each for each in ticket.current() if reply in each.replies), None)
    if part and part.state is not ConsultationState.ANSWERED and may_still(part, ReplyKind.ANSWER):
        proposal.move_part(reference, part.office_id, ConsultationState.ANSWERED)
        leave_waiting(proposal, reference)


def _go_on(proposal: Proposal, policy: Policy, reference: str, *, reopens: bool) -> None:
    """Let a ticket go on with what an answer left: other replies, or nothing."""
    ticket = proposal.tickets[reference]
    reviews = [hold for hold in ticket.holds if hold.reason is HoldReason.REVIEW]
    is_shown = ticket.state is TicketState.REVIEW and not reviews
    if is_shown or (reopens and ticket.state is TicketState.ANSWERED):
        proposal.move(reference, TicketState.CONSULTING)
        if any(each.state is ConsultationState.QUESTIONED for each in ticket.still_working()):
            proposal.move(reference, TicketState.WAITING)
    if has_unsent(ticket) and not reviews:  # a preview that waits shows just what is unsent
        answer_if_complete(proposal, policy, reference)
    if ticket.state is not TicketState.CLOSED:
        _move_on(proposal, reference)


def _count(proposal: Proposal, ticket: Ticket, mail: Mail, policy: Policy) -> None:
    """Count an answer that the company has, of which nothing tells what it was made of.

    A reply that waits may be in it.
    """
    reference, when = ticket.reference, _when(mail, policy)
    proposal.note(reference, f"Am {when}, ging eine Antwort hinaus, wie ihr Beleg zeigt.")
    proposal.count_answer(reference, ticket.answers + 1)
    for hold in ticket.holds:
        if hold.reply_id or hold.reason is HoldReason.REVIEW:
            words = f"Am {when}, ging schon eine Antwort hinaus, vielleicht mit diesen Worten."
            _tell(proposal, hold, words)
    _settle_letters(proposal, ticket, mail, when)
    _move_on(proposal, reference)


def _settle_letters(proposal: Proposal, ticket: Ticket, mail: Mail, when: str) -> None:
    """Settle the letters that the answer knew of; each later one waits."""
    newer = _newer(ticket, mail)
    late = {each.mail_id for each in newer}
    composed_at = mail.message.date or mail.received_at
    for hold in ticket.holds:
        known = hold.mail_id not in late and hold.created_at <= composed_at
        if _asks(hold) and known:
            proposal.resolve(ticket.reference, hold, Resolution.ANSWERED)
    waiting = {hold.mail_id for hold in proposal.tickets[ticket.reference].holds}
    if ticket.state is not TicketState.TRIAGE:
        return  # else a letter joins what waits there, without an item of its own
    for mail_id in sorted(late - waiting):
        text = _TOO_LATE.format(when)
        proposal.hold(ticket.reference, HoldReason.UNROUTED, text, mail_id=mail_id)


def _newer(ticket: Ticket, mail: Mail) -> Sequence[Letter]:
    """Give the letters that an answer did not know of.

    It replies to the last one of the company's own that it knew, and tells nothing of what the
    manager put in from others; one that names none knew, at best, what was there when it was made.
    """
    composed_at = mail.message.date or mail.received_at
    late = [each for each in ticket.letters if each.received_at > composed_at]
    ids = [each.message_id for each in ticket.letters]
    parent = mail.message.in_reply_to
    if not parent or parent not in ids:
        return late
    behind = ticket.letters[ids.index(parent) + 1 :]
    return [each for each in behind if is_of_company(each.sender, ticket) or each in late]


def _asks(hold: Hold) -> bool:
    return hold.reason in _ANSWERED and not hold.reply_id


def _move_on(proposal: Proposal, reference: str) -> None:
    """Let a ticket be answered where nobody owes anything, and go on with what came since."""
    ticket = proposal.tickets[reference]
    if has_unsent(ticket) or ticket.still_working() or ticket.state is TicketState.REVIEW:
        return
    proposal.move(reference, TicketState.ANSWERED)
    if any(map(_asks, ticket.holds)):
        proposal.move(reference, TicketState.CONSULTING)


def _when(mail: Mail, policy: Policy) -> str:
    return f"{mail.received_at.astimezone(policy.zone):%d.%m.%Y, %H:%M} Uhr"


def _tell(proposal: Proposal, hold: Hold, words: str) -> None:
    """Let something wait with these words beside it, as long as it has waited.

    It is nothing new: orders given since then, and read again later, still count for it.
    """
    proposal.resolve(hold.reference, hold, Resolution.REPLACED)
    proposal.hold(
        hold.reference,
        hold.reason,
        f"{hold.text} {words}",
        mail_id=hold.mail_id,
        office_id=hold.office_id,
        suggestion=hold.suggestion,
        of_reply=bool(hold.reply_id),
        keeps_back=hold.keeps_back,
        created_at=hold.created_at,
    )

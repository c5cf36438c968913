"""The manager lets something go: a combined answer, a held reply, a sender."""

import re

from mailflow.core.behind_order import too_many
from mailflow.core.changes import BindSender, SendAgain, SetEntry
from mailflow.core.combining import (
    answer_if_complete,
    count_as_released,
    send_answer,
    worth_passing,
)
from mailflow.core.consulting import pass_on, reopen
from mailflow.core.doubts import may_still
from mailflow.core.letter import content
from mailflow.core.matter import Matter, RefusedError
from mailflow.core.meant import meant
from mailflow.core.office_reply import as_reply
from mailflow.core.offices import Office
from mailflow.core.remarks import internal_words
from mailflow.core.reply import KIND_WORDS, ReplyKind, ReplyReading
from mailflow.core.retry import EntryState
from mailflow.core.ticket import (
    Hold,
    HoldReason,
    OfficeReply,
    ReplyState,
    Resolution,
    Ticket,
    TicketState,
)
from mailflow.core.tracking import Role, kind_named
from mailflow.core.tracking import named as name_in

__all__ = ["names_again", "release", "trust"]

_REPLY_WORDS = {
    "antwort": ReplyKind.ANSWER,
    "answer": ReplyKind.ANSWER,
    "zwischennachricht": ReplyKind.INTERIM,
    "interim": ReplyKind.INTERIM,
    "rückfrage": ReplyKind.QUESTION,
    "rueckfrage": ReplyKind.QUESTION,
    "question": ReplyKind.QUESTION,
    "unzuständig": ReplyKind.DECLINE,
    "unzustaendig": ReplyKind.DECLINE,
    "decline": ReplyKind.DECLINE,
    "intern": ReplyKind.INTERNAL,
    "internal": ReplyKind.INTERNAL,
}
_KEPT = {ReplyKind.INTERNAL, ReplyKind.DECLINE}
"""Of such replies nothing goes out."""
_OVERTAKEN = {ReplyKind.INTERIM, ReplyKind.DECLINE}
"""What such replies say of an answer is past once it has come."""
_NOTHING_IN_IT = (
    "In dieser Mail steht nichts, das hinausgehen könnte. Sagen Sie verwerfen, und das Amt bleibt "
    "gefragt, oder antworten Sie selbst: antwort: ..."
)
_ANSWER_GOES = "Die Gesamtantwort geht jetzt an das Unternehmen."
_SHOWN = 80
_AS = re.compile(r"^(?:als|as)\s+(\w+)\s*", re.IGNORECASE)


def release(matter: Matter) -> str:
    """Let what waits take effect: the combined answer, or offices' replies."""
    ticket = matter.ticket
    if ticket.state is TicketState.REVIEW and not matter.argument:
        if not ticket.held_entries:
            raise RefusedError("Die Gesamtantwort hat sich eben geändert; bitte erst die Vorschau.")
        return _release_answer(matter)
    kind, words, names = _release_argument(matter)
    replies = [hold for hold in ticket.holds if hold.reply_id and not _is_done(hold, kind)]
    again = [hold for hold in ticket.holds if _can_go_again(hold)]
    holds = [*replies, *again] if names or not replies else replies  # bare, it means replies
    if not holds:
        if not ticket.holds:
            raise RefusedError("Hier wartet nichts auf eine Freigabe.")
        if ticket.state is TicketState.REVIEW:
            order = f"{matter.reference} freigeben"
            told = too_many(matter.argument, order)
            raise RefusedError(f"Das lässt sich nicht freigeben. {told}")
        raise RefusedError(f"Das lässt sich nicht freigeben: {ticket.holds[0].text}")
    named = meant(matter, holds, f"freigeben {words}".rstrip(), names)
    if kind and len(named) > 1:
        raise RefusedError("Was eine Rückmeldung ist, sagen Sie bitte für jede in einer Zeile.")
    if kind and not named[0].reply_id:
        raise RefusedError("Das ist keine Rückmeldung eines Amtes.")
    return " ".join(
        _release_reply(matter, hold, kind) if hold.reply_id else _send_again(matter, hold)
        for hold in named
    )


def _can_go_again(hold: Hold) -> bool:
    """Whether an item is a mail to the company that reached nobody."""
    again = {HoldReason.UNREACHABLE, HoldReason.UNSENT}
    return hold.reason in again and not hold.office_id and bool(hold.suggestion)


def _send_again(matter: Matter, hold: Hold) -> str:
    """Queue a failed mail to the company as a new one, to which no report on the first belongs."""
    proposal, policy, ticket = matter.proposal, matter.policy, matter.ticket
    failed = next(
        (each for each in ticket.failed if name_in(each.message_id) == hold.suggestion), None
    )
    if failed is None:
        raise RefusedError("Diese Mail ist nicht mehr da.")
    token = policy.keyring.token(Role.COMPANY, ticket.leg, ticket.contact.address)
    names = names_again(matter.reference, hold.suggestion)
    kind = kind_named(failed.message_id)
    message_id = policy.keyring.message_id(policy.domain(), kind, names, token)
    proposal.record(SendAgain(matter.reference, failed.id, message_id))
    proposal.resolve(matter.reference, hold, Resolution.SENT_AGAIN)
    answer_if_complete(proposal, policy, matter.reference)
    return f"Die Mail geht noch einmal an {ticket.contact.address}."


def names_again(reference: str, name: str) -> tuple[str, ...]:
    """Give what names the mail that goes in place of the one of this name, which failed."""
    return reference, "again", name


def _is_done(hold: Hold, kind: ReplyKind | None) -> bool:
    """Whether an item holds a refusal that has taken effect, and nothing else is said of it."""
    return hold.reason is HoldReason.DECLINED and kind in {None, ReplyKind.DECLINE}


def _release_argument(matter: Matter) -> tuple[ReplyKind | None, str, str]:
    """Give what a reply is said to be, the words that say so, and those that name the reply."""
    match = _AS.match(matter.argument)
    if match is None:
        return None, "", matter.argument
    kind = _REPLY_WORDS.get(match.group(1).casefold())
    if kind is None:
        raise RefusedError(f"„{match.group(1)}“ ist keine Art einer Rückmeldung.")
    return kind, match.group(0).strip(), matter.argument[match.end() :]


def _release_answer(matter: Matter) -> str:
    ticket, proposal = matter.ticket, matter.proposal
    if again := [hold for hold in ticket.holds if hold.reason is HoldReason.UNROUTED]:
        matter.refuse_over_letters()  # this mail cannot have told what newer letters ask
        matter.refuse_over(again)
        raise RefusedError(
            "Das Unternehmen hat inzwischen noch einmal geschrieben. Fragen Sie ein Amt (an ...), "
            "oder sagen Sie zuerst: verwerfen"
        )
    reviews = (hold.suggestion for hold in ticket.holds if hold.reason is HoldReason.REVIEW)
    shown = {leg for legs in reviews for leg in legs.split()}
    if matter.review_leg and matter.review_leg not in shown:
        raise RefusedError("Diese Vorschau ist überholt; bitte auf die neueste antworten.")
    matter.refuse_over(hold for hold in ticket.holds if hold.reason is HoldReason.REVIEW)
    for entry in ticket.held_entries:
        proposal.record(SetEntry(entry, EntryState.QUEUED, "freigegeben"))
    count_as_released(proposal, matter.reference)
    return _ANSWER_GOES


def _release_reply(matter: Matter, hold: Hold, said: ReplyKind | None) -> str:
    """Let a held reply take effect as what the manager said it is, else as what it was taken for.

    What comes too late to change anything is only noted, as is a notice or a refusal whose office
    has answered since, and a late answer is sent as a supplement; one of an earlier round is no
    answer to what the company wrote since. For anything else that is late the office owes its part
    again first.
    """
    reply, office = matter.held_reply(hold), matter.policy.office(hold.office_id)
    kind = said or reply.kind
    # all of it was taken for internal; if the manager calls it an answer, he knows better, unless
    # its author asks in so many words to keep it here: the company would read that, too
    whole = said not in {None, *_KEPT} and _is_internal_only(reply)
    if whole and (kept_by := internal_words(reply.internal_text)):
        raise RefusedError(
            f"{office.short_name} hat das nur für die Stadt geschrieben („{kept_by[:_SHOWN]}“); so"
            " geht es nicht hinaus. Was das Unternehmen erfahren soll, sagen Sie ihm selbst:"
            f" {matter.reference} antwort: …"
        )
    if _says_nothing(matter.ticket, reply, kind) and not whole:
        raise RefusedError(_NOTHING_IN_IT)
    is_over, is_late = matter.ticket.is_over, _is_late(matter, office, kind)
    is_past = kind in _OVERTAKEN and matter.ticket.has_answered_since(office.id, reply)
    answers = matter.ticket.answers
    reply = _accepted(matter, hold, reply, kind, whole=whole, kept=is_past or kind in _KEPT)
    if is_past or (is_late and kind in _KEPT):
        answer_if_complete(matter.proposal, matter.policy, matter.reference)
        return _noted(matter, answers)
    if is_over and kind is ReplyKind.ANSWER:
        return _send_late(matter, office)
    if kind is ReplyKind.ANSWER and _is_asked_anew(matter.ticket, office, reply):
        return _go_along(matter, office)
    if is_late:
        reopen(matter.proposal, matter.policy, matter.reference, office)
    done = _take_effect(matter, office, reply, kind)
    if is_late and office.id in {part.office_id for part in matter.ticket.still_working()}:
        pass_on(matter.proposal, matter.policy, matter.reference, office)  # what never reached it
    return _noted(matter, answers) if kind is ReplyKind.INTERNAL else done


def _noted(matter: Matter, answers: int) -> str:
    """Say of a reply of which nothing goes out what goes out because it waits no more."""
    if matter.ticket.answers > answers:
        return f"Zur Kenntnis genommen. {_ANSWER_GOES}"
    return "Zur Kenntnis genommen; es geht nichts hinaus."


def _is_internal_only(reply: OfficeReply) -> bool:
    return bool(reply.internal_text) and not content(reply.text)


def _says_nothing(ticket: Ticket, reply: OfficeReply, kind: ReplyKind) -> bool:
    """Whether a reply of which something has to go out holds nothing that could."""
    wordless = kind in _KEPT or kind is ReplyKind.INTERIM
    return not (wordless or content(reply.text) or worth_passing(ticket, reply))


def _is_late(matter: Matter, office: Office, kind: ReplyKind) -> bool:
    """Whether the ticket, or the office's part in it, has ended without this reply."""
    part = matter.ticket.consultation(office.id)
    return matter.ticket.is_over or (part is not None and not may_still(part, kind))


def _is_asked_anew(ticket: Ticket, office: Office, reply: OfficeReply) -> bool:
    """Whether the office's last round is about what the company wrote after this reply."""
    part = ticket.consultation(office.id)
    held_here = part is not None and reply.id in {each.id for each in part.replies}
    return part is not None and not held_here and ticket.has_letter_since(reply)


def _accepted(
    matter: Matter, hold: Hold, reply: OfficeReply, kind: ReplyKind, *, whole: bool, kept: bool
) -> OfficeReply:
    matter.proposal.resolve(matter.reference, hold, Resolution.RELEASED)
    state = ReplyState.KEPT if kept else ReplyState.ACCEPTED
    return matter.proposal.set_reply(matter.reference, reply, kind, state, whole=whole)


def _take_effect(matter: Matter, office: Office, reply: OfficeReply, kind: ReplyKind) -> str:
    reading = ReplyReading(
        kind=kind,
        explicit=True,
        suspicion="",
        text=reply.text,
        internal_text=reply.internal_text,
        office_words="",
        until=reply.until,
    )
    what = as_reply(
        matter.proposal, matter.policy, matter.reference, office, reading, reply.fingerprint
    )
    return f"{what} freigegeben."


def _go_along(matter: Matter, office: Office) -> str:
    """Let an answer of an earlier round go out with what its office still owes."""
    answer_if_complete(matter.proposal, matter.policy, matter.reference)
    owing = office.id in {part.office_id for part in matter.ticket.still_working()}
    still = " Gefragt bleibt das Amt: Das Unternehmen hat danach noch einmal geschrieben."
    return f"{KIND_WORDS[ReplyKind.ANSWER]} von {office.short_name} freigegeben.{still * owing}"


def _send_late(matter: Matter, office: Office) -> str:
    if matter.ticket.state is TicketState.CLOSED:
        matter.proposal.move(matter.reference, TicketState.CONSULTING)
    send_answer(matter.proposal, matter.policy, matter.reference)
    return f"Der Nachtrag von {office.short_name} geht an das Unternehmen."


def trust(matter: Matter) -> str:
    """Release, and let the sender speak for the office from now on."""
    holds = [hold for hold in matter.ticket.holds if hold.reason is HoldReason.SENDER]
    if not holds:
        raise RefusedError("Hier wartet kein unbekannter Absender.")
    results = []
    for hold in meant(matter, holds, "aufnehmen", matter.argument):
        sender = matter.held_reply(hold).sender
        matter.proposal.record(BindSender(hold.office_id, sender))
        results.append(f"{sender} ist jetzt bei diesem Amt hinterlegt.")
        results.append(_release_reply(matter, hold, None))
    return " ".join(results)

"""A mail that no person wrote: an event, never an answer, and never answered (RFC 3834 §2)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import eq

from mailflow.core.address import domain_of, without_tag
from mailflow.core.alerts import alert
from mailflow.core.before_loss import withdrawn_and_sent
from mailflow.core.changes import Decision, MailOutcome, SetEntry
from mailflow.core.combining import count_as_released
from mailflow.core.consulting import forward
from mailflow.core.doubts import is_bound
from mailflow.core.drafts import TO_COMPANY, TO_OFFICES, DraftKind, Occasion
from mailflow.core.known import Entry, Known, Leg, Policy
from mailflow.core.message import Kind
from mailflow.core.offices import Office
from mailflow.core.proposal import Proposal
from mailflow.core.retry import Cause, EntryState, is_too_large
from mailflow.core.ticket import (
    OPEN_STATES,
    Consultation,
    ConsultationState,
    HoldReason,
    Ticket,
    TicketState,
)
from mailflow.core.tracking import Role, named

__all__ = ["machine_mail", "receipt", "undeliverable"]

_EVENTS = {
    Kind.AUTO_REPLY: "automatische Antwort",
    Kind.BOUNCE: "Unzustellbarkeitsmeldung",
    Kind.DELAY: "Zustellung verzögert",
    Kind.REPORT: "Lesebestätigung oder Bericht",
    Kind.BULK: "Rundschreiben",
    Kind.OWN: "eigene Mail",
}

_NAMED = 5


def machine_mail(known: Known, policy: Policy, now: datetime) -> Decision:
    """Decide a bounce, delay, automatic reply, report or bulk mail."""
    proposal = Proposal(known.tickets, now)
    message = known.mail.message
    reference = ""
    if message.kind is Kind.BOUNCE:
        reference = _bounce(proposal, known, policy)
    elif message.kind is Kind.AUTO_REPLY:
        reference = _absence(proposal, known, policy)
    elif known.caused_by:
        reference = known.caused_by[0].reference
    decision = proposal.decision(MailOutcome.EVENT, _EVENTS[message.kind], reference)
    return replace(decision, unread=True)


def receipt(known: Known, policy: Policy, now: datetime) -> Decision:
    """File our own mail come back: it proves that the server accepted it."""
    proposal = Proposal(known.tickets, now)
    entry = known.receipt_of
    if entry is None:
        return proposal.decision(MailOutcome.EVENT, "eigene Mail ohne Eintrag im Postausgang")
    failed = entry.state is EntryState.FAILED and not entry.unknown
    target = EntryState.FAILED if failed else EntryState.ACCEPTED
    sent = known.mail.message.message_id
    other = sent if sent != entry.message_id else ""
    mail_id = known.mail.id
    change = SetEntry(entry.id, target, "Beleg im Postfach", receipt=mail_id, message_id=other)
    proposal.record(replace(change, recipient=_other_reader(known, entry)))
    ticket = proposal.tickets.get(entry.reference)
    if ticket and ticket.state is TicketState.REVIEW and entry.id in ticket.held_entries:
        count_as_released(proposal, entry.reference)  # at the desk, before the database was lost
    elif ticket and known.restoring and _is_withdrawn_answer(entry):
        withdrawn_and_sent(proposal, ticket, known, policy)
    if known.of_another:
        _tell_of_another(proposal, entry, policy)
    return proposal.decision(MailOutcome.EVENT, "Beleg für eine eigene Mail", entry.reference)


def _tell_of_another(proposal: Proposal, entry: Entry, policy: Policy) -> None:
    """Tell the manager, once a day, that a second mailflow writes to everybody what this one does.

    The receipt counts all the same: whoever sent it, its reader has the mail.
    """
    alert(
        proposal,
        policy,
        title="Ein zweites mailflow schreibt von diesem Postfach aus",
        lines=(f"Eine Mail an {entry.recipient} kam zurück, wie sie hier nie verfasst wurde.",),
        remedy=(
            "Firmen und Fachämter bekommen jetzt jede Mail zweimal. Bitte lassen Sie das andere "
            "gleich anhalten: oft läuft nach einem Umzug das alte weiter, oder eine "
            "Probeinstallation liest das echte Postfach."
        ),
        names=("second-mailflow", policy.today(proposal.now).isoformat()),
    )


def _other_reader(known: Known, entry: Entry) -> str:
    """Give to whom a mail to an office went before a loss, where the entry names another.

    It was made anew by today's offices; the receipt tells the address of its day.
    """
    read_by = next((each.address for each in known.mail.message.to), "")
    to_office = known.restoring and entry.kind in TO_OFFICES
    return read_by if to_office and read_by.lower() != entry.recipient.lower() else ""


def _is_withdrawn_answer(entry: Entry) -> bool:
    """Whether an answer was given up that may have gone out, as one that a later preview replaced.

    Its release, given beside the mailbox, is read by no rebuild.
    """
    is_answer = entry.kind is DraftKind.COMBINED_ANSWER
    return is_answer and entry.state is EntryState.FAILED and entry.unknown


def _bounce(proposal: Proposal, known: Known, policy: Policy) -> str:
    """Act on a final failure of one of our own mails only; anything else is without effect.

    RFC 3464 §4.1: such reports are forgeable, so the quoted Message-ID must be ours. If only our
    own copy, the receipt, reached nobody, that says nothing about the mail's reader. Nor does it if
    his address passes mail on and one of those behind it did not get it.
    """
    message = known.mail.message
    named = [each for each in message.failed_recipients if "@" in each]
    failed = [each for each in named if not policy.is_central(each)]
    only_copy = bool(named) and not failed
    if not message.given_up or only_copy:
        return known.caused_by[0].reference if known.caused_by else ""
    for entry in known.caused_by:
        if entry.state is EntryState.FAILED and not entry.unknown:
            continue  # said before: a second report on the same mail is no second failure
        if not _is_about(failed, entry.recipient):
            _somebody_behind(proposal, policy, entry, failed)
            continue
        response = f"unzustellbar an {entry.recipient}"
        proposal.record(SetEntry(entry.id, EntryState.FAILED, response))
        proven = replace(entry, unknown=False)
        _reached_nobody(proposal, policy, proven, too_large=is_too_large(message.text))
    return known.caused_by[0].reference if known.caused_by else ""


def _is_about(failed: Sequence[str], recipient: str) -> bool:
    """Whether a report is about the one we wrote to, and not about one of several behind him.

    In doubt it is: to believe a false failure asks a deputy in vain, to ignore a true one loses a
    mail. A single other address of the same domain, or of the same name, is ours rewritten.
    """
    ours = _without_plus(recipient)
    others = [_without_plus(each) for each in failed]
    if not others or ours in others:
        return True
    return len(others) == 1 and any(map(eq, others[0], ours))


def _without_plus(address: str) -> tuple[str, str]:
    """Give an address's name and domain as systems compare them."""
    name, _, domain = without_tag(address.lower()).rpartition("@")
    return name, domain


def _somebody_behind(
    proposal: Proposal, policy: Policy, entry: Entry, failed: Sequence[str]
) -> None:
    """Tell of a mail that did not reach somebody behind its reader's address; nothing follows."""
    if entry.kind not in TO_COMPANY | TO_OFFICES or entry.reference not in proposal.tickets:
        return
    whom = ", ".join(failed[:_NAMED])
    text = (
        f"Die Mail an {entry.recipient} wurde von dort weitergeleitet und erreichte {whom} nicht."
    )
    proposal.note(entry.reference, text)
    alert(
        proposal,
        policy,
        title="Eine weitergeleitete Mail kam bei einer weiteren Adresse nicht an",
        lines=(f"{entry.reference}: {text}",),
        remedy=f"Bitte lassen Sie prüfen, wer die Mails an {entry.recipient} liest. mailflow hat "
        "deshalb nichts geändert.",
        names=("behind", entry.recipient, policy.today(proposal.now).isoformat()),
        reference=entry.reference,
    )


def undeliverable(
    tickets: Mapping[str, Ticket],
    entry: Entry,
    response: str,
    policy: Policy,
    now: datetime,
    *,
    may_write: bool = True,
) -> Decision:
    """Decide what follows when the server refused a mail for good: the same as after a bounce.

    ``tickets`` are the entry's own and those whose answers go to the same address. Where no mail
    can be written just now, the deputy is the manager's to ask.
    """
    proposal = Proposal(tickets, now)
    cause = Cause.UNKNOWN if entry.unknown else Cause.NONE
    sending = EntryState.SENDING  # a receipt may settle it before this is carried out
    proposal.record(SetEntry(entry.id, EntryState.FAILED, response, cause, only_from=sending))
    too_large = is_too_large(response)
    _reached_nobody(proposal, policy, entry, too_large=too_large, may_write=may_write)
    return proposal.decision(MailOutcome.EVENT, "unzustellbar", entry.reference)


def _reached_nobody(
    proposal: Proposal,
    policy: Policy,
    entry: Entry,
    *,
    too_large: bool = False,
    may_write: bool = True,
) -> None:
    if entry.reference not in proposal.tickets:
        return
    if entry.unknown:  # no failure of delivery: nobody else is asked, and nothing is stopped
        proposal.note(entry.reference, f"Ob die Mail an {entry.recipient} ankam, ist ungewiss.")
        return
    proposal.note(entry.reference, f"Die Mail an {entry.recipient} ist unzustellbar.")
    if entry.kind in TO_OFFICES:
        _office_unreachable(proposal, policy, entry, too_large=too_large, may_write=may_write)
    elif entry.kind in TO_COMPANY and too_large:
        text = f"Eine Mail an {entry.recipient} ist zu groß und ging nicht hinaus."
        suggestion = _sent_again(entry)
        proposal.hold(entry.reference, HoldReason.UNSENT, text, suggestion=suggestion)
    elif entry.kind in TO_COMPANY:
        _company_unreachable(proposal, entry)


def _sent_again(entry: Entry) -> str:
    """Give the name by which a mail can be sent again, "" where that is of no use."""
    return "" if entry.kind is DraftKind.ACKNOWLEDGEMENT else named(entry.message_id)


def _company_unreachable(proposal: Proposal, entry: Entry) -> None:
    """Stop whatever would go to this address next, in each of its tickets."""
    text = f"{entry.recipient} ist nicht erreichbar; unsere Mail ist unzustellbar."
    suggestion = _sent_again(entry)
    proposal.hold(entry.reference, HoldReason.UNREACHABLE, text, suggestion=suggestion)
    others = (
        ticket
        for ticket in proposal.tickets.values()
        if ticket.reference != entry.reference
        and ticket.state in OPEN_STATES
        and ticket.contact.address.lower() == entry.recipient.lower()
    )
    for ticket in others:
        if not any(hold.reason is HoldReason.UNREACHABLE for hold in ticket.holds):
            text = f"{entry.recipient} ist nicht erreichbar, wie sich bei {entry.reference} zeigte."
            proposal.hold(ticket.reference, HoldReason.UNREACHABLE, text)


def _office_unreachable(
    proposal: Proposal, policy: Policy, entry: Entry, *, too_large: bool, may_write: bool
) -> None:
    part = proposal.tickets[entry.reference].consultation(entry.office_id)
    if part is None or not part.state.is_open or not policy.knows(entry.office_id):
        return
    office = policy.office(entry.office_id)
    if entry.kind is not DraftKind.FORWARD and entry.recipient.lower() != part.recipient.lower():
        return  # a reminder to the deputy or the head: the office itself still has the matter
    if too_large and entry.message_id in part.forward_ids[1:]:
        text = f"Eine Ergänzung für {office.short_name} ist zu groß und ging nicht hinaus."
        name = named(entry.message_id)
        proposal.hold(
            entry.reference, HoldReason.UNSENT, text, office_id=office.id, suggestion=name
        )
        return  # it has the matter itself, and works on it
    who = f"{office.short_name} ist nicht erreichbar ({entry.recipient})"
    deputy = entry.recipient.lower() == part.recipient.lower() and _deputy_to_ask(part, office)
    if deputy and may_write:
        _ask_deputy(proposal, policy, entry.reference, office, part)
        proposal.note(entry.reference, f"{who}; die Vertretung ist gefragt.")
        return
    proposal.move_part(entry.reference, office.id, ConsultationState.FAILED)
    text = f"{who}; die Vertretung ließ sich nicht fragen." if deputy else f"{who}."
    name = named(entry.message_id)
    proposal.hold(
        entry.reference, HoldReason.UNREACHABLE, text, office_id=office.id, suggestion=name
    )


def _absence(proposal: Proposal, known: Known, policy: Policy) -> str:
    """Note an office's absence; when it lasts past the due day, ask the deputy.

    That its deputy or head is away is noted, and says nothing of the office.
    """
    leg = _office_leg(known)
    if leg is None or leg.reference not in proposal.tickets or not policy.knows(leg.office_id):
        return known.caused_by[0].reference if known.caused_by else ""
    reference, until = leg.reference, known.mail.message.absence_until
    part = proposal.tickets[reference].consultation(leg.office_id)
    if part is None or not part.state.is_open or until is None:
        return reference
    office = policy.office(leg.office_id)
    if not _speaks_for(known, office):
        return reference
    if known.mail.sender in _above(office):  # the office itself still has the matter
        text = f"{known.mail.sender} ({office.short_name}) ist bis {until:%d.%m.%Y} abwesend."
        proposal.note(reference, text)
        return reference
    proposal.note(reference, f"{office.short_name} ist bis {until:%d.%m.%Y} abwesend.")
    long = until >= part.due_on and _first_absence(part) and _still_asked(proposal, reference)
    if long and _deputy_to_ask(part, office):
        _ask_deputy(proposal, policy, reference, office, part)
    proposal.update_part(reference, office.id, absent_until=until)
    return reference


def _speaks_for(known: Known, office: Office) -> bool:
    """Whether an absence note is the office's own, and not of somebody who has its token."""
    mail = known.mail
    domain = domain_of(office.address)
    ours = is_bound(mail.sender, office, known) or mail.sender.endswith(f"@{domain}")
    return ours and mail.authentication.suffices(unauthenticated=office.unauthenticated)


def _above(office: Office) -> set[str]:
    """Give who is asked when an office does not answer."""
    return {office.deputy.lower(), office.head.lower()} - {"", office.address.lower()}


def _first_absence(part: Consultation) -> bool:
    return part.absent_until is None


def _still_asked(proposal: Proposal, reference: str) -> bool:
    return not proposal.tickets[reference].is_over


def _deputy_to_ask(part: Consultation, office: Office) -> bool:
    """Whether an office has a deputy, who does not have the matter already."""
    return bool(office.deputy) and office.deputy.lower() != part.recipient.lower()


def _ask_deputy(
    proposal: Proposal, policy: Policy, reference: str, office: Office, part: Consultation
) -> None:
    """Send an office's forward to its deputy."""
    forward(
        proposal, policy, reference, office, part, occasion=Occasion.DEPUTY, recipient=office.deputy
    )


def _office_leg(known: Known) -> Leg | None:
    """Give the one valid office leg that the mail bears."""
    legs = [leg for leg in known.legs if leg.valid and leg.role is Role.OFFICE]
    return legs[0] if legs else None

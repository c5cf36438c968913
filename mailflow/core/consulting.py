"""The steps every path shares: ask offices, pass letters on, write to the company."""

from collections.abc import Iterable

from mailflow.core.account import is_of_company
from mailflow.core.asked import asked_of
from mailflow.core.attachments import is_dangerous, passable_names
from mailflow.core.brought import Brought
from mailflow.core.changes import AddConsultation, SetEntry
from mailflow.core.drafts import (
    Acknowledgement,
    CombinedAnswer,
    Draft,
    DraftKind,
    Enclosure,
    Forward,
    Interim,
    Occasion,
    Question,
)
from mailflow.core.known import Mail, Policy
from mailflow.core.offices import Office
from mailflow.core.proposal import Proposal
from mailflow.core.retry import Cause, EntryState
from mailflow.core.ticket import (
    AccountStatus,
    Consultation,
    ConsultationState,
    HoldReason,
    Letter,
    Resolution,
    Ticket,
    TicketState,
)
from mailflow.core.tracking import Role, without_tokens

__all__ = [
    "UNREADABLE",
    "ask",
    "bound_addresses",
    "forward",
    "forward_names",
    "pass_on",
    "reopen",
    "to_company",
    "withdraw_review",
    "withhold",
    "words_of",
]


UNREADABLE = "Die Mail ist verschlüsselt und kann hier nicht gelesen werden."


def bound_addresses(office: Office) -> frozenset[str]:
    """Give every address that may speak for an office, in lower case."""
    known = (office.address, *office.members, office.deputy, office.head)
    return frozenset(address.lower() for address in known if address)


def ask(
    proposal: Proposal, policy: Policy, reference: str, offices: Iterable[Office], note: str = ""
) -> None:
    """Ask offices: a consultation and a forward each; those still working are left alone."""
    ticket = proposal.tickets[reference]
    asked = []
    for office in offices:
        part = proposal.tickets[reference].consultation(office.id)
        if part and part.state.is_open:
            continue
        round_ = part.round + 1 if part else 1
        reached = any(
            each.office_id == office.id and each.state is not ConsultationState.FAILED
            for each in ticket.consultations
        )
        part = _consultation(proposal, policy, ticket, office, round_, note)
        asked.append((office, part, Occasion.FURTHER if reached else Occasion.OPENING))
    for office, part, occasion in asked:
        forward(proposal, policy, reference, office, part, occasion=occasion)
    if asked:
        if ticket.state is TicketState.REVIEW:
            withdraw_review(proposal, reference)
        proposal.move(reference, TicketState.CONSULTING)


def reopen(
    proposal: Proposal, policy: Policy, reference: str, office: Office, round_: int = 0
) -> None:
    """Let an office that was done owe its part anew, without a forward: it has just written."""
    ticket = proposal.tickets[reference]
    part = ticket.consultation(office.id)
    next_ = part.round + 1 if part else 1
    _consultation(proposal, policy, ticket, office, max(next_, round_), "")
    if ticket.state is TicketState.REVIEW:
        withdraw_review(proposal, reference)
    if ticket.state is not TicketState.WAITING:
        proposal.move(reference, TicketState.CONSULTING)


def _consultation(
    proposal: Proposal, policy: Policy, ticket: Ticket, office: Office, round_: int, note: str
) -> Consultation:
    change = AddConsultation(
        reference=ticket.reference,
        office_id=office.id,
        leg=policy.keyring.leg(Role.OFFICE, ticket.reference, office.id),
        recipient=office.address,
        round=round_,
        asked_on=policy.today(proposal.now),
        due_on=policy.due(office, proposal.now),
        note=note,
    )
    return proposal.ask(ticket.reference, change)


def forward(
    proposal: Proposal,
    policy: Policy,
    reference: str,
    office: Office,
    part: Consultation,
    *,
    occasion: Occasion,
    recipient: str = "",
) -> None:
    """Send an office the company's words: all letters that it does not have yet.

    The reply to its own question goes alone: an earlier letter may reply to another office. The
    mail's name keeps the occasion it was sent for: read again after a loss it is the same mail,
    even where nothing proves any more that the office had one before.
    """
    ticket = proposal.tickets[reference]
    recipient = recipient or office.address or part.recipient
    answers = occasion is Occasion.QUESTION
    letters = ticket.letters[-1:] if answers else _new_to(ticket, part, recipient)
    last = letters[-1].fingerprint if letters else ""
    proposal.send(
        Draft(
            kind=DraftKind.FORWARD,
            recipient=recipient,
            recipient_name=office.name,
            language=policy.language,
            context=_told(
                policy, ticket, office, part, letters, _as_read(occasion, ticket, part, recipient)
            ),
            names=forward_names(office.id, part.round, occasion, last),
            reference=reference,
            role=Role.OFFICE,
            leg=part.leg,
            office_id=office.id,
            subject=ticket.subject,
            references=part.forward_ids,
            in_reply_to=part.forward_ids[-1] if part.forward_ids else "",
            enclosures=_enclosures(letters),
            bound_to=part.recipient,
            letters=tuple(letter.fingerprint for letter in letters),
            round=part.round,
        )
    )


def forward_names(office_id: str, round_: int, occasion: Occasion, last: str) -> tuple[str, ...]:
    """Give what names a forward, by which it is known again; ``last`` is its last letter."""
    return office_id, str(round_), occasion, last


def _as_read(occasion: Occasion, ticket: Ticket, part: Consultation, recipient: str) -> Occasion:
    """Give the occasion as the reader sees it: to who has no letter yet, nobody writes again."""
    has_some = bool(_brought_to(ticket, part, recipient))
    return occasion if has_some or occasion is not Occasion.FURTHER else Occasion.OPENING


def _told(
    policy: Policy,
    ticket: Ticket,
    office: Office,
    part: Consultation,
    letters: tuple[Letter, ...],
    occasion: Occasion,
) -> Forward:
    """Give what a forward of these letters tells the office."""
    first = ticket.contact.first_seen
    wrote_before = first < ticket.opened_at or len(ticket.letters) > 1
    known_since = policy.today(first) if wrote_before else None
    return Forward(
        office_name=office.short_name,
        company=ticket.account.name,
        contact_name=ticket.contact.name,
        contact_address=ticket.contact.address,
        known_since=known_since,
        earlier_tickets=ticket.earlier_tickets,
        settling=ticket.account.status is AccountStatus.SETTLING,
        subject=ticket.subject,
        words=words_of(letters),
        attachments=passable_names(
            tuple(
                (each.name, each.content_type) for letter in letters for each in letter.attachments
            )
        ),
        topics=tuple(office.topics),
        note=part.note,
        others=_others(ticket, policy, office.id),
        due_on=part.due_on,
        occasion=occasion,
        asked=_asked(letters, office, ticket.language),
    )


def _new_to(ticket: Ticket, part: Consultation, address: str) -> tuple[Letter, ...]:
    """Give the letters that no mail has brought to this address of an office, else the last one.

    None of them was kept back for the manager. A mail that failed brought none. A letter that only
    repeats what the office has is not new.
    """
    new = _missing(ticket, part, address)
    known = [(each.text, each.attachments) for each in ticket.letters if each not in new]
    shown = tuple(each for each in ticket.letters if each.mail_id not in ticket.kept_back)
    return tuple(each for each in new if (each.text, each.attachments) not in known) or shown[-1:]


def _missing(ticket: Ticket, part: Consultation, address: str) -> list[Letter]:
    """Give the letters that no mail has brought to this address of an office, and that it may see.

    What was kept back for the manager goes only by his order, and never with a later letter.
    """
    brought = _brought_to(ticket, part, address)
    return [
        each
        for each in ticket.letters
        if each.fingerprint not in brought and each.mail_id not in ticket.kept_back
    ]


def _brought_to(ticket: Ticket, part: Consultation, address: str) -> set[str]:
    """Give the letters that count as brought to this address in this round of its office."""
    to = part.office_id, address.lower()
    found = (each for each in ticket.brought if (each.office_id, each.address) == to)
    return {each.letter for each in found if _counts(each, ticket, part.round)}


def _counts(brought: Brought, ticket: Ticket, round_: int) -> bool:
    """Whether a letter counts as brought in this round.

    What was dropped, or goes out no more since its office was left out, does so only as long as
    its own round lasts: to read a letter twice is a smaller harm than never.
    """
    if brought.has_arrived or brought.round >= round_:
        return True
    since = (each for each in ticket.consultations if each.round >= brought.round)
    left_out = any(
        (each.office_id, each.state) == (brought.office_id, ConsultationState.WITHDRAWN)
        for each in since
    )
    return not brought.is_dropped and not left_out


def pass_on(proposal: Proposal, policy: Policy, reference: str, office: Office) -> bool:
    """Send an office that is still working the letters it has not; False where it has them all."""
    ticket = proposal.tickets[reference]
    part = ticket.consultation(office.id)
    if not part or not _missing(ticket, part, office.address or part.recipient):
        return False
    forward(proposal, policy, reference, office, part, occasion=Occasion.FURTHER)
    return True


_BETWEEN = "\n\n– – –\n\n"


def words_of(letters: Iterable[Letter]) -> str:
    """Give what letters say; a token in them must not reach another reader."""
    return without_tokens(_BETWEEN.join(letter.text for letter in letters))


def _asked(letters: tuple[Letter, ...], office: Office, language: str) -> tuple[str, ...]:
    """Give what the letters ask of this office."""
    return asked_of(office, words_of(letters), language)


_OUT = frozenset(
    {ConsultationState.DECLINED, ConsultationState.WITHDRAWN, ConsultationState.FAILED}
)
"""An office in one of these is not asked any more."""


def _others(ticket: Ticket, policy: Policy, office_id: str) -> tuple[str, ...]:
    others = (
        part.office_id
        for part in ticket.current()
        if part.office_id != office_id and part.state not in _OUT
    )
    return tuple(policy.office(each).short_name for each in others if policy.knows(each))


def _enclosures(letters: Iterable[Letter]) -> tuple[Enclosure, ...]:
    return tuple(
        Enclosure(letter.mail_id, each.sha256, each.name)
        for letter in letters
        for each in letter.attachments
        if not is_dangerous(each.name, each.content_type)
    )


def withhold(proposal: Proposal, mail: Mail, reference: str) -> None:
    """Show the manager which of a company's attachments its ticket's offices do not get."""
    files = mail.message.attachments
    names = [each.name for each in files if is_dangerous(each.name, each.content_type)]
    if names:
        text = f"Nicht weitergegeben, weil gefährlich: {', '.join(names)[:300]}"
        proposal.hold(reference, HoldReason.ATTACHMENT, text, mail_id=mail.id)


def to_company(
    ticket: Ticket,
    kind: DraftKind,
    context: CombinedAnswer | Question | Interim | Acknowledgement,
    names: tuple[str, ...],
) -> Draft:
    """Address a draft to the ticket's contact, in its language, in its thread.

    Only the company's own mails are its thread: the Message-ID of a mail that the manager put into
    the ticket would tell it who else writes.
    """
    own = [each for each in ticket.letters if is_of_company(each.sender, ticket)]
    ids = [letter.message_id for letter in own or ticket.letters[:1] if letter.message_id]
    return Draft(
        kind=kind,
        recipient=ticket.contact.address,
        recipient_name=ticket.contact.name,
        language=ticket.language,
        context=context,
        names=names,
        reference=ticket.reference,
        role=Role.COMPANY,
        leg=ticket.leg,
        subject=ticket.subject,
        in_reply_to=ids[-1] if ids else "",
        references=tuple(ids[-10:]),
    )


def withdraw_review(proposal: Proposal, reference: str) -> None:
    """Take back a combined answer that waits for release, because the ticket has moved on."""
    ticket = proposal.tickets[reference]
    for entry in ticket.held_entries:
        response = "durch eine neue Fassung ersetzt"
        proposal.record(SetEntry(entry, EntryState.FAILED, response, Cause.WITHDRAWN))
    proposal.forget_entries(reference)
    for hold in ticket.holds:
        if hold.reason is HoldReason.REVIEW:
            proposal.resolve(reference, hold, Resolution.REPLACED)

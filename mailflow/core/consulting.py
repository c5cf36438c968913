"""The steps every path shares: ask offices, pass letters on, answer when all have spoken."""

from collections.abc import Iterable
from dataclasses import replace

from mailflow.core.answer import clean, section_text
from mailflow.core.asked import asked_of
from mailflow.core.attachments import is_dangerous, is_mail, passable_names
from mailflow.core.changes import AddConsultation, AddLeg, SetEntry
from mailflow.core.drafts import (
    Acknowledgement,
    Alert,
    CombinedAnswer,
    Draft,
    DraftKind,
    Enclosure,
    Forward,
    Interim,
    Question,
    Review,
    Section,
)
from mailflow.core.known import ACTS_FOR_WORKDAYS, Policy
from mailflow.core.offices import Office, Release
from mailflow.core.proposal import Proposal
from mailflow.core.reply import ReplyKind
from mailflow.core.retry import EntryState
from mailflow.core.ticket import (
    AccountStatus,
    Consultation,
    ConsultationState,
    Hold,
    HoldReason,
    Letter,
    OfficeReply,
    PassedOn,
    ReplyState,
    Ticket,
    TicketState,
)
from mailflow.core.tracking import Role, without_tokens
from mailflow.core.visible import visible

__all__ = [
    "alert",
    "answer_if_complete",
    "ask",
    "bound_addresses",
    "count_as_released",
    "for_company",
    "forward",
    "has_unsent",
    "manager_leg",
    "pass_on",
    "reopen",
    "send_answer",
    "to_company",
    "withdraw_review",
    "without_internals",
    "words_of",
]

_ENDING = 5
"""The longest ending of a file's name that is kept when its name is not."""

_LOGO_BYTES = 30_000
"""Inline pictures of an office's mail below this size are letterheads, not content."""


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
        part = ticket.consultation(office.id)
        if part and part.state.is_open:
            continue
        round_ = part.round + 1 if part else 1
        asked.append((office, _consultation(proposal, policy, ticket, office, round_, note)))
    for office, part in asked:
        occasion = "further" if part.round > 1 else "opening"
        forward(proposal, policy, reference, office, part, occasion=occasion)
    if asked:
        if ticket.state is TicketState.REVIEW:
            withdraw_review(proposal, reference)
        proposal.move(reference, TicketState.CONSULTING)


def reopen(proposal: Proposal, policy: Policy, reference: str, office: Office) -> None:
    """Let an office that was done owe its part anew, without a forward: it has just written."""
    ticket = proposal.tickets[reference]
    part = ticket.consultation(office.id)
    _consultation(proposal, policy, ticket, office, part.round + 1 if part else 1, "")
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
    occasion: str,
    recipient: str = "",
) -> None:
    """Send an office the company's words: all letters when it is first asked, else the last."""
    ticket = proposal.tickets[reference]
    letters = ticket.letters if occasion in {"opening", "deputy"} else ticket.letters[-1:]
    first = ticket.contact.first_seen
    known_since = policy.today(first) if first < ticket.opened_at else None
    context = Forward(
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
    last = letters[-1].fingerprint if letters else ""
    proposal.send(
        Draft(
            kind=DraftKind.FORWARD,
            recipient=recipient or office.address or part.recipient,
            recipient_name=office.name,
            language=policy.language,
            context=context,
            names=(office.id, str(part.round), occasion, last),
            reference=reference,
            role=Role.OFFICE,
            leg=part.leg,
            office_id=office.id,
            subject=ticket.subject,
            references=part.forward_ids,
            in_reply_to=part.forward_ids[-1] if part.forward_ids else "",
            enclosures=_enclosures(letters),
            bound_to=part.recipient,
        )
    )


def pass_on(proposal: Proposal, policy: Policy, reference: str, office: Office) -> None:
    """Send an office that is still working the company's last letter."""
    part = proposal.tickets[reference].consultation(office.id)
    if part:
        forward(proposal, policy, reference, office, part, occasion="further")


_BETWEEN = "\n\n– – –\n\n"


def words_of(letters: Iterable[Letter]) -> str:
    """Give what letters say; a token in them must not reach another reader."""
    return without_tokens(_BETWEEN.join(letter.text for letter in letters))


def _asked(letters: tuple[Letter, ...], office: Office, language: str) -> tuple[str, ...]:
    """Give what the letters ask of this office; a single sentence needs no pointing at."""
    return asked_of(office, words_of(letters), language)


def _others(ticket: Ticket, policy: Policy, office_id: str) -> tuple[str, ...]:
    others = (part.office_id for part in ticket.current() if part.office_id != office_id)
    return tuple(policy.office(each).short_name for each in others if policy.knows(each))


def _enclosures(letters: Iterable[Letter]) -> tuple[Enclosure, ...]:
    return tuple(
        Enclosure(letter.mail_id, each.sha256, each.name)
        for letter in letters
        for each in letter.attachments
        if not is_dangerous(each.name, each.content_type)
    )


def to_company(
    ticket: Ticket,
    kind: DraftKind,
    context: CombinedAnswer | Question | Interim | Acknowledgement,
    names: tuple[str, ...],
) -> Draft:
    """Address a draft to the ticket's contact, in its language, in its thread."""
    ids = [letter.message_id for letter in ticket.letters if letter.message_id]
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


def answer_if_complete(proposal: Proposal, policy: Policy, reference: str) -> None:
    """Send the combined answer once nobody owes anything and nothing waits for the manager.

    With ``combine = "as-they-come"`` each accepted part goes out at once instead.
    """
    ticket = proposal.tickets[reference]
    waiting = [hold for hold in ticket.holds if _blocks(hold)]
    working = ticket.still_working()
    over = ticket.state in {TicketState.ANSWERED, TicketState.CLOSED}
    if waiting or over or (working and not policy.as_they_come):
        return
    if not _unsent(ticket):
        if not working:
            _settle_without_mail(proposal, policy, ticket)
        return
    if _manager_releases(ticket, policy):
        _review(proposal, policy, ticket)
    else:
        send_answer(proposal, policy, reference)


def _settle_without_mail(proposal: Proposal, policy: Policy, ticket: Ticket) -> None:
    """Call a ticket answered whose parts have all gone out, or went out directly."""
    if _answered_directly(ticket):
        proposal.note(ticket.reference, "Die Antwort ging direkt vom Amt an das Unternehmen.")
        proposal.move(ticket.reference, TicketState.ANSWERED)
    elif policy.as_they_come and ticket.answers and ticket.state is not TicketState.TRIAGE:
        proposal.move(ticket.reference, TicketState.ANSWERED)


def _blocks(hold: Hold) -> bool:
    """Whether an answer has to wait for this item; a company's withheld file stops nothing."""
    if hold.reason is HoldReason.ATTACHMENT:
        return bool(hold.office_id)
    return hold.reason is not HoldReason.REVIEW


def has_unsent(ticket: Ticket) -> bool:
    """Whether an office's accepted answer has not gone out yet."""
    return bool(_unsent(ticket))


def _unsent(ticket: Ticket) -> list[tuple[Consultation, OfficeReply]]:
    return [
        (part, reply)
        for part in ticket.consultations
        for reply in part.replies
        if reply.state is ReplyState.ACCEPTED and reply.kind is ReplyKind.ANSWER
    ]


def _answered_directly(ticket: Ticket) -> bool:
    return any(
        reply.state is ReplyState.KEPT and reply.kind is ReplyKind.ANSWER
        for part in ticket.consultations
        for reply in part.replies
    )


def _manager_releases(ticket: Ticket, policy: Policy) -> bool:
    default = Release.MANAGER if policy.manager_releases else Release.AUTO
    wishes = {policy.office(part.office_id).release or default for part, _ in _unsent(ticket)}
    return Release.MANAGER in wishes


def send_answer(proposal: Proposal, policy: Policy, reference: str) -> None:
    """Send what the offices have answered, as one mail from the one address."""
    ticket = proposal.tickets[reference]
    draft = _combined(ticket, policy)
    proposal.send(draft)
    proposal.use_replies(reference, ticket.answers + 1)
    if not ticket.still_working():
        proposal.move(reference, TicketState.ANSWERED)


def _review(proposal: Proposal, policy: Policy, ticket: Ticket) -> None:
    draft = replace(_combined(ticket, policy), held=True)
    # other contents make another preview, with its own Message-ID and its own key
    used = [reply.fingerprint[:12] for _, reply in _unsent(ticket)]
    working = [part.office_id for part in ticket.still_working()]
    shown = "-".join([*sorted(used), str(len(ticket.letters)), *working])
    draft = replace(draft, names=(*draft.names, shown))
    proposal.send(draft)
    withdraw_review(proposal, ticket.reference)
    keys = ("review", ticket.reference, shown)
    managers = policy.managers[:1]
    leg = policy.keyring.leg(Role.MANAGER, *managers, *keys)
    text = "Gesamtantwort zur Freigabe"
    proposal.hold(ticket.reference, HoldReason.REVIEW, text, suggestion=leg)
    proposal.move(ticket.reference, TicketState.REVIEW)
    for manager in managers:
        manager_leg(proposal, policy, manager, *keys, reference=ticket.reference)
        why = _who_is_due(working, policy)
        context = Review(ticket.account.name, ticket.contact.name, ticket.subject, why)
        proposal.send(
            Draft(
                kind=DraftKind.REVIEW,
                recipient=manager,
                recipient_name="",
                language=policy.language,
                context=context,
                names=("review", *draft.names),
                reference=ticket.reference,
                role=Role.MANAGER,
                leg=leg,
                subject=ticket.subject,
                review_of=draft.names,
            )
        )


def _who_is_due(office_ids: list[str], policy: Policy) -> str:
    if not office_ids:
        return "Alle Ämter haben geantwortet."
    names = ", ".join(policy.office(each).short_name for each in office_ids)
    return f"Eine Antwort steht noch aus: {names}."


def alert(
    proposal: Proposal,
    policy: Policy,
    *,
    title: str,
    lines: tuple[str, ...],
    remedy: str,
    names: tuple[str, ...],
    reference: str = "",
) -> None:
    """Tell the manager at once; the same names tell it only once."""
    for manager in policy.managers[:1]:
        proposal.send(
            Draft(
                kind=DraftKind.ALERT,
                recipient=manager,
                recipient_name="",
                language=policy.language,
                context=Alert(title, lines, remedy),
                names=names,
                reference=reference,
                role=Role.MANAGER,
                leg=manager_leg(proposal, policy, manager, *names),
            )
        )


def manager_leg(
    proposal: Proposal, policy: Policy, manager: str, *names: str, reference: str = ""
) -> str:
    """Make the one-time key of a mail to the manager: it acts for ten workdays, then no more."""
    leg = policy.keyring.leg(Role.MANAGER, manager, *names)
    expires = policy.workdays.add(policy.today(proposal.now), ACTS_FOR_WORKDAYS)
    proposal.record(AddLeg(leg, Role.MANAGER, manager, reference, expires))
    return leg


def _combined(ticket: Ticket, policy: Policy) -> Draft:
    unsent = _unsent(ticket)
    sections, enclosures = [], []
    taken: set[str] = set()
    for office_id in _in_order(unsent, policy):
        name = policy.office(office_id).short_name
        replies = [reply for part, reply in unsent if part.office_id == office_id]
        files = [each for reply in replies for each in _worth_passing(ticket, reply)]
        # two offices may each send a "Merkblatt.pdf": the second one then bears its office
        own = [
            Enclosure(mail, each.sha256, title, name if title in taken else "")
            for mail, each in files
            for title in [_file_name(each, policy)]
        ]
        taken |= {each.name for each in own}
        enclosures += own
        sections.append(
            Section(name, _section(replies, policy), tuple(each.shown_name for each in own))
        )
    letters = ticket.unanswered()
    context = CombinedAnswer(
        contact_name=ticket.contact.name,
        subject=ticket.subject,
        sections=tuple(sections),
        pending=tuple(policy.office(part.office_id).short_name for part in ticket.still_working()),
        quoted=words_of(letters),
        quoted_at=letters[-1].received_at.astimezone(policy.zone),
    )
    names = ("answer", str(ticket.answers + 1))
    draft = to_company(ticket, DraftKind.COMBINED_ANSWER, context, names)
    return replace(draft, enclosures=tuple(enclosures))


def _file_name(file: PassedOn, policy: Policy) -> str:
    """Give a file's name for the company; one that bears anything internal gets another."""
    name = visible(file.name)
    stem, dot, ending = name.rpartition(".")
    if all(without_internals(each, policy) == each for each in (name, stem)):
        return name
    return f"Anlage{dot}{ending}" if ending.isalnum() and len(ending) <= _ENDING else "Anlage"


def _in_order(unsent: list[tuple[Consultation, OfficeReply]], policy: Policy) -> list[str]:
    """Give the offices that have answered as configured; one no longer there comes last."""
    answered = dict.fromkeys(part.office_id for part, _ in unsent)
    configured = [office.id for office in policy.offices if office.id in answered]
    return [*configured, *(each for each in answered if each not in configured)]


def for_company(text: str, policy: Policy) -> str:
    """Give an office's words as the company may read them: one voice, nothing internal.

    Invisible characters go first: one inside a token would hide it from what strips tokens.
    """
    internal = _internal_addresses(policy)
    return section_text(
        visible(text), internal_addresses=internal, central_address=policy.central_address
    )


def without_internals(text: str, policy: Policy) -> str:
    """Give words as the company may read them, courtesies and all."""
    internal = _internal_addresses(policy)
    return clean(visible(text), internal_addresses=internal, central_address=policy.central_address)


def _internal_addresses(policy: Policy) -> frozenset[str]:
    return frozenset(address for office in policy.offices for address in bound_addresses(office))


def _section(replies: Iterable[OfficeReply], policy: Policy) -> str:
    texts = (for_company(reply.text, policy) for reply in replies)
    return "\n\n".join(text for text in texts if text)


def _worth_passing(ticket: Ticket, reply: OfficeReply) -> list[tuple[int, PassedOn]]:
    own = {each.sha256 for letter in ticket.letters for each in letter.attachments}
    return [
        (reply.mail_id, each)
        for each in reply.attachments
        if each.sha256 not in own
        and not is_dangerous(each.name, each.content_type)
        and not is_mail(each.name, each.content_type)
        and not (each.inline and each.size < _LOGO_BYTES)
    ]


def count_as_released(proposal: Proposal, reference: str) -> None:
    """Record that the combined answer that waited for release goes, or went, to the company."""
    ticket = proposal.tickets[reference]
    for hold in ticket.holds:
        if hold.reason is HoldReason.REVIEW:
            proposal.resolve(reference, hold, "freigegeben")
    proposal.use_replies(reference, ticket.answers + 1)
    working = {part.state for part in ticket.still_working()}
    proposal.move(reference, TicketState.CONSULTING if working else TicketState.ANSWERED)
    if ConsultationState.QUESTIONED in working:
        proposal.move(reference, TicketState.WAITING)


def withdraw_review(proposal: Proposal, reference: str) -> None:
    """Take back a combined answer that waits for release, because the ticket has moved on."""
    ticket = proposal.tickets[reference]
    for entry in ticket.held_entries:
        proposal.record(SetEntry(entry, EntryState.FAILED, "durch eine neue Fassung ersetzt"))
    proposal.forget_entries(reference)
    for hold in ticket.holds:
        if hold.reason is HoldReason.REVIEW:
            proposal.resolve(reference, hold, "neue Fassung")

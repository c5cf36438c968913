"""Many parts, one answer: when it is complete, what it holds, and its release."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from mailflow.core.account import writes_for
from mailflow.core.alerts import manager_leg
from mailflow.core.answer import clean, section_text
from mailflow.core.attachments import is_dangerous, is_hung_on, is_mail, smallest_picture
from mailflow.core.consulting import to_company, withdraw_review, words_of
from mailflow.core.drafts import (
    CombinedAnswer,
    Draft,
    DraftKind,
    Enclosure,
    Review,
    Section,
)
from mailflow.core.house import house_of
from mailflow.core.known import Policy
from mailflow.core.offices import Release, names_of
from mailflow.core.proposal import Proposal
from mailflow.core.reply import ReplyKind
from mailflow.core.ticket import (
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
from mailflow.core.tracking import Role
from mailflow.core.visible import visible

__all__ = [
    "answer_draft",
    "answer_if_complete",
    "count_as_released",
    "file_name",
    "for_company",
    "has_unsent",
    "names_made_of",
    "send_answer",
    "without_internals",
    "worth_passing",
]

_ENDING = 5
"""The longest ending of a file's name that is kept when its name is not."""


def answer_if_complete(proposal: Proposal, policy: Policy, reference: str) -> None:
    """Send the combined answer once nobody owes anything and nothing waits for the manager.

    With ``combine = "as-they-come"`` each accepted part goes out at once instead.
    """
    ticket = proposal.tickets[reference]
    waiting = [hold for hold in ticket.holds if _blocks(hold, ticket)]
    working = ticket.still_working()
    if waiting or ticket.is_over or (working and not policy.as_they_come):
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
    """Mark a ticket as answered once all its parts have gone out, whoever sent them."""
    if _answered_directly(ticket):
        proposal.note(ticket.reference, "Die Antwort ging direkt vom Amt an das Unternehmen.")
        proposal.move(ticket.reference, TicketState.ANSWERED)
    elif policy.as_they_come and ticket.answers and ticket.state is not TicketState.TRIAGE:
        proposal.move(ticket.reference, TicketState.ANSWERED)


def _blocks(hold: Hold, ticket: Ticket) -> bool:
    """Whether an answer has to wait for this item; a company's withheld file stops nothing.

    Nor does a mail that may be a machine's, as a receipt is, unless it is an office's last word.
    """
    if hold.reason is HoldReason.CIRCULAR:
        return not _is_superseded(hold, ticket)
    if hold.reason is HoldReason.ATTACHMENT:
        return bool(hold.office_id)
    return hold.reason not in {HoldReason.REVIEW, HoldReason.UNSENT}


def _is_superseded(hold: Hold, ticket: Ticket) -> bool:
    """Whether the office whose reply waits owes its part all the same, or has answered since."""
    part = ticket.consultation(hold.office_id)
    if part is None or part.state.is_open:
        return part is not None
    held = (each for each in ticket.replies_of(hold.office_id) if each.id == hold.reply_id)
    return any(ticket.has_answered_since(hold.office_id, each) for each in held)


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
    used = _names_of(reply for _, reply in _unsent(ticket))
    shown = _shown(used, len(ticket.letters), ticket.still_working())
    draft = replace(draft, names=(*draft.names, shown))
    proposal.send(draft)
    withdraw_review(proposal, ticket.reference)
    legs = {
        manager: manager_leg(
            proposal, policy, manager, *_keys(ticket, shown), reference=ticket.reference
        )
        for manager in policy.managers
    }
    text = "Gesamtantwort zur Freigabe"
    proposal.hold(ticket.reference, HoldReason.REVIEW, text, suggestion=" ".join(legs.values()))
    proposal.move(ticket.reference, TicketState.REVIEW)
    for manager, leg in legs.items():
        why = f"{_who_is_due(ticket, policy)} {_who_releases(ticket, policy)}"
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


def _who_is_due(ticket: Ticket, policy: Policy) -> str:
    due = [policy.office(part.office_id) for part in ticket.still_working()]
    if due:
        begin = "Eine Antwort steht" if len(due) == 1 else "Diese Antworten stehen"
        return f"{begin} noch aus: {names_of(due)}."
    answered = dict.fromkeys(part.office_id for part, _ in _unsent(ticket))
    asked = [part for part in ticket.current() if part.state is ConsultationState.ANSWERED]
    if len(answered) == len(asked) > 1:
        return "Alle Ämter haben geantwortet."
    have = "hat" if len(answered) == 1 else "haben"
    return f"Geantwortet {have}: {names_of(policy.office(each) for each in answered)}."


def _who_releases(ticket: Ticket, policy: Policy) -> str:
    """Say which setting makes the answer wait for the manager."""
    offices = {part.office_id: policy.office(part.office_id) for part, _ in _unsent(ticket)}
    own = [each for each in offices.values() if each.release is Release.MANAGER]
    at = f" bei {names_of(own)}" if own and not policy.manager_releases else ""
    return f'Sie geben sie frei, weil es so eingestellt ist (release = "manager"{at}).'


def count_as_released(proposal: Proposal, reference: str) -> None:
    """Record that the combined answer that waited for release goes, or went, to the company."""
    ticket = proposal.tickets[reference]
    for hold in ticket.holds:
        if hold.reason is HoldReason.REVIEW:
            proposal.resolve(reference, hold, Resolution.RELEASED)
    proposal.forget_entries(reference)  # it goes; no later order of the same mail withdraws it
    proposal.use_replies(reference, ticket.answers + 1)
    working = {part.state for part in ticket.still_working()}
    proposal.move(reference, TicketState.CONSULTING if working else TicketState.ANSWERED)
    if ConsultationState.QUESTIONED in working:
        proposal.move(reference, TicketState.WAITING)


def _combined(ticket: Ticket, policy: Policy) -> Draft:
    unsent = _unsent(ticket)
    sections, enclosures = [], []
    taken: set[str] = set()
    for office_id in _in_order(unsent, policy):
        name = policy.office(office_id).short_name
        replies = [reply for part, reply in unsent if part.office_id == office_id]
        files = [each for reply in replies for each in worth_passing(ticket, reply)]
        # two offices may each send a "Merkblatt.pdf": the second one then bears its office
        own = [
            Enclosure(mail, each.sha256, title, name if title in taken else "")
            for mail, each in files
            for title in [file_name(each, ticket, policy)]
        ]
        taken |= {each.name for each in own}
        enclosures += own
        sections.append(
            Section(name, _section(replies, ticket, policy), tuple(each.shown_name for each in own))
        )
    names = _names_of(reply for _, reply in unsent)
    return replace(answer_draft(ticket, policy, sections, names), enclosures=tuple(enclosures))


def _names_of(replies: Iterable[OfficeReply]) -> list[str]:
    return sorted(reply.fingerprint[:12] for reply in replies)


def _shown(used: Iterable[str], letters: int, working: Iterable[Consultation]) -> str:
    """Name what a preview shows: other contents make another, with its own Message-ID and key."""
    return "-".join([*used, str(letters), *(part.office_id for part in working)])


_MOST_LETTERS, _MOST_WORKING = 8, 4
"""So many letters around the one before an answer's last reply may have been the last one known to
its preview, and so many offices at work: what is beyond that is not tried."""


def preview_legs(ticket: Ticket, policy: Policy, manager: str) -> frozenset[str]:
    """Give the keys that a preview of what has not gone out yet may have for a manager."""
    replies = [reply for _, reply in _unsent(ticket)]
    return frozenset(
        policy.keyring.leg(Role.MANAGER, manager, *_keys(ticket, shown))
        for shown in (_all_shown(replies, ticket) if replies else ())
    )


def _keys(ticket: Ticket, shown: str) -> tuple[str, ...]:
    return "review", ticket.reference, shown


def _all_shown(replies: Sequence[OfficeReply], ticket: Ticket) -> Iterator[str]:
    """Name what previews of these replies may have shown, whenever they were made."""
    used = _names_of(replies)
    last = max(each.received_at for each in replies)
    known = sum(each.received_at <= last for each in ticket.letters)
    least = max(1, known - _MOST_LETTERS)  # one may have been put in later than it came
    most = min(known + _MOST_LETTERS, len(ticket.letters))
    others = ticket.current()[:_MOST_WORKING]
    for letters in range(least, most + 1):
        for count in range(len(others) + 1):
            for working in combinations(others, count):
                yield _shown(used, letters, working)


def names_made_of(replies: Sequence[OfficeReply], ticket: Ticket, policy: Policy) -> frozenset[str]:
    """Give the names that an answer made of these replies may bear, released or not."""
    used = _names_of(replies)
    previews = ((*used, shown) for shown in _all_shown(replies, ticket))
    return frozenset(
        policy.keyring.name(
            DraftKind.COMBINED_ANSWER, ticket.leg, (ticket.reference, "answer", *names)
        )
        for names in (tuple(used), *previews)
    )


def answer_draft(
    ticket: Ticket, policy: Policy, sections: Iterable[Section], names: Iterable[str]
) -> Draft:
    """Give the next answer to the company: these sections, what is still owed, its own words.

    ``names`` say what is in it, without a number: a rebuilt database may not know every earlier
    answer.
    """
    letters = _quoted_letters(ticket, policy)
    context = CombinedAnswer(
        contact_name=ticket.contact.name,
        subject=ticket.subject,
        sections=tuple(sections),
        pending=tuple(policy.office(part.office_id).short_name for part in ticket.still_working()),
        quoted=words_of(letters),
        quoted_at=letters[-1].received_at.astimezone(policy.zone),
    )
    return to_company(ticket, DraftKind.COMBINED_ANSWER, context, ("answer", *names))


def _quoted_letters(ticket: Ticket, policy: Policy) -> tuple[Letter, ...]:
    """Give the letters that an answer quotes: of this company's own, those it has not answered.

    What the manager put into a ticket from somebody else is for the offices, and not for this
    company to read.
    """

    def own(letters: tuple[Letter, ...]) -> tuple[Letter, ...]:
        return tuple(each for each in letters if writes_for(each.sender, ticket, policy))

    return own(ticket.unanswered()) or own(ticket.letters)[-1:] or ticket.letters[:1]


def file_name(file: PassedOn, ticket: Ticket, policy: Policy) -> str:
    """Give a file's name for the company; one that bears anything internal gets another."""
    name = visible(file.name)
    stem, dot, ending = name.rpartition(".")
    if all(without_internals(each, ticket, policy) == each for each in (name, stem)):
        return name
    return f"Anlage{dot}{ending}" if ending.isalnum() and len(ending) <= _ENDING else "Anlage"


def _in_order(unsent: list[tuple[Consultation, OfficeReply]], policy: Policy) -> list[str]:
    """Give the offices that have answered, in the configured order; removed ones come last."""
    answered = dict.fromkeys(part.office_id for part, _ in unsent)
    configured = [office.id for office in policy.offices if office.id in answered]
    return [*configured, *(each for each in answered if each not in configured)]


def for_company(text: str, ticket: Ticket, policy: Policy) -> str:
    """Give an office's words as the company may read them: one voice, nothing internal.

    Invisible characters are removed first: one inside a token would hide the token.
    """
    return section_text(visible(text), house_of(ticket, policy))


def without_internals(text: str, ticket: Ticket, policy: Policy) -> str:
    """Give words as the company may read them, courtesies and all."""
    return clean(visible(text), house_of(ticket, policy))


def _section(replies: Iterable[OfficeReply], ticket: Ticket, policy: Policy) -> str:
    texts = (for_company(reply.text, ticket, policy) for reply in replies)
    return "\n\n".join(text for text in texts if text)


def worth_passing(ticket: Ticket, reply: OfficeReply) -> list[tuple[int, PassedOn]]:
    """Give the files of an office's reply that the company gets, each with its mail's row.

    Not among them: what the company sent itself, programs, whole mails, letterheads' pictures, and
    the cards, keys and signatures that mail programs add.
    """
    own = {each.sha256 for letter in ticket.letters for each in letter.attachments}
    logo = smallest_picture(reply.text)
    return [
        (reply.mail_id, each)
        for each in reply.attachments
        if each.sha256 not in own
        and not is_dangerous(each.name, each.content_type)
        and not is_mail(each.name, each.content_type)
        and not is_hung_on(each.name, each.content_type)
        and not (each.inline and each.size < logo)
    ]

"""What an office's reply does once nothing speaks against it."""

import re
from dataclasses import dataclass, replace
from datetime import date

from mailflow.core.changes import EventKind
from mailflow.core.combining import answer_if_complete, for_company
from mailflow.core.consulting import ask, to_company
from mailflow.core.dates import mentions
from mailflow.core.doubts import as_an_answer, went_to_company
from mailflow.core.drafts import DraftKind, Interim, Question
from mailflow.core.enclosing import enclosures_of
from mailflow.core.known import Known, Mail, Policy
from mailflow.core.letter import content
from mailflow.core.offices import Office
from mailflow.core.proposal import Proposal
from mailflow.core.reply import KIND_WORDS, ReplyKind, ReplyReading
from mailflow.core.ticket import ConsultationState, HoldReason, ReplyState, Ticket, TicketState
from mailflow.core.tracking import without_tokens

__all__ = ["accept", "as_reply", "leave_waiting"]

_QUOTED = 120

_WORD = re.compile(r"\w+")
_BESIDE_A_DAY = frozenset(
    re.findall(r"\w+", "antwort bis spätestens zum am etwa voraussichtlich by until at the latest")
)
"""Words that say no more of a day than that it is the promised one."""


def accept(
    proposal: Proposal,
    policy: Policy,
    reference: str,
    office: Office,
    known: Known,
    reading: ReplyReading,
) -> str:
    """Let a reply take effect; give what became of it, in the manager's words."""
    mail, ticket = known.mail, proposal.tickets[reference]
    is_refusal = reading.kind is ReplyKind.DECLINE
    beside = as_an_answer(known, ticket, office, reading, policy) if is_refusal else ""
    given = _Given(proposal, policy, reference, office, reading, mail.fingerprint, beside)
    if went_to_company(ticket, mail, policy):
        return _direct(given, mail)
    keep = {ReplyKind.INTERNAL, ReplyKind.DECLINE}
    state = ReplyState.KEPT if reading.kind in keep else ReplyState.ACCEPTED
    proposal.reply(reference, office.id, mail, reading, state)
    return _as_reply(given)


def as_reply(
    proposal: Proposal,
    policy: Policy,
    reference: str,
    office: Office,
    reading: ReplyReading,
    source: str,
) -> str:
    """Do what a reply of this kind does, once it is recorded; ``source`` names its mail."""
    return _as_reply(_Given(proposal, policy, reference, office, reading, source))


@dataclass(frozen=True, slots=True)
class _Given:
    """A reply with its ticket: what every step of its effect needs.

    ``beside``: what the manager must know of a refusal before he makes an answer of it.
    """

    proposal: Proposal
    policy: Policy
    reference: str
    office: Office
    reading: ReplyReading
    source: str
    beside: str = ""

    @property
    def ticket(self) -> Ticket:
        """The ticket as it stands by now."""
        return self.proposal.tickets[self.reference]

    def move_part(self, target: ConsultationState) -> None:
        """Move the office's part."""
        self.proposal.move_part(self.reference, self.office.id, target)

    def for_company(self) -> str:
        """Give the reply's words as the company may read them."""
        return for_company(self.reading.text, self.ticket, self.policy)

    def answer_if_complete(self) -> None:
        """Send the combined answer, if this was what it waited for."""
        answer_if_complete(self.proposal, self.policy, self.reference)


def _as_reply(given: _Given) -> str:
    step = {
        ReplyKind.ANSWER: _answer,
        ReplyKind.INTERIM: _interim,
        ReplyKind.QUESTION: _question,
        ReplyKind.DECLINE: _decline,
        ReplyKind.INTERNAL: _internal,
    }[given.reading.kind]
    step(given)
    return f"{KIND_WORDS[given.reading.kind]} von {given.office.short_name}"


def _answer(given: _Given) -> None:
    part = given.ticket.consultation(given.office.id)
    if part and part.state is not ConsultationState.ANSWERED:
        given.move_part(ConsultationState.ANSWERED)
    leave_waiting(given.proposal, given.reference)
    given.answer_if_complete()


def leave_waiting(proposal: Proposal, reference: str) -> None:
    """End the wait for the company once no office's question is open any more."""
    ticket = proposal.tickets[reference]
    states = {part.state for part in ticket.still_working()}
    if ticket.state is TicketState.WAITING and ConsultationState.QUESTIONED not in states:
        proposal.move(reference, TicketState.CONSULTING)


def _wait_for_company(given: _Given) -> None:
    """Stop the office's clock until the company answers its question."""
    given.move_part(ConsultationState.QUESTIONED)
    if given.ticket.state is TicketState.CONSULTING:
        given.proposal.move(given.reference, TicketState.WAITING)


def _interim(given: _Given) -> None:
    ticket, office = given.ticket, given.office
    files = enclosures_of(ticket, office.id, given.source, given.policy)
    open_questions = tuple(
        given.policy.office(part.office_id).short_name
        for part in ticket.still_working()
        if part.state is ConsultationState.QUESTIONED
    )
    _takes_longer(given)
    context = Interim(
        ticket.contact.name,
        ticket.subject,
        office.short_name,
        _beside_the_day(given.for_company(), given.reading.until),
        given.reading.until,
        tuple(each.shown_name for each in files),
        open_questions,
    )
    names = ("interim", office.id, given.source)
    draft = to_company(ticket, DraftKind.INTERIM, context, names)
    given.proposal.send(replace(draft, enclosures=files))


def _beside_the_day(text: str, until: date | None) -> str:
    """Give an interim notice's words, "" where they only name the day, as our own sentence does."""
    named = mentions(text, until) if until else ()
    if len(named) != 1:
        return text
    rest = text[: named[0].start] + text[named[0].end :]
    return text if set(_WORD.findall(rest.casefold())) - _BESIDE_A_DAY else ""


def _takes_longer(given: _Given) -> None:
    part, until = given.ticket.consultation(given.office.id), given.reading.until
    given.move_part(ConsultationState.INTERIM)
    if part and until and until > part.due_on:
        # a new day begins the ladder anew: earlier reminders do not count for it
        given.proposal.update_part(given.reference, given.office.id, due_on=until, reminded=())


def _question(given: _Given) -> None:
    """Send a question back at once."""
    ticket, office = given.ticket, given.office
    files = enclosures_of(ticket, office.id, given.source, given.policy)
    context = Question(
        ticket.contact.name,
        ticket.subject,
        office.short_name,
        given.for_company(),
        tuple(each.shown_name for each in files),
    )
    names = ("question", office.id, given.source)
    draft = to_company(ticket, DraftKind.QUESTION, context, names)
    given.proposal.send(replace(draft, office_id=office.id, enclosures=files))
    _wait_for_company(given)


def _decline(given: _Given) -> None:
    """Move on to the office named, when it is one of the city's own; else the manager decides."""
    proposal, reference, office = given.proposal, given.reference, given.office
    given.move_part(ConsultationState.DECLINED)
    words = given.reading.office_words
    other = given.policy.offices.named(words) if words else None
    asked = {part.office_id for part in given.ticket.current()}
    if other and not other.external and other.id not in asked:
        text = f"{office.short_name} ist nicht zuständig und nennt {other.short_name}"
        proposal.note(reference, f"{text}{_in_its_words(given.reading.text)}.", EventKind.REFERRED)
        ask(proposal, given.policy, reference, [other])
        leave_waiting(proposal, reference)
        given.answer_if_complete()
        return
    names = f" und nennt: {words}" if words else ""
    beside = f" Außerdem: {given.beside}" if given.beside else ""
    text = f"{office.short_name} ist nicht zuständig{names}.{beside}"
    replies = given.ticket.replies_of(office.id)
    said = (each for each in replies if each.fingerprint == given.source and content(each.text))
    mail_id = next((each.mail_id for each in said), 0)
    proposal.hold(
        reference,
        HoldReason.DECLINED,
        text,
        mail_id=mail_id,
        office_id=office.id,
        suggestion=other.id if other else "",
        of_reply=bool(mail_id),
    )
    leave_waiting(proposal, reference)


def _in_its_words(text: str) -> str:
    """Quote a refusal's beginning: the manager sees what nobody else reads any more."""
    words = without_tokens(" ".join(content(text).split()))
    return f": „{words[:_QUOTED]}{'…' if len(words) > _QUOTED else ''}“" if words else ""


def _internal(given: _Given) -> None:
    text = given.reading.internal_text or given.reading.text
    given.proposal.note(given.reference, f"{given.office.short_name} (intern): {text[:2000]}")
    given.answer_if_complete()


def _direct(given: _Given, mail: Mail) -> str:
    """Let a mail that the office sent to the company itself take effect; nothing is sent twice."""
    proposal, office, kind = given.proposal, given.office, given.reading.kind
    proposal.reply(given.reference, office.id, mail, given.reading, ReplyState.KEPT)
    note = f"{office.short_name} hat dem Unternehmen direkt geschrieben."
    proposal.note(given.reference, note)
    if kind is ReplyKind.ANSWER:
        _answer(given)
    elif kind is ReplyKind.INTERIM:
        _takes_longer(given)
    elif kind is ReplyKind.QUESTION:
        _wait_for_company(given)
    elif kind is ReplyKind.DECLINE:
        _decline(given)
    return f"{KIND_WORDS[kind]} von {office.short_name}, direkt an das Unternehmen"

"""From the facts of the database to the manager's digest: what waits, what is late, what moved."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from mailflow.core.calendar import Step
from mailflow.core.choices import choices_of, mail_choices
from mailflow.core.combining import for_company
from mailflow.core.digest import Choice, Counts, Digest, Due, OfficeLine, Pending, Traffic
from mailflow.core.drafts import DraftKind
from mailflow.core.gist import Gist
from mailflow.core.known import Policy
from mailflow.core.letter import content
from mailflow.core.remarks import internal_words
from mailflow.core.reply import ReplyKind
from mailflow.core.ticket import (
    AccountStatus,
    Consultation,
    ConsultationState,
    Hold,
    HoldReason,
    OfficeReply,
    Ticket,
)
from mailflow.core.tracking import without_tokens
from mailflow.core.verification import without_codes

__all__ = [
    "DOUBTED",
    "DigestFacts",
    "HeldMail",
    "Quarantined",
    "Unsent",
    "doubted",
    "make_digest",
    "of_the_past",
]

_EXCERPT = 280
_NO_MORE = 20  # letters: nobody is spared a word or two by cutting them off
_SUBJECT = 80
_SOON = 2
_LONG_SILENCE = 10  # workdays
DOUBTED = frozenset(
    {
        HoldReason.SENDER,
        HoldReason.CONFLICT,
        HoldReason.CIRCULAR,
        HoldReason.UNMATCHED,
        HoldReason.AUTHENTICATION,
        HoldReason.SCAN,
        HoldReason.CODE,
    }
)
"""What waits because nobody is sure whose a mail is, or what is in it."""
_NEXT_TIME = "Die nächste Übersicht nennt sie."
_FROZEN = (
    "Es geht nichts hinaus: Bei einem Start war ungewiss, was schon gesendet ist. "
    "Was zurückgehalten wird, zeigt: mailflow thaw --show"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMail:
    """A mail that waits outside every ticket, as far as the digest shows it.

    ``flood``: how many wait under its number, where it stands for a flood.
    """

    hold: Hold
    sender: str
    subject: str
    text: str
    flood: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """An outgoing mail that was given up; ``id`` is its row."""

    id: int
    kind: DraftKind
    reference: str
    recipient: str
    response: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A mail that could not be read, or must not be seen; ``id`` is its row.

    ``is_order``: an order at the command line instead, of which a rebuild left something undone.
    """

    id: int
    sender: str
    subject: str
    why: str
    is_order: bool = False


@dataclass(frozen=True, slots=True)
class DigestFacts:
    """What the database knows at the moment of the digest; ``tickets`` are those not closed.

    Of what failed only the newest that no digest has named yet are given, and how many more
    there are: the next digests name those.
    """

    tickets: tuple[Ticket, ...]
    held: tuple[HeldMail, ...]
    opened: frozenset[str]
    answered: int
    closed: int
    counts: Counts
    counts_total: Counts
    unsent: tuple[Unsent, ...]
    unsent_more: int
    quarantined: tuple[Quarantined, ...]
    quarantined_more: int
    frozen: bool
    last_poll: datetime | None
    outbox_waiting: int
    referred: tuple[str, ...] = ()
    naming: tuple[str, ...] = ()
    received: Mapping[tuple[str, str], datetime] = field(default_factory=dict)  # of an office, last


def make_digest(facts: DigestFacts, policy: Policy, since: datetime, now: datetime) -> Digest:
    """Put the facts in the order in which the manager needs them."""
    today = policy.today(now)
    late, soon = _dues(facts, policy, today)
    waiting = [
        _of_ticket(ticket, hold, policy) for ticket in facts.tickets for hold in ticket.holds
    ]
    waiting += [_of_mail(held, policy) for held in facts.held]
    waiting += _unanswered(facts.tickets, policy, today)
    return Digest(
        day=today,
        since=since.astimezone(policy.zone),
        pending=tuple(sorted(waiting, key=lambda each: each.waiting_since)),
        overdue=tuple(sorted(late, key=lambda each: -each.workdays)),
        due_soon=tuple(sorted(soon, key=lambda each: each.workdays)),
        traffic=Traffic(len(facts.opened), facts.answered, facts.closed, _backlog(facts.tickets)),
        offices=_office_lines(facts.tickets, policy, today),
        settling=_newly_settling(facts),
        referred=facts.referred,
        naming=facts.naming,
        counts=facts.counts,
        counts_total=facts.counts_total,
        failures=_failures(facts),
        last_poll=facts.last_poll.astimezone(policy.zone) if facts.last_poll else None,
        outbox_waiting=facts.outbox_waiting,
        named_mails=tuple(each.id for each in facts.quarantined),
        named_entries=tuple(each.id for each in facts.unsent),
    )


def of_the_past(digest: Digest) -> Digest:
    """Give a digest as one of a day gone by: what waited and was late then, nobody knows now."""
    return replace(
        digest,
        past=True,
        pending=(),
        overdue=(),
        due_soon=(),
        offices=(),
        failures=(),
        named_mails=(),
        named_entries=(),
    )


def doubted(facts: DigestFacts, policy: Policy, after: datetime) -> tuple[Pending, ...]:
    """Give the mails in doubt that still wait and began to wait after this moment."""

    def counts(hold: Hold) -> bool:
        return hold.reason in DOUBTED and hold.created_at > after

    waiting = [
        _of_ticket(ticket, hold, policy)
        for ticket in facts.tickets
        for hold in ticket.holds
        if counts(hold)
    ]
    waiting += [_of_mail(held, policy) for held in facts.held if counts(held.hold)]
    return tuple(sorted(waiting, key=lambda each: each.waiting_since))


def _unanswered(tickets: tuple[Ticket, ...], policy: Policy, today: date) -> list[Pending]:
    """Give the questions back that a company has left unanswered for two weeks.

    Nobody is reminded of them: the office waits for the company, and the ticket for the office.
    """
    return [
        _of_question(ticket, part, question, policy)
        for ticket in tickets
        for part in ticket.still_working()
        if part.state is ConsultationState.QUESTIONED
        for question in _questions(part)[-1:]
        if policy.workdays.between(policy.today(question.received_at), today) >= _LONG_SILENCE
    ]


def _questions(part: Consultation) -> list[OfficeReply]:
    return [reply for reply in part.replies if reply.kind is ReplyKind.QUESTION]


def _of_question(
    ticket: Ticket, part: Consultation, question: OfficeReply, policy: Policy
) -> Pending:
    reference, office = ticket.reference, policy.office(part.office_id)
    return Pending(
        reference=reference,
        company=ticket.account.name,
        subject=ticket.subject,
        reason=f"Das Unternehmen hat auf die Rückfrage von {office.short_name} nicht geantwortet.",
        excerpt=_excerpt(question.text),
        waiting_since=question.received_at.astimezone(policy.zone),
        choices=(
            Choice("ohne dieses Amt weiter", f"{reference} ohne {office.id}"),
            Choice("schließen", f"{reference} schliessen"),
        ),
    )


def _failures(facts: DigestFacts) -> tuple[str, ...]:
    lines = [_FROZEN] if facts.frozen else []
    lines += [
        f"{each.kind} {each.reference} an {each.recipient}: {each.response}"
        for each in facts.unsent
    ]
    if facts.unsent_more:
        lines.append(f"… und {facts.unsent_more} weitere nicht zugestellt. {_NEXT_TIME}")
    lines += [_quarantined(each) for each in facts.quarantined]
    if facts.quarantined_more:
        lines.append(f"… und {facts.quarantined_more} weitere in Quarantäne. {_NEXT_TIME}")
    return tuple(lines)


def _quarantined(mail: Quarantined) -> str:
    if mail.is_order:
        why = " ".join(without_codes(without_tokens(mail.why)).split())
        return f"Auftrag an der Kommandozeile, {why} Gilt er noch, geben Sie ihn bitte noch einmal."
    subject = " ".join(without_codes(without_tokens(mail.subject[: _SUBJECT * 8])).split())
    if len(subject) > _SUBJECT:
        subject = f"{subject[: _SUBJECT - 1]}…"
    about = f" („{subject}“)" if subject else ""
    return f"Mail {mail.id} von {mail.sender or 'unbekannt'}{about} in Quarantäne: {mail.why}"


def _backlog(tickets: tuple[Ticket, ...]) -> int:
    return sum(not ticket.is_over for ticket in tickets)


def _newly_settling(facts: DigestFacts) -> tuple[str, ...]:
    names = (
        ticket.account.name
        for ticket in facts.tickets
        if ticket.account.status is AccountStatus.SETTLING
        and ticket.reference in facts.opened
        and not ticket.earlier_tickets
    )
    return tuple(dict.fromkeys(names))


def _dues(facts: DigestFacts, policy: Policy, today: date) -> tuple[list[Due], list[Due]]:
    late, soon = [], []
    for ticket in facts.tickets:
        for part in ticket.still_working():
            if part.state is ConsultationState.QUESTIONED:
                continue
            left = policy.workdays.between(today, part.due_on)
            at = facts.received.get((ticket.reference, part.office_id))
            receives = at is not None and policy.today(at) >= part.asked_on
            if part.due_on < today:
                late.append(_due(ticket, part, policy, max(1, -left), receives=receives))
            elif left <= _SOON:
                soon.append(_due(ticket, part, policy, left, receives=receives))
    return late, soon


def _due(
    ticket: Ticket, part: Consultation, policy: Policy, workdays: int, *, receives: bool
) -> Due:
    return Due(
        reference=ticket.reference,
        company=ticket.account.name,
        subject=ticket.subject,
        office_name=policy.office(part.office_id).short_name,
        due_on=part.due_on,
        workdays=workdays,
        remark=_remark(ticket, part, receives=receives),
    )


def _remark(ticket: Ticket, part: Consultation, *, receives: bool) -> str:
    remarks = []
    if ticket.held_reply_of(part):
        remarks.append("Rückmeldung wartet auf Sie")
    if part.state is ConsultationState.INTERIM:
        remarks.append("Zwischennachricht liegt vor")
    if receives:
        remarks.append("bestätigt nur den Eingang")
    if part.absent_until:
        remarks.append(f"abwesend bis {part.absent_until:%d.%m.%Y}")
    if Step.ESCALATION in part.reminded:
        remarks.append("Leitung ist angeschrieben")
    elif part.reminded:
        remarks.append(f"{len(part.reminded)}× erinnert")
    return ", ".join(remarks)


def _office_lines(
    tickets: tuple[Ticket, ...], policy: Policy, today: date
) -> tuple[OfficeLine, ...]:
    lines = []
    for office in policy.offices:
        parts = [
            part
            for ticket in tickets
            for part in ticket.still_working()
            if part.office_id == office.id
        ]
        if parts:
            overdue = sum(
                part.due_on < today and part.state is not ConsultationState.QUESTIONED
                for part in parts
            )
            oldest = max(policy.workdays.between(part.asked_on, today) for part in parts)
            figures = (len(parts), overdue, max(0, oldest))
            lines.append(OfficeLine(office.short_name, *figures, office.department))
    return tuple(lines)


def _of_ticket(ticket: Ticket, hold: Hold, policy: Policy) -> Pending:
    return Pending(
        reference=ticket.reference,
        company=ticket.account.name,
        subject=ticket.subject,
        reason=hold.text,
        excerpt=f"{_words(ticket, hold, policy)}{_later(ticket, hold)}",
        waiting_since=hold.created_at.astimezone(policy.zone),
        choices=choices_of(
            ticket.reference, hold, ticket.holds, in_house=_stays_in_house(ticket, hold)
        ),
    )


def _stays_in_house(ticket: Ticket, hold: Hold) -> bool:
    """Whether a reply that waits is one whose author asks in so many words to keep it here."""
    reply = _reply_of(ticket, hold)
    return (
        reply is not None and not content(reply.text) and bool(internal_words(reply.internal_text))
    )


def _words(ticket: Ticket, hold: Hold, policy: Policy) -> str:
    """Give the words that wait, those of a reply as its release would send them."""
    if reply := _reply_of(ticket, hold):
        return _of_reply(reply, ticket, policy)
    letters = [each for each in ticket.letters if each.mail_id == hold.mail_id]
    text = (letters or list(ticket.letters[-1:]))[0].text if ticket.letters else ""
    return _excerpt(text)


def _reply_of(ticket: Ticket, hold: Hold) -> OfficeReply | None:
    replies = (reply for part in ticket.consultations for reply in part.replies)
    return next((each for each in replies if hold.reply_id and each.id == hold.reply_id), None)


def _of_reply(reply: OfficeReply, ticket: Ticket, policy: Policy) -> str:
    is_internal = not content(reply.text) and bool(reply.internal_text)
    text = reply.internal_text if is_internal else reply.text
    shown = _cut(for_company(text, ticket, policy) or text)
    # the salutation, behind which a letter goes on in lower case, is no part of what is internal
    return f"{shown[:1].upper()}{shown[1:]}" if is_internal else shown


def _later(ticket: Ticket, hold: Hold) -> str:
    """Give what the company has written since about a letter that waits, "" for nothing."""
    last = ticket.letters[-1:]
    if hold.reply_id or not any(each.mail_id == hold.mail_id for each in ticket.letters[:-1]):
        return ""
    return f" – Zuletzt: {_excerpt(last[0].text)}"


def _of_mail(held: HeldMail, policy: Policy) -> Pending:
    of_manager = policy.is_manager(held.sender)
    shown = without_codes if held.hold.reason is HoldReason.CODE else str
    return Pending(
        reference=held.hold.reference,
        company=held.sender,
        subject=shown(without_tokens(held.subject)),
        reason=f"{held.hold.text} {_so_far(held.flood)}".rstrip(),
        excerpt=_excerpt(shown(held.text)),
        waiting_since=held.hold.created_at.astimezone(policy.zone),
        choices=mail_choices(held.hold.reference, held.hold, of_manager=of_manager),
    )


def _so_far(flood: int) -> str:
    if not flood:
        return ""
    return f"Bisher sind es {flood}." if flood > 1 else "Bisher ist es eine."


def _excerpt(text: str) -> str:
    text = without_tokens(text[: _EXCERPT * 8])
    words = " ".join((Gist.of(text).body.strip() or text).split())
    return words if len(words) <= _EXCERPT else words[: _EXCERPT - 1].rsplit(" ", 1)[0] + " …"


def _cut(text: str) -> str:
    """Give a text's beginning, quoted lines and all, and how many words stand behind it."""
    words = text.split()
    whole = " ".join(words)
    if len(whole) <= _EXCERPT + _NO_MORE:
        return whole
    shown = whole[: _EXCERPT - 1].rsplit(" ", 1)[0]
    more = len(words) - len(shown.split())
    return f"{shown} … (noch {more} {'Wort' if more == 1 else 'Wörter'})"

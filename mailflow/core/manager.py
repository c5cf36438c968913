"""What the manager's commands do. Each command answers with one line: done, or why not."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from mailflow.core.changes import (
    BindSender,
    Decision,
    MailOutcome,
    ResolveHold,
    SetAccountStatus,
    SetEntry,
    SetMail,
)
from mailflow.core.chase import remind
from mailflow.core.commands import Command, Verb, commands_in
from mailflow.core.company import join_ticket, open_ticket
from mailflow.core.consulting import (
    answer_if_complete,
    ask,
    send_answer,
    to_company,
    withdraw_review,
)
from mailflow.core.drafts import CombinedAnswer, Draft, DraftKind, Notice, NoticeLine, Section
from mailflow.core.known import Authentication, Held, Known, Leg, Policy
from mailflow.core.office_mail import accept, as_reply, bound_office, read_mail
from mailflow.core.offices import Office
from mailflow.core.proposal import ForbiddenMoveError, Proposal
from mailflow.core.reply import ReplyKind, ReplyReading
from mailflow.core.retry import EntryState
from mailflow.core.ticket import (
    ConsultationState,
    Hold,
    HoldReason,
    OfficeReply,
    ReplyState,
    Ticket,
    TicketState,
)

__all__ = ["act", "manager_mail"]

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
_AS = re.compile(r"^(?:als|as)\s+(\w+)\s*", re.IGNORECASE)
_IN_DAYS = re.compile(
    r"^\+?\s*(\d{1,3})\s*(?:t|at|tage?|arbeitstage?|d|days?|workdays?)?$", re.IGNORECASE
)
_GERMAN_DAY = re.compile(r"^(\d{1,2})\.\s?(\d{1,2})\.(?:\s?(\d{4}))?$")


class RefusedError(Exception):
    """A command that cannot be done; its text says why, for the manager to read."""


@dataclass(frozen=True, slots=True)
class _Matter:
    """Everything a command may touch: the ticket it names, or the held mail."""

    proposal: Proposal
    policy: Policy
    known: Known
    reference: str
    argument: str

    @property
    def ticket(self) -> Ticket:
        ticket = self.proposal.tickets.get(self.reference)
        if ticket is None:
            raise RefusedError("Dazu gibt es keinen Vorgang, nur eine wartende Mail.")
        return ticket

    @property
    def held(self) -> Held:
        held = self.known.held.get(self.reference)
        if held is None:
            raise RefusedError("Dazu wartet keine Mail auf eine Entscheidung.")
        return held

    def offices(self) -> list[Office]:
        words = [word.strip() for word in re.split(r"[,;]|\s+und\s+|\s+and\s+", self.argument)]
        found = [(word, self.policy.offices.named(word)) for word in words if word]
        missing = [word for word, office in found if office is None]
        if missing:
            known = ", ".join(office.id for office in self.policy.offices)
            raise RefusedError(f"Kein Amt heißt „{', '.join(missing)}“. Bekannt sind: {known}.")
        if not found:
            raise RefusedError("Welches Amt? Zum Beispiel: an bauaufsicht, umwelt")
        return [office for _, office in found if office]


def manager_mail(known: Known, leg: Leg, policy: Policy, now: datetime) -> Decision:
    """Do what a manager's mail with a valid key says, and answer line by line."""
    mail = known.mail
    if not policy.is_manager(mail.sender) or mail.sender != leg.recipient.lower():
        return _refuse(known, now, f"{mail.sender} schreibt mit einem Schlüssel der Leitung.")
    if mail.authentication in {Authentication.FAIL, Authentication.NONE}:
        return _refuse(known, now, f"Die Echtheit von {mail.sender} ist nicht belegt.")
    proposal = Proposal(known.tickets, now)
    if leg.expired:
        lines: tuple[NoticeLine, ...] = (
            NoticeLine(
                "",
                False,
                "Der Schlüssel dieser Mail ist abgelaufen; bitte auf eine neuere antworten.",
            ),
        )
    else:
        commands = commands_in(mail.message.reply_text, policy.prefix)
        lines = act(commands, proposal, known, policy) or (
            NoticeLine(
                "",
                False,
                "Oben in der Mail stand kein Auftrag, der mit einer Vorgangsnummer beginnt.",
            ),
        )
    proposal.send(_notice(mail.sender, lines, mail.message.message_id, mail.fingerprint, policy))
    done = sum(line.done for line in lines)
    return proposal.decision(
        MailOutcome.EVENT, f"Auftrag der Leitung: {done} von {len(lines)} erledigt"
    )


def _refuse(known: Known, now: datetime, text: str) -> Decision:
    proposal = Proposal(known.tickets, now)
    mail = known.mail
    proposal.hold(mail.reference, HoldReason.CONFLICT, text, mail_id=mail.id)
    return proposal.decision(MailOutcome.HELD, text)


def _notice(
    manager: str, lines: tuple[NoticeLine, ...], in_reply_to: str, name: str, policy: Policy
) -> Draft:
    return Draft(
        kind=DraftKind.NOTICE,
        recipient=manager,
        recipient_name="",
        language=policy.language,
        context=Notice(lines),
        names=("notice", name),
        in_reply_to=in_reply_to,
        references=(in_reply_to,) if in_reply_to else (),
    )


def act(
    commands: tuple[Command, ...], proposal: Proposal, known: Known, policy: Policy
) -> tuple[NoticeLine, ...]:
    """Do commands one after the other; a refused one leaves the others alone."""
    return tuple(_one(command, proposal, known, policy) for command in commands)


def _one(command: Command, proposal: Proposal, known: Known, policy: Policy) -> NoticeLine:
    if command.verb is None:
        words = "an, freigeben, schliessen, notiz, zu, neu, verwerfen, frist, ohne, antwort"
        return NoticeLine(command.line, False, f"Dieses Wort kenne ich nicht. Möglich: {words}.")
    if command.reference not in proposal.tickets and command.reference not in known.held:
        return NoticeLine(command.line, False, "Diese Vorgangsnummer gibt es hier nicht.")
    matter = _Matter(proposal, policy, known, command.reference, command.argument)
    mark = proposal.mark()
    try:
        result = _ACTIONS[command.verb](matter)
    except RefusedError as refusal:
        proposal.return_to(mark)
        return NoticeLine(command.line, False, str(refusal))
    except ForbiddenMoveError:
        proposal.return_to(mark)
        return NoticeLine(command.line, False, "Das passt nicht zum Stand dieses Vorgangs.")
    return NoticeLine(command.line, True, result)


def _ask(matter: _Matter) -> str:
    offices = matter.offices()
    if matter.reference not in matter.proposal.tickets:
        _open(matter, quiet=True)
    ticket = matter.ticket
    if ticket.state is TicketState.CLOSED:
        raise RefusedError("Der Vorgang ist geschlossen.")
    working = {part.office_id for part in ticket.still_working()}
    new = [office for office in offices if office.id not in working]
    asking = (HoldReason.UNROUTED, HoldReason.EXTERNAL, HoldReason.DECLINED)
    _settle(matter, (*asking, HoldReason.UNREACHABLE, HoldReason.ENCRYPTED), "weitergeleitet")
    if ticket.state is TicketState.REVIEW:
        withdraw_review(matter.proposal, matter.reference)
    ask(matter.proposal, matter.policy, matter.reference, new)
    names = ", ".join(office.short_name for office in new)
    return f"Weitergeleitet an {names}." if new else "Diese Ämter arbeiten schon daran."


def _settle(matter: _Matter, reasons: tuple[HoldReason, ...], resolution: str) -> None:
    for hold in matter.ticket.holds:
        if hold.reason in reasons:
            matter.proposal.resolve(matter.reference, hold, resolution)


def _release(matter: _Matter) -> str:
    ticket = matter.ticket
    if ticket.state is TicketState.REVIEW and ticket.held_entries:
        return _release_answer(matter)
    kind, office = _release_argument(matter)
    holds = [hold for hold in ticket.holds if hold.reply_id and office in {"", hold.office_id}]
    if not holds:
        if not ticket.holds:
            raise RefusedError("Hier wartet nichts auf eine Freigabe.")
        raise RefusedError(f"Das lässt sich nicht freigeben: {ticket.holds[0].text}")
    return " ".join(_release_reply(matter, hold, kind) for hold in holds)


def _release_argument(matter: _Matter) -> tuple[ReplyKind | None, str]:
    kind, rest = None, matter.argument
    match = _AS.match(rest)
    if match:
        kind = _REPLY_WORDS.get(match.group(1).casefold())
        if kind is None:
            raise RefusedError(f"„{match.group(1)}“ ist keine Art einer Rückmeldung.")
        rest = rest[match.end() :]
    office = matter.policy.offices.named(rest) if rest else None
    if rest and office is None:
        raise RefusedError(f"Kein Amt heißt „{rest}“.")
    return kind, office.id if office else ""


def _release_answer(matter: _Matter) -> str:
    ticket, proposal = matter.ticket, matter.proposal
    for entry in ticket.held_entries:
        proposal.record(SetEntry(entry, EntryState.QUEUED, "freigegeben"))
    _settle(matter, (HoldReason.REVIEW, HoldReason.UNROUTED), "freigegeben")
    proposal.use_replies(matter.reference, ticket.answers + 1)
    proposal.move(matter.reference, TicketState.ANSWERED)
    return "Die Gesamtantwort geht jetzt an das Unternehmen."


def _release_reply(matter: _Matter, hold: Hold, kind: ReplyKind | None) -> str:
    proposal, policy = matter.proposal, matter.policy
    reply, office = _held_reply(matter.ticket, hold), policy.office(hold.office_id)
    kind = kind or reply.kind
    keep = kind in {ReplyKind.INTERNAL, ReplyKind.DECLINE}
    proposal.resolve(matter.reference, hold, "freigegeben")
    state = ReplyState.KEPT if keep else ReplyState.ACCEPTED
    proposal.set_reply(matter.reference, reply, kind, state)
    if matter.ticket.state in {TicketState.ANSWERED, TicketState.CLOSED}:
        return _send_late(matter, office)
    reading = ReplyReading(
        kind=kind,
        explicit=True,
        suspicion="",
        text=reply.text,
        internal_text=reply.internal_text,
        office_words="",
        until=reply.until,
    )
    return f"{as_reply(proposal, policy, matter.reference, office, reading)} freigegeben."


def _held_reply(ticket: Ticket, hold: Hold) -> OfficeReply:
    for part in ticket.consultations:
        for reply in part.replies:
            if reply.id == hold.reply_id:
                return reply
    raise RefusedError("Die wartende Rückmeldung ist nicht mehr da.")


def _send_late(matter: _Matter, office: Office) -> str:
    if matter.ticket.state is TicketState.CLOSED:
        matter.proposal.move(matter.reference, TicketState.CONSULTING)
    send_answer(matter.proposal, matter.policy, matter.reference)
    return f"Der Nachtrag von {office.short_name} geht an das Unternehmen."


def _trust(matter: _Matter) -> str:
    holds = [hold for hold in matter.ticket.holds if hold.reason is HoldReason.SENDER]
    if not holds:
        raise RefusedError("Hier wartet kein unbekannter Absender.")
    results = []
    for hold in holds:
        sender = hold.text.split(" ", 1)[0]
        matter.proposal.record(BindSender(hold.office_id, sender))
        results.append(f"{sender} ist jetzt bei diesem Amt hinterlegt.")
        results.append(_release_reply(matter, hold, None))
    return " ".join(results)


def _close(matter: _Matter) -> str:
    if matter.reference not in matter.proposal.tickets:
        return _discard(matter)
    ticket, proposal = matter.ticket, matter.proposal
    if ticket.state is TicketState.CLOSED:
        raise RefusedError("Der Vorgang ist schon geschlossen.")
    withdraw_review(proposal, matter.reference)
    for part in ticket.still_working():
        proposal.move_part(matter.reference, part.office_id, ConsultationState.WITHDRAWN)
    for hold in matter.ticket.holds:
        proposal.resolve(matter.reference, hold, "geschlossen")
    proposal.move(matter.reference, TicketState.CLOSED)
    return "Geschlossen. Es ging keine weitere Mail hinaus."


def _note(matter: _Matter) -> str:
    if not matter.argument:
        raise RefusedError("Was soll notiert werden?")
    _ = matter.ticket
    matter.proposal.note(matter.reference, matter.argument)
    return "Notiert; die Notiz bleibt im Haus."


def _open(matter: _Matter, *, quiet: bool = False) -> str:
    held = matter.held
    decision_proposal = matter.proposal
    open_ticket(decision_proposal, held.mail, matter.policy, decided=True)
    _settle_held(matter, held, MailOutcome.TICKET, matter.reference)
    if quiet:
        _settle(matter, (HoldReason.UNROUTED,), "vom Auftrag bestimmt")
    return "Als neuer Vorgang angelegt."


def _settle_held(matter: _Matter, held: Held, outcome: MailOutcome, reference: str) -> None:
    matter.proposal.record(ResolveHold(held.hold.id, f"entschieden: {outcome}"))
    matter.proposal.record(SetMail(held.mail.id, outcome, reference))


def _assign(matter: _Matter) -> str:
    held = matter.held
    target = matter.argument.split(" ")[0].upper()
    if target not in matter.proposal.tickets:
        raise RefusedError(f"„{target}“ ist kein Vorgang.")
    ticket = matter.proposal.tickets[target]
    office = bound_office(held.mail, matter.known, matter.policy)
    _settle_held(matter, held, MailOutcome.JOINED, target)
    if office and ticket.consultation(office.id):
        reading = read_mail(held.mail, matter.policy)
        what = accept(matter.proposal, matter.policy, target, office, held.mail, reading)
        return f"Zugeordnet: {what}."
    if office:
        raise RefusedError(f"{office.short_name} ist in {target} nicht beteiligt.")
    known = replace(matter.known, mail=held.mail, asked_by=())
    join_ticket(matter.proposal, known, matter.policy, target)
    return f"Zugeordnet: Mail des Unternehmens in {target}."


def _discard(matter: _Matter) -> str:
    if matter.reference in matter.proposal.tickets:
        return _discard_replies(matter)
    _settle_held(matter, matter.held, MailOutcome.EVENT, "")
    return "Verworfen; die Mail bleibt im Postfach."


def _discard_replies(matter: _Matter) -> str:
    holds = [hold for hold in matter.ticket.holds if hold.reason is not HoldReason.REVIEW]
    if not holds:
        raise RefusedError("Hier wartet nichts.")
    for hold in holds:
        if hold.reply_id:
            reply = _held_reply(matter.ticket, hold)
            matter.proposal.set_reply(matter.reference, reply, reply.kind, ReplyState.KEPT)
        matter.proposal.resolve(matter.reference, hold, "verworfen")
    answer_if_complete(matter.proposal, matter.policy, matter.reference)
    return "Verworfen; beim Vorgang bleibt es vermerkt."


def _due(matter: _Matter) -> str:
    today = matter.policy.today(matter.proposal.now)
    day = _day(matter.argument, today, matter.policy)
    parts = matter.ticket.still_working()
    if not parts:
        raise RefusedError("Hier ist kein Amt mehr gefragt.")
    if day < today:
        raise RefusedError("Dieser Tag ist schon vorbei.")
    for part in parts:
        matter.proposal.update_part(matter.reference, part.office_id, due_on=day, reminded=())
    return f"Neue Frist: {day:%d.%m.%Y}."


def _day(text: str, today: date, policy: Policy) -> date:
    in_days = _IN_DAYS.match(text)
    if in_days:
        return policy.workdays.add(today, int(in_days.group(1)))
    german = _GERMAN_DAY.match(text)
    try:
        if german:
            day, month, year = german.groups()
            found = date(int(year or today.year), int(month), int(day))
            if not year and found < today - timedelta(days=30):
                found = found.replace(year=today.year + 1)
            return found
        return date.fromisoformat(text)
    except ValueError:
        raise RefusedError("Welcher Tag? Zum Beispiel: frist 12.06. oder frist +2T") from None


def _without(matter: _Matter) -> str:
    for office in matter.offices():
        part = matter.ticket.consultation(office.id)
        external = [hold for hold in matter.ticket.holds if hold.suggestion == office.id]
        if part and part.state.is_open:
            matter.proposal.move_part(matter.reference, office.id, ConsultationState.WITHDRAWN)
        elif not external:
            raise RefusedError(f"{office.short_name} ist hier nicht gefragt.")
        for hold in external:
            matter.proposal.resolve(matter.reference, hold, "ohne dieses Amt")
    answer_if_complete(matter.proposal, matter.policy, matter.reference)
    return "Es geht ohne diese Stelle weiter."


def _answer(matter: _Matter) -> str:
    """Let the manager answer in his own words; what was asked is thereby settled."""
    if not matter.argument:
        raise RefusedError("Was soll das Unternehmen lesen? Zum Beispiel: antwort Der Termin ...")
    ticket, proposal, policy = matter.ticket, matter.proposal, matter.policy
    if ticket.state is TicketState.CLOSED:
        raise RefusedError("Der Vorgang ist geschlossen.")
    letters = ticket.unanswered()
    context = CombinedAnswer(
        contact_name=ticket.contact.name,
        subject=ticket.subject,
        sections=(Section("", matter.argument),),
        pending=tuple(policy.office(part.office_id).short_name for part in ticket.still_working()),
        quoted="\n\n".join(letter.text for letter in letters),
        quoted_at=letters[-1].received_at.astimezone(policy.zone),
    )
    names = ("answer", str(ticket.answers + 1))
    proposal.send(to_company(ticket, DraftKind.COMBINED_ANSWER, context, names))
    proposal.use_replies(matter.reference, ticket.answers + 1)
    withdraw_review(proposal, matter.reference)
    _settle(matter, (HoldReason.UNROUTED, HoldReason.DECLINED), "selbst beantwortet")
    if not ticket.still_working():
        proposal.move(matter.reference, TicketState.ANSWERED)
    return "Ihre Antwort geht an das Unternehmen."


def _remind(matter: _Matter) -> str:
    parts = [
        part
        for part in matter.ticket.still_working()
        if part.state is not ConsultationState.QUESTIONED
    ]
    if not parts:
        raise RefusedError("Hier ist kein Amt im Wort.")
    for part in parts:
        remind(matter.proposal, matter.policy, matter.reference, part, by_hand=True)
    return "Erinnerung geht hinaus."


def _settling(matter: _Matter, *, settling: bool) -> str:
    _ = matter.ticket
    matter.proposal.record(SetAccountStatus(matter.reference, settling))
    return "Vermerkt: Ansiedlung." if settling else "Vermerkt: Bestandsunternehmen."


_ACTIONS: Mapping[Verb, Callable[[_Matter], str]] = {
    Verb.ASK: _ask,
    Verb.RELEASE: _release,
    Verb.TRUST: _trust,
    Verb.CLOSE: _close,
    Verb.NOTE: _note,
    Verb.ASSIGN: _assign,
    Verb.OPEN: _open,
    Verb.DISCARD: _discard,
    Verb.DUE: _due,
    Verb.WITHOUT: _without,
    Verb.ANSWER: _answer,
    Verb.REMIND: _remind,
    Verb.SETTLING: lambda matter: _settling(matter, settling=True),
    Verb.EXISTING: lambda matter: _settling(matter, settling=False),
}

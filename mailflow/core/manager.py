"""What the manager's commands do. Each command answers with one line: done, or why not."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from mailflow.core.above_orders import why_no_order
from mailflow.core.answer import of_one_paragraph
from mailflow.core.behind_order import too_many
from mailflow.core.changes import Decision, MailOutcome, SetAccountStatus
from mailflow.core.chase import remind
from mailflow.core.closing import close, refusal_to_close, refuse_limited, take_back
from mailflow.core.combining import (
    answer_draft,
    answer_if_complete,
    has_unsent,
    without_internals,
)
from mailflow.core.commands import Command, Verb, commands_in, not_understood
from mailflow.core.consulting import ask, pass_on, withdraw_review
from mailflow.core.drafts import Draft, DraftKind, Notice, NoticeLine, Section
from mailflow.core.due import set_due
from mailflow.core.guards import sender_doubt, tell_of_forgery
from mailflow.core.known import Authentication, Known, Leg, Policy
from mailflow.core.letter import greets
from mailflow.core.matter import Matter, RefusedError
from mailflow.core.numbers import numbers_in
from mailflow.core.office_reply import leave_waiting
from mailflow.core.offices import Office, names_of
from mailflow.core.own_words import FEW_WORDS, how_to_answer, reads_as_order
from mailflow.core.proposal import ForbiddenMoveError, Proposal
from mailflow.core.releases import release, trust
from mailflow.core.ticket import (
    AccountStatus,
    ConsultationState,
    Hold,
    HoldReason,
    Resolution,
    TicketState,
)
from mailflow.core.tracking import Role
from mailflow.core.waiting_mail import assign_mail, discard, open_mail

__all__ = ["ORDERED", "act", "is_order", "manager_mail"]

_ANSWERED = frozenset({HoldReason.REVIEW, HoldReason.UNROUTED, HoldReason.DECLINED})
"""What the manager's own answer settles; so he must have read it before."""
ORDERED = "Auftrag der Leitung"
"""How it begins why a mail is an event that gave orders with a manager's key."""
_EXPIRED = "Der Schlüssel dieser Mail ist abgelaufen; bitte auf eine neuere antworten."


def is_order(known: Known, policy: Policy) -> bool:
    """Whether a mail is a manager's with a key that acts: his word counts in a flood, too."""
    mail = known.mail
    return (
        policy.is_manager(mail.sender)
        and not known.unknown_tokens
        and not sender_doubt(mail)
        and bool(known.legs)
        and all(_acts_for(leg, mail.sender) for leg in known.legs)
    )


def _acts_for(leg: Leg, sender: str) -> bool:
    ours = leg.role is Role.MANAGER and leg.recipient.lower() == sender
    return ours and leg.valid and not leg.expired


def manager_mail(known: Known, leg: Leg, policy: Policy, now: datetime) -> Decision:
    """Do what a manager's mail with a valid key says, and answer line by line."""
    mail = known.mail
    if not policy.is_manager(mail.sender) or mail.sender != leg.recipient.lower():
        text = f"{mail.sender} schreibt mit einem Schlüssel der Leitung."
        return _refuse(known, policy, now, text)
    if doubt := sender_doubt(mail):
        return _refuse(known, policy, now, f"Ein Auftrag der Leitung. {doubt}")
    proposal = Proposal(known.tickets, now, known.seen.until if known.seen else None)
    text = mail.message.reply_text
    commands = () if leg.expired else commands_in(text, policy.prefix, mail.author)
    lines = act(commands, proposal, known, policy)
    if not lines:
        why = _EXPIRED if leg.expired else why_no_order(text, mail.author)
        lines = (NoticeLine("", False, why),)
    reference = next((each.reference for each in commands), "")
    if not known.of_former_manager:  # else he has it, and nothing more is his to know
        proposal.send(_notice(known, lines, reference, policy))
    done = sum(line.done for line in lines)
    why = f"{ORDERED}: {done} von {len(lines)} erledigt"
    return proposal.decision(MailOutcome.EVENT, why)


def _refuse(known: Known, policy: Policy, now: datetime, text: str) -> Decision:
    proposal = Proposal(known.tickets, now)
    mail = known.mail
    proposal.hold(mail.reference, HoldReason.CONFLICT, text, mail_id=mail.id)
    if mail.authentication is Authentication.FAIL:
        tell_of_forgery(proposal, policy, mail)
    return proposal.decision(MailOutcome.HELD, text)


def _notice(known: Known, lines: tuple[NoticeLine, ...], reference: str, policy: Policy) -> Draft:
    message_id = known.mail.message.message_id
    return Draft(
        kind=DraftKind.NOTICE,
        recipient=known.mail.sender,
        recipient_name="",
        language=policy.language,
        context=Notice(lines),
        names=("notice", known.mail.fingerprint),
        reference=reference,
        in_reply_to=message_id,
        references=(message_id,) if message_id else (),
    )


def act(
    commands: tuple[Command, ...], proposal: Proposal, known: Known, policy: Policy
) -> tuple[NoticeLine, ...]:
    """Do commands one after the other; a refused one leaves the others alone, but for closing.

    Who releases an answer and closes its ticket does not want it closed without the answer, even if
    there was a slip in the number of the first.
    """
    lines: list[NoticeLine] = []
    refused: set[str] = set()
    numbers = proposal.tickets.keys() | known.held.keys()
    for command in commands:
        refusal = command.refusal or refusal_to_close(command, refused, proposal.tickets, numbers)
        lines.append(_one(replace(command, refusal=refusal), proposal, known, policy))
        if not lines[-1].done:
            refused.add(command.reference)
    return tuple(lines)


def _is_known(reference: str, proposal: Proposal, known: Known) -> bool:
    return reference in proposal.tickets or reference in known.held


def _one(command: Command, proposal: Proposal, known: Known, policy: Policy) -> NoticeLine:
    if command.verb is None:
        return NoticeLine(command.line, False, not_understood(command))
    if refusal := command.refusal or _refuse_words(command):
        return NoticeLine(command.line, False, refusal)
    if not _is_known(command.reference, proposal, known):
        return NoticeLine(command.line, False, "Diese Vorgangsnummer gibt es hier nicht.")
    argument = command.argument
    if command.verb in _NAMING:
        argument = policy.offices.with_ids(argument)
    matter = Matter(proposal, policy, known, command.reference, argument, colon=command.colon)
    mark = proposal.mark()
    try:
        if command.verb in _SHORT:
            refuse_limited(matter)
        result = _ACTIONS[command.verb](matter)
    except RefusedError as refusal:
        proposal.return_to(mark)
        return NoticeLine(command.line, False, str(refusal))
    except ForbiddenMoveError:
        proposal.return_to(mark)
        return NoticeLine(command.line, False, "Das passt nicht zum Stand dieses Vorgangs.")
    return NoticeLine(command.line, True, result)


def _refuse_words(command: Command) -> str:
    """Say why words behind an order that takes none refuse it: nothing would read them."""
    if command.verb not in _WORDLESS or not command.argument:
        return ""
    return too_many(command.argument, f"{command.reference} {command.verb}")


def _ask(matter: Matter) -> str:
    offices, proposal, policy = matter.offices(), matter.proposal, matter.policy
    if matter.reference not in proposal.tickets:
        open_mail(matter, quiet=True)
    ticket = matter.ticket
    if ticket.state is TicketState.CLOSED:
        raise RefusedError("Der Vorgang ist geschlossen.")
    working = {part.office_id for part in ticket.still_working()}
    new = [office for office in offices if office.id not in working]
    kept_back = any(hold.reason is HoldReason.UNROUTED and hold.mail_id for hold in ticket.holds)
    told = [office for office in offices if office.id in working] if kept_back else []
    settled = [hold for hold in ticket.holds if _is_settled_by_asking(hold, offices)]
    matter.refuse_over_letters()
    matter.refuse_over(hold for hold in settled if hold.id)
    for hold in settled:
        proposal.resolve(matter.reference, hold, Resolution.PASSED_ON)
    if ticket.state is TicketState.REVIEW:
        withdraw_review(proposal, matter.reference)
    ask(proposal, policy, matter.reference, new)
    sent = [each for each in told if pass_on(proposal, policy, matter.reference, each)]
    if new:
        answer_if_complete(proposal, policy, matter.reference)
    if not told and not new:
        verb = "arbeitet" if len(offices) == 1 else "arbeiten"
        return f"{names_of(offices)} {verb} schon daran."
    done = _asked([*sent, *new], [each for each in told if each not in sent])
    left = "Was Sie verworfen haben, ging nicht mit." if matter.ticket.kept_back else ""
    return f"{done} {left}".strip()


def _asked(sent: list[Office], served: list[Office]) -> str:
    """Say to whom an order sent something, and who had it all before."""
    words = [f"Weitergeleitet an {names_of(sent)}."] if sent else []
    if served:
        verb = "hat" if len(served) == 1 else "haben"
        words.append(f"{names_of(served)} {verb} schon alles.")
    return " ".join(words)


def _is_settled_by_asking(hold: Hold, offices: list[Office]) -> bool:
    """Whether asking these offices settles it; a reply or another external office waits on."""
    if hold.reason is HoldReason.EXTERNAL:
        return hold.suggestion in {office.id for office in offices}
    if hold.reason is HoldReason.UNREACHABLE:
        return bool(hold.office_id)
    if hold.reason is HoldReason.DECLINED:
        return True
    return hold.reason in {HoldReason.UNROUTED, HoldReason.ENCRYPTED} and not hold.reply_id


def _note(matter: Matter) -> str:
    if not matter.argument:
        raise RefusedError("Was soll notiert werden?")
    matter.proposal.note(matter.ticket.reference, matter.argument)
    return "Notiert; die Notiz bleibt im Haus."


def _without(matter: Matter) -> str:
    offices = matter.offices()
    matter.refuse_over_replies(office.id for office in offices)
    for office in offices:
        part = matter.ticket.consultation(office.id)
        external = [
            hold
            for hold in matter.ticket.holds
            if hold.reason is HoldReason.EXTERNAL and hold.suggestion == office.id
        ]
        if part and part.state.is_open:
            matter.proposal.move_part(matter.reference, office.id, ConsultationState.WITHDRAWN)
        elif not external:
            raise RefusedError(f"{office.short_name} ist hier nicht gefragt.")
        for hold in external:
            matter.proposal.resolve(matter.reference, hold, Resolution.OFFICE_LEFT_OUT)
    on_its_way = take_back(matter, [office.id for office in offices])
    leave_waiting(matter.proposal, matter.reference)
    answer_if_complete(matter.proposal, matter.policy, matter.reference)
    return f"Es geht ohne diese Stelle weiter. {on_its_way}".rstrip()


def _answer(matter: Matter) -> str:
    """Let the manager answer in his own words; what was asked is thereby settled."""
    if not matter.argument:
        raise RefusedError("Was soll das Unternehmen lesen? Zum Beispiel: antwort Der Termin ...")
    if greets(matter.argument) or matter.argument.endswith((",", ":")):
        raise RefusedError(
            "Das ist nur ein Anfang. Schreiben Sie die ganze Antwort in einem Absatz."
        )
    ticket, proposal, policy = matter.ticket, matter.proposal, matter.policy
    if ticket.state is TicketState.CLOSED:
        raise RefusedError("Der Vorgang ist geschlossen.")
    _refuse_over_others(matter)
    matter.refuse_over_answer()
    matter.refuse_over_new_answer()
    matter.refuse_over_letters()
    matter.refuse_over(hold for hold in ticket.holds if hold.reason in _ANSWERED)
    matter.refuse_over_replies()
    _refuse_misread(matter)
    words = without_internals(of_one_paragraph(matter.argument), ticket, policy)
    order = matter.known.mail.fingerprint, matter.argument
    proposal.send(answer_draft(ticket, policy, [Section("", words)], order))
    if ticket.state is TicketState.REVIEW:  # his words stand for what was to be released
        withdraw_review(proposal, matter.reference)
        proposal.use_replies(matter.reference, ticket.answers + 1)
        proposal.move(matter.reference, TicketState.ANSWERED)
    else:
        proposal.count_answer(matter.reference, ticket.answers + 1)
        matter.settle((HoldReason.UNROUTED, HoldReason.DECLINED), Resolution.ANSWERED)
        if not has_unsent(matter.ticket) and not ticket.still_working():
            proposal.move(matter.reference, TicketState.ANSWERED)
        answer_if_complete(proposal, policy, matter.reference)
    return "Ihre Antwort geht an das Unternehmen."


def _refuse_misread(matter: Matter) -> None:
    """Raise RefusedError where the words may be an order, or speak of an answer.

    The company would read them as the city's: "KAM-7K3Q-9F2M Antwort freigeben", "antwort: warten".
    """
    words, ticket = matter.argument, matter.ticket
    waits = ticket.state is TicketState.REVIEW or any(hold.reply_id for hold in ticket.holds)
    too_few = waits and not matter.colon and len(words.split()) <= FEW_WORDS
    if too_few or reads_as_order(words, _is_office(matter), colon=matter.colon):
        raise RefusedError(how_to_answer(words, matter.reference))


def _is_office(matter: Matter) -> Callable[[str], bool]:
    return lambda word: matter.policy.offices.named(word) is not None


def _refuse_over_others(matter: Matter) -> None:
    """Raise RefusedError where an answer names a number that the company does not know.

    It may be a second order in the same line, or another company's affair.
    """
    ticket, prefix = matter.ticket, matter.policy.prefix
    theirs = "\n".join((ticket.subject, *(letter.text for letter in ticket.letters)))
    known = {ticket.reference, *numbers_in(theirs, prefix)}
    others = [each for each in numbers_in(matter.argument, prefix) if each not in known]
    if others:
        raise RefusedError(
            f"Darin steht eine andere Vorgangsnummer, {others[0]}, die das Unternehmen nicht kennt."
            " Jeder Auftrag braucht eine eigene Zeile, die mit seiner Nummer beginnt."
        )


def _remind(matter: Matter) -> str:
    failed = _failed_offices(matter)
    owing = [part.office_id for part in matter.ticket.still_working()]
    matter.refuse_over_replies([*owing, *(office.id for _, office in failed)])
    parts = [
        part
        for part in matter.ticket.still_working()
        if part.state is not ConsultationState.QUESTIONED
    ]
    proposal = matter.proposal
    if not parts and not failed:
        raise RefusedError("Hier steht von keinem Amt eine Antwort aus.")
    for hold, office in failed:
        proposal.resolve(matter.reference, hold, Resolution.SENT_AGAIN)
        before = matter.ticket.forwarded
        ask(proposal, matter.policy, matter.reference, [office])
        _settle_sent(matter, office, before)
    unsent = (hold for hold in matter.ticket.holds if hold.reason is HoldReason.UNSENT)
    for hold in [each for each in unsent if each.office_id]:
        proposal.resolve(matter.reference, hold, Resolution.REMINDED)
    order = matter.known.mail.fingerprint
    for part in parts:
        remind(proposal, matter.policy, matter.reference, part, order=order)
    again = ", ".join(office.short_name for _, office in failed)
    sent = f"Die Anfrage geht noch einmal an {again}." if again else ""
    return f"{sent} {'Erinnerung geht hinaus.' if parts else ''}".strip()


def _settle_sent(matter: Matter, office: Office, before: frozenset[tuple[str, str, str]]) -> None:
    """Settle the letters that waited for this office alone and have gone to it since ``before``.

    What was kept back (a right claimed, a mail that nobody can read) is the manager's to decide.
    """
    ticket = matter.ticket
    brought = {fingerprint for _, _, fingerprint in ticket.forwarded - before}
    sent = {each.mail_id for each in ticket.letters if each.fingerprint in brought}
    for hold in ticket.holds:
        waited = hold.reason is HoldReason.UNROUTED and hold.mail_id in sent
        only_here = hold.suggestion == office.id and not hold.keeps_back
        if waited and only_here and matter.has_shown(hold):
            matter.proposal.resolve(matter.reference, hold, Resolution.SENT_WITH_INQUIRY)


def _failed_offices(matter: Matter) -> list[tuple[Hold, Office]]:
    """Give the offices that our mail did not reach, and about which nothing is decided yet."""
    policy, ticket = matter.policy, matter.ticket
    return [
        (hold, policy.office(hold.office_id))
        for hold in ticket.holds
        if hold.reason is HoldReason.UNREACHABLE
        and policy.knows(hold.office_id)
        and (part := ticket.consultation(hold.office_id))
        and part.state is ConsultationState.FAILED
    ]


def _mark_as(matter: Matter, status: AccountStatus, said: str) -> str:
    matter.proposal.record(SetAccountStatus(matter.ticket.reference, status))
    return f"Vermerkt: {said}."


_WORDLESS = frozenset({Verb.OPEN, Verb.REMIND, Verb.SETTLING, Verb.EXISTING})

_NAMING = frozenset({Verb.ASK, Verb.WITHOUT, Verb.RELEASE, Verb.TRUST, Verb.DISCARD, Verb.ASSIGN})
"""Orders that may name offices."""

_SHORT = frozenset({*Verb} - {Verb.ANSWER, Verb.NOTE, Verb.DUE, Verb.CLOSE})
"""Orders behind which stands what they mean, or nothing; the others read every word themselves."""

_ACTIONS: Mapping[Verb, Callable[[Matter], str]] = {
    Verb.ASK: _ask,
    Verb.RELEASE: release,
    Verb.TRUST: trust,
    Verb.CLOSE: close,
    Verb.NOTE: _note,
    Verb.ASSIGN: assign_mail,
    Verb.OPEN: open_mail,
    Verb.DISCARD: discard,
    Verb.DUE: set_due,
    Verb.WITHOUT: _without,
    Verb.ANSWER: _answer,
    Verb.REMIND: _remind,
    Verb.SETTLING: lambda matter: _mark_as(matter, AccountStatus.SETTLING, "Ansiedlung"),
    Verb.EXISTING: lambda matter: _mark_as(matter, AccountStatus.EXISTING, "Bestandsunternehmen"),
}

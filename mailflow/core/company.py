"""A mail of a company: it joins its ticket or opens one."""

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

from mailflow.core.alerts import alert
from mailflow.core.attachments import is_dangerous
from mailflow.core.changes import Decision, MailOutcome, OpenTicket
from mailflow.core.combining import answer_if_complete
from mailflow.core.consulting import ask, forward, to_company
from mailflow.core.drafts import Acknowledgement, DraftKind
from mailflow.core.echo import echoes
from mailflow.core.gist import Gist
from mailflow.core.guards import tell_of_forgery
from mailflow.core.intents import Action
from mailflow.core.known import Authentication, Known, Mail, Policy
from mailflow.core.message import Attachment
from mailflow.core.offices import Routing, route
from mailflow.core.proposal import Proposal
from mailflow.core.reply import thanks_only
from mailflow.core.ticket import (
    Account,
    AccountStatus,
    Consultation,
    ConsultationState,
    Contact,
    HoldReason,
    Ticket,
    TicketState,
)
from mailflow.core.tracking import Role, find_references, without_tokens

__all__ = ["company_mail", "join_ticket", "open_ticket"]

_LEGAL_FORM = re.compile(
    r"\b(?:gGmbH|GmbH|AG|KGaA|KG|OHG|UG|SE|GbR|PartG|eG|e\. ?K\.|e\. ?V\.|mbH|B\.V\.|N\.V\.|Ltd|"
    r"LLC|Inc|S\.A\.|S\.r\.l\.|A\.Ş\.)(?!\w)"
)
_NEVER_PASSED_ON = frozenset({Action.EMERGENCY, Action.GDPR, Action.IFG, Action.PRESS})
_TO_NO_OFFICE = "mailflow hat die Mail an kein Amt weitergegeben"
_NAME = 80
_IS_NAME = re.compile(r"[^\W\d_][^@:/0-9]{2,60}$")
_SETTLING = re.compile(
    r"ansiedl|niederlassung|standortsuche|neuer? standort|neues? werk|suche.{0,40}fl[aä]che|"
    r"plot of land|industrial plot|new site|set(?:ting)? up a branch|vestig|yeni tesis"
)
"""What a settling company writes, in small letters: searched ten times faster than in any case."""


def company_mail(known: Known, policy: Policy, now: datetime) -> Decision:
    """Decide a person's mail that comes from no office and no manager."""
    proposal = Proposal(known.tickets, now)
    leg = next((leg for leg in known.legs if leg.valid and leg.role is Role.COMPANY), None)
    if leg and leg.reference in known.tickets:
        ticket = known.tickets[leg.reference]
        if known.mail.authentication is Authentication.FAIL:
            return _forged(proposal, policy, known.mail, ticket)
        if not _belongs(known.mail, ticket, policy):
            return _stranger(proposal, known.mail, ticket)
        if _is_echo(known, ticket):
            why = "unsere eigene Mail, unverändert zurückgekommen"
            return proposal.decision(MailOutcome.EVENT, why, ticket.reference)
        if _may_reopen(ticket, policy, now):
            return join_ticket(proposal, known, policy, ticket.reference)
        return open_ticket(proposal, known.mail, policy, named=ticket.reference)
    named = _named(known, policy)
    ticket_named = known.tickets.get(named)
    contact = known.mail.contact
    if (
        ticket_named
        and contact
        and contact.account_id == ticket_named.account.id
        and known.mail.authentication is not Authentication.FAIL
        and _may_reopen(ticket_named, policy, now)
    ):
        return join_ticket(proposal, known, policy, named)
    return open_ticket(proposal, known.mail, policy, named=named)


def _named(known: Known, policy: Policy) -> str:
    """Give the reference the subject names, "" for none: a number anyone may know."""
    return next(iter(find_references(known.mail.message.subject, policy.prefix)), "")


def _belongs(mail: Mail, ticket: Ticket, policy: Policy) -> bool:
    """Whether the sender is the ticket's contact, or someone of the same company."""
    if mail.sender == ticket.contact.address.lower():
        return True
    if mail.contact and mail.contact.account_id == ticket.account.id:
        return True
    domain = mail.sender.rpartition("@")[2]
    return bool(domain) and domain == ticket.account.domain and domain not in policy.free_mail


def _is_echo(known: Known, ticket: Ticket) -> bool:
    """Whether an address that forwards to us sends back what we wrote, files included."""
    replies = (reply for part in ticket.consultations for reply in part.replies)
    ours = {each.sha256 for reply in replies for each in reply.attachments}
    message = known.mail.message
    strange = any(each.sha256 not in ours and not each.inline for each in message.attachments)
    return not strange and echoes(message.text, known.our_words)


def _may_reopen(ticket: Ticket, policy: Policy, now: datetime) -> bool:
    if ticket.state is not TicketState.CLOSED or ticket.closed_at is None:
        return True
    return now - ticket.closed_at <= timedelta(days=policy.reopen_days)


def _forged(proposal: Proposal, policy: Policy, mail: Mail, ticket: Ticket) -> Decision:
    text = f"Mit der Kennung von {ticket.account.name}, aber nicht von {mail.sender} geschickt."
    proposal.hold(
        mail.reference,
        HoldReason.AUTHENTICATION,
        text,
        mail_id=mail.id,
        suggestion=ticket.reference,
    )
    tell_of_forgery(proposal, policy, mail)
    return proposal.decision(MailOutcome.HELD, text)


def _stranger(proposal: Proposal, mail: Mail, ticket: Ticket) -> Decision:
    text = (
        f"{mail.sender} schreibt mit der Kennung von {ticket.account.name}, "
        "ist dort aber nicht bekannt."
    )
    proposal.hold(
        mail.reference, HoldReason.SENDER, text, mail_id=mail.id, suggestion=ticket.reference
    )
    return proposal.decision(MailOutcome.HELD, text)


def join_ticket(proposal: Proposal, known: Known, policy: Policy, reference: str) -> Decision:
    """Add a company's mail to its ticket, and pass it to the offices that are still working."""
    mail = known.mail
    before = proposal.tickets[reference]
    proposal.join(reference, mail)
    asked = bool(known.asked_by) or before.state is TicketState.WAITING
    routing = _route(mail, before.language, policy)
    if routing.action is Action.EMERGENCY:
        _alert_emergency(proposal, policy, mail, reference, passed_on=asked)
    if not asked and thanks_only(mail.message.reply_text) and not mail.message.attachments:
        why = "Dank, kein neues Anliegen"
    elif not asked and routing.action in _NEVER_PASSED_ON:
        why = _keep_back(proposal, before, mail, routing)
    elif before.state is TicketState.TRIAGE:
        why = "ergänzt einen Vorgang, der auf eine Entscheidung wartet"
    elif before.state is TicketState.REVIEW and not _awaited(before, known.asked_by):
        why = "schreibt erneut, während die Gesamtantwort zur Freigabe liegt"
        proposal.hold(reference, HoldReason.UNROUTED, f"Das Unternehmen {why}.", mail_id=mail.id)
    elif before.still_working():
        why = _pass_on(proposal, policy, before, known.asked_by)
    else:
        why = _follow_up(proposal, policy, before, mail, routing)
    return proposal.decision(MailOutcome.JOINED, why, reference)


def _awaited(ticket: Ticket, asked_by: tuple[str, ...]) -> bool:
    """Whether an office still waits for this reply to its question."""
    return any(_is_questioned(part) and part.office_id in asked_by for part in ticket.current())


def _keep_back(proposal: Proposal, ticket: Ticket, mail: Mail, routing: Routing) -> str:
    """Show the manager a further mail that no office may see by itself, as if it were a first."""
    if ticket.state in {TicketState.ANSWERED, TicketState.CLOSED}:
        proposal.move(ticket.reference, TicketState.CONSULTING)
    offices = ", ".join(part.office_id for part in ticket.current())
    proposal.hold(
        ticket.reference,
        HoldReason.UNROUTED,
        f"Das Unternehmen schreibt erneut. {routing.why}",
        mail_id=mail.id,
        suggestion=offices,
    )
    return routing.why


def _pass_on(proposal: Proposal, policy: Policy, ticket: Ticket, asked_by: tuple[str, ...]) -> str:
    questioned = [part for part in ticket.still_working() if _is_questioned(part)]
    answered = [part for part in questioned if part.office_id in asked_by]
    for part in answered or ticket.still_working():
        office = policy.office(part.office_id)
        was_asked = _is_questioned(part)
        if was_asked:
            proposal.move_part(ticket.reference, part.office_id, ConsultationState.ASKED)
            proposal.update_part(
                ticket.reference, part.office_id, due_on=_new_due(proposal, policy, part)
            )
        current = proposal.tickets[ticket.reference].consultation(part.office_id) or part
        occasion = "question" if was_asked else "further"
        forward(proposal, policy, ticket.reference, office, current, occasion=occasion)
    states = {part.state for part in proposal.tickets[ticket.reference].still_working()}
    if ticket.state is TicketState.WAITING and ConsultationState.QUESTIONED not in states:
        proposal.move(ticket.reference, TicketState.CONSULTING)
    return "beantwortet eine Rückfrage" if answered else "ergänzt einen laufenden Vorgang"


def _is_questioned(part: Consultation) -> bool:
    return part.state is ConsultationState.QUESTIONED


def _new_due(proposal: Proposal, policy: Policy, part: Consultation) -> date:
    """Give the office back the days it had when it asked, two at least."""
    today = policy.today(proposal.now)
    return max(part.due_on, policy.workdays.add(today, 2))


def _follow_up(
    proposal: Proposal, policy: Policy, ticket: Ticket, mail: Mail, routing: Routing
) -> str:
    """Open a new round with the offices that answered before; nobody else sees anything new.

    Where it is surely another office's matter, the manager decides.
    """
    before = [
        part.office_id for part in ticket.current() if part.state is ConsultationState.ANSWERED
    ]
    found = [office.id for office in routing.suggestions]
    wanted = [each for each in before if each in found] or before
    offices = [policy.office(each) for each in wanted if policy.knows(each)]
    elsewhere = [office.id for office in (*routing.offices, *routing.confirm)]
    if elsewhere and not set(found) & set(before):
        proposal.move(ticket.reference, TicketState.CONSULTING)
        text = f"Das Unternehmen fragt nach, wohl etwas anderes. {routing.why}"
        proposal.hold(
            ticket.reference,
            HoldReason.UNROUTED,
            text,
            mail_id=mail.id,
            suggestion=", ".join((*elsewhere, *before)),
        )
        return text
    if offices:
        ask(proposal, policy, ticket.reference, offices)
        return "Nachfrage zu einer Antwort"
    proposal.move(ticket.reference, TicketState.CONSULTING)
    text = "Das Unternehmen fragt nach; kein Amt hatte geantwortet."
    asked = ", ".join(part.office_id for part in ticket.current())
    proposal.hold(ticket.reference, HoldReason.UNROUTED, text, mail_id=mail.id, suggestion=asked)
    return text


def _route(mail: Mail, language: str, policy: Policy) -> Routing:
    message = mail.message
    text = message.reply_text or message.text
    return route(
        message.subject,
        text,
        language,
        policy.offices,
        policy.routing,
        known_company=mail.account is not None,
    )


def open_ticket(
    proposal: Proposal, mail: Mail, policy: Policy, *, named: str = "", decided: bool = False
) -> Decision:
    """Open a ticket for a company's mail, acknowledge it and ask the offices that are sure.

    ``named`` is a ticket the mail names but may not join. ``decided`` means the manager wants
    the ticket, so that doubts about the mail's nature do not hold it again.
    """
    message = mail.message
    language = _language(message.language, policy)
    routing = _route(mail, message.language or language, policy)
    if routing.action in {Action.SPAM, Action.THANKS} and not decided:
        proposal.hold(mail.reference, HoldReason.UNROUTED, routing.why, mail_id=mail.id)
        return proposal.decision(MailOutcome.HELD, routing.why)
    account, contact = _account(mail, policy)
    opened = OpenTicket(
        reference=mail.reference,
        account=account,
        contact=contact,
        leg=policy.keyring.leg(Role.COMPANY, mail.reference),
        subject=_plain_subject(message.subject, policy),
        language=language,
        flags=tuple(sorted(routing.flags)),
        topics=tuple(office.id for office in (*routing.offices, *routing.confirm)),
        opened_at=mail.received_at,
    )
    proposal.open(opened, mail, mail.account_tickets)
    _consult(proposal, policy, mail, routing)
    _withhold(proposal, mail)
    if named and named != mail.reference:
        proposal.note(mail.reference, f"Die Mail nennt {named}, gehört nach Absender nicht dazu.")
    emergency = routing.action is Action.EMERGENCY
    if emergency:
        _alert_emergency(proposal, policy, mail, mail.reference)
    _acknowledge(proposal, policy, mail, emergency=emergency)
    return proposal.decision(MailOutcome.TICKET, routing.why, mail.reference)


def _consult(proposal: Proposal, policy: Policy, mail: Mail, routing: Routing) -> None:
    reference = mail.reference
    suggestion = ", ".join(office.id for office in routing.confirm or routing.suggestions)
    if mail.message.encrypted:
        text = "Die Mail ist verschlüsselt und kann hier nicht gelesen werden."
        proposal.hold(reference, HoldReason.ENCRYPTED, text, mail_id=mail.id)
    elif routing.action is not Action.ROUTE:
        proposal.hold(
            reference, HoldReason.UNROUTED, routing.why, mail_id=mail.id, suggestion=suggestion
        )
    else:
        ask(proposal, policy, reference, routing.offices)
        for office in routing.confirm:
            text = (
                f"{office.short_name} ist eine externe Stelle; bitte bestätigen Sie die Weitergabe."
            )
            proposal.hold(
                reference, HoldReason.EXTERNAL, text, mail_id=mail.id, suggestion=office.id
            )
    if not proposal.tickets[reference].consultations:
        proposal.move(reference, TicketState.TRIAGE)
    answer_if_complete(proposal, policy, reference)


def _withhold(proposal: Proposal, mail: Mail) -> None:
    """Show the manager which of a company's attachments were not passed on."""
    files = [each.name for each in mail.message.attachments if _is_withheld(each)]
    if files:
        text = f"Nicht weitergegeben, weil gefährlich: {', '.join(files)[:300]}"
        proposal.hold(mail.reference, HoldReason.ATTACHMENT, text, mail_id=mail.id)


def _is_withheld(file: Attachment) -> bool:
    return is_dangerous(file.name, file.content_type)


def _acknowledge(proposal: Proposal, policy: Policy, mail: Mail, *, emergency: bool) -> None:
    """Acknowledge to persons only, once or twice a day, never where a sender is proven false.

    Nothing goes out upon the null path or to lists (RFC 3834 §2), whatever else the mail is.
    """
    message = mail.message
    if mail.acknowledged_today >= _acknowledgements(mail, policy, emergency=emergency):
        return
    if mail.authentication is Authentication.FAIL or not mail.sender:
        return
    if message.return_path == "" or message.no_echo:
        return
    ticket = proposal.tickets[mail.reference]
    context = Acknowledgement(
        contact_name=ticket.contact.name,
        subject=ticket.subject,
        received_at=mail.received_at.astimezone(policy.zone),
        offices=tuple(policy.office(each.office_id).short_name for each in ticket.current()),
        answer_by=max(
            [part.due_on for part in ticket.current()]
            or [policy.workdays.add(policy.today(proposal.now), policy.targets.office_reply)]
        ),
        first_contact=mail.contact is None,
        emergency=emergency,
    )
    draft = to_company(ticket, DraftKind.ACKNOWLEDGEMENT, context, ("received",))
    proposal.send(draft)


def _acknowledgements(mail: Mail, policy: Policy, *, emergency: bool) -> int:
    """Give how many a day this sender may get: one, unless somebody vouches for him.

    Who is in danger must read whom to call, whatever he was told before.
    """
    if mail.authentication is Authentication.PASS or mail.proven or emergency:
        return policy.acknowledgements_a_day
    return policy.acknowledgements_to_strangers


def _alert_emergency(
    proposal: Proposal, policy: Policy, mail: Mail, reference: str, *, passed_on: bool = False
) -> None:
    offices = "sie geht auch an das Amt, das gefragt hatte" if passed_on else _TO_NO_OFFICE
    text = (mail.message.reply_text or mail.message.text)[:500]
    alert(
        proposal,
        policy,
        title="Eine Mail klingt nach einem Notfall",
        lines=(f"{reference}: {_plain_subject(mail.message.subject, policy)}", text),
        remedy=f"Bitte prüfen Sie sofort; {offices}.",
        names=("emergency", mail.reference),
        reference=reference,
    )


def _language(read: str, policy: Policy) -> str:
    """Answer in German or English: German to Germans, English to the rest of the world."""
    if read in {"de", "en"}:
        return read
    return "en" if read else policy.language


def _plain_subject(subject: str, policy: Policy) -> str:
    """Give a subject without reply prefixes and numbers that would stack up, and no token.

    A token would travel on to every reader of the subject, whose reply then bore it.
    """
    subject = without_tokens(subject).replace("[…]", "")
    numbers = find_references(subject, policy.prefix)
    for number in numbers:
        subject = re.sub(rf"\[?{re.escape(number)}\]?", "", subject, flags=re.IGNORECASE)
    prefix = re.compile(r"^\s*(?:re|aw|antw|sv|wg|fwd?|tr)\s*:\s*", re.IGNORECASE)
    while (shorter := prefix.sub("", subject)) != subject:
        subject = shorter
    return " ".join(subject.split())


def _account(mail: Mail, policy: Policy) -> tuple[Account, Contact]:
    """Give who writes for whom: as known, by the company's domain, or new."""
    sender = mail.message.sender
    contact = mail.contact or Contact(0, 0, mail.sender, sender.name.strip(), mail.received_at)
    if mail.account:
        return mail.account, replace(contact, account_id=mail.account.id)
    domain = mail.sender.rpartition("@")[2]
    if domain in policy.free_mail:
        domain = ""
    text = mail.message.reply_text or mail.message.text
    name = (
        _company_name(mail.message.text, sender.name.strip(), domain)
        or sender.name.strip()
        or mail.sender
    )
    settling = bool(_SETTLING.search(f"{mail.message.subject}\n{text[:5000]}".casefold()))
    status = AccountStatus.SETTLING if settling else AccountStatus.EXISTING
    return Account(0, name, domain, status), contact


def _company_name(text: str, author: str, domain: str) -> str:
    """Give the company as its signature writes it, else the name in its domain."""
    lines = [" ".join(line.split()) for line in text[:20_000].splitlines()[-40:]]
    for line in reversed(lines):
        if len(line) <= _NAME and _LEGAL_FORM.search(line) and line[-1] not in "?!":
            return line.split(" | ")[0].split(" – ")[0].strip(" ,-*_")
    signature = [line for line in Gist.of(text[:20_000]).signature.splitlines() if line.strip()]
    for name, below in pairwise(signature):
        if author and name.strip().casefold() == author.casefold() and _IS_NAME.match(below):
            return " ".join(below.split()).strip(" ,-*_")
    return domain.removeprefix("www.").split(".")[0].capitalize() if domain else ""

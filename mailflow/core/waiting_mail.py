"""The manager decides a mail that waits: a new ticket, part of an old one, or nothing."""

from dataclasses import replace

from mailflow.core.account import belongs
from mailflow.core.behind_order import too_many
from mailflow.core.changes import MailOutcome, ResolveHold, SetMail, SettleFlood
from mailflow.core.combining import answer_if_complete
from mailflow.core.doubts import doubt_of
from mailflow.core.floods import let_out_by
from mailflow.core.further_mail import join_ticket
from mailflow.core.guards import sender_doubt
from mailflow.core.inquiry import open_ticket
from mailflow.core.known import Held, Scan
from mailflow.core.matter import Matter, RefusedError
from mailflow.core.meant import EVERYTHING, meant
from mailflow.core.office_mail import bound_office, hold_reply, read_mail
from mailflow.core.office_reply import accept
from mailflow.core.offices import Office
from mailflow.core.reply import ReplyKind
from mailflow.core.ticket import Hold, HoldReason, ReplyState, Resolution, Ticket
from mailflow.core.tracking import find_references

__all__ = ["assign_mail", "discard", "open_mail"]


def open_mail(matter: Matter, *, quiet: bool = False) -> str:
    """Open a ticket for a waiting mail; ``quiet`` when a further order says where it goes."""
    held = _single(matter)
    if matter.policy.is_manager(held.mail.sender):
        raise RefusedError("Das ist eine Mail der Leitung, keine Anfrage; hier hilft: verwerfen.")
    if matter.policy.is_central(held.mail.answered.address):
        raise RefusedError(
            "Absender dieser Mail ist unsere eigene Adresse: Eine Antwort käme nie beim "
            "Unternehmen an. Bitte schreiben Sie ihm selbst; hier hilft: verwerfen."
        )
    _refuse_unscanned(held)
    open_ticket(matter.proposal, held.mail, matter.policy, decided=True)
    _settle_held(matter, held, MailOutcome.TICKET, matter.reference)
    if quiet:
        matter.settle((HoldReason.UNROUTED,), Resolution.AS_ORDERED)
    return f"Als neuer Vorgang angelegt. {sender_doubt(held.mail)}".rstrip()


def _single(matter: Matter) -> Held:
    """Give the waiting mail, if it can be read and is one.

    What stands for a flood is none: one decision would hide the others.
    """
    held = matter.held
    if not held.readable:
        raise RefusedError(
            "Diese Mail lässt sich nicht lesen; sie liegt im Postfach. Hier hilft: verwerfen."
        )
    if held.hold.reason is HoldReason.STORM:
        who = held.hold.suggestion
        again = f", oder auf dem Rechner: {let_out_by(who)}" if who else ""
        raise RefusedError(f"Das ist eine Mailflut. Hier hilft: verwerfen{again}.")
    return held


def _settle_held(matter: Matter, held: Held, outcome: MailOutcome, reference: str) -> None:
    matter.proposal.record(ResolveHold(held.hold.id, Resolution.MAIL_DECIDED))
    matter.proposal.record(SetMail(held.mail.id, outcome, reference))


def assign_mail(matter: Matter) -> str:
    """Put a waiting mail into the ticket the manager names, as its office's or its company's."""
    held = _single(matter)
    _refuse_unscanned(held)
    named = find_references(matter.argument, matter.policy.prefix)
    target = named[0] if named else matter.argument
    if target not in matter.proposal.tickets:
        raise RefusedError(f"„{target}“ ist kein Vorgang.")
    ticket = matter.proposal.tickets[target]
    office = _office_of(matter, ticket)
    if office:
        if ticket.consultation(office.id) is None:
            raise RefusedError(f"{office.short_name} ist in {target} nicht beteiligt.")
        return _as_reply(matter, ticket, office)
    _settle_held(matter, held, MailOutcome.JOINED, target)
    known = replace(matter.known, mail=held.mail, asked_by=held.asked_by)
    join_ticket(matter.proposal, known, matter.policy, target)
    doubt = sender_doubt(held.mail)
    return f"Zugeordnet: Mail des Unternehmens in {target}. {doubt}".rstrip()


def _refuse_unscanned(held: Held) -> None:
    """Refuse to release a mail that carries malware, or that nobody could look at."""
    if held.mail.scan is Scan.INFECTED:
        raise RefusedError(
            "Der Virenscanner hat in dieser Mail Schadsoftware gefunden; hier hilft: verwerfen."
        )
    if held.mail.scan is Scan.UNAVAILABLE:
        raise RefusedError(
            "Der Virenscanner antwortet noch nicht; die Anlagen sind ungeprüft. "
            "Bitte sagen Sie es später noch einmal, oder: verwerfen."
        )


def _office_of(matter: Matter, ticket: Ticket) -> Office | None:
    """Give the office that a waiting mail speaks for, None where it is the company's.

    What somebody of the city writes is never the company's: that would carry it to the company.
    """
    held, policy = matter.held, matter.policy
    if office := _named_beside(matter, ticket) or bound_office(held.mail, matter.known, policy):
        return office
    if belongs(held.mail, ticket, policy) or held.mail.on_behalf_of:
        return None
    if held.hold.office_id:  # it bore an office's token
        return policy.office(held.hold.office_id)
    if not policy.is_of_city(held.mail.sender):
        return None
    asked = [part.office_id for part in ticket.current()]
    if len(asked) == 1:
        return policy.office(asked[0])
    example = (*asked, *(each.id for each in policy.offices))[0]
    raise RefusedError(
        f"{held.mail.sender} schreibt aus der Verwaltung. Für welches Amt? "
        f"Zum Beispiel: zu {ticket.reference} {example}"
    )


def _named_beside(matter: Matter, ticket: Ticket) -> Office | None:
    """Give the office that the order names behind the ticket; raises RefusedError for no office."""
    behind = matter.argument[matter.argument.upper().find(ticket.reference) :]
    words = behind[len(ticket.reference) :].strip(" .,;:()[]")
    office = matter.office_named(words, ticket) if words else None
    if words and office is None:
        raise matter.no_office(words)
    if office:
        matter.refuse_beside(words, office)
    return office


def _as_reply(matter: Matter, ticket: Ticket, office: Office) -> str:
    """Take a waiting mail for an office's reply; whatever else speaks against it still does."""
    held, proposal, policy = matter.held, matter.proposal, matter.policy
    _settle_held(matter, held, MailOutcome.JOINED, ticket.reference)
    reading = read_mail(held.mail, policy)
    known = replace(matter.known, mail=held.mail)
    doubt = doubt_of(known, ticket, office, reading, policy)
    if doubt:
        hold_reply(proposal, held.mail, ticket, office, reading, *doubt)
        stop = "" if doubt[1].endswith((".", "?", "!")) else "."
        return f"Zugeordnet, aber: {doubt[1]}{stop} Sagen Sie freigeben oder verwerfen."
    what = accept(proposal, policy, ticket.reference, office, known, reading)
    return f"Zugeordnet: {what}."


def discard(matter: Matter) -> str:
    """Discard a waiting mail, or a ticket's waiting replies."""
    if matter.reference in matter.proposal.tickets:
        return _discard_replies(matter)
    held = matter.held
    if matter.argument and matter.argument.casefold() not in EVERYTHING:
        raise RefusedError(too_many(matter.argument, f"{matter.reference} verwerfen"))
    _settle_held(matter, held, MailOutcome.EVENT, "")
    if held.hold.reason is HoldReason.STORM:
        matter.proposal.record(SettleFlood(held.hold.id, MailOutcome.EVENT))
        return "Verworfen, mit allen Mails dieser Flut; sie bleiben im Postfach."
    return "Verworfen; die Mail bleibt im Postfach."


def _meant(matter: Matter, holds: list[Hold]) -> list[Hold]:
    """Give the items an order to discard means: one for each word, or, if it says so, all."""
    if matter.argument.casefold() in EVERYTHING:
        told = [hold for hold in holds if matter.has_shown(hold)]
        if not told:
            matter.refuse_over(holds)
        return told
    return meant(matter, holds, "verwerfen", matter.argument, "verwerfen alles")


def _give_days_back(matter: Matter, hold: Hold) -> None:
    """Begin the ladder anew for an office whose reply had waited: until now nobody reminded it.

    Of a later round than the reply's it was reminded all the while.
    """
    policy = matter.policy
    soonest = policy.workdays.add(policy.today(matter.proposal.now), 2)
    for part in matter.ticket.still_working():
        waited = hold.reply_id in {reply.id for reply in part.replies}
        if waited and part.due_on < soonest:
            office_id = part.office_id
            matter.proposal.update_part(matter.reference, office_id, due_on=soonest, reminded=())


def _discard_replies(matter: Matter) -> str:
    holds = [hold for hold in matter.ticket.holds if hold.reason is not HoldReason.REVIEW]
    if not holds:
        raise RefusedError("Hier wartet nichts.")
    for hold in _meant(matter, holds):
        if hold.reply_id and hold.reason is not HoldReason.DECLINED:
            reply = matter.held_reply(hold)
            matter.proposal.set_reply(matter.reference, reply, ReplyKind.INTERNAL, ReplyState.KEPT)
            _give_days_back(matter, hold)
        matter.proposal.resolve(matter.reference, hold, Resolution.DISCARDED)
    answer_if_complete(matter.proposal, matter.policy, matter.reference)
    return "Verworfen; beim Vorgang bleibt es vermerkt."

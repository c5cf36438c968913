"""What becomes of a mail. Pure: a message and what is known about it in, a Decision out."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from mailflow.core.address import mailbox_of
from mailflow.core.alerts import alert, alert_emergency
from mailflow.core.before_loss import sent_before_loss
from mailflow.core.bulk import is_persons
from mailflow.core.changes import Decision, MailOutcome, Readmission
from mailflow.core.company import company_mail
from mailflow.core.desk_order import desk_order, is_desk_order
from mailflow.core.doubled import double, doubt_is_over, joined, settled
from mailflow.core.doubts import PERHAPS_MACHINE
from mailflow.core.drafts import DraftKind
from mailflow.core.floods import flooded, way_out
from mailflow.core.guards import (
    foreign_code,
    infected,
    of_headers_only,
    sender_doubt,
    spoken_for,
    tell_of_forgery,
    unscanned,
)
from mailflow.core.guesses import side_of, with_guesses_counted
from mailflow.core.intents import Action
from mailflow.core.known import Authentication, Known, Leg, Mail, Policy
from mailflow.core.looks_automatic import is_alarm, is_forms, may_be_persons, says_something
from mailflow.core.machine import machine_mail, receipt
from mailflow.core.manager import is_order, manager_mail
from mailflow.core.message import Kind, Message
from mailflow.core.office_mail import bound_office, is_vouched_reply, office_mail, unmatched
from mailflow.core.proposal import Proposal
from mailflow.core.retry import EntryState
from mailflow.core.routing import route_mail
from mailflow.core.subject import plain_subject
from mailflow.core.ticket import HoldReason
from mailflow.core.tracking import Keyring, Role, kind_named, named, without_tokens
from mailflow.core.verification import is_verification, without_codes

__all__ = ["decide", "told_of_danger", "told_of_failure", "unmasked"]

_NAMED = 3
_LONGEST_NAMED = 300
_OF_FORM = (
    "Eine Mail aus der Verwaltung, wohl aus einem Kontaktformular, mit einer Antwortadresse von "
    "außerhalb. Ein neuer Vorgang antwortet dorthin:"
)
_TWIN = (
    "Eine andere Mail dieses Absenders mit derselben Message-ID ist schon da. "
    "Vielleicht ist es dieselbe, auf einem zweiten Weg gekommen."
)
_WRITTEN_AGAIN = (
    "Dieselben Worte dieses Absenders kamen vor Tagen schon einmal. Ohne Datum und Message-ID, "
    "wie aus einem Webformular, ist nicht zu sagen, ob es dieselbe Mail ist."
)
_ANSWERED_BEFORE = (
    "Diese Mail hat mailflow schon einmal gelesen und bestätigt oder weitergeleitet, doch die "
    "Datenbank von damals ist verloren. Welche Fachämter sie bekamen, ist nicht bekannt; „neu“ "
    "fragt sie, vielleicht noch einmal."
)


def decide(known: Known, policy: Policy, now: datetime) -> Decision:
    """Decide one mail: who speaks, which leg it belongs to, and what follows.

    The order matters: a copy of a known mail, our own mails, machines, then persons by the token
    they hold, and last by who they are. From decides who a person is, never Reply-To.
    """
    if known.of_former_manager:
        policy = replace(policy, former_managers=frozenset({known.mail.sender}))
    decision = _decided(known, policy, now)
    if decision.outcome is MailOutcome.HELD and not decision.reference:
        decision = _with_danger_told(decision, known.mail, policy, now)
    return with_guesses_counted(decision, known, policy, now)


def _decided(known: Known, policy: Policy, now: datetime) -> Decision:
    message = known.mail.message
    if known.let_out:
        policy = policy.readmitting(Readmission.LET_OUT)
    elif doubt_is_over(known):
        settling, known = settled(known, now)
        return joined(settling, _decided(known, policy, now))
    elif known.duplicate and not (known.written_again or known.unread):
        return double()
    if message.kind is Kind.OWN:
        return _own(known, policy, now)
    if message.headers_only:
        return flooded(known, policy, now) or of_headers_only(known, policy, now)
    if message.kind is Kind.PERSONAL or is_persons(known, policy) or is_forms(known):
        return _person(known, policy, now)
    if may_be_persons(known, policy):
        return _person(_in_doubt(known), policy, now)
    if kept := _saying_something(known, policy, now):
        return kept
    if known.unread and not known.let_out:
        return double()  # a machine's mail, as its copy was
    return machine_mail(known, policy, now)


def _own(known: Known, policy: Policy, now: datetime) -> Decision:
    """Decide a mail in our own name: an order kept as a mail, or a copy of what went out."""
    message = known.mail.message
    if not policy.keyring.is_ours(message.message_id, now):
        return Decision(MailOutcome.EVENT, "Beleg unter einem Schlüssel, der nicht mehr gilt")
    if is_desk_order(message):
        return desk_order(known, policy, now)
    if known.restoring and known.receipt_of is None:
        return sent_before_loss(known, policy, now)
    return _of_unsent(known, policy, now) or receipt(known, policy, now)


def _in_doubt(known: Known) -> Known:
    """Give the same mail as one that a person or a machine may have written: it waits."""
    mail = known.mail
    return replace(known, mail=replace(mail, message=replace(mail.message, perhaps_machine=True)))


def _saying_something(known: Known, policy: Policy, now: datetime) -> Decision | None:
    """Hold a mail that looks like a machine's, and is an inquiry or a danger by its words.

    None for any other. It is not acknowledged: if it is a machine's, nobody waits for an answer.
    """
    why = says_something(known, policy)
    if not why:
        return None
    kept = infected(known, now) or flooded(known, policy, now) or foreign_code(known, policy, now)
    return kept or _hold(known, now, why, HoldReason.CIRCULAR)


def _of_unsent(known: Known, policy: Policy, now: datetime) -> Decision | None:
    """Ignore a receipt for a mail that still waits for its release, and tell the manager.

    What never went out cannot come back: somebody has a key of ours. Only while the database is
    made good does such a receipt prove that the mail was released before the loss.
    """
    entry = known.receipt_of
    if known.restoring:
        return None
    if entry is None:
        return _of_unknown(known, policy, now)
    if entry.state is not EntryState.HELD:
        return None
    proposal = Proposal({}, now)
    alert(
        proposal,
        policy,
        title="Ein Beleg nennt eine Mail, die noch nicht hinausgegangen ist",
        lines=(f"{entry.reference}: Die Mail an {entry.recipient} wartet weiter auf Freigabe.",),
        remedy=(
            "Der Beleg hat nichts bewirkt. Fälschen kann ihn nur, wer einen unserer Schlüssel "
            "kennt; bitte lassen Sie das prüfen."
        ),
        names=("forged-receipt", policy.today(now).isoformat()),
    )
    why = "Beleg für eine Mail, die noch nicht hinausgegangen ist; ohne Wirkung"
    return proposal.decision(MailOutcome.EVENT, why, entry.reference)


def _of_unknown(known: Known, policy: Policy, now: datetime) -> Decision | None:
    """Tell the manager of a receipt for a mail that the database does not know, once a day.

    Alerts and digests are left out: some go past the outbox.
    """
    kind = kind_named(known.mail.message.message_id)
    if kind in {DraftKind.ALERT, DraftKind.DIGEST}:
        return None
    proposal = Proposal({}, now)
    alert(
        proposal,
        policy,
        title="Ein Beleg nennt eine Mail, die mailflow nicht kennt",
        lines=(f"Sie ist von der Art {kind} und trägt ein gültiges Kennzeichen von uns.",),
        remedy=(
            "Der Beleg hat nichts bewirkt. Arbeitet noch ein zweites mailflow an diesem Postfach, "
            "so halten Sie es bitte gleich an: Beide schreiben jedem. Wurde eine ältere Datenbank "
            "eingespielt, so ist diese Mail schon hinausgegangen. Sonst kennt jemand einen unserer "
            "Schlüssel; bitte lassen Sie das prüfen."
        ),
        names=("unknown-receipt", policy.today(now).isoformat()),
    )
    return proposal.decision(MailOutcome.EVENT, "eigene Mail ohne Eintrag im Postausgang")


def _with_danger_told(decision: Decision, mail: Mail, policy: Policy, now: datetime) -> Decision:
    """Tell the manager at once of a mail that waits and sounds like danger.

    A sender in doubt may still be right about the gas. Only a flood is not told mail by mail, nor
    a newsletter that writes about danger.
    """
    if policy.is_storm(mail.recent_of_sender, mail.recent_of_domain):
        return decision
    if policy.is_manager(mail.sender) or not is_alarm(mail.message):
        return decision
    waits = decision.why if decision.outcome is MailOutcome.HELD else ""
    waits += way_out(decision, mail) if waits else ""
    language = mail.message.language or policy.language
    if route_mail(mail, language, policy).action is not Action.EMERGENCY:
        return decision
    proposal = Proposal({}, now)
    alert_emergency(
        proposal,
        policy,
        _without_codes(mail),
        waits=waits,
        aside=decision.why if decision.outcome is MailOutcome.QUARANTINED else "",
    )
    told = proposal.decision(decision.outcome, decision.why)
    return replace(
        decision,
        changes=(*decision.changes, *told.changes),
        drafts=(*decision.drafts, *told.drafts),
    )


def _without_codes(mail: Mail) -> Mail:
    """Give a mail as it may be shown, without any code of a foreign service."""
    return replace(mail, message=_shown(mail.message))


def _shown(message: Message) -> Message:
    if not is_verification(message.sender.address.lower(), message.subject, message.text):
        return message
    return replace(
        message,
        subject=without_codes(message.subject),
        text=without_codes(message.text),
        reply_text=without_codes(message.reply_text),
    )


def told_of_failure(
    message: Message, why: str, cause: str, policy: Policy, now: datetime
) -> Decision:
    """Give the decision to tell of a mail that mailflow failed on, once a day and cause.

    What fails on one mail may fail on every mail, and nobody would hear of them until the digest.
    """
    proposal = Proposal({}, now)
    shown = _shown(message)
    alert(
        proposal,
        policy,
        title="Eine Mail ließ sich nicht bearbeiten",
        lines=(f"{shown.sender.address}: {plain_subject(shown.subject, policy.prefix)}", why),
        remedy=(
            "Sie liegt in Quarantäne; kein Amt hat sie bekommen. Weiteren Mails kann es ebenso "
            "ergehen, dies wird heute nicht noch einmal gemeldet. Was hilft, sagt: mailflow check. "
            "Danach werden sie nachgeholt mit: mailflow again"
        ),
        names=("failure", cause, policy.today(now).isoformat()),
    )
    return proposal.decision(MailOutcome.EVENT, "nicht zu bearbeiten")


def told_of_danger(mail: Mail, why: str, policy: Policy, now: datetime) -> Decision | None:
    """Give the decision to tell of danger in a mail that mailflow failed on; None without one."""
    if mail.message.kind not in {Kind.PERSONAL, Kind.BULK}:
        return None
    decision = _with_danger_told(Decision(MailOutcome.QUARANTINED, why), mail, policy, now)
    return decision if decision.drafts else None


def unmasked(message: Message, keyring: Keyring, at: datetime) -> Message:
    """Give a mail without its claims to be ours, or about ours, that no key of ours made.

    What another city's mailflow sends, and what a forger calls ours, is then what it would be
    without our headers: a person's words or a machine's, scanned and counted like any other. Nor
    does it count as a reply to, or a report on, a mail of ours whose Message-ID it made up. ``at``
    is when it is decided.
    """

    def is_true(message_id: str) -> bool:
        return not named(message_id) or keyring.is_ours(message_id, at)

    message = replace(
        message,
        in_reply_to=message.in_reply_to if is_true(message.in_reply_to) else "",
        references=tuple(filter(is_true, message.references)),
        original_ids=tuple(filter(is_true, message.original_ids)),
    )
    if message.kind is not Kind.OWN or keyring.was_ours(message.message_id):
        return message
    return replace(message, kind=message.kind_otherwise, own_kind="")


def _person(known: Known, policy: Policy, now: datetime) -> Decision:
    """Decide a person's mail: malware and floods first, by whatever way they would come in.

    A manager's order passes nothing on: neither a flood nor a silent scanner keeps it waiting.
    """
    if quarantined := infected(known, now):
        return quarantined
    if is_order(known, policy):
        return _of_whom(known, policy, now)
    if not is_vouched_reply(known, policy) and (kept := flooded(known, policy, now)):
        return kept
    return unscanned(known, policy, now) or _of_whom(known, policy, now)


def _of_whom(known: Known, policy: Policy, now: datetime) -> Decision:
    if kept := _unclear(known, policy, now):
        return kept
    sender = known.mail.sender
    valid = [leg for leg in known.legs if leg.valid]
    if valid and (known.unknown_tokens or len({side_of(leg) for leg in known.legs}) > 1):
        return _conflict(known, policy, now)
    if not valid and (known.unknown_tokens or known.legs):
        return _bad_token(known, policy, now)
    if valid:
        return _by_token(known, valid, policy, now)
    if policy.is_manager(sender):
        return _hold(known, now, "Mail der Leitung ohne den Schlüssel einer Tagesübersicht.")
    office = bound_office(known.mail, known, policy)
    if office:
        return unmatched(known, office, policy, now)
    return foreign_code(known, policy, now) or _of_company(known, policy, now)


def _unclear(known: Known, policy: Policy, now: datetime) -> Decision | None:
    """Hold a mail of which nobody can say who wrote it, or whether it came before; else None."""
    sender = known.mail.sender
    if not mailbox_of(sender):
        return _hold(known, now, "Die Mail nennt keinen eindeutigen Absender.")
    if len(known.mail.message.authors) > 1:
        return _of_several(known, policy, now)
    if policy.is_central(sender):
        return _of_form(known, now) or _hold(
            known, now, "Eine Mail mit unserer eigenen Adresse als Absender, nicht von uns."
        )
    if known.twin:
        return _hold(known, now, _TWIN)
    if known.written_again:
        return _hold(known, now, _WRITTEN_AGAIN)
    if known.answered_before:
        return _hold(known, now, _ANSWERED_BEFORE)
    return None


def _of_several(known: Known, policy: Policy, now: datetime) -> Decision:
    """Hold a mail that names several authors: an honest one and a forged one look alike.

    RFC 5322 §3.6.2 allows them, with a Sender. But a server vouches for one of them only, and
    which one it read is not ours to guess.
    """
    mail = known.mail
    named = ", ".join(mail.message.authors[:_NAMED])
    more = " und weitere" if len(mail.message.authors) > _NAMED else ""
    text = _with_doubt(f"Die Mail nennt mehrere Absender: {named}{more}.", mail)
    proposal = Proposal(known.tickets, now)
    _keep(proposal, known, text)
    if mail.authentication is Authentication.FAIL and any(leg.valid for leg in known.legs):
        tell_of_forgery(proposal, policy, mail)
    return proposal.decision(MailOutcome.HELD, text)


def _of_company(known: Known, policy: Policy, now: datetime) -> Decision:
    if of_form := _of_form(known, now):
        return of_form
    if known.mail.message.perhaps_machine:
        return _hold(known, now, PERHAPS_MACHINE, HoldReason.CIRCULAR)
    return company_mail(known, policy, now)


def _of_form(known: Known, now: datetime) -> Decision | None:
    """Hold what the city's own form wrote: anybody may have typed the address it names."""
    who = known.mail.on_behalf_of
    if who is None:
        return None
    named = without_tokens(" ".join(f"{who.name} <{who.address}>".split())[:_LONGEST_NAMED])
    return _hold(known, now, f"{_OF_FORM} {named}.", HoldReason.SENDER)


def _conflict(known: Known, policy: Policy, now: datetime) -> Decision:
    """Hold a mail whose tokens are not all of one leg, and tell the manager, once a day."""
    proposal = Proposal(known.tickets, now)
    mail = known.mail
    text = _with_doubt("Die Kennungen in dieser Mail widersprechen sich.", mail)
    _keep(proposal, known, text)
    alert(
        proposal,
        policy,
        title="Eine Mail trägt Kennungen, die nicht zusammengehören",
        lines=(f"{text} Sie kommt von {mail.sender}.",),
        remedy="Sie hat nichts bewirkt und wartet auf Ihre Entscheidung.",
        names=("conflict", policy.today(now).isoformat()),
    )
    return proposal.decision(MailOutcome.HELD, text)


def _by_token(known: Known, valid: Sequence[Leg], policy: Policy, now: datetime) -> Decision:
    leg = valid[0]
    if leg.role is Role.MANAGER:
        if known.mail.message.perhaps_machine:  # a notice to a machine would go on for ever
            return _hold(known, now, PERHAPS_MACHINE)
        return manager_mail(known, leg, policy, now)
    if leg.reference not in known.tickets:
        return _hold(known, now, "Die Kennung nennt einen Vorgang, den es nicht gibt.")
    if leg.role is Role.OFFICE:
        return office_mail(known, leg, policy, now)
    if bound_office(known.mail, known, policy):
        return _hold(known, now, "Ein Amt schreibt mit der Kennung eines Unternehmens.")
    return _of_company(known, policy, now)


def _bad_token(known: Known, policy: Policy, now: datetime) -> Decision:
    """Hold a mail whose token is not ours, and tell the manager, once a day."""
    proposal = Proposal(known.tickets, now)
    mail = known.mail
    text = _with_doubt("Die Kennung in dieser Mail ist nicht echt.", mail)
    proposal.hold(
        mail.reference, HoldReason.CONFLICT, text, mail_id=mail.id, office_id=spoken_for(known)
    )
    alert(
        proposal,
        policy,
        title="Eine Mail trägt eine Kennung, die nicht echt ist",
        lines=(f"{text} Sie kommt von {mail.sender}.",),
        remedy="Sie hat nichts bewirkt und wartet auf Ihre Entscheidung.",
        names=("bad-token", policy.today(now).isoformat()),
    )
    return proposal.decision(MailOutcome.HELD, text)


def _hold(
    known: Known, now: datetime, text: str, reason: HoldReason = HoldReason.CONFLICT
) -> Decision:
    proposal = Proposal(known.tickets, now)
    text = _with_doubt(text, known.mail)
    _keep(proposal, known, text, reason)
    return proposal.decision(MailOutcome.HELD, text)


def _keep(
    proposal: Proposal, known: Known, text: str, reason: HoldReason = HoldReason.CONFLICT
) -> None:
    """Let a mail wait under its own number, with the office and the ticket it may be of."""
    proposal.hold(
        known.mail.reference,
        reason,
        text,
        mail_id=known.mail.id,
        office_id=spoken_for(known),
        suggestion=next(iter(known.tickets), ""),
    )


def _with_doubt(text: str, mail: Mail) -> str:
    return f"{text} {sender_doubt(mail)}".rstrip()

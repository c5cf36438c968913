"""The demo looks at its own outcome: what must be true at the end, each told in a sentence."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage

from mailflow.core.digest import Counts
from mailflow.core.ticket import TicketState
from mailflow.demo.programs import text_of
from mailflow.demo.stage import Shown, attachments_of
from mailflow.demo.stories import COMPANIES, INTERNAL, LEAFLET, OFFICES
from mailflow.demo.town import Town

__all__ = ["Finding", "reckon"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, whether it is as it should be, and what was found instead."""

    sentence: str
    right: bool
    detail: str = ""


def reckon(town: Town, shown: Sequence[Shown]) -> list[Finding]:
    """Check the outcome, once everything has settled."""
    return [
        *_everybody_got_theirs(town),
        _combined(shown),
        _nothing_internal(town),
        _all_answered(town),
        _ledger(town),
        _balance(town),
    ]


_EXPECTED_KINDS: Mapping[str, tuple[str, ...]] = {
    COMPANIES[0]: ("acknowledgement", "combined-answer"),
    COMPANIES[1]: ("acknowledgement", "question", "combined-answer"),
    COMPANIES[2]: ("acknowledgement", "combined-answer"),
}
_FORWARDS: Mapping[str, int] = dict(zip(OFFICES, (1, 1, 2, 1), strict=True))


def _everybody_got_theirs(town: Town) -> Iterator[Finding]:
    """Compare what each mailbox got with what it should have got: nothing lost, nothing twice."""
    companies = {address: _kinds(town, address) for address in COMPANIES}
    wrong = {address: kinds for address, kinds in companies.items() if kinds != _expected(address)}
    sentence = "every company got one acknowledgement and exactly one combined answer"
    yield Finding(sentence, not wrong, _told(wrong))
    offices = {office: _kinds(town, town.office(office)) for office in OFFICES}
    astray = {office: got for office, got in offices.items() if got != _forwards(office)}
    yield Finding("every office got its own forwards and nothing else", not astray, _told(astray))
    manager = _kinds(town, town.manager)
    right = manager == Counter({"digest": 1, "notice": 1})
    yield Finding("the manager got one digest and one notice", right, _told({"manager": manager}))


def _expected(address: str) -> Counter[str]:
    return Counter(_EXPECTED_KINDS[address])


def _forwards(office: str) -> Counter[str]:
    return Counter({"forward": _FORWARDS[office]})


def _kinds(town: Town, address: str) -> Counter[str]:
    return Counter(str(mail["X-Mailflow-Kind"]) for mail in town.arrived(address))


def _told(found: Mapping[str, Counter[str]]) -> str:
    return "; ".join(f"{whose}: {dict(kinds)}" for whose, kinds in found.items())


def _combined(shown: Sequence[Shown]) -> Finding:
    """Check the first combined answer: both parts, in the configured order, with the leaflet."""
    answer = next(each.mail for each in shown if each.kind == "combined-answer")
    text = text_of(answer)
    places = [text.find(words) for words in ("sechs Wochen", "45 dB(A)", "Lagerhalle 4")]
    whole = any(part.get_content() == LEAFLET.content for part in answer.iter_attachments())
    sentence = (
        "the first answer holds both offices' parts in the city's order, and the leaflet unharmed"
    )
    right = -1 not in places and places == sorted(places) and whole
    return Finding(sentence, right, f"places {places}, attached {attachments_of(answer)}")


def _nothing_internal(town: Town) -> Finding:
    """Search everything a company got for what must not leave the town hall."""
    secrets = {*INTERNAL, *(town.office(office) for office in OFFICES)}
    for office in OFFICES:
        secrets |= {_token(mail) for mail in town.arrived(town.office(office))}
    leaks = [
        f"{secret} in a mail to {address}"
        for address in COMPANIES
        for mail in town.arrived(address)
        for secret in secrets
        if secret in _everything(mail)
    ]
    sentence = "no company got an office's address, token, signature, quote or internal word"
    return Finding(sentence, not leaks, "; ".join(leaks))


def _token(forward: EmailMessage) -> str:
    return str(forward["Reply-To"]).partition("+")[2].partition("@")[0]


def _everything(mail: EmailMessage) -> str:
    """Give all headers and texts of a mail, decoded."""
    texts = [f"{name}: {value}" for name, value in mail.items()]
    texts += [
        str(part.get_content()) for part in mail.walk() if part.get_content_maintype() == "text"
    ]
    return "\n".join(texts)


def _all_answered(town: Town) -> Finding:
    references = town.parts.store.references(tuple(TicketState))
    tickets = town.parts.store.tickets(references).values()
    states = {ticket.reference: str(ticket.state) for ticket in tickets}
    right = list(states.values()) == [TicketState.ANSWERED] * len(COMPANIES)
    fault = town.parts.store.integrity_fault()
    sentence = f"{len(states)} tickets, all answered; database and audit trail are sound"
    return Finding(sentence, right and not fault, f"{states} {fault}")


def _ledger(town: Town) -> Finding:
    """Check that the mailbox keeps every mail that came, in the folder of what is done."""
    imap = town.parts.settings.imap
    came = len(town.arrived(town.central))
    lying = [town.lying_in(each) for each in (imap.inbox, imap.processed, imap.quarantine)]
    sentence = f"all {came} mails that came lie in the mailbox's folder {imap.processed}"
    return Finding(sentence, lying == [0, came, 0], f"inbox, processed, quarantine: {lying}")


def _balance(town: Town) -> Finding:
    """Check that the digest's own counts are those of the mailbox."""
    counts = town.parts.reporting.digest().counts_total
    came = len(town.arrived(town.central))
    right = counts.balanced and counts.mails_in == came and not counts.unread
    return Finding(f"the counts balance: {balance(counts)}", right, f"{came} mails came")


def balance(counts: Counts) -> str:
    """Give the digest's system line in English."""
    return (
        f"{counts.mails_in} mails in = {counts.tickets} tickets + {counts.joined} joined + "
        f"{counts.events} events + {counts.held} held + {counts.quarantined} quarantined"
    )

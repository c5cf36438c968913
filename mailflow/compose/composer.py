"""Draft -> mail, ready to be put on the wire."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime, tzinfo
from email.utils import format_datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from mailflow.compose.letter import Part, address_header, assemble, message_ids
from mailflow.compose.plain import clean_subject, disarm, one_line, person
from mailflow.compose.rendering import Rendered, Rendering, mailto, wrap
from mailflow.core.address import ascii_domain, domain_of, with_tag
from mailflow.core.drafts import NULL_PATH, Draft, DraftKind, Enclosure, Review
from mailflow.core.tracking import Keyring, find

__all__ = ["AUTO_SUBMITTED", "Composer", "Enclosed", "Sealed"]

Enclosed = Callable[[Enclosure], tuple[str, bytes]]

_K = DraftKind
# RFC 3834 §5: auto-replied answers one mail, auto-generated comes by itself; neither belongs on
# what a person wrote (§5.2), and forwards, questions, interim notices and answers carry a
# person's words. A forward without it also lets an absence note tell us that nobody is there.
AUTO_SUBMITTED: Final[Mapping[DraftKind, str]] = {
    _K.ACKNOWLEDGEMENT: "auto-replied",
    _K.NOTICE: "auto-replied",
    _K.REMINDER: "auto-generated",
    _K.ESCALATION: "auto-generated",
    _K.REVIEW: "auto-generated",
    _K.DIGEST: "auto-generated",
    _K.ALERT: "auto-generated",
    _K.REPORT: "auto-generated",
    _K.FORWARD: "",
    _K.COMBINED_ANSWER: "",
    _K.QUESTION: "",
    _K.INTERIM: "",
}
# MS-OXCMAIL X-Auto-Response-Suppress; NDR is left out: that a mail failed must be heard
_SUPPRESS: Final = "DR, RN, NRN, OOF, AutoReply"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A mail as it will leave.

    ``raw`` is RFC 5322 with CRLF, 7 bit (but for an address that needs SMTPUTF8); ``text`` its
    plain words. ``envelope_from`` is "" for the null path. ``recipient`` is the one real envelope
    recipient, its domain in ASCII.
    """

    draft: Draft
    message_id: str
    envelope_from: str
    recipient: str
    subject: str
    raw: bytes
    text: str


class Composer:
    """Everything that all mails of an installation have in common.

    ``template_directories`` are searched in order, file by file: the operator's before the
    shipped one. ``timezone`` is the city's. ``keyed_return_path``: the envelope sender bears the
    leg's token, so that a report which quotes nothing of our mail still says what it is about.
    """

    def __init__(
        self,
        *,
        central_address: str,
        central_name: str,
        plus_addressing: bool,
        keyring: Keyring,
        timezone: tzinfo,
        template_directories: Sequence[Path],
        default_language: str = "de",
        keyed_return_path: bool = False,
    ) -> None:
        self.central_address = central_address
        self.central_name = one_line(central_name)
        self._plus_addressing = plus_addressing
        self._keyed_return_path = keyed_return_path
        self._keyring = keyring
        self._timezone = timezone
        self._domain = domain_of(central_address)
        self.rendering = Rendering(template_directories, timezone, default_language)

    def reply_address(self, token: str) -> str:
        """Give the address whose mail belongs to this token's leg (RFC 5233 subaddress)."""
        return with_tag(self.central_address, token if self._plus_addressing else "")

    def compose(
        self,
        draft: Draft,
        now: datetime,
        enclosed: Enclosed,
        previews: Mapping[tuple[str, ...], Sealed] | None = None,
    ) -> Sealed:
        """Give the mail that a draft means; the same draft and time give the same bytes.

        ``now`` is aware. ``enclosed`` gives content type and bytes of an enclosure. ``previews``
        are the held mails by their draft's ``names``; a review encloses one of them.
        Raises TemplateError for a broken template; an impossible recipient is for the mail server
        to refuse.
        """
        token = self._token(draft)
        recipient = ascii_domain(one_line(draft.recipient))
        message_id = self._keyring.message_id(
            self._domain, draft.kind, (draft.reference, *draft.names), token, draft.number
        )
        attachments = [_part(each, enclosed) for each in draft.enclosures]
        if draft.review_of and draft.review_of in (previews or {}):
            # without its token: that is the company's, not the manager's
            held = replace((previews or {})[draft.review_of].draft, role=None, leg="")
            copy = self.compose(held, now, enclosed)
            attachments.insert(0, Part(f"{draft.reference}.eml", "message/rfc822", copy.raw))
            draft = _with_preview(draft, self._render(held, "", copy.recipient).text)
        words = self._render(draft, token, recipient)
        text = wrap(words.text)
        headers = self._headers(
            draft=draft,
            token=token,
            recipient=recipient,
            message_id=message_id,
            words=words,
            now=now,
        )
        raw = assemble(headers, text, words.html, attachments)
        envelope_from = self._return_path(draft, token)
        return Sealed(draft, message_id, envelope_from, recipient, words.subject, raw, text)

    def compose_all(
        self, drafts: Iterable[Draft], now: datetime, enclosed: Enclosed
    ) -> list[Sealed]:
        """Give the mails that drafts mean; a review comes after the answer it shows.

        As ``compose`` otherwise.
        """
        sealed: dict[tuple[str, ...], Sealed] = {}
        done = []
        for draft in sorted(drafts, key=lambda each: bool(each.review_of)):
            mail = self.compose(draft, now, enclosed, sealed)
            sealed[draft.names] = mail
            done.append(mail)
        return done

    def _return_path(self, draft: Draft, token: str) -> str:
        """Give where a report on this mail shall go: "" for nowhere; if keyed it names the leg."""
        if draft.kind in NULL_PATH:
            return ""
        return self.reply_address(token if self._keyed_return_path else "")

    def _token(self, draft: Draft) -> str:
        if draft.role is None or not draft.leg:
            return ""
        return self._keyring.token(draft.role, draft.leg, draft.bound_to or draft.recipient)

    def _render(self, draft: Draft, token: str, recipient: str) -> Rendered:
        context = disarm(draft.context)
        facts = {each.name: getattr(context, each.name) for each in fields(context)}
        given = draft.subject or facts.get("subject", "")
        subject = clean_subject(given, draft.reference, find(given))
        tags = [f"[{draft.reference}]"] if draft.reference else []
        reply_subject = " ".join(filter(None, [*tags, subject, f"[{token}]" if token else ""]))
        address = self.reply_address(token)
        facts |= {
            "kind": draft.kind.value,
            "reference": draft.reference,
            "subject": subject,
            "token": token,
            "recipient": recipient,
            "name": person(facts.get("contact_name", draft.recipient_name)),
            "central_name": self.central_name,
            "central_address": self.central_address,
            "reply_subject": reply_subject,
            "mailto": partial(mailto, address),
        }
        return self.rendering.render(draft.kind, draft.language, facts)

    def _headers(
        self,
        *,
        draft: Draft,
        token: str,
        recipient: str,
        message_id: str,
        words: Rendered,
        now: datetime,
    ) -> list[tuple[str, str]]:
        references = message_ids(draft.in_reply_to, draft.references)
        parent = draft.in_reply_to if draft.in_reply_to in references.split() else ""
        automatic = AUTO_SUBMITTED[draft.kind]
        return [
            ("From", address_header(_literal(self.central_name), self.central_address)),
            ("To", address_header(_literal(_called(draft)), recipient)),
            ("Reply-To", self.reply_address(token) if token else ""),
            ("Subject", _literal(words.subject)),
            ("Date", format_datetime(now.astimezone(self._timezone))),
            ("Message-ID", message_id),
            ("In-Reply-To", parent),
            ("References", references),
            ("Auto-Submitted", automatic),
            ("X-Auto-Response-Suppress", _SUPPRESS if automatic else ""),
            ("X-Mailflow-Kind", draft.kind.value),
            ("X-Mailflow-Ticket", draft.reference),
            ("Content-Language", words.language),
        ]


def _called(draft: Draft) -> str:
    """Give the name beside the reader's address; of a stranger's no more than who he is.

    Whoever forges his address writes the name, too: an acknowledgement must not deliver it.
    """
    name = one_line(draft.recipient_name, 100)
    return person(name) if draft.kind in NULL_PATH else name


def _literal(text: str) -> str:
    """Keep what looks like an encoded word (RFC 2047) from being decoded into something else."""
    return text.replace("=?", "= ?")


def _part(enclosure: Enclosure, enclosed: Enclosed) -> Part:
    content_type, content = enclosed(enclosure)
    name = one_line(enclosure.shown_name, 150).replace("/", "_").replace("\\", "_")
    return Part(name, content_type, content)


def _with_preview(draft: Draft, text: str) -> Draft:
    context: Any = draft.context
    if not isinstance(context, Review):
        return draft
    return replace(draft, context=replace(context, preview=text))

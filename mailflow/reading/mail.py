"""One mail's bytes to what a clerk would understand of them: ``read``."""

from dataclasses import replace
from itertools import chain

from mailflow.core.address import ascii_domain
from mailflow.core.message import Address, Channel, Kind, Mark, Message
from mailflow.core.tracking import find
from mailflow.reading import headers as fields
from mailflow.reading.absence import absent_until
from mailflow.reading.addresses import addresses, bare_addresses
from mailflow.reading.bodies import Content, Section, content_of
from mailflow.reading.bounces import Failure, failure_of, original_ids, says_failure
from mailflow.reading.charsets import clean, decode
from mailflow.reading.headers import Headers
from mailflow.reading.kinds import Speaker, bulk_signs, is_own, is_report, speaker_of, wants_no_echo
from mailflow.reading.language import language_of
from mailflow.reading.limits import DEFAULT, Limits
from mailflow.reading.mime import WITHOUT_PARTS, Part, part_of
from mailflow.reading.quotes import new_text
from mailflow.reading.trace import arrival, recipients, return_path

__all__ = ["read", "read_headers"]

_LOOKED_AT = 2_000_000
_AUTHORS = 10
_ONE_ONLY = ("from", "subject", "date", "message-id")


def read(raw: bytes, limits: Limits = DEFAULT) -> Message:
    """Understand a mail. Never raises: whatever cannot be read is named in ``problems``.

    A mail beyond ``limits.size`` bytes is read from its headers only.
    """
    if len(raw) > limits.size:
        return read_headers(raw, f"larger than {limits.size} bytes: only its headers were read")
    try:
        return _understood(raw, limits)
    except Exception as error:  # noqa: BLE001 - hostile bytes must cost one mail, never the service
        return read_headers(raw, f"only the headers could be read ({type(error).__name__})")


def read_headers(raw: bytes, problem: str) -> Message:
    """Understand a mail by its headers alone, naming why. Never raises."""
    try:
        headers = part_of(raw[:_LOOKED_AT], Limits(depth=0)).headers
        message = _of_headers(headers, DEFAULT)
        message = _of_speaker(message, speaker_of(headers, message))
    except Exception as error:  # noqa: BLE001 - as in read: the mail is kept and shown all the same
        why = f"headers unreadable ({type(error).__name__})"
        return Message(headers_only=True, problems=(problem, why))
    problems = (problem, *message.problems)
    return _claimed(replace(message, headers_only=True, marks=_marks(message), problems=problems))


def _understood(raw: bytes, limits: Limits) -> Message:
    part = part_of(raw, limits)
    content = content_of(part, limits)
    if WITHOUT_PARTS in content.problems and not content.text() and not content.attachments:
        # nothing that was written may be lost to boundaries that cannot be told apart
        whole = part_of(raw, replace(limits, depth=0))
        content.sections.append(Section(plain=clean(decode(whole.body, "")[0])))
    message = _with_body(_of_headers(part.headers, limits), content, limits)
    failure = failure_of(raw, part, content, message)
    message = _claimed(_of_speaker(message, _speaker(message, part, content, failure)))
    if failure and not message.own_kind:
        message = replace(
            message,
            failed_recipients=tuple(map(ascii_domain, failure.recipients)),
            given_up=failure.given_up,
            by_words=failure.by_words and message.kind in (Kind.BOUNCE, Kind.DELAY),
        )
    message = _with_causes(message, content)
    message = _with_absence(message, part.headers)
    return replace(message, marks=_marks(message))


def _of_headers(headers: Headers, limits: Limits) -> Message:
    when, problem = fields.date(headers.get("date"))
    to = addresses(headers.joined("to"), limits.recipients)
    cc = addresses(headers.joined("cc"), limits.recipients)
    message_id = next(iter(fields.message_ids(headers.get("message-id"))), "")
    own, sender, authors = is_own(headers, message_id), _sender(headers), _authors(headers)
    subject = headers.text("subject")
    long = f"subject of {len(subject)} letters cut" if len(subject) > limits.subject else ""
    several = "several authors" if len(authors) > 1 else ""
    return Message(
        message_id=message_id,
        in_reply_to=next(iter(fields.message_ids(headers.get("in-reply-to"))), ""),
        references=fields.message_ids(headers.get("references")),
        sender=sender,
        authors=authors,
        reply_to=addresses(headers.get("reply-to")),
        to=to,
        cc=cc,
        recipients=recipients(headers, to, cc),
        return_path=return_path(headers),
        subject=subject[: limits.subject],
        date=when,
        own_kind=headers.text("x-mailflow-kind").lower()[:40] if own else "",
        authentication_results=headers.all("authentication-results"),
        no_echo=wants_no_echo(headers),
        bulk_signs=bulk_signs(headers, sender.address),
        problems=tuple(filter(None, (problem, long, *_repeated(headers), several))),
    )


def _sender(headers: Headers) -> Address:
    """Give the first author that has an address (RFC 5322 §3.6.2), else the name there is."""
    for value in (*headers.all("from"), headers.get("sender")):
        found = addresses(value, 1)
        if found:
            return found[0]
    return Address(fields.decoded(headers.get("from")), "")


def _authors(headers: Headers) -> tuple[str, ...]:
    """Give the different addresses of all From fields, in lower case; of more than ten, those."""
    found: dict[str, None] = {}
    for value in headers.all("from"):
        named = chain((each.address for each in addresses(value)), bare_addresses(value))
        found.update(dict.fromkeys(map(str.lower, named)))
        if len(found) > _AUTHORS:
            break
    return tuple(found)[:_AUTHORS]


def _repeated(headers: Headers) -> list[str]:
    """Name fields that may stand once only (RFC 5322 §3.6): forgers repeat them."""
    return [f"several {name} fields" for name in _ONE_ONLY if len(headers.all(name)) > 1]


def _with_body(message: Message, content: Content, limits: Limits) -> Message:
    text = content.text()[: limits.text]
    plain, html = content.alternatives()
    new = new_text(plain, html, subject=message.subject)
    return replace(
        message,
        text=text,
        reply_text=new.text,
        quotes_kept=new.kept_all,
        quoted_head=new.quoted.head,
        quoted_body=new.quoted.body,
        language=language_of(new.text, text, message.subject),
        attachments=tuple(content.attachments),
        encrypted=content.encrypted,
        problems=(*message.problems, *content.problems, *new.problems),
    )


def _of_speaker(message: Message, speaker: Speaker) -> Message:
    return replace(
        message,
        kind=speaker.kind,
        perhaps_machine=speaker.perhaps_machine,
        by_program=speaker.by_program,
        asks=speaker.asks,
    )


def _speaker(message: Message, part: Part, content: Content, failure: Failure | None) -> Speaker:
    # a filter's refusal may come in the form of a read receipt (RFC 5429 §2.1.2)
    refused = failure is not None and says_failure(message.subject)
    if is_report(part.parameters, part.headers, message) and not refused:
        return Speaker(Kind.REPORT)
    if failure:
        return Speaker(failure.kind)
    told = any("delivery-status" in kind for kind, _ in content.reports)
    return Speaker(Kind.REPORT) if told else speaker_of(part.headers, message)


def _claimed(message: Message) -> Message:
    """Let a mail be mailflow's own if it claims to be; whether that is true, its MAC says."""
    if not message.own_kind:
        return message
    return replace(message, kind=Kind.OWN, kind_otherwise=message.kind)


def _with_causes(message: Message, content: Content) -> Message:
    """Add the ids of the mails a machine speaks of."""
    if message.kind not in (Kind.BOUNCE, Kind.DELAY, Kind.REPORT, Kind.AUTO_REPLY):
        return message
    return replace(message, original_ids=original_ids(content, message.text))


def _with_absence(message: Message, headers: Headers) -> Message:
    """Add until when somebody is away; relative dates count from the mail's own date."""
    when = message.date or arrival(headers)
    if message.kind != Kind.AUTO_REPLY or when is None:
        return message
    until = absent_until(message.new_text, message.subject, when.date())
    return replace(message, absence_until=until)


def _marks(message: Message) -> tuple[Mark, ...]:
    ids = (message.in_reply_to, *message.references, *message.original_ids)
    places = {
        Channel.ADDRESS: " ".join(message.recipients),
        Channel.REFERENCE: " ".join(ids),
        Channel.SUBJECT: message.subject,
        Channel.BODY: message.text,
    }
    return tuple(Mark(channel, token) for channel, text in places.items() for token in find(text))

"""Whom a failure notice in free text means: addresses by the form of the lines they stand in."""

import re
from collections.abc import Iterable

from mailflow.reading.bounce_words import FAILURE_PHRASE, INTRODUCTION

__all__ = ["ADDRESS", "named_recipients"]

ADDRESS = r"[^\s<>()\[\]\\,;:\"'@=*|]{1,120}@[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63}){0,9}"
_ADDRESS = re.compile(ADDRESS)
# A label before the address: recipient, RCPT TO, To, Empfänger
_LABELLED = re.compile(
    r"^[ \t>*-]{0,12}(?:(?:final|original|failed|invalid|bad|rejected|bounced|intended)[- ]?)?"
    r"(?:recipients?(?: address(?:es)?)?|rcpt to|empfänger(?:adresse)?|destinataires?|address|to|"
    r"user|e-?mail address|undeliverable(?: to)?|failed(?: to)?|an|adresse)\s{0,3}[:=]\s{0,9}"
    r"(?:rfc822\s{0,3};\s{0,3})?(.{1,400})$",
    re.IGNORECASE,
)
_MARGIN = r"^[ \t>*\u2022-]{0,12}"
_WRAPPED = rf"[\"'<(\[]{{0,3}}({ADDRESS})[\"'>)\]]{{0,3}}"
# A line that is an address and hardly anything else
_ALONE = re.compile(
    rf"{_MARGIN}(?:\d{{1,3}}[.)] )?(?:-+ )?(?:smtp:|mailto:|rfc822;\s?)?{_WRAPPED}"
    rf"(?:[ \t]*<(?:mailto:)?{ADDRESS}>)?[ \t]*[:;,.]{{0,3}}[ \t]*"
    r"(?:$|\((?:expanded|was|reason|real|original|generated|delivered)|\.{3})",
    re.IGNORECASE,
)
# The address first, then what became of it: after a colon, dots, a dash or a date
_LEADING = re.compile(
    rf"{_MARGIN}(?:[45]\d\d[ -](?:[45]\.\d\.\d{{1,3}} )?)?(?:smtp:)?{_WRAPPED}"
    r"[ \t]*(?::|\.\.\.|,| - |-{1,3} | on | \()",
    re.IGNORECASE,
)
_ORIGINATOR = re.compile(
    r"^[ \t>*-]{0,12}(?:from|sender|von|absender|reply-to|return-path|mail from|message-id|date|"
    r"subject|betreff|references|in-reply-to|x-[a-z-]{1,30}|received|de)\s{0,3}:",
    re.IGNORECASE,
)
_HELP = re.compile(
    r"^(?:postmaster|mailer-daemon|abuse|support|help(?:desk)?|hostmaster|webmaster|noc|sysadmin)@",
    re.IGNORECASE,
)
_HELP_CONTEXT = re.compile(
    r"(?:contact|assistance|questions?|problems? (?:report|to)|please (?:mail|write|send|forward)|"
    r"report (?:this|the)|send (?:mail|e-mail|a message) to|wenden sie sich|rückfragen|for help|"
    r"if you (?:need|believe|feel|have))",
    re.IGNORECASE,
)
_MOST = 500
_LINES = 3000
_LINE = 2000


def named_recipients(notice: str, strangers: Iterable[str]) -> tuple[str, ...]:
    """Give the failed addresses a notice names, as written, each once.

    ``strangers`` are those it cannot mean (its own sender and the one it was sent to).
    """
    excluded = {address.lower() for address in strangers}
    introduced = INTRODUCTION.search(notice)
    listed = notice[introduced.end() :] if introduced else notice
    return (
        _listed(listed, excluded)
        or (_kept(_loose(_lines(listed)), excluded) if introduced else ())
        or (_listed(notice, excluded) if introduced else ())
        or _kept(_loose(_lines(notice)), excluded)
        or _listed(listed, set())
    )


def _lines(notice: str) -> list[str]:
    return [line for line in notice.split("\n")[:_LINES] if "@" in line and len(line) < _LINE]


def _listed(text: str, excluded: set[str]) -> tuple[str, ...]:
    """Give the addresses that stand on lines of their own, in the first form that has any."""
    lines = _lines(text)
    for found in (_by(lines, _ALONE), _by(lines, _LEADING), _labelled(lines)):
        kept = _kept(found, excluded)
        if kept:
            return kept
    return ()


def _kept(found: list[str], excluded: set[str]) -> tuple[str, ...]:
    kept = (each for each in found if each.lower() not in excluded and not _HELP.match(each))
    return tuple(dict.fromkeys(kept))[:_MOST]


def _by(lines: list[str], pattern: re.Pattern[str]) -> list[str]:
    found = (pattern.match(line) for line in lines)
    return [_tidy(match.group(1)) for match in found if match]


def _labelled(lines: list[str]) -> list[str]:
    found = (_LABELLED.match(line) for line in lines)
    return [
        _tidy(address) for match in found if match for address in _ADDRESS.findall(match.group(1))
    ]


def _loose(lines: list[str]) -> list[str]:
    """Take addresses out of prose: out of lines that speak of the failure, else out of any."""
    usable = [
        line for line in lines if not _ORIGINATOR.match(line) and not _HELP_CONTEXT.search(line)
    ]
    telling = [line for line in usable if FAILURE_PHRASE.search(line)]
    return [_tidy(each) for line in telling or usable for each in _ADDRESS.findall(line)]


def _tidy(address: str) -> str:
    return address.strip(".").removeprefix("mailto:").removeprefix("SMTP:")

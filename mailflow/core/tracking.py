"""Tokens and references: made from keyed hashes of what they name, found in mails, verified.

Deterministic on purpose: a mail read again after a restored backup yields the same reference, the
same tokens and the same Message-IDs, so that nothing is opened or sent a second time.

A token is ``<kid><leg>.<mac>``, 12 + 1 + 16 lower-case base32 characters: ``kid`` names the key,
``leg`` is the public name of one leg (ticket and office, ticket and company, digest and manager),
``mac`` is HMAC-SHA256 truncated to 80 bits over version, role, leg and recipient. Case is folded,
the length is exact, there is no other format.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Self

__all__ = [
    "Keyring",
    "Role",
    "find",
    "find_references",
    "in_address",
    "kind_named",
    "leg_of",
    "named",
    "number_in",
    "reference_pattern",
    "signer",
    "without_tokens",
]

_TOKEN = re.compile(r"(?<![a-z0-9])([a-z2-7]{12})\.([a-z2-7]{16})(?![a-z0-9])", re.IGNORECASE)
# also behind a percent-encoded character, as in a mailto link that somebody pasted
_ANYWHERE = re.compile(
    r"(?:(?<![a-z0-9])|(?<=%[0-9a-f]{2}))[a-z2-7]{12}\.[a-z2-7]{16}(?![a-z0-9])", re.IGNORECASE
)
_OWN_ID = re.compile(
    r"<mailflow(?:\.([a-z2-7]{12}\.[a-z2-7]{16}))?\.([a-z-]+)\.([a-z2-7]{10})\.([a-z])([a-z2-7]{16})@[^>\s]+>"
)
# what is left of a token that was cut short or grew; an ordinary word behind a plus is none
_BROKEN = re.compile(
    r"[a-z2-7]{10,}\.[a-z0-9]*|[a-z2-7]{0,11}\.[a-z2-7]{16,}|(?=[a-z]*[2-7])[a-z2-7]{12,28}",
    re.IGNORECASE,
)
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
_NUMBER_LETTERS = 4  # a digest names a second of twelve days at most
_REFERENCE_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
_REFERENCE_BODY = rf"[{_REFERENCE_ALPHABET}]{{4}}-[{_REFERENCE_ALPHABET}]{{4}}"


class Role(StrEnum):
    """Who holds a leg's token; one role's token never speaks for another."""

    OFFICE = "office"
    COMPANY = "company"
    MANAGER = "manager"


def find(text: str) -> tuple[str, ...]:
    """All tokens in a header value or body, lower case, in order, each once; unverified."""
    return tuple(dict.fromkeys(match.group(0).lower() for match in _TOKEN.finditer(text)))


def in_address(address: str) -> str:
    """Give the token, or what is left of one, behind the plus of an address; "" for neither."""
    tag = address.rpartition("@")[0].partition("+")[2]
    whole = _TOKEN.fullmatch(tag) or _BROKEN.fullmatch(tag)
    return tag.lower() if whole else ""


def leg_of(token: str) -> str:
    """Give the public name of the leg that a token belongs to, as it is written; "" of no token."""
    return token[1:12]


def without_tokens(text: str, instead: str = "…") -> str:
    """Give a text in which every token is left out: it must not travel to another reader."""
    return _ANYWHERE.sub(instead, text)


def named(message_id: str) -> str:
    """Give the name in a Message-ID that has the form of ours: equal for every key, "" for others.

    It consists of leg, kind and hash; whether a key of ours made it, ``is_ours`` tells.
    """
    match = _OWN_ID.fullmatch(message_id.strip())
    return f"{leg_of(match[1] or '')}.{match[2]}.{match[3]}" if match else ""


def number_in(message_id: str) -> int:
    """Give the number in the name of one of our Message-IDs, any where none was put in; or 0."""
    match = _OWN_ID.fullmatch(message_id.strip())
    tail = match[3][-_NUMBER_LETTERS:] if match else ""
    return sum(_BASE32.index(each) << 5 * place for place, each in enumerate(reversed(tail)))


def kind_named(message_id: str) -> str:
    """Give the kind of mail that one of our Message-IDs names, "" of any other."""
    match = _OWN_ID.fullmatch(message_id.strip())
    return match[2] if match else ""


def signer(message_id: str) -> str:
    """Give the letter of the key that one of our Message-IDs says made it, "" of any other."""
    match = _OWN_ID.fullmatch(message_id.strip())
    return match[4] if match else ""


def reference_pattern(prefix: str) -> re.Pattern[str]:
    """Match a ticket's public number such as ``KAM-7K3Q-9F2M``, in any case."""
    return re.compile(
        rf"(?<![A-Z0-9-]){re.escape(prefix)}-{_REFERENCE_BODY}(?![A-Z0-9])", re.IGNORECASE
    )


def find_references(text: str, prefix: str) -> tuple[str, ...]:
    """All references in a text, upper case, in order, each once."""
    found = (match.group(0).upper() for match in reference_pattern(prefix).finditer(text))
    return tuple(dict.fromkeys(found))


def _letters(number: int) -> str:
    """Write a number in letters; one that is too large as the largest."""
    number = min(number, 32**_NUMBER_LETTERS - 1)
    places = reversed(range(_NUMBER_LETTERS))
    return "".join(_BASE32[number >> 5 * place & 31] for place in places)


def _base32(digest: bytes, length: int) -> str:
    return base64.b32encode(digest).decode("ascii").lower()[:length]


@dataclass(frozen=True, slots=True)
class Keyring:
    """The installation's keys, by one-letter id.

    ``current`` signs; all verify, each until the aware moment in ``ends`` at which it was revoked
    or becomes too old. What a mail bears is judged when the mail is decided; in a mailbox that is
    read again that is the moment of its arrival, so that the same comes out. The oldest key goes on
    naming references, legs and mails, so that names never change: a name proves nothing.
    """

    keys: Mapping[str, bytes]
    current: str
    ends: Mapping[str, datetime] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"Keyring(current={self.current!r}, keys={sorted(self.keys)})"

    def signing_with(self, kid: str) -> Self:
        """Give the same ring, with another of its keys to sign."""
        return replace(self, current=kid)

    def has_ended(self, kid: str, at: datetime) -> bool:
        """Whether what this key signed verifies nothing from this moment on."""
        return not self._verifies(kid, at)

    def _hash(self, kid: str, purpose: str, *names: str) -> bytes:
        text = "|".join(["v1", purpose, *(name.replace("|", "%7C") for name in names)])
        return hmac.new(self.keys[kid], text.encode(), hashlib.sha256).digest()

    def _verifies(self, kid: str, at: datetime) -> bool:
        return kid in self.keys and (kid not in self.ends or at < self.ends[kid])

    def _stable(self) -> str:
        """Name the oldest key: what it names must not change when the keys rotate."""
        return min(self.keys)

    def reference(self, prefix: str, fingerprint: str, attempt: int = 0) -> str:
        """Give the public number of the ticket that the mail with this fingerprint opens."""
        number = int.from_bytes(self._hash(self._stable(), "reference", fingerprint, str(attempt)))
        letters = []
        for _ in range(8):
            number, digit = divmod(number, len(_REFERENCE_ALPHABET))
            letters.append(_REFERENCE_ALPHABET[digit])
        return f"{prefix}-{''.join(letters[:4])}-{''.join(letters[4:])}"

    def leg(self, role: Role, *names: str) -> str:
        """Give the 11-letter public name of a leg, such as (office, reference, office id)."""
        return _base32(self._hash(self._stable(), "leg", role, *names), 11)

    def token(self, role: Role, leg: str, recipient: str, kid: str = "") -> str:
        """Give the secret of a leg, bound to its role and to the address it was made for."""
        kid = kid or self.current
        mac = _base32(self._hash(kid, "token", role, leg, recipient.strip().lower()), 16)
        return f"{kid}{leg}.{mac}"

    def verify(self, token: str, role: Role, recipient: str, at: datetime) -> bool:
        """Tell whether this token was made by us for this role and recipient; constant time.

        ``at`` is when its mail is decided, aware: a key that has ended by then verifies nothing.
        """
        if not _TOKEN.fullmatch(token):
            return False
        kid, leg = token[0].lower(), leg_of(token).lower()
        if not self._verifies(kid, at):
            return False
        return hmac.compare_digest(self.token(role, leg, recipient, kid), token.lower())

    def message_id(
        self,
        domain: str,
        kind: str,
        names: Iterable[str],
        token: str = "",
        number: int | None = None,
    ) -> str:
        """Give our Message-ID for what ``names`` name: the leg's token if it has one, and a MAC.

        The same names give the same id as long as one key signs, and what ``named`` gives of it
        for ever. ``is_ours`` recognises it without a database, and ``number_in`` reads a ``number``
        in it.
        """
        name = self._name(kind, leg_of(token), names, number)
        middle = f".{token}" if token else ""
        mac = self._message_mac(self.current, token, kind, name)
        return f"<mailflow{middle}.{kind}.{name}.{self.current}{mac}@{domain}>"

    def name(self, kind: str, leg: str, names: Iterable[str], number: int | None = None) -> str:
        """Give what ``named`` gives of the Message-ID of what ``names`` name."""
        return f"{leg}.{kind}.{self._name(kind, leg, names, number)}"

    def _name(self, kind: str, leg: str, names: Iterable[str], number: int | None = None) -> str:
        tail = "" if number is None else _letters(number)
        hashed = _base32(self._hash(self._stable(), "name", kind, leg, *names), 10 - len(tail))
        return hashed + tail

    def is_ours(self, message_id: str, at: datetime) -> bool:
        """Tell whether a key of ours that had not ended ``at`` this moment made this Message-ID.

        For that no database is needed. ``at`` is when the mail that bears it is decided, aware.
        """
        match = _OWN_ID.fullmatch(message_id.strip())
        return bool(match and self._verifies(match[4], at) and self.was_ours(message_id))

    def was_ours(self, message_id: str) -> bool:
        """Tell whether any key made this Message-ID, also one that has ended since."""
        match = _OWN_ID.fullmatch(message_id.strip())
        if not match or match[4] not in self.keys:
            return False
        token, kind, name, kid, mac = match.groups(default="")
        return hmac.compare_digest(self._message_mac(kid, token, kind, name), mac)

    def _message_mac(self, kid: str, token: str, kind: str, name: str) -> str:
        return _base32(self._hash(kid, "message-id", kind, token, name), 16)

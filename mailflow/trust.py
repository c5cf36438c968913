"""What a trusted server says of a sender: the only user of authres (RFC 8601)."""

import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

import authres

from mailflow.core.address import domain_of, registrable_domain
from mailflow.core.known import Authentication
from mailflow.core.message import Message

__all__ = ["authentication", "server_of"]

_FAILED = {"fail", "permerror", "policy"}
_COMMENT = re.compile(r"\([^()]{0,500}\)")
_ESCAPED = re.compile(r"\\.")
_FOREIGN = re.compile(r"[^\x20-\x7e\t]|[<>\[\]]")
"""Letters that servers write into values as they got them, and authres cannot read."""

_ODD = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]|\A[ \t]*[(\"]")
"""What no server writes, and may not find when it strips headers in its own name."""

_LONGEST = 8_000
_LONGEST_PART = 500
_PARTS = 60
"""What a server has to say is shorter; what is longer is left unread, since authres is slow: it
takes twenty millionths of a second for a letter. So `_LONGEST` is the budget of all headers of a
mail, too."""

_DENIAL = re.compile(r"\bdmarc\s*=\s*(?:fail|permerror|policy)\b", re.IGNORECASE)
_PASS = re.compile(r"\s*dmarc\s*=\s*pass\b", re.IGNORECASE)
_SPF_FAIL = re.compile(r"\s*spf\s*=\s*fail\b", re.IGNORECASE)
_AUTHOR = re.compile(r"\bheader\.from\s*=\s*([^\s;]{1,400})", re.IGNORECASE)
_NAMED = re.compile(r"(?<![\w.-])(?:d|from)\s*=\s*\"?([^\s;\"()]{1,400})", re.IGNORECASE)
"""How a server names the author where it does not say ``header.from``: Cisco's ``d=``."""

_OTHER_METHOD = re.compile(r"(?!.*dmarc)\s*[a-z][\w.-]*\s*=", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Result:
    """What a server found by one method, and which domains it names as the author's."""

    found: authres.AuthenticationResult
    authors: tuple[str, ...]

    @property
    def is_dmarc(self) -> bool:
        """Whether it is the word of DMARC, which alone speaks of authors."""
        return bool(self.found.method == "dmarc")

    @property
    def word(self) -> str:
        """What was found: ``pass``, ``fail`` and so on."""
        return str(self.found.result).lower()


@dataclass(frozen=True, slots=True)
class _Heard:
    """What one header says: the results that can be read, and the text of the parts that cannot."""

    results: tuple[_Result, ...]
    unread: tuple[str, ...]
    whole: bool = True

    @property
    def hides(self) -> bool:
        """Whether a part that cannot be read may be the word of DMARC."""
        return not self.whole or not all(map(_OTHER_METHOD.match, self.unread))


def authentication(message: Message, authserv_ids: tuple[str, ...]) -> Authentication:
    """Give the verdict of the servers we trust: of the first header, unless another objects.

    Without trusted servers nothing is believed, nothing asked: UNCHECKED (RFC 8601 §7.1). DMARC
    decides where it is there (RFC 9989); else a DKIM pass of the author's own domain. A forger
    may write a header in our server's name above or below its own, or put into one what nobody
    can read: where two words contradict each other, or one cannot be read, the worse one counts.
    """
    if not authserv_ids:
        return Authentication.UNCHECKED
    domain = domain_of(message.sender.address)
    trusted = {each.lower() for each in authserv_ids}
    found = _heard(
        header for header in message.authentication_results[:20] if server_of(header) in trusted
    )
    verdicts = [_verdict(each, domain) for each in found]
    if Authentication.FAIL in verdicts:
        return Authentication.FAIL
    dmarc = {result.word for each in found for result in each.results if result.is_dmarc}
    if not found or len(dmarc) > 1 or any(each.hides for each in found):
        return Authentication.NONE
    return verdicts[0]


def server_of(header: str) -> str:
    """Give who wrote an Authentication-Results header: its first word (RFC 8601 §2.2)."""
    words = _COMMENT.sub(" ", header[:_LONGEST]).partition(";")[0].split()
    return words[0].strip('"').lower() if words else ""


def _heard(headers: Iterable[str]) -> list[_Heard]:
    """Read headers from the top as far as the budget goes; what is beyond it is left unread."""
    found: list[_Heard] = []
    budget = _LONGEST
    for header in headers:
        found.append(_read(header, budget))
        budget -= len(header)
    return found


def _read(header: str, budget: int) -> _Heard:
    """Read a header part by part: a part that cannot be read spoils no other one."""
    begin = header[:_LONGEST]
    text = _FOREIGN.sub("?", begin)
    if len(header) > budget or _ODD.search(begin):
        return _Heard((), (text,), whole=False)
    (server, *parts), left_open = _parts(text)
    if len(parts) > _PARTS:
        return _Heard((), (text,), whole=False)
    results: list[_Result] = []
    unread = [left_open] if left_open else []
    for text, part in ((f"{server}; none", server), *((f"x; {part}", part) for part in parts)):
        read = _results(text) if len(part) <= _LONGEST_PART else None
        results += [_Result(each, _authors(each, part)) for each in read or ()]
        if read is None:
            unread.append(part)
    return _Heard(tuple(results), tuple(unread))


def _results(header: str) -> list[authres.AuthenticationResult] | None:
    """Give what authres reads in a header, None where it cannot."""
    with suppress(authres.AuthResError, ValueError, IndexError, RecursionError):
        parsed = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {header}")
        return list(parsed.results)
    return None


def _parts(header: str) -> tuple[list[str], str]:
    """Split at the semicolons that stand in no comment and in no quotes (RFC 8601 §2.2).

    A part in which one of them is never closed is given apart: authres would guess at its end.
    Blank parts are left out, but for the first, which names the server.
    """
    parts: list[str] = []
    start, depth, quoted, escaped = 0, 0, False, False
    for at, letter in enumerate(header):
        if escaped:
            escaped = False
        elif letter == "\\" and (quoted or depth):
            escaped = True
        elif letter == '"' and not depth:
            quoted = not quoted
        elif letter in "()" and not quoted:
            depth = max(0, depth + (1 if letter == "(" else -1))
        elif letter == ";" and not quoted and not depth:
            parts.append(header[start:at])
            start = at + 1
    left_open = header[start:] if quoted or depth else ""
    parts += [] if left_open else [header[start:]]
    return [*parts[:1], *filter(str.strip, parts[1:])] or [""], left_open


def _authors(result: authres.AuthenticationResult, part: str) -> tuple[str, ...]:
    """Give the domains that a part names as the author's.

    Where it has no ``header.from``, what stands outside its comments under another name counts.
    """
    named = [each.value for each in result.properties if _is_author(each)]
    values = named or _NAMED.findall(_without_comments(part))
    return tuple(domain_of(each.strip()).rstrip(".") for each in values)


def _is_author(named: authres.AuthenticationResultProperty) -> bool:
    return (named.type, named.name) == ("header", "from")


def _without_comments(part: str) -> str:
    text, before = _ESCAPED.sub("", part), ""
    while text != before:
        text, before = _COMMENT.sub(" ", text), text
    return text


def _vouches_for_another(heard: _Heard, domain: str) -> bool:
    """Whether DMARC passes an author of a domain that has nothing to do with ours.

    The server then read another author in this mail than we do, as one writes it who wants a
    pass for himself and a known name for the reader. A name that cannot be read says nothing.
    """
    passed = [each for each in heard.results if each.is_dmarc and each.word == "pass"]
    names = [name for each in passed for name in each.authors]
    for part in heard.unread:
        for text in filter(_PASS.match, part.split(";")):
            found = (each.strip('"').rstrip(".") for each in _AUTHOR.findall(text))
            names += [domain_of(each) for each in found if "." in each]
    return _names_another(names, domain)


def _names_another(names: Iterable[str], domain: str) -> bool:
    clear = [each for each in names if each and "?" not in each]
    return bool(domain) and not all(_is_aligned(each, domain) for each in clear)


def _is_aligned(name: str, domain: str) -> bool:
    """Whether of two domains one is the other's, or lies below it (RFC 7489 §3.1, relaxed).

    Not two below a third, as the RFC has it: without a list of public suffixes they may be two
    customers of one host. Nor is one below what nobody can register, such as co.uk.
    """
    shorter, longer = sorted((name, domain), key=len)
    below = f".{longer}".endswith(f".{shorter}")
    return "." in shorter and below and len(registrable_domain(longer)) <= len(shorter)


def _verdict(heard: _Heard, domain: str) -> Authentication:
    """Judge one header; what cannot be read in it can speak against the sender, never for him.

    A pass of DMARC for another author is a word against this one. What else it says of another
    speaks for nobody: a gateway may have rewritten the sender since.
    """
    dmarc = [result for result in heard.results if result.is_dmarc]
    denied = any(result.word in _FAILED for result in dmarc)
    if denied or any(map(_DENIAL.search, heard.unread)):
        return Authentication.FAIL
    if _vouches_for_another(heard, domain):
        return Authentication.FAIL
    if not any(_names_another(each.authors, domain) for each in dmarc) and (
        any(each.word == "pass" and _vouches(each, heard, domain) for each in dmarc)
        or any(_is_signed(each.found, domain) for each in heard.results)
    ):
        return Authentication.PASS
    refused = any(_is_refused(each.found, domain) for each in heard.results) or any(
        _SPF_FAIL.match(part) and domain in part.lower() for part in heard.unread
    )
    return Authentication.FAIL if refused else Authentication.NONE


def _vouches(passed: _Result, heard: _Heard, domain: str) -> bool:
    """Whether a pass of DMARC is one for the author's domain.

    One that names nobody may be for another author, whom the server read where we read this one:
    it counts with what would have earned it, a path of the author's domain (or its signature).
    """
    if passed.authors:
        return set(passed.authors) <= {domain}
    return any(_is_sent(each.found, domain) for each in heard.results)


def _is_sent(result: authres.AuthenticationResult, domain: str) -> bool:
    """Whether a domain aligned with the author's names the server that sent this (SPF: pass)."""
    if result.method != "spf" or result.result.lower() != "pass":
        return False
    return _is_aligned(domain_of(getattr(result, "smtp_mailfrom", "") or ""), domain)


def _is_signed(result: authres.AuthenticationResult, domain: str) -> bool:
    """Whether a DKIM signature aligned with the author's domain holds (RFC 7489 §3.1.1).

    Some servers name the signer by its identity alone (``header.i``, RFC 8601 §2.7.1).
    """
    if result.method != "dkim" or result.result.lower() != "pass":
        return False
    identity = domain_of(getattr(result, "header_i", "") or "")
    signer = (getattr(result, "header_d", "") or identity).lower()
    return _is_aligned(signer, domain)


def _is_refused(result: authres.AuthenticationResult, domain: str) -> bool:
    """Whether the author's domain itself denies the server that sent this (SPF: fail)."""
    if result.method != "spf" or result.result.lower() != "fail":
        return False
    path = domain_of(getattr(result, "smtp_mailfrom", "") or "").rstrip("?")
    return bool(path) and f".{path}".endswith(f".{domain}")

"""What a trusted server says of a sender: the only user of authres (RFC 8601)."""

import re
from contextlib import suppress

import authres

from mailflow.core.known import Authentication
from mailflow.core.message import Message

__all__ = ["authentication", "server_of"]

_FAILED = {"fail", "permerror", "policy"}
_COMMENT = re.compile(r"\([^()]{0,500}\)")


def authentication(message: Message, authserv_ids: tuple[str, ...]) -> Authentication:
    """Give the verdict of the servers we trust: of the first header, unless another objects.

    Without trusted servers nothing is believed, nothing asked: UNCHECKED (RFC 8601 §7.1). DMARC
    decides where it is there (RFC 9989); else a DKIM pass of the author's own domain. A forger
    may write a header in our server's name above or below its own: where two of them contradict
    each other, the worse one counts.
    """
    if not authserv_ids:
        return Authentication.UNCHECKED
    domain = message.sender.address.rpartition("@")[2].lower()
    trusted = {each.lower() for each in authserv_ids}
    found = [
        _read(header)
        for header in message.authentication_results[:20]
        if server_of(header) in trusted
    ]
    verdicts = [_verdict(each, domain) for each in found]
    if Authentication.FAIL in verdicts:
        return Authentication.FAIL
    dmarc = {result.result.lower() for each in found for result in each if _is_dmarc(result)}
    return verdicts[0] if verdicts and len(dmarc) < 2 else Authentication.NONE  # noqa: PLR2004


def server_of(header: str) -> str:
    """Give who wrote an Authentication-Results header: its first word (RFC 8601 §2.2)."""
    words = _COMMENT.sub(" ", header).partition(";")[0].split()
    return words[0].strip('"').lower() if words else ""


def _read(header: str) -> list[authres.AuthenticationResult]:
    """Give a header's results, none where it cannot be read."""
    with suppress(authres.AuthResError, ValueError, IndexError):
        parsed = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {header}")
        return list(parsed.results)
    return []


def _is_dmarc(result: authres.AuthenticationResult) -> bool:
    return bool(result.method == "dmarc")


def _speaks_of(result: authres.AuthenticationResult, domain: str) -> bool:
    """Whether a result names the author's own domain, or names none."""
    for name in result.properties:
        if name.type == "header" and name.name == "from":
            named: str = name.value.strip().lower().rpartition("@")[2]
            return named == domain
    return True


def _verdict(results: list[authres.AuthenticationResult], domain: str) -> Authentication:
    by_method = {result.method: result for result in results}
    spoken = by_method.get("dmarc")
    dmarc = spoken.result.lower() if spoken else None
    if spoken and dmarc == "pass" and _speaks_of(spoken, domain):
        return Authentication.PASS
    if dmarc in _FAILED:
        return Authentication.FAIL
    if any(_is_signed(result, domain) for result in results):
        return Authentication.PASS
    refused = any(_is_refused(result, domain) for result in results)
    return Authentication.FAIL if refused else Authentication.NONE


def _is_signed(result: authres.AuthenticationResult, domain: str) -> bool:
    """Whether a DKIM signature aligned with the author's domain holds (RFC 7489 §3.1.1, relaxed).

    Some servers name the signer by its identity alone (``header.i``, RFC 8601 §2.7.1).
    """
    if result.method != "dkim" or result.result.lower() != "pass":
        return False
    identity = (getattr(result, "header_i", "") or "").rpartition("@")[2]
    signer = (getattr(result, "header_d", "") or identity).lower()
    shorter, longer = sorted((signer, domain), key=len)
    return "." in shorter and f".{longer}".endswith(f".{shorter}")


def _is_refused(result: authres.AuthenticationResult, domain: str) -> bool:
    """Whether the author's domain itself denies the server that sent this (SPF: fail)."""
    if result.method != "spf" or result.result.lower() != "fail":
        return False
    path = (getattr(result, "smtp_mailfrom", "") or "").lower().rpartition("@")[2]
    return bool(path) and f".{path}".endswith(f".{domain}")

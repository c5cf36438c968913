"""What a trusted server says of a sender: the only user of authres (RFC 8601)."""

from contextlib import suppress

import authres

from mailflow.core.known import Authentication
from mailflow.core.message import Message

__all__ = ["authentication"]

_FAILED = {"fail", "permerror", "policy"}


def authentication(message: Message, authserv_ids: tuple[str, ...]) -> Authentication:
    """Give the verdict of the first header by a server we trust.

    Without trusted servers nothing is believed, nothing asked: UNCHECKED (RFC 8601 §7.1). DMARC
    decides where it is there (RFC 9989); else a DKIM pass of the author's own domain.
    """
    if not authserv_ids:
        return Authentication.UNCHECKED
    trusted = {each.lower() for each in authserv_ids}
    for header in message.authentication_results[:20]:
        with suppress(authres.AuthResError, ValueError, IndexError):
            parsed = authres.AuthenticationResultsHeader.parse(f"Authentication-Results: {header}")
            if parsed.authserv_id.lower() in trusted:
                return _verdict(parsed.results, message.sender.address)
    return Authentication.NONE


def _speaks_of(result: authres.AuthenticationResult, domain: str) -> bool:
    """Whether a result names the author's own domain, or names none."""
    for name in result.properties:
        if name.type == "header" and name.name == "from":
            named: str = name.value.strip().lower().rpartition("@")[2]
            return named == domain
    return True


def _verdict(results: list[authres.AuthenticationResult], sender: str) -> Authentication:
    domain = sender.rpartition("@")[2].lower()
    by_method = {result.method: result for result in results}
    spoken = by_method.get("dmarc")
    dmarc = spoken.result.lower() if spoken else None
    if spoken and dmarc == "pass" and _speaks_of(spoken, domain):
        return Authentication.PASS
    if dmarc in _FAILED:
        return Authentication.FAIL
    for result in results:
        if result.method == "dkim" and result.result.lower() == "pass":
            signer = (getattr(result, "header_d", "") or "").lower()
            if signer == domain or domain.endswith(f".{signer}"):
                return Authentication.PASS
    return Authentication.NONE

"""Whether the keys at hand are those that signed our mails in a mailbox."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, groupby

from mailflow.core.address import domain_of
from mailflow.core.tracking import Keyring, signer

__all__ = ["Signers", "signers"]

_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Signers:
    """How many mails there are of ours, and of how many no key at hand says so (``unproven``).

    ``missing``: the letter of the key that each of those names which a lost key must have signed.
    """

    total: int
    unproven: int
    missing: tuple[str, ...]

    @property
    def lost(self) -> str:
        """Name the keys that are missing; one with a letter of today's is another one."""
        return ", ".join(sorted(set(self.missing)))


def signers(message_ids: Iterable[str], keyring: Keyring, domain: str) -> Signers:
    """Find out who signed the mails with these Message-IDs, in the order they were filed.

    Where a key is missing, nothing of its time is proven: what stands first, last, or several in a
    row. What stands alone among mails of ours is a stranger's, who may give his any name; what
    names another domain is another mailflow's.
    """
    ours = [each for each in message_ids if _is_ours(each, keyring, domain)]
    runs = [(proven, list(map(signer, run))) for proven, run in groupby(ours, keyring.was_ours)]
    unproven = [letters for proven, letters in runs if not proven]
    missing = [
        letters
        for number, (proven, letters) in enumerate(runs, start=1)
        if not proven and (number in {1, len(runs)} or len(letters) >= _IN_A_ROW)
    ]
    return Signers(len(ours), sum(map(len, unproven)), tuple(chain.from_iterable(missing)))


def _is_ours(message_id: str, keyring: Keyring, domain: str) -> bool:
    """Whether a key made it, or it has the form and the domain of ours."""
    at_ours = domain_of(message_id.strip().rstrip(">")) == domain
    return bool(signer(message_id)) and (at_ours or keyring.was_ours(message_id))

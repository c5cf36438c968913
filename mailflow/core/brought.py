"""What mails have brought to offices, and how sure that is."""

from dataclasses import dataclass

__all__ = ["Brought"]


@dataclass(frozen=True, slots=True)
class Brought:
    """A letter, by its fingerprint, in a mail to one reader of an office that did not fail.

    ``round`` is the round it was sent in, 0 where nobody knows. ``has_arrived``: a server took the
    mail, as far as there is proof; ``is_dropped``: it was given up, out already or not.
    """

    office_id: str
    address: str
    letter: str
    round: int
    has_arrived: bool = False
    is_dropped: bool = False

"""What a manager had seen when he gave an order: what was decided before the mail he answers."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

__all__ = ["Seen"]


@dataclass(frozen=True, slots=True)
class Seen:
    """Up to when what was made is known to him who answers a mail of ours.

    That mail was made at ``until``. In a database made anew mails bear the moment of their arrival,
    not of their decision: ``late`` are those that had come by then and were decided after it, and
    ``early`` those that, by the mailbox server's clock, came later and were decided before it.
    """

    until: datetime
    late: AbstractSet[int] = frozenset()
    early: AbstractSet[int] = frozenset()
    late_moments: AbstractSet[datetime] = frozenset()
    early_moments: AbstractSet[datetime] = frozenset()

    def knows_mail(self, mail_id: int, moment: datetime) -> bool:
        """Whether a mail that was decided at a moment had been decided by then."""
        if mail_id in self.late:
            return False
        return mail_id in self.early or moment <= self.until

    def knows(self, moment: datetime, mail_id: int = 0) -> bool:
        """Whether what began at a moment, about a mail or none, had begun by then.

        What a mail brought about began when that mail was decided; all else is by our own clock.
        """
        if mail_id in self.late or moment in self.late_moments:
            return False
        return moment in self.early_moments or moment <= self.until

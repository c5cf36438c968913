"""The word to the manager that a mail in doubt has waited too long to wait for the next digest."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from mailflow.core.digest import Pending
from mailflow.core.drafts import Alert
from mailflow.core.known import Policy

__all__ = ["waited_too_long", "waiting_alert"]

_PATIENCE = timedelta(hours=4)
_NAMED = 20


def waited_too_long(since: datetime, now: datetime, policy: Policy) -> bool:
    """Whether what has waited since then has done so for four working hours."""
    return policy.workdays.working_time(since, now, policy.zone) >= _PATIENCE


def waiting_alert(waiting: Sequence[Pending]) -> Alert:
    """Word what waits, each with what can be said to it, by answering this very mail."""
    lines = [
        f"{each.reference} von {each.company}, „{each.subject}“: {each.reason} Möglich ist: "
        + ", ".join(f"„{choice.command.strip()}“" for choice in each.choices)
        for each in waiting[:_NAMED]
    ]
    if len(waiting) > _NAMED:
        lines.append(f"… und {len(waiting) - _NAMED} weitere; die nächste Übersicht nennt sie.")
    return Alert(
        "Eine Mail wartet seit vier Stunden auf Ihre Entscheidung"
        if len(waiting) == 1
        else f"{len(waiting)} Mails warten auf Ihre Entscheidung, die erste seit vier Stunden",
        tuple(lines),
        "Antworten Sie auf diese Mail wie auf die Tagesübersicht, eine Zeile für jede Nummer.",
    )

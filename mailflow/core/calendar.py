"""Working days, targets, and the ladder of reminders.

Counting follows German administrative habit: the day something is received or asked does not count.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

__all__ = ["LONGEST_WAIT", "Step", "Targets", "Workdays", "step_due"]

LONGEST_WAIT = timedelta(days=731)
"""How far ahead a due day may lie: a later one is a slip of the pen, and nobody would be
reminded."""

_DAY = timedelta(days=1)
_SATURDAY = 5
_OPENS, _CLOSES = time(8), time(16)


@dataclass(frozen=True, slots=True)
class Workdays:
    """Monday to Friday, less the closed days: public holidays and local closing days."""

    closed: frozenset[date] = frozenset()

    def is_workday(self, day: date) -> bool:
        """Tell whether the offices are open on this day."""
        return day.weekday() < _SATURDAY and day not in self.closed

    def add(self, day: date, count: int) -> date:
        """Give the ``count``-th workday after ``day`` (before it when negative), not counting it.

        With 0: ``day`` itself, or the next workday when it is none.
        """
        if count == 0:
            return day if self.is_workday(day) else self.add(day, 1)
        step = _DAY if count > 0 else -_DAY
        left = abs(count)
        while left:
            day += step
            left -= self.is_workday(day)
        return day

    def between(self, first: date, last: date) -> int:
        """Count the workdays after ``first`` up to and with ``last``; negative if earlier."""
        if last < first:
            return -self.between(last, first)
        days = (last - first).days
        return sum(self.is_workday(first + _DAY * offset) for offset in range(1, days + 1))

    def working_time(self, since: datetime, until: datetime, zone: ZoneInfo) -> timedelta:
        """Give how much working time, 8 to 16 on workdays in ``zone``, lies between two moments."""
        total = timedelta()
        day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
        while day <= last:
            if self.is_workday(day):
                opens, closes = (datetime.combine(day, at, zone) for at in (_OPENS, _CLOSES))
                total += max(timedelta(), min(until, closes) - max(since, opens))
            day += _DAY
        return total


class Step(StrEnum):
    """A rung of the ladder: the office; the office and its deputy; its head and the manager."""

    REMINDER1 = "reminder1"
    REMINDER2 = "reminder2"
    ESCALATION = "escalation"


@dataclass(frozen=True, slots=True)
class Targets:
    """How many workdays after an office was asked what happens (``[targets]``).

    ``reminders`` holds at most two, in rising order; ``escalate`` comes after them.
    """

    office_reply: int = 5
    reminders: tuple[int, ...] = (3, 5)
    escalate: int = 8

    def ladder(self) -> tuple[tuple[Step, int], ...]:
        """Give each step with its distance in workdays from the due day, in rising order."""
        steps = (*zip((Step.REMINDER1, Step.REMINDER2), self.reminders, strict=False),)
        steps += ((Step.ESCALATION, self.escalate),)
        return tuple((step, days - self.office_reply) for step, days in steps)


def step_due(
    asked_on: date,
    due_on: date,
    today: date,
    targets: Targets,
    already: Collection[Step],
    workdays: Workdays,
) -> Step | None:
    """Give the step to take today for an office that has not replied, or None.

    The ladder is counted from the due day, so that an extension or an office's own target moves all
    of it. After a standstill only the highest step due is taken, never several at once; a lower one
    never follows a higher one. Nothing happens on closed days or on the day of asking.
    """
    if not workdays.is_workday(today) or today <= asked_on:
        return None
    ladder = targets.ladder()
    reached = [step for step, offset in ladder if _day(due_on, offset, workdays) <= today]
    order = [step for step, _ in ladder]
    last = max((order.index(step) for step in already if step in order), default=-1)
    return reached[-1] if reached and order.index(reached[-1]) > last else None


def _day(due_on: date, offset: int, workdays: Workdays) -> date:
    return workdays.add(due_on, offset) if offset else due_on

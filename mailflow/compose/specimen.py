"""Made-up contexts of every kind, so that ``mailflow check`` can try each template beforehand."""

import dataclasses
import types
import typing
from collections.abc import Mapping
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, Final

from mailflow.core.digest import Digest
from mailflow.core.drafts import (
    Acknowledgement,
    Alert,
    CombinedAnswer,
    Context,
    DraftKind,
    Escalation,
    Forward,
    Interim,
    Notice,
    Question,
    Reminder,
    ReportMail,
    Review,
)
from mailflow.core.tracking import Role

__all__ = ["CONTEXTS", "ROLES", "specimen"]

CONTEXTS: Final[Mapping[DraftKind, type]] = {
    DraftKind.ACKNOWLEDGEMENT: Acknowledgement,
    DraftKind.FORWARD: Forward,
    DraftKind.COMBINED_ANSWER: CombinedAnswer,
    DraftKind.QUESTION: Question,
    DraftKind.INTERIM: Interim,
    DraftKind.REMINDER: Reminder,
    DraftKind.ESCALATION: Escalation,
    DraftKind.REVIEW: Review,
    DraftKind.DIGEST: Digest,
    DraftKind.ALERT: Alert,
    DraftKind.NOTICE: Notice,
    DraftKind.REPORT: ReportMail,
}
ROLES: Final[Mapping[DraftKind, Role]] = {
    DraftKind.ACKNOWLEDGEMENT: Role.COMPANY,
    DraftKind.COMBINED_ANSWER: Role.COMPANY,
    DraftKind.QUESTION: Role.COMPANY,
    DraftKind.INTERIM: Role.COMPANY,
    DraftKind.FORWARD: Role.OFFICE,
    DraftKind.REMINDER: Role.OFFICE,
    DraftKind.ESCALATION: Role.OFFICE,
    DraftKind.REVIEW: Role.MANAGER,
    DraftKind.DIGEST: Role.MANAGER,
}
_MOMENT: Final = datetime(2026, 5, 29, 9, 30, tzinfo=UTC)
_FULL: Final[Mapping[object, object]] = {
    str: "Beispiel",
    int: 2,
    float: 1.5,
    bool: True,
    date: _MOMENT.date(),
    datetime: _MOMENT,
}
_EMPTY: Final[Mapping[object, object]] = {**_FULL, str: "", int: 0, float: 0.0, bool: False}


def specimen(kind: DraftKind, *, full: bool) -> Context:
    """Give a context of a kind with every field filled, or with everything optional left out."""
    context: Context = _value(CONTEXTS[kind], full=full)
    return context


def _value(wanted: Any, *, full: bool) -> Any:
    plain = _FULL if full else _EMPTY
    if wanted in plain:
        return plain[wanted]
    if isinstance(wanted, type) and issubclass(wanted, StrEnum):
        return list(wanted)[-1 if full else 0]
    arguments = typing.get_args(wanted)
    if typing.get_origin(wanted) is tuple:
        if arguments[-1] is not Ellipsis:
            return tuple(_value(each, full=full) for each in arguments)
        return (_value(arguments[0], full=full),) * 2 if full else ()
    if isinstance(wanted, types.UnionType):  # always "something or None" in our contexts
        return _value(arguments[0], full=full) if full else None
    hints = typing.get_type_hints(wanted)
    fields = dataclasses.fields(wanted)
    return wanted(**{each.name: _value(hints[each.name], full=full) for each in fields})

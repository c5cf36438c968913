"""What the manager can say of each thing that waits: one reply, one line."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from mailflow.core.digest import Choice
from mailflow.core.meant import name_of, number_among
from mailflow.core.ticket import Hold, HoldReason

__all__ = ["choices_of", "mail_choices"]


_ONLY_DROPPED = frozenset({HoldReason.STORM, HoldReason.ENCRYPTED})
"""Outside every ticket: what stands for many mails, and what nobody could read."""


def choices_of(
    reference: str, hold: Hold, holds: Iterable[Hold] = (), *, in_house: bool = False
) -> tuple[Choice, ...]:
    """Give what can be said of something that waits in a ticket.

    ``holds`` are all that wait there: where several concern the same thing, the orders name the
    number, too, so that each means this one. ``in_house``: its author wants it kept in the house,
    so it can be no answer.
    """
    offered = _IN_HOUSE.get(hold.reason) if in_house else None
    offered = offered or _CHOICES[hold.reason]
    return offered(reference, replace(hold, number=number_among(hold, holds)))


def mail_choices(reference: str, hold: Hold, *, of_manager: bool) -> tuple[Choice, ...]:
    """Give what can be said of a mail that waits outside every ticket."""
    drop = Choice("verwerfen", f"{reference} verwerfen")
    if of_manager or hold.reason in _ONLY_DROPPED:
        return (drop,)
    ticket = hold.suggestion
    join = f"{reference} zu {ticket}"
    label = f"gehört zu {ticket}" if ticket else "gehört zu einem Vorgang"
    return (
        Choice(label, join),
        Choice("neuer Vorgang", f"{reference} neu"),
        drop,
    )


def _routing(reference: str, hold: Hold) -> tuple[Choice, ...]:
    offices = [each for each in hold.suggestion.split(", ") if each]
    first = [Choice(f"an {each}", f"{reference} an {each}") for each in offices[:3]]
    if len(offices) > 1:
        together = ", ".join(offices[:3])
        first.append(Choice("an alle genannten", f"{reference} an {together}"))
    if not offices:
        first.append(Choice("an ein Amt", f"{reference} an "))
    return (
        *first,
        Choice("selbst antworten", f"{reference} antwort: "),
        Choice("schließen", f"{reference} schliessen"),
    )


def _declined(reference: str, hold: Hold) -> tuple[Choice, ...]:
    """Offer another office, going on without one, or the office's words as an answer after all."""
    answer = Choice("doch eine Antwort", f"{reference} freigeben als antwort {name_of(hold)}")
    return (*_declined_in_house(reference, hold), *([answer] if hold.reply_id else []))


def _declined_in_house(reference: str, hold: Hold) -> tuple[Choice, ...]:
    without = _discarding("ohne dieses Amt weiter", reference, hold)
    return (*_routing(reference, hold), without)


def _external(reference: str, hold: Hold) -> tuple[Choice, ...]:
    return (
        Choice(f"an {hold.suggestion}", f"{reference} an {hold.suggestion}"),
        Choice("ohne diese Stelle", f"{reference} ohne {hold.suggestion}"),
    )


def _reply_kind(reference: str, hold: Hold) -> tuple[Choice, ...]:
    return (
        Choice("so übernehmen", f"{reference} freigeben {name_of(hold)}"),
        Choice("als Antwort", f"{reference} freigeben als antwort {name_of(hold)}"),
        _discarding("nicht verwenden", reference, hold),
    )


def _reply_kind_in_house(reference: str, hold: Hold) -> tuple[Choice, ...]:
    return (
        Choice("so übernehmen", f"{reference} freigeben {name_of(hold)}"),
        Choice("selbst antworten", f"{reference} antwort: "),
        _discarding("nicht verwenden", reference, hold),
    )


def _sender(reference: str, hold: Hold) -> tuple[Choice, ...]:
    return (
        Choice("freigeben", f"{reference} freigeben {name_of(hold)}"),
        Choice("freigeben und künftig zulassen", f"{reference} aufnehmen {name_of(hold)}"),
        _discarding("nicht verwenden", reference, hold),
    )


def _release(reference: str, hold: Hold) -> tuple[Choice, ...]:
    office = f" {name_of(hold)}" if hold.office_id else ""
    return (
        Choice("freigeben", f"{reference} freigeben{office}"),
        _discarding("nicht verwenden", reference, hold),
    )


def _nothing_readable(reference: str, hold: Hold) -> tuple[Choice, ...]:
    """Offer what can be said of a reply in which there is nothing to release."""
    return (
        _discarding("nicht verwenden", reference, hold),
        Choice("selbst antworten", f"{reference} antwort: "),
    )


def _encrypted(reference: str, hold: Hold) -> tuple[Choice, ...]:
    return (_nothing_readable if hold.office_id else _routing)(reference, hold)


def _discarding(label: str, reference: str, hold: Hold) -> Choice:
    """Name the thing, so that nothing else of the same ticket is dropped with it."""
    return Choice(label, f"{reference} verwerfen {name_of(hold)}")


def _attachment(reference: str, hold: Hold) -> tuple[Choice, ...]:
    if hold.office_id:
        return _release(reference, hold)
    return (_discarding("gesehen", reference, hold),)


def _review(reference: str, _: Hold) -> tuple[Choice, ...]:
    return (
        Choice("freigeben", f"{reference} freigeben"),
        Choice("noch ein Amt fragen", f"{reference} an "),
        Choice("selbst antworten", f"{reference} antwort: "),
    )


def _unreachable(reference: str, hold: Hold) -> tuple[Choice, ...]:
    if not hold.office_id:
        again = Choice("noch einmal senden", f"{reference} freigeben {name_of(hold)}")
        return (
            *((again,) if hold.suggestion else ()),
            _discarding("erledigt", reference, hold),
            Choice("schließen", f"{reference} schliessen"),
        )
    return (
        Choice("noch einmal senden", f"{reference} erinnern"),
        Choice("an ein anderes Amt", f"{reference} an "),
        _discarding("erledigt, weiter ohne", reference, hold),
        Choice("schließen", f"{reference} schliessen"),
    )


def _unsent(reference: str, hold: Hold) -> tuple[Choice, ...]:
    if hold.office_id:
        remind = Choice("erinnern, mit den Worten des Unternehmens", f"{reference} erinnern")
        return (remind, _discarding("erledigt", reference, hold))
    return (*_unreachable(reference, hold), Choice("selbst antworten", f"{reference} antwort: "))


_CHOICES: Mapping[HoldReason, Callable[[str, Hold], tuple[Choice, ...]]] = {
    HoldReason.UNROUTED: _routing,
    HoldReason.EXTERNAL: _external,
    HoldReason.DECLINED: _declined,
    HoldReason.SENDER: _sender,
    HoldReason.SUSPECTED: _reply_kind,
    HoldReason.INTERNAL_PART: _release,
    HoldReason.LATE: _release,
    HoldReason.CONFLICT: _release,
    HoldReason.CIRCULAR: _reply_kind,
    HoldReason.UNMATCHED: _release,
    HoldReason.AUTHENTICATION: _release,
    HoldReason.UNREACHABLE: _unreachable,
    HoldReason.UNSENT: _unsent,
    HoldReason.REVIEW: _review,
    HoldReason.ENCRYPTED: _encrypted,
    HoldReason.EMPTY: _nothing_readable,
    HoldReason.QUOTES: _release,
    HoldReason.ATTACHMENT: _attachment,
    HoldReason.STORM: _release,
    HoldReason.SCAN: _release,
    HoldReason.CODE: _release,
}

_IN_HOUSE: Mapping[HoldReason, Callable[[str, Hold], tuple[Choice, ...]]] = {
    HoldReason.DECLINED: _declined_in_house,
    HoldReason.SUSPECTED: _reply_kind_in_house,
    HoldReason.CIRCULAR: _reply_kind_in_house,
}
"""Instead, where the author of a reply wants it kept in the house."""

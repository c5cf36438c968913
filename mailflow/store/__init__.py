"""The only SQL. One mailbox's view of the database; every method is one transaction."""

from mailflow.store.apply import StaleDecisionError
from mailflow.store.engine import AWAY_ERRORS, SetBackError
from mailflow.store.former import BEHIND
from mailflow.store.fresh import on_fresh_facts
from mailflow.store.mails import (
    AlreadyDecidedError,
    Sighting,
    Stored,
    Undecided,
)
from mailflow.store.outbox import EVEN_FROZEN, RECEIPTS_READ, UNSEEN_TRIES, Claimed
from mailflow.store.senders import STORM_WINDOW, Incoming
from mailflow.store.store import Store

__all__ = [
    "AWAY_ERRORS",
    "BEHIND",
    "EVEN_FROZEN",
    "RECEIPTS_READ",
    "STORM_WINDOW",
    "UNSEEN_TRIES",
    "AlreadyDecidedError",
    "Claimed",
    "Incoming",
    "SetBackError",
    "Sighting",
    "StaleDecisionError",
    "Store",
    "Stored",
    "Undecided",
    "on_fresh_facts",
]

"""The composition root: from settings to the parts that do the work."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Engine

from mailflow import keys
from mailflow.chasing import Chasing
from mailflow.compose import Composer
from mailflow.core.known import Policy
from mailflow.core.tracking import Keyring
from mailflow.dispatch import Dispatch
from mailflow.free_mail import FREE_MAIL
from mailflow.intake import Intake, Reads
from mailflow.report import Reporting
from mailflow.settings import Settings
from mailflow.shipped import template_directories
from mailflow.store import Store
from mailflow.store.engine import make_engine
from mailflow.submission import Submission
from mailflow.upgrade import upgrade

__all__ = ["Parts", "assemble", "composer_of", "open_store", "policy_of"]


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that works together in one process."""

    settings: Settings
    policy: Policy
    engine: Engine
    store: Store
    composer: Composer
    intake: Intake
    dispatch: Dispatch
    submission: Submission
    reader: Reads
    reporting: Reporting
    chasing: Chasing


def policy_of(settings: Settings) -> Policy:
    """Give the city's wishes as decisions need them; makes the key file where it is missing."""
    central = settings.central
    return Policy(
        central_address=central.address,
        prefix=central.reference_prefix,
        language=central.language,
        zone=central.zone,
        managers=tuple(each.lower() for each in settings.manager.addresses),
        offices=settings.offices,
        routing=settings.policy,
        workdays=settings.workdays,
        targets=settings.targets.as_targets(),
        keyring=keys.load_or_create(central.key_file),
        as_they_come=settings.answers.combine == "as-they-come",
        manager_releases=settings.answers.release == "manager",
        free_mail=FREE_MAIL,
        unauthenticated_companies=settings.trust.unauthenticated_companies,
    )


def composer_of(settings: Settings, keyring: Keyring) -> Composer:
    """Give what turns drafts into mails, with the operator's templates before the shipped ones."""
    central = settings.central
    return Composer(
        central_address=central.address,
        central_name=central.name,
        plus_addressing=central.plus_addressing,
        keyring=keyring,
        timezone=central.zone,
        template_directories=template_directories(settings.paths.templates),
        default_language=central.language,
        keyed_return_path=settings.smtp.return_path == "token",
    )


@contextmanager
def open_store(settings: Settings) -> Iterator[tuple[Engine, Store]]:
    """Open the database, bring its schema up to date, and close it in the end."""
    settings.make_state_folder()
    engine = make_engine(settings.database.url)
    try:
        upgrade(engine)
        yield engine, Store(engine, settings.central.address)
    finally:
        engine.dispose()


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def assemble(
    settings: Settings, reader: Reads, clock: Callable[[], datetime] = _now
) -> Iterator[Parts]:
    """Put all parts together; ``reader`` parses mails in a process of its own."""
    policy = policy_of(settings)
    composer = composer_of(settings, policy.keyring)
    with (
        open_store(settings) as (engine, store),
        Submission(settings.smtp, receipt_address(settings)) as submission,
    ):
        reporting = Reporting(store, composer, policy, settings.manager.digest_at, clock)
        intake = Intake(
            store,
            reader,
            composer,
            policy,
            folder=settings.imap.inbox,
            authserv_ids=settings.trust.authserv_ids,
            scanner=settings.scan.socket,
            clock=clock,
        )
        chasing = Chasing(store, composer, policy, intake.enclosed, clock)
        intake.meanwhile = chasing.catch_up
        yield Parts(
            settings=settings,
            policy=policy,
            engine=engine,
            store=store,
            composer=composer,
            intake=intake,
            dispatch=Dispatch(
                store,
                submission,
                receipts=settings.smtp.receipts,
                alert=reporting.alert,
                failed=chasing.unreachable,
                clock=clock,
            ),
            submission=submission,
            reader=reader,
            reporting=reporting,
            chasing=chasing,
        )


def receipt_address(settings: Settings) -> str:
    """Give where copies of our own mails go: they come back to the mailbox as receipts."""
    plus = settings.central.plus_addressing
    return _tagged(settings.central.address, "receipt" if plus else "")


def sender_address(settings: Settings) -> str:
    """Give an envelope sender such as our mails have, for trying whether the server allows it."""
    keyed = settings.smtp.return_path == "token"
    return _tagged(settings.central.address, "check" if keyed else "")


def _tagged(address: str, tag: str) -> str:
    local, _, domain = address.rpartition("@")
    return f"{local}+{tag}@{domain}" if tag else address

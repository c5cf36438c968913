"""The composition root: from settings to the parts that do the work."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import Engine, make_url

from mailflow import keys
from mailflow.chasing import Chasing
from mailflow.compose import Composer
from mailflow.core.address import domain_of, with_tag
from mailflow.core.known import Policy
from mailflow.core.tracking import Keyring
from mailflow.deciding import Deciding, Reads
from mailflow.dispatch import Dispatch
from mailflow.errors import KeyFileError, MailflowError
from mailflow.free_mail import FREE_MAIL
from mailflow.inbox import CONNECTION_ERRORS, Inbox
from mailflow.intake import Intake
from mailflow.lease import AlreadyRunningError, leased
from mailflow.outages import PastOutbox, opened_patiently
from mailflow.report import Reporting, alert_mails
from mailflow.settings import Settings
from mailflow.shipped import template_directories
from mailflow.store import Store
from mailflow.store.engine import make_engine
from mailflow.store.ownership import make_for_service
from mailflow.submission import Submission
from mailflow.upgrade import upgrade, version_of

__all__ = [
    "SIGNS",
    "MissingFolderError",
    "OlderServiceError",
    "Parts",
    "assemble",
    "composer_of",
    "connection",
    "database_file",
    "has_database",
    "holds_mail",
    "knows_mail",
    "open_store",
    "policy_of",
    "receipt_address",
    "refuse_older_keys",
    "sender_address",
    "ways_out",
]


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that works together in one process."""

    settings: Settings
    clock: Callable[[], datetime]
    policy: Policy
    engine: Engine
    store: Store
    composer: Composer
    deciding: Deciding
    intake: Intake
    dispatch: Dispatch
    submission: Submission
    reporting: Reporting
    chasing: Chasing


def policy_of(settings: Settings) -> Policy:
    """Give the city's wishes as decisions need them.

    Makes the key file for a fresh installation; raises ``KeyFileError`` or ``MissingFolderError``.
    """
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
        keyring=keys.load_or_create(central.key_file, lambda: _is_used(settings)),
        as_they_come=settings.answers.combine == "as-they-come",
        manager_releases=settings.answers.release == "manager",
        free_mail=FREE_MAIL,
        unauthenticated_companies=settings.trust.unauthenticated_companies,
        storm_of_strangers=settings.trust.strangers,
    )


log = logging.getLogger(__name__)

SIGNS = "signs"
"""The status row that names the key with which whatever reads the mailbox signs."""


def _as_it_signs(policy: Policy, store: Store, settings: Settings, now: datetime) -> Policy:
    """Let a command sign as whatever reads the mailbox does, which judges what comes back.

    A key made since its start it does not know: it would take true replies for forgeries, and
    receipts for nobody's. What it signs with may have been revoked since; then nothing can be
    signed that holds before and after its next start. Raises ``KeyFileError``.
    """
    found, ring = store.status(SIGNS), policy.keyring
    if found is None or found[1] not in ring.keys:
        return policy
    if ring.has_ended(found[1], now):
        raise KeyFileError(
            file=settings.central.key_file,
            problem=f"has key {found[1]} revoked, with which the running mailflow still signs",
            remedy="restart mailflow first, or call: mailflow run --once",
        )
    return replace(policy, keyring=ring.signing_with(found[1]))


def refuse_older_keys(file: Path, keyring: Keyring, signed: str) -> None:
    """Raise ``KeyFileError`` where the key that ``signed`` last is not in the file.

    The file is one from before a rotation: what went out since, it would take for forgeries.
    """
    if signed and signed not in keyring.keys:
        raise KeyFileError(
            file=file,
            problem=f"lacks key {signed}, with which mailflow signed last",
            remedy="put back the file that holds it; only if it is lost for good: "
            f"mailflow key rotate, until a key {signed} is there",
        )


class MissingFolderError(MailflowError):
    """{folder} is missing; mount the disk of the database, or correct database.url."""


class OlderServiceError(MailflowError):
    """{database}: an older mailflow works on it; restart the service, which upgrades it."""


def _is_used(settings: Settings) -> bool:
    """Whether mail was taken in here: the mailbox knows it where the database is lost, too."""
    return knows_mail(settings) or holds_mail(settings)


def knows_mail(settings: Settings) -> bool:
    """Whether the database has ever taken in a mail; one that is missing is not made.

    Raises ``MissingFolderError`` where its folder is missing: whatever it knows is elsewhere.
    """
    engine = make_engine(settings.database.url)
    try:
        if not has_database(settings):
            return False
        return bool(version_of(engine)) and Store(engine, settings.central.address).has_mail()
    finally:
        engine.dispose()


def database_file(settings: Settings) -> Path | None:
    """Give SQLite's file, None where the database is in no file of this machine."""
    url = make_url(settings.database.url)
    in_file = url.get_backend_name() == "sqlite" and url.database not in {None, "", ":memory:"}
    return Path(str(url.database)) if in_file else None


def has_database(settings: Settings) -> bool:
    """Whether there is one to be asked, as far as files tell.

    Raises ``MissingFolderError`` where SQLite's folder is missing, but for the state folder, which
    is made for a fresh installation.
    """
    file = database_file(settings)
    if file and not file.parent.exists() and file.parent != settings.paths.state:
        raise MissingFolderError(folder=file.parent)
    return file is None or file.exists()


def holds_mail(settings: Settings) -> bool:
    """Whether the ledger's folders hold mails, as far as the mailbox can say.

    One that is away says nothing: then a key is made, and where it takes the place of a lost one
    the rebuild, which nothing goes out before, refuses it.
    """
    try:
        return bool(Inbox(settings.imap).filed())
    except (MailflowError, *CONNECTION_ERRORS) as error:
        log.info("the mailbox cannot say whether mails were sent with another key: %s", error)
        return False


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


Opening = Callable[[Callable[[], Store]], Store]
"""How a database is opened: by calling what opens it, once or more often."""


def _at_once(opened: Callable[[], Store]) -> Store:
    return opened()


@contextmanager
def open_store(settings: Settings, opening: Opening = _at_once) -> Iterator[tuple[Engine, Store]]:
    """Open the database, bring its schema up to date, and close it in the end."""
    settings.make_state_folder()
    store = opening(partial(_opened, settings))
    try:
        yield store.engine, store
    finally:
        store.engine.dispose()


def _opened(settings: Settings) -> Store:
    """Open it by an engine of its own: what an earlier try found of its history binds nobody."""
    engine = make_engine(settings.database.url)
    if database := database_file(settings):
        make_for_service(database, database)
    try:
        _bring_up_to_date(engine, settings)
        return Store(engine, settings.central.address)
    except BaseException:
        engine.dispose()
        raise


def _bring_up_to_date(engine: Engine, settings: Settings) -> None:
    """Take the missing steps, but never under a service whose program does not know them."""
    try:
        upgrade(engine, partial(leased, engine, settings))
    except AlreadyRunningError as error:
        raise OlderServiceError(**error.facts) from error


def _now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def assemble(
    settings: Settings,
    reader: Reads,
    clock: Callable[[], datetime] = _now,
    *,
    patient: bool = False,
    reads_mailbox: bool = False,
) -> Iterator[Parts]:
    """Put all parts together; ``reader`` parses mails in a process of its own.

    ``patient``: a database that is away is waited for. Whatever ``reads_mailbox`` signs with the
    newest key, anything else with the one that the reader of the mailbox knows.
    """
    policy = policy_of(settings)
    composer = composer_of(settings, policy.keyring)
    past_outbox = PastOutbox(
        lambda *alarm: alert_mails(composer, policy, clock(), *alarm), ways_out(settings)
    )
    opening = partial(opened_patiently, past_outbox) if patient else _at_once
    with open_store(settings, opening) as (engine, store), connection(settings) as submission:
        if not reads_mailbox:
            policy = _as_it_signs(policy, store, settings, clock())
            composer = composer_of(settings, policy.keyring)
        reporting = Reporting(store, composer, policy, settings.manager.digest_at, clock)
        deciding = _deciding(settings, store, reader, composer, policy, clock)
        chasing = Chasing(store, composer, policy, deciding.enclosed, clock)
        deciding.meanwhile = chasing.catch_up
        dispatch = _dispatch(settings, store, submission, reporting, chasing, clock)
        deciding.bounced = dispatch.bounced
        yield Parts(
            settings=settings,
            clock=clock,
            policy=policy,
            engine=engine,
            store=store,
            composer=composer,
            deciding=deciding,
            intake=_intake(settings, store, deciding, policy.keyring, reporting, clock),
            dispatch=dispatch,
            submission=submission,
            reporting=reporting,
            chasing=chasing,
        )


def _deciding(
    settings: Settings,
    store: Store,
    reader: Reads,
    composer: Composer,
    policy: Policy,
    clock: Callable[[], datetime],
) -> Deciding:
    return Deciding(
        store,
        reader,
        composer,
        policy,
        authserv_ids=settings.trust.authserv_ids,
        scanner=settings.scan.socket,
        clock=clock,
    )


def _dispatch(
    settings: Settings,
    store: Store,
    submission: Submission,
    reporting: Reporting,
    chasing: Chasing,
    clock: Callable[[], datetime],
) -> Dispatch:
    return Dispatch(
        store,
        submission,
        receipts=settings.smtp.receipts,
        alert=reporting.alert,
        failed=chasing.unreachable,
        clock=clock,
        second_way=_second_way(reporting, settings),
    )


def _intake(
    settings: Settings,
    store: Store,
    deciding: Deciding,
    keyring: Keyring,
    reporting: Reporting,
    clock: Callable[[], datetime],
) -> Intake:
    intake = Intake(
        store,
        deciding,
        keyring,
        domain=domain_of(settings.central.address),
        folder=settings.imap.inbox,
        processed=settings.imap.processed,
        quarantine=settings.imap.quarantine,
        alert=reporting.alert,
        clock=clock,
    )
    if settings.lmtp.address:
        intake.reachable_since = None  # until the service takes what is pushed
    return intake


def connection(settings: Settings) -> Submission:
    """Give a connection to the submission server, which is dialled when needed."""
    return Submission(settings.smtp, receipt_address(settings))


def ways_out(settings: Settings) -> tuple[Callable[[], Submission], ...]:
    """Give the connections by which an alert may go past the outbox, in the order to try them."""
    second = settings.alerts.submission
    ways: list[Callable[[], Submission]] = [lambda: connection(settings)]
    if second:
        ways.append(lambda: Submission(second, ""))
    return tuple(ways)


def _second_way(reporting: Reporting, settings: Settings) -> PastOutbox | None:
    """Give what tells of the submission server's outage, None where no second server is named."""
    ways = ways_out(settings)[1:]
    return PastOutbox(reporting.alert_mails, ways) if ways else None


def receipt_address(settings: Settings) -> str:
    """Give where copies of our own mails go: they come back to the mailbox as receipts."""
    plus = settings.central.plus_addressing
    return with_tag(settings.central.address, "receipt" if plus else "")


def sender_address(settings: Settings) -> str:
    """Give an envelope sender such as our mails have, for trying whether the server allows it."""
    keyed = settings.smtp.return_path == "token"
    return with_tag(settings.central.address, "check" if keyed else "")

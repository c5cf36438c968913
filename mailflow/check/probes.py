"""``mailflow check`` on the real world: the conversations that the checks look at."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Engine, make_url
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from mailflow.check import checks
from mailflow.check.findings import (
    CheckLine,
    DatabaseFacts,
    MailboxFacts,
    Probes,
    SubmissionFacts,
)
from mailflow.compose import template_problems
from mailflow.core.tracking import Keyring
from mailflow.errors import MailflowError
from mailflow.inbox import CONNECTION_ERRORS, Inbox, RefusedLoginError
from mailflow.parts import (
    SIGNS,
    composer_of,
    has_database,
    knows_mail,
    receipt_address,
    sender_address,
)
from mailflow.scan import answers
from mailflow.secrecy import shown_url
from mailflow.settings import Settings
from mailflow.store import Store
from mailflow.store.engine import make_engine
from mailflow.submission import Submission, SubmissionRefusedError
from mailflow.trust import server_of
from mailflow.upgrade import knows, newest, version_of

__all__ = ["ProbeError", "run_checks"]

_TRIAL_KEY = Keyring({"a": bytes(32)}, "a")
"""Templates are tried on made-up facts, so a fault in the key file is not told twice."""


class ProbeError(MailflowError):
    """{problem}"""  # noqa: D400 - the server's or the library's own words


def run_checks(config: Path | None, environ: Mapping[str, str]) -> Iterator[CheckLine]:
    """Check the installation that ``config`` (or the usual places) names, line by line.

    Makes the key file of a fresh installation, and the state folder where it is missing; changes
    nothing else, and sends nothing.
    """
    probes = Probes(_imap, _smtp, _database, _templates, answers, _alerts, _knows_mail, _signed)
    return checks(config, environ, probes)


def _imap(settings: Settings) -> MailboxFacts:
    try:
        look = Inbox(settings.imap).look()
    except RefusedLoginError as error:
        raise ProbeError(problem=f"refuses the login: {error.facts['problem']}") from error
    except CONNECTION_ERRORS as error:
        raise ProbeError(problem=getattr(error, "strerror", None) or error) from error
    seen = tuple(dict.fromkeys(server_of(each) for each in look.results))
    return MailboxFacts(
        look.folders,
        look.capabilities,
        newest=look.newest,
        fullness=look.fullness,
        results_by=seen,
        filed=look.filed,
        marks=look.marks,
    )


def _smtp(settings: Settings) -> SubmissionFacts:
    with Submission(settings.smtp, receipt_address="") as submission:
        try:
            central = settings.central.address
            sender = sender_address(settings)
            features, refused = submission.check(sender, central)
            wanted = settings.smtp.receipts != "none" and not refused
            receipt = submission.check(sender, receipt_address(settings))[1] if wanted else ""
        except SubmissionRefusedError as error:
            raise ProbeError(problem=error) from error
        size = features.get("size", "")
        max_bytes = int(size) if size.isdecimal() else 0
        return SubmissionFacts(tuple(features), max_bytes, refused=refused, receipt_refused=receipt)


def _alerts(settings: Settings) -> str:
    server = settings.alerts.submission
    if server is None:
        return ""
    with Submission(server, receipt_address="") as submission:
        try:
            return submission.check(settings.central.address, settings.manager.addresses[0])[1]
        except SubmissionRefusedError as error:
            raise ProbeError(problem=error) from error


def _database(settings: Settings) -> DatabaseFacts:
    with _engine(settings) as engine:
        return _database_facts(engine, settings)


def _knows_mail(settings: Settings) -> bool:
    with _named(make_url(settings.database.url)):
        return knows_mail(settings)


def _signed(settings: Settings) -> str:
    with _engine(settings) as engine:
        if not has_database(settings) or version_of(engine) != newest():
            return ""
        found = Store(engine, settings.central.address).status(SIGNS)
        return found[1] if found else ""


@contextmanager
def _engine(settings: Settings) -> Iterator[Engine]:
    with _named(make_url(settings.database.url)):
        engine = make_engine(settings.database.url)
        try:
            yield engine
        finally:
            engine.dispose()


@contextmanager
def _named(url: URL) -> Iterator[None]:
    """Let a failure name the database, and no password."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = str(getattr(error, "orig", None) or error).partition("\n")[0]
        raise ProbeError(problem=f"{shown_url(str(url))}: {cause}") from error


def _database_facts(engine: Engine, settings: Settings) -> DatabaseFacts:
    name, expected = engine.dialect.name, newest()
    if not has_database(settings):
        return DatabaseFacts(name, "", expected)  # asking would make an empty file
    version = version_of(engine)
    if not knows(version):
        return DatabaseFacts(name, version, expected, newer=True)
    fault = _fault(engine, settings.central.address) if version == expected else ""
    return DatabaseFacts(name, version, expected, complaints=(fault,) if fault else ())


def _fault(engine: Engine, address: str) -> str:
    """Give what is wrong in the database, "" for nothing; some damage SQLite only stumbles over."""
    try:
        return Store(engine, address).integrity_fault()
    except DatabaseError as error:
        # locked, away, refused: nothing of that is damage; a text that is none any more is
        if type(error) is not DatabaseError and "Could not decode" not in str(error.orig):
            raise
        return str(error.orig).partition(" with text")[0]


def _templates(settings: Settings) -> Sequence[str]:
    return template_problems(composer_of(settings, _TRIAL_KEY))

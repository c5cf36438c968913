"""The servers' side of a check: the mailbox, the submission server, and the second one."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from mailflow.check.findings import CheckLine, Level, MailboxFacts, SubmissionFacts, words_of
from mailflow.errors import MailflowError
from mailflow.mailbox import NEARLY_FULL
from mailflow.parts import receipt_address
from mailflow.settings import Settings

__all__ = ["check_alerts", "check_imap", "check_ledger", "check_smtp"]

_FULL = 99  # percent of the mailbox's quota

_REMEDIES = (
    (
        ("certificate_verify_failed",),
        (
            "write the name that stands in the certificate into {section}.host, "
            "and who signed it, if not a public authority, into {section}.ca_file"
        ),
    ),
    (("beyond ascii",), "give this login a name and a password of plain letters, digits and signs"),
    (
        ("authenticationfailed", "authentication failed", "refuses the login", "535 "),
        (
            "the server is there and refuses this login: look at {section}.user, at what the file "
            "of {section}.password_file holds, and at the server's own words"
        ),
    ),
    (
        ("connection refused",),
        (
            "nothing listens there: look at {section}.host and {section}.port, "
            "and whether the server runs"
        ),
    ),
    (
        ("name or service not known", "no address associated", "name resolution"),
        "this machine finds no such name: look at {section}.host",
    ),
    (
        ("wrong_version_number", "timed out", "unexpected response", "no reply of smtp"),
        (
            "look at {section}.port and {section}.security, which belong together (993 and 465 "
            'speak "tls", 143 and 587 "starttls"), and whether a firewall lies between'
        ),
    ),
)
"""What to try, by words of the error in lower case; the first that fits."""
_ANY_REMEDY = (
    "look at host, port, security, user and password in [{section}], and at the server's log"
)


def check_imap(
    settings: Settings,
    probe: Callable[[], MailboxFacts],
    tell_newest: Callable[[datetime], None] = lambda _: None,
) -> Iterator[CheckLine]:
    """Log in to the mailbox and look for the three folders; a missing one is made by `run`."""
    imap = settings.imap
    server = f"{imap.host}:{imap.port} as {imap.user}"
    try:
        facts = probe()
    except (MailflowError, OSError) as error:
        yield CheckLine(
            Level.FAIL, "mailbox", f"{server}: {words_of(error)}", _tries("imap", error)
        )
        return
    if facts.newest:
        tell_newest(facts.newest)
    if imap.inbox not in facts.folders:
        remedy = f"correct imap.inbox; there are: {', '.join(facts.folders[:8])}"
        yield CheckLine(Level.FAIL, "mailbox", f"{server}: no folder {imap.inbox}", remedy)
        return
    missing = [name for name in (imap.processed, imap.quarantine) if name not in facts.folders]
    if missing:
        message = f"{server}: no folder {', '.join(missing)} yet"
        yield CheckLine(Level.WARN, "mailbox", message, "`mailflow run` makes what is missing")
    else:
        yield CheckLine(Level.OK, "mailbox", server)
    if imap.idle and "IDLE" not in facts.capabilities:
        message = f"the server cannot IDLE; mail is seen every {imap.poll_seconds} s"
        yield CheckLine(Level.WARN, "mailbox", message, "set imap.idle = false")
    if not {"MOVE", "UIDPLUS"} & set(facts.capabilities):
        message = "the server knows neither MOVE nor UIDPLUS; what was read stays in the inbox"
        remedy = "it is marked as deleted and answered: expunge it now and then, by hand"
        yield CheckLine(Level.WARN, "mailbox", message, remedy)
    if not facts.marks:
        message = "the inbox keeps no mark of what was read; a lost database leaves more in doubt"
        remedy = "let the account set keywords there (ACL: the right w); else keep backups"
        yield CheckLine(Level.WARN, "mailbox", message, remedy)
    if facts.fullness is not None and facts.fullness >= NEARLY_FULL:
        level = Level.FAIL if facts.fullness >= _FULL else Level.WARN
        remedy = "raise its quota: the mailbox keeps every mail"
        yield CheckLine(level, "mailbox", f"{facts.fullness} % of its quota are used", remedy)
    yield from _check_results(settings.trust.authserv_ids, facts.results_by)


def _check_results(trusted: Sequence[str], seen: Sequence[str]) -> Iterator[CheckLine]:
    """Warn of a trusted server that writes no results here: a name mistyped holds every reply."""
    if not trusted or not seen or {each.lower() for each in trusted} & set(seen):
        return
    message = f"no mail bears a result of {', '.join(trusted)}, but of {', '.join(seen[:3])}"
    remedy = "correct trust.authserv_ids; as it is, every reply waits for the manager"
    yield CheckLine(Level.WARN, "mailbox", message, remedy)


def check_ledger(
    settings: Settings, knows_mail: Callable[[], bool], mailbox: Callable[[], MailboxFacts]
) -> Iterator[CheckLine]:
    """Look whether this database is the mailbox's; the service refuses an empty one beside it."""
    processed = settings.imap.processed
    try:
        lost = processed in mailbox().filed and not knows_mail()
    except (MailflowError, OSError):  # whichever is away has its own line
        return
    if lost:
        message = f"is empty, and the folder {processed} holds mails: it is lost, or another one"
        remedy = (
            "mount its disk, or correct database.url and paths.state (the service may get them "
            'otherwise); if it is lost, run "mailflow rebuild"; or name an empty folder'
        )
        yield CheckLine(Level.FAIL, "database", message, remedy)


def check_smtp(settings: Settings, probe: Callable[[], SubmissionFacts]) -> Iterator[CheckLine]:
    """Log in to the submission server; nothing is sent."""
    smtp = settings.smtp
    server = f"{smtp.host}:{smtp.port}" + (f" as {smtp.user}" if smtp.user else " without login")
    try:
        facts = probe()
    except (MailflowError, OSError) as error:
        remedy = _tries("smtp", error)
        yield CheckLine(Level.FAIL, "submission", f"{server}: {words_of(error)}", remedy)
        return
    if facts.refused:
        message = f"{server} takes no mail from us: {facts.refused}"
        keyed = smtp.return_path == "token"
        remedy = f"let it send as {settings.central.address}" + (
            ' and with a plus behind, or set smtp.return_path = "central"' if keyed else ""
        )
        yield CheckLine(Level.FAIL, "submission", message, remedy)
    else:
        yield CheckLine(Level.OK, "submission", server)
    if facts.receipt_refused:
        message = f"{server} takes no copies for our receipts: {facts.receipt_refused}"
        remedy = (
            f"let mails to {receipt_address(settings)} into the mailbox, or set "
            'smtp.receipts = "none": without them nothing proves that an answer was accepted'
        )
        yield CheckLine(Level.WARN, "submission", message, remedy)
    if 0 < facts.max_bytes < settings.reading.max_bytes:
        message = (
            f"the server takes mails up to {facts.max_bytes:,} bytes, "
            f"mailflow reads up to {settings.reading.max_bytes:,}"
        )
        remedy = "raise the server's limit, or lower reading.max_bytes: large attachments will wait"
        yield CheckLine(Level.WARN, "submission", message, remedy)


def check_alerts(settings: Settings, probe: Callable[[], str]) -> Iterator[CheckLine]:
    """Ask the second server whether it would take an alert; nothing where none is named."""
    second = settings.alerts
    if not second.host:
        return
    server = f"{second.host}:{second.port} without login"
    try:
        refused = probe()
    except (MailflowError, OSError) as error:
        remedy = _tries("alerts", error)
        yield CheckLine(Level.WARN, "alerts", f"{server}: {words_of(error)}", remedy)
        return
    if refused:
        message = f"{server} takes no alert: {refused}"
        remedy = f"let it pass mails to {settings.manager.addresses[0]} on"
        yield CheckLine(Level.WARN, "alerts", message, remedy)
    else:
        yield CheckLine(Level.OK, "alerts", server)


def _tries(section: str, error: Exception) -> str:
    """Give what to try when a server cannot be used: the first remedy whose words stand there."""
    said = str(error).lower()
    remedy = next((each for words, each in _REMEDIES if any(w in said for w in words)), _ANY_REMEDY)
    return remedy.format(section=section)

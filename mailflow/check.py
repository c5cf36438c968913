"""`mailflow check`: what is right, what is doubtful, what is wrong, and what to do about it.

Each check is a small function that takes facts or a probe; a probe is a callable that talks to the
outside (the mailbox, the submission server, the database) and is passed in by whoever owns that
conversation. So every line can be tested without a server.
"""

import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path

from mailflow import keys
from mailflow.errors import MailflowError
from mailflow.parts import receipt_address
from mailflow.settings import Settings, load
from mailflow.settings.sections import is_loopback
from mailflow.shipped import shipped

__all__ = [
    "NEARLY_FULL",
    "CheckLine",
    "DatabaseFacts",
    "Level",
    "MailboxFacts",
    "Probes",
    "SubmissionFacts",
    "check_alerts",
    "check_clock",
    "check_configuration",
    "check_database",
    "check_disk",
    "check_files",
    "check_imap",
    "check_key_file",
    "check_lmtp",
    "check_scanner",
    "check_smtp",
    "check_template_names",
    "check_templates",
    "checks",
    "failed",
]

_SKEW = timedelta(minutes=2)
_PLAUSIBLE_YEARS = range(2025, 2061)
NEARLY_FULL, _FULL = 80, 99  # percent of the mailbox's quota
_LOW_DISK, _NO_DISK = 1_000_000_000, 100_000_000  # bytes


class Level(StrEnum):
    """How a line ends: only ``FAIL`` keeps the service from working."""

    OK = "OK"
    WARN = "WARN"
    FAIL = "FAIL"


@dataclass(frozen=True, slots=True)
class CheckLine:
    """One line: what was looked at, what was found, and what to do unless it is OK."""

    level: Level
    subject: str
    message: str
    remedy: str = ""

    def __str__(self) -> str:
        remedy = f"; {self.remedy}" if self.remedy else ""
        return f"{self.level:<4}  {self.subject}: {self.message}{remedy}"


@dataclass(frozen=True, slots=True)
class MailboxFacts:
    """What a login to the mailbox showed. ``date`` is the server's own time, aware, if it told.

    ``fullness`` is in percent of the quota, None where the server tells of none. ``results_by``
    are the servers that wrote the Authentication-Results of the newest mails.
    """

    folders: Sequence[str]
    capabilities: Sequence[str] = ()
    date: datetime | None = None
    fullness: int | None = None
    results_by: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class SubmissionFacts:
    """What a login to the submission server showed; ``max_bytes`` is its SIZE, 0 if not told.

    ``refused`` is how it refused a mail from us to ourselves, "" where it would take one;
    ``receipt_refused`` the same of a copy to the address of our receipts, where they are wanted.
    """

    capabilities: Sequence[str] = ()
    max_bytes: int = 0
    date: datetime | None = None
    refused: str = ""
    receipt_refused: str = ""


@dataclass(frozen=True, slots=True)
class DatabaseFacts:
    """What opening the database showed: schema versions, and complaints of its integrity check."""

    engine: str
    version: str
    expected: str
    newer: bool = False
    complaints: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Probes:
    """The conversations with the outside; each raises ``OSError`` or ``MailflowError`` on failure.

    ``templates`` renders every template once and gives a complaint per broken one; ``scanner``
    asks the virus scanner at an address whether it is there; ``alerts`` gives how the second server
    refused an alert to the manager, "" where it would take one.
    """

    imap: Callable[[Settings], MailboxFacts]
    smtp: Callable[[Settings], SubmissionFacts]
    database: Callable[[Settings], DatabaseFacts]
    templates: Callable[[Settings], Iterable[str]]
    scanner: Callable[[str], bool] = field(default=lambda _: True)
    alerts: Callable[[Settings], str] = field(default=lambda _: "")
    now: Callable[[], datetime] = field(default=lambda: datetime.now(UTC))


def checks(
    directory: Path | None, environ: Mapping[str, str], probes: Probes
) -> Iterator[CheckLine]:
    """Check everything, yielding each line as soon as it is known."""
    line, settings = check_configuration(directory, environ)
    yield line
    if settings is None:
        return
    yield check_key_file(settings)
    yield from check_files(settings)
    yield check_templates(lambda: probes.templates(settings))
    yield from check_template_names(settings.paths.templates, shipped("templates"))
    yield check_database(lambda: probes.database(settings))
    yield check_disk(settings.paths.state)
    dates: list[datetime] = []
    yield from check_imap(settings, lambda: probes.imap(settings), dates.append)
    yield from check_smtp(settings, lambda: probes.smtp(settings), dates.append)
    yield from check_alerts(settings, lambda: probes.alerts(settings))
    yield from check_lmtp(settings)
    yield from check_scanner(settings.scan.socket, probes.scanner)
    yield check_clock(probes.now(), dates)


def failed(lines: Iterable[CheckLine]) -> bool:
    """Tell whether any of these lines keeps the service from working."""
    return any(line.level is Level.FAIL for line in lines)


def check_configuration(
    directory: Path | None, environ: Mapping[str, str]
) -> tuple[CheckLine, Settings | None]:
    """Load the configuration; without it nothing else can be checked."""
    try:
        settings = load(directory, environ)
    except MailflowError as error:
        return CheckLine(Level.FAIL, "configuration", str(error)), None
    message = f"{settings.directory}, {len(settings.offices)} offices"
    return CheckLine(Level.OK, "configuration", message), settings


def check_key_file(settings: Settings) -> CheckLine:
    """Read the key file, making it where it is missing."""
    path = settings.central.key_file
    new = not path.exists()
    try:
        ring = keys.load_or_create(path)
    except MailflowError as error:
        return CheckLine(Level.FAIL, "key file", str(error))
    if new:
        remedy = "keep a copy in a safe place: without it open threads are not recognised"
        return CheckLine(Level.WARN, "key file", f"{path} was missing and has been made", remedy)
    return CheckLine(Level.OK, "key file", f"{path}, key {ring.current} of {len(ring.keys)}")


def check_files(settings: Settings) -> Iterator[CheckLine]:
    """Check that the configuration cannot be changed by others and the state folder be written."""
    for name in ("mailflow.toml", "offices.toml"):
        path = settings.directory / name
        if path.stat().st_mode & stat.S_IWOTH:
            remedy = f"chmod o-w {path}"
            yield CheckLine(Level.FAIL, "permissions", f"{path} can be changed by anyone", remedy)
    state = settings.paths.state
    try:
        settings.make_state_folder()
    except MailflowError as error:
        yield CheckLine(Level.FAIL, "state folder", str(error))
        return
    if not os.access(state, os.W_OK | os.X_OK):
        remedy = f"chown it to the service's user: {state}"
        yield CheckLine(Level.FAIL, "state folder", f"{state} cannot be written", remedy)
    elif state.stat().st_mode & stat.S_IRWXO:
        remedy = f"chmod o= {state}"
        yield CheckLine(Level.WARN, "state folder", f"{state} is open to everybody", remedy)
    else:
        yield CheckLine(Level.OK, "state folder", str(state))


def check_templates(probe: Callable[[], Iterable[str]]) -> CheckLine:
    """Render every template once."""
    try:
        complaints = list(probe())
    except (MailflowError, OSError) as error:
        complaints = [str(error)]
    if complaints:
        more = f" (and {len(complaints) - 1} more)" if len(complaints) > 1 else ""
        remedy = "correct this file, or remove it from paths.templates to use the shipped one"
        return CheckLine(Level.FAIL, "templates", complaints[0] + more, remedy)
    return CheckLine(Level.OK, "templates", "all of them render")


def check_template_names(own: Path | None, shipped_ones: Path) -> Iterator[CheckLine]:
    """Look for files among the operator's templates that no mail is made from."""
    known = sorted(each.name for each in shipped_ones.iterdir())
    kinds = {(name.partition(".")[0], name.rpartition(".")[2]) for name in known}
    files = sorted(own.glob("*.*")) if own else []
    words = {each: each.read_bytes() for each in files if each.suffix in (".txt", ".html")}
    for path in words:
        kind, ending = path.name.partition(".")[0], path.name.rpartition(".")[2]
        included = any(f'"{path.name}"'.encode() in text for text in words.values())
        if (kind, ending) not in kinds and not included:
            near = get_close_matches(path.name, known, 1, 0.6)
            remedy = f'did you mean "{near[0]}"?' if near else "docs/mails.md names them all"
            message = f"no mail is made from {path}"
            yield CheckLine(Level.WARN, "templates", message, remedy)


def check_lmtp(settings: Settings) -> Iterator[CheckLine]:
    """Look who may deliver by LMTP, which asks for no password; nothing where it is off."""
    if settings.lmtp.address is None:
        return
    listen = f"listens on {settings.lmtp.listen}"
    if is_loopback(settings.lmtp.address[0]):
        yield CheckLine(Level.OK, "lmtp", listen)
    else:
        message = f"{listen}: whoever reaches this port can deliver mail"
        remedy = "let the firewall admit your mail server only, or set lmtp.listen to 127.0.0.1"
        yield CheckLine(Level.WARN, "lmtp", message, remedy)


def check_scanner(address: str, probe: Callable[[str], bool]) -> Iterator[CheckLine]:
    """Ask the virus scanner whether it is there; nothing where none is named."""
    if not address:
        return
    if probe(address):
        yield CheckLine(Level.OK, "virus scanner", address)
    else:
        message = f"{address} does not answer; mails with attachments are held"
        remedy = "start clamd, or correct scan.socket"
        yield CheckLine(Level.WARN, "virus scanner", message, remedy)


def check_database(probe: Callable[[], DatabaseFacts]) -> CheckLine:
    """Open the database, compare its version with ours, and ask it for its integrity."""
    try:
        facts = probe()
    except (MailflowError, OSError) as error:
        remedy = "correct database.url, or the server and its rights"
        return CheckLine(Level.FAIL, "database", f"cannot be opened: {_words(error)}", remedy)
    if facts.newer:
        message = f"has version {facts.version}, newer than this mailflow's {facts.expected}"
        return CheckLine(Level.FAIL, "database", message, "install the newer mailflow again")
    if facts.complaints:
        message = f"is damaged: {facts.complaints[0]}"
        return CheckLine(Level.FAIL, "database", message, "stop the service and restore the backup")
    if not facts.version:
        message = f"{facts.engine}, still empty"
        return CheckLine(Level.WARN, "database", message, "`mailflow run` makes its tables")
    if facts.version != facts.expected:
        message = f"{facts.engine}, version {facts.version}, ours is {facts.expected}"
        return CheckLine(Level.WARN, "database", message, "`mailflow run` upgrades it")
    return CheckLine(Level.OK, "database", f"{facts.engine}, version {facts.version}, intact")


def check_imap(
    settings: Settings,
    probe: Callable[[], MailboxFacts],
    tell_date: Callable[[datetime], None] = lambda _: None,
) -> Iterator[CheckLine]:
    """Log in to the mailbox and look for the three folders; a missing one is made by `run`."""
    imap = settings.imap
    server = f"{imap.host}:{imap.port} as {imap.user}"
    try:
        facts = probe()
    except (MailflowError, OSError) as error:
        yield CheckLine(Level.FAIL, "mailbox", f"{server}: {_words(error)}", _tries("imap", error))
        return
    if facts.date:
        tell_date(facts.date)
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


def check_smtp(
    settings: Settings,
    probe: Callable[[], SubmissionFacts],
    tell_date: Callable[[datetime], None] = lambda _: None,
) -> Iterator[CheckLine]:
    """Log in to the submission server; nothing is sent."""
    smtp = settings.smtp
    server = f"{smtp.host}:{smtp.port}" + (f" as {smtp.user}" if smtp.user else " without login")
    try:
        facts = probe()
    except (MailflowError, OSError) as error:
        remedy = _tries("smtp", error)
        yield CheckLine(Level.FAIL, "submission", f"{server}: {_words(error)}", remedy)
        return
    if facts.date:
        tell_date(facts.date)
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
        yield CheckLine(Level.WARN, "alerts", f"{server}: {_words(error)}", remedy)
        return
    if refused:
        message = f"{server} takes no alert: {refused}"
        remedy = f"let it pass mails to {settings.manager.addresses[0]} on"
        yield CheckLine(Level.WARN, "alerts", message, remedy)
    else:
        yield CheckLine(Level.OK, "alerts", server)


def check_clock(now: datetime, dates: Sequence[datetime]) -> CheckLine:
    """Compare the clock with the servers' dates; without any, the year must be plausible."""
    remedy = "let chrony or systemd-timesyncd set the clock"
    if now.year not in _PLAUSIBLE_YEARS:
        return CheckLine(Level.FAIL, "clock", f"it is hardly {now:%Y}", remedy)
    skew = max((abs(now - date) for date in dates), default=timedelta(0))
    if skew > _SKEW:
        seconds = int(skew.total_seconds())
        return CheckLine(Level.WARN, "clock", f"{seconds} s off the mail server's", remedy)
    compared = "as on the mail server" if dates else "plausible; no server told its time"
    return CheckLine(Level.OK, "clock", f"{now:%Y-%m-%d %H:%M} UTC, {compared}")


def check_disk(state: Path) -> CheckLine:
    """Look for space where the database lies."""
    place = next(each for each in (state, *state.parents) if each.exists())
    free = shutil.disk_usage(place).free
    message = f"{free / 1e9:.1f} GB free in {place}"
    if free < _NO_DISK:
        return CheckLine(Level.FAIL, "disk", message, "make room: nothing can be taken in")
    if free < _LOW_DISK:
        return CheckLine(Level.WARN, "disk", message, "make room soon")
    return CheckLine(Level.OK, "disk", message)


def _tries(section: str, error: Exception) -> str:
    """Give what to try when a server cannot be used."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return (
            f"write the name that stands in the certificate into {section}.host, "
            f"and who signed it, if not a public authority, into {section}.ca_file"
        )
    if "beyond ASCII" in str(error):
        return "give this login a name and a password of plain letters, digits and signs"
    return (
        f"look at host, port, security, user and password in [{section}], and at the server's log"
    )


def _words(error: Exception) -> str:
    """Word a failure on one line."""
    strerror = getattr(error, "strerror", None)
    return " ".join(str(strerror or error or type(error).__name__).split())

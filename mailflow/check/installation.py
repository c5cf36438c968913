"""The machine's side of a check: files, database, space, clock, and what listens or scans here."""

import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from difflib import get_close_matches
from pathlib import Path

from mailflow import keys
from mailflow.check.findings import CheckLine, DatabaseFacts, Level, MailboxFacts, words_of
from mailflow.core.encryption import is_loopback
from mailflow.errors import KeyFileError, MailflowError
from mailflow.parts import MissingFolderError, refuse_older_keys
from mailflow.settings import Settings, load

__all__ = [
    "check_clock",
    "check_configuration",
    "check_database",
    "check_disk",
    "check_encryption",
    "check_files",
    "check_key_file",
    "check_lmtp",
    "check_scanner",
    "check_signer",
    "check_template_names",
    "check_templates",
]

_SKEW = timedelta(minutes=2)
_PLAUSIBLE_YEARS = range(2025, 2061)
_RISK = "password and mails may go over the network unencrypted"
_RISKS = {
    "require": "encrypted, but whoever answers is believed",
    "verify-ca": "any server with a certificate of that authority is believed",
}
_LOW_DISK, _NO_DISK = 1_000_000_000, 100_000_000  # bytes


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


def check_key_file(
    settings: Settings, knows_mail: Callable[[], bool], mailbox: Callable[[], MailboxFacts]
) -> CheckLine:
    """Read the key file, making it where it is missing and nobody knows of any mail yet."""
    path = settings.central.key_file
    new = not path.exists()
    try:
        ring = keys.load_or_create(path, lambda: knows_mail() or _holds_mail(mailbox))
    except KeyFileError as error:
        return CheckLine(Level.FAIL, "key file", str(error))
    except MailflowError as error:
        message = f"{path} is missing, and the database cannot be asked whether mail is known"
        return CheckLine(Level.FAIL, "key file", message, words_of(error))
    if new:
        remedy = "keep a copy in a safe place: without it open threads are not recognised"
        return CheckLine(Level.WARN, "key file", f"{path} was missing and has been made", remedy)
    return CheckLine(Level.OK, "key file", f"{path}, key {ring.current} of {len(ring.keys)}")


def check_signer(settings: Settings, signed: Callable[[], str]) -> Iterator[CheckLine]:
    """Tell of a key file that lacks the key which signed last; nothing where it is there."""
    path = settings.central.key_file
    try:
        refuse_older_keys(path, keys.load(path), signed())
    except MailflowError as error:
        yield CheckLine(Level.FAIL, "key file", str(error))


def _holds_mail(mailbox: Callable[[], MailboxFacts]) -> bool:
    """Whether the ledger holds mails; of a mailbox that is away its own line tells."""
    try:
        return bool(mailbox().filed)
    except (MailflowError, OSError):
        return False


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


def check_database(probe: Callable[[], DatabaseFacts]) -> CheckLine:
    """Open the database, compare its version with ours, and ask it for its integrity."""
    try:
        facts = probe()
    except MissingFolderError as error:
        return CheckLine(Level.FAIL, "database", str(error))
    except (MailflowError, OSError) as error:
        remedy = "correct database.url, or the server and its rights"
        return CheckLine(Level.FAIL, "database", f"cannot be opened: {words_of(error)}", remedy)
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


def check_encryption(mode: str) -> Iterator[CheckLine]:
    """Tell of a mode by which the database's server need not prove itself; nothing of another."""
    if mode:
        message = f"sslmode={mode} for a PostgreSQL on another machine: {_RISKS.get(mode, _RISK)}"
        remedy = "write sslmode=verify-full, or leave it out; sslrootcert= names your own authority"
        yield CheckLine(Level.WARN, "database", message, remedy)


def check_disk(folder: Path) -> CheckLine:
    """Look for space in the folder where the database lies."""
    place = next(each for each in (folder, *folder.parents) if each.exists())
    free = shutil.disk_usage(place).free
    message = f"{free / 1e9:.1f} GB free in {place}"
    if free < _NO_DISK:
        return CheckLine(Level.FAIL, "disk", message, "make room: nothing can be taken in")
    if free < _LOW_DISK:
        return CheckLine(Level.WARN, "disk", message, "make room soon")
    return CheckLine(Level.OK, "disk", message)


def check_clock(now: datetime, arrivals: Sequence[datetime]) -> CheckLine:
    """Compare the clock with the mail server's, as far as that can be told.

    IMAP and SMTP tell no time, but no mail can have arrived later than now. A clock that is ahead
    shows in its year alone.
    """
    remedy = "let chrony or systemd-timesyncd set the clock"
    if now.year not in _PLAUSIBLE_YEARS:
        return CheckLine(Level.FAIL, "clock", f"it is hardly {now:%Y}", remedy)
    behind = max((each - now for each in arrivals), default=timedelta(0))
    if behind > _SKEW:
        seconds = int(behind.total_seconds())
        message = (
            f"the newest mail arrived {seconds} s from now: it is slow, or the mail server's fast"
        )
        return CheckLine(Level.WARN, "clock", message, remedy)
    compared = "not behind the newest mail" if arrivals else "a plausible year, no mail to compare"
    return CheckLine(Level.OK, "clock", f"{now:%Y-%m-%d %H:%M} UTC, {compared}")


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

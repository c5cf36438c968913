"""`mailflow check`: what is right, what is doubtful, what is wrong, and what to do about it.

Each check is a small function that takes facts or a probe; a probe is a callable that talks to the
outside (the mailbox, the submission server, the database) and is passed in by whoever owns that
conversation. So every line can be tested without a server.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path

from mailflow.check.access import check_access
from mailflow.check.findings import CheckLine, Level, MailboxFacts, Probes
from mailflow.check.installation import (
    check_clock,
    check_configuration,
    check_database,
    check_disk,
    check_encryption,
    check_files,
    check_key_file,
    check_lmtp,
    check_scanner,
    check_signer,
    check_template_names,
    check_templates,
)
from mailflow.check.servers import check_alerts, check_imap, check_ledger, check_smtp
from mailflow.errors import MailflowError
from mailflow.parts import database_file
from mailflow.shipped import shipped
from mailflow.store.engine import weak_mode_of

__all__ = ["CheckLine", "Level", "Probes", "checks", "failed"]


def checks(
    directory: Path | None, environ: Mapping[str, str], probes: Probes
) -> Iterator[CheckLine]:
    """Check everything, yielding each line as soon as it is known."""
    line, settings = check_configuration(directory, environ)
    yield line
    if settings is None:
        return
    mailbox = _once(lambda: probes.imap(settings))
    key_file = check_key_file(settings, lambda: probes.knows_mail(settings), mailbox)
    yield key_file
    yield from check_files(settings)
    yield from check_access(settings)
    yield check_templates(lambda: probes.templates(settings))
    yield from check_template_names(settings.paths.templates, shipped("templates"))
    database = check_database(lambda: probes.database(settings))
    yield database
    file = database_file(settings)
    yield check_disk(file.parent if file else settings.paths.state)
    arrivals: list[datetime] = []
    yield from check_imap(settings, mailbox, arrivals.append)
    if database.level is not Level.FAIL:
        if key_file.level is not Level.FAIL:
            yield from check_signer(settings, lambda: probes.signed(settings))
        yield from check_encryption(weak_mode_of(settings.database.url, environ))
        yield from check_ledger(settings, lambda: probes.knows_mail(settings), mailbox)
    yield from check_smtp(settings, lambda: probes.smtp(settings))
    yield from check_alerts(settings, lambda: probes.alerts(settings))
    yield from check_lmtp(settings)
    yield from check_scanner(settings.scan.socket, probes.scanner)
    yield check_clock(probes.now(), arrivals)


def _once(ask: Callable[[], MailboxFacts]) -> Callable[[], MailboxFacts]:
    """Ask at the first call; each later one gives, or raises, what that one did."""
    found: list[MailboxFacts | MailflowError | OSError] = []

    def asked() -> MailboxFacts:
        if not found:
            try:
                found.append(ask())
            except (MailflowError, OSError) as error:
                found.append(error)
        if isinstance(found[0], Exception):
            raise found[0]
        return found[0]

    return asked


def failed(lines: Iterable[CheckLine]) -> bool:
    """Tell whether any of these lines keeps the service from working."""
    return any(line.level is Level.FAIL for line in lines)

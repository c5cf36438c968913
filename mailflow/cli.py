"""The command line: the only user of click. Every command is a few lines over the parts."""

import atexit
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailflow import __version__
from mailflow.core.visible import shown_as_json
from mailflow.errors import MailflowError
from mailflow.logs import set_up_logging
from mailflow.settings import Settings, load

if TYPE_CHECKING:  # at run time a command imports what it needs, so that `--help` starts fast
    from mailflow.ledger import Difference
    from mailflow.parts import Parts
    from mailflow.store import Store

__all__ = ["main"]

log = logging.getLogger(__name__)

_END_SECONDS = 8  # of the ten seconds that an end may take

_CLICKS_OWN = (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError)
"""What click ends by itself: usage errors with 2, --help with 0, a reader that left with 1."""


class BrokenTemplateError(MailflowError):
    """{problem}; correct the template, "mailflow check" tries them all."""


class NoInputError(MailflowError):
    """Standard input is closed; name the file of a mail instead of -."""


class NoCommandError(MailflowError):
    """That holds no command; say for example: mailflow do "KAM-7K3Q-9F2M an bauaufsicht"."""


class NoReferenceError(MailflowError):
    """{word} is no reference; "mailflow tickets --all" lists them."""


class AnotherDatabaseError(MailflowError):
    """{database} was not copied: it has never taken in a mail, and the mailbox holds mails in {folder}; name the service's database in MAILFLOW_DATABASE__URL."""  # noqa: E501 - the docstring is the message, and one line


class NotDoneError(MailflowError):
    """nicht ausgeführt: {lines}"""  # noqa: D400 - the manager's own words


class UnknownReferenceError(MailflowError):
    """There is no ticket {reference}; "mailflow tickets --all" lists them."""


class _Commands(click.Group):
    """Turn every failure into one clear line on stderr; usage errors stay click's, exit 2."""

    def parse_args(self, context: click.Context, arguments: list[str]) -> list[str]:
        with _failures_told():  # help and version are written here, where a disk may be full
            return super().parse_args(context, arguments)

    def invoke(self, context: click.Context) -> Any:
        with _failures_told():
            return super().invoke(context)


@contextmanager
def _failures_told() -> Iterator[None]:
    try:
        yield
    except _CLICKS_OWN:
        raise
    except Exception as error:
        log.info("failed", exc_info=True)
        click.echo(f"mailflow: {_told(error)}", err=True)
        sys.exit(1)


def _told(error: Exception) -> str:
    """Word a failure on one line."""
    words = " ".join(str(error).split())
    if isinstance(error, MailflowError):
        return words
    if _is_of_the_database(error):
        cause = " ".join(str(getattr(error, "orig", None) or error).split())
        return f"the database cannot be used: {cause}; what is wrong, says: mailflow check"
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return f"{type(error).__name__}: {words}"


def _is_of_the_database(error: Exception) -> bool:
    from sqlalchemy.exc import SQLAlchemyError

    return isinstance(error, SQLAlchemyError)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="mailflow")
@click.option(
    "--config",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder with mailflow.toml and offices.toml "
    "[default: $MAILFLOW_CONFIG, ./config, /etc/mailflow].",
)
@click.option("--verbose", is_flag=True, help="Log every step to stderr.")
@click.pass_context
def main(context: click.Context, config: Path | None, *, verbose: bool) -> None:
    """One mail address for companies, many offices behind it, one combined answer."""
    context.obj = config
    set_up_logging(verbose=verbose)


def _settings(*, secrets: bool = True) -> Settings:
    config: Path | None = click.get_current_context().obj
    return load(config, os.environ, secrets=secrets)


def _signing_settings() -> Settings:
    """For commands that sign, and ask the mailbox only where the key is missing: it may be lost.

    Without its password nobody can be asked; it is made then, and a rebuild looks whether it fits.
    """
    settings = _settings(secrets=False)
    if settings.central.key_file.exists():
        return settings
    with suppress(MailflowError):
        return _settings()
    return settings


@contextmanager
def _parts(
    settings: Settings, *, patient: bool = False, reads_mailbox: bool = False
) -> "Iterator[Parts]":
    from mailflow.parts import assemble
    from mailflow.reading import Limits, Reader

    limits = Limits(size=settings.reading.max_bytes)
    with (
        Reader(limits, seconds=settings.reading.seconds) as reader,
        assemble(settings, reader, patient=patient, reads_mailbox=reads_mailbox) as parts,
    ):
        yield parts


@main.command()
@click.option("--once", is_flag=True, help="One full pass, then exit.")
def run(*, once: bool) -> None:
    """Run the service until SIGTERM or SIGINT, or one full pass."""
    from mailflow.one_pass import run_once
    from mailflow.progress import counting
    from mailflow.service import Service

    settings = _settings()
    if not once:
        _on_ending(_leave)  # where there is no key yet, the mailbox is asked, and may be silent
    _try_templates(settings)
    if once:
        with _parts(settings, reads_mailbox=True) as parts, counting(parts, sys.stderr):
            run_once(parts)
        return
    _on_ending(lambda: sys.exit(0))  # nothing is begun yet: the start may wait for its database
    with _parts(settings, patient=True, reads_mailbox=True) as parts:
        service = Service(parts, lambda: click.echo("mailflow ready", err=True))
        signal.signal(signal.SIGALRM, _leave)
        _on_ending(lambda: _end_in_time(service.stop))
        service.run()


def _end_in_time(stop: Callable[[], None]) -> None:
    """Ask the service to end, and leave when it has not: a server may keep it waiting for long."""
    stop()
    if not signal.getitimer(signal.ITIMER_REAL)[0]:  # whoever asks twice does not wait anew
        signal.alarm(_END_SECONDS)
        atexit.register(signal.alarm, 0)  # all threads have ended, and soon nobody takes it


def _leave(*_: object) -> None:
    """End the process as a power cut would; what was under way is what a start looks after.

    Whatever a server may hold up hangs in a thread, and none may do anything from here on: the
    lease ends with the process, and the next one may begin. Nor may the log, whose reader may have
    stopped: a second alarm ends the process as the system does.
    """
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(1)
    try:
        log.warning("ended without waiting for a server any longer; nothing is lost by that")
        logging.shutdown()
    finally:
        os._exit(0)


def _try_templates(settings: Settings) -> None:
    """Refuse broken templates before anything is begun; raises BrokenTemplateError."""
    from mailflow.compose import template_problems
    from mailflow.parts import composer_of, policy_of

    if problems := template_problems(composer_of(settings, policy_of(settings).keyring)):
        raise BrokenTemplateError(problem=problems[0])


def _on_ending(end: Callable[[], object]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: end())


@main.command()
def check() -> None:
    """Check configuration, templates, database, mailbox, sending, clock and permissions."""
    from mailflow.check import failed
    from mailflow.check.probes import run_checks

    lines = []
    for line in run_checks(click.get_current_context().obj, os.environ):
        click.echo(str(line))
        lines.append(line)
    sys.exit(1 if failed(lines) else 0)


@main.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
def inspect(paths: tuple[Path, ...]) -> None:
    """Print what mailflow reads in mails: one JSON object per mail (files, folders, mbox)."""
    from mailflow.reading.inspect import run_inspect

    run_inspect(paths, sys.stdout, progress=sys.stderr.isatty() and not sys.stdout.isatty())


@main.command()
@click.argument("path", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def route(path: Path, *, as_json: bool) -> None:
    """Say where a mail would go, and why; PATH is a mail, or - for standard input."""
    from mailflow.core.offices import route as find_offices
    from mailflow.listing import for_terminal
    from mailflow.reading import read

    settings = _settings(secrets=False)
    raw = _standard_input() if str(path) == "-" else path.read_bytes()
    message = read(raw)
    found = find_offices(
        message.subject,
        message.new_text,
        message.language,
        settings.offices,
        settings.policy,
    )
    facts = {
        "action": found.action,
        "offices": [office.id for office in found.offices],
        "confirm": [office.id for office in found.confirm],
        "suggestions": [office.id for office in found.suggestions],
        "flags": sorted(found.flags),
        "why": found.why,
        "reasons": {score.office.id: score.reason for score in found.scores[:5]},
    }
    if as_json:
        click.echo(shown_as_json(facts, indent=2))
        return
    for name in ("action", "offices", "confirm", "suggestions", "flags", "why"):
        value = facts[name]
        told = ", ".join(value) if isinstance(value, list) else value
        click.echo(for_terminal(f"{name:12} {told}"))


def _standard_input() -> bytes:
    if sys.stdin is None:
        raise NoInputError
    return sys.stdin.buffer.read()


@main.command()
@click.option("--all", "closed_too", is_flag=True, help="Closed ones too.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def tickets(*, closed_too: bool, as_json: bool) -> None:
    """List tickets."""
    from mailflow.core.ticket import NOT_CLOSED, TicketState
    from mailflow.listing import list_line, ticket_row

    states = tuple(TicketState) if closed_too else NOT_CLOSED
    settings = _settings(secrets=False)
    with _store(settings) as store:
        found = store.tickets(store.references(states))
        rows = [ticket_row(ticket, settings.offices) for ticket in found.values()]
    if as_json:
        click.echo(shown_as_json(rows, indent=2))
        return
    for row in rows:
        click.echo(list_line(row))
    if not rows:
        click.echo("Keine Vorgänge.")


@main.command()
@click.argument("ref")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def show(ref: str, *, as_json: bool) -> None:
    """Show one ticket with everything that happened."""
    from mailflow.listing import ticket_lines, ticket_row

    settings = _settings(secrets=False)
    reference = ref.upper()
    with _store(settings) as store:
        ticket = store.tickets([reference]).get(reference)
        history = store.history(reference)
    if ticket is None:
        raise UnknownReferenceError(reference=reference)
    row = ticket_row(ticket, settings.offices, history)
    if as_json:
        click.echo(shown_as_json(row, indent=2))
        return
    for line in ticket_lines(row, settings.central.zone):
        click.echo(line)


@main.command()
@click.argument("lines", nargs=-1, required=True)
def do(lines: tuple[str, ...]) -> None:
    """Do what the manager may say in reply to the digest: "REF COMMAND ..."."""
    from mailflow.desk import do_lines
    from mailflow.listing import for_terminal

    settings = _signing_settings()
    with _parts(settings) as parts:
        results = do_lines(parts, "\n".join(lines))
    if not results:
        word = lines[0].partition(" ")[0]
        if word.upper().startswith(f"{settings.central.reference_prefix}-"):
            raise NoReferenceError(word=word)
        raise NoCommandError
    for result in results:
        if result.done:
            click.echo(f"ok    {for_terminal(f'{result.line}: {result.result}')}")
    refused = [f"{result.line}: {result.result}" for result in results if not result.done]
    if refused:
        raise NotDoneError(lines=" / ".join(refused))


@main.command()
@click.option("--date", "day", type=click.DateTime(["%Y-%m-%d"]), help="The day; default today.")
@click.option("--send", is_flag=True, help="Send it, unless that day's digest has been sent.")
def digest(day: datetime | None, *, send: bool) -> None:
    """Print, or send, the digest."""
    from mailflow.desk import refuse_while_behind
    from mailflow.listing import for_terminal

    settings = _signing_settings()
    wanted: date | None = day.date() if day else None
    with _parts(settings) as parts:
        if send:
            refuse_while_behind(parts)
            sent = parts.reporting.send(wanted)
            click.echo(
                "Die Tagesübersicht ist im Postausgang." if sent else "Sie ging schon hinaus."
            )
            return
        for line in parts.reporting.draft(parts.reporting.digest(wanted)).text.split("\n"):
            click.echo(for_terminal(line))


@main.group()
def key() -> None:
    """Exchange the keys that tokens are made with."""


@key.command()
def rotate() -> None:
    """Sign with a new key from the next start on; old tokens work for 400 days more."""
    from mailflow import keys

    settings = _settings(secrets=False)
    letter = keys.rotate(settings.central.key_file, datetime.now(UTC).date())
    click.echo(f"Key {letter} signs from the next start of mailflow on.")


@key.command()
@click.argument("letter")
def revoke(letter: str) -> None:
    """Refuse every token of a key from the next start on, for instance after a theft."""
    from mailflow import keys

    settings = _settings(secrets=False)
    signs = keys.revoke(settings.central.key_file, letter, datetime.now(UTC))
    click.echo(f"Key {letter} verifies nothing from the next start of mailflow on; {signs} signs.")


@main.command()
@click.option(
    "--sender",
    default="",
    help="Only mails of this address or domain ('*': of a flood of many), its flood too.",
)
def again(sender: str) -> None:
    """Decide quarantined mails anew (after a repair), or a sender's, those of its flood too."""
    from mailflow.desk import decide_again
    from mailflow.lease import AlreadyRunningError, leased
    from mailflow.listing import for_terminal

    with _parts(_signing_settings()) as parts:
        count = decide_again(parts, sender)
        try:
            with leased(parts.engine, parts.settings):
                parts.deciding.decide_all()
        except AlreadyRunningError:
            click.echo("Der laufende Dienst entscheidet sie, sobald er wieder nachsieht.")
    click.echo(f"{_mails(count)} {'wird' if count == 1 else 'werden'} neu entschieden.")
    if sender and not count:
        click.echo(
            f"In Quarantäne liegt nichts von {for_terminal(sender)}: das muss eine ganze Adresse "
            "oder eine ganze Domain sein."
        )


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def backup(file: Path) -> None:
    """Copy the SQLite database into a new FILE, beside the running service."""
    from mailflow.store.backup import back_up

    settings = _settings(secrets=False)
    _refuse_another_database(settings)
    size = back_up(settings.database.url, file)
    click.echo(f"{file}: {size} Bytes")


def _refuse_another_database(settings: Settings) -> None:
    """Refuse to copy an empty database night after night while the service works on another."""
    from mailflow.inbox import CONNECTION_ERRORS, Inbox
    from mailflow.one_pass import mailbox_away
    from mailflow.parts import database_file, knows_mail

    database = database_file(settings)
    if database is None or not database.exists() or knows_mail(settings):
        return
    imap = _settings().imap
    try:
        filed = Inbox(imap).filed()
    except CONNECTION_ERRORS as error:
        raise mailbox_away(imap, error) from error
    if imap.processed in filed:
        raise AnotherDatabaseError(database=database, folder=imap.processed)


@main.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def restore(file: Path) -> None:
    """Put a copy FILE in the place of the SQLite database; the service must not run."""
    from mailflow.lease import leased
    from mailflow.store.backup import put_back
    from mailflow.store.engine import make_engine
    from mailflow.upgrade import knows

    settings = _settings(secrets=False)
    settings.make_state_folder()
    with leased(make_engine(settings.database.url), settings):
        aside = put_back(settings.database.url, file, datetime.now(UTC), knows)
    click.echo(
        f"{file} ist die Datenbank. Der nächste Start vergleicht sie mit dem Postfach; danach geht"
        " nichts hinaus, bis Sie mailflow thaw aufrufen."
    )
    if aside:
        click.echo(f"Die bisherige liegt in {aside}")


@main.command()
@click.option("--keys-lost", is_flag=True, help="Go on without a key that signed our mails.")
@click.option("--mailbox-restored", is_flag=True, help="The mailbox is a backup's, too.")
def rebuild(*, keys_lost: bool, mailbox_restored: bool) -> None:
    """Make an empty database anew from the mailbox; nothing is sent meanwhile."""
    from mailflow import keys
    from mailflow.inbox import CONNECTION_ERRORS, Inbox
    from mailflow.lease import leased
    from mailflow.ledger import rebuild as rebuild_from
    from mailflow.one_pass import mailbox_away, tell_who_signs
    from mailflow.progress import counting

    settings = _settings()
    keys.load_or_create(settings.central.key_file, lambda: True)  # the mailbox knows mail
    imap = settings.imap
    folders = [imap.processed, imap.quarantine, imap.inbox]
    with (
        _parts(settings, reads_mailbox=True) as parts,
        leased(parts.engine, parts.settings),
        counting(parts, sys.stderr),
    ):
        try:
            with Inbox(imap) as inbox:
                difference = rebuild_from(
                    parts.store,
                    inbox,
                    parts.intake,
                    folders,
                    keys_lost=keys_lost,
                    mailbox_restored=mailbox_restored,
                )
        except CONNECTION_ERRORS as error:
            raise mailbox_away(imap, error) from error
        tell_who_signs(parts)
    click.echo(_rebuilt(difference))


def _rebuilt(found: "Difference") -> str:
    """Word what a rebuild has read, what it could not read or believe, and what it holds."""
    withheld = (
        f"{_mails(found.withheld)} gibt der Mailserver nicht heraus; "
        "jeder Start sieht wieder nach. "
        if found.withheld
        else ""
    )
    unproven = (
        f"Zu {_mails(found.unproven)} mit einer Message-ID wie von uns passt kein Schlüssel; was "
        "sie belegen sollten, kann mit thaw --send noch einmal hinausgehen. "
        if found.unproven
        else ""
    )
    waiting = f" Sicher neu: {_mails(found.waiting)}." if found.waiting else ""
    return (
        f"{_mails(found.mails)} gelesen. {withheld}{unproven}Ungewiss und zurückgehalten: "
        f"{_mails(found.held)} im Postausgang.{waiting} "
        "Siehe mailflow thaw --show, --send oder --drop"
    )


_COPIED = "liegt eine Kopie im Postfach, deren Schlüssel hier fehlt; gilt als gesendet"


@main.command()
@click.option("--show", is_flag=True, help="List what is held back, and what goes anyway.")
@click.option("--send", is_flag=True, help="Send it, and let mails go out again.")
@click.option("--drop", is_flag=True, help="Drop it, and let mails go out again.")
def thaw(*, show: bool, send: bool, drop: bool) -> None:
    """Let mails go out again after the database lagged behind the mailbox."""
    from mailflow.ledger import thaw as thaw_after

    if show + send + drop != 1:
        raise click.UsageError("say one of --show, --send and --drop")
    with _store(_settings(secrets=False)) as store:
        if not store.frozen():
            click.echo("Es wird nichts zurückgehalten.")
            return
        if show:
            _print_mails(f"Zurückgehalten, {store.frozen()}:", store.held_back())
            if copied := store.copied():
                _print_mails(f"Davon {_COPIED}:", copied)
            _print_mails("Sicher neu, geht in jedem Fall:", store.queued_since())
            return
        copied = store.copied() if send else []
        count = thaw_after(store, datetime.now(UTC), send=send)
    if copied:
        _print_mails(f"Nicht gesendet, denn davon {_COPIED}:", copied)
    one, more = ("geht hinaus", "gehen hinaus") if send else ("ist verworfen", "sind verworfen")
    click.echo(f"{_mails(count)} {one if count == 1 else more}.")


@main.command()
@click.option("--from", "first", required=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--to", "last", required=True, type=click.DateTime(["%Y-%m-%d"]))
@click.option("--out", required=True, type=click.Path(path_type=Path, file_okay=False))
@click.option("--send", is_flag=True, help="Send it to the managers too.")
def report(first: datetime, last: datetime, out: Path, *, send: bool) -> None:
    """Write the interim report on a period, both days included, into a folder."""
    from mailflow.desk import refuse_while_behind
    from mailflow.interim_report import make_report, write_report

    settings = _signing_settings()
    period = (first.date(), last.date())
    with _parts(settings) as parts:
        if send:
            refuse_while_behind(parts)
        for path in write_report(parts, *period, out):
            click.echo(str(path))
        if send:
            made = make_report(parts.store, parts.policy, *period, datetime.now(UTC))
            parts.reporting.send_report(made)
            click.echo("Die Zwischenbilanz ist im Postausgang.")


def _mails(count: int) -> str:
    return "1 Mail" if count == 1 else f"{count} Mails"


def _print_mails(title: str, mails: list[tuple[str, str, str]]) -> None:
    click.echo(title if mails else f"{title} nichts")
    for kind, reference, recipient in mails:
        click.echo(f"{kind:18} {reference:14} {recipient}")


@contextmanager
def _store(settings: Settings) -> "Iterator[Store]":
    from mailflow.parts import open_store

    with open_store(settings) as (_, store):
        yield store

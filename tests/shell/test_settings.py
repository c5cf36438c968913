"""The configuration: what it means, and that whatever is wrong stops the start with one line."""

import stat
import tomllib
from collections.abc import Callable
from datetime import date, time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mailflow.core.directory import Release
from mailflow.errors import ConfigurationError
from mailflow.settings import load
from mailflow.settings.sections import Imap, Remedy, Smtp, email_address
from mailflow.shipped import example_config

MAIN = """
[central]
address = "unternehmen@stadt.example.org"
[imap]
user = "unternehmen@stadt.example.org"
[manager]
addresses = ["Leitung@Stadt.example.org"]
"""
OFFICES = """
[[office]]
id = "bauaufsicht"
name = "Amt für Bauordnung"
address = "Bauaufsicht@stadt.example.org"
members = ["a.muster@stadt.example.org"]
release = "manager"
reply_workdays = 10
[office.terms.de]
strong = ["Bauantrag"]

[[office]]
id = "umwelt"
name = "Umweltamt"
address = "umwelt@stadt.example.org"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small right configuration."""
    (tmp_path / "mailflow.toml").write_text(MAIN, encoding="utf-8")
    (tmp_path / "offices.toml").write_text(OFFICES, encoding="utf-8")
    _secret(tmp_path / "imap.password", "geheim\n")
    return tmp_path


def _secret(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def _main(old: str, new: str) -> Callable[[Path], None]:
    return lambda folder: _change(folder / "mailflow.toml", old, new)


def _add(text: str) -> Callable[[Path], None]:
    return _main("[manager]", f"{text}\n[manager]")


def _office(old: str, new: str) -> Callable[[Path], None]:
    return lambda folder: _change(folder / "offices.toml", old, new)


WRONG: dict[str, tuple[Callable[[Path], object], str, str, str]] = {
    # what is wrong -> how to make it so, and what the one line names: file, key, problem or remedy
    "missing main file": (
        lambda folder: (folder / "mailflow.toml").unlink(),
        "mailflow.toml",
        "file",
        "not found; name the folder with --config",
    ),
    "missing offices file": (
        lambda folder: (folder / "offices.toml").unlink(),
        "offices.toml",
        "file",
        "cannot be read: No such file",
    ),
    "broken TOML": (_main("address =", "address"), "mailflow.toml", "file", "line 3"),
    "the central address as the manager's": (
        _main("Leitung@Stadt.example.org", "unternehmen@stadt.example.org"),
        "mailflow.toml",
        'manager.addresses = ["unternehmen@stadt.example.org"]',
        "holds central.address; name the mailbox that the manager reads",
    ),
    "the central address as a head's": (
        _office("reply_workdays = 10", 'head = "unternehmen@stadt.example.org"'),
        "offices.toml",
        "office.bauaufsicht.head",
        "is central.address of mailflow.toml, too",
    ),
    "a password folder": (
        _main('user = "', 'password_file = "."\nuser = "'),
        "",
        "imap.password_file",
        "names a folder; name the file in it",
    ),
    "a certificate that is none": (
        _main('user = "', 'ca_file = "offices.toml"\nuser = "'),
        "mailflow.toml",
        "imap.ca_file",
        "holds no certificate; name a file of certificates in PEM",
    ),
    "an empty offices file": (
        lambda folder: (folder / "offices.toml").write_text(""),
        "offices.toml",
        "office",
        "is missing; add a table [[office]]",
    ),
    "an empty folder name": (
        _main('user = "', 'processed = ""\nuser = "'),
        "mailflow.toml",
        'imap.processed = ""',
        "must not be empty",
    ),
    "true where a number belongs": (
        _main('user = "', 'port = true\nuser = "'),
        "mailflow.toml",
        "imap.port = true",
        "must be a whole number",
    ),
    "a key twice": (
        _add('user = "x"'),
        "mailflow.toml",
        "file",
        "correct this line",
    ),
    "not UTF-8": (
        lambda folder: (folder / "offices.toml").write_bytes(OFFICES.encode("latin-1")),
        "offices.toml",
        "file",
        "save it as UTF-8",
    ),
    "typo in a key": (
        _add("prot = 143"),
        "mailflow.toml",
        "imap.prot is not a key",
        'did you mean "port"?',
    ),
    "typo in a section": (
        _add("[smpt]\nport = 25"),
        "mailflow.toml",
        "smpt",
        'did you mean "smtp"?',
    ),
    "unknown key nothing is like": (_add("xyzzy = 1"), "mailflow.toml", "imap.xyzzy", "known here"),
    "missing section": (
        _main('[central]\naddress = "unternehmen@stadt.example.org"', ""),
        "mailflow.toml",
        "central",
        "is missing",
    ),
    "missing key": (
        _main('addresses = ["Leitung@Stadt.example.org"]', ""),
        "mailflow.toml",
        "manager.addresses",
        "is missing",
    ),
    "a value for a section": (
        _main("[central]", "smtp = 5\n[central]"),
        "mailflow.toml",
        "smtp must be",
        "section",
    ),
    "a token asked for in plain text": (
        _add('client_id = "x"\ntoken_url = "http://login.example.org/token"'),
        "mailflow.toml",
        "imap.token_url",
        'write an address with "https://"',
    ),
    "a token asked for by nobody": (
        _add('token_url = "https://login.example.org/token"'),
        "mailflow.toml",
        "imap.token_url",
        "needs a client_id",
    ),
    "a token for no user": (
        _add('[smtp]\nclient_id = "x"\ntoken_url = "https://login.example.org/token"'),
        "mailflow.toml",
        "smtp.user",
        "is needed beside smtp.token_url",
    ),
    "port as text": (
        _add('port = "993"'),
        "mailflow.toml",
        'imap.port = "993"',
        "must be a whole number; write it without quotes",
    ),
    "port too large": (_add("port = 99999"), "mailflow.toml", "imap.port", "at most 65535"),
    "a fraction": (
        _add("poll_seconds = 7.5"),
        "mailflow.toml",
        "imap.poll_seconds",
        "whole number",
    ),
    "yes as text": (_add('idle = "yes"'), "mailflow.toml", 'imap.idle = "yes"', "true or false"),
    "text for a list": (
        _main('["Leitung@Stadt.example.org"]', '"leitung@stadt.example.org"'),
        "mailflow.toml",
        "manager.addresses",
        "write it in brackets",
    ),
    "nobody manages": (
        _main('["Leitung@Stadt.example.org"]', "[]"),
        "mailflow.toml",
        "manager.addresses",
        "write at least one",
    ),
    "a default in the way": (
        _add("[targets]\nreminders = [3, 9]"),
        "mailflow.toml",
        "targets.escalate = 8",
        "after the reminders",
    ),
    "no address": (
        _main('address = "unternehmen@stadt', 'address = "unternehmen@@stadt'),
        "mailflow.toml",
        "central.address",
        "is not an e-mail address",
    ),
    "unknown word": (
        _add('[smtp]\nreceipts = "always"'),
        "mailflow.toml",
        'smtp.receipts = "always"',
        "'company', 'all' or 'none'",
    ),
    "plaintext to a remote mailbox": (
        _add('host = "imap.example.org"\nsecurity = "none"'),
        "mailflow.toml",
        "imap.security",
        "unencrypted to imap.example.org",
    ),
    "plaintext to a remote submission server": (
        _add('[smtp]\nsecurity = "none"\nhost = "192.0.2.7"'),
        "mailflow.toml",
        "smtp.security",
        "only for 127.0.0.1",
    ),
    "plaintext to a remote second server": (
        _add('[alerts]\nhost = "192.0.2.7"\nsecurity = "none"'),
        "mailflow.toml",
        "alerts.security",
        "only for 127.0.0.1",
    ),
    "a second server whose authority is missing": (
        _add('[alerts]\nhost = "192.0.2.7"\nca_file = "none.pem"'),
        "mailflow.toml",
        "alerts.ca_file",
        "does not exist",
    ),
    "host with a scheme": (
        _add('host = "imaps://imap.example.org"'),
        "mailflow.toml",
        "imap.host",
        "write the bare name",
    ),
    "unknown time zone": (
        _main("[imap]", 'timezone = "Europa/Berlin"\n[imap]'),
        "mailflow.toml",
        "central.timezone",
        "write an IANA name",
    ),
    "unknown state": (
        _main("[imap]", 'state = "NRW"\n[imap]'),
        "mailflow.toml",
        'central.state = "NRW"',
        "'NW'",
    ),
    "impossible closing day": (
        _main("[imap]", 'closed_days = ["24.12."]\n[imap]'),
        "mailflow.toml",
        "central.closed_days",
        'write "12-24"',
    ),
    "prefix in small letters": (
        _main("[imap]", 'reference_prefix = "kam"\n[imap]'),
        "mailflow.toml",
        "central.reference_prefix",
        "capital letters",
    ),
    "plus in the central address": (
        _main("unternehmen@", "unternehmen+x@"),
        "mailflow.toml",
        "central.plus_addressing",
        "plus_addressing = false",
    ),
    "a keyed return path without plus addressing": (
        _main("[imap]", 'plus_addressing = false\n[smtp]\nreturn_path = "token"\n[imap]'),
        "mailflow.toml",
        "smtp.return_path",
        "central.plus_addressing",
    ),
    "no time of day": (
        _main("[manager]", "[manager]\ndigest_at = 7"),
        "mailflow.toml",
        "manager.digest_at",
        "with the quotes",
    ),
    "a digest in the lost hour": (
        _main("[manager]", '[manager]\ndigest_at = "02:30"'),
        "mailflow.toml",
        "manager.digest_at",
        "clock change",
    ),
    "reminders out of order": (
        _add("[targets]\nreminders = [5, 3]"),
        "mailflow.toml",
        "targets.reminders",
        "must rise",
    ),
    "escalation before the reminder": (
        _add("[targets]\nescalate = 4"),
        "mailflow.toml",
        "targets.escalate",
        "after the reminders",
    ),
    "no such database": (
        _add('[database]\nurl = "mysql://host/name"'),
        "mailflow.toml",
        "database.url = ***",
        'write "sqlite:///mailflow.db"',
    ),
    "a port that is no number": (
        _add('[database]\nurl = "postgresql://mailflow@host:port/name"'),
        "mailflow.toml",
        "database.url = ***",
        "postgresql://user@host:5432/name",
    ),
    "an address without its end": (
        _add('[database]\nurl = "postgresql://mailflow@[::1/name"'),
        "mailflow.toml",
        "database.url = ***",
        "an IPv6 address in brackets",
    ),
    "database password open to others": (
        _add('[database]\nurl = "postgresql://mailflow:tiger@host/name"'),
        "mailflow.toml",
        "database.url = ***",
        "chmod 600",
    ),
    "listening nowhere": (
        _add('[lmtp]\nlisten = "8024"'),
        "mailflow.toml",
        "lmtp.listen",
        '"127.0.0.1:8024"',
    ),
    "one folder for two purposes": (
        _add('quarantine = "inbox"'),
        "mailflow.toml",
        "imap.quarantine",
        "its own name",
    ),
    "password in the file": (
        _add('password = "tiger"'),
        "mailflow.toml",
        "imap.password",
        "imap.password_file",
    ),
    "missing password file": (
        lambda folder: (folder / "imap.password").unlink(),
        "imap.password",
        "imap.password_file",
        "No such file or directory; write the password",
    ),
    "empty password file": (
        lambda folder: _secret(folder / "imap.password", "\n"),
        "imap.password",
        "imap.password_file",
        "is empty",
    ),
    "password open to the group": (
        lambda folder: (folder / "imap.password").chmod(0o640),
        "imap.password",
        "imap.password_file",
        "is open to others (mode 0640); chmod 600",
    ),
    "missing templates": (
        _add('[paths]\ntemplates = "words"'),
        "mailflow.toml",
        "paths.templates",
        "does not exist",
    ),
    "missing certificate authority": (
        _add('ca_file = "ca.pem"'),
        "mailflow.toml",
        "imap.ca_file",
        "does not exist",
    ),
    "no offices": (
        lambda folder: (folder / "offices.toml").write_text("office = []"),
        "offices.toml",
        "office",
        "write at least one",
    ),
    "duplicate office id": (
        _office('id = "umwelt"', 'id = "bauaufsicht"'),
        "offices.toml",
        "office.bauaufsicht.id",
        "used by the office bauaufsicht already",
    ),
    "duplicate office name": (
        _office('"Umweltamt"', '"Amt für Bauordnung"'),
        "offices.toml",
        "office.umwelt.name",
        "used by the office bauaufsicht already",
    ),
    "duplicate office address": (
        _office("umwelt@stadt", "BAUAUFSICHT@stadt"),
        "offices.toml",
        "office.umwelt.address",
        "used by the office bauaufsicht already",
    ),
    "a member of two offices": (
        _office(
            '"umwelt@stadt.example.org"',
            '"u@stadt.example.org"\nmembers = ["a.muster@stadt.example.org"]',
        ),
        "offices.toml",
        "office.umwelt.members",
        "used by the office bauaufsicht already",
    ),
    "an office at the central address": (
        _office("umwelt@stadt", "unternehmen@stadt"),
        "offices.toml",
        "office.umwelt.address",
        "is central.address of mailflow.toml",
    ),
    "an office at the manager's address": (
        _office("umwelt@stadt", "leitung@stadt"),
        "offices.toml",
        "office.umwelt.address",
        "is manager.addresses of mailflow.toml",
    ),
    "typo in an office": (
        _office("reply_workdays", "reply_workday"),
        "offices.toml",
        "office.bauaufsicht.reply_workday",
        'did you mean "reply_workdays"?',
    ),
    "typo in an office's terms": (
        _office("strong =", "storng ="),
        "offices.toml",
        "office.bauaufsicht.terms.de.storng",
        'did you mean "strong"?',
    ),
    "unknown release": (
        _office('"manager"', '"boss"'),
        "offices.toml",
        'office.bauaufsicht.release = "boss"',
        "'auto' or 'manager'",
    ),
    "capital office id": (
        _office('"umwelt"', '"Umwelt"'),
        "offices.toml",
        "office.Umwelt.id",
        "small letters",
    ),
    "an office id that orders use for something else": (
        _office('id = "umwelt"', 'id = "anlagen"'),
        "offices.toml",
        "office.anlagen.id",
        "anlagen-amt",
    ),
    "language as a word": (
        _office("terms.de", "terms.deutsch"),
        "offices.toml",
        "office.bauaufsicht.terms.deutsch",
        "two small letters",
    ),
    "a language nobody reads": (
        _office("terms.de", "terms.xx"),
        "offices.toml",
        "office.bauaufsicht.terms.xx",
        "de, en",
    ),
    "a term that is everywhere": (
        _office('"Bauantrag"', '"e"'),
        "offices.toml",
        "office.bauaufsicht.terms.de.strong",
        "would match everything",
    ),
    "no workdays at all": (
        _office("reply_workdays = 10", "reply_workdays = 0"),
        "offices.toml",
        "office.bauaufsicht.reply_workdays",
        "at least 1",
    ),
}


@pytest.mark.parametrize("kind", WRONG)
def test_a_wrong_configuration_stops_with_one_line(folder: Path, kind: str) -> None:
    """Each kind of mistake gives one line that names file, key and remedy, and no secret."""
    spoil, file, key, words = WRONG[kind]
    spoil(folder)
    with pytest.raises(ConfigurationError) as caught:
        load(folder, {})
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith(str(folder / file) + ": " + key), line
    assert words in line
    assert "; " in line
    assert "tiger" not in line
    assert "geheim" not in line


def test_the_example_city_is_right(tmp_path: Path) -> None:
    """The shipped example works once its password is there, with the contract's defaults."""
    for name in ("mailflow.toml", "offices.toml"):
        (tmp_path / name).write_bytes((example_config() / name).read_bytes())
    _secret(tmp_path / "imap.password", "geheim")
    settings = load(tmp_path, {})
    assert len(settings.offices) == 23
    assert settings.manager.digest_at == time(7, 30)
    assert not settings.workdays.is_workday(date(2026, 2, 16))


def test_the_example_shows_every_key_with_its_default(folder: Path) -> None:
    """Nothing an operator can set is missing in the example, and what it shows is the default."""
    shown = tomllib.loads((example_config() / "mailflow.toml").read_text(encoding="utf-8"))
    settings = load(folder, {})
    for name, table in shown.items():
        section = getattr(settings, name)
        keys = set(type(section).model_fields) - {"password"}
        assert keys == set(table), name
    fresh = Imap().model_dump(mode="json", exclude={"password", "user"})
    assert {key: value or "" for key, value in fresh.items()} == {
        key: value for key, value in shown["imap"].items() if key != "user"
    }
    assert Smtp().port == shown["smtp"]["port"]
    assert shown["targets"] == {"office_reply": 5, "reminders": [3, 5], "escalate": 8}
    assert settings.imap.user == shown["imap"]["user"]


def test_values_are_frozen(folder: Path) -> None:
    """Nobody changes the configuration of a running service."""
    settings = load(folder, {})
    with pytest.raises(ValueError, match="frozen"):
        settings.imap.port = 143  # type: ignore[misc]


def test_offices_become_values_of_the_core(folder: Path) -> None:
    """Ids, lower-case addresses, members, release, own target and terms arrive as written."""
    office = load(folder, {}).offices.by_id("bauaufsicht")
    assert office is not None
    assert office.address == "bauaufsicht@stadt.example.org"
    assert (office.release, office.reply_workdays) == (Release.MANAGER, 10)
    assert office.terms["de"].strong == ("Bauantrag",)


def test_the_environment_wins_over_the_file(folder: Path) -> None:
    """Numbers, switches, lists and secrets can come from MAILFLOW_SECTION__KEY."""
    environ = {
        "MAILFLOW_IMAP__PORT": "1143",
        "MAILFLOW_IMAP__IDLE": "false",
        "MAILFLOW_IMAP__PASSWORD": "aus der Umgebung",
        "MAILFLOW_MANAGER__ADDRESSES": "a@stadt.example.org, b@stadt.example.org",
        "MAILFLOW_TARGETS__REMINDERS": "[2, 4]",
        "MAILFLOW_CONFIG": "/nowhere",
    }
    settings = load(folder, environ)
    assert (settings.imap.port, settings.imap.idle) == (1143, False)
    assert settings.imap.password.get_secret_value() == "aus der Umgebung"
    assert settings.manager.addresses == ("a@stadt.example.org", "b@stadt.example.org")
    assert settings.targets.reminders == (2, 4)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("MAILFLOW_IMAP__PORT", "imap", "whole number"),
        ("MAILFLOW_IMAP__PROT", "143", 'did you mean "port"?'),
        ("MAILFLOW_IMPA__PORT", "143", 'did you mean "imap"?'),
        ("MAILFLOW_IMAP__IDLE", "perhaps", "true or false"),
        ("MAILFLOW_TARGETS__REMINDERS", "[2,", "brackets"),
    ],
)
def test_a_wrong_variable_is_named(folder: Path, name: str, value: str, words: str) -> None:
    """What is wrong in the environment is told with the variable, not with the file."""
    with pytest.raises(ConfigurationError) as caught:
        load(folder, {name: value})
    assert str(caught.value).startswith(f"environment {name}") or name in str(caught.value)
    assert words in str(caught.value)


def test_systemd_passes_state_and_credentials(folder: Path, tmp_path: Path) -> None:
    """$STATE_DIRECTORY and the credentials imap.password and secret.key win over the files."""
    passed = tmp_path / "credentials"
    passed.mkdir()
    _secret(passed / "imap.password", "von systemd\n", 0o440)
    _secret(passed / "secret.key", "a 00\n", 0o440)
    environ = {"CREDENTIALS_DIRECTORY": str(passed), "STATE_DIRECTORY": "/var/lib/mailflow:/x"}
    settings = load(folder, environ)
    assert settings.imap.password.get_secret_value() == "von systemd"
    assert settings.central.key_file == passed / "secret.key"
    assert settings.paths.state == Path("/var/lib/mailflow")
    assert settings.database.url == "sqlite:////var/lib/mailflow/mailflow.db"


def test_relative_paths_start_at_the_file_that_names_them(folder: Path) -> None:
    """Key, state and database lie beside mailflow.toml, from wherever mailflow is started."""
    settings = load(folder, {})
    assert settings.central.key_file == folder / "secret.key"
    assert settings.paths.state == folder / "state"
    assert settings.database.url == f"sqlite:///{folder}/state/mailflow.db"


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////srv/mailflow.db",
        "postgresql://mailflow@db.example.org/mailflow",
        "postgresql+psycopg://mailflow@[2001:db8::1]:5432/mailflow",
        "postgresql:///mailflow?host=/run/postgresql",
        "postgresql://a.example,b.example/mailflow?target_session_attrs=primary",
    ],
)
def test_other_databases_stay_where_they_are(folder: Path, url: str) -> None:
    """An absolute SQLite file and PostgreSQL are not moved into the state folder."""
    _add(f'[database]\nurl = "{url}"')(folder)
    assert url == load(folder, {}).database.url


def test_the_folder_is_searched_in_the_contracts_order(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """--config wins over $MAILFLOW_CONFIG, which wins over ./config."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    (tmp_path / "work" / "config").symlink_to(folder)
    here = tmp_path / "work" / "config"
    assert here == load(None, {}).directory
    assert folder == load(None, {"MAILFLOW_CONFIG": str(folder)}).directory
    with pytest.raises(ConfigurationError, match="nowhere"):
        load(Path("/nowhere"), {"MAILFLOW_CONFIG": str(folder)})


def test_commands_that_talk_to_no_server_need_no_password(folder: Path) -> None:
    """Without secrets a missing password file troubles nobody."""
    (folder / "imap.password").unlink()
    assert load(folder, {}, secrets=False).imap.password.get_secret_value() == ""


def test_secrets_do_not_show(folder: Path) -> None:
    """Neither password nor database URL appear where settings are printed."""
    _add('[database]\nurl = "postgresql://mailflow:tiger@host/name"')(folder)
    (folder / "mailflow.toml").chmod(stat.S_IRUSR)
    shown = repr(load(folder, {}))
    assert "geheim" not in shown
    assert "tiger" not in shown


def test_no_plaintext_is_sent_except_to_this_machine(folder: Path) -> None:
    """Security "none" is allowed to loopback addresses in all their spellings."""
    for host in ("127.0.0.1", "127.8.9.1", "::1", "localhost"):
        settings = load(folder, {"MAILFLOW_IMAP__HOST": host, "MAILFLOW_IMAP__SECURITY": "none"})
        assert settings.imap.security == "none"


@pytest.mark.parametrize(
    ("listen", "address"),
    [("127.0.0.1:8024", ("127.0.0.1", 8024)), ("[::1]:24", ("::1", 24)), ("", None)],
)
def test_where_lmtp_listens(folder: Path, listen: str, address: tuple[str, int] | None) -> None:
    """Host and port are taken apart; empty means not at all."""
    assert address == load(folder, {"MAILFLOW_LMTP__LISTEN": listen}).lmtp.address


def test_a_state_folder_that_cannot_be_made_names_its_key(folder: Path) -> None:
    """Every command that opens the database says which key to correct, and where."""
    _add('[paths]\nstate = "offices.toml"')(folder)
    with pytest.raises(
        ConfigurationError, match=r"mailflow\.toml: paths\.state = .*cannot be made"
    ):
        load(folder, {}).make_state_folder()


def test_a_name_from_outside_cannot_break_the_line(folder: Path) -> None:
    """Line breaks and control characters in a wrong value do not reach the terminal."""
    _add('host = "a\\nb\\u001b[31m"')(folder)
    with pytest.raises(ConfigurationError) as caught:
        load(folder, {})
    assert "\n" not in str(caught.value)
    assert "\x1b" not in str(caught.value)


@given(text=st.text(max_size=80))
def test_an_address_is_taken_or_refused(text: str) -> None:
    """Whatever is written for an address gives a clean lower-case one or a remedy, no crash."""
    try:
        address = email_address(text)
    except Remedy:
        return
    assert address == address.strip().lower()
    assert address.count("@") == 1
    assert address.isascii()
    assert not any(letter.isspace() for letter in address)


@given(text=st.text(max_size=200))
def test_no_text_in_the_file_crashes_the_loader(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Any file content gives settings or the one-line error, never another exception."""
    folder = tmp_path_factory.mktemp("fuzz")
    (folder / "mailflow.toml").write_text(MAIN + text, encoding="utf-8", errors="replace")
    (folder / "offices.toml").write_text(OFFICES, encoding="utf-8")
    try:
        outcome = repr(load(folder, {}, secrets=False))
    except ConfigurationError as error:
        outcome = str(error)
    assert outcome.isprintable()

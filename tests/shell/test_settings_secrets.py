"""A secret of the configuration stands in nothing that a command prints, however it is written."""

import re
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from mailflow.cli import main
from mailflow.errors import ConfigurationError
from mailflow.secrecy import shown_url
from mailflow.settings import load
from mailflow.shipped import example_config

SECRET = "Birnbaum-4711"
NOBODY = "127.0.0.1:1"
"""A port that nobody listens at."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped example with its password, readable by its owner only."""
    config = tmp_path / "config"
    shutil.copytree(example_config(), config)
    for path in (config / "imap.password", config / "mailflow.toml"):
        path.touch()
        path.chmod(0o600)
    (config / "imap.password").write_text(SECRET)
    return config


def _in(section: str, *lines: str) -> Callable[[str], str]:
    """Give what writes lines into a section of the file, in the place of those of their keys."""
    keys = [line.partition(" =")[0] for line in lines]

    def written(text: str) -> str:
        head, title, rest = re.split(rf"(?m)^(\[{section}\].*\n)", text)
        body, sign, tail = re.split(r"(?m)^(\[)", rest, maxsplit=1)
        kept = [each for each in body.splitlines() if each.partition(" =")[0] not in keys]
        return "\n".join([f"{head}{title}", *lines, *kept, f"{sign}{tail}"])

    return written


def _with_url(folder: Path, url: str) -> Path:
    """Write a database's URL into the file, and give the file."""
    file = folder / "mailflow.toml"
    text, changed = re.subn(r"(?m)^url = .*", f'url = "{url}"', file.read_text(encoding="utf-8"))
    assert changed == 1
    file.write_text(text, encoding="utf-8")
    return file


def _instead_of(section: str, line: str) -> Callable[[str], str]:
    """Give what writes a line in the place of a whole section."""
    return lambda text: f"{line}\n" + re.sub(rf"(?ms)^\[{section}\].*?(?=^\[)", "", text)


FILES: dict[str, Callable[[str], str]] = {
    "a key in German": _in("imap", f'passwort = "{SECRET}"'),
    "a key of another section": _in("smtp", f'client_secret = "{SECRET}"'),
    "a slip in a key": _in("smtp", f'pasword = "{SECRET}"'),
    "a list under a key nobody knows": _in("imap", f'passwords = ["{SECRET}"]'),
    "the key itself": _in("imap", f'password = "{SECRET}"'),
    "a section nobody knows": _instead_of(
        "lmtp", f'[datenbank]\nurl = "postgresql://u:{SECRET}@h/d"\n[lmtp]'
    ),
    "a text in a section's place": _instead_of("alerts", f'alerts = "smtp://u:{SECRET}@h"'),
    "a token's address with user and password": _in(
        "smtp", 'client_id = "x"', f'token_url = "https://mailflow:{SECRET}@login.example/token"'
    ),
    "such an address unencrypted": _in("smtp", f'token_url = "http://u:{SECRET}@idp.example/t"'),
    "such an address with a secret behind it": _in(
        "smtp", f'token_url = "http://idp.example/t?client_secret={SECRET}"'
    ),
    "a list of such addresses": _in("smtp", f'token_url = ["https://u:{SECRET}@idp.example"]'),
}
URLS = {
    "another database": f"mysql://u:{SECRET}@{NOBODY}/d",
    "no port": f"postgresql://u:{SECRET}@127.0.0.1:port/d",
    "no word of PostgreSQL's": f"postgresql://u@{NOBODY}/d?passwort={SECRET}",
    "nobody there": f"postgresql://u:{SECRET}@{NOBODY}/d",
    "in the query": f"postgresql://u@{NOBODY}/d?password={SECRET}",
    "of the own key": f"postgresql://u@{NOBODY}/d?sslmode=require&sslpassword={SECRET}",
    "a slash in it": f"postgresql://u:a/{SECRET}@{NOBODY}/d",
    "ports that fit no hosts": f"postgresql://u:{SECRET}@/d?host=a&host=b&port=1",
    "a sign that ends it": f"postgresql://u:a@{SECRET}@{NOBODY}/d",
    "a sign and a slash": f"postgresql://u:a@{SECRET}/b@{NOBODY}/d",
}
ENVIRONMENT: dict[str, Mapping[str, str]] = {
    "a slip in a key": {"MAILFLOW_IMAP__PASWORD": SECRET},
    "a key in German": {"MAILFLOW_SMTP__PASSWORT": SECRET},
    "a key of the database": {"MAILFLOW_DATABASE__URI": f"postgresql://u:{SECRET}@h/d"},
    "a slip in a section": {"MAILFLOW_DATABSE__URL": f"postgresql://u:{SECRET}@h/d"},
    "a token's address": {"MAILFLOW_SMTP__TOKEN_URL": f"http://u:{SECRET}@idp.example/t"},
    **{f"a URL: {kind}": {"MAILFLOW_DATABASE__URL": url} for kind, url in URLS.items()},
}


def _printed(folder: Path, command: str, environ: Mapping[str, str]) -> str:
    """Give all that a command prints; it must have failed, and by a line of its own."""
    nowhere = {"MAILFLOW_IMAP__PORT": "1", "MAILFLOW_SMTP__PORT": "1"}
    arguments = ["--verbose", "--config", str(folder), *command.split()]
    ran = CliRunner().invoke(main, arguments, env={**nowhere, **environ})
    assert ran.exit_code == 1, ran.output
    assert ran.exception is None or isinstance(ran.exception, SystemExit)
    return ran.output


@pytest.mark.parametrize("command", ["check", "run --once"])
@pytest.mark.parametrize("kind", FILES)
def test_what_is_wrong_in_the_file_is_told_without_a_secret(
    folder: Path, kind: str, command: str
) -> None:
    """Terminal and journal name a wrong key, and never what may be a secret under it."""
    file = folder / "mailflow.toml"
    file.write_text(FILES[kind](file.read_text(encoding="utf-8")), encoding="utf-8")
    printed = _printed(folder, command, {})
    assert SECRET not in printed
    assert "mailflow.toml: " in printed
    assert "is not TOML" not in printed


@pytest.mark.parametrize("command", ["check", "run --once"])
@pytest.mark.parametrize("kind", ENVIRONMENT)
def test_what_is_wrong_in_the_environment_is_told_without_a_secret(
    folder: Path, kind: str, command: str
) -> None:
    """The same for variables: a wrong name, a wrong URL, and a database that does not answer."""
    assert SECRET not in _printed(folder, command, ENVIRONMENT[kind])


def test_a_url_whose_hosts_and_ports_do_not_fit_is_the_databases_line(folder: Path) -> None:
    """The check goes on behind it, and tells of the mailbox as well."""
    printed = _printed(folder, "check", ENVIRONMENT["a URL: ports that fit no hosts"])
    assert "FAIL  database: cannot be opened" in printed
    assert "FAIL  mailbox" in printed


def test_a_key_that_is_not_known_is_told_with_its_neighbour_and_no_value(folder: Path) -> None:
    """Who slipped reads the key he meant."""
    with pytest.raises(ConfigurationError) as caught:
        load(folder, {"MAILFLOW_IMAP__PASWORD": SECRET})
    assert str(caught.value) == (
        "environment MAILFLOW_IMAP__PASWORD: imap.pasword is not a key mailflow knows; "
        'did you mean "password"?'
    )


def test_a_wrong_value_that_is_no_secret_is_shown(folder: Path) -> None:
    """What stands there is half of the remedy."""
    with pytest.raises(ConfigurationError, match=r'imap\.port = "imaps": must be a whole number'):
        load(folder, {"MAILFLOW_IMAP__PORT": "imaps"})
    with pytest.raises(ConfigurationError, match=r'token_url = "http://idp\.example/t": would'):
        load(folder, {"MAILFLOW_SMTP__TOKEN_URL": "http://idp.example/t"})


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://u:{SECRET}@h/d",
        f"postgresql://u:a/{SECRET}@h/d",
        f"postgresql://u@h/d?password={SECRET}",
        f"postgresql://u@h/d?sslmode=require&passw%6Frd={SECRET}",
        f"postgresql://u@h/d?sslpassword={SECRET}",
        f"postgresql://u@h/d?oauth_client_secret={SECRET}",
    ],
)
def test_a_url_with_a_secret_makes_the_file_a_secret(folder: Path, url: str) -> None:
    """Wherever in the URL it stands, a file that others may read is refused, without the URL."""
    file = _with_url(folder, url)
    assert load(folder, {}).database.has_password
    file.chmod(0o644)
    with pytest.raises(ConfigurationError, match="holds a password that others can read") as caught:
        load(folder, {})
    assert SECRET not in str(caught.value)


def test_a_url_that_is_passed_beside_the_file_asks_nothing_of_its_rights(
    folder: Path, tmp_path: Path
) -> None:
    """The credential is the remedy that the refusal names: it must be one."""
    url = f"postgresql://u:{SECRET}@h/d"
    file = _with_url(folder, url)
    file.chmod(0o644)
    passed = tmp_path / "credentials"
    passed.mkdir()
    (passed / "database.url").write_text(url)
    assert load(folder, {"CREDENTIALS_DIRECTORY": str(passed)}).database.url == url


@pytest.mark.parametrize(
    "url",
    ["sqlite:///mailflow.db", "postgresql://u@h/d?sslmode=require", "postgresql://u:@h/password=x"],
)
def test_a_url_without_a_secret_is_none(folder: Path, url: str) -> None:
    """Such a file may be read by everybody."""
    file = _with_url(folder, url)
    file.chmod(0o644)
    assert not load(folder, {}).database.has_password


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("sqlite:////srv/a@b/mailflow.db", "sqlite:////srv/a@b/mailflow.db"),
        ("postgresql://u@h:5432/d", "postgresql://u@h:5432/d"),
        ("postgresql://u:x@h/d", "postgresql://u:***@h/d"),
        ("postgresql+psycopg://u:x/y?z@[::1]:5/d", "postgresql+psycopg://u:***@[::1]:5/d"),
        ("postgresql://u@stadt:x@h/d", "postgresql://u@stadt:***@h/d"),
        ("postgresql://u:x@y@h/d", "***"),
        (
            "postgresql:///d?host=/run/pg&password=x&sslmode=require&passwort=y",
            "postgresql:///d?host=/run/pg&sslmode=require",
        ),
        ("https://idp.example/t?client_secret=x", "https://idp.example/t"),
        ("https://u:x@idp.example/t", "https://u:***@idp.example/t"),
        ("idp.example/t", "idp.example/t"),
    ],
)
def test_a_url_is_shown_without_its_secrets(url: str, shown: str) -> None:
    """Of its query only what says where a database is; of what is not sure to be none, nothing."""
    assert shown_url(url) == shown

"""A database on another machine proves itself, unless its operator has written otherwise."""

from collections.abc import Mapping

import pytest

from mailflow.core.encryption import is_loopback, proving_words, weak_mode

FILE = "/etc/ssl/certs/ca-certificates.crt"
Words = Mapping[str, str]

HERE: list[tuple[Words, Words]] = [
    # what the connection says, and the environment
    ({}, {}),
    ({"host": ""}, {}),
    ({"host": "127.0.0.1"}, {}),
    ({"host": "127.8.9.1"}, {}),
    ({"host": "::1"}, {}),
    ({"host": "localhost"}, {}),
    ({"host": "/run/postgresql"}, {}),
    ({"host": "@abstract"}, {}),
    ({"host": "localhost,127.0.0.1,/run/postgresql"}, {}),
    ({"host": "localhost,"}, {}),
    ({"host": "localhost", "hostaddr": "127.0.0.1"}, {}),
    ({"hostaddr": "::1"}, {}),
    ({}, {"PGHOST": "/run/postgresql"}),
    ({"host": "localhost"}, {"PGHOST": "db.example"}),
]
ELSEWHERE: list[tuple[Words, Words]] = [
    ({"host": "db.example"}, {}),
    ({"host": "192.0.2.7"}, {}),
    ({"host": "2001:db8::7"}, {}),
    ({"host": "localhost.stadt.example"}, {}),
    ({"host": "127.0.0.1.example"}, {}),
    ({"host": "127.0.0.1,db.example"}, {}),
    ({"host": "a.example,b.example", "port": "5432,5433"}, {}),
    ({"host": "localhost", "hostaddr": "192.0.2.7"}, {}),
    ({"host": "localhost,localhost", "hostaddr": "127.0.0.1,192.0.2.7"}, {}),
    ({"host": "db.example", "hostaddr": "127.0.0.1"}, {}),
    ({"hostaddr": "192.0.2.7"}, {}),
    ({"service": "city"}, {}),
    ({}, {"PGHOST": "db.example"}),
    ({}, {"PGHOSTADDR": "192.0.2.7"}),
    ({"host": "localhost"}, {"PGHOSTADDR": "192.0.2.7"}),
    ({"host": "localhost"}, {"PGSERVICE": "city"}),
]


@pytest.mark.parametrize(("said", "environ"), HERE)
def test_this_machine_needs_no_proof(said: Words, environ: Words) -> None:
    """Of a socket or a loopback address nothing is asked, whatever mode is written."""
    assert proving_words(said, environ, FILE) == {}
    assert weak_mode({**said, "sslmode": "disable"}, environ) == ""


@pytest.mark.parametrize(("said", "environ"), ELSEWHERE)
def test_another_machine_must_prove_itself(said: Words, environ: Words) -> None:
    """Where one of several hosts is not surely this machine, all are asked; a name must fit."""
    assert proving_words(said, environ, FILE) == {"sslmode": "verify-full", "sslrootcert": FILE}
    assert weak_mode(said, environ) == ""


@pytest.mark.parametrize("mode", ["disable", "allow", "prefer", "require", "verify-ca"])
def test_what_is_written_holds_and_is_told(mode: str) -> None:
    """In the URL or the environment: nothing is put in its place, and the check names it."""
    for said, environ in (
        ({"host": "db.example", "sslmode": mode}, {}),
        ({"host": "db.example"}, {"PGSSLMODE": mode}),
        ({"host": "db.example", "sslmode": mode}, {"PGSSLMODE": "verify-full"}),
    ):
        assert proving_words(said, environ, FILE) == {}
        assert weak_mode(said, environ) == mode


@pytest.mark.parametrize(
    ("said", "environ", "authorities", "added"),
    [
        ({"sslrootcert": "/etc/mailflow/ca.pem"}, {}, FILE, {}),
        ({}, {"PGSSLROOTCERT": "/etc/mailflow/ca.pem"}, FILE, {}),
        ({}, {}, "", {}),
        ({"sslmode": "verify-full"}, {}, FILE, {"sslrootcert": FILE}),
        ({}, {"PGSSLMODE": "verify-full"}, FILE, {"sslrootcert": FILE}),
        ({}, {"PGSSLMODE": ""}, FILE, {"sslrootcert": FILE}),
    ],
)
def test_by_whose_certificates(
    said: Words, environ: Words, authorities: str, added: dict[str, str]
) -> None:
    """The machine's, unless others are named, or libpq finds its user's own."""
    words = proving_words({"host": "db.example", **said}, environ, authorities)
    assert words == {"sslmode": "verify-full", **added}


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("192.0.2.7", False), ("", False)],
)
def test_what_is_this_machine(host: str, here: bool) -> None:
    """As far as a name shows: what a name server would say of it is not asked."""
    assert is_loopback(host) is here

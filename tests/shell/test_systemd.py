"""The shipped unit is hardened, and the service works inside what the unit allows."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mailflow.cli import main
from mailflow.demo.world import World
from mailflow.reading import worker
from mailflow.settings.sections import Central, Imap, Smtp
from mailflow.shipped import shipped

UNIT = shipped("systemd") / "mailflow.service"
CITY, OFFICE = "unternehmen@stadt.example.org", "bau@stadt.example.org"
COMPANY, MANAGER = "chefin@firma.example.com", "kam@stadt.example.org"
WORST_EXPOSURE = 1.5
SECONDS = 60
"""How long the traced service may take for each step before the test gives up."""

RAW = f"""\
From: Chefin <{COMPANY}>
To: {CITY}
Subject: Bauantrag
Message-ID: <1@firma.example.com>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=x

--x
Content-Type: text/plain

Guten Tag, wir planen einen Bauantrag. Was brauchen wir?
--x
Content-Type: text/html

<p>Guten Tag, wir planen einen <b>Bauantrag</b>. Was brauchen wir?</p>
--x--
""".replace("\n", "\r\n").encode()


def tool(name: str, package: str) -> str:
    """Give the path of a tool, or skip and say which Debian package brings it."""
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is missing; install it: apt-get install {package}")
    return path


def options(name: str) -> list[str]:
    """Give the values of an option of the unit, in order."""
    return re.findall(rf"^{name}=(.*)$", UNIT.read_text(), re.MULTILINE)


def test_the_unit_is_hardened() -> None:
    """The exposure as systemd itself judges it, from 0 (safe) to 10."""
    analyze = tool("systemd-analyze", "systemd")
    told = subprocess.run(
        [analyze, "security", "--offline=true", "--no-pager", str(UNIT)],
        capture_output=True,
        text=True,
        check=False,
    )
    found = re.search(r"exposure level for mailflow\.service: ([0-9.]+)", told.stdout)
    assert found, told.stderr
    assert float(found[1]) <= WORST_EXPOSURE


def test_systemd_finds_nothing_to_complain_about(tmp_path: Path) -> None:
    """No misspelt option; only the program itself is not installed here."""
    analyze = tool("systemd-analyze", "systemd")
    copy = tmp_path / UNIT.name
    copy.write_text(re.sub(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text()))
    told = subprocess.run(
        [analyze, "verify", "--man=no", str(copy)], capture_output=True, text=True, check=False
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_systemd_never_gives_the_service_up() -> None:
    """After a night without a mail server, a database or a disk, nobody has to start it by hand."""
    assert options("StartLimitIntervalSec") == ["0"]
    assert options("Restart") == ["on-failure"]


def test_the_unit_starts_a_command_that_exists() -> None:
    """The command line of the unit is one of this version's."""
    (start,) = options("ExecStart")
    program, *arguments = start.split()
    assert program == "/opt/mailflow/bin/mailflow"
    assert arguments == ["--config", "/etc/mailflow", "run"]
    assert "run" in main.commands


def test_every_credential_is_one_that_the_settings_look_for() -> None:
    """A credential under another name would be loaded and never read."""
    names = {value.partition(":")[0] for value in options("LoadCredential")}
    fields = {f"imap.{key}" for key in Imap.model_fields}
    fields |= {f"smtp.{key}" for key in Smtp.model_fields}
    assert names == {"secret.key", "imap.password", "smtp.password"}
    assert names - fields == {Central.model_fields["key_file"].default.name}


def test_the_parsing_process_meets_its_own_limit_before_the_units() -> None:
    """A huge mail costs its own reading, not the whole service."""
    (most,) = options("MemoryMax")
    assert int(most.removesuffix("M")) * 1024 * 1024 > worker.MEMORY * 5 // 4


@pytest.fixture
def world() -> Iterator[World]:
    """Mail servers for everybody in the story."""
    with World(dict.fromkeys((CITY, OFFICE, COMPANY, MANAGER), "geheim")) as running:
        yield running


def configure(folder: Path, world: World) -> None:
    """Write a configuration that uses all of IMAP, SMTP and LMTP."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        free = probe.getsockname()[1]
    (folder / "mailflow.toml").write_text(f"""
        central.address = "{CITY}"
        manager.addresses = ["{MANAGER}"]
        imap = {{ host = "127.0.0.1", port = {world.imap_port}, security = "none" }}
        smtp = {{ host = "localhost", port = {world.smtp_port}, security = "none" }}
        lmtp.listen = "127.0.0.1:{free}"
    """)
    (folder / "offices.toml").write_text(f"""
        [[office]]
        id = "bau"
        name = "Bauaufsicht"
        address = "{OFFICE}"
        [office.terms.de]
        strong = ["bauantrag"]
    """)
    (folder / "imap.password").write_text("geheim")
    (folder / "imap.password").chmod(0o600)


def trace(folder: Path, world: World) -> str:
    """Run the service until one mail came in and its mails went out; give its system calls."""
    strace = tool("strace", "strace")
    log = folder / "calls"
    if subprocess.run([strace, "-qq", "-o", str(log), "true"], check=False).returncode:
        pytest.skip("this container lets nobody trace a process (ptrace)")
    mailflow = shutil.which("mailflow", path=os.fspath(Path(sys.executable).parent))
    command = [strace, "-D", "-f", "-qq", "-o", str(log), "--", str(mailflow)]
    with subprocess.Popen([*command, "--config", str(folder), "run"]) as service:
        try:
            world.deliver(RAW, CITY)
            world.wait_for(OFFICE, lambda raw: b"forward" in raw, SECONDS)
            world.wait_for(COMPANY, lambda raw: b"acknowledgement" in raw, SECONDS)
            service.send_signal(signal.SIGTERM)
            assert service.wait(SECONDS) == 0
        finally:
            service.kill()
    return log.read_text()


def allowed_calls() -> set[str]:
    """Give the system calls that the unit's filter lets through."""
    chosen, refused = options("SystemCallFilter")
    assert refused.startswith("~")
    allowed = group("@default").union(*map(group, chosen.split()))
    return allowed - set().union(*map(group, refused[1:].split()))


def group(name: str) -> set[str]:
    """Give the system calls of a group, and of the groups in it."""
    if not name.startswith("@"):
        return {name}
    analyze = tool("systemd-analyze", "systemd")
    told = subprocess.run(
        [analyze, "syscall-filter", "--no-pager", name], capture_output=True, text=True, check=True
    )
    words = [line.strip() for line in told.stdout.splitlines()[1:]]
    return set().union(*(group(word) for word in words if word and not word.startswith("#")))


@pytest.mark.slow
def test_the_service_needs_nothing_that_the_unit_refuses(tmp_path: Path, world: World) -> None:
    """From start to stop, the parsing process included: its limits on itself are let through."""
    configure(tmp_path, world)
    allowed = allowed_calls()
    log = trace(tmp_path, world)
    used = set(re.findall(r"^\d+ +(\w+)\(", log, re.MULTILINE))
    assert {"execve", "fdatasync"} <= used, "this trace does not show the service"
    assert re.search(r"prlimit64\(\d+, RLIMIT_AS", log), "the parsing process has no limit"
    if os.geteuid() == 0:
        used.discard("fchown")  # SQLite gives its files to their owner, as root only
    assert used <= allowed
    families = set(re.findall(r"socket\((AF_\w+)", log)) - {"AF_NETLINK"}  # getaddrinfo may fail it
    assert families <= {f"{family}" for family in options("RestrictAddressFamilies")[0].split()}
    executable = re.findall(r"(?:mprotect\(.*PROT_EXEC.*|mmap\(.*PROT_WRITE\|PROT_EXEC.*)", log)
    assert executable == []  # MemoryDenyWriteExecute=

"""The key file is made once, kept secret, and refused when damaged."""

import errno
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from mailflow import keys
from mailflow.core.tracking import Keyring, Role
from mailflow.errors import KeyFileError

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
LINE = "a " + "0f" * 32 + "\n"


def _key_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "secret.key"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def _fresh() -> bool:
    return False


def test_a_missing_key_is_not_replaced_where_mail_is_known(tmp_path: Path) -> None:
    """A lost or mistyped file stops in one line with the backup as remedy; none is made."""
    path = tmp_path / "secret2.key"
    with pytest.raises(KeyFileError, match=r"central.key_file is missing.*backup") as caught:
        keys.load_or_create(path, lambda: True)
    assert str(path) in str(caught.value)
    assert not path.exists()


@pytest.mark.parametrize("mode", [0o700, 0o755])
def test_a_folder_is_no_key_file(tmp_path: Path, mode: int) -> None:
    """It is called a folder, and nobody is told to make it readable, or to make a key there."""
    path = tmp_path / "secret.key"
    path.mkdir(mode)
    path.chmod(mode)
    with pytest.raises(KeyFileError, match="is a folder; name the file in it") as caught:
        keys.load_or_create(path, lambda: True)
    assert "chmod" not in str(caught.value)


def test_a_missing_key_file_is_made_for_its_owner_only(tmp_path: Path) -> None:
    """The new file has mode 0600 and one key of 256 bits, and nothing else is left behind."""
    path = tmp_path / "new" / "secret.key"
    ring = keys.load_or_create(path, _fresh)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (ring.current, len(ring.keys["a"])) == ("a", 32)
    assert [path] == list(path.parent.iterdir())


def test_a_key_that_exists_is_never_replaced(tmp_path: Path) -> None:
    """Making a key where one is leaves the file as it was."""
    path = _key_file(tmp_path, LINE)
    keys.create(path)
    assert path.read_text(encoding="ascii") == LINE


def test_two_processes_agree_on_one_key(tmp_path: Path) -> None:
    """Eight starts at once on an empty folder all read the same key."""
    path = tmp_path / "secret.key"
    with ThreadPoolExecutor(8) as pool:
        rings = list(pool.map(keys.load_or_create, [path] * 8, [_fresh] * 8))
    assert len({ring.keys["a"] for ring in rings}) == 1


def test_the_last_key_signs_and_all_verify(tmp_path: Path) -> None:
    """After a rotation the newest line is current and the older one is still known."""
    ring = keys.load(_key_file(tmp_path, LINE + "b " + "1e" * 32 + "\n"))
    assert ("b", {"a", "b"}) == (ring.current, set(ring.keys))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", "holds no key", id="empty"),
        pytest.param("a 0f0f\n", "line 1", id="too short"),
        pytest.param(LINE + LINE, "line 2", id="one letter twice"),
        pytest.param(LINE + "\n", "line 2", id="blank line"),
        pytest.param("A " + "0F" * 32, "line 1", id="capitals"),
        pytest.param("a " + "ö" * 64, "line 1", id="not ASCII"),
        pytest.param(LINE.strip() + " until 2027-02-30\n", "line 1", id="no such day"),
        pytest.param(LINE.strip() + " revoked gestern\n", "line 1", id="no such moment"),
        pytest.param(LINE.strip() + " revoked\n", "cannot sign", id="none that signs"),
    ],
)
def test_a_damaged_key_file_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """Damage is named with its line, and the remedy is the backup, never a new key."""
    with pytest.raises(KeyFileError, match=words) as caught:
        keys.load(_key_file(tmp_path, text))
    assert "backup" in str(caught.value)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a_key_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """A group- or world-readable key stops the start with the command that cures it."""
    path = _key_file(tmp_path, LINE, mode)
    with pytest.raises(KeyFileError, match=f"chmod 600 {path}"):
        keys.load(path)


def test_systemd_guards_its_credentials_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key passed by LoadCredential= may have the group bits that systemd's ACL shows."""
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert keys.load(_key_file(tmp_path, LINE, 0o440)).current == "a"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    """Where a file stands in the folder's place, the message names path and remedy."""
    (tmp_path / "file").write_text("")
    with pytest.raises(KeyFileError, match=r"cannot be made.*name another place"):
        keys.create(tmp_path / "file" / "secret.key")


def test_the_message_never_holds_the_key(tmp_path: Path) -> None:
    """A damaged line is named by number, its text stays in the file."""
    with pytest.raises(KeyFileError) as caught:
        keys.load(_key_file(tmp_path, "a " + "0f" * 31 + "zz\n"))
    assert "0f0f" not in str(caught.value)


def test_a_rotated_key_signs_and_the_old_one_verifies(tmp_path: Path) -> None:
    """The new key signs, the old one has 400 days more, and what is named keeps its name."""
    path = _key_file(tmp_path, LINE)
    before = keys.load(path)
    assert keys.rotate(path, date(2026, 11, 24)) == "b"
    after = keys.load(path)
    assert (after.current, after.ends) == ("b", {"a": datetime(2027, 12, 30, tzinfo=UTC)})
    token = before.token(Role.OFFICE, "x" * 11, "a@b.example")
    assert after.verify(token, Role.OFFICE, "a@b.example", NOW)
    assert after.reference("KAM", "f") == before.reference("KAM", "f")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_is_too_old_after_its_day(tmp_path: Path) -> None:
    """Tokens of a key whose day is over are refused."""
    path = _key_file(tmp_path, LINE)
    token = keys.load(path).token(Role.OFFICE, "x" * 11, "a@b.example")
    keys.rotate(path, date(2020, 1, 1))
    assert not keys.load(path).verify(token, Role.OFFICE, "a@b.example", NOW)


def test_a_revoked_key_verifies_nothing(tmp_path: Path) -> None:
    """Revoking the current key makes a new one first, and its tokens void from then on."""
    path = _key_file(tmp_path, LINE)
    token = keys.load(path).token(Role.OFFICE, "x" * 11, "a@b.example")
    assert keys.revoke(path, "a", NOW) == "b"
    ring = keys.load(path)
    assert ring.current == "b"
    assert not ring.verify(token, Role.OFFICE, "a@b.example", NOW)
    assert ring.verify(token, Role.OFFICE, "a@b.example", NOW - timedelta(seconds=1))


def test_a_file_that_cannot_be_replaced_leaves_no_second_one_with_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container's secret is mounted where it lies: each try would leave a copy of every key."""
    path = _key_file(tmp_path, LINE)

    def busy(*_: object) -> None:
        raise OSError(errno.EBUSY, "Device or resource busy")

    monkeypatch.setattr(Path, "replace", busy)
    with pytest.raises(KeyFileError, match="cannot be written: Device or resource busy"):
        keys.rotate(path, NOW.date())
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_text(encoding="ascii") == LINE


def test_revoking_twice_keeps_the_first_moment(tmp_path: Path) -> None:
    """A second revocation makes nothing valid that was refused since the first."""
    path = _key_file(tmp_path, LINE)
    keys.revoke(path, "a", NOW)
    assert keys.revoke(path, "a", NOW + timedelta(days=9)) == "b"
    assert keys.load(path).ends == {"a": NOW}


def test_a_revocation_without_a_moment_holds_for_all_time(tmp_path: Path) -> None:
    """Who takes the moment out of the line lets the key verify nothing, whenever it came."""
    path = _key_file(tmp_path, LINE.strip() + " revoked\nb " + "1e" * 32 + "\n")
    ring = keys.load(path)
    token = Keyring(ring.keys, "a").token(Role.OFFICE, "x" * 11, "a@b.example")
    assert not ring.verify(token, Role.OFFICE, "a@b.example", NOW - timedelta(days=5000))


def test_an_unknown_key_cannot_be_revoked(tmp_path: Path) -> None:
    """The complaint names the keys there are."""
    with pytest.raises(KeyFileError, match="it holds: a"):
        keys.revoke(_key_file(tmp_path, LINE), "q", NOW)

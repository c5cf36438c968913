"""The rules for all tests hold."""

import socket

import pytest


def test_no_test_reaches_another_machine() -> None:
    """A connection to an outside address fails before a packet leaves."""
    with socket.socket() as outside, pytest.raises(RuntimeError, match=r"203\.0\.113\.7"):
        outside.connect(("203.0.113.7", 25))

"""What the reading of bounces keeps away from the library it asks last."""

from mailflow.reading import bounces


def test_the_library_never_sees_an_endless_line() -> None:
    """A line of 200 kB kept the library busy for minutes; found by fuzzing."""
    shown = bounces._with_short_lines(b"a\n" + b"550 <" * 40_000 + b"\nb")
    assert [len(line) for line in shown.split(b"\n")] == [1, 998, 1]

"""Failures that mailflow can name. The first paragraph of each docstring is its message."""

from pathlib import Path

__all__ = ["MASK", "ConfigurationError", "KeyFileError", "MailflowError"]

MASK = "***"  # stands for a secret
_LONGEST_VALUE = 80  # characters shown of a wrong value


class MailflowError(Exception):
    """mailflow cannot go on: {problem}."""

    def __init__(self, **facts: object) -> None:
        self.facts = {name: _shown(fact) for name, fact in facts.items()}
        template = " ".join((type(self).__doc__ or "{problem}").partition("\n\n")[0].split())
        super().__init__(template.format_map(self.facts))


class ConfigurationError(MailflowError):
    """{file}: {key} {problem}; {remedy}

    Takes ``file``, ``key``, ``value`` (None when there is none to show), ``problem`` and
    ``remedy``; always one line.
    """  # noqa: D400 - the remedy ends the sentence

    def __init__(
        self, *, file: Path | str, key: str, problem: str, remedy: str, value: object = None
    ) -> None:
        shown = key if value is None else f"{key} = {_quoted(value)}:"
        super().__init__(file=file, key=shown, problem=problem, remedy=remedy)


class KeyFileError(ConfigurationError):
    """{file}: {key} {problem}; {remedy}

    The key file is missing, damaged, or open to others. Takes what ``ConfigurationError`` takes,
    but the key, which is always the same.
    """  # noqa: D400 - the remedy ends the sentence

    def __init__(
        self, *, file: Path | str, problem: str, remedy: str, value: object = None
    ) -> None:
        super().__init__(
            file=file, key="central.key_file", value=value, problem=problem, remedy=remedy
        )


def _quoted(value: object) -> str:
    """Show a value as it is written in TOML."""
    if value == MASK:
        text = MASK
    elif isinstance(value, str):
        text = f'"{value}"'
    elif isinstance(value, bool):
        text = str(value).lower()
    elif isinstance(value, list | tuple):
        text = f"[{', '.join(map(_quoted, value))}]"
    else:
        text = str(value)
    return text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"


def _shown(fact: object) -> str:
    """Put a fact on one line, without control characters."""
    line = " ".join(str(fact).split())
    return "".join(letter for letter in line if letter.isprintable())

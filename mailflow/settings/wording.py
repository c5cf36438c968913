"""What is wrong with a configuration, in one line: file, key, value and remedy."""

from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mailflow.errors import MASK, ConfigurationError
from mailflow.secrecy import shown_url
from mailflow.settings.sections import Remedy

__all__ = ["Origins", "as_configuration_error", "did_you_mean"]

Origins = Mapping[tuple[str, str], Path | str]  # (section, key) -> where its value was written

_NUMBER = ("must be a whole number", "write it without quotes, such as 5")
_LIST = ("must be a list", 'write it in brackets, such as ["one", "two"]')
_TEXT = ("must be text", "write it in quotes")
_COMPLAINTS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "missing": ("is missing", "add it"),
        "int_type": _NUMBER,
        "int_from_float": _NUMBER,
        "int_parsing": _NUMBER,
        "bool_type": ("must be true or false", "write true or false without quotes"),
        "string_type": _TEXT,
        "path_type": _TEXT,
        "tuple_type": _LIST,
        "greater_than_equal": ("is too small", "write at least {ge}"),
        "less_than_equal": ("is too large", "write at most {le}"),
        "literal_error": ("is not known", "write one of {expected}"),
        "enum": ("is not known", "write one of {expected}"),
        "too_short": ("must not be empty", "write at least one"),
        "too_long": ("holds too many", "write at most {max_length}"),
        "model_type": ("must be a section", "write it as a table in [brackets]"),
        "mapping_type": ("must be a section", "write it as a table in [brackets]"),
    }
)
_SECRET = frozenset({"password", "url"})
_UNSHOWN = frozenset({"missing", "extra_forbidden", "model_type", "mapping_type"})
"""Complaints that show no value: what stands under a key nobody knows, or in the place of a whole
section, may be a password with a slip in its name."""


def as_configuration_error(
    error: ValidationError, model: type[BaseModel], file: Path, raw: Any, origins: Origins
) -> ConfigurationError:
    """Word the first complaint; ``origins`` names the source of keys that are not from ``file``."""
    first = error.errors()[0]
    place = tuple(first["loc"])
    problem, remedy = _complaint(first, model)
    origin = origins.get((str(place[0]), str(place[1])), file) if len(place) > 1 else file
    return ConfigurationError(
        file=origin, key=_key(place, raw), value=_value(first), problem=problem, remedy=remedy
    )


def did_you_mean(key: str, known: Sequence[str]) -> str:
    """Give the remedy for a key nobody knows."""
    near = get_close_matches(key.lower(), known, 1, 0.6)
    if near:
        return f'did you mean "{near[0]}"?'
    return f"remove it; known here: {', '.join(known)}"


def _complaint(error: ErrorDetails, model: type[BaseModel]) -> tuple[str, str]:
    context = dict(error.get("ctx", {}))
    if isinstance(cause := context.get("error"), Remedy):
        return cause.problem, cause.remedy
    if error["type"] == "missing" and len(error["loc"]) == 1:
        name = str(error["loc"][0])
        table = f"[{name}]" if _is_model(model.model_fields[name].annotation) else f"[[{name}]]"
        return "is missing", f"add a table {table}"
    if error["type"] == "extra_forbidden":
        *above, key = error["loc"]
        return "is not a key mailflow knows", did_you_mean(str(key), _known_keys(model, above))
    problem, remedy = _COMPLAINTS.get(error["type"], (error["msg"], "see docs/configuration.md"))
    return problem, remedy.format_map(context)


def _known_keys(model: Any, place: Sequence[int | str]) -> list[str]:
    """Give the keys of the table at this place, walking down the models."""
    for step in place:
        if isinstance(step, str) and _is_model(model) and step in model.model_fields:
            model = model.model_fields[step].annotation
        elif not _is_model(model):
            inner = [part for part in getattr(model, "__args__", ()) if part is not Ellipsis]
            model = inner[-1] if inner else None
    return list(model.model_fields) if _is_model(model) else []


def _is_model(model: Any) -> bool:
    return isinstance(model, type) and issubclass(model, BaseModel)


def _key(place: tuple[int | str, ...], raw: Any) -> str:
    """Name the key as it is written, offices by their id: ``office.umwelt.address``."""
    names: list[str] = []
    for step in place:
        raw = _inside(raw, step)
        if isinstance(step, str):
            names += [] if step == "[key]" else [step]
        elif isinstance(raw, Mapping):
            names.append(str(raw.get("id") or f"[{step + 1}]"))
    return ".".join(names)


def _inside(raw: Any, step: int | str) -> Any:
    try:
        return raw[step]
    except (KeyError, IndexError, TypeError):
        return None


def _value(error: ErrorDetails) -> object:
    names = set(map(str, error["loc"]))
    if error["type"] in _UNSHOWN or isinstance(error["input"], Mapping):
        return None
    if "token_url" in names:
        return shown_url(str(error["input"]))
    return MASK if _SECRET & names else error["input"]

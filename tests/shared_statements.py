"""Statements compiled once a process, not once an engine: each test has an engine of its own."""

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import Dialect

__all__ = ["share_compiled_statements"]

_Rest = tuple[Any, ...]


class _Statements(dict[tuple[str, _Rest], Any]):
    """SQLAlchemy's keys begin with the engine's dialect; those of one name write the same SQL."""

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        """Give what any engine of this kind of database has compiled."""
        return super().get(_of_kind(key), default)

    def __setitem__(self, key: tuple[Any, ...], compiled: Any) -> None:
        super().__setitem__(_of_kind(key), compiled)


def _of_kind(key: tuple[Any, ...]) -> tuple[str, _Rest]:
    dialect: Dialect = key[0]
    return dialect.name, key[1:]


def share_compiled_statements() -> None:
    """Let all engines of this process share what was compiled: a third of a story's time."""
    statements = _Statements()

    @event.listens_for(Engine, "engine_connect")
    def use(connection: Connection) -> None:
        connection.execution_options(compiled_cache=statements)

"""A database of today's schema. On SQLite it is made once a process; every other is a copy."""

import tempfile
from functools import cache
from pathlib import Path

from sqlalchemy import Engine

from mailflow.store.engine import make_engine
from mailflow.upgrade import upgrade

__all__ = ["opened"]


def opened(url: str) -> Engine:
    """Give an engine on the database of this URL, brought to today's schema."""
    engine = make_engine(url)
    file = engine.url.database
    if engine.dialect.name == "sqlite" and file and not Path(file).exists():
        Path(file).write_bytes(_empty())
    else:
        upgrade(engine)
    return engine


@cache
def _empty() -> bytes:
    """Give the bytes of an empty SQLite database."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "mailflow.db")
        engine = make_engine(f"sqlite:///{file}")
        upgrade(engine)
        engine.dispose()
        return file.read_bytes()

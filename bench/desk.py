"""Orders at the command line while the soak runs, and whether each lies in the mailbox once."""

import random
import threading
from collections import Counter
from pathlib import Path

from sqlalchemy import Engine, func, select

from mailflow.core.desk_order import DESK_ORDERS
from mailflow.core.ticket import TicketState
from mailflow.schema import mail, ticket
from mailflow.store.engine import reading
from tests.real.town import Town

__all__ = ["Desk"]

_NEWEST = 50
_LAST_WORDS = 400


class Desk:
    """Gives orders beside the load, each in a process and a thread of its own."""

    def __init__(self, town: Town, chance: random.Random, offices: int) -> None:
        self.done: Counter[str] = Counter()
        self.said: list[str] = []
        """The last words of each order that was not carried out."""
        self._town = town
        self._random = chance
        self._offices = offices
        self._threads: list[threading.Thread] = []

    def order(self) -> None:
        """Ask another office in one of the newest tickets, as the manager might."""
        office = f"amt{self._random.randrange(self._offices):02}"
        which = self._random.random()
        thread = threading.Thread(target=self._ask, args=(office, which))
        thread.start()
        self._threads.append(thread)

    def _ask(self, office: str, which: float) -> None:
        with self._town.engine() as engine:
            newest = _newest(engine)
        if not newest:
            return
        line = f"{newest[int(which * len(newest))]} an {office}"
        ended = self._town.command("do", line)
        self.done["done" if ended.returncode == 0 else "not done"] += 1
        if ended.returncode:
            said = f"{ended.stdout}\n{ended.stderr}".split("\n")
            self.said.append(" / ".join(words for words in said if words.strip())[-_LAST_WORDS:])

    def rest(self) -> None:
        """Wait until the last order is given."""
        while self._threads:
            self._threads.pop().join()

    def not_kept(self, engine: Engine, folder: Path) -> list[str]:
        """Say which orders that were carried out do not lie in a folder of the mailbox, once."""
        with reading(engine) as connection:
            orders = select(mail.c.message_id).where(mail.c.message_id.startswith(DESK_ORDERS))
            known = set(connection.execute(orders).scalars())
        kept: Counter[str] = Counter()
        for file in (*folder.glob("cur/*"), *folder.glob("new/*")):
            found = file.read_bytes()[:4000].partition(f"Message-ID: {DESK_ORDERS}".encode())[2]
            if found:
                kept[DESK_ORDERS + found.partition(b">")[0].decode() + ">"] += 1
        return [f"the order {each} lies there {kept[each]} times" for each in known | kept.keys()
                if kept[each] != 1 or each not in known]  # fmt: skip

    def not_filed(self, engine: Engine) -> int:
        """Count the orders that wait to be filed."""
        waiting = select(func.count()).where(
            mail.c.filed.is_(False), mail.c.message_id.startswith(DESK_ORDERS)
        )
        with reading(engine) as connection:
            return connection.execute(waiting).scalar_one()


def _newest(engine: Engine) -> list[str]:
    open_ = ticket.c.state != TicketState.CLOSED
    query = select(ticket.c.reference).where(open_).order_by(ticket.c.id.desc()).limit(_NEWEST)
    with reading(engine) as connection:
        return list(connection.execute(query).scalars())

"""How long a company's mail takes: delivered into the mailbox until its forward was accepted.

Run ``python bench/latency.py [COUNT]``. One mail at a time, found by IDLE in a private Dovecot,
acknowledged and forwarded to two offices by the real service; the forward that was accepted first
counts, and the last mail of the three beside it.
"""

import random
import statistics
import sys
import time

from bench.ground.city import Sink, city, machine
from bench.ground.mails import CENTRAL, one

_MAILS_OF_ONE = 3


def _wait(sink: Sink, count: int) -> float:
    while True:
        taken, last = sink.taken()
        if taken >= count:
            return last
        time.sleep(0.002)


def _figures(name: str, seconds: list[float]) -> None:
    centiles = statistics.quantiles(seconds, n=100, method="inclusive")
    print(
        f"{name:40} p50 {centiles[49]:.3f} s   p95 {centiles[94]:.3f} s   max {max(seconds):.3f} s"
    )


def main(count: int) -> None:
    """Measure and print."""
    print(machine())
    chance = random.Random(7)  # noqa: S311 - only a pause
    first, last = [], []
    with city() as (world, sink, town):
        town.start()
        for number in range(count + 1):
            world.deliver(one(number, 2_000, chance), CENTRAL)
            delivered = time.time()
            taken, _ = sink.taken()
            begin = _wait(sink, _MAILS_OF_ONE * number + 1) if taken <= 3 * number else delivered
            end = _wait(sink, _MAILS_OF_ONE * (number + 1))
            if number:  # the first one warms up
                first.append(max(begin - delivered, 0.0))
                last.append(end - delivered)
            time.sleep(chance.uniform(0.2, 3))
    print(f"{count} mails, one at a time")
    _figures("delivered -> first forward accepted", first)
    _figures("delivered -> all three mails accepted", last)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 60)

"""Stories that chance writes, each with a loss of the database in its midst.

``python -m bench.stories [--first SEED] [--count N] [--steps N] [--desk] [--refused]``. Each is
twice as long as those of ``tests/flow/test_stories.py``, and judged by the same. ``--desk``: half
of the orders are given at the command line. ``--refused``: servers refuse mails at once, of which
no mail tells. Prints each fault with its story; exit 1.
"""

import argparse
import logging
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.flow.made_anew import after_a_loss


def main() -> None:
    """Read the command line, tell the stories, and print what does not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=1, help="the first story's seed")
    parser.add_argument("--count", type=int, default=100, help="how many stories")
    parser.add_argument("--steps", type=int, default=24, help="how much happens in each")
    parser.add_argument("--desk", action="store_true", help="orders at the command line, too")
    parser.add_argument("--refused", action="store_true", help="mails are refused at once")
    words = parser.parse_args()
    logging.disable(logging.CRITICAL)
    bad = 0
    for seed in range(words.first, words.first + words.count):
        with TemporaryDirectory() as folder:
            loss = after_a_loss(
                Path(folder), seed, words.steps, desk=words.desk, refused=words.refused
            )
        if loss.faults:
            bad += 1
            print(
                f"--- story {seed}",
                *loss.told,
                *(f"FAULT {each}" for each in loss.faults),
                sep="\n",
            )
        print(f"story {seed}: {len(loss.faults)} faults", flush=True)
    print(f"{words.count} stories, {bad} with faults")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()

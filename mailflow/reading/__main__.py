"""``python -m mailflow.reading PATH...``: what mailflow reads in mails, without the rest of it."""

import sys
from pathlib import Path

from mailflow.reading.inspect import run_inspect

if __name__ == "__main__":
    run_inspect([Path(name) for name in sys.argv[1:]], sys.stdout, progress=sys.stderr.isatty())

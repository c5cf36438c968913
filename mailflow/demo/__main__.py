"""``python -m mailflow.demo``: the main job, told as it happens; the mails stay to be opened."""

import sys
from pathlib import Path

from mailflow.errors import MailflowError
from mailflow.logs import set_up_logging

_INTERRUPTED = 130  # what a shell gives for SIGINT


def main(folder: Path) -> int:
    """Play the demo into a folder; give the exit status."""
    try:
        from mailflow.demo.play import play  # noqa: PLC0415 - it needs the [demo] extra
    except ModuleNotFoundError as error:
        print(f"mailflow demo: {error}; install mailflow[demo]", file=sys.stderr)  # noqa: T201 - the one line
        return 1
    set_up_logging(verbose=False)
    try:
        return 0 if play(folder) else 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    except (MailflowError, OSError) as error:
        print(f"mailflow demo: {error}", file=sys.stderr)  # noqa: T201 - the one line
        return 1


if __name__ == "__main__":
    sys.exit(main(Path("demo-output")))

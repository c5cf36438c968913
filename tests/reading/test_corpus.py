"""The reader on the shared corpus of real mails: what has been reached must not be lost again.

The labels and the scorer lie beside the repository; without them these tests are skipped.
"""

import json
import runpy
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mailflow.reading import read
from mailflow.reading.inspect import described

# share of a check that must hold; what is missed is listed in tests/mail/README.md
REACHED = {
    "from": 0.99,
    "to": 0.99,
    "subject": 0.98,
    "message_id": 0.99,
    "text-cons.f1>=.9": 0.94,
    "text-cons.recall>=.98": 0.96,
    "text-plain.recall>=.98": 0.90,
    "text.contains": 0.99,
    "att.names": 0.93,
    "is_bounce=T": 0.95,
    "bounce.rcpt exact": 0.95,
    "is_auto_reply=T": 0.99,
    "kind": 0.98,
    "absence_until": 0.9,
    "reply.f1>=.9": 0.88,
    "reply.noleak": 0.9,
}
FALSE_ALARMS = 2


@cache
def _scores(corpus: Path) -> dict[str, Counter[bool]]:
    scorer: dict[str, Any] = runpy.run_path(str(corpus / "score.py"))
    scores: dict[str, Counter[bool]] = {}
    for manifest in sorted(corpus.glob("*/manifest.jsonl")):
        for line in manifest.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            raw = (manifest.parent / row["file"]).read_bytes()
            got = scorer["from_contract"](described(row["file"], read(raw)))
            for check, holds, _ in scorer["checks"](row["expected"], got):
                scores.setdefault(check, Counter())[bool(holds)] += 1
    return scores


@pytest.mark.slow
@pytest.mark.parametrize("check", sorted(REACHED))
def test_what_was_reached_is_kept(corpus: Path, check: str) -> None:
    """Each share of the corpus that was once read rightly still is."""
    found = _scores(corpus)[check]
    assert found[True] / found.total() >= REACHED[check], found


@pytest.mark.slow
@pytest.mark.parametrize("check", ["is_bounce=F", "is_auto_reply=F"])
def test_no_person_is_taken_for_a_machine(corpus: Path, check: str) -> None:
    """Hardly a mail of the corpus is called a failure or an automatic answer that is none."""
    assert _scores(corpus)[check][False] <= FALSE_ALARMS

"""The long run of the random programs: `python scripts/fuzz.py --programs 10000`.  Exit code 1 if one is wrong."""
from __future__ import annotations

import argparse
import functools
import multiprocessing
import os
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from tests.property import subject
from tests.property.kinds import KINDS
from tests.property.trial import SECONDS, Tally, explain, trial

LONGER = 6  # that second derivatives may take


def batch(seeds: range, kind: str, *, second: bool) -> Tally:
    """The verdicts on some seeds."""
    tally = Tally()
    checks, seconds = (tuple(subject.SECOND), LONGER * SECONDS) if second else (tuple(subject.CHECKS), SECONDS)
    for seed in seeds:
        program = KINDS[kind](seed)
        tally.add(seed, program, trial(program, checks=checks, seconds=seconds))
    return tally


def main() -> int:
    """Run, report, shrink what failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=10_000, help="how many are made; the oracles reject half")
    parser.add_argument("--start", type=int, default=0, help="first seed")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--shrink", type=int, default=5, help="how many wrong programs are made small and printed")
    parser.add_argument("--kind", choices=KINDS, default="plain", help="see tests/property/kinds.py")
    parser.add_argument("--second", action="store_true", help="derivatives of derivatives instead")
    chosen = parser.parse_args()
    checks = tuple(subject.SECOND if chosen.second else subject.CHECKS)
    os.environ["SRCAD_CACHE_DIR"] = tempfile.mkdtemp(prefix="srcad-fuzz-")
    started, tally, stop = time.monotonic(), Tally(), chosen.start + chosen.programs
    batches = [range(first, min(first + 25, stop)) for first in range(chosen.start, stop, 25)]
    with multiprocessing.get_context("spawn").Pool(chosen.processes, maxtasksperchild=20) as pool:
        judged = pool.imap_unordered(functools.partial(batch, kind=chosen.kind, second=chosen.second), batches)
        for done, part in enumerate(judged, start=1):
            tally.merge(part)
            for seed, reason in part.wrong:
                print(f"wrong: seed {seed}: {reason.splitlines()[0]}", flush=True)
            if done % 20 == 0:
                print(f"{done * 25} programs, {time.monotonic() - started:.0f} s, {dict(tally.status)}", flush=True)
    print(tally.report())
    for seed, reason in sorted(tally.wrong)[: chosen.shrink]:
        program = KINDS[chosen.kind](seed)
        print(f"\n==== seed {seed}: {reason.splitlines()[0]}\n{explain(program, trial(program, checks=checks), checks)}", flush=True)
    print(f"\nwrong seeds: {[seed for seed, _ in sorted(tally.wrong)]}")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())

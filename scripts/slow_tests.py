"""The tests that `make test` leaves out: `python scripts/slow_tests.py times.xml` writes tests/slow.txt.

`times.xml` is what `pytest --junitxml=times.xml` wrote.  A tenth of the tests takes most of the time.  Those are listed that took
long in that run; of each test function the quickest case stays, if it is not very long itself.  Tests of the list that were left
out of the run stay in it.
"""
from __future__ import annotations

import argparse
import collections
from pathlib import Path
from xml.etree import ElementTree as ET

LIST = Path(__file__).resolve().parent.parent / "tests" / "slow.txt"


def times(report: Path) -> dict[str, float]:
    """Seconds by the id of each test in a report."""
    found: dict[str, float] = {}
    for case in ET.parse(report).getroot().iter("testcase"):
        path = case.get("classname", "").replace(".", "/")
        if not path:  # a module that was skipped
            continue
        found[f"{path}.py::{case.get('name')}"] = float(case.get("time", 0))
    return found


def chosen(took: dict[str, float], long: float, very_long: float) -> list[str]:
    """The ids of tests that took `long` or more, but for the quickest case of a function, which stays below `very_long`."""
    cases: dict[str, list[str]] = collections.defaultdict(list)
    for test in took:
        cases[test.partition("[")[0]].append(test)
    quickest = {min(ids, key=took.__getitem__) for ids in cases.values()}
    return sorted(t for t, seconds in took.items() if seconds >= (very_long if t in quickest else long))


def main() -> None:
    """Write the list, and say what it saves."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("report", type=Path, help="what `pytest --junitxml` wrote")
    parser.add_argument("--long", type=float, default=0.1, help="seconds from which a test is left out")
    parser.add_argument("--very-long", type=float, default=1.0, help="seconds from which the quickest case of a function is left out too")
    options = parser.parse_args()
    took = times(options.report)
    new = chosen(took, options.long, options.very_long)
    slow = sorted({*new, *LIST.read_text(encoding="utf-8").splitlines()} - (took.keys() - set(new)))
    LIST.write_text("".join(f"{test}\n" for test in slow), encoding="utf-8")
    share = 1 - sum(took[t] for t in new) / sum(took.values())
    print(f"{len(slow)} tests are left out, {len(new)} of {len(took)} in the report; the others of it take {share:.0%} of its time")


if __name__ == "__main__":
    main()

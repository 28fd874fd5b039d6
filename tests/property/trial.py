"""One random program through all checks, under an alarm, and reports over many."""
from __future__ import annotations

import contextlib
import dataclasses
import re
import signal
from collections import Counter
from collections.abc import Iterator

from tests.oracles import dual
from tests.property import shrink, subject
from tests.property.agreement import Case, Verdict
from tests.property.programs import Program, unload

SECONDS = 20.0


class Alarm(BaseException):
    """The time for one program is over; no `except Exception` of anybody catches it."""


@contextlib.contextmanager
def alarm(seconds: float) -> Iterator[None]:
    """Raise `Alarm` in the main thread after so many seconds of work; time that other processes take does not count."""

    def ring(*_: object) -> None:
        raise Alarm

    previous = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0.0)
        signal.signal(signal.SIGPROF, previous)


def case_of(program: Program, name: str) -> Case:
    """Load a program twice: plainly and, if they know it, for duals."""
    plain = program.load(name)
    return Case(name, plain["f"], program.args, dual.load(program.text, name + "_dual")["f"] if program.duals else None, plain["LOG"])


def trial(program: Program, name: str = "srcad_program", checks: tuple[str, ...] = tuple(subject.CHECKS), seconds: float = SECONDS) -> Verdict:
    """The verdict on a program; a crash of srcad or a program without end is wrong."""
    try:
        with alarm(seconds):
            case = case_of(program, name)
            return subject.judge(case, checks)
    except SyntaxError as reason:
        return Verdict("rejected", f"not a program: {reason}")
    except Alarm:
        return Verdict("wrong", f"no end within {seconds} s")
    except Exception as reason:  # noqa: BLE001 (a crash of ours is a finding)
        return Verdict("wrong", f"crash: {reason!r}")
    finally:
        unload(name)
        unload(name + "_dual")


def explain(program: Program, verdict: Verdict, checks: tuple[str, ...] = tuple(subject.CHECKS), attempts: int = 300) -> str:
    """A report on a wrong program: the smallest one found that fails in the same way."""
    what = kind(verdict)
    for one in checks:
        if kind(trial(program, "srcad_again", (one,))) == what:
            checks = (one,)  # one check is enough, and quicker
            break

    def fails(text: str) -> bool:
        found = trial(dataclasses.replace(program, text=text), "srcad_shrink", checks, seconds=5.0)
        return found.status == verdict.status and kind(found) == what

    small = dataclasses.replace(program, text=shrink.shrink(program.text, fails, attempts))
    return f"{trial(small, 'srcad_small', checks).reason}\n\narguments: {small.args()!r}\n\n{small.text}"


def kind(verdict: Verdict) -> str:
    """The reason without its numbers."""
    first = verdict.reason.partition("\n")[0]
    if "internal error" in first:
        first = verdict.reason.partition("SRC")[2].partition("\n")[0]
    ended = re.match(r"(\w+: ended with \w+).* instead of (\w+)", verdict.reason, re.DOTALL)
    if ended:
        first = f"{ended[1]} instead of {ended[2]}"
    return re.sub(r"\d[\d.e+-]*", "#", first)[:70]


@dataclasses.dataclass
class Tally:
    """Counts over many programs."""

    status: Counter[str] = dataclasses.field(default_factory=Counter)
    reasons: Counter[str] = dataclasses.field(default_factory=Counter)
    constructs: Counter[str] = dataclasses.field(default_factory=Counter)
    wrong: list[tuple[int, str]] = dataclasses.field(default_factory=list)

    def add(self, seed: int, program: Program, verdict: Verdict) -> None:
        """Count one."""
        self.status[verdict.status] += 1
        if verdict.status == "ok":
            self.constructs.update(program.marks.keys())
        else:
            self.reasons[f"{verdict.status}: {kind(verdict)}"] += 1
        if verdict.status == "wrong":
            self.wrong.append((seed, verdict.reason))

    def merge(self, other: Tally) -> None:
        """Add the counts of another."""
        self.status.update(other.status)
        self.reasons.update(other.reasons)
        self.constructs.update(other.constructs)
        self.wrong.extend(other.wrong)

    def report(self) -> str:
        """Accept rate, histogram of constructs in accepted programs, reasons of the others."""
        total = sum(self.status.values())
        lines = [f"{total} programs: " + ", ".join(f"{n} {status}" for status, n in self.status.most_common())]
        lines += ["", "constructs in programs that passed:"]
        lines += [f"  {n:6d}  {name}" for name, n in self.constructs.most_common()]
        lines += ["", "why the others did not:"]
        lines += [f"  {n:6d}  {reason}" for reason, n in self.reasons.most_common(40)]
        return "\n".join(lines)

"""What Python checks where arguments are bound to parameters."""
from __future__ import annotations

from collections.abc import Sequence


def require_arguments(
    name: str, names: Sequence[str], given: int, *, defaults: int = 0, named: Sequence[str] = (), more: bool = False
) -> None:
    """Raise the TypeError of a call of `name` with so many positional arguments, if there is one.

    `names` are its positional parameters, of which the last `defaults` have one; `named` those that the call gives by keyword.
    `more`: it takes any number behind them.
    """
    for twice in names[:given]:
        if twice in named:
            raise TypeError(f"{name}() got multiple values for argument '{twice}'")
    if given > len(names) and not more:
        least = len(names) - defaults
        takes = f"from {least} to {len(names)}" if defaults else f"{least}"
        verb = "was" if given == 1 else "were"
        raise TypeError(f"{name}() takes {takes} positional argument{'' if len(names) == 1 else 's'} but {given} {verb} given")
    missing = [f"'{n}'" for n in names[given : len(names) - defaults] if n not in named]
    if missing:
        *most, last = missing
        several = ", ".join(most) + ("," if len(most) > 1 else "")
        words = f"{several} and {last}" if most else last
        raise TypeError(f"{name}() missing {len(missing)} required positional argument{'s' if most else ''}: {words}")

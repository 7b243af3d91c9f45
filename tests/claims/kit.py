"""The kinds of claim, and arithmetic for closed forms with `math` alone."""

import math
from collections.abc import Callable

Claim = Callable[[float, set[str]], None]


def is_(expected: float, rel: float = 1e-9) -> Claim:
    """The value has this closed form."""

    def check(value: float, _: set[str]) -> None:
        slack = 0 if expected else 1e-15
        assert math.isclose(value, expected, rel_tol=rel, abs_tol=slack), (value, expected)

    return check


def reads(*texts: str) -> Claim:
    """The page shows exactly these texts, one for each format in use."""

    def check(value: float, specs: set[str]) -> None:
        assert {format(value, spec) for spec in specs} == set(texts), (value, specs)

    return check


def between(low: float, high: float) -> Claim:
    """A trained result: inside the range that seeds, threads and processors can move it."""

    def check(value: float, _: set[str]) -> None:
        assert low <= value <= high, value

    return check


log, exp = math.log, math.exp


def lse(values: list[float]) -> float:
    top = max(values)
    return top + log(sum(exp(v - top) for v in values))

"""Solutions for the page "Claims and evidence"."""

import math

T = {1: 12.706, 2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365}


# --8<-- [start:paired_gain]
def paired_gain(old, new):
    """The spread of the differences counts, not that of the scores."""
    from statistics import mean, stdev

    gains = [b - a for a, b in zip(old, new, strict=True)]
    n = len(gains)
    return mean(gains), T[n - 1] * stdev(gains) / math.sqrt(n)


# --8<-- [end:paired_gain]


# --8<-- [start:what_differs]
def what_differs(one, other):
    """A larger batch keeps either the steps or the pictures, never both."""
    one, other = (
        {**run, "pictures": run["batch"] * run["steps"]} for run in (one, other)
    )
    return {name for name in one if one[name] != other[name]}


# --8<-- [end:what_differs]


# --8<-- [start:above_chance]
def above_chance(hits, queries, candidates, k):
    """A random order is right among the first k in k / candidates."""
    chance = k / candidates
    return (hits / queries - chance) / (1 - chance)


# --8<-- [end:above_chance]

"""Solutions for the page "Choose temperature and batch size"."""

import math


# --8<-- [start:heard]
def heard(s, tau):
    """Subtract the largest first: a cold softmax overflows otherwise."""
    weights = [math.exp((x - max(s)) / tau) for x in s]
    p = [w / sum(weights) for w in weights]
    return math.exp(-sum(x * math.log(x) for x in p if x > 0))


# --8<-- [end:heard]


# --8<-- [start:temperature_for]
def temperature_for(s, target):
    """The number only grows with temperature, so halving finds it."""

    def number(tau):
        weights = [math.exp((x - max(s)) / tau) for x in s]
        p = [w / sum(weights) for w in weights]
        return math.exp(-sum(x * math.log(x) for x in p if x > 0))

    low, high = 1e-6, 1e6
    for _ in range(200):
        middle = math.sqrt(low * high)
        low, high = (low, middle) if number(middle) > target else (middle, high)
    return middle


# --8<-- [end:temperature_for]


# --8<-- [start:steps_for]
def steps_for(batch_sizes, pictures):
    """Equal pictures: the larger the batch, the fewer the steps."""
    for size in batch_sizes:
        if pictures % size:
            raise ValueError(f"{pictures} is not a multiple of {size}")
    return [pictures // size for size in batch_sizes]


# --8<-- [end:steps_for]

"""Solutions of the exercises for the page "Coming from another library"."""

import torch


# --8<-- [start:paper_value]
def paper_value(code_value, temperature, base_temperature=0.07):
    """The code multiplies by temperature / base_temperature."""
    return code_value * base_temperature / temperature


# --8<-- [end:paper_value]


# --8<-- [start:enqueue]
def enqueue(queue, oldest, keys):
    """Places count on from the oldest row and start again at the end."""
    places = (oldest + torch.arange(len(keys))) % len(queue)
    queue[places] = keys
    return (oldest + len(keys)) % len(queue)


# --8<-- [end:enqueue]

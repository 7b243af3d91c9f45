"""Exercises for the page "Coming from another library".

Fill in the functions, then let a machine check them:
python -m pytest migrate.py (you need torch and pytest).
"""

import pytest
import torch


# --8<-- [start:paper_value]
def paper_value(code_value, temperature, base_temperature=0.07):
    """The mean of the paper's loss, from what SupContrast's code printed."""
    raise NotImplementedError


# --8<-- [end:paper_value]


# --8<-- [start:enqueue]
def enqueue(queue, oldest, keys):
    """Overwrite the oldest rows of `queue` (K, d) by `keys` (N, d), N <= K.

    Change the queue in place; return the number of the row that is oldest now.
    """
    raise NotImplementedError


# --8<-- [end:enqueue]


# ------------------------------------------------- what checks your answers


def test_paper_value():
    """Three classes of two, at the corners of a triangle, temperature 0.5."""
    assert paper_value(1.297225233424, 0.5) == pytest.approx(0.181611532679)
    assert paper_value(3.0, 0.07) == pytest.approx(3.0)


def test_enqueue():
    queue, oldest, kept = torch.zeros(5, 1), 0, []
    for start in range(0, 21, 3):
        keys = torch.arange(start, start + 3.0)[:, None]
        oldest = enqueue(queue, oldest, keys)
        kept = [*kept, *keys[:, 0].tolist()][-5:]
        if len(kept) == 5:
            assert queue.roll(-oldest, 0)[:, 0].tolist() == kept

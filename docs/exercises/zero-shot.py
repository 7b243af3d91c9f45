"""Exercises for the page "Zero-shot and search".

Fill in the functions, then let a machine check them:
python -m pytest zero-shot.py. You need torch and pytest.
"""

import math

import torch


# --8<-- [start:class_vectors]
def class_vectors(prompts):
    """One unit vector (K, d) a class from the prompts (K, m, d), any length."""
    raise NotImplementedError


# --8<-- [end:class_vectors]


# --8<-- [start:classify]
def classify(image, classes, threshold):
    """The class of each image, or -1 if its best cosine is below threshold.

    image (N, d) of any length, classes (K, d) of length one; returns (N,).
    """
    raise NotImplementedError


# --8<-- [end:classify]


# ------------------------------------------------- what checks your answers


def test_class_vectors():
    prompts = torch.tensor([[[3.0, 0.0], [1.0, 1.0]], [[0.0, 5.0], [0.0, 1.0]]])
    found = class_vectors(prompts)
    eighth = math.pi / 8
    expected = [[math.cos(eighth), math.sin(eighth)], [0.0, 1.0]]
    torch.testing.assert_close(found, torch.tensor(expected))
    torch.testing.assert_close(class_vectors(7 * prompts), found)


def test_classify():
    classes = torch.eye(3)
    image = torch.tensor([[9.0, 1.0, 0.0], [0.0, 0.1, 0.3], [1.0, 1.0, 1.0]])
    assert classify(image, classes, 0.7).tolist() == [0, 2, -1]
    assert classify(image[:2], classes, 0.99).tolist() == [0, -1]

"""Exercises for the page "SigLIP".

Fill in the functions, then let a machine check them: python -m pytest siglip.py
You need torch and pytest. S is a matrix of cosines, images x texts.
"""

import math

import pytest
import torch


# --8<-- [start:sigmoid_loss]
def sigmoid_loss(S, logit_scale, logit_bias):
    """The sigmoid loss of the square matrix S, positives on its diagonal."""
    raise NotImplementedError


# --8<-- [end:sigmoid_loss]


# --8<-- [start:default_bias]
def default_bias(N, positives):
    """The best bias if all cosines are zero and every image has so many texts.

    N images, N texts, 1 <= positives < N of them belonging to each image.
    """
    raise NotImplementedError


# --8<-- [end:default_bias]


# --8<-- [start:push]
def push(s, belongs, logit_scale, logit_bias):
    """The derivative of the loss of one pair by its cosine s; no autograd."""
    raise NotImplementedError


# --8<-- [end:push]


# ------------------------------------------------- what checks your answers


def test_sigmoid_loss():
    nothing = torch.zeros(3, 3, dtype=torch.float64)
    expected = math.log1p(math.exp(10)) + 2 * math.log1p(math.exp(-10))
    assert float(sigmoid_loss(nothing, 10.0, -10.0)) == pytest.approx(expected)
    S = torch.tensor([[0.8, 0.3], [0.1, 0.6]], dtype=torch.float64)
    expected = [math.log1p(math.exp(-x)) for x in (3.0, 2.0)]
    expected += [math.log1p(math.exp(x)) for x in (0.5, -0.5)]
    assert float(sigmoid_loss(S, 5.0, -1.0)) == pytest.approx(sum(expected) / 2)


def test_sigmoid_loss_with_a_large_scale():
    S = torch.tensor([[-1.0, 0.0], [0.0, 1.0]])
    assert float(sigmoid_loss(S, 1000.0, 0.0)) == pytest.approx(
        (1000 + 2 * math.log(2)) / 2
    )


@pytest.mark.parametrize(("N", "positives"), [(256, 1), (10, 4), (3, 2)])
def test_default_bias(N, positives):
    def price(b):
        yes, no = math.log1p(math.exp(-b)), math.log1p(math.exp(b))
        return positives * yes + (N - positives) * no

    b = default_bias(N, positives)
    assert price(b) < min(price(b - 0.01), price(b + 0.01))


@pytest.mark.parametrize("belongs", [True, False])
@pytest.mark.parametrize("s", [-0.3, 0.7])
def test_push(s, belongs):
    x = torch.tensor(s, dtype=torch.float64, requires_grad=True)
    sign = 1 if belongs else -1
    loss = torch.nn.functional.softplus(-sign * (10.0 * x - 4.0))
    (expected,) = torch.autograd.grad(loss, x)
    assert float(push(s, belongs, 10.0, -4.0)) == pytest.approx(expected.item())

"""Weights, entropy and the effective number of negatives."""

import math
from itertools import pairwise

import numpy as np
import pytest
import torch

from infonce import (
    effective_negatives,
    entropy,
    entropy_slope,
    negative_weights,
    reference,
    similarity_grad,
    softmax_weights,
)

DIGITS = 1e-14  # values known to 15 digits
NEGATIVES = [0.6, 0.3, 0.0]


def rows(*shape, seed=0):
    g = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=g, dtype=torch.float64)


def read_weights(s, temperature):
    total = 0.0
    for x in s:
        total += math.exp(x / temperature)
    return [math.exp(x / temperature) / total for x in s]


def read_entropy(weights):
    return -sum(w * math.log(w) for w in weights if w > 0)


def read_slope(s, temperature):
    w = read_weights(s, temperature)
    mean = sum(w_k * s_k for w_k, s_k in zip(w, s, strict=True))
    variance = sum(w_k * (s_k - mean) ** 2 for w_k, s_k in zip(w, s, strict=True))
    return variance / temperature**3


@pytest.mark.parametrize("temperature", [0.05, 0.5, 5.0])
@pytest.mark.parametrize("shape", [(4,), (3, 5), (2, 3, 4)])
def test_each_function_is_its_equation(shape, temperature):
    s = rows(*shape)
    w = softmax_weights(s, temperature=temperature)
    slope = entropy_slope(s, temperature=temperature)
    literal_w = reference.softmax_weights(s, temperature=temperature)
    literal_slope = reference.entropy_slope(s, temperature=temperature)
    assert torch.equal(negative_weights(s, temperature=temperature), w)
    assert reference.negative_weights(s, temperature=temperature).tolist() == literal_w.tolist()
    for place in np.ndindex(shape[:-1]):
        expected = read_weights(s[place].tolist(), temperature)
        h = read_entropy(expected)
        assert w[place].tolist() == pytest.approx(expected, rel=1e-13)
        assert literal_w[place].tolist() == pytest.approx(expected, rel=1e-13)
        assert entropy(w)[place].item() == pytest.approx(h, rel=1e-12)
        assert reference.entropy(literal_w)[place] == pytest.approx(h, rel=1e-12)
        assert effective_negatives(w)[place].item() == pytest.approx(math.exp(h), rel=1e-12)
        assert reference.effective_negatives(literal_w)[place] == pytest.approx(math.exp(h))
        expected = read_slope(s[place].tolist(), temperature)
        assert slope[place].item() == pytest.approx(expected, rel=1e-11, abs=1e-13)
        assert literal_slope[place] == pytest.approx(expected, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize(
    ("temperature", "count", "slope"),
    [
        (0.1, 1.23000966573336, 4.86270387673998),
        (0.5, 2.68733447682705, 0.403678648109323),
        (2.0, 2.97770910708848, 0.00741630571391818),
    ],
)
def test_three_negatives(temperature, count, slope):
    s = torch.tensor(NEGATIVES, dtype=torch.float64)
    w = negative_weights(s, temperature=temperature)
    assert effective_negatives(w).item() == pytest.approx(count, rel=DIGITS)
    assert entropy_slope(s, temperature=temperature).item() == pytest.approx(slope, rel=1e-13)
    assert math.exp(read_entropy(read_weights(NEGATIVES, temperature))) == pytest.approx(
        count, rel=DIGITS
    )
    assert read_slope(NEGATIVES, temperature) == pytest.approx(slope, rel=1e-13)


@pytest.mark.parametrize("positives", [[0, 1, 2], [4, 0, 2]])
def test_the_positive_leaves_and_does_not_matter(positives):
    s, column = rows(3, 5), torch.tensor(positives)
    w = negative_weights(s, column, temperature=0.2)
    literal = reference.negative_weights(s, positives, temperature=0.2)
    for i, c in enumerate(positives):
        row = s[i].tolist()
        expected = read_weights(row[:c] + row[c + 1 :], 0.2)
        expected.insert(c, 0.0)
        assert w[i].tolist() == pytest.approx(expected, rel=1e-13, abs=0)
        assert literal[i].tolist() == pytest.approx(expected, rel=1e-13, abs=0)
    assert negative_weights(s[:2, :2], torch.tensor([1, 0]), temperature=0.2).tolist() == [
        [1, 0],
        [0, 1],
    ]
    moved = s.clone()
    moved[torch.arange(3), column] = 7.0
    assert torch.equal(negative_weights(moved, column, temperature=0.2), w)


def test_weights_are_the_share_of_the_push():
    s = rows(4, 6)
    grad = similarity_grad(s, temperature=0.3)
    pull = -grad.diagonal()[:, None]
    share = (grad / pull).fill_diagonal_(0.0)
    w = negative_weights(s, torch.arange(4), temperature=0.3)
    assert w.numpy() == pytest.approx(share.numpy(), rel=1e-13, abs=0)


def test_ratio_of_two_weights_is_the_exponential_of_their_difference():
    w = softmax_weights(torch.tensor(NEGATIVES, dtype=torch.float64), temperature=0.1)
    assert (w[0] / w[1]).item() == pytest.approx(math.exp(3), rel=1e-13)


@pytest.mark.parametrize("ties", [1, 2, 5])
def test_count_runs_from_the_ties_to_all(ties):
    s = torch.tensor([0.5] * ties + [0.2, -0.1], dtype=torch.float64)
    temperatures = np.geomspace(0.01, 1000, 60)
    counts = [effective_negatives(softmax_weights(s, temperature=t)).item() for t in temperatures]
    assert counts[0] == pytest.approx(ties, rel=1e-9)
    assert counts[-1] == pytest.approx(ties + 2, rel=1e-6)
    assert all(low < high for low, high in pairwise(counts[20:]))


def test_hot_entropy_is_log_m_minus_half_the_variance():
    s, tau = torch.tensor(NEGATIVES, dtype=torch.float64), 100.0
    missing = math.log(3) - entropy(softmax_weights(s, temperature=tau)).item()
    assert missing == pytest.approx(0.06 / (2 * tau**2), rel=0.01)


@pytest.mark.parametrize("temperature", [0.07, 0.5, 3.0])
def test_slope_is_the_derivative_of_the_entropy(temperature):
    s = rows(6)
    tau = torch.tensor(temperature, dtype=torch.float64, requires_grad=True)
    entropy(softmax_weights(s, temperature=tau)).backward()
    slope = entropy_slope(s, temperature=temperature).item()
    assert slope == pytest.approx(tau.grad.item(), rel=1e-9)
    h = 1e-5 * temperature
    higher = read_entropy(read_weights(s.tolist(), temperature + h))
    lower = read_entropy(read_weights(s.tolist(), temperature - h))
    assert slope == pytest.approx((higher - lower) / (2 * h), rel=1e-6)


def test_zero_weights_have_no_entropy_and_no_nan_gradient():
    s = torch.tensor([[0.9, 0.5, 0.6]], dtype=torch.float64, requires_grad=True)
    h = entropy(negative_weights(s, torch.tensor([0]), temperature=0.1))
    assert h.item() == pytest.approx(read_entropy(read_weights([0.5, 0.6], 0.1)), rel=1e-13)
    h.sum().backward()
    assert s.grad[0, 0] == 0
    assert s.grad.isfinite().all()
    assert s.grad[0, 1].item() == pytest.approx(-s.grad[0, 2].item(), rel=1e-12)
    assert entropy(torch.tensor([1.0, 0.0])).item() == 0
    assert reference.entropy([1.0, 0.0]) == 0


def test_masked_entries_leave_the_slope_and_its_gradient():
    """-1e30, whose square does not fit float32, has weight 0."""
    s = torch.tensor([0.0, 0.2, -1e30], requires_grad=True)
    slope = entropy_slope(s, temperature=0.1)
    slope.backward()
    kept = torch.tensor([0.0, 0.2], requires_grad=True)
    expected = entropy_slope(kept, temperature=0.1)
    expected.backward()
    assert slope.item() == pytest.approx(expected.item(), rel=1e-6)
    assert s.grad.tolist() == pytest.approx([*kept.grad.tolist(), 0.0], rel=1e-5)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_input_is_computed_in_float32(dtype):
    s = rows(3, 4).to(dtype)
    for function in (softmax_weights, negative_weights, entropy_slope):
        assert torch.equal(function(s, temperature=0.1), function(s.float(), temperature=0.1))


@pytest.mark.parametrize("call", [entropy, effective_negatives])
@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ([0.5, 0.5], TypeError, "weights must be a torch.Tensor, got list"),
        (torch.tensor([1, 0]), TypeError, "weights must be floating point, got torch.int64"),
        (
            torch.tensor([0.5, math.nan]),
            ValueError,
            "weights must be finite, below 1e30, got nan at 1",
        ),
        (torch.tensor([0.5, 0.6, -0.1]), ValueError, "a least weight of -0.1 and sums from 1 to 1"),
        (torch.ones(2, 2), ValueError, "of sum 1, got a least weight of 1 and sums from 2 to 2"),
    ],
)
def test_what_are_no_weights_is_refused(call, weights, error, message):
    with pytest.raises(error, match=message):
        call(weights)

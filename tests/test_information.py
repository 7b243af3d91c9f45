"""Mutual information and finite negatives: read aloud, exact laws enumerated, limits."""

import itertools
import math

import numpy as np
import pytest
import torch

from infonce import (
    info_nce,
    mutual_information,
    negatives_bias,
    negatives_moments,
    reference_diagnostics,
    uniformity_reference,
)

DIGITS = 1e-14  # values known to 15 digits


def rows(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


# ---- mutual information


@pytest.mark.parametrize("n", [2, 3, 9])
def test_mutual_information_is_its_equations(n):
    g = rows(n, n)
    joint = sum(g[i, i].item() for i in range(n)) / n
    off = [math.exp(g[i, j].item()) for i in range(n) for j in range(n) if i != j]
    mean = sum(off) / len(off)
    nce = 0.0
    for i in range(n):
        total = sum(math.exp(x) for x in g[i].tolist())
        nce += math.log(math.exp(g[i, i].item()) / (total / n)) / n
    expected = [nce, joint - math.log(mean), 1 + joint - mean, math.log(n)]
    assert [float(x) for x in mutual_information(g)] == pytest.approx(expected, rel=1e-12)
    literal = reference_diagnostics.mutual_information(g)
    assert literal == pytest.approx(expected, rel=1e-12)


def test_nwj_in_its_usual_form():
    """E_p[f] - E[e^f]/e with f = 1 + g."""
    g = rows(5, 5)
    f = g + 1
    off = f[~torch.eye(5, dtype=torch.bool)]
    usual = f.diagonal().mean() - off.exp().mean() / math.e
    assert mutual_information(g).nwj.item() == pytest.approx(usual.item(), rel=1e-13)


@pytest.mark.parametrize("scale", [0.1, 1.0, 30.0])
@pytest.mark.parametrize("seed", range(5))
def test_order_and_cap_of_the_estimates(scale, seed):
    estimate = mutual_information(scale * rows(7, 7, seed=seed))
    assert estimate.nwj <= estimate.dv + 1e-12
    assert estimate.info_nce <= estimate.cap == math.log(7)
    perfect = mutual_information(1e4 * torch.eye(7, dtype=torch.float64))
    assert perfect.info_nce.item() == perfect.cap


def test_what_each_estimate_ignores():
    g = rows(6, 6)
    base, shifted = mutual_information(g), mutual_information(g + 3)
    by_row = mutual_information(g + rows(6, 1, seed=1))
    assert by_row.info_nce.item() == pytest.approx(base.info_nce.item(), rel=1e-12)
    assert shifted.dv.item() == pytest.approx(base.dv.item(), rel=1e-12)
    assert abs(by_row.dv - base.dv) > 0.01
    assert abs(shifted.nwj - base.nwj) > 0.1


def test_it_is_log_n_minus_the_loss():
    q, k = rows(8, 4), rows(8, 4, seed=1)
    unit = [torch.nn.functional.normalize(x, dim=-1) for x in (q, k)]
    estimate = mutual_information(unit[0] @ unit[1].T / 0.2).info_nce
    loss = info_nce(q, k, temperature=0.2)
    assert estimate.item() == pytest.approx(math.log(8) - loss.item(), rel=1e-13)


def ratio(flip):
    """log p(x, y)/(p(x) p(y)) of a binary symmetric channel with fair input."""
    return {True: math.log(2 * (1 - flip)), False: math.log(2 * flip)}


def enumerate_channel(flip, n):
    """Every batch of n pairs with its probability, as a matrix of optimal scores."""
    g = ratio(flip)
    for bits in itertools.product((0, 1), repeat=2 * n):
        x, y = bits[:n], bits[n:]
        same = sum(a == b for a, b in zip(x, y, strict=True))
        weight = 0.5**n * (1 - flip) ** same * flip ** (n - same)
        yield weight, torch.tensor([[g[a == b] for b in y] for a in x], dtype=torch.float64)


@pytest.mark.parametrize(
    ("flip", "n", "expected"),
    [(0.2, 2, 0.0963723785108787), (0.2, 4, 0.145801391631381)],
)
def test_expectation_over_a_binary_channel(flip, n, expected):
    information = math.log(2) + flip * math.log(flip) + (1 - flip) * math.log(1 - flip)
    assert information == pytest.approx(0.192744757021757, abs=DIGITS)
    mean = {"info_nce": 0.0, "nwj": 0.0, "dv": 0.0}
    for weight, logits in enumerate_channel(flip, n):
        estimate = mutual_information(logits)
        for name in mean:
            mean[name] += weight * getattr(estimate, name).item()
    assert mean["info_nce"] == pytest.approx(expected, abs=DIGITS)
    assert mean["nwj"] == pytest.approx(information, abs=DIGITS)  # unbiased at the optimum
    assert mean["dv"] > information  # the logarithm of a sample mean


@pytest.mark.parametrize(
    ("n", "expected"), [(2, 0.346573590279973), (4, 0.541097765019384), (8, 0.625525296842369)]
)
def test_expectation_where_both_are_the_same_fair_bit(n, expected):
    mean = 0.0
    for bits in itertools.product((0, 1), repeat=n):
        x = torch.tensor(bits)
        logits = torch.where(x[:, None] == x, math.log(2), -500.0).double()
        mean += 0.5**n * mutual_information(logits).info_nce.item()
    assert mean == pytest.approx(expected, abs=DIGITS)


def test_gaussian_pairs_of_ten_nats_are_cut_off_at_the_cap():
    """20 pairs of coordinates with 10 nats in all, the exact ratio as critic, batches of 64."""
    rho, generator = math.sqrt(1 - math.exp(-1)), torch.Generator().manual_seed(0)
    found = []
    for _ in range(200):
        x, e = (torch.randn(64, 20, generator=generator, dtype=torch.float64) for _ in range(2))
        y = rho * x + math.sqrt(1 - rho**2) * e
        cross = (x @ y.T) * 2 * rho - rho**2 * (x.square().sum(1)[:, None] + y.square().sum(1))
        logits = cross / (2 * (1 - rho**2)) - 10 * math.log(1 - rho**2)
        found.append(mutual_information(logits))
    mean = math.fsum(x.info_nce.item() for x in found) / len(found)
    assert mean == pytest.approx(4.122, abs=4 * 0.037 / math.sqrt(200))
    assert all(x.info_nce < x.cap for x in found)


def test_large_scores_overflow_only_where_the_truth_does():
    estimate = mutual_information(torch.tensor([[900.0, 800.0], [800.0, 900.0]]))
    assert estimate.info_nce.item() == pytest.approx(math.log(2))
    assert estimate.dv.item() == 100
    assert estimate.nwj.item() == -math.inf


# ---- moments


@pytest.mark.parametrize("temperature", [0.2, 1.0])
@pytest.mark.parametrize("shape", [(4,), (3, 5), (2, 3, 4)])
def test_moments_are_their_equations(shape, temperature):
    s, positive = rows(*shape), rows(*shape[:-1], 1, seed=1)
    found = negatives_moments(s, positive, temperature=temperature)
    literal = reference_diagnostics.negatives_moments(s, positive, temperature=temperature)
    for place in np.ndindex(shape[:-1]):
        y = [math.exp(x / temperature) for x in s[place].tolist()]
        mu = sum(y) / len(y)
        b = math.exp(positive[place].item() / temperature) / mu
        v = sum((x - mu) ** 2 for x in y) / len(y) / mu**2
        g = sum((x - mu) ** 3 for x in y) / len(y) / mu**3
        assert [x[place].item() for x in found] == pytest.approx([b, v, g], rel=1e-11)
        assert [x[place] for x in literal] == pytest.approx([b, v, g], rel=1e-11)
    without = negatives_moments(s, temperature=temperature)
    assert without[0].tolist() == torch.zeros(shape[:-1]).tolist()
    assert [x.tolist() for x in without[1:]] == [x.tolist() for x in found[1:]]
    other = reference_diagnostics.negatives_moments(s, temperature=temperature)
    assert np.abs(other[0]).max() == 0


COIN = torch.tensor([0.0, 1.0], dtype=torch.float64)


def test_moments_of_a_coin():
    b, v, g = negatives_moments(COIN, COIN[1:], temperature=1.0)
    assert v.item() == pytest.approx(0.213552267034073, rel=DIGITS)
    assert v.item() == pytest.approx(math.tanh(0.5) ** 2, rel=DIGITS)
    assert b.item() == pytest.approx(1.46211715726001, rel=DIGITS)
    assert g.item() == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize(("tau", "b", "v"), [(1.0, "2.71", "0.0078"), (0.5, "7.27", "0.0317")])
def test_moments_of_uniform_negatives(tau, b, v):
    """With 0F1 of the sphere; a sample of them agrees."""
    mean = math.exp(uniformity_reference(128, t=1 / (2 * tau)) + 1 / tau)  # E e^(s/tau)
    square = math.exp(uniformity_reference(128, t=1 / tau) + 2 / tau)
    assert f"{square / mean**2 - 1:.4f}" == v
    assert math.exp(1 / tau) / mean == pytest.approx(float(b), abs=0.006)
    z = torch.nn.functional.normalize(rows(50_000, 128, dtype=torch.float32), dim=-1)
    found_b, found_v, _ = negatives_moments(z[:, 0], torch.ones(1), temperature=tau)
    assert found_v.item() == pytest.approx(square / mean**2 - 1, rel=0.03)
    assert found_b.item() == pytest.approx(math.exp(1 / tau) / mean, rel=1e-3)


def test_moments_at_a_low_temperature_stay_in_range():
    b, v, g = negatives_moments(COIN.float(), temperature=0.005)
    assert (b.item(), v.item(), g.item()) == (
        0,
        pytest.approx(1, abs=1e-5),
        pytest.approx(0, abs=1e-5),
    )
    far = negatives_moments(torch.full((3,), -1.0), torch.ones(1), temperature=0.005)
    assert not any(x.isnan() for x in negatives_bias(*far, count=10))


# ---- bias


@pytest.mark.parametrize("count", [1, 8, 64])
def test_bias_is_its_equation(count):
    b, v, g = 0.7, 0.3, -0.2
    first = (b - v / 2) / count
    second = (-(b**2) / 2 + g / 3 + b * v - 3 * v**2 / 4) / count**2
    moments = [torch.tensor(x, dtype=torch.float64) for x in (b, v, g)]
    found = negatives_bias(*moments, count=count)
    assert [x.item() for x in found] == pytest.approx([first, second], rel=1e-13)
    literal = reference_diagnostics.negatives_bias(*map(np.asarray, (b, v, g)), count=count)
    assert literal == pytest.approx((first, second), rel=1e-13)
    outside = [-v / 2 / count, (g / 3 - 3 * v**2 / 4) / count**2]
    found = negatives_bias(0 * moments[0], *moments[1:], count=count)
    assert [x.item() for x in found] == pytest.approx(outside, rel=1e-13)


def exact_bias(values, positive, count):
    """E log mean of e^s over all draws of `count` from two equally likely values."""
    low, high = (math.exp(x) for x in values)
    top = 0.0 if positive is None else math.exp(positive)
    total = 0.0
    for k in range(count + 1):
        weight = math.comb(count, k) / 2**count
        total += weight * math.log((top + k * high + (count - k) * low) / count)
    return total - math.log((low + high) / 2)


@pytest.mark.parametrize(
    ("positive", "expected"),
    [
        (None, {8: -0.0138778551687503, 64: -0.00167673211218759}),
        (1.0, {8: 0.158048992232938, 64: 0.0209862165744371}),
    ],
)
def test_bias_of_a_coin(positive, expected):
    given = None if positive is None else torch.tensor([positive], dtype=torch.float64)
    moments = negatives_moments(COIN, given, temperature=1.0)
    for count, truth in expected.items():
        assert exact_bias((0.0, 1.0), positive, count) == pytest.approx(truth, abs=DIGITS)
    for count in (8, 64, 512):  # what is left is of third order
        missing = sum(negatives_bias(*moments, count=count)).item()
        missing -= exact_bias((0.0, 1.0), positive, count)
        assert abs(missing) * count**3 < (0.002 if positive is None else 0.56)


def test_bias_with_a_third_moment():
    """Values that are not symmetric about their mean: -1 twice, 1 once."""
    s = torch.tensor([-1.0, -1.0, 1.0], dtype=torch.float64)
    moments = negatives_moments(s, temperature=1.0)
    low, high = math.exp(-1), math.exp(1)
    mean, left = (2 * low + high) / 3, {}
    for count in (32, 128):
        truth = -math.log(mean)
        for k in range(count + 1):
            weight = math.comb(count, k) * (1 / 3) ** k * (2 / 3) ** (count - k)
            truth += weight * math.log((k * high + (count - k) * low) / count)
        left[count] = abs(sum(negatives_bias(*moments, count=count)).item() - truth)
    assert moments[2].item() > 0.3
    assert left[32] / left[128] == pytest.approx(4**3, rel=0.2)


# ---- errors


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: mutual_information(np.eye(2)), TypeError, "logits must be a torch.Tensor"),
        (lambda: mutual_information(torch.eye(2).long()), TypeError, "logits must be floating"),
        (lambda: mutual_information(torch.ones(2)), ValueError, r"logits must be .* got \(2,\)"),
        (lambda: mutual_information(torch.ones(2, 3)), ValueError, r"\(N, N\).* got \(2, 3\)"),
        (lambda: mutual_information(torch.ones(1, 1)), ValueError, r"N >= 2, got \(1, 1\)"),
        (
            lambda: mutual_information(torch.tensor([[1.0, math.nan], [0.0, 1.0]])),
            ValueError,
            r"logits must be finite, below 1e30, got nan at \(0, 1\)",
        ),
        (lambda: negatives_moments(COIN, temperature=0.0), ValueError, "temperature must be"),
        (
            lambda: negatives_moments(COIN, COIN, temperature=1.0),
            ValueError,
            r"positive must be \(1,\), got \(2,\)",
        ),
        (
            lambda: negatives_moments(COIN, [1.0], temperature=1.0),
            TypeError,
            "positive must be a torch.Tensor, got list",
        ),
        (
            lambda: negatives_bias(*negatives_moments(COIN, temperature=1.0), count=0),
            ValueError,
            "count must be at least 1, got 0",
        ),
        (
            lambda: negatives_bias(*negatives_moments(COIN, temperature=1.0), count=8.0),
            TypeError,
            "count must be an integer, got float",
        ),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()

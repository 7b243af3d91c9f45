"""Alignment, uniformity, rank and gap: read aloud, closed forms, limits, what they must ignore."""

import math

import mpmath
import numpy as np
import pytest
import torch

from infonce import (
    alignment,
    effective_rank,
    info_nce,
    modality_gap,
    reference_diagnostics,
    uniformity,
    uniformity_floor,
    uniformity_reference,
)

DIGITS = 1e-14  # values known to 15 digits
SHAPES = [(2, 3), (5, 2), (17, 8)]


def rows(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def unit(tensor):
    return [[x / math.hypot(*row) for x in row] for row in tensor.tolist()]


def simplex(n):
    """`n` points of width `n` with equal distances and mean zero."""
    return torch.eye(n, dtype=torch.float64) - 1 / n


def rotation(d):
    return torch.linalg.qr(rows(d, d, seed=9)).Q


# ---- read aloud


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0, 3.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_alignment_is_its_equation(shape, alpha):
    x, y = rows(*shape), rows(*shape, seed=1)
    expected = 0.0
    for a, b in zip(unit(x), unit(y), strict=True):
        expected += math.dist(a, b) ** alpha / len(x)
    assert alignment(x, y, alpha=alpha).item() == pytest.approx(expected, rel=1e-13)
    literal = reference_diagnostics.alignment(x, y, alpha=alpha)
    assert literal == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("t", [0.1, 2.0, 30.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_uniformity_is_its_equation(shape, t):
    z = unit(rows(*shape))
    total, pairs = 0.0, 0
    for i in range(len(z)):
        for j in range(i + 1, len(z)):
            total += math.exp(-t * math.dist(z[i], z[j]) ** 2)
            pairs += 1
    expected = pytest.approx(math.log(total / pairs), rel=1e-12)
    assert uniformity(rows(*shape), t=t).item() == expected
    assert reference_diagnostics.uniformity(rows(*shape), t=t) == expected


@pytest.mark.parametrize("shape", [(1, 4), *SHAPES, (3, 40)])
def test_effective_rank_is_its_equation(shape):
    z = torch.tensor(unit(rows(*shape)), dtype=torch.float64)
    gram = z @ z.T if shape[0] < shape[1] else z.T @ z  # squares of the singular values
    sigma = [math.sqrt(x) for x in torch.linalg.eigvalsh(gram).tolist()]
    entropy = 0.0
    for s in sigma:
        entropy -= s / sum(sigma) * math.log(s / sum(sigma))
    expected = pytest.approx(math.exp(entropy), rel=1e-11)
    assert effective_rank(rows(*shape)).item() == expected
    assert reference_diagnostics.effective_rank(rows(*shape)) == expected


@pytest.mark.parametrize("shape", SHAPES)
def test_modality_gap_is_its_equation(shape):
    image, text = rows(*shape), rows(*shape, seed=1)
    expected = [0.0] * shape[1]
    for u, v in zip(unit(image), unit(text), strict=True):
        for axis in range(shape[1]):
            expected[axis] += (u[axis] - v[axis]) / shape[0]
    assert modality_gap(image, text).tolist() == pytest.approx(expected, abs=1e-15)
    literal = reference_diagnostics.modality_gap(image, text)
    assert literal.tolist() == pytest.approx(expected, abs=1e-15)


def test_defaults_are_those_of_the_paper():
    x, y = rows(5, 3), rows(5, 3, seed=1)
    assert alignment(x, y) == alignment(x, y, alpha=2.0)
    assert uniformity(x) == uniformity(x, t=2.0)
    assert uniformity_reference(5) == uniformity_reference(5, t=2.0)
    assert uniformity_floor(5) == uniformity_floor(5, t=2.0)
    assert reference_diagnostics.alignment(x, y) == pytest.approx(alignment(x, y).item())
    assert reference_diagnostics.uniformity(x) == pytest.approx(uniformity(x).item())
    assert reference_diagnostics.uniformity_reference(5) == pytest.approx(uniformity_reference(5))


# ---- closed forms and limits


def test_alignment_is_two_minus_twice_the_cosine():
    x, y = rows(9, 4), rows(9, 4, seed=1)
    cosine = torch.nn.functional.cosine_similarity(x, y).mean().item()
    assert alignment(x, y).item() == pytest.approx(2 - 2 * cosine, rel=1e-14)
    assert alignment(x, 4 * x).item() == 0
    assert alignment(x, -x, alpha=3.0).item() == pytest.approx(8, rel=1e-14)


def test_alignment_of_pairs_that_coincide_has_a_gradient():
    """Of a power below 1 too, whose slope is infinite there: it counts as the others' does."""
    for alpha in (0.01, 0.5, 1.0, 2.0):
        x = rows(3, 4).requires_grad_()
        value = alignment(x, x.detach(), alpha=alpha)
        value.backward()
        assert value.item() == 0
        assert x.grad.tolist() == torch.zeros(3, 4).tolist()


@pytest.mark.parametrize(
    ("d", "t", "expected"),
    [
        (1, 1.0, math.log((1 + math.exp(-4)) / 2)),  # two points
        (2, 1.0, -1.17600645851704),
        (3, 1.0, -1.40477980794578),
        (3, 0.25, math.log(1 - math.exp(-1))),
        (3, 100.0, -math.log(400)),
        (2, 2.0, math.log(float(mpmath.besseli(0, 4))) - 4),
        (4, 0.5, math.log(2 * float(mpmath.besseli(1, 1))) - 1),
    ],
)
def test_uniformity_of_the_sphere(d, t, expected):
    assert uniformity_reference(d, t=t) == pytest.approx(expected, abs=DIGITS + 1e-15 * t)


def test_uniformity_quoted_in_papers():
    assert f"{uniformity_reference(128):.4f}" == "-3.9375"
    assert f"{uniformity_reference(2):.4f}" == "-1.5750"


@pytest.mark.parametrize("t", [1e-3, 0.5, 2.0, 10.0, 50.0, 100.0])
@pytest.mark.parametrize("d", [2, 3, 4, 5, 17, 128, 511, 4096])
def test_uniformity_of_the_sphere_to_twelve_digits(d, t):
    with mpmath.workdps(60):
        oracle = float(-2 * mpmath.mpf(t) + mpmath.log(mpmath.hyp0f1(mpmath.mpf(d) / 2, t**2)))
    assert uniformity_reference(d, t=t) == pytest.approx(oracle, rel=0, abs=1e-13)
    literal = reference_diagnostics.uniformity_reference(d, t=t)
    assert literal == pytest.approx(oracle, rel=0, abs=1e-12)


def test_uniformity_of_the_sphere_where_its_series_leaves_the_range_of_floats():
    assert uniformity_reference(3, t=5000.0) == pytest.approx(-math.log(20000), rel=1e-11)


def test_uniformity_of_many_random_rows_tends_to_that_of_the_sphere():
    z = rows(4000, 3)
    assert uniformity(z, t=1.0).item() == pytest.approx(uniformity_reference(3, t=1.0), abs=3e-3)


def test_uniformity_of_the_sphere_is_the_loss_with_many_negatives():
    """Perfect alignment, uniform negatives: loss - log M tends to uniformity at t = 1/(2 tau)."""
    query, negatives = rows(200, 3), rows(20000, 3, seed=1)
    loss = info_nce(query, query, negatives, temperature=0.5).item()
    limit = uniformity_reference(3, t=1.0)
    assert limit == pytest.approx(-2 + math.log(0.5 * math.sinh(2)), abs=DIGITS)
    assert loss - math.log(20000) == pytest.approx(limit, abs=5e-3)


@pytest.mark.parametrize("n", [2, 3, 7])
@pytest.mark.parametrize("t", [0.5, 2.0])
def test_a_simplex_has_the_least_uniformity(n, t):
    floor = uniformity_floor(n, t=t)
    assert floor == -2 * t * n / (n - 1)
    assert uniformity(simplex(n), t=t).item() == pytest.approx(floor, rel=1e-13)
    for seed in range(5):
        assert uniformity(rows(n, n, seed=seed), t=t).item() > floor
    square = torch.tensor([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])  # too narrow for 4
    assert uniformity(square, t=t).item() > uniformity_floor(4, t=t)


def test_three_points_on_a_circle():
    angles = torch.tensor([0, 2 * math.pi / 3, 4 * math.pi / 3], dtype=torch.float64)
    z = torch.stack([angles.cos(), angles.sin()], dim=1)
    assert uniformity(z).item() == pytest.approx(-6, rel=DIGITS)
    assert uniformity_floor(3) == -6


def test_uniformity_stays_finite_where_its_exponentials_vanish():
    two = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])
    assert uniformity(two, t=100.0).item() == -400
    assert uniformity(torch.ones(4, 3)).item() == 0  # collapse


def test_effective_rank_of_known_matrices():
    assert effective_rank(torch.ones(5, 3, dtype=torch.float64)).item() == pytest.approx(1)
    line = torch.tensor([[1.0, 2.0], [-3.0, -6.0], [0.1, 0.2]], dtype=torch.float64)
    assert effective_rank(line).item() == pytest.approx(1, abs=1e-13)
    for n in (2, 5):
        assert effective_rank(torch.eye(n)).item() == pytest.approx(n, rel=1e-6)
        # n - 1 equal singular values, one zero
        assert effective_rank(simplex(n)).item() == pytest.approx(n - 1, rel=1e-12)
    a = torch.tensor([[1.0, 0.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], dtype=torch.float64)
    p = math.sqrt(3) / (math.sqrt(3) + 1)  # singular values sqrt(3) and 1
    expected = math.exp(-p * math.log(p) - (1 - p) * math.log(1 - p))
    assert effective_rank(a).item() == pytest.approx(expected, rel=DIGITS)


@pytest.mark.parametrize("g", [0.0, 0.3, 0.6])
def test_the_loss_is_indifferent_to_the_gap_at_a_free_temperature(g):
    a, b = (torch.nn.functional.normalize(rows(6, 4, seed=s), dim=-1) for s in (0, 1))
    shared = math.sqrt(1 - g**2)
    image = torch.cat([shared * a, torch.full((6, 1), g, dtype=torch.float64)], dim=1)
    text = torch.cat([shared * b, torch.full((6, 1), -g, dtype=torch.float64)], dim=1)
    assert modality_gap(image, text)[-1].item() == pytest.approx(2 * g, abs=1e-15)
    without = info_nce(a, b, temperature=0.5).item()
    within = info_nce(image, text, temperature=0.5 * (1 - g**2)).item()
    assert within == pytest.approx(without, rel=1e-13)


# ---- what they must ignore, and other input


def values(x, y):
    found = [alignment(x, y), uniformity(x), effective_rank(x), modality_gap(x, y).norm()]
    return [value.item() for value in found]


@pytest.mark.parametrize(
    "same",
    [
        lambda z: z.flip(0),
        lambda z: z @ rotation(4),
        lambda z: 1e-20 * z,
        lambda z: 1e20 * z,
        lambda z: z * torch.arange(1, 10)[:, None],
    ],
    ids=["permuted", "rotated", "tiny", "huge", "uneven"],
)
def test_order_rotation_and_length_do_not_matter(same):
    x, y = rows(9, 4), rows(9, 4, seed=1)
    assert values(same(x), same(y)) == pytest.approx(values(x, y), rel=1e-12)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_at_least_float32(dtype):
    x, y = rows(9, 4).to(dtype), rows(9, 4, seed=1).to(dtype)
    assert values(x, y) == pytest.approx(values(x.double(), y.double()), rel=1e-6)
    assert all(f(x).dtype == torch.float32 for f in (uniformity, effective_rank))


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: uniformity(torch.ones(1, 3)), ValueError, "rows of x must be at least 2, got 1"),
        (lambda: uniformity(torch.ones(3)), ValueError, r"x must be \(N, d\).* got \(3,\)"),
        (lambda: uniformity(torch.zeros(2, 3)), ValueError, "x must have finite non-zero rows"),
        (lambda: uniformity(np.eye(3)), TypeError, "x must be a torch.Tensor, got ndarray"),
        (lambda: uniformity(torch.eye(3), t=0.0), ValueError, "t must be a number .* got 0.0"),
        (lambda: effective_rank(torch.zeros(2, 3)), ValueError, "x must have finite non-zero"),
        (lambda: effective_rank(torch.eye(3).long()), TypeError, "x must be floating point"),
        (lambda: alignment(torch.eye(3), torch.eye(2)), ValueError, "x and y must have the same"),
        (
            lambda: alignment(torch.eye(2), torch.eye(2), alpha=-1.0),
            ValueError,
            "alpha must be a number .* got -1.0",
        ),
        (lambda: modality_gap(torch.eye(3), torch.eye(2)), ValueError, "image and text must"),
        (lambda: uniformity_reference(0), ValueError, "d must be at least 1, got 0"),
        (lambda: uniformity_reference(2.0), TypeError, "d must be an integer, got float"),
        (lambda: uniformity_reference(2, t=-1.0), ValueError, "t must be a number .* got -1.0"),
        (lambda: uniformity_floor(1), ValueError, "n must be at least 2, got 1"),
        (lambda: uniformity_floor(True), TypeError, "n must be an integer, got bool"),
        (lambda: uniformity_floor(3, t=math.nan), ValueError, "t must be a number .* got nan"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()

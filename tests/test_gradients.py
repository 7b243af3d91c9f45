"""Gradients in closed form, against the equations, autograd, differences and limits."""

import math

import numpy as np
import pytest
import torch

from infonce import (
    clip_grad,
    clip_loss,
    info_nce,
    info_nce_from_similarity,
    info_nce_grad,
    nt_xent,
    nt_xent_grad,
    reference,
    similarity_grad,
)

TEMPERATURES = [0.05, 0.5, 5.0]
DIGITS = 1e-14  # values known to 15 digits
CANDIDATES = ["in_batch", "shared", "own", "shared_too", "own_too"]


def rows(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def close(value, rel=1e-11):
    return pytest.approx(np.asarray(value), rel=rel, abs=1e-13)


def candidates(case, n, d):
    """Given negatives and `in_batch` of each way to choose candidates."""
    shared, own = rows(2, d, seed=2), rows(n, 2, d, seed=3)
    return {
        "in_batch": (None, None),
        "shared": (shared, None),
        "own": (own, False),
        "shared_too": (shared, True),
        "own_too": (own, True),
    }[case]


# ---- read aloud


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("positives", [None, [3, 0, 2]])
def test_similarity_grad_is_the_softmax_minus_one_hot(positives, temperature):
    s = rows(3, 4)
    columns = [0, 1, 2] if positives is None else positives
    expected = []
    for row, column in zip(s.tolist(), columns, strict=True):
        total = sum(math.exp(x / temperature) for x in row)
        p = [math.exp(x / temperature) / total for x in row]
        expected.append([(p_j - (j == column)) / temperature for j, p_j in enumerate(p)])
    given = None if positives is None else torch.tensor(positives)
    assert similarity_grad(s, given, temperature=temperature).numpy() == close(expected)
    assert reference.similarity_grad(s, positives, temperature=temperature) == close(expected)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_nt_xent_grad_is_the_slope_of_the_loss(temperature):
    """Central differences of the literal loss, one coordinate at a time."""
    a, b, h = rows(3, 2).numpy(), rows(3, 2, seed=1).numpy(), 1e-6
    grad = nt_xent_grad(torch.from_numpy(a), torch.from_numpy(b), temperature=temperature)
    for i, j in np.ndindex(a.shape):
        step = np.zeros_like(a)
        step[i, j] = h
        for got, up, down in [
            (grad.view1, (a + step, b), (a - step, b)),
            (grad.view2, (a, b + step), (a, b - step)),
        ]:
            higher = reference.nt_xent(*up, temperature=temperature)
            lower = reference.nt_xent(*down, temperature=temperature)
            slope = (higher - lower) / (2 * h)
            assert got[i, j].item() == pytest.approx(slope, rel=1e-5, abs=1e-8)


# ---- values with a closed form


def test_pull_and_push_of_one_anchor():
    e = [math.exp(s / 0.2) for s in (0.9, 0.4, 0.1)]
    expected = [(e[0] / sum(e) - 1) / 0.2, e[1] / sum(e) / 0.2, e[2] / sum(e) / 0.2]
    known = [-0.456200378707434, 0.372977785661072, 0.0832225930463618]
    assert expected == pytest.approx(known, rel=DIGITS)
    s = torch.tensor([[0.9, 0.4, 0.1]], dtype=torch.float64)
    assert similarity_grad(s, temperature=0.2)[0].tolist() == pytest.approx(known, rel=DIGITS)


def test_an_anchor_on_its_negative_is_pulled_along_the_sphere():
    q, k, n = (torch.tensor([x]).double() for x in ([0.0, 2.0], [1.0, 0.0], [0.0, 1.0]))
    force = -1 / (1 + math.exp(-1)) / 2
    assert force == pytest.approx(-0.365529289315002, rel=DIGITS)
    for negatives in (n, n[:, None]):
        grad = info_nce_grad(q, k, negatives, temperature=1.0)
        assert grad.query.tolist() == [pytest.approx([force, 0.0], rel=DIGITS)]
        assert grad.positive.tolist() == [pytest.approx([0.0, 2 * force], rel=DIGITS)]
        assert grad.negatives.flatten().tolist() == [0.0, 0.0]


def test_slope_of_the_clip_loss_in_its_scale():
    s = torch.tensor([[0.8, 0.3], [0.1, 0.6]], dtype=torch.float64)
    rest = torch.diag((1 - s.square().sum(0)).sqrt())
    image, text = torch.eye(2, 4, dtype=torch.float64), torch.cat([s.T, rest], dim=1)

    def lost(gap):  # share of the negative times the gap that it loses by
        return -gap / (1 + math.exp(5 * gap))

    expected = (2 * lost(0.5) + lost(0.7) + lost(0.3)) / 4
    assert expected == pytest.approx(-0.0377760996722750, rel=DIGITS)
    slope = clip_grad(image, text, logit_scale=5.0).logit_scale.item()
    assert slope == pytest.approx(expected, rel=1e-13)
    assert 5 * slope == pytest.approx(-0.188880498361375, rel=1e-13)

    log_scale = torch.tensor(math.log(5.0), dtype=torch.float64, requires_grad=True)
    clip_loss(image, text, logit_scale=log_scale.exp()).backward()
    assert log_scale.grad.item() == pytest.approx(5 * slope, rel=1e-13)


# ---- against autograd and the literal transcription


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize(("n", "d"), [(1, 3), (2, 2), (6, 4)])
@pytest.mark.parametrize("case", CANDIDATES)
def test_info_nce_grad_is_autograd(case, n, d, temperature):
    q, k = rows(n, d).requires_grad_(), rows(n, d, seed=1).requires_grad_()
    negatives, in_batch = candidates(case, n, d)
    inputs = [q, k] if negatives is None else [q, k, negatives.requires_grad_()]
    options = {"temperature": temperature, "in_batch": in_batch}
    expected = torch.autograd.grad(info_nce(q, k, negatives, **options), inputs)
    raw = [x.detach() for x in inputs]
    grad, literal = info_nce_grad(*raw, **options), reference.info_nce_grad(*raw, **options)
    if negatives is None:
        assert grad.negatives is None
        assert literal.negatives is None
    for got, transcribed, automatic in zip(grad, literal, expected, strict=False):
        assert got.numpy() == close(automatic)
        assert transcribed == close(automatic)


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize(("n", "d"), [(1, 3), (2, 2), (6, 4)])
def test_nt_xent_grad_is_autograd(n, d, temperature):
    a, b = rows(n, d).requires_grad_(), rows(n, d, seed=1).requires_grad_()
    expected = torch.autograd.grad(nt_xent(a, b, temperature=temperature), (a, b))
    raw = a.detach(), b.detach()
    grad = nt_xent_grad(*raw, temperature=temperature)
    literal = reference.nt_xent_grad(*raw, temperature=temperature)
    for got, transcribed, automatic in zip(grad, literal, expected, strict=True):
        assert got.numpy() == close(automatic)
        assert transcribed == close(automatic)


@pytest.mark.parametrize("scale", [0.2, 2.0, 20.0])
@pytest.mark.parametrize(("n", "d"), [(1, 3), (2, 2), (6, 4)])
def test_clip_grad_is_autograd(n, d, scale):
    a, b = rows(n, d).requires_grad_(), rows(n, d, seed=1).requires_grad_()
    alpha = torch.tensor(scale, dtype=torch.float64, requires_grad=True)
    expected = torch.autograd.grad(clip_loss(a, b, logit_scale=alpha), (a, b, alpha))
    raw = a.detach(), b.detach()
    grad = clip_grad(*raw, logit_scale=scale)
    literal = reference.clip_grad(*raw, logit_scale=scale)
    for got, transcribed, automatic in zip(grad, literal, expected, strict=True):
        assert got.numpy() == close(automatic)
        assert transcribed == close(automatic)


@pytest.mark.parametrize("temperature", TEMPERATURES)
def test_similarity_grad_is_autograd(temperature):
    s, positives = rows(3, 5).requires_grad_(), torch.tensor([4, 0, 2])
    loss = info_nce_from_similarity(s, positives, temperature=temperature, reduction="sum")
    (expected,) = torch.autograd.grad(loss, s)
    assert similarity_grad(s.detach(), positives, temperature=temperature).numpy() == close(
        expected
    )


# ---- what the formulas promise


def test_push_equals_pull_and_shares_follow_the_negatives_alone():
    s = rows(4, 6)
    grad = similarity_grad(s, temperature=0.3)
    assert grad.sum(-1).numpy() == pytest.approx(0, abs=1e-15)
    share = -grad[0, 1:] / grad[0, 0]
    alone = [math.exp(x / 0.3) for x in s[0, 1:].tolist()]
    assert share.tolist() == pytest.approx([x / sum(alone) for x in alone], rel=1e-13)


@pytest.mark.parametrize("case", CANDIDATES)
def test_gradients_are_orthogonal_to_rows_and_shrink_with_their_length(case):
    q, k = rows(5, 3), rows(5, 3, seed=1)
    negatives, in_batch = candidates(case, 5, 3)
    grad = info_nce_grad(q, k, negatives, temperature=0.2, in_batch=in_batch)
    for raw, force in zip((q, k, negatives), grad, strict=True):
        if raw is not None:
            assert (raw * force).sum(-1).numpy() == pytest.approx(0, abs=1e-14)
            assert ((raw - force).norm(dim=-1) >= raw.norm(dim=-1)).all()
    longer = info_nce_grad(4 * q, k, negatives, temperature=0.2, in_batch=in_batch)
    assert (4 * longer.query).numpy() == close(grad.query)
    assert longer.positive.numpy() == close(grad.positive)


@pytest.mark.parametrize(("dtype", "eps"), [(torch.float32, 1e-5), (torch.float64, 1e-13)])
@pytest.mark.parametrize("scale", [1e-20, 1e20])
def test_rows_of_extreme_length(scale, dtype, eps):
    a, b = rows(5, 3, dtype=dtype), rows(5, 3, seed=1, dtype=dtype)
    for grad, scaled in [
        (info_nce_grad(a, b, temperature=0.5), info_nce_grad(scale * a, b, temperature=0.5)),
        (nt_xent_grad(a, b, temperature=0.5), nt_xent_grad(scale * a, b, temperature=0.5)),
        (clip_grad(a, b, logit_scale=2.0), clip_grad(scale * a, b, logit_scale=2.0)),
    ]:
        assert (scale * scaled[0]).numpy() == pytest.approx(grad[0].numpy(), rel=eps, abs=eps)
        assert scaled[1].numpy() == pytest.approx(grad[1].numpy(), rel=eps, abs=eps)


def test_collapse_is_stationary():
    one = torch.ones(4, 3, dtype=torch.float64)
    grads = [*nt_xent_grad(one, one, temperature=0.1), *clip_grad(one, one, logit_scale=10.0)]
    grads += info_nce_grad(one, one, temperature=0.1)[:2]
    for grad in grads:
        assert grad.numpy() == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_a_near_perfect_positive_is_pulled_exactly_as_much_as_its_negatives_are_pushed(dtype):
    force = 10 * math.exp(-50) / 0.02
    s = torch.zeros(1, 11, dtype=dtype)
    s[0, 0] = 1.0
    grad = similarity_grad(s, temperature=0.02)
    assert grad[0, 0].item() == pytest.approx(-force, rel=1e-5)
    assert grad[0, 1].item() == pytest.approx(force / 10, rel=1e-5)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_input_is_computed_in_float32(dtype):
    a, b = rows(4, 3).to(dtype), rows(4, 3, seed=1).to(dtype)
    wide = a.float(), b.float()
    for half, full in [
        (info_nce_grad(a, b, b, temperature=0.1), info_nce_grad(*wide, wide[1], temperature=0.1)),
        (nt_xent_grad(a, b, temperature=0.1), nt_xent_grad(*wide, temperature=0.1)),
        (clip_grad(a, b, logit_scale=10.0), clip_grad(*wide, logit_scale=10.0)),
    ]:
        for x, y in zip(half, full, strict=True):
            assert torch.equal(x, y)
            assert x.dtype == torch.float32


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_autocast_does_not_coarsen_them(dtype):
    a, b = rows(64, 8).float(), rows(64, 8, seed=1).float()

    def gradients():
        yield from info_nce_grad(a, b, b, temperature=0.1)
        yield from nt_xent_grad(a, b, temperature=0.1)
        yield from clip_grad(a, b, logit_scale=10.0)

    expected = list(gradients())
    with torch.autocast("cpu", dtype=dtype):
        assert all(map(torch.equal, gradients(), expected))


def test_a_half_precision_temperature_is_taken_in_float64():
    """700 times 100 does not fit float16."""
    a, b = torch.randn(2, 700, 4, generator=torch.Generator().manual_seed(0))
    warm = torch.tensor(100.0, dtype=torch.float16)
    for gradient in (info_nce_grad, nt_xent_grad):
        for x, y in zip(
            gradient(a, b, temperature=warm), gradient(a, b, temperature=100.0), strict=True
        ):
            assert x is y is None or (torch.equal(x, y) and bool(x.any()))

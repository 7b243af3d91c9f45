"""Bugs in circulation, each by what it does: none of them can be had from this package.

Every test computes the wrong number too, so that it could tell the two apart.
"""

import math

import pytest
import torch
from torch.nn import functional as F

from infonce import (
    LogitScale,
    clip_loss,
    info_nce,
    info_nce_from_similarity,
    nt_xent,
    siglip_loss,
    sup_con,
)
from tests.largest import Largest

EXACT = {"rel": 1e-12, "abs": 1e-15}


def eye(n, dtype=torch.float64):
    return torch.eye(n, dtype=dtype)


def stacked(n, temperature):
    """Logits of 2N views, orthonormal images with equal views."""
    z = eye(n).repeat(2, 1)
    return z @ z.T / temperature


def without_diagonal(logits):
    return logits[~torch.eye(len(logits), dtype=torch.bool)].view(len(logits), -1)


RIGHT = math.log1p(6 * math.exp(-10))  # NT-Xent of four orthonormal images, tau = .1


def test_labels_are_shifted_when_the_diagonal_goes():
    """Half of the anchors would be trained towards a negative."""
    labels = torch.arange(4).repeat(2)
    wrong = F.cross_entropy(without_diagonal(stacked(4, 0.1)), labels).item()
    assert wrong == pytest.approx(5.000272, abs=1e-6)
    assert nt_xent(eye(4), eye(4), temperature=0.1).item() == pytest.approx(RIGHT, **EXACT)
    each = nt_xent(eye(4), eye(4), temperature=0.1, reduction="none")
    assert each.tolist() == pytest.approx([RIGHT] * 8, **EXACT)


def test_no_label_points_behind_its_row():
    """Labels of the full matrix, used after the diagonal is gone, leave the last row."""
    labels = torch.cat([torch.arange(4, 8), torch.arange(4)])
    with pytest.raises(IndexError):
        F.cross_entropy(without_diagonal(stacked(4, 0.1)), labels)
    for n in (1, 2, 5):
        assert nt_xent(eye(n), eye(n)).isfinite()


def test_the_positive_stands_once_in_the_denominator():
    """Twice, and the loss could not fall below log 2."""
    z = stacked(4, 0.1)
    positive = z.diagonal(4).repeat(2)[:, None]
    twice = torch.cat([positive, without_diagonal(z)], dim=1)
    wrong = F.cross_entropy(twice, torch.zeros(8).long()).item()
    assert wrong == pytest.approx(0.693283, abs=1e-6)
    for loss in (
        nt_xent(eye(4), eye(4), temperature=0.1),
        info_nce(eye(4), eye(4), temperature=0.1),
        clip_loss(eye(4), eye(4), logit_scale=10.0),
    ):
        assert loss.item() < 1e-3


def test_the_anchor_is_not_its_own_negative():
    labels = torch.cat([torch.arange(2, 4), torch.arange(2)])
    wrong = F.cross_entropy(stacked(2, 1.0), labels).item()
    assert wrong == pytest.approx(1.006409, abs=1e-6)
    right = math.log1p(2 / math.e)
    assert nt_xent(eye(2), eye(2), temperature=1.0).item() == pytest.approx(right, **EXACT)


def test_rows_get_euclidean_length_one():
    """`F.normalize(z, 1)` divides by the sum of absolute values."""
    z = torch.tensor([[3.0, 4, 0], [0, 3, 4], [4, 0, 3]], dtype=torch.float64)
    by_sum = F.normalize(z, 1).repeat(2, 1)
    logits = without_diagonal(by_sum @ by_sum.T / 0.1)
    wrong = F.cross_entropy(logits, torch.cat([torch.arange(2, 5), torch.arange(3)])).item()
    assert wrong == pytest.approx(0.248219, abs=1e-6)
    right = math.log1p(4 * math.exp(-(1 - 12 / 25) / 0.1))
    assert right == pytest.approx(0.021826, abs=1e-6)
    assert nt_xent(z, z, temperature=0.1).item() == pytest.approx(right, **EXACT)


def test_the_learned_scale_starts_at_the_inverse_temperature():
    """exp(0.07) is a temperature of 0.93."""
    wrong = clip_loss(eye(8), eye(8), logit_scale=math.exp(0.07)).item()
    assert wrong == pytest.approx(1.222317, abs=1e-6)
    loss = clip_loss(eye(8), eye(8), logit_scale=LogitScale().double()()).item()
    assert loss == pytest.approx(4.37e-6, rel=1e-3)


def test_the_learned_scale_has_a_limit():
    """On data that can be separated it would grow for ever (steps of one size, by sign)."""
    scale, free = LogitScale().double(), LogitScale().double()
    for learned in (scale, free):
        optimizer = torch.optim.Adam(learned.parameters(), lr=0.1, betas=(0.0, 0.0), eps=1e-300)
        for _ in range(30):
            optimizer.zero_grad()
            clip_loss(eye(3), eye(3), logit_scale=learned()).backward()
            optimizer.step()
            if learned is scale:
                scale.clamp_()
    assert free() > 200
    assert scale().item() == pytest.approx(100, rel=1e-5)


def test_the_bias_of_siglip_has_the_sign_of_the_code():
    """With the printed sign and the printed start, -10, negatives cost 10 each."""
    image, text = eye(6)[:3], eye(6)[3:]  # all cosines 0
    signs, bias = 2 * eye(3) - 1, -10.0
    wrong = -F.logsigmoid(signs * (0.0 - bias)).sum().item() / 3
    assert wrong == pytest.approx(20.000136, abs=1e-6)
    right = math.log1p(math.exp(10)) + 2 * math.log1p(math.exp(-10))
    loss = siglip_loss(image, text, logit_scale=10.0, logit_bias=bias).item()
    assert loss == pytest.approx(right, **EXACT)


def test_anchors_without_positives_leave_the_mean():
    """0/0 in code that divides by their number of positives; counted as 0 they lower the mean."""
    z, labels = eye(3), torch.tensor([0, 0, 1])
    each = sup_con(z, labels, temperature=0.5, reduction="none")
    assert each.tolist() == pytest.approx([math.log(2), math.log(2), 0], **EXACT)
    assert sup_con(z, labels, temperature=0.5).item() == pytest.approx(math.log(2), **EXACT)


def test_the_supervised_loss_carries_no_factor():
    """SupContrast's code multiplies by temperature / 0.07."""
    z = (eye(3) - 1 / 3).repeat(2, 1)  # three classes at the corners of a triangle
    loss = sup_con(z, torch.tensor([0, 1, 2] * 2), temperature=0.5).item()
    right = math.log1p(4 * math.exp(-3))
    assert loss == pytest.approx(right, **EXACT)
    assert right == pytest.approx(0.1816, abs=1e-4)
    assert loss != pytest.approx(right * 0.5 / 0.07, rel=0.1)


def test_a_sure_loss_keeps_its_value_and_gradient():
    """log(softmax + 1e-20) stops at 46.05, with no gradient."""
    logits = torch.tensor([[0.0, 200.0]], requires_grad=True)
    wrong = -(logits.softmax(1) + 1e-20).log()[0, 0]
    (gradient,) = torch.autograd.grad(wrong, logits)
    assert wrong.item() == pytest.approx(46.05, abs=0.01)
    assert gradient.abs().max() < 1e-20
    right = info_nce_from_similarity(logits, temperature=1.0)
    (gradient,) = torch.autograd.grad(right, logits)
    assert right.item() == 200
    assert gradient.tolist() == [[-1.0, 1.0]]


def test_what_is_masked_is_gone_at_any_temperature():
    """A mask of log(1e-45) = -103.6 counts as soon as all else is colder: here pairs at
    right angles to each other but opposite to their own negatives."""
    q = torch.tensor([[1.0, 0.0], [-1.0, 0.0]], dtype=torch.float64)  # each other's opposite
    logits = q @ q.T / 0.005  # -200 off the diagonal
    wrong = torch.logsumexp(logits + math.log(1e-45) * eye(2) - 200 * eye(2), dim=1)
    assert wrong[0].item() == pytest.approx(-103.6, abs=0.1)  # should be -200
    each = info_nce(q, -q, temperature=0.005, reduction="none")  # positive -200, negative +200
    assert each.tolist() == pytest.approx([400.0, 400.0], **EXACT)
    opposite = nt_xent(q, q, temperature=0.005).item()  # negatives at -200, positive at +200
    assert opposite == pytest.approx(2 * math.exp(-400), rel=1e-12, abs=0)


def test_masks_fit_half_precision():
    """`masked_fill(-9e15)` overflows a half tensor."""
    half = torch.zeros(2, 2, dtype=torch.float16)
    with pytest.raises(RuntimeError, match="overflow"):
        half.masked_fill(torch.eye(2).bool(), -9e15)
    for dtype in (torch.float16, torch.bfloat16):
        loss = nt_xent(eye(2, dtype), eye(2, dtype), temperature=1.0).item()
        assert loss == pytest.approx(math.log1p(2 / math.e), rel=1e-6)


def test_exponentials_stay_in_range():
    logits = torch.tensor([[1000.0, 0.0]])
    e = logits.exp()
    assert (-(e[:, 0] / e.sum(1)).log()).isnan()
    assert info_nce_from_similarity(logits, temperature=1.0).item() == 0
    assert info_nce_from_similarity(logits.flip(1), temperature=1.0).item() == 1000


def test_nt_xent_is_the_mean_over_all_views():
    """SimCLR's code adds the means of the two views."""
    z = stacked(2, 1.0)
    logits, labels = without_diagonal(z), torch.tensor([1, 2, 0, 1])
    added = sum(F.cross_entropy(logits[i : i + 2], labels[i : i + 2]).item() for i in (0, 2))
    right = math.log1p(2 / math.e)
    assert added == pytest.approx(2 * right, rel=1e-12)
    assert nt_xent(eye(2), eye(2), temperature=1.0).item() == pytest.approx(right, **EXACT)


def test_memory_does_not_grow_with_the_width_of_a_matrix():
    """Cosines by broadcasting hold (2N)^2 d numbers; nothing here is larger than (2N)^2."""
    a, b = (torch.randn(32, 64, generator=torch.Generator().manual_seed(s)) for s in (0, 1))
    z = torch.cat([a, b])
    with Largest() as broadcast:
        F.cosine_similarity(z[:, None], z[None], dim=-1)
    assert broadcast.numel == 64 * 64 * 64
    with Largest() as largest:
        nt_xent(a.requires_grad_(), b).backward()
    assert largest.numel == 64 * 64

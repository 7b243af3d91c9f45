"""The losses: equations read aloud, closed forms, limits, invariances, range and precision."""

import inspect
import math
from fractions import Fraction

import numpy as np
import pytest
import torch

import infonce
from infonce import (
    clip_loss,
    data_checks,
    info_nce,
    info_nce_from_similarity,
    nt_xent,
    reference,
    reference_diagnostics,
    siglip_loss,
    sup_con,
)

TEMPERATURES = [0.05, 0.5, 5.0]
SHAPES = [(1, 3), (2, 2), (4, 2), (9, 5)]
DIGITS = 1e-14  # values known to 15 digits


def rows(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def close(value, rel=1e-12):
    return pytest.approx(value, rel=rel, abs=1e-15)


# ---- the equations, read aloud in loops and floats; nothing shared with the package


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True)) / (math.hypot(*a) * math.hypot(*b))


def read_anchor(positive, negatives, temperature):
    """Minus the log of the share of the positive among all candidates."""
    total = math.exp(positive / temperature)
    for s in negatives:
        total += math.exp(s / temperature)
    return -math.log(math.exp(positive / temperature) / total)


def read_info_nce(query, positive, own, temperature):
    """`own[i]`: the negatives of query i."""
    return [
        read_anchor(cosine(q, k), [cosine(q, n) for n in negatives], temperature)
        for q, k, negatives in zip(query, positive, own, strict=True)
    ]


def read_nt_xent(view1, view2, temperature):
    """SimCLR numbers the views of image k as 2k - 1 and 2k, from 1."""
    z = {}
    for k in range(1, len(view1) + 1):
        z[2 * k - 1], z[2 * k] = view1[k - 1], view2[k - 1]

    def loss(i, j):
        others = [k for k in z if k not in (i, j)]
        return read_anchor(cosine(z[i], z[j]), [cosine(z[i], z[k]) for k in others], temperature)

    pairs = range(1, len(view1) + 1)
    return [loss(2 * k - 1, 2 * k) for k in pairs] + [loss(2 * k, 2 * k - 1) for k in pairs]


def read_clip(image, text, scale):
    losses = []
    for i in range(len(image)):
        s, others = cosine(image[i], text[i]), [j for j in range(len(image)) if j != i]
        over_texts = read_anchor(s, [cosine(image[i], text[j]) for j in others], 1 / scale)
        over_images = read_anchor(s, [cosine(image[j], text[i]) for j in others], 1 / scale)
        losses.append((over_texts + over_images) / 2)
    return losses


def others_of(keys):
    return [[key for j, key in enumerate(keys) if j != i] for i in range(len(keys))]


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize(("n", "d"), SHAPES)
@pytest.mark.parametrize("case", ["in_batch", "shared", "own", "shared_too", "own_too"])
def test_info_nce_is_the_equation(case, n, d, temperature):
    q, k, shared, own = rows(n, d), rows(n, d, seed=1), rows(3, d, seed=2), rows(n, 3, d, seed=3)
    others, alike, mine = others_of(k.tolist()), [shared.tolist()] * n, own.tolist()
    given, in_batch, negatives = {
        "in_batch": (None, None, others),
        "shared": (shared, None, alike),
        "own": (own, False, mine),
        "shared_too": (shared, True, [a + b for a, b in zip(others, alike, strict=True)]),
        "own_too": (own, True, [a + b for a, b in zip(others, mine, strict=True)]),
    }[case]
    expected = read_info_nce(q.tolist(), k.tolist(), negatives, temperature)
    options = {"temperature": temperature, "in_batch": in_batch}
    assert info_nce(q, k, given, **options, reduction="none").tolist() == close(expected)
    assert info_nce(q, k, given, **options).item() == close(sum(expected) / n)
    assert info_nce(q, k, given, **options, reduction="sum").item() == close(sum(expected))
    literal = reference.info_nce(q, k, given, **options, reduction="none")
    assert literal.tolist() == close(expected)


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize(("n", "d"), SHAPES)
def test_nt_xent_is_the_equation(n, d, temperature):
    a, b = rows(n, d), rows(n, d, seed=1)
    expected = read_nt_xent(a.tolist(), b.tolist(), temperature)
    each = nt_xent(a, b, temperature=temperature, reduction="none")
    assert each.tolist() == close(expected)
    assert nt_xent(a, b, temperature=temperature).item() == close(sum(expected) / (2 * n))
    total = nt_xent(a, b, temperature=temperature, reduction="sum")
    assert total.item() == close(sum(expected))
    literal = reference.nt_xent(a, b, temperature=temperature, reduction="none")
    assert literal.tolist() == close(expected)


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize(("n", "d"), SHAPES)
def test_clip_loss_is_the_equation(n, d, temperature):
    a, b, scale = rows(n, d), rows(n, d, seed=1), 1 / temperature
    expected = read_clip(a.tolist(), b.tolist(), scale)
    assert clip_loss(a, b, logit_scale=scale, reduction="none").tolist() == close(expected)
    assert clip_loss(a, b, logit_scale=scale).item() == close(sum(expected) / n)
    assert clip_loss(a, b, logit_scale=scale, reduction="sum").item() == close(sum(expected))
    literal = reference.clip_loss(a, b, logit_scale=scale, reduction="none")
    assert literal.tolist() == close(expected)


@pytest.mark.parametrize("temperature", TEMPERATURES)
@pytest.mark.parametrize("positives", [None, [4, 0, 2]])
def test_loss_from_similarities_is_the_equation(positives, temperature):
    s = rows(3, 5)
    columns = [0, 1, 2] if positives is None else positives
    expected = []
    for row, c in zip(s.tolist(), columns, strict=True):
        expected.append(read_anchor(row[c], row[:c] + row[c + 1 :], temperature))
    given = None if positives is None else torch.tensor(positives)
    each = info_nce_from_similarity(s, given, temperature=temperature, reduction="none")
    assert each.tolist() == close(expected)
    mean = info_nce_from_similarity(s, given, temperature=temperature)
    assert mean.item() == close(sum(expected) / 3)
    literal = reference.info_nce_from_similarity(
        s, positives, temperature=temperature, reduction="none"
    )
    assert literal.tolist() == close(expected)


@pytest.mark.parametrize("dtype", [torch.int8, torch.int32, torch.int64])
def test_any_integer_can_number_a_column(dtype):
    s = torch.tensor([[0.0, 1.0]])
    loss = info_nce_from_similarity(s, torch.tensor([1], dtype=dtype), temperature=1.0)
    assert loss.item() == pytest.approx(math.log1p(math.exp(-1)), rel=1e-6)


def test_defaults():
    q, k, s = rows(4, 3), rows(4, 3, seed=1), rows(4, 4, seed=2)
    assert info_nce(q, k) == info_nce(q, k, temperature=0.1, in_batch=True)
    assert nt_xent(q, k) == nt_xent(q, k, temperature=0.5)
    default, literal = info_nce_from_similarity(s), reference.info_nce_from_similarity(s)
    assert default == info_nce_from_similarity(s, torch.arange(4), temperature=0.1)
    assert reference.info_nce(q, k) == close(info_nce(q, k).item())
    assert reference.nt_xent(q, k) == close(nt_xent(q, k).item())
    assert literal == close(default.item())


# ---- values with a closed form


def test_one_anchor():
    expected = math.log(1 + math.exp(-1) + math.exp(-2))
    assert expected == pytest.approx(0.407605964444380, rel=DIGITS)
    s = torch.tensor([[1.0, 0.5, 0.0]], dtype=torch.float64)
    loss = info_nce_from_similarity(s, temperature=0.5)
    assert loss.item() == pytest.approx(expected, rel=DIGITS)
    assert reference.anchor_loss(1.0, [0.5, 0.0], 0.5) == pytest.approx(expected, rel=DIGITS)


def test_orthonormal_images_with_equal_views():
    two = torch.eye(2, dtype=torch.float64)
    expected = math.log(1 + 2 / math.e)
    assert expected == pytest.approx(0.551444713932051, rel=DIGITS)
    assert nt_xent(two, two, temperature=1.0).item() == pytest.approx(expected, rel=DIGITS)
    assert reference.nt_xent(two, two, temperature=1.0) == pytest.approx(expected, rel=DIGITS)


@pytest.mark.parametrize("n", [1, 2, 4, 50])
def test_collapse_and_strangers_cost_the_logarithm_of_the_candidates(n):
    one = torch.ones(n, 3, dtype=torch.float64)
    basis = torch.eye(2 * n, dtype=torch.float64)
    for a, b in [(one, one), (basis[:n], basis[n:])]:
        assert nt_xent(a, b).item() == pytest.approx(math.log(2 * n - 1), rel=DIGITS, abs=1e-14)
        assert info_nce(a, b).item() == pytest.approx(math.log(n), rel=DIGITS, abs=1e-14)
        scaled = clip_loss(a, b, logit_scale=7.0).item()
        assert scaled == pytest.approx(math.log(n), rel=DIGITS, abs=1e-14)
    assert info_nce(one, one, torch.ones(6, 3, dtype=torch.float64)).item() == close(math.log(7))


def test_clip_values():
    assert math.log(1 + 2 * math.exp(-5)) == pytest.approx(0.0133859017214489, rel=DIGITS)
    eye = torch.eye(3, dtype=torch.float64)
    loss = clip_loss(eye, eye, logit_scale=5.0).item()
    assert loss == pytest.approx(math.log(1 + 2 * math.exp(-5)), rel=DIGITS)

    image, text = with_similarities([[0.8, 0.3], [0.1, 0.6]])
    each_text, each_image = [0.5, 0.5], [0.7, 0.3]  # positive minus negative, rows and columns
    i2t = sum(math.log1p(math.exp(-5 * gap)) for gap in each_text) / 2
    t2i = sum(math.log1p(math.exp(-5 * gap)) for gap in each_image) / 2
    assert i2t == pytest.approx(0.0788897342925496, rel=DIGITS)
    assert t2i == pytest.approx(0.115581848127686, rel=DIGITS)
    loss = clip_loss(image, text, logit_scale=5.0).item()
    assert loss == pytest.approx(0.0972357912101181, rel=DIGITS)
    assert loss == pytest.approx((i2t + t2i) / 2, rel=DIGITS)
    assert info_nce(image, text, temperature=0.2).item() == pytest.approx(i2t, rel=1e-13)
    assert info_nce(text, image, temperature=0.2).item() == pytest.approx(t2i, rel=1e-13)


def with_similarities(s):
    """Unit images e1, e2 and unit texts whose cosines with them are the columns of `s`."""
    s = torch.tensor(s, dtype=torch.float64)
    rest = torch.diag((1 - s.square().sum(0)).sqrt())  # one own axis a text
    image = torch.cat([torch.eye(2, dtype=torch.float64), torch.zeros(2, 2).double()], dim=1)
    return image, torch.cat([s.T, rest], dim=1)


def simplex(n):
    """`n` points with all cosines -1/(n - 1)."""
    return torch.eye(n, dtype=torch.float64) - 1 / n


@pytest.mark.parametrize("n", [2, 3, 8])
@pytest.mark.parametrize("temperature", [0.05, 0.5, 2.0])
def test_the_regular_simplex_reaches_the_floor(n, temperature):
    e = math.exp(-n / ((n - 1) * temperature))
    z = simplex(n)
    loss = nt_xent(z, z, temperature=temperature).item()
    assert loss == pytest.approx(math.log1p(2 * (n - 1) * e), rel=1e-12)
    loss = clip_loss(z, z, logit_scale=1 / temperature).item()
    assert loss == pytest.approx(math.log1p((n - 1) * e), rel=1e-12)


def test_floor_of_a_triangle_and_of_256():
    assert math.log(1 + 4 * math.exp(-3)) == pytest.approx(0.181611532679360, rel=DIGITS)
    assert nt_xent(simplex(3), simplex(3)).item() == pytest.approx(0.181611532679360, rel=DIGITS)
    z = simplex(256)
    for temperature, floor in [(0.5, "4.2411"), (0.1, "0.0220"), (0.07, "0.0003")]:
        assert f"{nt_xent(z, z, temperature=temperature):.4f}" == floor


def test_no_embedding_is_below_the_floor():
    floor = math.log1p(2 * 4 * math.exp(-5 / (4 * 0.5)))
    for seed in range(20):
        a, b = rows(5, 6, seed=seed), rows(5, 6, seed=seed + 100)
        assert nt_xent(a, b).item() > floor
        assert nt_xent(a, a).item() > floor


def test_a_duplicate_image_costs_log_3():
    """Images 0 and 1 identical: two of the negatives are as similar as the positive."""
    z = torch.eye(3, dtype=torch.float64)[[0, 0, 2]]
    duplicate, single = math.log(3 + 2 * math.exp(-2)), math.log(1 + 4 * math.exp(-2))
    assert duplicate == pytest.approx(1.18499503008573, rel=DIGITS)
    assert single == pytest.approx(0.432652902991791, rel=DIGITS)
    each = nt_xent(z, z, reduction="none").tolist()
    assert each == pytest.approx([duplicate, duplicate, single] * 2, rel=DIGITS)
    assert nt_xent(z, z).item() == pytest.approx(0.934214321054415, rel=DIGITS)
    cold = nt_xent(z, z, temperature=0.005, reduction="none")[0]
    assert cold.item() == pytest.approx(math.log(3), rel=DIGITS)


def test_a_pair_alone_costs_nothing():
    for dtype in (torch.float32, torch.float64):
        a, b = (rows(1, 4, seed=seed, dtype=dtype).requires_grad_() for seed in (0, 1))
        for loss in (info_nce(a, b), nt_xent(a, b), clip_loss(a, b, logit_scale=3.0)):
            assert loss.item() == 0.0
            first = torch.autograd.grad(loss, (a, b), create_graph=True)
            second = torch.autograd.grad(sum(g.sum() for g in first), (a, b))
            for gradient in (*first, *second):
                assert gradient.tolist() == [[0.0] * 4]
    similarity = torch.zeros(1, 1, requires_grad=True)
    info_nce_from_similarity(similarity).backward()
    assert similarity.grad.tolist() == [[0.0]]


@pytest.mark.parametrize("temperature", [0.0125, 0.5])
def test_labels_in_pairs_make_sup_con_nt_xent(temperature):
    a, b = rows(6, 4), rows(6, 4, seed=1)
    for z in (torch.cat([a, b]), torch.eye(6).repeat(2, 1).double()):
        loss = sup_con(z, torch.arange(6).repeat(2), temperature=temperature, reduction="none")
        expected = nt_xent(z[:6], z[6:], temperature=temperature, reduction="none")
        assert loss.numpy() == pytest.approx(expected.numpy(), rel=1e-12, abs=0)


def test_sup_con_values():
    angle = torch.tensor([0.0, 0.6, 1.0, 3.0, 3.3], dtype=torch.float64)
    z, labels = torch.stack([angle.cos(), angle.sin()], 1), torch.tensor([0, 0, 0, 1, 1])
    expected = []
    for i in range(5):
        s = [math.cos(angle[i] - angle[k]) / 0.5 for k in range(5)]
        total = math.log(sum(math.exp(s[k]) for k in range(5) if k != i))
        same = [k for k in range(5) if k != i and labels[k] == labels[i]]
        expected.append(sum(total - s[k] for k in same) / len(same))
    assert sum(expected) / 5 == pytest.approx(0.505447695205719, rel=1e-14)
    each = sup_con(z, labels, temperature=0.5, reduction="none")
    assert each.tolist() == pytest.approx(expected, rel=1e-13)
    corner = torch.eye(3, dtype=torch.float64) - 1 / 3
    for copies in (2, 5):  # collapse of classes onto a simplex is the floor
        labels = torch.arange(3).repeat(copies)
        loss = sup_con(corner.repeat(copies, 1), labels, temperature=0.5).item()
        assert loss == close(math.log(copies - 1 + 2 * copies * math.exp(-3)))


def test_anchors_without_positives_leave_the_mean():
    z, labels = rows(4, 3), torch.tensor([5, 7, 5, 9])
    each = sup_con(z, labels, reduction="none")
    assert each[[1, 3]].tolist() == [0, 0]
    assert sup_con(z, labels).item() == close(each.sum().item() / 2)
    z.requires_grad_()
    nothing = sup_con(z, torch.arange(4))
    assert nothing.item() == 0
    nothing.backward()
    assert not z.grad.any()


def test_siglip_values():
    eye = torch.eye(4, dtype=torch.float64)
    plus, minus = math.log1p(math.exp(10)), math.log1p(math.exp(-10))
    init = {"logit_scale": 10.0, "logit_bias": -10.0}
    assert plus + minus == pytest.approx(10.0000907977984, rel=DIGITS)
    assert siglip_loss(eye[:2], eye[2:], **init).item() == close(plus + minus)
    assert math.log(2) + minus == pytest.approx(0.693192579459162, rel=DIGITS)
    assert siglip_loss(eye, eye, **init).item() == close(math.log(2) + 3 * minus)
    printed = siglip_loss(eye[:3], -eye[:3].roll(1, 1), logit_scale=1e-30, logit_bias=10.0)
    assert printed.item() == close(minus + 2 * plus)  # the printed sign: negatives dominate


def test_siglip_bias_and_scale_receive_their_gradients():
    a, b = rows(4, 3).requires_grad_(), rows(4, 3, seed=1).requires_grad_()
    scale, bias = (torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (7.0, -2.0))

    def call(a, b, s, t):
        return siglip_loss(a, b, logit_scale=s, logit_bias=t, reduction="none")

    assert torch.autograd.gradcheck(call, (a, b, scale, bias))
    labels = torch.tensor([0, 0, 1, 0])
    assert torch.autograd.gradcheck(lambda a, t: sup_con(a, labels, temperature=1 / t), (a, scale))


# ---- options


def test_weights_make_a_weighted_mean():
    a, b, w = rows(4, 3), rows(4, 3, seed=1), torch.tensor([1.0, 0.0, 2.0, 0.5])
    each = info_nce(a, b, reduction="none")
    assert info_nce(a, b, weights=w).item() == close((each * w).sum().item() / 3.5)
    assert info_nce(a, b, weights=w, reduction="sum").item() == close((each * w).sum().item())
    weighted = info_nce(a, b, weights=w, reduction="none")
    assert weighted.tolist() == close((each * w).tolist())
    assert info_nce(a, b, weights=torch.full((4,), 3.0)).item() == close(info_nce(a, b).item())


def test_equal_ids_and_excluded_entries_are_no_negatives():
    z = torch.eye(4, dtype=torch.float64)[[0, 0, 1, 2]]  # rows 0 and 1 are one thing
    ids = torch.tensor([3, 3, 8, -1])
    exclude = (ids[:, None] == ids) & ~torch.eye(4, dtype=torch.bool)
    expected = math.log1p(2 * math.exp(-5))
    for given in ({"ids": ids}, {"exclude": exclude}):
        each = info_nce(z, z, temperature=0.2, reduction="none", **given)
        assert each.tolist()[:2] == close([expected] * 2)
        assert clip_loss(z, z, logit_scale=5.0, reduction="none", **given)[0] == close(expected)
    each = nt_xent(z, z, temperature=0.2, ids=ids, reduction="none")
    assert each[0].item() == close(math.log1p(4 * math.exp(-5)))
    pairs = siglip_loss(z, z, logit_scale=5.0, logit_bias=0.0, ids=ids, reduction="none")
    assert pairs[0].item() == close(math.log1p(math.exp(-5)) + 2 * math.log(2))


# ---- limits and identities of one anchor


def anchor(positive, negatives, temperature):
    s = torch.tensor([[positive, *negatives]], dtype=torch.float64)
    return info_nce_from_similarity(s, temperature=temperature).item()


@pytest.mark.parametrize("positive", [-1.0, 0.2, 0.6, 0.7])
def test_cold_limit_is_a_hinge_on_the_hardest_negative(positive):
    negatives, tau = [0.6, 0.3, -0.5], 1e-4
    hinge = max(0.0, max(negatives) - positive)
    assert tau * anchor(positive, negatives, tau) == pytest.approx(hinge, abs=tau)
    tie = positive == max(negatives)
    assert not tie or anchor(positive, negatives, tau) == pytest.approx(math.log(2), rel=DIGITS)


def test_hot_limit_is_log_of_the_candidates_with_two_corrections():
    s, errors = [0.9, 0.6, 0.3, -0.5], []
    mean = sum(s) / 4
    variance = sum((x - mean) ** 2 for x in s) / 4
    for tau in (100.0, 1000.0):
        series = math.log(4) - (s[0] - mean) / tau + variance / (2 * tau**2)
        errors.append(abs(anchor(s[0], s[1:], tau) - series))
    assert errors[0] < 1e-6
    assert errors[1] == pytest.approx(errors[0] / 1000, rel=0.01)  # the next term: tau^-3


@pytest.mark.parametrize("gap", [-3.0, -0.1, 0.0, 0.1, 3.0])
def test_one_negative_is_a_softplus(gap):
    softplus = math.log1p(math.exp(gap / 0.2))
    assert anchor(0.0, [gap], 0.2) == pytest.approx(softplus, rel=DIGITS)


@pytest.mark.parametrize("temperature", [0.05, 0.2, 3.0])
def test_info_nce_is_the_softplus_of_the_decoupled_loss(temperature):
    positive, negatives = 0.9, [0.4, 0.1]
    decoupled = -positive / temperature
    decoupled += math.log(sum(math.exp(s / temperature) for s in negatives))
    if temperature == 0.2:
        assert decoupled == pytest.approx(-2.29858672201725, rel=DIGITS)
        loss = anchor(positive, negatives, 0.2)
        assert loss == pytest.approx(0.0956743294143823, rel=DIGITS)
    softplus = math.log1p(math.exp(decoupled))
    assert anchor(positive, negatives, temperature) == pytest.approx(softplus, rel=1e-13)


# ---- invariances


@pytest.mark.parametrize("loss", [info_nce, nt_xent, lambda a, b: clip_loss(a, b, logit_scale=9.0)])
def test_order_and_rotation_do_not_matter(loss):
    a, b = rows(6, 4), rows(6, 4, seed=1)
    order = torch.tensor([3, 1, 5, 0, 4, 2])
    rotation, _ = torch.linalg.qr(rows(4, 4, seed=2))
    assert loss(a[order], b[order]).item() == close(loss(a, b).item())
    assert loss(a @ rotation, b @ rotation).item() == close(loss(a, b).item())
    assert loss(a[order], b).item() != pytest.approx(loss(a, b).item(), rel=1e-3)


def test_which_loss_is_symmetric():
    a, b = rows(6, 4), rows(6, 4, seed=1)
    assert nt_xent(a, b).item() == close(nt_xent(b, a).item())
    assert clip_loss(a, b, logit_scale=9.0).item() == close(clip_loss(b, a, logit_scale=9.0).item())
    assert info_nce(a, b).item() != pytest.approx(info_nce(b, a).item(), rel=1e-3)
    both = (info_nce(a, b, temperature=0.2) + info_nce(b, a, temperature=0.2)) / 2
    assert clip_loss(a, b, logit_scale=5.0).item() == close(both.item())


def test_a_shift_of_a_row_of_similarities_does_not_matter():
    s = rows(3, 5)
    shifted = s + torch.tensor([[0.5], [-2.0], [10.0]], dtype=torch.float64)
    each = info_nce_from_similarity(s, reduction="none").tolist()
    assert info_nce_from_similarity(shifted, reduction="none").tolist() == close(each)


@pytest.mark.parametrize(("dtype", "eps"), [(torch.float32, 1e-5), (torch.float64, 1e-13)])
@pytest.mark.parametrize("scale", [1e-20, 1e-3, 1.0, 1e20])
def test_the_length_of_rows_does_not_matter_but_divides_the_gradient(scale, dtype, eps):
    a, b = rows(5, 3, dtype=dtype), rows(5, 3, seed=1, dtype=dtype)
    negatives = rows(5, 2, 3, seed=2, dtype=dtype)
    lengths = torch.tensor([scale, 1.0, scale, 1.0, 1 / scale], dtype=dtype)[:, None]
    losses = {
        "info_nce": lambda a: info_nce(a, b, negatives, in_batch=True),
        "positive": lambda b: info_nce(a, b, temperature=0.5),
        "nt_xent": lambda a: nt_xent(a, b),
        "clip_loss": lambda a: clip_loss(a, b, logit_scale=10.0),
    }
    for name, loss in losses.items():
        plain, scaled = a.clone().requires_grad_(), (a * lengths).requires_grad_()
        expected, value = loss(plain), loss(scaled)
        assert value.item() == pytest.approx(expected.item(), rel=eps), name
        expected.backward()
        value.backward()
        close_to = pytest.approx(plain.grad.numpy(), rel=eps, abs=eps)
        assert (scaled.grad * lengths).numpy() == close_to, name


# ---- range and precision


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_near_perfect_rows_keep_their_tiny_losses_and_gradients(dtype):
    eps = 1e-5 if dtype == torch.float32 else 1e-13
    z, tau = torch.eye(4, dtype=dtype).requires_grad_(), 0.0125
    loss = info_nce(z, z.detach(), temperature=tau)
    assert loss.item() == pytest.approx(3 * math.exp(-80), rel=eps)
    (gradient,) = torch.autograd.grad(loss, z)
    push = math.exp(-80) / (4 * tau)  # of each negative; the pull is along z itself
    expected = push * (1 - np.eye(4))
    assert gradient.numpy() == pytest.approx(expected, rel=eps, abs=0)

    s = torch.tensor([[1.0, 0.0]], dtype=dtype, requires_grad=True)
    info_nce_from_similarity(s, temperature=tau).backward()
    pull = math.exp(-80) / tau
    assert s.grad.tolist() == [pytest.approx([-pull, pull], rel=eps, abs=0)]


@pytest.mark.parametrize("x", [-700.0, -30.0, -1e-9, 0.0, 19.9, 20.1, 25.0, 39.9, 40.1, 700.0])
def test_softplus_is_exact_everywhere(x):
    expected = math.log1p(math.exp(x)) if x < 0 else x + math.log1p(math.exp(-x))
    assert anchor(0.0, [x], 1.0) == pytest.approx(expected, rel=4e-16, abs=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_antipodal_positives_and_twins_as_negatives(dtype):
    q = torch.eye(2, 3, dtype=dtype)
    for loss in (
        info_nce(q, -q, q, temperature=0.005, reduction="none"),
        info_nce(q, -q, q[:, None], temperature=0.005, reduction="none"),
    ):
        assert loss.tolist() == pytest.approx([400.0, 400.0], rel=1e-6)
    assert clip_loss(q, -q, logit_scale=200.0).item() == pytest.approx(200.0, rel=1e-6)


def test_float32_is_as_good_as_its_format():
    a, b = rows(64, 16, dtype=torch.float32), rows(64, 16, seed=1, dtype=torch.float32)
    for tau in (0.005, 0.05, 0.5, 10.0):
        bound = 16 * torch.finfo(torch.float32).eps * (1 / tau + math.log(128) + 1)
        for loss, exact in [
            (info_nce(a, b, temperature=tau), info_nce(a.double(), b.double(), temperature=tau)),
            (nt_xent(a, b, temperature=tau), nt_xent(a.double(), b.double(), temperature=tau)),
        ]:
            assert loss.dtype == torch.float32
            assert exact.dtype == torch.float64
            assert abs(loss.item() - exact.item()) < bound


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_input_is_computed_in_float32(dtype):
    a, b = rows(8, 4).to(dtype).requires_grad_(), rows(8, 4, seed=1).to(dtype)
    for loss in (info_nce, nt_xent, lambda a, b: clip_loss(a, b, logit_scale=20.0)):
        value = loss(a, b)
        assert value.dtype == torch.float32
        assert value == loss(a.float(), b.float())
    negatives, wide = rows(3, 4, seed=2).to(dtype), rows(8, 3, 4, seed=3).to(dtype)
    for given in (negatives, wide):
        assert info_nce(a, b, given) == info_nce(a.float(), b.float(), given.float())
    s = rows(3, 3).to(dtype)
    assert info_nce_from_similarity(s) == info_nce_from_similarity(s.float())
    info_nce(a, b).backward()
    assert a.grad.dtype == dtype


def test_autocast_does_not_coarsen_the_similarities():
    a, b, own = (rows(*shape, dtype=torch.float32) for shape in [(8, 4), (8, 4), (8, 3, 4)])
    expected = info_nce(a, b, own, in_batch=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert info_nce(a, b, own, in_batch=True) == expected


# ---- gradients, tensors as temperatures, switches


def test_gradcheck_first_and_second():
    a, b = rows(4, 3).requires_grad_(), rows(4, 3, seed=1).requires_grad_()
    shared = rows(2, 3, seed=2).requires_grad_()
    own = rows(4, 2, 3, seed=3).requires_grad_()
    s = rows(3, 4, seed=4).requires_grad_()
    tau = torch.tensor(0.3, dtype=torch.float64, requires_grad=True)
    cases = [
        (lambda a, b, t: info_nce(a, b, temperature=t, reduction="none"), (a, b, tau)),
        (lambda a, b, n, t: info_nce(a, b, n, temperature=t), (a, b, shared, tau)),
        (lambda a, b, n, t: info_nce(a, b, n, temperature=t, in_batch=True), (a, b, own, tau)),
        (lambda a, b, t: nt_xent(a, b, temperature=t, reduction="none"), (a, b, tau)),
        (lambda a, b, t: clip_loss(a, b, logit_scale=t, reduction="none"), (a, b, tau)),
        (lambda s, t: info_nce_from_similarity(s, temperature=t, reduction="none"), (s, tau)),
    ]
    for function, arguments in cases:
        assert torch.autograd.gradcheck(function, arguments)
        assert torch.autograd.gradgradcheck(function, arguments)


@pytest.mark.parametrize("dtype", [torch.float16, torch.float32, torch.float64])
def test_a_tensor_can_be_the_temperature(dtype):
    a, b = rows(4, 3, dtype=torch.float32), rows(4, 3, seed=1, dtype=torch.float32)
    quarter = torch.tensor(0.25, dtype=dtype, requires_grad=True)
    for loss, expected in [
        (info_nce(a, b, temperature=quarter), info_nce(a, b, temperature=0.25)),
        (nt_xent(a, b, temperature=quarter), nt_xent(a, b, temperature=0.25)),
        (clip_loss(a, b, logit_scale=quarter), clip_loss(a, b, logit_scale=0.25)),
    ]:
        assert loss.dtype == torch.float32
        assert loss.item() == expected.item()
        (gradient,) = torch.autograd.grad(loss, quarter)
        assert gradient.dtype == dtype
    assert info_nce(a, b, temperature=np.float32(0.25)) == info_nce(a, b, temperature=0.25)
    assert info_nce(a, b, temperature=1) == info_nce(a, b, temperature=1.0)
    fraction = {"logit_scale": Fraction(5, 2), "logit_bias": Fraction(-1, 2)}
    decimal = infonce.siglip_loss(a, b, logit_scale=2.5, logit_bias=-0.5)
    assert infonce.siglip_loss(a, b, **fraction) == decimal


@pytest.mark.parametrize("temperature", [1 / 64, 0.02, 0.025, 0.1])
@pytest.mark.parametrize("name", ["info_nce", "nt_xent", "clip_loss"])
def test_second_derivatives_of_float32_have_its_digits(name, temperature):
    """In a tight cone at a low temperature sums are huge, and second derivatives square them."""
    cone = rows(1, 16)
    a, b, v = cone + 0.05 * rows(8, 16, seed=1), cone + 0.05 * rows(8, 16, seed=2), rows(8, 16)
    number = {"logit_scale": 1 / temperature} if "clip" in name else {"temperature": temperature}
    found = []
    for dtype in (torch.float64, torch.float32):
        x = a.to(dtype).requires_grad_()
        loss = getattr(infonce, name)(x, b.to(dtype), **number)
        (first,) = torch.autograd.grad(loss, x, create_graph=True)
        found.append(torch.autograd.grad((first * v.to(dtype)).sum(), x)[0].double())
    assert (found[1] - found[0]).norm() < 1e-3 * found[0].norm()


def test_a_bias_is_as_exact_as_the_rows():
    """The parts of its gradient nearly cancel, and are added up before they are rounded."""
    a, b = rows(64, 8), rows(64, 8, seed=1)
    bias = torch.tensor(-4.125, dtype=torch.float64, requires_grad=True)
    coarse = bias.detach().bfloat16().requires_grad_()
    for x in (bias, coarse):
        infonce.siglip_loss(a, b, logit_scale=1.0, logit_bias=x).backward()
    assert coarse.grad.item() == bias.grad.bfloat16().item()


def test_arguments_are_left_as_they_were():
    a, b, s = rows(4, 3), rows(4, 3, seed=1), rows(4, 4, seed=2)
    before = [x.clone() for x in (a, b, s)]
    info_nce(a, b, b, in_batch=True)
    nt_xent(a, b)
    clip_loss(a, b, logit_scale=1.0)
    info_nce_from_similarity(s, temperature=1.0)
    for x, old in zip((a, b, s), before, strict=True):
        assert torch.equal(x, old)


def test_unchecked_losses_can_be_mapped_over_models():
    a, b = rows(3, 5, 4), rows(3, 5, 4, seed=1)
    for loss in (info_nce, nt_xent, lambda a, b: clip_loss(a, b, logit_scale=9.0)):
        with data_checks(False):
            together = torch.func.vmap(loss)(a, b)
            gradients = torch.func.vmap(torch.func.grad(loss))(a, b)
        for i in range(3):
            alone = a[i].clone().requires_grad_()
            value = loss(alone, b[i])
            value.backward()
            assert together[i].item() == close(value.item())
            assert gradients[i].numpy() == pytest.approx(alone.grad.numpy(), rel=1e-12, abs=1e-14)


def test_checks_come_back_on():
    with data_checks(False):
        with data_checks(True), pytest.raises(ValueError, match="row 0"):
            info_nce(torch.zeros(1, 2), torch.ones(1, 2))
        assert info_nce(torch.zeros(1, 2), torch.ones(1, 2)).isnan()
        with pytest.raises(ValueError, match="temperature"):
            info_nce(torch.ones(1, 2), torch.ones(1, 2), temperature=-1.0)
    with pytest.raises(ZeroDivisionError), data_checks(False):
        raise ZeroDivisionError
    with pytest.raises(ValueError, match="row 0"):
        info_nce(torch.zeros(1, 2), torch.ones(1, 2))


def test_reference_covers_every_function():
    functions = {name for name, value in vars(infonce).items() if inspect.isfunction(value)}
    functions -= {"data_checks", "diagnose"}
    functions -= {"collapse_loss", "loss_floor", "uniformity_floor"}  # in float64 themselves
    literal = {*reference.__all__, *reference_diagnostics.__all__}
    assert functions | {"anchor_loss"} == literal


@pytest.mark.parametrize("name", ["info_nce", "nt_xent", "sup_con"])
def test_a_temperature_is_as_exact_as_the_rows(name):
    """Its inverse is taken in float64, whatever its own dtype."""
    z, tau = torch.randn(9, 4, generator=torch.Generator().manual_seed(0)).double(), 0.01
    labels = torch.arange(9) % 3
    call = {
        "info_nce": lambda tau: infonce.info_nce(z, z.flip(0), temperature=tau),
        "nt_xent": lambda tau: infonce.nt_xent(z, z.flip(0), temperature=tau),
        "sup_con": lambda tau: infonce.sup_con(z, labels, temperature=tau),
    }[name]
    single = torch.tensor(tau)
    assert call(single).item() == pytest.approx(call(single.item()).item(), rel=1e-14)


def test_a_masked_candidate_leaves_value_and_gradients_finite():
    lowest = torch.finfo(torch.float32).min
    s = torch.tensor([[0.9, 0.4, lowest], [0.2, 0.7, lowest]])
    results = []
    for similarity in (s, s[:, :2]):
        inputs = similarity.clone().requires_grad_(), torch.tensor(0.07, requires_grad=True)
        loss = infonce.info_nce_from_similarity(inputs[0], temperature=inputs[1])
        results.append((loss.item(), *torch.autograd.grad(loss, inputs)))
    (masked, on_masked, slope), (without, on_rest, right) = results
    assert masked == pytest.approx(without)
    assert slope.item() == pytest.approx(right.item())
    assert on_masked[:, 2].tolist() == [0.0, 0.0]
    assert torch.allclose(on_masked[:, :2], on_rest)

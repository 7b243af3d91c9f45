"""What must hold for every batch, tried on batches that hypothesis picks."""

import math

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from infonce import clip_loss, info_nce, losses, nt_xent, siglip_loss, sup_con, tiles

settings.register_profile("here", derandomize=True, deadline=None, max_examples=25, database=None)
settings.load_profile("here")

sizes, widths, seeds = st.integers(1, 12), st.integers(1, 6), st.integers(0, 2**32 - 1)
temperatures = st.floats(0.02, 10)


def in_classes(a, b, t, **how):
    """SupCon with classes of four rows, which belong to the rows: pairs of neighbouring length."""
    label = a.detach().norm(dim=1).argsort().argsort() // 2
    return sup_con(torch.cat([a, b]), label.repeat(2), temperature=t, **how)


LOSSES = {
    "info_nce": lambda a, b, t, **how: info_nce(a, b, temperature=t, **how),
    "nt_xent": lambda a, b, t, **how: nt_xent(a, b, temperature=t, **how),
    "clip_loss": lambda a, b, t, **how: clip_loss(a, b, logit_scale=1 / t, **how),
    "siglip_loss": lambda a, b, t, **how: siglip_loss(
        a, b, logit_scale=1 / t, logit_bias=-1.0, **how
    ),
    "sup_con": in_classes,
}
SOFTMAX = ("info_nce", "nt_xent", "clip_loss")  # with one positive each


@st.composite
def batches(draw):
    """Two batches of rows, their temperature, and a generator for what a test needs more."""
    generator = torch.Generator().manual_seed(draw(seeds))
    shape = draw(sizes), draw(widths)
    a, b = (torch.randn(shape, generator=generator, dtype=torch.float64) for _ in range(2))
    near = draw(st.sampled_from([0.0, 0.9, 1.0]))  # from strangers to equal views
    return a, near * a + (1 - near) * b, draw(temperatures), generator


def close(value, temperature):
    """As exact as logits up to 1/temperature can be."""
    return pytest.approx(value, rel=1e-12, abs=1e-14 * (1 + 1 / temperature))


@pytest.mark.parametrize("name", LOSSES)
@given(batch=batches())
def test_the_order_of_pairs_does_not_matter(name, batch):
    a, b, t, generator = batch
    order, n = torch.randperm(len(a), generator=generator), len(a)
    each = LOSSES[name](a, b, t, reduction="none")
    again = LOSSES[name](a[order], b[order], t, reduction="none")
    both = torch.cat([order, order + n]) if len(each) == 2 * n else order
    assert again.tolist() == close(each[both].tolist(), t)


@pytest.mark.parametrize("name", LOSSES)
@given(batch=batches(), logs=st.tuples(st.floats(-20, 20), st.floats(-20, 20)))
def test_a_rotation_and_the_length_of_rows_do_not_matter(name, batch, logs):
    a, b, t, generator = batch
    loss = LOSSES[name](a, b, t).item()
    d = a.shape[1]
    turn, _ = torch.linalg.qr(torch.randn(d, d, generator=generator, dtype=a.dtype))
    x, y = (10.0**log * rows @ turn for log, rows in zip(logs, (a, b), strict=True))
    assert LOSSES[name](x, y, t).item() == close(loss, t)


@given(batch=batches(), copies=st.integers(2, 4))
def test_a_batch_repeated_adds_the_copies_of_each_candidate(batch, copies):
    """The sum over candidates grows `copies` times, the positive's share shrinks as much."""
    a, b, t, _ = batch
    for loss in (LOSSES["info_nce"], LOSSES["clip_loss"]):
        once = loss(a, b, t).item()
        again = loss(a.repeat(copies, 1), b.repeat(copies, 1), t).item()
        assert again == close(once + math.log(copies), t)


@given(batch=batches(), cut=st.floats(0, 1))
def test_rows_may_be_split_with_all_keys_at_hand(batch, cut):
    """What several processes do: own queries, own positives, all other keys as negatives."""
    a, b, t, _ = batch
    n = len(a)
    assume(n > 1)
    each = info_nce(a, b, temperature=t, reduction="none")
    at = round(cut * n)
    for rows in (range(at), range(at, n)):
        for i in rows:
            others = torch.cat([b[:i], b[i + 1 :]])
            alone = info_nce(a[i : i + 1], b[i : i + 1], others, temperature=t)
            assert alone.item() == close(each[i].item(), t)


@pytest.mark.parametrize("name", LOSSES)
@given(
    batch=batches(),
    rows=st.integers(1, 9),
    few=st.integers(1, 9),
    cached=st.integers(0, 99),
    small=st.sampled_from([0, 2**22]),
)
def test_blocks_of_any_size_give_the_same(name, batch, rows, few, cached, small):
    a, b, t, _ = (x.requires_grad_() if isinstance(x, torch.Tensor) else x for x in batch)

    def each_and_gradients():
        each, mean = (LOSSES[name](a, b, t, reduction=how) for how in ("none", "mean"))
        return [each.detach(), *torch.autograd.grad(mean, (a, b))]

    plain = each_and_gradients()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(losses, "TILED", 0)
        for limit, value in {"ROWS": rows, "FEW": few, "CACHED": cached, "SMALL": small}.items():
            patch.setattr(tiles, limit, value)
        blocks = each_and_gradients()
    scale = (1 + 1 / t) * (1 + max(g.abs().max().item() for g in plain))
    for x, y in zip(plain, blocks, strict=True):
        assert (x - y).abs().max() < 1e-13 * scale


@pytest.mark.parametrize("name", SOFTMAX)
@given(batch=batches())
def test_losses_lie_between_zero_and_a_bound(name, batch):
    """At worst the positive is opposite and all candidates are alike: 2/tau + log of them."""
    a, b, t, _ = batch
    each = LOSSES[name](a, b, t, reduction="none")
    candidates = 2 * len(a) - 1 if name == "nt_xent" else len(a)
    assert each.min() >= 0
    assert each.max().item() <= 2 / t + math.log(candidates) + 1e-9


@pytest.mark.parametrize("name", LOSSES)
@given(batch=batches())
def test_gradients_are_tangent_and_sum_to_no_rotation(name, batch):
    """Along a row the loss is flat; turning both batches together changes nothing."""
    a, b, t, _ = (x.requires_grad_() if isinstance(x, torch.Tensor) else x for x in batch)
    da, db = torch.autograd.grad(LOSSES[name](a, b, t), (a, b))
    size = 1e-12 * (1 + 1 / t) * (1 + da.abs().max() * a.abs().max())
    assert (da * a).sum(1).abs().max() < size
    torque = a.T @ da - da.T @ a + b.T @ db - db.T @ b
    assert torque.abs().max() < 100 * size

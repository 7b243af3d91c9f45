"""A stack of trainings is the same trainings, done at once."""

import json
import math

import pytest
import torch

import infonce
from infonce.train import load_digits, simclr, stacked_nt_xent, sweep
from infonce.train.records import code_hash
from tests.bench_sweep import MEASURED, RESULT


@pytest.fixture(scope="module")
def images():
    return load_digits().images[:200]


def embeddings(*shape):
    g = torch.Generator().manual_seed(0)
    z = torch.randn(*shape, generator=g, dtype=torch.float64)
    return z / z.norm(dim=-1, keepdim=True)


def test_each_slice_has_the_loss_of_the_package():
    z, taus = embeddings(3, 10, 4), [0.05, 0.5, 2.0]
    mine = stacked_nt_xent(z, torch.tensor(taus, dtype=torch.float64))
    for k, tau in enumerate(taus):
        expected = infonce.nt_xent(z[k, :5], z[k, 5:], temperature=tau)
        assert mine[k].item() == pytest.approx(expected.item(), rel=1e-12)


def test_a_weight_multiplies_its_negative():
    """Read aloud for one anchor; the weights of self and partner are ignored."""
    z, tau = embeddings(1, 6, 3), 0.3
    weight = torch.arange(1.0, 37.0, dtype=torch.float64).reshape(6, 6)
    total = 0.0
    for i in range(6):
        partner = (i + 3) % 6
        s = (z[0] @ z[0, i]).tolist()
        others = [k for k in range(6) if k not in (i, partner)]
        odds = sum(weight[i, k].item() * math.exp((s[k] - s[partner]) / tau) for k in others)
        total += math.log(1 + odds) / 6
    assert stacked_nt_xent(z, tau, weight.log()).item() == pytest.approx(total, rel=1e-12)


def test_a_candidate_without_weight_is_not_there():
    z = embeddings(1, 8, 3)
    gone = torch.zeros(8, 8, dtype=torch.float64)
    gone[:, [3, 7]] = gone[[3, 7], :] = -math.inf
    kept = z[:, [0, 1, 2, 4, 5, 6]]
    with_three = stacked_nt_xent(kept, 0.5) * 6 / 8  # rows 3 and 7 have no negatives: loss 0
    assert stacked_nt_xent(z, 0.5, gone).item() == pytest.approx(with_three.item(), rel=1e-12)


def test_a_slice_of_the_stack_is_the_run_alone(images):
    """Same weights, batches and views; sums in another order differ in the last bits only."""
    taus = torch.tensor([0.1, 0.5, 0.1])
    stack = sweep(
        images,
        lambda z, _: stacked_nt_xent(z, taus),
        seeds=[0, 0, 7],
        steps=12,
        batch_size=32,
    )
    for encoder, tau, seed in zip(stack, taus.tolist(), [0, 0, 7], strict=True):
        alone = simclr(
            images, temperature=tau, seed=seed, steps=12, batch_size=32, progress=False
        ).encoder
        for mine, theirs in zip(encoder.parameters(), alone.parameters(), strict=True):
            torch.testing.assert_close(mine, theirs, rtol=1e-3, atol=2e-4)
    assert not torch.equal(stack[0].head.weight, stack[1].head.weight)
    assert not torch.equal(stack[0].head.weight, stack[2].head.weight)


def test_the_loss_is_told_which_pictures_it_sees(images):
    seen = []

    def loss(z, rows):
        seen.append((z.shape, rows))
        return stacked_nt_xent(z, 0.5)

    sweep(images, loss, seeds=[3, 4, 3], steps=2, batch_size=16)
    shape, rows = seen[0]
    assert shape == (3, 32, 32)
    assert torch.equal(rows[0], rows[2])
    assert not torch.equal(rows[0], rows[1])
    assert not torch.equal(rows, seen[1][1])


def test_what_was_measured_is_this_code():
    """After a change of what it measures: python tests/bench_sweep.py."""
    assert json.loads(RESULT.read_text())["code"] == code_hash(MEASURED)

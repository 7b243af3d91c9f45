"""The learned scale and the queue: start, limit, order, what is saved, what is refused."""

import copy
import io
import math
import re

import pytest
import torch

from infonce import LogitScale, MoCoQueue, clip_loss, info_nce


def rows(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def refused(error, message):
    return pytest.raises(error, match=re.escape(message))


# ---- the scale


def test_scale_starts_at_the_inverse_of_its_temperature():
    assert LogitScale().log_scale.item() == pytest.approx(math.log(1 / 0.07), rel=1e-7)
    assert LogitScale()().item() == pytest.approx(14.2857143, rel=1e-6)
    assert LogitScale(temperature=0.1)().item() == pytest.approx(10, rel=1e-6)


def test_scale_learns_its_logarithm():
    """dL/dt = alpha dL/dalpha; two images and texts whose cosines are .8 .3 / .1 .6."""
    s = torch.tensor([[0.8, 0.3], [0.1, 0.6]], dtype=torch.float64)
    image = torch.cat([torch.eye(2), torch.zeros(2, 2)], dim=1).double()
    text = torch.cat([s.T, torch.diag((1 - s.square().sum(0)).sqrt())], dim=1)
    scale = LogitScale(temperature=0.2).double()
    clip_loss(image, text, logit_scale=scale()).backward()
    assert scale.log_scale.grad.item() == pytest.approx(-0.188880498361375, rel=1e-6)


def test_scale_at_its_limit_still_learns_and_comes_back():
    good, bad = torch.eye(4), torch.eye(4)[[1, 0, 3, 2]]
    scale = LogitScale(temperature=0.0101)
    optimizer = torch.optim.SGD(scale.parameters(), lr=1.0)
    scale.log_scale.data += 1.0  # far beyond
    scale.clamp_()
    assert scale().item() == pytest.approx(100, rel=1e-6)
    for text, ends_below in [(good, False), (bad, True)]:
        optimizer.zero_grad()
        clip_loss(torch.eye(4), text, logit_scale=scale()).backward()
        assert scale.log_scale.grad is not None
        if ends_below:
            assert scale.log_scale.grad.item() == pytest.approx(100, rel=1e-3)
        optimizer.step()
        scale.clamp_()
        assert (scale().item() < 99) == ends_below


def test_scale_below_its_limit_is_left_alone():
    scale = LogitScale(maximum=50)
    before = scale().item()
    scale.clamp_()
    assert scale().item() == before
    scale.log_scale.data.fill_(9.0)
    scale.clamp_()
    assert scale().item() == pytest.approx(50, rel=1e-6)


def test_scale_is_one_saved_parameter():
    scale = LogitScale()
    assert list(scale.state_dict()) == ["log_scale"]
    assert [p.shape for p in scale.parameters()] == [torch.Size([])]
    assert "maximum=100" in repr(scale)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"temperature": 0.0}, ValueError, "temperature must be a number"),
        ({"temperature": "0.07"}, TypeError, "temperature must be a number"),
        ({"temperature": math.nan}, ValueError, "temperature must be a number"),
        ({"maximum": -1.0}, ValueError, "maximum must be a number"),
        ({"temperature": 0.005}, ValueError, "temperature must be at least 1/maximum, got"),
    ],
)
def test_scale_refuses(arguments, error, message):
    with refused(error, message):
        LogitScale(**arguments)
    LogitScale(temperature=0.01)  # exactly the limit


# ---- the queue


def numbered(first, n, width=8):
    """Rows that can be told apart: row i points i steps of 0.1 rad round a circle."""
    angle = 0.1 * torch.arange(first, first + n)
    return torch.cat([angle.cos()[:, None], angle.sin()[:, None], torch.zeros(n, width - 2)], 1)


def numbers(queue):
    return (torch.atan2(queue.keys[:, 1], queue.keys[:, 0]) / 0.1).round().int().tolist()


def test_queue_starts_with_random_unit_rows():
    queue = MoCoQueue(500, 8, generator=torch.Generator().manual_seed(0))
    again = MoCoQueue(500, 8, generator=torch.Generator().manual_seed(0))
    assert torch.equal(queue.keys, again.keys)
    torch.testing.assert_close(queue.keys.norm(dim=1), torch.ones(500))
    assert queue.keys.mean(0).norm() < 0.1
    assert not list(queue.parameters())


def test_queue_is_first_in_first_out_and_wraps_around():
    """Batches of 3 into 7 places, against a plain list."""
    queue, kept = MoCoQueue(7, 8), []
    for batch in range(1, 20, 3):
        queue.enqueue(5.0 * numbered(batch, 3))
        kept = [*kept, *range(batch, batch + 3)][-7:]
        if len(kept) == 7:
            assert sorted(numbers(queue)) == kept
            oldest = queue.oldest.item()
            assert numbers(queue)[oldest:] + numbers(queue)[:oldest] == kept
    torch.testing.assert_close(queue.keys.norm(dim=1), torch.ones(7))


@pytest.mark.parametrize("before", [0, 2])
def test_a_batch_larger_than_the_queue_leaves_its_last_rows(before):
    queue = MoCoQueue(4, 8)
    if before:
        queue.enqueue(numbered(20, before))
    queue.enqueue(numbered(0, 11))
    oldest = queue.oldest.item()
    assert numbers(queue)[oldest:] + numbers(queue)[:oldest] == [7, 8, 9, 10]


def test_queue_is_saved_and_goes_on_where_it_was():
    queue = MoCoQueue(5, 8)
    queue.enqueue(numbered(0, 3))
    file = io.BytesIO()
    torch.save(queue.state_dict(), file)
    file.seek(0)
    loaded = MoCoQueue(5, 8)
    loaded.load_state_dict(torch.load(file))
    for q in (queue, loaded):
        q.enqueue(numbered(3, 3))
    assert torch.equal(queue.keys, loaded.keys)
    assert numbers(loaded) == [5, 1, 2, 3, 4]
    with pytest.raises(RuntimeError, match="size mismatch"):
        loaded.load_state_dict(MoCoQueue(6, 8).state_dict())


def test_queue_as_negatives():
    """4,096 keys at right angles, a positive at 1, tau = .2: log(1 + 4096 e^-5)."""
    queue = MoCoQueue(4096, 3)
    queue.enqueue(torch.tensor([[0.0, 1.0, 0.0]]).expand(4096, 3))
    q = torch.tensor([[1.0, 0.0, 0.0]], requires_grad=True)
    loss = info_nce(q, q.detach(), queue.keys, temperature=0.2)
    assert loss.item() == pytest.approx(math.log1p(4096 * math.exp(-5)), rel=1e-6)
    assert loss.item() == pytest.approx(3.35335884633922, rel=1e-6)


def test_a_step_may_enqueue_before_the_backward_pass():
    queue, q, k = MoCoQueue(6, 8), rows(4, 8).requires_grad_(), rows(4, 8, seed=1).requires_grad_()
    other = copy.deepcopy(queue)
    late = info_nce(q, k, queue.keys, temperature=0.2)
    queue.enqueue(k)
    early = info_nce(q, k, other.keys, temperature=0.2)
    for loss in (late, early):
        loss.backward()
    grads = [torch.autograd.grad(info_nce(q, k, other.keys, temperature=0.2), q)[0] for _ in "12"]
    torch.testing.assert_close(q.grad, grads[0] + grads[1])
    assert not queue.keys.requires_grad


def test_queue_takes_the_dtype_of_its_module():
    queue = MoCoQueue(4, 8).double()
    queue.enqueue(numbered(0, 4).half())
    assert queue.keys.dtype == torch.float64
    assert numbers(queue) == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (torch.ones(2, 5), ValueError, "keys must be (N, 8), got (2, 5)"),
        (torch.ones(8), ValueError, "keys must be (N, d) with N, d >= 1, got (8,)"),
        (torch.ones(0, 8), ValueError, "keys must be (N, d) with N, d >= 1, got (0, 8)"),
        (torch.zeros(2, 8), ValueError, "keys must have finite non-zero rows, got row 0"),
        (torch.ones(2, 8).long(), TypeError, "keys must be floating point"),
        ([[1.0] * 8], TypeError, "keys must be a torch.Tensor, got list"),
        (torch.ones(2, 8, device="meta"), ValueError, "keys must be on cpu, got meta"),
    ],
)
def test_queue_refuses(bad, error, message):
    queue = MoCoQueue(4, 8)
    before = queue.keys.clone()
    with refused(error, message):
        queue.enqueue(bad)
    assert torch.equal(queue.keys, before)
    assert queue.oldest == 0


def test_queue_refuses_sizes():
    with refused(ValueError, "size must be at least 1, got 0"):
        MoCoQueue(0, 8)
    with refused(TypeError, "width must be an integer, got float"):
        MoCoQueue(4, 8.0)

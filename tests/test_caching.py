"""Gradient caching: the gradients of the whole batch, its dropout, its memory, what is refused."""

import copy
import re

import pytest
import torch
from torch import nn

from infonce import CachedEncoder, LogitScale, clip_loss, info_nce, nt_xent


def rows(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def encoder(*extra, width=8, seed=0):
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        layers = nn.Linear(6, width), nn.LayerNorm(width), nn.GELU(), *extra, nn.Linear(width, 4)
        return nn.Sequential(*layers).double()


def gradients(*modules):
    grads = [p.grad.clone() for m in modules for p in m.parameters()]
    for module in modules:
        module.zero_grad()
    return grads


def assert_same(some, others, rtol=1e-12):
    for a, b in zip(some, others, strict=True):
        torch.testing.assert_close(a, b, rtol=rtol, atol=rtol)


@pytest.mark.parametrize("chunk_size", [1, 3, 5, 10, 64])
def test_gradients_are_those_of_the_whole_batch(chunk_size):
    f, x1, x2 = encoder(), rows(10, 6), rows(10, 6, seed=1).requires_grad_()
    loss = nt_xent(f(x1), f(x2))
    loss.backward()
    whole, on_input = gradients(f), x2.grad.clone()
    x2.grad = None
    cached = CachedEncoder(f, chunk_size)
    again = nt_xent(cached(x1), cached(x2))
    again.backward()
    assert again.item() == pytest.approx(loss.item(), rel=1e-14)
    assert_same(gradients(f), whole)
    assert_same([x2.grad], [on_input])


def test_gradients_of_small_batches_added_up_are_others():
    """Which is why this exists: the negatives of other chunks are lost."""
    f, x1, x2 = encoder(), rows(10, 6), rows(10, 6, seed=1)
    nt_xent(f(x1), f(x2)).backward()
    whole = torch.cat([g.flatten() for g in gradients(f)])
    for a, b in zip(x1.split(5), x2.split(5), strict=True):
        (nt_xent(f(a), f(b)) / 2).backward()
    added = torch.cat([g.flatten() for g in gradients(f)])
    assert (added - whole).norm() > 0.05 * whole.norm()


def test_two_encoders_and_a_learned_scale():
    f, g, scale = encoder(), encoder(seed=1), LogitScale().double()
    images, texts = rows(11, 6), rows(11, 6, seed=1)
    clip_loss(f(images), g(texts), logit_scale=scale()).backward()
    whole = gradients(f, g, scale)
    image, text = CachedEncoder(f, 4), CachedEncoder(g, 3)
    clip_loss(image(images), text(texts), logit_scale=scale()).backward()
    assert_same(gradients(f, g, scale), whole)


def test_dropout_draws_the_same_numbers_again():
    """Against the same chunks encoded in the same order with everything kept."""
    f, x = encoder(nn.Dropout(0.5)), rows(10, 6)
    cached = CachedEncoder(f, 3)

    def kept(x):
        return torch.cat([f(chunk) for chunk in x.split(3)])

    results = []
    with torch.random.fork_rng():
        for encode in (kept, cached):
            torch.manual_seed(0)
            loss = info_nce(encode(x), encode(x))  # SimCSE: two dropouts of the same rows
            torch.randn(7)  # somebody draws in between
            loss.backward()
            results.append((loss.item(), gradients(f), torch.randn(3).tolist()))
    (loss, kept_grads, after), (again, cached_grads, after_too) = results
    assert again == loss
    assert loss > 0.01
    assert_same(cached_grads, kept_grads)
    assert after_too == after  # the stream of random numbers goes on as if nothing had been


def test_autocast_is_as_in_the_forward_pass_and_sums_stay_exact():
    """Backward outside of autocast, 64 chunks: no worse than the whole batch in bfloat16."""
    f, x = encoder(width=64).float(), rows(256, 6, dtype=torch.float32)
    f(x).square().mean().backward()
    exact = torch.cat([g.flatten() for g in gradients(f)])
    errors = []
    for encode in (f, CachedEncoder(f, 256), CachedEncoder(f, 4)):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            z = encode(x)
            assert z.dtype == torch.bfloat16
            loss = z.float().square().mean()
        loss.backward()
        grad = torch.cat([g.flatten() for g in gradients(f)])
        errors.append(((grad - exact).norm() / exact.norm()).item())
    whole, one_chunk, chunks = errors
    assert 1e-4 < whole < 0.02
    assert one_chunk == pytest.approx(whole, rel=1e-6)
    assert chunks < 1.2 * whole


def test_scaled_losses_scale_the_gradients():
    f, x = encoder(), rows(10, 6)
    cached = CachedEncoder(f, 4)
    nt_xent(cached(x), x[:, :4]).backward()
    plain = gradients(f)
    (nt_xent(cached(x), x[:, :4]) * 65536.0).backward()
    assert_same([g / 65536.0 for g in gradients(f)], plain)


def test_named_inputs_are_cut_and_other_things_handed_on():
    class Masked(nn.Module):
        def __init__(self):
            super().__init__()
            self.linear = nn.Linear(6, 4).double()
            self.seen = []

        def forward(self, x, *, mask, power, shift, debug):
            self.seen.append(len(x))
            return (self.linear(x) * mask[:, None]) ** power + (shift if debug else 0.0)

    f = Masked()
    options = {"mask": rows(7, seed=1), "power": 2, "shift": torch.tensor(1.0)}
    options["debug"] = True  # the function underneath has an option of this name
    whole = f(rows(7, 6), **options)
    f.seen.clear()
    parts = CachedEncoder(f, 3)(rows(7, 6), **options)
    assert f.seen == [3, 3, 1]
    assert_same([parts], [whole])


def test_without_gradients_nothing_is_kept_or_repeated():
    f, x = encoder(), rows(10, 6)
    with torch.no_grad():
        z = CachedEncoder(f, 4)(x)
    assert not z.requires_grad
    assert_same([z], [f(x)])


def peak_memory(work):
    """Bytes of tensors on top of those that were there before, at the worst moment."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # waiting threads make the profiler slow
    activities = [torch.profiler.ProfilerActivity.CPU]
    with torch.profiler.profile(activities=activities, profile_memory=True) as profile:
        work()
    torch.set_num_threads(threads)
    events = profile.profiler.kineto_results.events()
    changes = sorted((e.start_ns(), e.nbytes()) for e in events if e.name() == "[memory]")
    most = now = 0
    for _, change in changes:
        now += change
        most = max(most, now)
    return most


def test_memory_is_that_of_a_chunk():
    layers = [layer for _ in range(4) for layer in (nn.Linear(128, 128), nn.GELU())]
    f, x = nn.Sequential(*layers, nn.Linear(128, 8)), rows(1024, 128, dtype=torch.float32)

    def step(encode):
        encode(x).square().sum().backward()

    peaks = {}
    for size in (1024, 256, 64):
        encode = f if size == 1024 else CachedEncoder(f, size)
        f.zero_grad(set_to_none=True)
        peaks[size] = peak_memory(lambda encode=encode: step(encode)) / 2**20
    activations = 8 * 1024 * 128 * 4 / 2**20  # of four linear layers and four GELUs: 4 MiB
    assert peaks[1024] > activations
    assert peaks[256] < activations / 4 + 1  # and the gradients of the weights, twice 0.26 MiB
    assert peaks[64] < activations / 16 + 1


@pytest.mark.parametrize("norm", [nn.BatchNorm1d(8), nn.SyncBatchNorm(8), nn.LazyBatchNorm1d()])
def test_batch_normalisation_is_refused_in_training_mode(norm):
    cached = CachedEncoder(encoder(norm.double()), 4)
    with pytest.raises(ValueError, match="batch normalisation in training mode"):
        cached(rows(10, 6))


def test_batch_normalisation_with_fixed_statistics_is_welcome():
    f = encoder(nn.BatchNorm1d(8).double())
    for _ in range(3):
        f(rows(10, 6))  # running statistics
    f.eval()
    x = rows(10, 6, seed=1)
    nt_xent(f(x), x[:, :4]).backward()
    whole, statistics = gradients(f), copy.deepcopy(f.state_dict())
    nt_xent(CachedEncoder(f, 3)(x), x[:, :4]).backward()
    assert_same(gradients(f), whole)
    assert all(torch.equal(v, statistics[k]) for k, v in f.state_dict().items())
    f[3].running_mean = f[3].running_var = None  # statistics of the batch even so
    with pytest.raises(ValueError, match="batch normalisation"):
        CachedEncoder(f, 3)(x)


def refused(error, message):
    return pytest.raises(error, match=re.escape(message))


def test_bad_input_is_refused():
    f = encoder()
    with refused(ValueError, "chunk_size must be at least 1, got 0"):
        CachedEncoder(f, 0)
    with refused(TypeError, "chunk_size must be an integer, got float"):
        CachedEncoder(f, 2.0)
    want = "inputs must be tensors with the same number of rows, got "
    for inputs, got in [((), "[]"), (("text",), "[]"), ((torch.ones(0, 6),), "[(0, 6)]")]:
        with refused(ValueError, want + got):
            CachedEncoder(f, 2)(*inputs)
    with refused(ValueError, want + "[(3, 6), (2,)]"):
        CachedEncoder(f, 2)(rows(3, 6), rows(2))
    with refused(TypeError, "encoder must be a torch.nn.Module, got function"):
        CachedEncoder(lambda x: x, 2)  # pyright: ignore
    with refused(TypeError, "encoder must give a torch.Tensor, got tuple"):
        CachedEncoder(nn.LSTM(6, 4).double(), 2)(rows(3, 6))
    with refused(ValueError, "encoder must give 2 rows for 2, got (12,)"):
        CachedEncoder(nn.Flatten(0), 2)(rows(4, 6))

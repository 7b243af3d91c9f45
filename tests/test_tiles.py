"""Losses in blocks: values and gradients of the equation and the plain form, without the matrix."""

import math
import subprocess
import sys

import pytest
import torch

from infonce import (
    clip_loss,
    info_nce,
    info_nce_from_similarity,
    losses,
    nt_xent,
    reference,
    siglip_loss,
    sup_con,
    tiles,
)
from tests.largest import Largest

EPS = torch.finfo(torch.float32).eps
N, D, M = 19, 5, 7


def rows(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def integers(n, below, seed=0):
    return torch.randint(below, (n,), generator=torch.Generator().manual_seed(seed))


@pytest.fixture(params=[(4, 0, 0, 3), (8, 0, 0, 5), (8, 0, 2**22, 5), (4, 200, 0, 3), None])
def in_blocks(request, monkeypatch):
    """Whatever the size, in blocks: all made once or twice, with so many rows and keys each."""
    monkeypatch.setattr(losses, "TILED", 0)
    names = ("ROWS", "CACHED", "SMALL", "FEW") if request.param else ()
    for name, value in zip(names, request.param or (), strict=True):
        monkeypatch.setattr(tiles, name, value)


@pytest.fixture(params=["made once", "made twice"])
def passes(request, monkeypatch):
    """Whether a second pass finds the logits of the first."""
    if request.param == "made twice":
        monkeypatch.setattr(tiles, "SMALL", 0)


LABELS = integers(N, 8)  # classes of one, two and more
A, B, C = rows(N, D), rows(N, D, seed=1), rows(M, D, seed=2)
# name -> function of tensors and options, the tensors, the scale's argument, losses, columns
CASES = {
    "info_nce": (info_nce, (A, B), "temperature", N, N),
    "queue": (info_nce, (A, B, C), "temperature", N, M),
    "in batch and queue": (
        lambda *z, **o: info_nce(*z, in_batch=True, **o),
        (A, B, C),
        "temperature",
        N,
        N + M,
    ),
    "nt_xent": (nt_xent, (A, B), "temperature", 2 * N, 2 * N),
    "clip_loss": (clip_loss, (A, B), "logit_scale", N, N),
    "siglip_loss": (siglip_loss, (A, B), "logit_scale", N, N),
    "sup_con": (lambda z, **o: sup_con(z, LABELS, **o), (A,), "temperature", N, N),
}
LITERAL = {
    "info_nce": reference.info_nce,
    "queue": reference.info_nce,
    "in batch and queue": lambda *z, **o: reference.info_nce(*z, in_batch=True, **o),
    "nt_xent": reference.nt_xent,
    "clip_loss": reference.clip_loss,
    "siglip_loss": reference.siglip_loss,
    "sup_con": lambda z, **o: reference.sup_con(z, LABELS, **o),
}


def options(case, which):
    """Options of a case, none of them touching a positive."""
    _, _, _, count, columns = CASES[case]
    exclude = torch.rand(count, columns, generator=torch.Generator().manual_seed(3)) < 0.3
    if case == "sup_con":
        exclude &= LABELS[:, None] != LABELS
    elif case != "queue":
        for offset in (N, -N) if case == "nt_xent" else (0,):
            exclude.diagonal(offset).fill_(False)
    weights = torch.rand(count, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    given = {"exclude": exclude, "ids": integers(N, 9, seed=5), "weights": weights}
    return {name: given[name] for name in which.split() if name != "plain"}


def scaled(case, temperature, tensor=False):
    name = CASES[case][2]
    value = 1 / temperature if name == "logit_scale" else temperature
    number = {name: torch.tensor(value, dtype=torch.float64) if tensor else value}
    bias = torch.tensor(-3.0, dtype=torch.float64) if tensor else -3.0
    return number | ({"logit_bias": bias} if case == "siglip_loss" else {})


OPTIONS = ["plain", "exclude", "ids", "weights", "exclude ids weights"]


@pytest.mark.parametrize("which", OPTIONS)
@pytest.mark.parametrize("temperature", [0.01, 0.2, 5.0])
@pytest.mark.parametrize("case", CASES)
def test_options_are_the_equation(case, temperature, which):
    call, z, *_ = CASES[case]
    given = options(case, which) | scaled(case, temperature)
    for reduction in ("none", "mean", "sum"):
        expected = LITERAL[case](*z, **given, reduction=reduction)
        value = call(*z, **given, reduction=reduction)
        assert value.numpy() == pytest.approx(expected, rel=1e-11, abs=1e-12), reduction


@pytest.mark.usefixtures("in_blocks")
@pytest.mark.parametrize("which", OPTIONS)
@pytest.mark.parametrize("temperature", [0.01, 0.2])
@pytest.mark.parametrize("case", CASES)
def test_blocks_give_values_and_gradients_of_the_plain_form(case, temperature, which, monkeypatch):
    call, z, *_ = CASES[case]
    given = options(case, which)

    def run(reduction):
        inputs = [x.clone().requires_grad_() for x in z]
        numbers = {k: v.requires_grad_() for k, v in scaled(case, temperature, True).items()}
        loss = call(*inputs, **given, **numbers, reduction=reduction)
        upstream = torch.linspace(-0.7, 1.5, max(loss.numel(), 1)).double().reshape(loss.shape)
        inputs += numbers.values()
        return loss, torch.autograd.grad((loss * upstream).sum(), inputs)

    for reduction in ("none", "mean", "sum"):
        value, gradients = run(reduction)
        with monkeypatch.context() as patch:
            patch.setattr(losses, "TILED", 10**9)
            expected, right = run(reduction)
        assert value.detach().numpy() == pytest.approx(expected.detach().numpy(), rel=1e-12)
        for gradient, g in zip(gradients, right, strict=True):
            limit = 1e-12 * g.abs().max().item()
            assert gradient.numpy() == pytest.approx(g.numpy(), rel=1e-11, abs=limit)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
@pytest.mark.parametrize("tiled", [0, 10**9])
@pytest.mark.parametrize("case", CASES)
def test_gradients_of_half_precision_are_rounded_once(case, tiled, dtype, monkeypatch):
    monkeypatch.setattr(losses, "TILED", tiled)
    call, z, *_ = CASES[case]
    half = [x.to(dtype).requires_grad_() for x in z]
    single = [x.detach().float().requires_grad_() for x in half]
    for inputs in (half, single):
        call(*inputs, **scaled(case, 0.2)).backward()
    for x, y in zip(half, single, strict=True):
        assert torch.equal(x.grad, y.grad.to(dtype))


@pytest.mark.parametrize("small", [0, 2**22])
@pytest.mark.parametrize(
    ("d", "cached", "block", "height", "of_self"),
    [
        (D, 0, 2**23, 48, 48),
        (D, 64 * 200, 2**23, 64, 48),
        (D, 2**20, 2**23, 200, 48),
        (D, 2**20, 40 * 200, 40, 40),
        (D, 0, 1, 32, 32),
        (80, 0, 2**23, 80, 80),
    ],
)
@pytest.mark.parametrize("case", ["info_nce", "clip_loss", "siglip_loss", "sup_con"])
def test_blocks_have_more_rows_of_few_or_long_keys_and_fewer_of_very_many(
    case, d, cached, block, height, of_self, small, monkeypatch
):
    settings = {"ROWS": 48, "CACHED": cached, "BLOCK": block, "SMALL": small}
    for name, number in settings.items():
        monkeypatch.setattr(tiles, name, number)
    monkeypatch.setattr(losses, "TILED", 0)
    heights: list[int] = []
    plain = tiles.leave_out
    monkeypatch.setattr(tiles, "leave_out", lambda z, *a: heights.append(len(z)) or plain(z, *a))
    a, b, labels = rows(200, d).requires_grad_(), rows(200, d, seed=1), integers(200, 9)
    call = (lambda z, _, **o: sup_con(z, labels, **o)) if case == "sup_con" else CASES[case][0]
    value = call(a, b, **scaled(case, 0.2))
    assert max(heights) == (of_self if case == "sup_con" else height)
    twice = 1 + (case in ("clip_loss", "sup_con") and not small)
    assert sum(heights) == 200 * twice
    monkeypatch.setattr(losses, "TILED", 10**9)
    assert value.item() == pytest.approx(call(a, b, **scaled(case, 0.2)).item(), rel=1e-12)


# ---- float32 at a size that is large by itself

LARGE = 600
BIG = {
    "info_nce": lambda a, b, tau: info_nce(a, b, temperature=tau),
    "nt_xent": lambda a, b, tau: nt_xent(a, b, temperature=tau),
    "clip_loss": lambda a, b, tau: clip_loss(a, b, logit_scale=1 / tau),
    "siglip_loss": lambda a, b, tau: siglip_loss(a, b, logit_scale=1 / tau, logit_bias=-10.0),
    "sup_con": lambda a, b, tau: sup_con(
        torch.cat([a, b]), integers(2 * LARGE, 100), temperature=tau
    ),
}


def big(seed=0):
    a = rows(LARGE, 16, seed=seed, dtype=torch.float32)
    return a, a + rows(LARGE, 16, seed=seed + 1, dtype=torch.float32)


@pytest.mark.usefixtures("passes")
@pytest.mark.parametrize("temperature", [0.005, 0.05, 0.5, 10.0])
@pytest.mark.parametrize("name", BIG)
def test_float32_is_as_exact_as_its_format_and_as_the_plain_form(name, temperature, monkeypatch):
    bound = 16 * EPS * (1 / temperature + math.log(2 * LARGE) + 1)
    if name == "siglip_loss":
        bound *= LARGE  # a sum of N terms, each with the error of a logit
    of_blocks, of_plain = 0.0, 0.0
    for seed in (0, 10, 20):
        a, b = big(seed)
        value = BIG[name](a, b, temperature)
        with monkeypatch.context() as patch:
            patch.setattr(losses, "TILED", 10**9)
            plain, exact = (
                BIG[name](x, y, temperature) for x, y in [(a, b), (a.double(), b.double())]
            )
        assert value.dtype == torch.float32
        of_blocks = max(of_blocks, abs(value.item() - exact.item()))
        of_plain = max(of_plain, abs(plain.item() - exact.item()))
    last_digit = EPS * abs(exact.item())
    assert of_blocks <= bound
    assert of_blocks <= of_plain + last_digit


@pytest.mark.usefixtures("passes")
@pytest.mark.parametrize("temperature", [0.005, 0.1])
@pytest.mark.parametrize("name", BIG)
def test_float32_gradients_are_as_good_as_the_plain_form(name, temperature, monkeypatch):
    def gradient(a, b):
        a, b = a.clone().requires_grad_(), b.clone().requires_grad_()
        return torch.autograd.grad(BIG[name](a, b, temperature), (a, b))

    a, b = big()
    found = gradient(a, b)
    monkeypatch.setattr(losses, "TILED", 10**9)
    plain, exact = gradient(a, b), gradient(a.double(), b.double())
    for f, p, e in zip(found, plain, exact, strict=True):
        assert (f - e).norm() <= 2 * (p - e).norm() + 1e-7 * e.norm()


@pytest.mark.parametrize("scale", [1e-20, 1e20])
@pytest.mark.parametrize("name", BIG)
def test_the_length_of_rows_divides_the_gradient(name, scale):
    a, b = big()
    plain, long = a.clone().requires_grad_(), (a * scale).requires_grad_()
    expected, value = BIG[name](plain, b, 0.1), BIG[name](long, b, 0.1)
    assert value.item() == pytest.approx(expected.item(), rel=1e-5)
    expected.backward()
    value.backward()
    limit = 1e-5 * plain.grad.abs().max().item()
    assert (long.grad * scale).numpy() == pytest.approx(plain.grad.numpy(), rel=1e-3, abs=limit)


@pytest.mark.parametrize("temperature", [0.01, 0.02, 0.5])
def test_collapse_twins_strangers_and_opposites(temperature):
    one = torch.ones(LARGE, 4)
    basis = torch.eye(2 * LARGE)
    near = pytest.approx
    for a, b in [(one, one), (basis[:LARGE], basis[LARGE:])]:
        assert info_nce(a, b, temperature=temperature).item() == near(math.log(LARGE), rel=1e-6)
        n = 2 * LARGE - 1
        assert nt_xent(a, b, temperature=temperature).item() == near(math.log(n), rel=1e-6)
        loss = clip_loss(a, b, logit_scale=1 / temperature)
        assert loss.item() == near(math.log(LARGE), rel=1e-6)
    z = torch.eye(LARGE)
    tiny = (LARGE - 1) * math.exp(-1 / temperature)
    for loss in (
        info_nce(z, z, temperature=temperature),
        clip_loss(z, z, logit_scale=1 / temperature),
    ):
        assert loss.item() == near(math.log1p(tiny), rel=1e-5, abs=0)
    assert nt_xent(z, z, temperature=temperature).item() == near(
        math.log1p(2 * tiny), rel=1e-5, abs=0
    )
    loss = info_nce(z, -z, temperature=temperature).item()
    assert loss == near(
        1 / temperature + math.log(LARGE - 1 + math.exp(-1 / temperature)), rel=1e-6
    )


@pytest.mark.parametrize("temperature", [0.0125, 0.1])
def test_near_perfect_rows_keep_their_gradients(temperature):
    z = torch.eye(LARGE).requires_grad_()
    (gradient,) = torch.autograd.grad(info_nce(z, z.detach(), temperature=temperature), z)
    p = math.exp(-1 / temperature)
    push = p / (1 + (LARGE - 1) * p) / (LARGE * temperature)
    off = gradient[~torch.eye(LARGE, dtype=torch.bool)]
    assert off.min().item() == pytest.approx(push, rel=1e-4, abs=0)
    assert off.max().item() == pytest.approx(push, rel=1e-4, abs=0)


@pytest.mark.parametrize("bias", [-40.0, 0.0, 20.0])
@pytest.mark.parametrize("scale", [0.1, 5.0, 19.0, 30.0, 39.0, 44.0, 60.0, 90.0])
def test_siglip_of_rows_that_all_coincide(scale, bias):
    """No logit can be larger: the product of many 1 + e^x must still fit float32."""
    z = torch.ones(LARGE, 4).requires_grad_()
    b = torch.tensor(bias, requires_grad=True)
    loss = siglip_loss(z, z.detach(), logit_scale=scale, logit_bias=b)
    loss.backward()
    x = scale + bias
    softplus = [max(y, 0) + math.log1p(math.exp(-abs(y))) for y in (-x, x)]
    expected = softplus[0] + (LARGE - 1) * softplus[1]
    assert loss.item() == pytest.approx(expected, rel=4e-6)
    slope = (LARGE - 1) / (1 + math.exp(-x)) - 1 / (1 + math.exp(x))
    assert b.grad.item() == pytest.approx(slope, rel=4e-6)


@pytest.mark.parametrize("name", ["info_nce", "nt_xent", "clip_loss", "siglip_loss"])
def test_an_anchor_without_negatives_costs_nothing(name, monkeypatch):
    monkeypatch.setattr(losses, "TILED", 0)
    call, z, *_ = CASES[name]
    for temperature in (0.01, 0.2):
        z = [x.float().requires_grad_() for x in z]
        same = torch.zeros(N, dtype=torch.int64)
        loss = call(*z, **scaled(name, temperature), ids=same)
        gradients = torch.autograd.grad(loss, z)
        if name == "siglip_loss":
            expected = siglip_loss(*z, **scaled(name, temperature), exclude=~torch.eye(N).bool())
            assert loss.item() == pytest.approx(expected.item(), rel=1e-6)
        else:
            assert loss.item() == 0
            assert all(not g.any() for g in gradients)


# ---- what autograd and training loops ask for


def test_backward_twice_and_scaled_gradients():
    a, b = (x.requires_grad_() for x in big())
    for loss in (info_nce(a, b), info_nce(a, b, reduction="none").mean()):
        first = torch.autograd.grad(loss, (a, b), retain_graph=True)
        second = torch.autograd.grad(loss * 65536, (a, b))
        for g, h in zip(first, second, strict=True):
            assert torch.equal(g * 65536, h)


@pytest.mark.parametrize("name", BIG)
def test_scaled_gradients_of_half_precision_neither_vanish_nor_overflow(name):
    """As a gradient scaler asks: the scale comes before the rounding to float16."""
    half = [(256 * x).half().requires_grad_() for x in big()]  # gradients fall with the length
    (BIG[name](*half, 0.5) * 65536).backward()
    exact = [x.detach().double().requires_grad_() for x in half]
    (BIG[name](*exact, 0.5) * 65536).backward()
    for x, y in zip(half, exact, strict=True):
        if y.grad is not None:
            assert x.grad.dtype == torch.float16
            assert (x.grad - y.grad).norm() < 2**-10 * y.grad.norm()


def test_own_negatives_beside_the_batch_are_taken_some_rows_at_a_time(monkeypatch):
    """Values and gradients, also second ones, as of the whole matrix."""
    z = [x.requires_grad_() for x in (rows(N, D), rows(N, D, seed=1), rows(N, 3, D, seed=2))]
    tau = torch.tensor(0.2, dtype=torch.float64, requires_grad=True)
    exclude = torch.rand(N, N + 3, generator=torch.Generator().manual_seed(3)) < 0.3
    options = {"exclude": exclude.fill_diagonal_(False), "ids": integers(N, 9)}
    found = []
    for block in (tiles.BLOCK, 4 * N + 1):
        monkeypatch.setattr(losses, "BLOCK", block)
        loss = info_nce(*z, in_batch=True, temperature=tau, **options)
        first = torch.autograd.grad(loss, [*z, tau], create_graph=True)
        second = torch.autograd.grad(sum(g.square().sum() for g in first), z)
        found.append([loss, *first, *second])
    for whole, parts in zip(*found, strict=True):
        assert torch.allclose(whole, parts, rtol=1e-12, atol=1e-14)
    n = 1024
    monkeypatch.setattr(losses, "BLOCK", n * 64)
    a, b, own = (rows(n, *m, 4).requires_grad_() for m in ((), (), (1,)))
    with Largest() as largest:
        info_nce(a, b, own, in_batch=True).backward()
    assert largest.numel <= (n + 1) * 64


def test_only_what_is_asked_for():
    a, b = big()
    expected = torch.autograd.grad(info_nce(a.requires_grad_(), b), a)
    keys = b.clone().requires_grad_()
    both = torch.autograd.grad(info_nce(a, keys), (a, keys))
    assert torch.equal(both[0], expected[0])
    scale = torch.tensor(10.0, requires_grad=True)
    (alone,) = torch.autograd.grad(clip_loss(a.detach(), b, logit_scale=scale), scale)
    on_both = torch.autograd.grad(clip_loss(a, keys, logit_scale=scale), (a, keys, scale))
    assert alone == on_both[2]
    with torch.no_grad():
        assert not info_nce(a, keys).requires_grad
        assert info_nce(a, keys) == info_nce(a.detach(), b)


def test_second_derivatives_are_refused():
    a, b = (x.requires_grad_() for x in big())
    for reduction in ("mean", "sum"):
        loss = nt_xent(a, b, reduction=reduction)
        with pytest.raises(RuntimeError, match="no second derivatives: take a smaller batch"):
            torch.autograd.grad(loss, a, create_graph=True)


@pytest.mark.parametrize("mask", ["ids", "exclude"])
def test_masks_that_change_before_the_backward_pass_are_noticed(mask, monkeypatch):
    """Where blocks are made again, as autograd notices it of rows."""
    a, b, own = rows(N, D).requires_grad_(), rows(N, D, seed=1), rows(N, 3, D, seed=2)
    monkeypatch.setattr(losses, "TILED", 0)
    monkeypatch.setattr(losses, "BLOCK", 4 * N + 1)
    for negatives, reduction in [((), "none"), ((own,), "mean")]:
        ids, exclude = torch.arange(N), torch.zeros(N, N + 3 * len(negatives), dtype=torch.bool)
        chosen = {"ids": ids} if mask == "ids" else {"exclude": exclude}
        loss = info_nce(a, b, *negatives, in_batch=True, reduction=reduction, **chosen).sum()
        torch.autograd.grad(loss, a, retain_graph=True)
        chosen[mask][1] = 1
        with pytest.raises(RuntimeError, match="modified by an inplace operation"):
            torch.autograd.grad(loss, a)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_and_autocast_compute_in_float32(dtype):
    a, b = (x.to(dtype).requires_grad_() for x in big())
    scale = torch.tensor(20.0, requires_grad=True)
    loss = clip_loss(a, b, logit_scale=scale)
    assert loss == clip_loss(a.float(), b.float(), logit_scale=20.0)
    assert loss.dtype == torch.float32
    loss.backward()
    assert a.grad.dtype == b.grad.dtype == dtype
    assert scale.grad.dtype == torch.float32
    a, b = big()
    expected = info_nce(a, b)
    with torch.autocast("cpu", dtype=dtype):
        assert info_nce(a, b) == expected


@pytest.mark.filterwarnings("ignore")  # of torch, where it goes on without compiling
def test_compiled_code_gives_the_same():
    a, b = big()
    expected = info_nce(a, b)
    a.requires_grad_()
    found = torch.compile(info_nce, backend="eager")(a, b)
    assert found.item() == pytest.approx(expected.item(), rel=1e-6)
    found.backward()
    (right,) = torch.autograd.grad(info_nce(a, b), a)
    assert torch.allclose(a.grad, right, rtol=1e-4, atol=1e-9)


def test_arguments_are_left_as_they_were():
    a, b = big()
    before = [x.clone() for x in (a, b)]
    for name in BIG:
        BIG[name](a.requires_grad_(), b.requires_grad_(), 0.1).backward()
    assert torch.equal(a, before[0])
    assert torch.equal(b, before[1])


@pytest.mark.parametrize("name", BIG)
def test_bad_rows_are_named_in_large_batches_too(name):
    a, b = big()
    a[577] = 0
    argument = {"info_nce": "query", "nt_xent": "view1", "sup_con": "features"}.get(name, "image")
    with pytest.raises(ValueError, match=f"{argument} must have finite non-zero rows, got row 577"):
        BIG[name](a, b, 0.1)


PEAK = """
import resource, torch
from infonce import clip_loss, info_nce, nt_xent, siglip_loss
torch.set_num_threads(1)
n = 8192
a, b = (torch.randn(n, 64).requires_grad_() for _ in range(2))
clip_loss(a[:600], b[:600], logit_scale=10.0).backward()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
info_nce(a, b).backward()
clip_loss(a, b, logit_scale=100.0).backward()
siglip_loss(a, b, logit_scale=10.0, logit_bias=-10.0).backward()
nt_xent(a[: n // 2], b[: n // 2]).backward()
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_the_matrix_is_never_held():
    """One matrix of 8,192 rows is 256 MiB, the plain form holds three; here: half of one."""
    done = subprocess.run([sys.executable, "-c", PEAK], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 128


def test_similarities_still_have_second_derivatives():
    s = rows(3, 3).requires_grad_()
    (first,) = torch.autograd.grad(info_nce_from_similarity(s), s, create_graph=True)
    assert torch.autograd.grad(first.square().sum(), s)[0].abs().sum() > 0


@pytest.mark.parametrize("tiled", [0, 10**9])
@pytest.mark.parametrize(("n", "temperature"), [(1024, 0.1), (4096, 0.1), (4096, 0.005)])
def test_equal_rows_do_not_add_up_their_errors(n, temperature, tiled, monkeypatch):
    """The collapse of a class: the sum of its rows is long."""
    monkeypatch.setattr(losses, "TILED", tiled)
    row = rows(1, 3, dtype=torch.float32)
    value = sup_con(row.repeat(n, 1), torch.zeros(n).long(), temperature=temperature).item()
    bound = 16 * EPS * (1 / temperature + math.log(n) + 1)
    assert abs(value - math.log(n - 1)) <= bound


def by_logarithms(z, labels, temperature, exclude):
    """The supervised loss as a mean of logarithms of a row, as it is mostly written."""
    z = torch.nn.functional.normalize(z, dim=-1)
    itself = torch.eye(len(z), dtype=torch.bool)
    same = (labels[:, None] == labels) & ~itself
    logits = z @ z.T / temperature
    total = logits.masked_fill(itself | exclude, -torch.inf).logsumexp(1, keepdim=True)
    return ((total - logits) * same).sum(1).div(same.sum(1)).mean()


@pytest.mark.parametrize("tiled", [0, 10**9])
@pytest.mark.parametrize("excluding", [False, True])
@pytest.mark.parametrize("classes", [4, 40])
def test_gradients_of_tight_classes_keep_their_digits(classes, excluding, tiled, monkeypatch):
    """Push and pull of a positive nearly cancel; the difference of their sums has few digits."""
    monkeypatch.setattr(losses, "TILED", tiled)
    labels = torch.arange(400) % classes
    exclude = (torch.arange(400) % 7 == 0) & (labels[:, None] != labels) & excluding
    ours, usual = 0.0, 0.0
    for seed in range(3):
        centres, noise = rows(classes, 32, seed=seed), rows(400, 32, seed=seed + 3)
        z = (centres[labels] + 0.05 * noise).float()
        gradients = list[torch.Tensor]()
        for dtype in (torch.float64, torch.float32):
            x = z.to(dtype, copy=True).requires_grad_()
            by_logarithms(x, labels, 0.07, exclude).backward()
            gradients.append(x.grad)
        x = z.clone().requires_grad_()
        left = {"exclude": exclude} if excluding else {}
        sup_con(x, labels, temperature=0.07, **left).backward()
        exact, single = gradients
        ours += (x.grad - exact).norm().item() / exact.norm().item()
        usual += (single - exact).norm().item() / exact.norm().item()
    assert ours < 1.5 * usual


@pytest.mark.parametrize("quiet", [torch.no_grad, torch.inference_mode])
def test_without_gradients_none_is_made_for_a_learned_scale(quiet, monkeypatch):
    """Nor are the blocks of a second pass."""
    monkeypatch.setattr(losses, "TILED", 0)
    made: list[int] = []
    monkeypatch.setattr(tiles._Work, "push", lambda *_: made.append(1))
    a, b = rows(9, 4), rows(9, 4, seed=1)
    scale = torch.tensor(5.0, requires_grad=True)
    with quiet():
        value = clip_loss(a, b, logit_scale=scale)
    assert not made
    assert not value.requires_grad
    clip_loss(a, b, logit_scale=scale)
    assert made

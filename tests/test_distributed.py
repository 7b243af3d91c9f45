"""The losses over real processes: the same loss and gradients as in one, and no hanging."""

import math
import os
import time
from functools import partial

import pytest
import torch
import torch.distributed as dist
from torch import nn
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel

import infonce
from infonce import CachedEncoder, LogitScale, distributed
from tests import ranks
from tests.largest import Largest

N, WIDTH = 9, 6
SIZES = {1: [9], 2: [4, 5], 3: [2, 6, 1], 4: [3, 1, 4, 1]}  # pairs of each process
LOSSES = ["info_nce", "nt_xent", "clip_loss", "siglip_loss"]


def rows(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


class Towers(nn.Module):
    """Two small encoders, a scale and a bias: all that a loss may train."""

    def __init__(self):
        super().__init__()
        self.first, self.second = (
            nn.Sequential(nn.Linear(WIDTH, 8), nn.Tanh(), nn.Linear(8, 4)) for _ in range(2)
        )
        self.scale = LogitScale(temperature=0.2)
        self.bias = nn.Parameter(torch.tensor(-2.0))
        self.double()
        for i, p in enumerate(p for p in self.parameters() if p.ndim):
            p.data = rows(*p.shape, seed=i)

    def forward(self, x, y):
        return self.first(x), self.second(y), self.scale(), 1.0 * self.bias


def loss_of(module, name, a, b, scale, bias):
    if name == "siglip_loss":
        return module.siglip_loss(a, b, logit_scale=scale, logit_bias=bias)
    if name == "clip_loss":
        return module.clip_loss(a, b, logit_scale=scale)
    return getattr(module, name)(a, b, temperature=1 / scale)


def siglip(a, b, scale, bias):
    logits = scale * F.normalize(a) @ F.normalize(b).T + bias
    return -F.logsigmoid((2 * torch.eye(len(a)) - 1) * logits).sum() / len(a)


def flat_gradient(module):
    return torch.cat(
        [(torch.zeros_like(p) if p.grad is None else p.grad).flatten() for p in module.parameters()]
    ).tolist()


def in_one_process(name):
    """Loss and gradients of all pairs at once."""
    towers = Towers()
    outputs = towers(rows(N, WIDTH, seed=10), rows(N, WIDTH, seed=11))
    loss = siglip(*outputs) if name == "siglip_loss" else loss_of(infonce, name, *outputs)
    loss.backward()
    return loss.item(), flat_gradient(towers)


# ---- what every process does; called in processes of their own


def own_pairs(rank, world):
    return [rows(N, WIDTH, seed=s).split(SIZES[world])[rank] for s in (10, 11)]


def train(rank, world):
    """One step of each loss through DistributedDataParallel, and one in chunks."""
    results = {}
    for name in [*LOSSES, "cached"]:
        towers = Towers()
        if name == "cached":
            towers.first, towers.second = (
                CachedEncoder(t, 2) for t in (towers.first, towers.second)
            )
        model = DistributedDataParallel(towers, find_unused_parameters=True)
        loss_name = "clip_loss" if name == "cached" else name
        loss = loss_of(distributed, loss_name, *model(*own_pairs(rank, world)))
        (2 * loss).backward()
        results[name] = loss.item(), flat_gradient(towers)
    return results


def gathered(own, world):
    """All rows as constants, and where the own ones stand."""
    parts = [torch.empty_like(own) for _ in range(world)]
    dist.all_gather(parts, own.detach())
    return parts


def wrong_recipes(rank, world):
    """What is found elsewhere, with parts of equal size."""
    pairs = [rows(4 * world, WIDTH, seed=s).split(4)[rank] for s in (10, 11)]
    results = {}
    for name in ["local rows, all keys as constants", "own part spliced into constants", "ours"]:
        towers = Towers()
        model = DistributedDataParallel(towers, find_unused_parameters=True)
        a, b, scale, _ = model(*pairs)
        others = [gathered(x, world) for x in (a, b)]
        if name == "ours":
            loss = distributed.clip_loss(a, b, logit_scale=scale)
        elif name.startswith("own"):
            others[0][rank], others[1][rank] = a, b
            loss = infonce.clip_loss(*map(torch.cat, others), logit_scale=scale)
        else:
            own = torch.arange(4 * rank, 4 * rank + 4)
            there, back = (
                F.cross_entropy(scale * F.normalize(x) @ F.normalize(torch.cat(keys)).T, own)
                for x, keys in [(a, others[1]), (b, others[0])]
            )
            loss = (there + back) / 2
        loss.backward()
        results[name] = of_encoders(towers).tolist()
    return results


def of_encoders(towers):
    both = nn.ModuleList([towers.first, towers.second])
    return torch.tensor(flat_gradient(both), dtype=torch.float64)


def largest_tensor(rank, world):
    a, b = (rows(64 * world, 3, seed=s).split(64)[rank].requires_grad_() for s in (0, 1))
    results = {}
    for name in LOSSES:
        with Largest() as largest:
            loss_of(distributed, name, a, b, torch.tensor(5.0), torch.tensor(-2.0)).backward()
        results[name] = largest.numel
    return results


def message(call):
    try:
        call()
    except (TypeError, ValueError) as error:
        return f"{type(error).__name__}: {error}"
    return "accepted"


def refuse(rank, world):
    """Each of these has to raise in all processes, and the group has to live on."""
    good, other = torch.eye(3), torch.eye(3, 4)
    bad = torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    last = rank == world - 1
    calls = [
        lambda: distributed.clip_loss(bad if last else good, bad if last else good, logit_scale=1),
        lambda: distributed.nt_xent(good.long() if last else good, good),
        lambda: distributed.info_nce(good, good, temperature=-1.0 if last else 0.1),
        lambda: distributed.nt_xent(other if last else good, other if last else good),
        lambda: distributed.info_nce(good, good, temperature=0.2 if last else 0.1),
        lambda: distributed.nt_xent(
            good.double() if last else good, good.double() if last else good
        ),
        lambda: (distributed.nt_xent if last else distributed.info_nce)(good, good, temperature=1),
    ]
    for bias in (math.nan, torch.ones(2)):
        calls.append(partial(distributed.siglip_loss, good, good, logit_scale=1, logit_bias=bias))
    return [*map(message, calls), distributed.info_nce(good, good, temperature=1.0).item()]


def small_things(rank, world):
    a, b = (x.float() for x in own_pairs(rank, world))
    with torch.no_grad():
        evaluated = distributed.nt_xent(a.requires_grad_(), b)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        under_autocast = distributed.nt_xent(a, b)
    half = distributed.nt_xent(a.bfloat16(), b.bfloat16())
    only_scale = torch.tensor(0.5, requires_grad=True)
    distributed.nt_xent(a.detach(), b, temperature=only_scale).backward()
    penalty = distributed.nt_xent(a, b)
    try:
        torch.autograd.grad(penalty, a, create_graph=True)
        twice = "accepted"
    except RuntimeError as error:
        twice = str(error)
    return {
        "twice": twice,
        "half temperature": distributed.nt_xent(a, b, temperature=torch.tensor(0.07).half()).item(),
        "grad": evaluated.requires_grad,
        "evaluated": evaluated.item(),
        "autocast": under_autocast.item(),
        "half": half.item(),
        "on scale": only_scale.grad.item(),
    }


def everything(rank, world):
    works = [train, small_things, refuse, wrong_recipes, largest_tensor]
    return {work.__name__: work(rank, world) for work in works}


def die(rank, world):
    x = torch.eye(3)
    before = distributed.info_nce(x, x).item()
    if rank == 1:
        os._exit(1)
    started = time.monotonic()
    try:
        distributed.info_nce(x, x)
    except RuntimeError:
        return before, time.monotonic() - started
    return "nothing was raised"


def fall_silent(rank, world):
    x = torch.eye(3)
    distributed.info_nce(x, x)
    started = time.monotonic()
    if rank == 1:
        time.sleep(6)
        return None
    try:
        distributed.info_nce(x, x)
    except RuntimeError:
        return time.monotonic() - started
    return "nothing was raised"


# ---- the tests


@pytest.fixture(scope="module", params=[1, 2, 3, 4])
def results(request):
    """World size and what each process had to say, one start of processes for all tests."""
    return request.param, ranks.run(everything, request.param)


@pytest.mark.parametrize("name", [*LOSSES, "cached"])
def test_loss_and_gradient_are_those_of_one_process(results, name):
    """After DistributedDataParallel has averaged, in every process; the loss was doubled."""
    loss, gradient = in_one_process("clip_loss" if name == "cached" else name)
    assert math.hypot(*gradient) > 0.1
    for result in results[1]:
        theirs, doubled = result["train"][name]
        assert theirs == pytest.approx(loss, rel=1e-13)
        assert doubled == pytest.approx([2 * g for g in gradient], rel=1e-10, abs=1e-12)


def test_precision_and_modes(results):
    a, b = (rows(N, WIDTH, seed=s).float() for s in (10, 11))
    plain = infonce.nt_xent(a, b).item()
    half = infonce.nt_xent(a.bfloat16(), b.bfloat16()).item()
    cold = infonce.nt_xent(a, b, temperature=torch.tensor(0.07).half()).item()
    temperature = torch.tensor(0.5, requires_grad=True)
    infonce.nt_xent(a, b, temperature=temperature).backward()
    for result in results[1]:
        things = result["small_things"]
        assert things["grad"] is False
        assert things["evaluated"] == pytest.approx(plain, rel=1e-6)
        assert things["autocast"] == pytest.approx(plain, rel=1e-6)
        assert things["half"] == pytest.approx(half, rel=1e-6)
        assert things["twice"] == "a loss over several processes has no second derivatives"
        assert things["half temperature"] == pytest.approx(cold, rel=1e-6)
        assert things["on scale"] == pytest.approx(temperature.grad.item(), rel=1e-5)


def test_bad_input_of_one_process_is_refused_by_all(results):
    world, members = results
    last = world - 1
    zero_row = "image must have finite non-zero rows, got row 1 with largest entry 0.0"
    for rank, result in enumerate(members):
        *messages, after = result["refuse"]
        if rank == last:
            assert messages[0] == f"ValueError: {zero_row}"
            assert messages[1].startswith("TypeError: view1 must be floating point")
            assert messages[2].startswith("ValueError: temperature must be a number")
        else:
            all_must = f"ValueError: all processes must have good input, but process {last}: "
            assert messages[0] == all_must + zero_row
            assert messages[1].startswith(all_must + "view1 must be floating point")
            assert messages[2].startswith(all_must + "temperature must be a number")
        assert messages[-2].endswith(
            "logit_bias must be a number or 0-d tensor from -1e+30 to 1e+30, got nan"
        )
        assert messages[-1].endswith("got (2,)")
        for text in messages[3:-2]:
            accepted = world == 1 and text == "accepted"
            assert accepted or text.startswith("ValueError: processes must agree, got "), text
        n = 3 * world  # three directions, each `world` times among the keys
        assert after == pytest.approx(math.log(world + (n - world) / math.e), rel=1e-6)


def test_recipes_found_elsewhere_give_other_gradients(results):
    """1/W of the gradient if gathered rows are constants but for the own ones; turned by
    several degrees if they are all constants, with a single process too."""
    world, members = results
    towers = Towers()
    a, b, scale, _ = towers(*(rows(4 * world, WIDTH, seed=s) for s in (10, 11)))
    infonce.clip_loss(a, b, logit_scale=scale).backward()
    true = of_encoders(towers)
    for result in members:
        found = {
            name: torch.tensor(g, dtype=a.dtype) for name, g in result["wrong_recipes"].items()
        }
        share = {name: (g.norm() / true.norm()).item() for name, g in found.items()}
        cosine = {name: F.cosine_similarity(g, true, dim=0).item() for name, g in found.items()}
        assert share["ours"] == pytest.approx(1, rel=1e-12)
        assert cosine["ours"] == pytest.approx(1, rel=1e-12)
        assert share["own part spliced into constants"] == pytest.approx(1 / world, rel=1e-12)
        assert cosine["own part spliced into constants"] == pytest.approx(1, rel=1e-12)
        turned = math.degrees(math.acos(min(1.0, cosine["local rows, all keys as constants"])))
        assert turned > 3


def test_no_process_holds_the_whole_matrix(results):
    """64 rows each: at most own views against all views, 2 n N entries."""
    world, members = results
    for result in members:
        for name, numel in result["largest_tensor"].items():
            assert numel <= 2 * 64 * 64 * world, name


def test_a_process_that_dies_makes_the_others_raise():
    first, dead, last = ranks.run(die, 3)
    assert dead is None
    for loss, seconds in (first, last):
        assert loss == pytest.approx(math.log(3 + 6 * math.exp(-10)), rel=1e-6)
        assert seconds < 30  # of a timeout of 60


def test_a_process_that_falls_silent_makes_the_others_raise():
    seconds, _ = ranks.run(fall_silent, 2, timeout=3)
    assert 2 < seconds < 5.9

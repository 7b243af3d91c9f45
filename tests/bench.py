"""Ratios of this package's losses to their plain torch forms: `make bench`, or with sizes N,d.

    python tests/bench.py [N,d ...]        default: 256,128 1024,128 4096,128 8192,512

A plain form normalises, holds the matrix and calls cross-entropy, as most code does. Forward and
backward, normalisation included, both in one process in turns, which does nothing else; the median
of the times. `limit` is the matrix products alone that the losses need, on the same scale. The
memory is what a process reaches beyond its inputs and their gradients. From 32,768 rows on, plain
forms no longer run.

A good part of what a plain form takes is asking the system for the memory of its matrices, again
in each step. `kept` is the ratio of one thread where the allocator never gives memory back, as in
a process that has used more before: the least that the blocks gain.
"""

import os
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

import infonce
from infonce import checks, tiles

TAU = 0.1
SIZES = ["256,128", "1024,128", "4096,128", "8192,512"]
LARGE = 32768
KEPT = {"MALLOC_TRIM_THRESHOLD_": "17179869184", "MALLOC_MMAP_THRESHOLD_": "17179869184"}


def info_nce(a: Tensor, b: Tensor) -> Tensor:
    q, k = F.normalize(a, dim=1), F.normalize(b, dim=1)
    return F.cross_entropy(q @ k.T / TAU, torch.arange(len(a)))


def clip_loss(a: Tensor, b: Tensor) -> Tensor:
    logits = F.normalize(a, dim=1) @ F.normalize(b, dim=1).T / TAU
    own = torch.arange(len(a))
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


def nt_xent(a: Tensor, b: Tensor) -> Tensor:
    z, n = F.normalize(torch.cat([a, b]), dim=1), len(a)
    logits = (z @ z.T / TAU).masked_fill(torch.eye(2 * n, dtype=torch.bool), -torch.inf)
    return F.cross_entropy(logits, torch.arange(2 * n).roll(n))


def siglip_loss(a: Tensor, b: Tensor) -> Tensor:
    logits = F.normalize(a, dim=1) @ F.normalize(b, dim=1).T / TAU - 10
    return -F.logsigmoid((2 * torch.eye(len(a)) - 1) * logits).sum() / len(a)


# name -> ours, plain, products of an (N, d) and a (d, N) matrix (NT-Xent: of 2N rows), and how many
# of them make logits that a small batch keeps
LOSSES: dict[str, tuple[Callable[..., Tensor], Callable[..., Tensor], int, int]] = {
    "two-tower": (lambda a, b: infonce.info_nce(a, b, temperature=TAU), info_nce, 3, 0),
    "CLIP": (lambda a, b: infonce.clip_loss(a, b, logit_scale=1 / TAU), clip_loss, 4, 1),
    "NT-Xent": (lambda a, b: infonce.nt_xent(a, b, temperature=TAU), nt_xent, 8, 2),
    "SigLIP": (
        lambda a, b: infonce.siglip_loss(a, b, logit_scale=1 / TAU, logit_bias=-10.0),
        siglip_loss,
        3,
        0,
    ),
}


def batch(n: int, d: int) -> list[Tensor]:
    g = torch.Generator().manual_seed(0)
    a = torch.randn(n, d, generator=g)
    return [x.requires_grad_() for x in (a, a + torch.randn(n, d, generator=g))]


def step(loss: Callable[..., Tensor], rows: list[Tensor]) -> None:
    for x in rows:
        x.grad = None
    loss(*rows).backward()


def products(rows: list[Tensor], count: int) -> None:
    a, b = (x.detach() for x in rows)
    for _ in range(count):
        torch.mm(a, b.T)


def ratio(name: str, n: int, d: int, threads: int) -> tuple[float, float]:
    """Of ours and of the products to the plain form; processor time of one thread, or wall time."""
    ours, plain, count, again = LOSSES[name]
    small = (2 * n if name == "NT-Xent" else n) ** 2 <= tiles.SMALL
    rows = batch(n, d)
    clock = time.process_time if threads == 1 else time.perf_counter
    torch.set_num_threads(threads)
    jobs: dict[str, Callable[[], None]] = {
        "ours": lambda: step(ours, rows),
        "plain": lambda: step(plain, rows),
        "products": lambda: products(rows, count - again * small),
    }
    times: dict[str, list[float]] = {job: [] for job in jobs}
    started, turns, order = time.perf_counter(), 0, random.Random(0)
    while turns < 3 or (time.perf_counter() - started < 6 and turns < 300):
        for job, run in order.sample(list(jobs.items()), len(jobs)):  # what ran before matters
            start = clock()
            run()
            times[job].append(clock() - start)
        turns += 1
    middle = {job: statistics.median(values[1:]) for job, values in times.items()}
    return middle["ours"] / middle["plain"], middle["products"] / middle["plain"]


def looking(n: int, d: int) -> float:
    """What looking for bad rows takes, as a share of the cheapest loss."""
    torch.set_num_threads(1)
    rows, took = batch(n, d), [0.0, 0.0]
    for _ in range(100 if n < 2048 else 5):
        for i, run in enumerate((lambda: step(LOSSES["two-tower"][0], rows), lambda: seen(rows))):
            start = time.process_time()
            run()
            took[i] += time.process_time() - start
    return took[1] / took[0]


def seen(rows: list[Tensor]) -> None:
    for x in rows:
        checks.sound("rows", x)


def alone(call: str, **environment: str) -> list[float]:
    """What a function of this module says in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", f"import bench; print(*bench.{call})"],
        capture_output=True,
        text=True,
        check=True,
        cwd=sys.path[0],
        env=os.environ | environment,
    )
    return [float(x) for x in done.stdout.split()]


def peak(name: str, n: int, d: int) -> tuple[int]:
    """MiB beyond inputs and gradients."""
    step(LOSSES[name][0], batch(600, d))  # what torch itself allocates once
    rows = batch(n, d)
    for x in rows:
        x.grad = torch.ones_like(x)
    before = highest()
    step(LOSSES[name][0], rows)
    return ((highest() - before) // 1024,)


def highest() -> int:
    """KiB this process ever held. (getrusage would count the process that started it as well.)"""
    status = Path("/proc/self/status").read_text()
    return int(re.search(r"VmHWM:\s+(\d+)", status)[1])


def main(sizes: list[str]) -> None:
    print(
        f"torch {torch.__version__}, temperature {TAU}; ratios to the plain form: below 1 is faster"
    )
    heads = f"{'1 thread':>9} {'kept':>6} {'2 threads':>10} {'limit':>7} {'memory':>9}"
    print(f"{'N, d':>11}  {'loss':10} {heads}")
    for size in sizes or SIZES:
        n, d = map(int, size.split(","))
        for name in LOSSES:
            if n >= LARGE and name == "NT-Xent":
                continue  # 2N rows: hours
            what, start = f"{name!r}, {n}, {d}", time.perf_counter()
            (extra,) = alone(f"peak({what})")
            if n >= LARGE:
                took = f"runs in {time.perf_counter() - start:.0f} s"
                print(f"{size:>11}  {name:10} {took:35} {extra:5.0f} MiB", flush=True)
                continue
            one, limit = alone(f"ratio({what}, 1)")
            kept, _ = alone(f"ratio({what}, 1)", **KEPT)
            two, _ = alone(f"ratio({what}, 2)")
            row = f"{one:9.2f} {kept:6.2f} {two:10.2f} {limit:7.2f} {extra:5.0f} MiB"
            print(f"{size:>11}  {name:10} {row}", flush=True)
        if n < LARGE:
            print(f"{size:>11}  looking for bad rows: {looking(n, d):.1%} of two-tower", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

"""What the interactives must show: states, and their values from the package.

The one place where names of the page meet names of the package. A widget has a key in the address,
its start, a source of random states, further states worth a look, and a function from a state to
values. The page computes the same in its script; tests/test_play.py compares.
"""

import json
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np
import torch
from scipy.stats import binomtest

import infonce
from infonce.train.export import read_early, read_images, read_text

State = dict[str, Any]


@dataclass(frozen=True)
class Widget:
    """An interactive as its test sees it."""

    key: str
    start: State
    draw: Callable[[random.Random], State]  # a random state
    values: Callable[..., dict[str, Any]]
    more: list[State] = field(default_factory=list)  # limits, ties, challenges
    needs: list[str] = field(default_factory=list)  # other scripts

    def states(self, count: int = 30) -> list[State]:
        """The start, the states worth a look, and random ones up to `count`."""
        rng = random.Random(self.key)
        chosen = [self.start, *({**self.start, **state} for state in self.more)]
        return chosen + [self.draw(rng) for _ in range(max(0, count - len(chosen)))]

    def random_states(self, count: int) -> list[State]:
        rng = random.Random(self.key + "again")
        return [self.draw(rng) for _ in range(count)]

    def query(self, state: State) -> str:
        """The address of a state, every value written out."""

        def write(value: Any) -> str:
            return "_".join(map(str, value)) if isinstance(value, list) else quote(str(value))

        return "?" + "&".join(f"{self.key}.{name}={write(v)}" for name, v in state.items())


def temperature(rng: random.Random) -> float:
    return float(f"{math.exp(rng.uniform(math.log(0.01), math.log(2))):.4g}")


def degrees(rng: random.Random) -> float:
    return round(rng.uniform(0, 359.99), 2)


# ---- cl-forces -----------------------------------------------------------------------------


def point(angles: torch.Tensor) -> torch.Tensor:
    return torch.stack([angles.cos(), angles.sin()], -1)


def radians(angles: Any) -> torch.Tensor:
    return torch.tensor(angles, dtype=torch.float64).deg2rad()


def slopes(anchors: torch.Tensor, keys: torch.Tensor, tau: float) -> torch.Tensor:
    """Of the loss of each anchor along the circle; the first key is the positive."""
    z, u = point(anchors), point(keys)
    grad = infonce.info_nce_grad(z, u[:1].expand_as(z), u[1:], temperature=tau).query
    tangent = torch.stack([-anchors.sin(), anchors.cos()], -1)
    return (grad * tangent).sum(-1) * len(z)


def rest(anchor: torch.Tensor, keys: torch.Tensor, tau: float) -> torch.Tensor:
    """Downhill in quarter degrees to the first change of sign, then halving."""
    first = slopes(anchor[None], keys, tau)[0]
    if abs(first) < 1e-12:
        return anchor
    way = -first.sign() * radians(0.25)
    on_grid = anchor + way * torch.arange(1442, dtype=torch.float64)
    turned = (slopes(on_grid, keys, tau)[1:] * first <= 0).nonzero()
    far = on_grid[int(turned[0, 0]) + 1]
    near = far - way
    for _ in range(60):
        middle = (near + far) / 2
        if slopes(middle[None], keys, tau)[0] * first > 0:
            near = middle
        else:
            far = middle
    return (near + far) / 2


def forces(t: float, a: float, k: list[float], v: str) -> dict[str, Any]:
    del v  # which arrows are drawn changes no number
    anchor, keys = radians(a), radians(k)
    z, u = point(anchor)[None], point(keys)
    s = z @ u.T
    on_s = infonce.similarity_grad(s, torch.tensor([0]), temperature=t)[0]
    at_rest = rest(anchor, keys, t)
    return {
        "loss": infonce.info_nce(z, u[:1], u[1:], temperature=t),
        "slope": slopes(anchor[None], keys, t)[0],
        "s": s[0],
        "p": infonce.softmax_weights(s, temperature=t)[0],
        "onS": on_s,
        "parts": -on_s * (keys - anchor).sin(),
        "pull": -on_s[0],
        "push": on_s[1:].sum(),
        "neff": infonce.effective_negatives(infonce.negative_weights(s[0, 1:], temperature=t)),
        "rest": at_rest.rad2deg() % 360,
        "restLoss": infonce.info_nce(point(at_rest)[None], u[:1], u[1:], temperature=t),
    }


# ---- cl-eq, cl-tau: one anchor by its cosines ------------------------------------------------

ANCHOR = [0.8, 0.75, 0.5, 0.2, -0.1, -0.4]
FIRST = torch.tensor([0])


def row(c: list[float]) -> torch.Tensor:
    return torch.tensor([c], dtype=torch.float64)


def loss_of(c: list[float], t: float) -> float:
    return infonce.info_nce_from_similarity(row(c), FIRST, temperature=t).item()


def cosines(rng: random.Random) -> list[float]:
    return [round(rng.uniform(-1, 1), 4) for _ in range(rng.randint(2, 8))]


def equation(c: list[float], t: float, h: str, v: str) -> dict[str, Any]:
    del h, v
    s = row(c)
    lse = (s[0] / t).logsumexp(0)
    p = infonce.softmax_weights(s, temperature=t)[0]
    return {
        "loss": loss_of(c, t),
        "p": p,
        "pPos": p[0],
        "logits": s[0] / t,
        "lse": lse,
        "max": s.max() / t,
        "above": lse - s.max() / t,
        "guess": math.log(len(c)),
        "distances": (2 - 2 * s[0]).sqrt(),
    }


def best(c: list[float]) -> float:
    """The temperature of the lowest loss, by the slope in 1/tau of a loss that is convex in it."""
    s = row(c)

    def slope(beta: float) -> float:
        p = infonce.softmax_weights(s, temperature=1 / beta)
        return float((p * (s - c[0])).sum())

    low, high = 0.5, 100.0
    if slope(low) >= 0:
        return 2
    if slope(high) <= 0:
        return 0.01
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if slope(middle) < 0 else (low, middle)
    return 2 / (low + high)


def tau(t: float, c: list[float], m: str) -> dict[str, Any]:
    s = row(c)
    p = infonce.softmax_weights(s, temperature=t)[0]
    w = infonce.negative_weights(s[0, 1:], temperature=t)
    hardest = 1 + int(s[0, 1:].argmax())
    residual = (
        infonce.similarity_grad(s, FIRST, temperature=t)[0] * t
    )  # p, less one at the positive
    d, kappa = 3 if m == "sphere" else 2, 1 / t
    even = infonce.uniformity_reference(d, t=kappa / 2) + kappa
    wider = infonce.uniformity_reference(d + 2, t=kappa / 2) + kappa
    pull = kappa / d * math.exp(wider - even)  # the derivative of the series
    mean, variance = s.mean(), s.var(correction=0)
    return {
        "loss": loss_of(c, t),
        "p": p,
        "w": w,
        "neff": infonce.effective_negatives(w),
        "hardest": hardest,
        "wHardest": w[hardest - 1],
        "push": infonce.similarity_grad(s, FIRST, temperature=t)[0, hardest],
        "slope": (residual * (c[0] - s[0])).sum() / t**2,
        "warm": math.log(len(c)) + (mean - c[0]) / t + variance / (2 * t**2),
        "cold": (max(c) - c[0]) / t + math.log(c.count(max(c))),
        "bestTau": best(c),
        "bestLoss": loss_of(c, best(c)),
        "logMean": even,
        "meanPull": pull,
        "share": math.exp(even - pull / t),
    }


# ---- cl-false --------------------------------------------------------------------------------


def treated(
    x: str, t: float, s: torch.Tensor, f: list[int], p: float
) -> tuple[float, torch.Tensor, int]:
    """Loss, gradient on the cosines and clamp of one anchor, its positive first."""
    grad = torch.zeros_like(s)
    if x == "debiased":
        at = s.clone().requires_grad_()
        e = ((at - at[0]) / t).exp()
        inside = (e[1:].mean() - p) / (1 - p)
        floor = ((-1 - s[0]) / t).exp()
        clamped = bool(inside.detach() < floor)
        # As published, the bound is a constant: e^(-1/tau) stands beside e^(s+/tau).
        count = len(s) - 1
        if clamped:
            loss = math.log1p(count * float(floor))
            grad[0] = -count * float(floor) / (1 + count * float(floor)) / t
            return loss, grad, 1
        value = torch.log1p(count * inside)
        value.backward()
        return value.item(), at.grad, 0
    if x == "supervised":
        rows, columns = s.expand(len(f) + 1, -1), torch.tensor([0, *f])
        losses = infonce.info_nce_from_similarity(rows, columns, temperature=t)
        return losses.item(), infonce.similarity_grad(rows, columns, temperature=t).mean(0), 0
    kept = [k for k in range(len(s)) if not (x == "mask" and k in f)]
    if len(kept) == 1:
        return 0.0, grad, 0
    loss = infonce.info_nce_from_similarity(s[None, kept], FIRST, temperature=t)
    grad[kept] = infonce.similarity_grad(s[None, kept], FIRST, temperature=t)[0]
    return loss.item(), grad, 0


def false_negatives(
    t: float, a: float, k: list[float], f: list[int], x: str, p: float, c: float, m: float
) -> dict[str, Any]:
    anchor, keys = radians(a), radians(k)
    s = (keys - anchor).cos()
    plain, plain_grad, _ = treated("standard", t, s, f, p)
    now, grad, clamped = treated(x, t, s, f, p)
    u, v = plain_grad / plain_grad.norm(), grad / grad.norm().clamp(min=1e-300)
    turn = torch.atan2((u - v).norm(), (u + v).norm()).rad2deg() * 2
    w = infonce.negative_weights(s[1:], temperature=t)
    return {
        "loss": now,
        "plainLoss": plain,
        "onS": grad,
        "clamped": clamped,
        "s": s,
        "force": (-grad * (keys - anchor).sin()).sum(),
        "plainForce": (-plain_grad * (keys - anchor).sin()).sum(),
        "share": w[[n - 1 for n in f]].sum(),
        "turn": turn if grad.norm() > 0 and plain_grad.norm() > 0 else 0,
        "atLeastOne": -math.expm1(m * math.log1p(-1 / c)),
        "expected": m / c,
    }


def false_state(rng: random.Random) -> State:
    k = [degrees(rng) for _ in range(rng.randint(2, 9))]
    friends = sorted(rng.sample(range(1, len(k)), rng.randint(0, len(k) - 1)))
    return {
        "t": temperature(rng),
        "a": degrees(rng),
        "k": k,
        "f": friends,
        "x": rng.choice(["standard", "mask", "supervised", "debiased"]),
        "p": round(rng.uniform(0, 0.9), 3),
        "c": rng.randint(2, 999),
        "m": rng.randint(1, 999),
    }


# ---- cl-batch --------------------------------------------------------------------------------


def mulberry32(seed: int, count: int) -> np.ndarray:
    """The generator of the page in NumPy: its state is a counter, so all numbers come at once."""
    low = np.uint64(0xFFFFFFFF)
    a = (np.uint64(seed) + np.uint64(0x6D2B79F5) * np.arange(1, count + 1, dtype=np.uint64)) & low
    t = (a ^ a >> np.uint64(15)) * (a | np.uint64(1)) & low
    t ^= (t + ((t ^ t >> np.uint64(7)) * (t | np.uint64(61)) & low)) & low
    return (t ^ t >> np.uint64(14)) / 2**32


def normals(seed: int, count: int) -> np.ndarray:
    """Box and Muller on top of it, two normal numbers from two uniform ones."""
    u = mulberry32(seed, count + count % 2).reshape(-1, 2)
    radius, angle = np.sqrt(-2 * np.log(1 - u[:, 0])), 2 * np.pi * u[:, 1]
    return (radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)).ravel()[:count]


@cache
def even_cosines(d: int, seed: int) -> np.ndarray:
    """With uniform points of the sphere in R^d, 1024 for each of 200 batches."""
    columns = 1 if d == 3 else 1 + d // 2
    u = mulberry32(seed, 200 * 1024 * columns).reshape(-1, columns)
    e = -np.log(1 - u[:, 1:])
    s = 2 * u[:, 0] - 1 if d == 3 else np.cos(2 * np.pi * u[:, 0]) * np.sqrt(e[:, 0] / e.sum(1))
    return s.reshape(200, 1024)


def batches(m: int, t: float, d: str, s: int, v: str) -> dict[str, Any]:
    del v
    cosines = torch.from_numpy(even_cosines(int(d), s)[:, :m].copy())
    terms = (cosines / t).logsumexp(1) - math.log(m)
    rows = torch.cat([torch.full((200, 1), 0.8, dtype=torch.float64), cosines], 1)
    first = torch.zeros(200, dtype=torch.int64)
    losses = infonce.info_nce_from_similarity(rows, first, temperature=t, reduction="none")
    losses = losses - math.log(m + 1)

    def log_mean(kappa: float) -> float:
        return infonce.uniformity_reference(int(d), t=kappa / 2) + kappa

    limit, loss_limit = log_mean(1 / t), log_mean(1 / t) - 0.8 / t
    variance = torch.tensor(math.expm1(log_mean(2 / t) - 2 * limit), dtype=torch.float64)
    nothing = torch.zeros_like(variance)
    w = infonce.softmax_weights(cosines, temperature=t)
    along = (w * cosines).sum(1)  # of the anchor, in the push of a batch
    across = (w * (1 - cosines**2).sqrt()).square().sum(1)  # squared, directions being even
    return {
        "found": terms,
        "losses": losses,
        "mean": terms.mean(),
        "limit": limit,
        "bias": terms.mean() - limit,
        "deviation": terms.std(),
        "error": terms.std() / math.sqrt(200),
        "predicted": infonce.negatives_bias(nothing, variance, nothing, count=m)[0],
        "lossMean": losses.mean(),
        "lossLimit": loss_limit,
        "lossBias": losses.mean() - loss_limit,
        "ess": 1 / w[0].square().sum(),
        "turn": torch.atan2(across.mean().sqrt(), along.mean()).rad2deg(),
    }


# ---- cl-mi -----------------------------------------------------------------------------------


@cache
def mi_losses(r: float, d: int, q: str, s: int) -> np.ndarray:
    """Loss of 64 anchors for N = 2, 4, ... 4096: shape (64, 12)."""
    z = normals(s, (2 * 64 + 4095) * d).reshape(-1, d)
    x, e = z[:128].reshape(64, 2, d).transpose(1, 0, 2)
    joint, pool = r * x + math.sqrt(1 - r**2) * e, z[128:]

    def critic(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        if q == "cosine":
            return (x * y).sum(-1) / np.sqrt((x**2).sum(-1) * (y**2).sum(-1)) / 0.1
        rho = r / 2 if q == "wrong" else r
        ratio = -((y - rho * x) ** 2) / (2 * (1 - rho**2)) + y**2 / 2
        return (-math.log(1 - rho**2) / 2 + ratio).sum(-1)

    losses = []
    for i in range(64):
        others = pool[(31 * i + np.arange(4095)) % 4095]
        scores = np.append(critic(x[i], joint[i]), critic(x[i], others))
        row = torch.from_numpy(scores)[None]
        losses.append(
            [
                infonce.info_nce_from_similarity(row[:, :n], FIRST, temperature=1.0).item()
                for n in MI_SIZES
            ]
        )
    return np.array(losses)


MI_SIZES = [2**k for k in range(1, 13)]


def mutual_information(r: float, d: int, n: int, q: str, s: int) -> dict[str, Any]:
    losses = mi_losses(r, d, q, s)
    at = MI_SIZES.index(n)
    curve = np.log(MI_SIZES) - losses.mean(0)
    errors = losses.std(0, ddof=1) / math.sqrt(64)
    return {
        "information": -d / 2 * math.log(1 - r**2),
        "curve": curve,
        "errors": errors,
        "loss": losses.mean(0)[at],
        "estimate": curve[at],
        "error": errors[at],
        "cap": math.log(n),
    }


# ---- cl-au -----------------------------------------------------------------------------------


def plane(a: float, t: float, b: int, w: float, n: float) -> dict[str, Any]:
    centre = 2 * math.pi * w * torch.arange(b, dtype=torch.float64) / b
    half = radians(n) / 2
    x, y = point(centre - half), point(centre + half)
    return {
        "align": infonce.alignment(x, y, alpha=a),
        "uniform": infonce.uniformity(x, t=t),
        "circle": infonce.uniformity_reference(2, t=t),
        "sphere": infonce.uniformity_reference(3, t=t),
        "many": -2 * t,
        "floor": infonce.uniformity_floor(b, t=t),
    }


# ---- cl-train --------------------------------------------------------------------------------


def trained(
    d: str, b: int, t: float, lr: float, s: int, n: int, g: str, c: int, y: float, x: float
) -> dict[str, Any]:
    del y, x  # how the sphere is turned
    view, classes = torch.arange(b).repeat(2), c if c and g == "supervised" else b
    partner = torch.arange(2 * b).roll(b)
    z = torch.from_numpy(normals(s, 2 * b * int(d)).reshape(2 * b, int(d)).copy())
    z = z / z.norm(dim=1, keepdim=True)
    losses, path = [], []
    for step in range(n + 1):
        one, two = z.chunk(2)
        free = z.clone().requires_grad_()
        loss = infonce.sup_con(free, view % classes, temperature=t)  # a class a pair: NT-Xent
        losses.append(loss.item())
        path.append([infonce.alignment(one, two).item(), infonce.uniformity(one).item()])
        if step == n:
            break
        if g == "infonce":
            grad = torch.cat(infonce.nt_xent_grad(one, two, temperature=t))
        else:
            goal = infonce.alignment(*free.chunk(2)) if g == "align" else infonce.uniformity(free)
            (grad,) = torch.autograd.grad(loss if g == "supervised" else goal, free)
        z = z - lr * 2 * b * grad
        z = z / z.norm(dim=1, keepdim=True)
    if d == "2":
        corners = point(2 * math.pi * (view % classes) / classes)
        finish = infonce.sup_con(corners.double(), view % classes, temperature=t).item()
    elif classes == b:
        finish = infonce.loss_floor(b, b, temperature=t, loss="nt_xent").nats
    else:  # a simplex of classes, in as many dimensions as it takes
        corners = torch.eye(classes, dtype=torch.float64) - 1 / classes
        finish = infonce.sup_con(
            corners[view % classes] if classes > 1 else torch.ones_like(z),
            view % classes,
            temperature=t,
        ).item()
    w = infonce.negative_weights(z @ z.T - 1e4 * torch.eye(2 * b), partner, temperature=t)
    friends = (view[:, None] - view) % c == 0 if c else torch.zeros(2 * b, 2 * b)
    return {
        "z": z.flatten(),
        "losses": losses,
        "path": path,
        "loss": losses[-1],
        "finish": finish,
        "left": losses[-1] - finish,
        "align": path[-1][0],
        "uniform": path[-1][1],
        "collapse": infonce.collapse_loss(b, loss="nt_xent"),
        "friends": (w * friends).sum(1).mean(),
    }


def train_state(rng: random.Random) -> State:
    c, goals = rng.choice([0, 0, 1, 2, 3, 4]), ["infonce", "infonce", "align", "uniform"]
    t, lr = max(0.05, temperature(rng)), math.exp(rng.uniform(math.log(0.001), math.log(0.1)))
    return {
        "d": rng.choice(["2", "3"]),
        "b": c * rng.randint(2, 4) if c else rng.randint(2, 12),
        "t": t,
        "lr": float(f"{min(lr, t / 2):.3g}"),  # longer steps are chaotic: they magnify rounding
        "s": rng.randint(1, 9999),
        "n": rng.randint(0, 60),
        "g": rng.choice([*goals, "supervised", "supervised"]),
        "c": c,
        "y": degrees(rng),
        "x": rng.randint(-90, 90),
    }


# ---- cl-clip ---------------------------------------------------------------------------------

DATA = Path(__file__).resolve().parents[1] / "docs" / "assets" / "data"


@cache
def clip_file() -> dict[str, Any]:
    """The exported model: what the page fetches."""
    file = json.loads((DATA / "emoji-clip.json").read_text(encoding="utf-8"))
    return file | {"bytes": (DATA / "emoji-clip.bin").read_bytes()}


@cache
def clip_pictures() -> torch.Tensor:
    return read_images(clip_file())


@cache
def clip_text(text: str) -> torch.Tensor:
    return read_text(clip_file(), text)


def caption(row: int) -> str:
    return f"{clip_file()['names'][row]} {clip_file()['keywords'][row]}"


@cache
def new_ideas() -> tuple[torch.Tensor, torch.Tensor]:
    rows = clip_file()["new"]
    return clip_pictures()[rows], torch.stack([clip_text(caption(row)) for row in rows])


def unit(x: torch.Tensor) -> torch.Tensor:
    return torch.nn.functional.normalize(x, dim=-1)


def clip_batch(n: int, s: int) -> list[int]:
    """Places in the pool: the first of a shuffled list."""
    places, u = list(range(len(clip_file()["pool"]))), mulberry32(s, n)
    for k in range(n):
        other = k + int(u[k] * (len(places) - k))
        places[k], places[other] = places[other], places[k]
    return places[:n]


def emoji_clip(
    v: str, q: str, r: str, w: float, c: str, p: str, i: int, t: float, n: int, s: int, k: int,
    m: str, a: int, b: int, g: float,
) -> dict[str, Any]:  # fmt: skip
    del v, m  # which part is shown, and how
    pictures = clip_pictures()
    query = unit((1 - w) * clip_text(q) + w * clip_text(r or q))
    cosines = pictures @ query
    order = cosines.sort(descending=True, stable=True).indices

    prompts = [[p.replace("{}", x.strip()) for x in label.split("/")] for label in c.split(",")]
    classes = torch.stack([unit(torch.stack([*map(clip_text, ps)]).mean(0)) for ps in prompts])
    on_labels = classes @ pictures[i]
    zero = infonce.softmax_weights(on_labels[None], temperature=t)[0]

    places, steps = clip_batch(n, s), clip_file()["steps"]
    rows = [clip_file()["pool"][place] for place in places]
    x, y = pictures[rows], torch.stack([clip_text(caption(row)) for row in rows])
    if k < len(steps):
        x, y = (z[places] for z in read_early(clip_file(), steps[k]))
    at = (x @ y.T / t).requires_grad_()
    own = torch.arange(n)
    cross = torch.nn.functional.cross_entropy
    ((cross(at, own) + cross(at.T, own)) / 2).backward()
    p_row = infonce.softmax_weights(x @ y.T, temperature=t)
    p_column = infonce.softmax_weights(y @ x.T, temperature=t).T

    shift = infonce.modality_gap(*new_ideas()) * g / 2
    u, z = unit(new_ideas()[0] - shift), unit(new_ideas()[1] + shift)
    right = (infonce.retrieval_ranks(u, z) == 1).double().mean().item()
    low, high = proportion_confint(right * len(u), len(u))
    return {
        "query": query,
        "order": order,
        "best": cosines.max(),
        "first": order[0],
        "average": cosines.mean(),
        "fresh": len(set(order[:10].tolist()) & set(clip_file()["new"])),
        "pair": clip_text(q) @ clip_text(r or q),
        "zeroCosines": on_labels,
        "zeroP": zero,
        "answer": zero.argmax(),
        "pBest": zero.max(),
        "lead": on_labels.sort().values.diff()[-1] if len(on_labels) > 1 else on_labels[0] + 1,
        "batch": rows,
        "s": (x @ y.T).flatten(),
        "pRow": p_row.flatten(),
        "pColumn": p_column.flatten(),
        "gradient": at.grad.flatten(),
        "loss": infonce.clip_loss(x, y, logit_scale=1 / t),
        "cellS": (x @ y.T)[a, b],
        "cellRow": p_row[a, b],
        "cellColumn": p_column[a, b],
        "cellGradient": at.grad[a, b],
        "gap": infonce.modality_gap(u, z).norm(),
        "gapLoss": infonce.clip_loss(u, z, logit_scale=1 / t),
        "gapRight": right,
        "gapLow": low,
        "gapHigh": high,
    }


def proportion_confint(hits: float, n: int) -> tuple[float, float]:
    """Wilson's interval of a share, by SciPy."""
    found = binomtest(round(hits), n).proportion_ci(0.95, method="wilson")
    return found.low, found.high


TEXTS = [
    "red heart", "cat", "cold weather", "Fußball", "wibble", "dog bites man", "man bites dog",
    "ß", "a", "猫の顔", "широко улыбается", "cœur rouge", "women’s room", "1st place medal",
    "İstanbul", "🙂 face", "éclair e\u0301clair", "ΣΊΣΥΦΟΣ", "x" * 60,
]  # fmt: skip


VIEWS = ["search", "zero", "matrix", "gap"]


def clip_state(rng: random.Random) -> State:
    n = rng.randint(2, 8)
    words = ["animal", "bird", "food", "face", "smile", "car", "tool", "wibble", "flag"]
    labels = ["/".join(rng.sample(words, rng.randint(1, 2))) for _ in range(rng.randint(1, 4))]
    view, query, other = (rng.choice(x) for x in (VIEWS, TEXTS, ["", *TEXTS]))
    weight, prompt = round(rng.uniform(0, 1), 2), rng.choice(["{}", "a picture of {}", "drawn"])
    if prompt == "drawn":  # the same of every label: which of them is best, rounding decides
        labels = labels[:1]
    return {
        "v": view,
        "q": query,
        "r": other,
        "w": weight,
        "c": ", ".join(labels),
        "p": prompt,
        "i": rng.randint(0, 1593),
        "t": max(0.01, min(1, temperature(rng))),
        "n": n,
        "s": rng.randint(1, 9999),
        "k": rng.randint(0, 4),
        "m": rng.choice(["row", "column", "gradient", "cosine"]),
        "a": rng.randint(0, n - 1),
        "b": rng.randint(0, n - 1),
        "g": round(rng.uniform(-1, 2), 2),
    }


FORCES = {"t": 0.2, "a": 90, "k": [70, 100, 130, 200, 320], "v": "total"}

WIDGETS = {
    "cl-eq": Widget(
        key="eq",
        start={"c": ANCHOR, "t": 0.2, "h": "none", "v": "which"},
        draw=lambda rng: {
            "c": cosines(rng),
            "t": temperature(rng),
            "h": rng.choice(["none", "loss_one", "s_pos", "s_neg", "tau", "M"]),
            "v": rng.choice(["which", "max", "distance"]),
        },
        values=equation,
        more=[
            {"t": 0.01},
            {"t": 2},
            {"c": [0.3] * 6},
            {"c": [0.8, 0.8, -1, -1, -1, -1]},
            {"c": [0.9, 0.85, 0.6, 0.3, 0, -0.3]},
            {"c": [1, -1], "t": 0.01},
            {"c": [-1, 1, 1], "t": 0.01, "v": "max"},
            {"c": [1, 1, 1, 1, 1, 1, 1, 1], "v": "distance"},
        ],
        needs=["cl-keys"],
    ),
    "cl-tau": Widget(
        key="tau",
        start={"t": 0.2, "c": ANCHOR, "m": "keys"},
        draw=lambda rng: {
            "t": temperature(rng),
            "c": cosines(rng),
            "m": rng.choice(["keys", "circle", "sphere"]),
        },
        values=tau,
        more=[
            {"t": 0.1825},
            {"t": 0.4132},
            {"t": 0.039},
            {"c": [0.75, 0.8, 0.5, 0.2, -0.1, -0.4]},
            {"c": [0.75, 0.8, 0.5, 0.2, -0.1, -0.4], "t": 0.1543},
            *({"t": t, "m": m} for t in (0.01, 0.07, 0.5, 2) for m in ("circle", "sphere")),
            {"c": [1, -1], "t": 0.01},
            {"c": [0.5, 0.5, 0.5], "t": 0.01},
        ],
        needs=["cl-keys"],
    ),
    "cl-false": Widget(
        key="fn",
        start={
            "t": 0.2,
            "a": 90,
            "k": [70, 100, 130, 200, 320],
            "f": [1],
            "x": "standard",
            "p": 0.1,
            "c": 10,
            "m": 7,
        },
        draw=false_state,
        values=false_negatives,
        more=[
            *({"x": x, "t": t} for x in ("mask", "supervised", "debiased") for t in (0.01, 0.2, 2)),
            *({"x": x, "f": [], "p": 0} for x in ("mask", "supervised", "debiased")),
            {"x": "mask", "f": [1, 2, 3, 4]},
            {"x": "debiased", "p": 0.9},  # the lower bound is in force
            {"c": 1000, "m": 255},
            {"c": 100, "m": 255},
            {"t": 0.7194},
            {"k": [70, 250, 130, 200, 320]},
        ],
        needs=["cl-circle"],
    ),
    "cl-batch": Widget(
        key="b",
        start={"m": 16, "t": 0.1, "d": "2", "s": 1, "v": "term"},
        draw=lambda rng: {
            "m": 2 ** rng.randint(0, 10),
            "t": max(0.02, temperature(rng)),
            "d": rng.choice(["2", "3", "8"]),
            "s": rng.randint(1, 3),
            "v": rng.choice(["term", "loss"]),
        },
        values=batches,
        more=[
            *({"m": m, "t": t} for m in (1, 4, 256, 1024) for t in (0.02, 0.1, 0.5, 2)),
            {"d": "64", "t": 0.05, "m": 1024},
            {"d": "64", "t": 0.5},
        ],
    ),
    "cl-train": Widget(
        key="tr",
        start={
            "d": "2",
            "b": 8,
            "t": 0.2,
            "lr": 0.02,
            "s": 1,
            "n": 0,
            "g": "infonce",
            "c": 0,
            "y": 30,
            "x": 15,
        },
        draw=train_state,
        values=trained,
        more=[
            *({"n": n, "d": d} for n in (1, 60) for d in ("2", "3")),
            {"n": 60, "g": "align"},
            {"n": 60, "g": "uniform", "d": "3"},
            {"b": 2, "n": 20},
            {"b": 64, "n": 3},
            *({"n": 60, "c": c, "g": "supervised", "d": d} for c in (1, 2, 4) for d in ("2", "3")),
            {"n": 60, "c": 4},
        ],
    ),
    "cl-mi": Widget(
        key="mi",
        start={"r": 0.9, "d": 10, "n": 64, "q": "optimal", "s": 1},
        draw=lambda rng: {
            "r": round(rng.uniform(0, 0.99), 3),
            "d": rng.randint(1, 20),
            "n": 2 ** rng.randint(1, 12),
            "q": rng.choice(["optimal", "cosine", "wrong"]),
            "s": rng.randint(1, 9999),
        },
        values=mutual_information,
        more=[
            *({"n": 2**k} for k in range(1, 13)),
            *({"r": 0.8, "d": 1, "n": n, "q": q} for n in (2, 64) for q in ("optimal", "wrong")),
            *({"r": 0, "d": 1, "n": n} for n in (2, 512)),
            *({"r": 0.99, "d": 20, "n": n} for n in (2, 64, 4096)),
        ],
    ),
    "cl-au": Widget(
        key="au",
        start={"a": 2, "t": 2, "b": 8, "w": 1, "n": 20},
        draw=lambda rng: {
            "a": round(rng.uniform(0.5, 4), 2),
            "t": float(f"{rng.uniform(0.1, 8):.3g}"),
            "b": rng.randint(2, 32),
            "w": round(rng.uniform(0, 1), 3),
            "n": round(rng.uniform(0, 180), 2),
        },
        values=plane,
        more=[
            {"n": 0},
            {"w": 0, "n": 0},
            {"w": 0, "n": 180},
            {"a": 1, "n": 90},
            {"t": 0.1, "b": 2},
            {"t": 8, "b": 32},
        ],
    ),
    "cl-clip": Widget(
        key="clip",
        start={
            "v": "search",
            "q": "red heart",
            "r": "",
            "w": 0.5,
            "c": "animal/bird, food/drink, face/smile, vehicle/car",
            "p": "{}",
            "i": 591,
            "t": 0.0253,
            "n": 8,
            "s": 1,
            "k": 4,
            "m": "row",
            "a": 0,
            "b": 0,
            "g": 0,
        },
        draw=clip_state,
        values=emoji_clip,
        more=[
            *({"q": text} for text in TEXTS),
            {"q": "dog bites man", "r": "man bites dog"},
            {"r": "cat", "w": 1},
            *({"v": "zero", "i": 551, "c": f"animal/{x}, food/drink"} for x in ("fish", "camel")),
            {"v": "zero", "c": "animal", "t": 0.01},
            {"v": "gap", "g": 1},
            {"v": "gap", "g": -1, "t": 0.01},
            {"v": "gap", "g": 2, "t": 1},
            {"v": "matrix", "n": 2, "t": 0.01},
            {"v": "matrix", "t": 1, "a": 7, "b": 7},
            *({"v": "matrix", "k": k, "n": 2 + 2 * k} for k in range(4)),
        ],
    ),
    "cl-forces": Widget(
        key="f",
        start=FORCES,
        draw=lambda rng: {
            "t": temperature(rng),
            "a": degrees(rng),
            "k": [degrees(rng) for _ in range(rng.randint(2, 16))],
            "v": rng.choice(["total", "keys"]),
        },
        values=forces,
        more=[
            {"t": 0.01},
            {"t": 2},
            {"t": 0.07},
            {"a": 38.23},
            {"k": [70, 90, 130, 200, 320]},
            {"k": [70, 270, 130, 200, 320]},
            {"k": [70, 70, 130, 200, 320]},
            {"k": [90, 270], "t": 0.01},  # p+ is 1 to the last digit, the loss is not 0
            {"k": [100, 60, 120, 60, 120]},
        ],
        needs=["cl-circle"],
    ),
}

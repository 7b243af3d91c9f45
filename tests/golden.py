"""What the interactives must show: states, and their values from the package.

The one place where names of the page meet names of the package. A widget has a key in the address,
its start, a source of random states, further states worth a look, and a function from a state to
values. The page computes the same in its script; tests/test_play.py compares.
"""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch

import infonce

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
            return "_".join(map(str, value)) if isinstance(value, list) else str(value)

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

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


FORCES = {"t": 0.2, "a": 90, "k": [70, 100, 130, 200, 320], "v": "total"}

WIDGETS = {
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

"""Training free points: where NT-Xent ends on a circle and on a sphere."""

# --8<-- [start:compute]
import math

import torch

import infonce

pairs, tau, rate = 8, 0.2, 0.02
corners = 2 * math.pi * torch.arange(pairs, dtype=torch.float64) / pairs
polygon_points = torch.stack([corners.cos(), corners.sin()], 1)
polygon = infonce.nt_xent(polygon_points, polygon_points, temperature=tau)
simplex = infonce.loss_floor(
    pairs, pairs - 1, temperature=tau, loss="nt_xent"
).nats


def uniform(seed, count):
    """The generator mulberry32, as in the interactive."""
    found = []
    for _ in range(count):
        seed = (seed + 0x6D2B79F5) % 2**32
        t = ((seed ^ seed >> 15) * (seed | 1)) % 2**32
        t ^= (t + (t ^ t >> 7) * (t | 61)) % 2**32
        found.append((t ^ t >> 14) / 2**32)
    return torch.tensor(found, dtype=torch.float64)


def trained(d, steps=1000):
    u = uniform(1, 2 * pairs * d).reshape(-1, 2)
    radius, angle = (-2 * (-u[:, 0]).log1p()).sqrt(), 2 * math.pi * u[:, 1]
    z = torch.stack([radius * angle.cos(), radius * angle.sin()], 1)
    z = torch.nn.functional.normalize(z.reshape(-1, d))
    for _ in range(steps):
        grad = torch.cat(infonce.nt_xent_grad(*z.chunk(2), temperature=tau))
        z = torch.nn.functional.normalize(z - rate * 2 * pairs * grad)
    return z


circle_points = trained(2)
circle = infonce.nt_xent(*circle_points.chunk(2), temperature=tau)
sphere = infonce.nt_xent(*trained(3).chunk(2), temperature=tau)
print(f"circle {circle:.6f}, its polygon {polygon:.6f}, sphere {sphere:.6f}")
# --8<-- [end:compute]

kind = torch.arange(2 * pairs) % 4  # four classes, at the corners of a square
positives = (kind == 0).sum().item() - 1
classes = infonce.sup_con(
    polygon_points[2 * kind], kind, temperature=tau
)  # every other corner of the octagon
shared = math.log(positives)

VALUES = {
    "polygon": polygon,
    "sphere": sphere,
    "simplex": simplex,
    "positives": positives,
    "classes": classes,
    "shared": shared,
}


def figure():
    import matplotlib.pyplot as plt
    import numpy as np

    fig, ax = plt.subplots(figsize=(6, 4), layout="constrained")
    ring = np.linspace(0, 2 * np.pi, 200)
    ax.plot(np.cos(ring), np.sin(ring), color="C5", lw=0.8)
    x, y = (half.numpy() for half in circle_points.chunk(2))
    ax.plot(*x.T, "o", color="C0", ls="", ms=13, label="a view")
    ax.plot(*y.T, "^", color="C1", ls="", ms=7, label="its partner")
    ax.set(aspect="equal", xlim=(-1.3, 1.3), ylim=(-1.3, 1.3))
    ax.axis("off")
    ax.legend(loc="center")
    return fig

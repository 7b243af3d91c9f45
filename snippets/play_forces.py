"""Forces on the circle: where one anchor comes to rest."""

# --8<-- [start:compute]
import numpy as np
import torch

import infonce

tau = 0.2
anchor = np.radians(90.0)
keys = np.radians([70.0, 100, 130, 200, 320])  # the first is the positive


def point(angle):
    return torch.from_numpy(np.stack([np.cos(angle), np.sin(angle)], -1))


def slope(angle, keys=keys):
    """Of the loss along the circle, in nats per radian."""
    z, u = point(np.atleast_1d(angle)), point(keys)
    grad = infonce.info_nce_grad(z, u[:1], u[1:], temperature=tau).query[0]
    return float(grad @ torch.tensor([-np.sin(angle), np.cos(angle)]))


def loss(angle, keys=keys):
    z, u = point(np.atleast_1d(angle)), point(keys)
    return infonce.info_nce(z, u[:1], u[1:], temperature=tau)


high, low = anchor, anchor - np.pi / 2  # downhill is to the right
for _ in range(60):
    middle = (low + high) / 2
    low, high = (low, middle) if slope(middle) > 0 else (middle, high)

print(f"slope {slope(anchor):.6f} at 90°, rest at {np.degrees(middle):.2f}°")
# --8<-- [end:compute]

rest = np.degrees(middle)
rest_loss = loss(middle)


def on_cosines(keys):
    s = torch.from_numpy(np.cos(keys - anchor))[None]
    return infonce.similarity_grad(s, torch.tensor([0]), temperature=tau)[0]


on_anchor = on_cosines(np.radians([70.0, 90, 130, 200, 320]))
tie = on_cosines(np.radians([70.0, 70, 130, 200, 320]))
on_weight = on_anchor[1] * tau
tie_push = tie[1]
tie_pull = -tie[0]

VALUES = {
    "rest": rest,
    "rest_loss": rest_loss,
    "on_weight": on_weight,
    "tie_push": tie_push,
    "tie_pull": tie_pull,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 6), layout="constrained")
    circle = np.linspace(0, 2 * np.pi, 200)
    ax.plot(np.cos(circle), np.sin(circle), color="C5", lw=0.8)
    p = np.exp(np.cos(keys - anchor) / tau)
    p /= p.sum()
    for number, (key, weight) in enumerate(zip(keys, p, strict=True)):
        ends = np.stack([point(anchor), point(key)]).T
        colour = "C2" if number else "C1"
        ax.plot(*ends, color=colour, ls="-", lw=0.6 + 11 * weight, alpha=0.35)
    ax.plot(*point(anchor), "o", color="C0", ms=13, ls="", label="anchor")
    ax.plot(*point(keys[0]), "^", color="C1", ms=13, ls="", label="positive")
    ax.plot(*point(keys[1:]).T, "s", color="C2", ms=10, ls="", label="negative")
    for number, key in enumerate(keys):
        name = "+" if number == 0 else str(number)
        ax.text(*(0.84 * point(key)), name, ha="center", va="center")
    turn = np.linspace(anchor, anchor - 0.3 * slope(anchor), 20)
    ax.plot(*(1.2 * point(turn)).T, color="C0", ls="-", lw=3, label="its force")
    tip, end = 1.2 * point(turn[-1] - 0.06), 1.2 * point(turn[-2])
    arrow = {"arrowstyle": "-|>", "color": "C0", "lw": 3}
    ax.annotate("", tip.numpy(), end.numpy(), arrowprops=arrow)
    ax.set(aspect="equal", xlim=(-1.45, 1.45), ylim=(-1.45, 1.45))
    ax.axis("off")
    ax.legend(loc="lower left")
    return fig

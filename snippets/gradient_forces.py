"""The gradient of one anchor: what pulls, what pushes, and how hard."""

# --8<-- [start:compute]
import numpy as np

tau = 0.2
anchor = np.radians(90)
keys = np.radians([70, 100, 130, 200, 320])  # the first is the positive

s = np.cos(keys - anchor)
p = np.exp(s / tau)
p /= p.sum()
loss = -np.log(p[0])
ds = p / tau  # every negative pushes ...
ds[0] = -(1 - p[0]) / tau  # ... and the positive pulls
forces = ds * np.sin(keys - anchor)  # on the anchor, towards the positive

print(f"loss {loss:.6f} nats")
for key, weight, force in zip(np.degrees(keys), p, forces, strict=True):
    print(f"key at {key:3.0f}°: weight {weight:.4f}, force {force:+.4f}")
print(f"sum {forces.sum():+.4f}: the anchor turns towards the positive")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

package = infonce.similarity_grad(
    torch.from_numpy(s)[None], torch.tensor([0]), temperature=tau
)
print("infonce.similarity_grad:", " ".join(f"{g:+.4f}" for g in package[0]))
# --8<-- [end:package]

balance = abs(package.sum().round(decimals=12))  # pull and push cancel
pull = -package[0, 0]
total = forces.sum()
strongest_push = package[0, 1]
s_on = np.append(s, np.cos(anchor - anchor))  # a negative exactly on the anchor
weight_on = np.exp(s_on[-1] / tau) / np.exp(s_on / tau).sum()
on_anchor = weight_on / tau * np.sin(anchor - anchor)
M = len(keys) - 1

VALUES = {
    "tau": tau,
    "M": M,
    "loss": loss,
    "balance": balance,
    "pull": pull,
    "strongest_push": strongest_push,
    "total": total,
    "on_anchor": on_anchor,
    "weight_on": weight_on,
}


def figure():
    import matplotlib.pyplot as plt

    fig, (top, bottom) = plt.subplots(
        2, 1, figsize=(6, 6.6), height_ratios=[1.5, 1], layout="constrained"
    )
    circle = np.linspace(0, 2 * np.pi, 200)
    top.plot(np.cos(circle), np.sin(circle), color="C5", lw=0.8)
    top.plot(*point(anchor), "o", color="C0", ms=11, ls="", label="anchor")
    top.plot(*point(keys[0]), "^", color="C1", ms=11, ls="", label="positive")
    top.plot(*point(keys[1:]), "s", color="C2", ms=8, ls="", label="negative")
    for number, key in enumerate(keys):
        name = "+" if number == 0 else str(number)
        top.text(*np.multiply(point(key), 1.17), name, ha="center", va="center")
    turn = np.linspace(anchor, anchor - 0.3 * total, 20)
    top.plot(*np.multiply(point(turn), 1.3), color="C0", ls="-", lw=2)
    tip, end = (np.multiply(point(a), 1.3) for a in (turn[-1] - 0.06, turn[-2]))
    top.annotate(
        "", tip, end, arrowprops={"arrowstyle": "-|>", "color": "C0", "lw": 2}
    )
    top.set(aspect="equal", xlim=(-1.45, 1.45), ylim=(-1.3, 1.5))
    top.axis("off")
    top.legend(loc="center")
    names = ["positive", *(f"negative {number}" for number in range(1, M + 1))]
    bottom.barh(names[:1], forces[:1], color="C1", label="pull of the positive")
    bottom.barh(
        names[1:],
        forces[1:],
        color="C2",
        hatch="//",
        label="push of a negative",
    )
    bottom.axvline(0, color="black", lw=0.8)
    bottom.invert_yaxis()
    bottom.set(
        xlabel="force towards the positive / nats per radian",
        xlim=(-0.15, 1.25),
    )
    return fig


def point(angle):
    return np.cos(angle), np.sin(angle)

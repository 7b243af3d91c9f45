"""A classifier whose weights are written by the text encoder."""

# --8<-- [start:compute]
import numpy as np

alpha = 10.0  # logit scale
u = np.array([0.8, 0.6])  # an image, of length one
v = np.array(  # what the text encoder says to two prompts of each class
    [[[3.0, 0.0], [1.0, 1.0]], [[0.0, 1.0], [-0.5, 1.0]]]
)


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


c = unit(unit(v).mean(axis=1))  # normalise, average, normalise again
logits = alpha * c @ u
p = np.exp(logits) / np.exp(logits).sum()

for k in range(2):
    angle = np.degrees(np.arctan2(c[k, 1], c[k, 0]))
    print(f"class {k}: direction {angle:6.2f} degrees, p = {p[k]:.6f}")
# --8<-- [end:compute]

# --8<-- [start:torch]
import torch
from torch.nn import functional as F

v, u = torch.from_numpy(v), torch.from_numpy(u)
c = F.normalize(F.normalize(v, dim=-1).mean(1), dim=-1)
in_torch = torch.softmax(alpha * c @ u, dim=0)
print("torch:", *(f"{x:.6f}" for x in in_torch))
# --8<-- [end:torch]


# --8<-- [start:raw]
def direction(x):
    """Angle of a vector in degrees."""
    return np.degrees(np.arctan2(x[1], x[0]))


prompts = np.array([[3.0, 0.0], [1.0, 1.0]])  # the first is longer
right = direction(unit(prompts).mean(0))
raw = direction(prompts.mean(0))
print(f"normalised first: {right:.2f} degrees, raw vectors: {raw:.2f}")
# --8<-- [end:raw]

M = len(prompts)
p_first = p[0]
two = np.exp(alpha * 0.8) / (np.exp(alpha * 0.8) + np.exp(alpha * 0.6))
length = np.linalg.norm(prompts[0]) / np.linalg.norm(prompts[1])

VALUES = {
    "alpha": alpha,
    "M": M,
    "p_first": p_first,
    "two": two,
    "right": right,
    "raw": raw,
    "length": length,
}


def figure():
    import matplotlib.pyplot as plt

    angles = np.linspace(0, np.pi, 181)
    images = np.stack([np.cos(angles), np.sin(angles)])
    classes, texts = c.numpy(), v.numpy()
    fig, (top, bottom) = plt.subplots(
        2, 1, figsize=(6, 6.6), layout="constrained"
    )
    top.plot(images[0], images[1], color="C5", lw=1, label="the sphere")
    for k, (colour, marker) in enumerate((("C1", "o"), ("C2", "s"))):
        spots = unit(texts[k])
        top.plot(
            spots[:, 0],
            spots[:, 1],
            marker,
            color=colour,
            label=f"prompts of class {k}",
        )
        top.quiver(
            [0],
            [0],
            classes[k, :1],
            classes[k, 1:],
            angles="xy",
            scale_units="xy",
            scale=1,
            color=colour,
        )
    top.plot([0.8], [0.6], "*", color="C0", ms=12, label="the image")
    top.set(aspect="equal", xlim=(-1.1, 1.1), ylim=(-0.1, 1.1))
    top.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    for scale, style in ((1, ":"), (10, "-"), (100, "--")):
        scores = scale * classes @ images
        bottom.plot(
            np.degrees(angles),
            1 / (1 + np.exp(scores[1] - scores[0])),
            color="C3",
            ls=style,
            label=f"scale {scale}",
        )
    bottom.set(
        xlabel="direction of the image / degrees",
        ylabel="probability of class 0",
        ylim=(-0.02, 1.02),
    )
    bottom.legend()
    return fig

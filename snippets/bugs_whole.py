"""A batch divided by one norm instead of each row by its own."""

# --8<-- [start:setup]
import math

import torch
from torch.nn import functional as F

N, tau = 512, 0.5
g = torch.Generator().manual_seed(0)
x = torch.randn(N, 128, generator=g, dtype=torch.float64)
h = torch.cat([x, x]).requires_grad_()  # two equal views
partner = torch.arange(2 * N).roll(N)
# --8<-- [end:setup]

# --8<-- [start:wrong]
z = h / h.norm()
logits = z @ z.T / tau
logits = logits.fill_diagonal_(-torch.inf)
wrong = F.cross_entropy(logits, partner)
print(f"{wrong:.4f}")
# --8<-- [end:wrong]

# --8<-- [start:right]
z = h / h.norm(dim=1, keepdim=True)
logits = z @ z.T / tau
logits = logits.fill_diagonal_(-torch.inf)
right = F.cross_entropy(logits, partner)
print(f"{right:.4f}")
# --8<-- [end:right]

wrong_pull, right_pull = (
    torch.autograd.grad(loss, h)[0].norm() for loss in (wrong, right)
)
guess = math.log(2 * N - 1)
reported = 6.9287  # the loss in the report
share = wrong_pull / right_pull

VALUES = {
    "wrong": wrong,
    "right": right,
    "guess": guess,
    "N": N,
    "reported": reported,
    "share": share,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
    sizes = [16, 32, 64, 128, 256, 512]
    for name, one_norm, style, colour in (
        ("one norm for all", True, "--", "C2"),
        ("each row its own", False, "-", "C1"),
    ):
        losses = []
        for n in sizes:
            rows = torch.cat([x[:n], x[:n]])
            length = rows.norm() if one_norm else rows.norm(dim=1, keepdim=True)
            unit = rows / length
            s = (unit @ unit.T / tau).fill_diagonal_(-torch.inf)
            losses.append(F.cross_entropy(s, torch.arange(2 * n).roll(n)))
        ax.semilogx(
            sizes,
            losses,
            base=2,
            color=colour,
            ls=style,
            marker="o",
            label=name,
        )
    ax.set(xlabel="pairs N", ylabel="loss / nats")
    ax.legend()
    return fig

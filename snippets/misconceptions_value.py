"""What a value of the loss does not say, each with a batch that shows it."""

# --8<-- [start:zero]
import math

import torch

from infonce import nt_xent

N, tau = 256, 0.5
ideal = torch.eye(N, dtype=torch.float64) - 1 / N  # as far apart as N can be
same = torch.ones(N, N, dtype=torch.float64)
perfect = nt_xent(ideal, ideal, temperature=tau)  # both views coincide
collapsed = nt_xent(same, same, temperature=tau)
print(f"a perfect encoder: {perfect:.4f}, a constant one: {collapsed:.4f}")
# --8<-- [end:zero]

# --8<-- [start:log_n]
n = 4
axes = torch.eye(2 * n, dtype=torch.float64)
gradients = {}
for name, view1, view2 in (
    ("all in one point", torch.ones_like(axes[:n]), torch.ones_like(axes[:n])),
    ("all at right angles", axes[:n].clone(), axes[n:].clone()),
):
    loss = nt_xent(view1.requires_grad_(), view2, temperature=tau)
    loss.backward()
    gradients[name] = view1.grad.norm()
    print(f"{name}: loss {loss:.4f}, gradient {gradients[name]:.4f}")
# --8<-- [end:log_n]
at_angles = loss
in_one_point = nt_xent(same[:n], same[:n], temperature=tau)

# --8<-- [start:untrained]
cold = 0.07
g = torch.Generator().manual_seed(0)
rows = torch.randn(2, N, 16, generator=g, dtype=torch.float64)
untrained = nt_xent(rows[0], rows[1], temperature=cold)
guess = math.log(2 * N - 1)
print(f"untrained: {untrained:.2f}, log(2N - 1): {guess:.2f}")
# --8<-- [end:untrained]

# --8<-- [start:compare]
z = torch.randn(N, 64, generator=g, dtype=torch.float64)
noisy = z + torch.randn(N, 64, generator=g, dtype=torch.float64)
noisy_cold = nt_xent(z, noisy, temperature=cold)
noisy_warm = nt_xent(z, noisy, temperature=tau)
print(f"noisy pairs at {cold}: {noisy_cold:.2f}, at {tau}: {noisy_warm:.2f}")
print(f"the perfect encoder at {tau}: {perfect:.2f}")
# --8<-- [end:compare]


# --8<-- [start:supcon]
def supcon(z, labels, tau):
    """Khosla et al. 2020, Eq. 2, as a mean over the anchors."""
    logits = (z @ z.T / tau).fill_diagonal_(-torch.inf)
    positive = (labels[:, None] == labels).fill_diagonal_(False)
    log_p = logits.log_softmax(1).masked_fill(~positive, 0)
    return -(log_p.sum(1) / positive.sum(1)).mean()


turn = torch.arange(3, dtype=torch.float64) * 2 * torch.pi / 3
triangle = torch.stack([turn.cos(), turn.sin()], 1)  # three classes, far apart
two, four = 2, 4
floor_of_two = supcon(triangle.repeat(two, 1), torch.arange(3).repeat(two), tau)
floor_of_four = supcon(
    triangle.repeat(four, 1), torch.arange(3).repeat(four), tau
)
print(f"perfect classes, {two} of each: {floor_of_two:.4f}")
print(f"perfect classes, {four} of each: {floor_of_four:.4f}")
# --8<-- [end:supcon]
positives = four - 1
log_positives = math.log(positives)

VALUES = {
    "N": N,
    "tau": tau,
    "cold": cold,
    "perfect": perfect,
    "collapsed": collapsed,
    "n": n,
    "in_one_point": in_one_point,
    "at_angles": at_angles,
    "untrained": untrained,
    "guess": guess,
    "noisy_cold": noisy_cold,
    "noisy_warm": noisy_warm,
    "two": two,
    "four": four,
    "positives": positives,
    "floor_of_two": floor_of_two,
    "floor_of_four": floor_of_four,
    "log_positives": log_positives,
}


def figure():
    import matplotlib.pyplot as plt

    bars = {
        f"perfect, τ = {tau}": (perfect, "C1", ""),
        f"noisy pairs, τ = {tau}": (noisy_warm, "C0", "//"),
        f"constant, τ = {tau}": (collapsed, "C2", "xx"),
        f"noisy pairs, τ = {cold}": (noisy_cold, "C0", "//"),
        f"untrained, τ = {cold}": (untrained, "C5", ".."),
    }
    fig, ax = plt.subplots(figsize=(6, 3.1), layout="constrained")
    for row, (value, colour, hatch) in enumerate(bars.values()):
        ax.barh(row, value, color=colour, hatch=hatch, alpha=0.85)
        ax.text(value + 0.1, row, f"{value:.2f}", va="center")
    ax.set_yticks(range(len(bars)), list(bars))
    ax.invert_yaxis()
    ax.set(xlabel="NT-Xent of 256 pairs / nats", xlim=(0, 13.5))
    return fig

"""SigLIP trained with its bias as coded, as printed, and starting at zero."""

# --8<-- [start:train]
import torch
from torch import nn
from torch.nn import functional as F

N, d, steps, rate = 64, 16, 200, 3e-3


def train(start, seed, bias_rate=rate):
    """Two linear encoders find what two noisy views of one vector share."""
    g = torch.Generator().manual_seed(seed)
    mixing = torch.randn(2, d, 2 * d, generator=g)  # how each side is made
    towers = [torch.randn(2 * d, d, generator=g) / 8 for _ in range(2)]
    log_scale, bias = torch.tensor(10.0).log(), torch.tensor(start)
    weights = [nn.Parameter(w) for w in (*towers, log_scale, bias)]
    groups = [{"params": weights[:3]}, {"params": weights[3:], "lr": bias_rate}]
    optimiser = torch.optim.Adam(groups, rate)
    y = 2 * torch.eye(N) - 1
    losses, found = [], []
    for _ in range(steps):
        source = torch.randn(N, d, generator=g)
        noise = 0.3 * torch.randn(2, N, 2 * d, generator=g)
        image, text = (
            F.normalize((source @ m + n) @ w, dim=1)
            for m, n, w in zip(mixing, noise, weights[:2], strict=True)
        )
        S = image @ text.T
        logits = weights[2].exp() * S + weights[3]
        loss = -F.logsigmoid(y * logits).sum() / N
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        right = S.argmax(1) == torch.arange(N)
        found.append(right.double().mean().item())
    return losses, found, weights[3].item()


fast = 0.3
starts = {
    "-10": (-10.0, rate),
    "0": (0.0, rate),
    "+10": (10.0, rate),
    "+10, fast": (10.0, fast),
}
seeds = range(3)
runs = {
    name: [train(start, seed, bias_rate) for seed in seeds]
    for name, (start, bias_rate) in starts.items()
}
# --8<-- [end:train]


# --8<-- [start:result]
def mean(name, what, first, last):
    """Mean over seeds and over the steps from first to last."""
    rows = torch.tensor([run[what][first:last] for run in runs[name]])
    return rows.mean().item()


print("bias at first    loss at first   text found, end")
for name in starts:
    first, found = mean(name, 0, 0, 1), mean(name, 1, steps - 20, steps)
    print(f"{name:14}{first:16.1f}{found:18.0%}")
# --8<-- [end:result]

count = len(seeds)
reach = steps * rate
(bias_coded, _), _, (bias_printed, _), _ = starts.values()
found_coded, found_absent, found_printed, found_fast = (
    mean(name, 1, steps - 20, steps) for name in starts
)
end_printed = sum(run[2] for run in runs["+10"]) / count
end_fast = sum(run[2] for run in runs["+10, fast"]) / count
chance = 1 / N

VALUES = {
    "N": N,
    "steps": steps,
    "rate": rate,
    "fast": fast,
    "count": count,
    "reach": reach,
    "bias_coded": bias_coded,
    "bias_printed": bias_printed,
    "found_coded": found_coded,
    "found_absent": found_absent,
    "found_printed": found_printed,
    "found_fast": found_fast,
    "end_printed": end_printed,
    "end_fast": end_fast,
    "chance": chance,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
    looks = [("C1", "-"), ("C5", ":"), ("C2", "--"), ("C2", "-.")]
    for name, (colour, style) in zip(starts, looks, strict=True):
        found = torch.tensor([run[1] for run in runs[name]])  # (seeds, steps)
        smooth = found.unfold(1, 10, 10).mean(2)
        at = torch.arange(10, steps + 1, 10)
        label = f"bias starts at {name}"
        ax.plot(at, smooth.mean(0), color=colour, ls=style, label=label)
        low, high = smooth.amin(0), smooth.amax(0)
        ax.fill_between(at, low, high, color=colour, alpha=0.2)
    ax.axhline(chance, color="C5", lw=1, label="chance")
    ax.set(xlabel="step", ylabel="share of texts found", ylim=(0, 1.02))
    ax.legend(loc="center left", bbox_to_anchor=(0.45, 0.55))
    return fig

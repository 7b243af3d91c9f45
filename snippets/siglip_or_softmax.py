"""What the sigmoid loss sees that the softmax does not, and the reverse."""

# --8<-- [start:shift]
import torch
from torch.nn import functional as F

from infonce import info_nce_from_similarity


def siglip(S, alpha, bias):
    """Mean over the rows of the sum over each row."""
    y = 2 * torch.eye(len(S), dtype=S.dtype) - 1
    return -F.logsigmoid(y * (alpha * S + bias)).sum(1).mean()


def softmax_loss(S, alpha):
    return info_nce_from_similarity(S, temperature=1 / alpha)


S = torch.tensor(
    [[0.8, 0.3, 0.1], [0.1, 0.6, 0.4], [0.2, 0.5, 0.7]], dtype=torch.float64
)
alpha, bias, shift = 10.0, -5.0, 0.2
softmax_before, softmax_after = (softmax_loss(m, alpha) for m in (S, S + shift))
siglip_before, siglip_after = (siglip(m, alpha, bias) for m in (S, S + shift))
followed = siglip(S + shift, alpha, bias - alpha * shift)
print(f"softmax {softmax_before:.6f}, all cosines higher {softmax_after:.6f}")
print(f"sigmoid {siglip_before:.6f}, all cosines higher {siglip_after:.6f}")
print(f"        {followed:.6f} if the bias follows")
# --8<-- [end:shift]

# --8<-- [start:optimum]
joint = torch.tensor(
    [[0.30, 0.10], [0.05, 0.55]], dtype=torch.float64
)  # how often image x and text y come as a pair
product = joint.sum(1, keepdim=True) * joint.sum(0)  # if they were unrelated
N = 8
logits = torch.zeros(2, 2, dtype=torch.float64, requires_grad=True)
optimiser = torch.optim.LBFGS(
    [logits], max_iter=200, tolerance_grad=1e-12, tolerance_change=1e-16
)


def expected():
    """One pair from the joint, N - 1 from the product, for each image."""
    optimiser.zero_grad()
    yes, no = F.logsigmoid(logits), F.logsigmoid(-logits)
    loss = -(joint * yes).sum() - (N - 1) * (product * no).sum()
    loss.backward()
    return loss


optimiser.step(expected)
best = logits.detach()
pmi = (joint / product).log()
predicted = pmi - torch.tensor(N - 1.0).log()
for name, found in (("best logits", best), ("PMI - log(N-1)", predicted)):
    print(f"{name:14}", *(f"{x:+.4f}" for x in found.flatten()))
# --8<-- [end:optimum]

# --8<-- [start:tiles]
g = torch.Generator().manual_seed(0)
image, text = (
    F.normalize(torch.randn(96, 16, generator=g, dtype=torch.float64), dim=1)
    for _ in range(2)
)
whole = siglip(image @ text.T, alpha, bias)
total = 0.0
for start in range(0, 96, 24):  # a device keeps its images, texts come by
    for other in range(0, 96, 24):
        tile = image[start : start + 24] @ text[other : other + 24].T
        y = 2 * torch.eye(24) - 1 if start == other else -torch.ones(24, 24)
        total -= F.logsigmoid(y * (alpha * tile + bias)).sum() / 96
print(f"at once {whole:.12f}, tile by tile {total:.12f}")
# --8<-- [end:tiles]

gap = (best - predicted).abs().max()
likeliest = pmi.max()
likeliest_logit = best.max()
tiled = total

VALUES = {
    "alpha": alpha,
    "bias": bias,
    "shift": shift,
    "softmax_before": softmax_before,
    "softmax_after": softmax_after,
    "siglip_before": siglip_before,
    "siglip_after": siglip_after,
    "followed": followed,
    "N": N,
    "gap": gap,
    "likeliest": likeliest,
    "likeliest_logit": likeliest_logit,
    "whole": whole,
    "tiled": tiled,
}


def figure():
    import matplotlib.pyplot as plt

    shifts = torch.linspace(-0.5, 0.2, 71, dtype=torch.float64)
    fig, ax = plt.subplots(figsize=(6, 3.3), layout="constrained")
    ax.plot(
        shifts,
        [siglip(S + c, alpha, bias) for c in shifts],
        color="C0",
        label="sigmoid",
    )
    ax.plot(
        shifts,
        [softmax_loss(S + c, alpha) for c in shifts],
        color="C5",
        ls="--",
        label="softmax",
    )
    ax.set(xlabel="added to all cosines", ylabel="loss / nats", ylim=(0, 2))
    ax.legend()
    return fig

"""What cosines, gaps and biases mean between modalities, in small batches."""

# --8<-- [start:gap]
import torch

from infonce import clip_loss, modality_gap

gap, tau = 0.6, 0.5
eye = torch.eye(4, dtype=torch.float64)  # four perfectly matched pairs
own_axis = torch.full((4, 1), gap, dtype=torch.float64)
length = (1 - gap**2) ** 0.5
image = torch.cat([length * eye, own_axis], 1)  # all images on one side
text = torch.cat([length * eye, -own_axis], 1)  # all texts on the other
narrow = tau * (1 - gap**2)
closed = clip_loss(eye, eye, logit_scale=1 / tau)
open_same = clip_loss(image, text, logit_scale=1 / tau)
open_narrow = clip_loss(image, text, logit_scale=1 / narrow)
print(f"no gap {closed:.10f}, gap of {modality_gap(image, text).norm():.1f}:")
print(f"same tau {open_same:.10f}, tau x {1 - gap**2:.2f} {open_narrow:.10f}")
# --8<-- [end:gap]
distance = (image.mean(0) - text.mean(0)).norm()

# --8<-- [start:percent]
from infonce import softmax_weights

cosines = torch.tensor([0.30, 0.29, 0.20], dtype=torch.float64)
scale = 100.0
match = softmax_weights(cosines, temperature=1 / scale)
shifted = softmax_weights(cosines + 0.4, temperature=1 / scale)
print("cosines 0.30, 0.29, 0.20:", [f"{p:.3f}" for p in match])
print("cosines 0.70, 0.69, 0.60:", [f"{p:.3f}" for p in shifted])
# --8<-- [end:percent]
best = match[0]
second = match[1]
odds = match[0] / match[1]
lead = cosines[0] - cosines[1]


# --8<-- [start:bias]
def siglip(S, t, b):
    """Zhai et al. 2023, Algorithm 1: every pair is its own yes-or-no."""
    sign = 2 * torch.eye(len(S), dtype=S.dtype) - 1
    losses = -torch.nn.functional.logsigmoid(sign * (t * S + b))
    return losses.sum() / len(S), losses.diagonal().sum() / losses.sum()


N, t, b = 4, 10.0, -10.0
nothing = torch.zeros(N, N, dtype=torch.float64)
at_zero, share_at_zero = siglip(nothing, t, 0.0)
at_start, share_at_start = siglip(nothing, t, b)
print(f"b = 0:   {at_zero:.4f}, negatives {1 - share_at_zero:.1%} of it")
print(f"b = -10: {at_start:.4f}, negatives {1 - share_at_start:.4%} of it")
# --8<-- [end:bias]
negatives_at_zero = 1 - share_at_zero
negatives_at_start = 1 - share_at_start

VALUES = {
    "gap": gap,
    "tau": tau,
    "narrow": narrow,
    "distance": distance,
    "closed": closed,
    "open_same": open_same,
    "open_narrow": open_narrow,
    "scale": scale,
    "best": best,
    "second": second,
    "odds": odds,
    "lead": lead,
    "N": N,
    "b": b,
    "at_zero": at_zero,
    "at_start": at_start,
    "negatives_at_zero": negatives_at_zero,
    "negatives_at_start": negatives_at_start,
}


def figure():
    import matplotlib.pyplot as plt
    import numpy as np

    gaps = np.linspace(0, 0.95, 40)
    fig, ax = plt.subplots(figsize=(6, 3.3), layout="constrained")
    for free, name, style in (
        (False, "temperature fixed", "--"),
        (True, "temperature free to follow", "-"),
    ):
        losses = []
        for g in gaps:
            side = torch.full((4, 1), float(g), dtype=torch.float64)
            rows = (1 - g**2) ** 0.5 * eye
            factor = 1 - g**2 if free else 1.0
            losses.append(
                clip_loss(
                    torch.cat([rows, side], 1),
                    torch.cat([rows, -side], 1),
                    logit_scale=1 / (tau * factor),
                ).item()
            )
        ax.plot(2 * gaps, losses, color="C3", ls=style, label=name)
    ax.set(
        xlabel="distance of the two means", ylabel="loss / nats", ylim=(0, 1.5)
    )
    ax.legend()
    return fig

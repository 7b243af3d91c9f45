"""What temperature does and does not do, each with a batch that shows it."""

# --8<-- [start:rescale]
import torch

from infonce import nt_xent_grad

g = torch.Generator().manual_seed(0)
unit = torch.nn.functional.normalize
z = unit(torch.randn(64, 16, generator=g, dtype=torch.float64))
near = unit(z + 0.5 * torch.randn(64, 16, generator=g, dtype=torch.float64))
low, middle, high = 0.05, 0.5, 5.0
directions = [
    unit(torch.cat(nt_xent_grad(z, near, temperature=t)[:2]).flatten(), dim=0)
    for t in (low, middle, high)
]
low_middle = directions[0] @ directions[1]
middle_high = directions[1] @ directions[2]
print(f"cosine of the gradients at {low} and {middle}: {low_middle:.3f}")
print(f"cosine of the gradients at {middle} and {high}: {middle_high:.3f}")
# --8<-- [end:rescale]

# --8<-- [start:cold]
from sklearn.datasets import load_digits

from infonce import negative_weights

pixels, labels = load_digits(return_X_y=True)
rows = unit(torch.tensor(pixels[:600] - pixels[:600].mean(0)))
kind = torch.tensor(labels[:600])
others = ~torch.eye(600, dtype=torch.bool)
s = (rows @ rows.T)[others].view(600, 599)  # every other digit is a negative
false = (kind[:, None] == kind)[others].view(600, 599)
share = {
    t: (negative_weights(s, temperature=t) * false).sum(1).mean()
    for t in (0.05, 0.1, 0.5, 5.0)
}
for t, part in share.items():
    print(f"tau {t}: {part:.1%} of the push is on the same digit")
# --8<-- [end:cold]
of_all = false.double().mean()
coldest, cold, hot = 0.05, 0.1, 5.0

# --8<-- [start:hot]
from infonce import info_nce_grad

anchor, positive = z[:8], near[:8]
away = positive.mean(0) - positive  # to the mean of all keys
away -= (away * anchor).sum(1, keepdim=True) * anchor  # along the sphere
scaled = {
    t: t * info_nce_grad(anchor, positive, temperature=t).query
    for t in (1.0, 10.0, 100.0)
}
for t, push in scaled.items():
    cosine = (push * away).sum() / (push.norm() * away.norm())
    print(f"tau {t:5}: tau x |grad| {push.norm():.4f}, cosine {cosine:.6f}")
# --8<-- [end:hot]
warm_end, hot_end = 1.0, 100.0

# --8<-- [start:triplet]
from infonce import info_nce_from_similarity

first, margin, nearly_zero = torch.tensor([0]), 0.2, 0.005
ahead, behind = torch.tensor(  # the positive first, then two negatives
    [[[0.8, 0.7, 0.3]], [[0.6, 0.7, 0.3]]], dtype=torch.float64
)
ahead_limit, behind_limit = (
    x * info_nce_from_similarity(s, first, temperature=x)
    for s, x in ((ahead, nearly_zero), (behind, nearly_zero))
)
ahead_triplet, behind_triplet = (
    (row[0, 1:] - row[0, 0] + margin).clamp(min=0).mean()
    for row in (ahead, behind)
)
print(f"ahead:  tau x loss {ahead_limit:.4f}, triplet {ahead_triplet:.4f}")
print(f"behind: tau x loss {behind_limit:.4f}, triplet {behind_triplet:.4f}")
# --8<-- [end:triplet]

VALUES = {
    "low": low,
    "middle": middle,
    "high": high,
    "low_middle": low_middle,
    "middle_high": middle_high,
    "of_all": of_all,
    "coldest": coldest,
    "cold": cold,
    "hot": hot,
    "share_coldest": share[coldest],
    "share_cold": share[cold],
    "share_hot": share[hot],
    "warm_end": warm_end,
    "hot_end": hot_end,
    "scaled_warm": scaled[warm_end].norm(),
    "scaled_hot": scaled[hot_end].norm(),
    "margin": margin,
    "nearly_zero": nearly_zero,
    "ahead_limit": ahead_limit,
    "behind_limit": behind_limit,
    "ahead_triplet": ahead_triplet,
    "behind_triplet": behind_triplet,
}


def figure():
    import matplotlib.pyplot as plt
    import numpy as np

    s = (rows @ rows.T)[others].view(600, 599)
    taus = np.geomspace(0.02, 5, 30)
    shares = [
        (negative_weights(s, temperature=float(t)) * false).sum(1).mean().item()
        for t in taus
    ]
    fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
    ax.semilogx(taus, shares, color="C2", label="share of the push")
    ax.axhline(
        of_all.item(), color="C5", ls="--", label="share of the negatives"
    )
    ax.set(
        xlabel="temperature τ",
        ylabel="false negatives (same digit)",
        ylim=(0, 1),
    )
    ax.legend()
    return fig

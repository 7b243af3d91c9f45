"""NT-Xent: all views are anchors, and no view is compared with itself."""

# --8<-- [start:compute]
import numpy as np

N, d, tau = 6, 16, 0.5
rng = np.random.default_rng(1)
content = rng.normal(size=(N, d))
view1, view2 = (content + 0.7 * rng.normal(size=(N, d)) for _ in range(2))

z = np.concatenate([view1, view2])  # (2N, d): view 1 first
z /= np.linalg.norm(z, axis=1, keepdims=True)
e = np.exp(z @ z.T / tau)
np.fill_diagonal(e, 0)  # the anchor itself leaves the denominator
p = e / e.sum(axis=1, keepdims=True)
partner = np.roll(np.arange(2 * N), N)  # i + N, wrapping around
losses = -np.log(p[np.arange(2 * N), partner])  # (2N,)
loss = losses.mean()

print(f"loss     {loss:.6f} nats, mean over {2 * N} views")
print(f"collapse {np.log(2 * N - 1):.6f} nats")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

package = infonce.nt_xent(
    torch.from_numpy(view1), torch.from_numpy(view2), temperature=tau
)
print(f"infonce.nt_xent: {package:.6f}")
# --8<-- [end:package]

one_point = torch.ones(N, d, dtype=torch.float64)
collapse = infonce.nt_xent(one_point, one_point, temperature=tau)
apart = torch.eye(2 * N, dtype=torch.float64)  # views with nothing in common
strangers = infonce.nt_xent(apart[:N], apart[N:], temperature=tau)
views = 2 * N
negatives = 2 * N - 2
with_self = -np.log(
    np.exp(np.sum(z * z[partner], axis=1) / tau)
    / (e.sum(axis=1) + np.exp(1 / tau))
)
kept_self = with_self.mean()
doubled = losses[:N].mean() + losses[N:].mean()

VALUES = {
    "N": N,
    "tau": tau,
    "views": views,
    "negatives": negatives,
    "loss": loss,
    "package": package,
    "collapse": collapse,
    "strangers": strangers,
    "kept_self": kept_self,
    "doubled": doubled,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(5.4, 4.4), layout="constrained")
    image = ax.imshow(
        np.where(np.eye(2 * N, dtype=bool), np.nan, p), cmap="Blues", vmin=0
    )
    ax.set(
        xlabel="candidate (view 1, then view 2)",
        ylabel="anchor (view 1, then view 2)",
    )
    ax.set_title("softmax weight p")
    fig.colorbar(image, ax=ax, shrink=0.9)
    return fig

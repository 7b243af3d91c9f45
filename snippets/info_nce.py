"""InfoNCE of a batch, written as the equation."""

# --8<-- [start:compute]
import numpy as np

N, d, tau = 8, 16, 0.2
rng = np.random.default_rng(0)
q = rng.normal(size=(N, d))  # anchors
k = q + 2.0 * rng.normal(size=(N, d))  # row i is the positive of anchor i
q /= np.linalg.norm(q, axis=1, keepdims=True)
k /= np.linalg.norm(k, axis=1, keepdims=True)

s = q @ k.T  # (N, N) cosines, the positives on the diagonal
p = np.exp(s / tau)
p /= p.sum(axis=1, keepdims=True)  # softmax of each row
losses = -np.log(np.diag(p))  # (N,) one a row
loss = losses.mean()

print(f"loss          {loss:.6f} nats")
print(f"a plain guess {np.log(N):.6f} nats")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

package = infonce.info_nce(
    torch.from_numpy(q), torch.from_numpy(k), temperature=tau
)
print(f"infonce.info_nce: {package:.6f}")
# --8<-- [end:package]

uninformative = torch.ones(N, d, dtype=torch.float64)
guess = infonce.info_nce(torch.from_numpy(q), uninformative, temperature=tau)
single = infonce.info_nce(
    torch.from_numpy(q[:1]), torch.from_numpy(k[:1]), temperature=tau
)
best = losses.min()
worst = losses.max()
rows_right = np.sum(s.argmax(axis=1) == np.arange(N))

VALUES = {
    "N": N,
    "d": d,
    "tau": tau,
    "loss": loss,
    "package": package,
    "guess": guess,
    "single": single,
    "best": best,
    "worst": worst,
    "rows_right": rows_right,
}


def figure():
    import matplotlib.pyplot as plt

    fig, (top, bottom) = plt.subplots(
        2, 1, figsize=(5.4, 6.4), height_ratios=[1.5, 1], layout="constrained"
    )
    image = top.imshow(p, cmap="Blues", vmin=0, vmax=1)
    top.set(
        xlabel="candidate j",
        ylabel="anchor i",
        title="softmax weight p of each candidate",
    )
    fig.colorbar(image, ax=top, shrink=0.85)
    bottom.barh(range(N), losses, color="C0", label="loss of the row")
    bottom.axvline(np.log(N), color="C5", ls="--", label="a guess: log N")
    bottom.invert_yaxis()
    bottom.set_yticks(range(N))
    bottom.set(
        xlabel="loss / nats", ylabel="anchor i", title="loss of each anchor"
    )
    bottom.legend(loc="upper left", bbox_to_anchor=(0, -0.32), ncols=2)
    return fig

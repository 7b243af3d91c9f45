"""The log-sum-exp of a row that never exists as a whole."""

# --8<-- [start:compute]
import numpy as np

N, d, tau, width = 96, 16, 0.05, 20
rng = np.random.default_rng(0)
q = rng.normal(size=(N, d))
k = q + rng.normal(size=(N, d))
q /= np.linalg.norm(q, axis=1, keepdims=True)
k /= np.linalg.norm(k, axis=1, keepdims=True)

m = np.full(N, -np.inf)  # largest logit so far
total = np.zeros(N)  # sum of exponentials so far, relative to it
for start in range(0, N, width):
    x = q @ k[start : start + width].T / tau  # (N, width): one tile
    higher = np.maximum(m, x.max(axis=1))
    total = total * np.exp(m - higher) + np.exp(x - higher[:, None]).sum(1)
    m = higher

loss = (m + np.log(total) - (q * k).sum(1) / tau).mean()
print(f"tile by tile {loss:.12f} nats")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

package = infonce.info_nce(
    torch.from_numpy(q), torch.from_numpy(k), temperature=tau
)
print(f"infonce.info_nce: {package:.12f}")
# --8<-- [end:package]


def streamed(logits, width):
    """The same recursion over a list of logits, in tiles of one width."""
    m, total = -np.inf, 0.0
    for start in range(0, len(logits), width):
        x = logits[start : start + width]
        higher = max(m, x.max())
        total = total * np.exp(m - higher) + np.exp(x - higher).sum()
        m = higher
    return m + np.log(total)


rising = np.linspace(0, 1000, 101)  # each tile beats all before
spread = max(streamed(rising, w) for w in (1, 7, 101)) - min(
    streamed(rising, w) for w in (1, 7, 101)
)
at_rising = streamed(rising, 7)
batch, columns, wide = 65536, 256, 512
whole_gib = batch**2 * 4 / 2**30
tile_gib = batch * columns * 4 / 2**30
rows_gib = 2 * batch * wide * 4 / 2**30

VALUES = {
    "N": N,
    "width": width,
    "loss": loss,
    "package": package,
    "spread": spread,
    "at_rising": at_rising,
    "batch": batch,
    "columns": columns,
    "wide": wide,
    "whole_gib": whole_gib,
    "tile_gib": tile_gib,
    "rows_gib": rows_gib,
}


def figure():
    import matplotlib.pyplot as plt

    sizes = 2.0 ** np.arange(8, 18)
    fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
    ax.loglog(
        sizes,
        sizes**2 * 4 / 2**30,
        color="C2",
        ls="--",
        label="the whole matrix",
    )
    ax.loglog(sizes, sizes * 256 * 4 / 2**30, color="C1", label="a tile of 256")
    ax.loglog(
        sizes,
        2 * sizes * 512 * 4 / 2**30,
        color="C5",
        ls=":",
        label="the embeddings, d = 512",
    )
    ax.set(xlabel="batch size N", ylabel="memory in float32 / GiB")
    ax.legend()
    return fig

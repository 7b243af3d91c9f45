"""The SigLIP loss: every pair is a question of its own, yes or no."""

# --8<-- [start:compute]
import numpy as np

S = np.array(
    [[0.8, 0.3, 0.1], [0.1, 0.6, 0.4], [0.2, 0.5, 0.7]]
)  # cosines: images x texts
alpha, bias = 10.0, -10.0  # logit scale and bias, as training starts
N = len(S)

y = 2 * np.eye(N) - 1  # +1 where image and text belong together, else -1
losses = np.log1p(np.exp(-y * (alpha * S + bias)))  # (N, N), one a pair
loss = losses.sum() / N

print(f"positives {np.trace(losses) / N:.6f}")
print(f"negatives {(losses.sum() - np.trace(losses)) / N:.6f}")
print(f"together  {loss:.6f} nats an image")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

# Embeddings with exactly these cosines: images along the axes, texts with S as
# coordinates, and one more coordinate each that brings them to length one.
rest = np.sqrt(1 - (S**2).sum(axis=0))
image = torch.eye(3, 6, dtype=torch.float64)
text = torch.from_numpy(np.hstack([S.T, np.diag(rest)]))
package = infonce.siglip_loss(image, text, logit_scale=alpha, logit_bias=bias)
print(f"infonce.siglip_loss: {package:.6f}")
# --8<-- [end:package]

positives = np.trace(losses) / N
negatives = loss - positives


def uninformed(N, bias):
    """The loss of N pairs whose cosines are all zero: only the bias speaks."""
    return np.log1p(np.exp(-bias)) + (N - 1) * np.log1p(np.exp(bias))


def default(N):
    """Where that loss is lowest: the log-odds of one pair in N."""
    return -np.log(N - 1)


zeros = uninformed(N, bias)
printed = uninformed(N, -bias)  # the bias enters with the printed sign
small, large = 256, 32768
default_small = default(small)
default_large = default(large)
matching_N = 1 + np.exp(-bias)
at_start_small = uninformed(small, bias)
printed_small = uninformed(small, -bias)
no_bias_small = uninformed(small, 0.0 * bias)
lowest_small = uninformed(small, default_small)

VALUES = {
    "N": N,
    "alpha": alpha,
    "bias": bias,
    "loss": package,
    "positives": positives,
    "negatives": negatives,
    "zeros": zeros,
    "printed": printed,
    "small": small,
    "large": large,
    "default_small": default_small,
    "default_large": default_large,
    "matching_N": matching_N,
    "at_start_small": at_start_small,
    "printed_small": printed_small,
    "no_bias_small": no_bias_small,
    "lowest_small": lowest_small,
}


def figure():
    import matplotlib.pyplot as plt

    s = np.linspace(-1, 1, 101)
    fig, (top, bottom) = plt.subplots(
        2, 1, figsize=(6, 6.4), layout="constrained"
    )
    top.plot(
        s,
        np.log1p(np.exp(-(alpha * s + bias))),
        color="C1",
        label="a pair that belongs together",
    )
    top.plot(
        s,
        np.log1p(np.exp(alpha * s + bias)),
        color="C2",
        ls="--",
        label="a pair that does not",
    )
    top.set(
        xlabel="cosine of the pair",
        ylabel="loss of the pair / nats",
        ylim=(0, 20),
        title="the two prices when training starts",
    )
    top.legend()
    biases = np.linspace(-20, 5, 251)
    for size, style in ((small, "--"), (large, "-")):
        bottom.semilogy(
            biases,
            uninformed(size, biases),
            color="C4",
            ls=style,
            label=f"N = {size:,}",
        )
        bottom.plot([default(size)], [uninformed(size, default(size))], "C4D")
    bottom.axvline(bias, color="C5", ls=":", label="the bias at the start")
    bottom.set(
        xlabel="bias b",
        ylabel="loss / nats",
        ylim=(3, 3e5),
        title="the price of knowing nothing",
    )
    bottom.legend()
    return fig

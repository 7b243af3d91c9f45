"""The gradient of the loss is one step of attention."""

# --8<-- [start:compute]
import numpy as np

tau, N, d = 0.2, 6, 4
rng = np.random.default_rng(0)
keys = rng.normal(size=(N, d))
keys /= np.linalg.norm(keys, axis=1, keepdims=True)
z_pos = keys[0]  # the first candidate is the positive
z = z_pos + 0.5 * rng.normal(size=d)
z /= np.linalg.norm(z)

p = np.exp(keys @ z / tau)
p /= p.sum()
attended = p @ keys  # query z, keys and values the candidates
gradient = (attended - z_pos) / tau

print("attended", attended.round(6))
print("gradient", gradient.round(6))
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

candidates = torch.from_numpy(keys)
ds = infonce.similarity_grad(
    (candidates @ torch.from_numpy(z))[None],
    torch.tensor([0]),
    temperature=tau,
)
package = (ds @ candidates)[0]
print("infonce.similarity_grad @ keys", package.numpy().round(6))
# --8<-- [end:package]

layer = torch.nn.functional.scaled_dot_product_attention(
    torch.from_numpy(z)[None, None],
    torch.from_numpy(keys)[None],
    torch.from_numpy(keys)[None],
    scale=1 / tau,
)[0, 0]
difference = np.abs(layer.numpy() - attended).max().round(decimals=12)
usual = 1 / np.sqrt(64)  # the scale of attention in a head of width 64
width = 64
as_temperature = np.sqrt(width)
surest = p[0]
alike = np.exp(np.ones((N, d)) @ np.ones(d))
alike = alike / alike.sum()
even = alike.max() * N

VALUES = {
    "tau": tau,
    "N": N,
    "difference": difference,
    "width": width,
    "as_temperature": as_temperature,
    "p_pos": surest,
    "even": even,
}


def figure():
    import matplotlib.pyplot as plt

    place = np.arange(N)
    fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
    ax.bar(place[:1], p[:1], color="C1", label="the positive")
    ax.bar(place[1:], p[1:], color="C2", hatch="//", label="negatives")
    ax.set(xlabel="candidate", ylabel="attention weight p", ylim=(0, 1))
    ax.legend(loc="upper right")
    return fig

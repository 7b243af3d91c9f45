"""A false negative sets a floor that training cannot pass."""

# --8<-- [start:compute]
import numpy as np

tau = 0.5
z = np.eye(3)
z[1] = z[0]  # images 0 and 1 are the same picture
views = np.concatenate([z, z])  # both views of an image coincide
N = len(z)

e = np.exp(views @ views.T / tau)
np.fill_diagonal(e, 0)
losses = np.log(e.sum(axis=1) / np.exp(1 / tau))  # every positive is at 1
loss = losses.mean()

print(f"a picture with a twin {losses[0]:.6f} nats, the other {losses[2]:.6f}")
print(f"mean {loss:.6f}; floor of the twins log 3 = {np.log(3):.6f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

rows = torch.from_numpy(z)
package = infonce.nt_xent(rows, rows, temperature=tau)
print(f"infonce.nt_xent: {package:.6f}")
# --8<-- [end:package]

twin, alone = losses[0], losses[2]
low = 0.02
twin_low = infonce.nt_xent(rows, rows, temperature=low, reduction="none")[0]
d_twin = 2  # both views of the other image
floor = np.log(1 + d_twin)
classes, batch = 10, 64
rho = classes * (1 / classes) ** 2  # balanced classes
clean = (1 - rho) ** (batch - 1)  # no other picture of the class in a batch

VALUES = {
    "tau": tau,
    "N": N,
    "loss": package,
    "twin": twin,
    "alone": alone,
    "low": low,
    "twin_low": twin_low,
    "d_twin": d_twin,
    "floor": floor,
    "classes": classes,
    "batch": batch,
    "rho": rho,
    "clean": clean,
}


def figure():
    import matplotlib.pyplot as plt

    taus = np.geomspace(0.05, 2, 60)
    fig, ax = plt.subplots(figsize=(6, 3.7), layout="constrained")
    for index, name, colour, style in (
        (0, "an image with a twin", "C2", "-"),
        (2, "an image without", "C1", "--"),
    ):
        values = [
            infonce.nt_xent(rows, rows, temperature=float(t), reduction="none")[
                index
            ].item()
            for t in taus
        ]
        ax.semilogx(taus, values, color=colour, ls=style, label=name)
    ax.axhline(floor, color="C5", ls=":", label="log(1 + 2)")
    ax.set(xlabel="temperature τ", ylabel="loss / nats", ylim=(0, None))
    ax.legend()
    return fig

"""NT-Xent is stochastic neighbour embedding with one neighbour each."""

# --8<-- [start:compute]
import numpy as np

N, d, tau = 6, 4, 0.5
rng = np.random.default_rng(0)
a = rng.normal(size=(N, d))
z = np.concatenate([a, a + 0.5 * rng.normal(size=(N, d))])
z /= np.linalg.norm(z, axis=1, keepdims=True)
neighbour = (np.arange(2 * N) + N) % (2 * N)  # the other view

squared = ((z[:, None] - z[None]) ** 2).sum(axis=2)
kernel = np.exp(-squared / (2 * tau))  # a Gaussian, of variance tau
np.fill_diagonal(kernel, 0)  # nobody is their own neighbour
q = kernel / kernel.sum(axis=1, keepdims=True)
wanted = np.eye(2 * N)[neighbour]  # all probability on one neighbour
loss = -(wanted * np.log(np.where(wanted, q, 1))).sum(axis=1).mean()

print(f"SNE cross-entropy {loss:.12f} nats")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

package = infonce.nt_xent(
    torch.from_numpy(z[:N]), torch.from_numpy(z[N:]), temperature=tau
)
print(f"infonce.nt_xent   {package:.12f}")
# --8<-- [end:package]

doubled = 2 * z  # off the unit sphere the two part
squared = ((doubled[:, None] - doubled[None]) ** 2).sum(axis=2)
kernel = np.exp(-squared / (2 * tau))
np.fill_diagonal(kernel, 0)
off_sphere = -np.log(
    kernel[np.arange(2 * N), neighbour] / kernel.sum(axis=1)
).mean()
heavy = 1 / (1 + squared / 4)  # the kernel of t-SNE, on the unit sphere
np.fill_diagonal(heavy, 0)
student = -np.log(heavy[np.arange(2 * N), neighbour] / heavy.sum(axis=1)).mean()
alone = np.log(2 * N - 1)
width = np.sqrt(tau)

VALUES = {
    "N": N,
    "tau": tau,
    "loss": loss,
    "off_sphere": off_sphere,
    "student": student,
    "alone": alone,
    "width": width,
}


def figure():
    import matplotlib.pyplot as plt

    s = np.linspace(-1, 1, 101)
    fig, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
    for t, style in ((0.1, ":"), (0.5, "-")):
        ax.plot(
            s,
            np.exp((s - 1) / t),
            color="C3",
            ls=style,
            label=f"Gaussian of variance τ = {t}",
        )
    ax.plot(
        s, 1 / (3 - 2 * s), color="C5", ls="--", label="Student, as in t-SNE"
    )
    ax.set(
        xlabel="cosine s", ylabel="kernel, relative to s = 1", ylim=(0, 1.05)
    )
    ax.legend(loc="upper left")
    return fig

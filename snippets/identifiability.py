"""Pairs scattered as the loss assumes: the best encoder undoes the mixing."""

# --8<-- [start:compute]
import numpy as np

N, kappa = 512, 10.0
tau = 1 / kappa  # what the loss assumes is how the pairs are made
rng = np.random.default_rng(0)


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


latent = unit(rng.normal(size=(N, 3)))  # uniform on the globe
u = rng.uniform(size=(N, 1))
s_pos = 1 + np.log(u + (1 - u) * np.exp(-2 * kappa)) / kappa  # von Mises-Fisher
aside = rng.normal(size=(N, 3))
aside = unit(aside - (aside * latent).sum(axis=1, keepdims=True) * latent)
partner = s_pos * latent + np.sqrt(1 - s_pos**2) * aside


def loss(a, b):
    s = a @ b.T
    return np.mean(np.log(np.exp(s / tau).sum(axis=1)) - np.diag(s) / tau)


turn = np.linalg.qr(rng.normal(size=(3, 3)))[0]  # any rotation or reflection
squeeze = np.diag([1.0, 1.0, 0.5])
exact = loss(latent, partner)
turned = loss(latent @ turn, partner @ turn)
squeezed = loss(unit(latent @ squeeze), unit(partner @ squeeze))

print(f"the latents themselves {exact:.6f} nats")
print(f"turned                 {turned:.6f}")
print(f"squeezed               {squeezed:.6f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

package = infonce.info_nce(
    torch.from_numpy(latent), torch.from_numpy(partner), temperature=tau
)
print(f"infonce.info_nce: {package:.6f}")
# --8<-- [end:package]

steps, batch, runs = 250, 128, 3


def twist(x, by=1.2):
    """Turn each circle of latitude by an angle that grows with its height."""
    angle = by * x[:, 2]
    c, s = torch.cos(angle), torch.sin(angle)
    turned = (c * x[:, 0] - s * x[:, 1], s * x[:, 0] + c * x[:, 1], x[:, 2])
    return torch.stack(turned, dim=1)


def observe(z):
    """What the encoder gets: two twists about different axes."""
    return twist(twist(z).roll(1, dims=1))


def draw(n, g):
    """Pairs of latents, as above."""
    z = torch.nn.functional.normalize(torch.randn(n, 3, generator=g), dim=1)
    u = torch.rand(n, 1, generator=g)
    s = 1 + torch.log(u + (1 - u) * np.exp(-2 * kappa)) / kappa
    t = torch.randn(n, 3, generator=g)
    t = t - (t * z).sum(dim=1, keepdim=True) * z
    t = torch.nn.functional.normalize(t, dim=1)
    return z, s * z + (1 - s**2).clamp(min=0).sqrt() * t


def explained(x, z):
    """R² of the best linear map from x to the latents z."""
    x, z = x.double(), z.double()
    rest = z - x @ torch.linalg.solve(x.T @ x, x.T @ z)
    return float(1 - rest.square().sum() / (z - z.mean(0)).square().sum())


# --8<-- [start:train]
def train(seed, near_identity):
    """Learn from what is observed, and compare with the latents at the end."""
    g = torch.Generator().manual_seed(seed)
    shapes = ((3, 64), (64,), (64, 3), (3,))
    w = [0.5 * torch.randn(shape, generator=g) for shape in shapes]
    w[2] *= 0.1
    for x in w:
        x.requires_grad_()
    adam = torch.optim.Adam(w, lr=0.02)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)

    def encoder(z):
        x = observe(z)
        out = torch.nn.functional.gelu(x @ w[0] + w[1]) @ w[2] + w[3]
        return out + x if near_identity else out

    for _ in range(steps):
        a, b = draw(batch, g)
        mean = infonce.info_nce(encoder(a), encoder(b), temperature=tau)
        adam.zero_grad()
        mean.backward()
        adam.step()
        schedule.step()
    a, b = draw(N, torch.Generator().manual_seed(99))
    with torch.no_grad():
        end = infonce.info_nce(encoder(a), encoder(b), temperature=tau)
        found = torch.nn.functional.normalize(encoder(a), dim=1)
    return float(end), explained(found, a)


ends = {
    start: [train(seed, start == "identity") for seed in range(runs)]
    for start in ("identity", "random")
}
for start, pairs in ends.items():
    for end, r2 in pairs:
        print(f"starts as {start:8}: loss {end:.3f}, R² {r2:.3f}")
# --8<-- [end:train]


def information(k):
    """Nats that a pair carries, d = 3."""
    return k / np.tanh(k) - 1 - np.log(np.sinh(k) / k)


best = np.log(N) - information(kappa)
blind = np.log(N) - information(1e-3)
all_ends = [pair for pairs in ends.values() for pair in pairs]
least_loss, best_r2 = min(all_ends)
most_loss, worst_r2 = max(all_ends)
test = draw(2048, torch.Generator().manual_seed(99))[0]
inputs_r2 = explained(observe(test), test)

VALUES = {
    "N": N,
    "kappa": kappa,
    "tau": tau,
    "exact": exact,
    "turned": turned,
    "squeezed": squeezed,
    "best": best,
    "blind": blind,
    "steps": steps,
    "count": len(all_ends),
    "least_loss": least_loss,
    "best_r2": best_r2,
    "most_loss": most_loss,
    "worst_r2": worst_r2,
    "inputs_r2": inputs_r2,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 3.7), layout="constrained")
    looks = (("identity", "C0", "o"), ("random", "C2", "s"))
    for start, colour, marker in looks:
        ax.scatter(
            *zip(*ends[start], strict=True),
            color=colour,
            marker=marker,
            label=f"starts as {start}",
        )
    ax.axvline(best, color="C5", ls="--", label="log N less the information")
    ax.axhline(inputs_r2, color="C5", ls=":", label="the inputs themselves")
    ax.set(
        xlabel="loss at the end / nats",
        ylabel="R² of the latents, linear",
        ylim=(0.5, 1.02),
    )
    ax.legend(loc="lower left")
    return fig

"""RINCE: InfoNCE with the logarithm deformed, so that outliers matter less."""

# --8<-- [start:compute]
import numpy as np

s_pos, s_neg = 0.5, np.array([0.4, 0.0, -0.2])  # divided by tau already
lam, q = 0.5, 0.5
top = np.exp(s_pos)
Z = top + np.exp(s_neg).sum()


def log_q(x, q):
    """The logarithm of Tsallis; log x as q goes to 0."""
    return (x**q - 1) / q


loss = -(top**q) / q + (lam * Z) ** q / q
deformed = log_q(lam * Z, q) - log_q(top, q)
print(f"RINCE {loss:.12f}, as deformed logarithms {deformed:.12f}")
# --8<-- [end:compute]

# --8<-- [start:torch]
import torch

s = torch.tensor([s_pos, *s_neg], dtype=torch.float64)
in_torch = (lam * s.exp().sum()).pow(q) / q - s[0].exp().pow(q) / q
print(f"torch: {in_torch:.12f}")
# --8<-- [end:torch]

tiny = 1e-9
near_zero = log_q(lam * Z, tiny) - log_q(top, tiny)
info_nce = np.log(Z / top)
limit = info_nce + np.log(lam)


def slope(s_pos, q):
    """Size of the pull on the positive, others fixed."""
    top = np.exp(s_pos)
    Z = top + np.exp(s_neg).sum()
    return top**q - lam**q * Z ** (q - 1) * top


far = -3.0  # a positive that is none: far from its anchor
pull_far = 1 - np.exp(far) / (np.exp(far) + np.exp(s_neg).sum())
pull_far_q = slope(far, q)
pull_far_one = slope(far, 1.0)
one = 1.0
ends = [
    -(np.exp(a) ** one) + lam * (np.exp(a) + np.exp(s_neg).sum())
    for a in (0.0, 1.0)
]

VALUES = {
    "q": q,
    "lam": lam,
    "loss": loss,
    "deformed": deformed,
    "near_zero": near_zero,
    "limit": limit,
    "far": far,
    "pull_far": pull_far,
    "pull_far_q": pull_far_q,
    "pull_far_one": pull_far_one,
}


def figure():
    import matplotlib.pyplot as plt

    x = np.linspace(-4, 3, 141)
    fig, ax = plt.subplots(figsize=(6, 3.8), layout="constrained")
    pull = 1 - np.exp(x) / (np.exp(x) + np.exp(s_neg).sum())
    ax.plot(x, pull, color="C0", ls="-", label="InfoNCE")
    for value, style in ((0.5, "--"), (1.0, ":")):
        ax.plot(
            x,
            [slope(a, value) for a in x],
            color="C2",
            ls=style,
            label=f"RINCE, q = {value}",
        )
    ax.set(
        xlabel="logit of the positive",
        ylabel="pull on the positive",
        ylim=(-0.1, 2),
    )
    ax.legend(loc="upper left")
    return fig

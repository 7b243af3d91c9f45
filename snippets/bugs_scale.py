"""Wrong scales: CLIP's parameter, its limit, SigLIP's bias, SupCon's factor."""

# --8<-- [start:init_setup]
import torch
from torch.nn import functional as F

S = torch.eye(8, dtype=torch.float64)  # eight perfect pairs
partner = torch.arange(8)
start = torch.tensor(0.07, dtype=torch.float64)  # a temperature
# --8<-- [end:init_setup]

# --8<-- [start:init_wrong]
log_scale = start
logits = log_scale.exp() * S
wrong_init = F.cross_entropy(logits, partner)
print(f"{wrong_init:.6f}")
# --8<-- [end:init_wrong]
wrong_tau = (-start).exp()

# --8<-- [start:init_right]
log_scale = (1 / start).log()
logits = log_scale.exp() * S
right_init = F.cross_entropy(logits, partner)
print(f"{right_init:.2e}")
# --8<-- [end:init_right]


def at_first(log_scale):
    """Size of the gradient while all cosines are equal."""
    cosines = torch.zeros(8, 8, dtype=torch.float64, requires_grad=True)
    F.cross_entropy(log_scale.exp() * cosines, partner).backward()
    return cosines.grad.norm()


slower = at_first((1 / start).log()) / at_first(start)

# --8<-- [start:clamp_setup]
steps, lead = 300, 0.05
S = 0.3 + lead * torch.eye(
    8, dtype=torch.float64
)  # each pair leads, by a little


def train(limit):
    """Adam on the scale alone; the pairs stay as they are."""
    log_scale = (1 / start).log().requires_grad_()
    adam = torch.optim.Adam([log_scale], lr=0.05)
    for _ in range(steps):
        adam.zero_grad()
        F.cross_entropy(log_scale.exp() * S, partner).backward()
        adam.step()
        if limit:
            with torch.no_grad():
                log_scale.clamp_(max=torch.tensor(limit).log())
    return log_scale.exp().item()


# --8<-- [end:clamp_setup]

# --8<-- [start:clamp_wrong]
wrong_clamp = train(limit=None)
print(f"after {steps} steps: {wrong_clamp:.4g}")
# --8<-- [end:clamp_wrong]

# --8<-- [start:clamp_right]
limit = 100.0
right_clamp = train(limit=limit)
print(f"after {steps} steps: {right_clamp:.4g}")
# --8<-- [end:clamp_right]

# --8<-- [start:siglip_wrong]
n, t, b = 3, 10.0, -10.0
S = torch.zeros(n, n, dtype=torch.float64)
sign = 2 * torch.eye(n) - 1
terms = F.logsigmoid(sign * (t * S - b))
wrong_siglip = -terms.sum() / n
print(f"{wrong_siglip:.6f}")
# --8<-- [end:siglip_wrong]

# --8<-- [start:siglip_right]
n, t, b = 3, 10.0, -10.0
S = torch.zeros(n, n, dtype=torch.float64)
sign = 2 * torch.eye(n) - 1
terms = F.logsigmoid(sign * (t * S + b))
right_siglip = -terms.sum() / n
print(f"{right_siglip:.6f}")
# --8<-- [end:siglip_right]

# --8<-- [start:base_setup]
turn = torch.arange(3, dtype=torch.float64) * 2 * torch.pi / 3
z = torch.stack([turn.cos(), turn.sin()], 1).repeat(2, 1)
labels = torch.arange(3).repeat(2)  # two of each class
tau, base = 0.5, 0.07
logits = (z @ z.T / tau).fill_diagonal_(-torch.inf)
pos = (labels[:, None] == labels).fill_diagonal_(False)
log_p = logits.log_softmax(1).masked_fill(~pos, 0)
# --8<-- [end:base_setup]

# --8<-- [start:base_wrong]
rows = -(tau / base) * log_p.sum(1) / pos.sum(1)
wrong_base = rows.mean()
print(f"{wrong_base:.6f}")
# --8<-- [end:base_wrong]

# --8<-- [start:base_right]
rows = -log_p.sum(1) / pos.sum(1)
right_base = rows.mean()
print(f"{right_base:.6f}")
# --8<-- [end:base_right]
factor = tau / base

# --8<-- [start:alone_setup]
names = torch.tensor([0, 0, 1])  # 1 has no partner
z = torch.eye(3, dtype=torch.float64)
logits = (z @ z.T).fill_diagonal_(-torch.inf)
pos = (names[:, None] == names).fill_diagonal_(False)
log_p = logits.log_softmax(1).masked_fill(~pos, 0)
# --8<-- [end:alone_setup]

# --8<-- [start:alone_wrong]
rows = -log_p.sum(1) / pos.sum(1)
print(f"{rows.mean():.6f}")
# --8<-- [end:alone_wrong]

# --8<-- [start:alone_right]
rows = -log_p.sum(1) / pos.sum(1)
right_alone = rows[pos.any(1)].mean()
print(f"{right_alone:.6f}")
# --8<-- [end:alone_right]

# --8<-- [start:prompt_wrong]
prompts = torch.tensor([[3.0, 0.0], [1.0, 1.0]])
x, y = prompts.mean(0)
wrong_angle = torch.atan2(y, x).rad2deg()
print(f"{wrong_angle:.2f} degrees")
# --8<-- [end:prompt_wrong]

# --8<-- [start:prompt_right]
prompts = torch.tensor([[3.0, 0.0], [1.0, 1.0]])
x, y = F.normalize(prompts, dim=1).mean(0)
right_angle = torch.atan2(y, x).rad2deg()
print(f"{right_angle:.2f} degrees")
# --8<-- [end:prompt_right]

VALUES = {
    "start": start,
    "wrong_init": wrong_init,
    "right_init": right_init,
    "slower": slower,
    "wrong_tau": wrong_tau,
    "limit": limit,
    "steps": steps,
    "lead": lead,
    "wrong_clamp": wrong_clamp,
    "right_clamp": right_clamp,
    "n": n,
    "b": b,
    "wrong_siglip": wrong_siglip,
    "right_siglip": right_siglip,
    "tau": tau,
    "base": base,
    "factor": factor,
    "wrong_base": wrong_base,
    "right_base": right_base,
    "right_alone": right_alone,
    "wrong_angle": wrong_angle,
    "right_angle": right_angle,
}


def figure():
    import matplotlib.pyplot as plt
    import numpy as np

    scales = np.geomspace(1, 100, 60)
    losses = np.log1p(7 * np.exp(-scales))
    fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
    ax.loglog(scales, losses, color="C5", label="loss of perfect pairs")
    ax.plot([1 / wrong_tau], [wrong_init], "X", color="C2", ms=9, label="wrong")
    ax.plot([1 / start], [right_init], "o", color="C1", ms=9, label="right")
    ax.set(
        xlabel="logit scale at the start",
        ylabel="loss / nats",
        ylim=(1e-12, 10),
    )
    ax.legend()
    return fig

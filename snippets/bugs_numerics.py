"""Where exponentials and masks leave the range of the numbers."""

# --8<-- [start:log_setup]
import math

import torch
from torch.nn import functional as F

logits = torch.tensor([0.0, 200.0])  # the positive comes first
logits.requires_grad_()
# --8<-- [end:log_setup]

# --8<-- [start:log_wrong]
p = logits.softmax(0)
wrong_log = -(p[0] + 1e-20).log()
(pull,) = torch.autograd.grad(wrong_log, logits)
print(f"{wrong_log:.2f}, gradient {pull[0]:.2f}")
# --8<-- [end:log_wrong]

# --8<-- [start:log_right]
log_p = logits.log_softmax(0)
right_log = -log_p[0]
(pull,) = torch.autograd.grad(right_log, logits)
print(f"{right_log:.2f}, gradient {pull[0]:.2f}")
# --8<-- [end:log_right]

# --8<-- [start:exp_wrong]
x = torch.tensor([1000.0, 0.0])
print(-(x.exp()[0] / x.exp().sum()).log())
# --8<-- [end:exp_wrong]

# --8<-- [start:exp_right]
x = torch.tensor([1000.0, 0.0])
print(x.logsumexp(0) - x[0])
# --8<-- [end:exp_right]
exp_right = x.logsumexp(0) - x[0]

# --8<-- [start:mask_setup]
tau = 0.005
z = torch.eye(2, dtype=torch.float64)  # two pairs
sim = torch.cat([z, z]) @ torch.cat([z, z]).T / tau
positive = sim.diagonal(2).repeat(2)
drop = torch.eye(2, dtype=torch.bool).repeat(2, 2)
# --8<-- [end:mask_setup]

# --8<-- [start:mask_wrong]
almost = math.log(1e-45)  # about -104
masked = sim + drop.double() * almost
losses = masked.logsumexp(1) - positive
wrong_mask = losses.mean()
print(f"{wrong_mask:.4f}")
# --8<-- [end:mask_wrong]

# --8<-- [start:mask_right]
masked = sim.masked_fill(drop, -torch.inf)
losses = masked.logsumexp(1) - positive
right_mask = losses.mean()
print(f"{right_mask:.4f}")
# --8<-- [end:mask_right]

# --8<-- [start:half_wrong]
half = torch.zeros(2, 2, dtype=torch.float16)
diagonal = torch.eye(2, dtype=torch.bool)
try:
    half.masked_fill(diagonal, -9e15)
except RuntimeError as error:
    print("RuntimeError:", str(error)[:38])
# --8<-- [end:half_wrong]

# --8<-- [start:half_right]
half = torch.zeros(2, 2, dtype=torch.float16)
least = torch.finfo(half.dtype).min
masked = half.masked_fill(diagonal, least)
print(masked[0].tolist())
# --8<-- [end:half_right]

# --8<-- [start:memory_setup]
g = torch.Generator().manual_seed(0)
views = torch.randn(64, 16, generator=g)
# --8<-- [end:memory_setup]

# --8<-- [start:memory_wrong]
cosine = F.cosine_similarity(
    views[:, None], views[None], dim=-1
)  # makes a tensor (64, 64, 16) on the way
wide = views[:, None] * views[None]
print(f"{wide.nbytes:,} bytes on the way")
# --8<-- [end:memory_wrong]

# --8<-- [start:memory_right]
unit = F.normalize(views, dim=1)
product = unit @ unit.T
same = torch.allclose(product, cosine, atol=1e-6)
print(f"{product.nbytes:,} bytes, equal: {same}")
# --8<-- [end:memory_right]
width = wide.nbytes // product.nbytes
rows, d, float32 = 8192, 128, 4
large_wrong = rows**2 * d * float32 / 2**30
large_right = rows**2 * float32 / 2**30

VALUES = {
    "wrong_log": wrong_log,
    "right_log": right_log,
    "exp_right": exp_right,
    "tau": tau,
    "wrong_mask": wrong_mask,
    "right_mask": right_mask,
    "width": width,
    "rows": rows,
    "d": d,
    "large_wrong": large_wrong,
    "large_right": large_right,
}


def figure():
    import matplotlib.pyplot as plt

    lead = torch.arange(0, 121, 2.0)
    pair = torch.stack([torch.zeros_like(lead), lead], 1)
    with_floor = -(pair.softmax(1)[:, 0] + 1e-20).log()
    exact = -pair.log_softmax(1)[:, 0]
    fig, ax = plt.subplots(figsize=(6, 3), layout="constrained")
    ax.plot(lead, exact, color="C1", label="log_softmax")
    ax.plot(lead, with_floor, color="C2", ls="--", label="log(softmax + 1e-20)")
    ax.set(xlabel="lead of the negative, logits", ylabel="loss / nats")
    ax.legend()
    return fig

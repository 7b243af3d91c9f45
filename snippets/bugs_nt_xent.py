"""Six ways to get the matrix of NT-Xent wrong, beside the right one."""

# --8<-- [start:batch]
import torch
from torch.nn import functional as F

N, tau = 4, 0.1
view1 = torch.eye(N, dtype=torch.float64)  # four unrelated images
view2 = view1.clone()  # whose views agree perfectly
z = torch.cat([view1, view2])
sim = z @ z.T / tau  # (2N, 2N)
partner = torch.arange(2 * N).roll(N)  # where the positives are
# --8<-- [end:batch]

# --8<-- [start:right]
logits = sim.clone()
logits.fill_diagonal_(-torch.inf)
right = F.cross_entropy(logits, partner)
print(f"{right:.6f}")
# --8<-- [end:right]

# --8<-- [start:labels_wrong]
off = ~torch.eye(2 * N, dtype=torch.bool)
rows = sim[off].view(2 * N, -1)  # no diagonal
labels = torch.arange(N).repeat(2)
wrong_labels = F.cross_entropy(rows, labels)
print(f"{wrong_labels:.6f}")
# --8<-- [end:labels_wrong]

# --8<-- [start:labels_right]
off = ~torch.eye(2 * N, dtype=torch.bool)
rows = sim[off].view(2 * N, -1)  # no diagonal
first = torch.arange(N)
labels = torch.cat([first + N - 1, first])
right_labels = F.cross_entropy(rows, labels)
print(f"{right_labels:.6f}")
# --8<-- [end:labels_right]

# --8<-- [start:shift_wrong]
labels = torch.cat([first + N, first])
try:
    print(F.cross_entropy(rows, labels))
except IndexError as error:
    print("IndexError:", error)
# --8<-- [end:shift_wrong]

# --8<-- [start:twice_wrong]
positive = sim.gather(1, partner[:, None])
rows = sim[off].view(2 * N, -1)
logits = torch.cat([positive, rows], 1)
labels = torch.zeros(2 * N).long()
wrong_twice = F.cross_entropy(logits, labels)
print(f"{wrong_twice:.6f}")
# --8<-- [end:twice_wrong]

# --8<-- [start:twice_right]
positive = sim.gather(1, partner[:, None])
others = off & off.roll(N, 0)
rows = sim[others].view(2 * N, -1)
logits = torch.cat([positive, rows], 1)
labels = torch.zeros(2 * N).long()
right_twice = F.cross_entropy(logits, labels)
print(f"{right_twice:.6f}")
# --8<-- [end:twice_right]

# --8<-- [start:self_wrong]
logits = sim.clone()
wrong_self = F.cross_entropy(logits, partner)
print(f"{wrong_self:.6f}")
# --8<-- [end:self_wrong]

# --8<-- [start:norm_setup]
x = torch.tensor([[3.0, 4, 0], [0, 3, 4], [4, 0, 3]])
both = torch.cat([x, x]).double()  # the length of each row is 5
# --8<-- [end:norm_setup]

# --8<-- [start:norm_wrong]
u = F.normalize(both, 1)
logits = u @ u.T / tau
logits.fill_diagonal_(-torch.inf)
mate = torch.arange(6).roll(3)
wrong_norm = F.cross_entropy(logits, mate)
print(f"{wrong_norm:.6f}")
# --8<-- [end:norm_wrong]

# --8<-- [start:norm_right]
u = F.normalize(both, dim=1)
logits = u @ u.T / tau
logits.fill_diagonal_(-torch.inf)
mate = torch.arange(6).roll(3)
right_norm = F.cross_entropy(logits, mate)
print(f"{right_norm:.6f}")
# --8<-- [end:norm_right]

# --8<-- [start:reduce_wrong]
logits = sim.clone()
logits.fill_diagonal_(-torch.inf)
loss1 = F.cross_entropy(logits[:N], partner[:N])
loss2 = F.cross_entropy(logits[N:], partner[N:])
wrong_reduce = loss1 + loss2
print(f"{wrong_reduce:.6f}")
# --8<-- [end:reduce_wrong]

# --8<-- [start:package]
from infonce import nt_xent

package = nt_xent(view1, view2, temperature=tau)
package_norm = nt_xent(x.double(), x.double(), temperature=tau)
print(f"infonce.nt_xent: {package:.6f}, {package_norm:.6f}")
# --8<-- [end:package]

VALUES = {
    "N": N,
    "tau": tau,
    "right": right,
    "wrong_labels": wrong_labels,
    "right_labels": right_labels,
    "wrong_twice": wrong_twice,
    "right_twice": right_twice,
    "wrong_self": wrong_self,
    "wrong_norm": wrong_norm,
    "right_norm": right_norm,
    "wrong_reduce": wrong_reduce,
    "package": package,
}


def figure():
    import matplotlib.pyplot as plt

    bars = {
        "right": (right, "C1", ""),
        "two means added": (wrong_reduce, "C2", "//"),
        "positive twice": (wrong_twice, "C2", "xx"),
        "anchor kept": (wrong_self, "C2", ".."),
        "labels not shifted": (wrong_labels, "C2", "\\\\"),
    }
    fig, ax = plt.subplots(figsize=(6, 2.8), layout="constrained")
    for row, (value, colour, hatch) in enumerate(bars.values()):
        ax.barh(row, value, color=colour, hatch=hatch, alpha=0.85)
        ax.text(value * 1.2, row, f"{value:.2g}", va="center")
    ax.set_yticks(range(len(bars)), list(bars))
    ax.invert_yaxis()
    ax.set(xlabel="loss of a perfect batch / nats", xlim=(1e-4, 40))
    ax.set_xscale("log")
    return fig

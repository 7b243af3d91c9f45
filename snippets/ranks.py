"""What several ways to gather embeddings do to the gradient of W processes."""

# --8<-- [start:setup]
import torch
from torch.nn import functional as F

W, n, d = 4, 6, 16  # processes, pairs on each, width
g = torch.Generator().manual_seed(0)
x = torch.randn(W, n, 24, generator=g, dtype=torch.float64)
y = x + torch.randn(W, n, 24, generator=g, dtype=torch.float64)
weight = torch.randn(24, d, generator=g, dtype=torch.float64)
start = torch.tensor(10.0, dtype=torch.float64).log()


def clip_rows(u, v, all_u, all_v, first, log_scale):
    """CLIP's loss of some rows against all, whose first own row is `first`."""
    labels = first + torch.arange(len(u))
    scale = log_scale.exp()
    images = F.cross_entropy(scale * u @ all_v.T, labels)
    texts = F.cross_entropy(scale * v @ all_u.T, labels)
    return (images + texts) / 2


# --8<-- [end:setup]


# --8<-- [start:recipes]
def average(local, graph):
    """Gradients of weight and log scale, averaged over W processes as DDP does.

    local: each process takes the loss of its own rows, or else of all rows.
    graph: which gathered rows carry gradients: "none", "own" or "all".
    """
    weights = [weight.clone().requires_grad_() for _ in range(W)]
    scales = [start.clone().requires_grad_() for _ in range(W)]
    u, v = (
        [F.normalize(s[r] @ weights[r], dim=1) for r in range(W)]
        for s in (x, y)
    )
    losses = []
    for r in range(W):
        everyone = [
            torch.cat(
                [
                    z
                    if graph == "all" or (graph == "own" and i == r)
                    else z.detach()
                    for i, z in enumerate(side)
                ]
            )
            for side in (u, v)
        ]
        mine, first = ((u[r], v[r]), n * r) if local else (everyone, 0)
        losses.append(clip_rows(*mine, *everyone, first, scales[r]))
    sum(losses).backward()  # what others send back is added to one's own
    return (
        torch.stack([w.grad for w in weights]).mean(0),
        torch.stack([s.grad for s in scales]).mean(),
    )


one = weight.clone().requires_grad_()
one_scale = start.clone().requires_grad_()
u, v = (F.normalize(s.flatten(0, 1) @ one, dim=1) for s in (x, y))
clip_rows(u, v, u, v, 0, one_scale).backward()

recipes = {
    "own rows, gathered without gradient": (True, "none"),
    "all rows, gradient of the own slice": (False, "own"),
    "own rows, differentiable gather": (True, "all"),
    "all rows, differentiable gather": (False, "all"),
}
results = {}
print(f"{'':36} length  cosine   scale")
for name, (local, graph) in recipes.items():
    gradient, scale_gradient = average(local, graph)
    length = (gradient.norm() / one.grad.norm()).item()
    cosine = F.cosine_similarity(gradient.flatten(), one.grad.flatten(), dim=0)
    ratio = (scale_gradient / one_scale.grad).item()
    results[name] = length, cosine.item(), ratio
    print(f"{name:36} {length:6.3f} {cosine:7.4f} {ratio:7.3f}")
# --8<-- [end:recipes]

names = list(recipes)
wrong_length, wrong_cosine, wrong_scale = results[names[0]]
slice_length, slice_cosine, slice_scale = results[names[1]]
local_length, local_cosine, local_scale = results[names[2]]
global_length, global_cosine, global_scale = results[names[3]]
degrees = torch.tensor(wrong_cosine).arccos().rad2deg()

VALUES = {
    "W": W,
    "n": n,
    "wrong_length": wrong_length,
    "wrong_cosine": wrong_cosine,
    "degrees": degrees,
    "slice_length": slice_length,
    "slice_cosine": slice_cosine,
    "slice_scale": slice_scale,
    "local_length": local_length,
    "local_cosine": local_cosine,
    "global_length": global_length,
    "global_cosine": global_cosine,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 4.4), layout="constrained")
    angles = [
        torch.tensor(min(c, 1.0)).arccos().item()
        for _, c, _ in results.values()
    ]
    marks = ("X", "s", "o", "^")
    colours = ("C2", "C3", "C1", "C5")
    for (name, (length, _, _)), angle, mark, colour in zip(
        results.items(), angles, marks, colours, strict=True
    ):
        ax.plot(
            [length],
            [angle * 180 / torch.pi],
            mark,
            color=colour,
            ms=9,
            ls="none",
            label=name,
        )
    ax.set(
        xlabel="length, relative to one process",
        ylabel="angle / degrees",
        xlim=(0, 1.15),
        ylim=(-3, 40),
    )
    ax.legend(loc="upper left", bbox_to_anchor=(0, -0.2))
    return fig

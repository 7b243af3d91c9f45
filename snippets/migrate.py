"""The same batch through other libraries' losses, and through these."""

# --8<-- [start:batch]
import torch

import infonce

generator = torch.Generator().manual_seed(0)


def rows(n):
    return torch.randn(n, 16, generator=generator, dtype=torch.float64)


q = rows(8)  # anchors
k = q + 1.5 * rows(8)  # row i is the positive of anchor i
hard = rows(12)  # more negatives
labels = torch.tensor([0, 0, 1, 1, 2, 2, 2, 3])
# --8<-- [end:batch]

# What `python -m tests.peers` printed where the libraries were installed:
# each loss, and the length of its gradient for q.
RECORDED = {
    "pytorch-metric-learning": {
        "version": "2.9.0",
        "both ways": (0.9443198507264858, 0.5649671339287576),
        "one way": (0.6473164290929774, 0.4202149022702252),
        "classes": (4.567913236953442, 0.6027981650156355),
        "default temperature": (0.07, 0.0),
    },
    "lightly": {
        "version": "1.6.0",
        "views": (0.9443198507264858, 0.5649671339287576),
        "queued": (0.6512572052769672, 0.525535208695108),
        "default temperature": (0.5, 0.0),
    },
    "info-nce-pytorch": {
        "version": "0.1.4",
        "in batch": (0.6473164290929773, 0.4202149022702252),
        "shared": (0.6512572052769672, 0.525535208695108),
        "own": (0.6512572052769672, 0.525535208695108),
        "default temperature": (0.1, 0.0),
    },
    "open-clip-torch": {
        "version": "3.3.0",
        "softmax": (0.6026981023641762, 0.4134103503000156),
        "sigmoid": (4.787226871949277, 0.789877707779436),
        "forgotten": (10.268665935954552, 10.884487488939518),
    },
    "sentence-transformers": {
        "version": "6.2.0",
        "pairs": (0.6473164290929774, 0.4202149022702251),
        "triplets": (0.8766932519678168, 0.5061663205992287),
        "symmetric": (0.6026981023641763, 0.41341035030001566),
        "default temperature": (0.05, 0.0),
    },
}

q.requires_grad_()


both = {}  # library -> its losses and these


def compare(library, **ours):
    """Print both; return the largest relative difference, gradients too."""
    apart = []
    print(library, RECORDED[library]["version"])
    for name, loss in ours.items():
        theirs, length = RECORDED[library][name.replace("_", " ")]
        (gradient,) = torch.autograd.grad(loss, q)
        both.setdefault(library, []).append((theirs, loss.item()))
        apart.append(abs(loss.item() / theirs - 1))
        apart.append(abs(gradient.norm().item() / length - 1))
        print(f"  {name:10} theirs {theirs:.12f}  here {loss:.12f}")
    return max(apart)


# --8<-- [start:metric_learning]
both_ways = infonce.nt_xent(q, k, temperature=0.1)
one_way = infonce.info_nce(q, k, temperature=0.1)
classes = infonce.sup_con(torch.cat([q, k]), labels.repeat(2), temperature=0.1)
# --8<-- [end:metric_learning]
a = compare(
    "pytorch-metric-learning",
    both_ways=both_ways,
    one_way=one_way,
    classes=classes,
)

# --8<-- [start:lightly]
views = infonce.nt_xent(q, k, temperature=0.1)

queue = infonce.MoCoQueue(*hard.shape).double()
queue.enqueue(hard)
queued = infonce.info_nce(q, k, queue.keys, temperature=0.1)
queue.enqueue(k)
# --8<-- [end:lightly]
b = compare("lightly", views=views, queued=queued)

# --8<-- [start:info_nce]
in_batch = infonce.info_nce(q, k, temperature=0.1)
shared = infonce.info_nce(q, k, hard, temperature=0.1)
for_each = hard.repeat(len(q), 1, 1)  # (8, 12, 16)
own = infonce.info_nce(q, k, for_each, temperature=0.1)
# --8<-- [end:info_nce]
c = compare("info-nce-pytorch", in_batch=in_batch, shared=shared, own=own)

# --8<-- [start:open_clip]
scale, bias = torch.tensor(10.0), torch.tensor(-10.0)
softmax = infonce.clip_loss(q, k, logit_scale=scale)
sigmoid = infonce.siglip_loss(q, k, logit_scale=scale, logit_bias=bias)
# --8<-- [end:open_clip]
d = compare("open-clip-torch", softmax=softmax, sigmoid=sigmoid)

# --8<-- [start:sentences]
pairs = infonce.info_nce(q, k, temperature=1 / 10)
negatives = hard[: len(q)]
triplets = infonce.info_nce(q, k, negatives, temperature=1 / 10, in_batch=True)
symmetric = infonce.clip_loss(q, k, logit_scale=10.0)
# --8<-- [end:sentences]
e = compare(
    "sentence-transformers", pairs=pairs, triplets=triplets, symmetric=symmetric
)


forgotten = RECORDED["open-clip-torch"]["forgotten"][0]
default = {
    library: losses["default temperature"][0]
    for library, losses in RECORDED.items()
    if "default temperature" in losses
}
metric_default = default["pytorch-metric-learning"]
lightly_default = default["lightly"]
info_default = default["info-nce-pytorch"]
sentence_default = default["sentence-transformers"]
our_default, our_info_default = 0.5, 0.1  # tests/test_peers.py looks them up
largest = max(a, b, c, d, e)

VALUES = {
    "largest": largest,
    "softmax": softmax,
    "forgotten": forgotten,
    "metric_default": metric_default,
    "lightly_default": lightly_default,
    "info_default": info_default,
    "sentence_default": sentence_default,
    "our_default": our_default,
    "our_info_default": our_info_default,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 4.2), layout="constrained")
    ends = 0.5, 12.0
    ax.loglog(ends, ends, "--", color="C5", label="equal")
    for (library, losses), marker in zip(both.items(), "ovs^D", strict=True):
        theirs, here = zip(*losses, strict=True)
        ax.loglog(
            theirs,
            here,
            marker,
            ms=9,
            mfc="none",
            color="C1",
            label=library,
        )
    ax.loglog(
        [forgotten],
        [softmax.item()],
        "x",
        ms=9,
        color="C2",
        label="normalisation forgotten",
    )
    ticks = [0.5, 1, 2, 5, 10]
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_ticks(ticks, [str(tick) for tick in ticks])
        axis.set_ticks([], minor=True)
    ax.set(xlabel="loss by the other library / nats", ylabel="loss here / nats")
    ax.legend(loc="upper left", fontsize=10)
    return fig

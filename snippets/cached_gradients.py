"""The gradient of a large batch, encoded a chunk at a time."""

# --8<-- [start:compute]
import torch
from torch.nn import functional as F

N, d, tau, chunk = 32, 8, 0.2, 8
g = torch.Generator().manual_seed(0)
x, y = torch.randn(2, N, 20, generator=g, dtype=torch.float64)
weight = torch.randn(20, d, generator=g, dtype=torch.float64)


def encode(x, weight):
    return torch.tanh(x @ weight)


def loss_of(q, k):
    q, k = F.normalize(q, dim=1), F.normalize(k, dim=1)
    return F.cross_entropy(q @ k.T / tau, torch.arange(len(q)))


# First without a graph: the embeddings, and the gradient at each of them.
q, k = (encode(v, weight).requires_grad_() for v in (x, y))
loss = loss_of(q, k)
loss.backward()

# Then chunk by chunk with a graph, each pulled by its own part of that.
theta = weight.clone().requires_grad_()
for start in range(0, N, chunk):
    rows = slice(start, start + chunk)
    for inputs, z in ((x, q), (y, k)):
        (encode(inputs[rows], theta) * z.grad[rows]).sum().backward()
gradient = theta.grad

print(f"loss {loss.item():.6f}, gradient of length {gradient.norm():.10f}")
# --8<-- [end:compute]

# --8<-- [start:package]
import infonce

encoder = torch.nn.Sequential(
    torch.nn.Linear(20, d, bias=False, dtype=torch.float64), torch.nn.Tanh()
)
encoder[0].weight.data = weight.T.clone()
cached = infonce.CachedEncoder(encoder, chunk_size=chunk)
infonce.info_nce(cached(x), cached(y), temperature=tau).backward()
package = encoder[0].weight.grad.T
print(f"infonce.CachedEncoder: {package.norm():.10f}")
# --8<-- [end:package]

# --8<-- [start:accumulated]
whole = weight.clone().requires_grad_()
loss_of(encode(x, whole), encode(y, whole)).backward()
pieces = weight.clone().requires_grad_()
for start in range(0, N, chunk):  # plain accumulation: each chunk by itself
    rows = slice(start, start + chunk)
    part = loss_of(encode(x[rows], pieces), encode(y[rows], pieces))
    (part * chunk / N).backward()


def cosine(a, b):
    """Of two gradients, as long vectors."""
    return F.cosine_similarity(a.flatten(), b.flatten(), dim=0).item()


print(f"cached      {cosine(gradient, whole.grad):.6f}")
print(f"accumulated {cosine(pieces.grad, whole.grad):.6f}")
# --8<-- [end:accumulated]


# --8<-- [start:states]
def dropout(x, weight, g):
    """Each use draws its own mask from the generator."""
    keep = torch.rand(len(x), d, generator=g, dtype=x.dtype) < 0.8
    return encode(x, weight) * keep / 0.8


def batch_norm(x, weight, _):
    """Each row depends on all rows that are encoded with it."""
    return torch.tanh(F.batch_norm(x @ weight, None, None, training=True))


def by_chunks(network, size, replay=True):
    """Gradient with the graph kept, and without: encoded again by chunks."""
    g = torch.Generator().manual_seed(1)
    kept, again = (weight.clone().requires_grad_() for _ in range(2))
    chunks = [c for v in (x, y) for c in v.split(size)]
    states, parts = [], []
    for c in chunks:
        states.append(g.get_state())
        parts.append(network(c, kept, g))
    z = torch.cat(parts)
    z.retain_grad()
    loss_of(z[:N], z[N:]).backward()
    pulls = z.grad.split(size)
    for c, state, pull in zip(chunks, states, pulls, strict=True):
        if replay:
            g.set_state(state)  # the same mask as the first time
        (network(c, again, g) * pull).sum().backward()
    return kept.grad, again.grad


replayed = cosine(*by_chunks(dropout, chunk))
fresh = cosine(*by_chunks(dropout, chunk, replay=False))
whole_norm, _ = by_chunks(batch_norm, N)  # statistics of the batch
_, chunk_norm = by_chunks(batch_norm, chunk)  # statistics of each chunk
normed = cosine(whole_norm, chunk_norm)
print(f"dropout, masks drawn again as before: {replayed:.6f}")
print(f"dropout, fresh masks:                 {fresh:.6f}")
print(f"batch normalisation:                  {normed:.6f}")
# --8<-- [end:states]

error = (gradient - whole.grad).abs().max()
cached_cosine = cosine(gradient, whole.grad)
accumulated_cosine = cosine(pieces.grad, whole.grad)
accumulated_length = pieces.grad.norm() / whole.grad.norm()

VALUES = {
    "N": N,
    "chunk": chunk,
    "error": error,
    "cached_cosine": cached_cosine,
    "accumulated_cosine": accumulated_cosine,
    "accumulated_length": accumulated_length,
    "replayed": replayed,
    "fresh": fresh,
    "normed": normed,
}


def figure():
    import matplotlib.pyplot as plt

    names = ["cached", "accumulated", "dropout, replayed", "dropout, fresh"]
    values = [cached_cosine, accumulated_cosine, replayed, fresh]
    fig, ax = plt.subplots(figsize=(6, 2.8), layout="constrained")
    ax.barh(
        [*names, "batch normalisation"],
        [*values, normed],
        color="C5",
        height=0.6,
    )
    ax.axvline(1, color="C1", ls="--")
    ax.invert_yaxis()
    ax.set(xlabel="cosine with the gradient of the whole batch", xlim=(0, 1.05))
    return fig

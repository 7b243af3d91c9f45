"""A queue of old keys, and a key encoder that moves slowly."""

# --8<-- [start:compute]
import numpy as np

N, K, d, tau, m = 4, 12, 8, 0.2, 0.9
rng = np.random.default_rng(0)


def unit(rows):
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


theta_q = rng.normal(size=(d, d))  # a linear encoder for queries
theta_k = theta_q.copy()  # and its slow copy for keys
queue = np.empty((0, d))
for step in range(5):
    content = rng.normal(size=(N, d))
    q, k = (
        unit((content + 0.5 * rng.normal(size=(N, d))) @ theta)
        for theta in (theta_q, theta_k)
    )
    if len(queue) == K:
        s_pos = (q * k).sum(axis=1)  # (N,)
        s = np.column_stack([s_pos, q @ queue.T])  # (N, 1 + K)
        loss = (np.log(np.exp(s / tau).sum(axis=1)) - s_pos / tau).mean()
        print(f"step {step}: loss {loss:.6f} nats, {K} negatives")
        last_q, last_k, last_queue = q, k, queue
    queue = np.concatenate([queue, k])[-K:]  # newest in, oldest out
    theta_q = theta_q + 0.3 * rng.normal(size=(d, d))  # stands for training
    theta_k = m * theta_k + (1 - m) * theta_q
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

stored = infonce.MoCoQueue(K, d).double()
stored.enqueue(torch.from_numpy(last_queue))  # after a step: its keys
package = infonce.info_nce(
    *(torch.from_numpy(x) for x in (last_q, last_k)),
    stored.keys,
    temperature=tau,
)
print(f"infonce.info_nce with a MoCoQueue: {package:.6f}")
# --8<-- [end:package]

candidates = 1 + K
eye = torch.eye(4097, dtype=torch.float64)
queued = 4096
orthogonal = infonce.info_nce(eye[:1], eye[:1], eye[1:], temperature=tau)
constant = infonce.info_nce(eye[:1], eye[:1], eye[:1].expand(queued, -1))
released_K, released_m, batch = 65536, 0.999, 256
age = released_K // batch
half_life = np.log(2) / -np.log(released_m)

VALUES = {
    "N": N,
    "K": K,
    "tau": tau,
    "loss": package,
    "candidates": candidates,
    "queued": queued,
    "orthogonal": orthogonal,
    "constant": constant,
    "released_K": released_K,
    "released_m": released_m,
    "batch": batch,
    "age": age,
    "half_life": half_life,
}


def figure():
    import matplotlib.pyplot as plt

    rng = np.random.default_rng(1)
    steps, width = 400, 32
    x = rng.normal(size=(64, width))
    walk = np.cumsum(0.15 * rng.normal(size=(steps, width, width)), axis=0)
    walk += 2 * rng.normal(size=(width, width))  # weights of the query encoder
    fig, ax = plt.subplots(figsize=(6, 3.7), layout="constrained")
    for momentum, colour, style in (
        (0.0, "C2", "--"),
        (0.9, "C5", "-."),
        (0.99, "C0", ":"),
        (0.999, "C1", "-"),
    ):
        slow, keys = walk[0], []
        for theta in walk:
            slow = momentum * slow + (1 - momentum) * theta
            keys.append(unit(x @ slow))
        now = keys[-1]
        agree = [(old * now).sum(axis=1).mean() for old in keys[::-1]]
        ax.plot(agree, color=colour, ls=style, label=f"m = {momentum}")
    ax.set(
        xlabel="age of the key / steps",
        ylabel="cosine of old key and new key",
    )
    ax.legend()
    return fig

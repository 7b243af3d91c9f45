"""The CLIP loss: every image looks for its text, every text for its image."""

# --8<-- [start:compute]
import numpy as np

S = np.array([[0.8, 0.3], [0.1, 0.6]])  # cosines: images x texts
alpha = 5.0  # logit scale, 1/tau


def log_softmax(logits, axis):
    return logits - np.log(np.exp(logits).sum(axis=axis, keepdims=True))


image_to_text = -np.diag(log_softmax(alpha * S, axis=1)).mean()
text_to_image = -np.diag(log_softmax(alpha * S, axis=0)).mean()
loss = (image_to_text + text_to_image) / 2

print(f"image to text {image_to_text:.6f}, text to image {text_to_image:.6f}")
print(f"their mean    {loss:.6f} nats")
# --8<-- [end:compute]

# --8<-- [start:package]
import torch

import infonce

# Embeddings with exactly these cosines: images along the axes, texts with S as
# coordinates, and one more coordinate each that brings them to length one.
rest = np.sqrt(1 - (S**2).sum(axis=0))
image = torch.eye(2, 4, dtype=torch.float64)
text = torch.from_numpy(np.hstack([S.T, np.diag(rest)]))
package = infonce.clip_loss(image, text, logit_scale=alpha)
print(f"infonce.clip_loss: {package:.6f}")
# --8<-- [end:package]

tau = 1 / alpha
log_scale = torch.tensor(alpha, dtype=torch.float64).log().requires_grad_()
infonce.clip_loss(image, text, logit_scale=log_scale.exp()).backward()
slope = log_scale.grad
limit = 100.0
at_limit = infonce.clip_loss(image, text, logit_scale=limit)
confused = torch.from_numpy(
    np.array([[0.8, 0.3, 0.5], [0.1, 0.6, 0.7], [0.2, 0.65, 0.6]])
)
start_tau = 0.07
start_alpha = 1 / start_tau
start_parameter = np.log(1 / start_tau)
wrong_alpha = np.exp(start_tau)
wrong_tau = 1 / wrong_alpha


def both_ways(S, alpha):
    """CLIP's loss of a matrix of cosines."""
    rows, columns = (
        infonce.info_nce_from_similarity(m, temperature=1 / alpha)
        for m in (S, S.T.contiguous())
    )
    return (rows + columns) / 2


def slope_at(alpha):
    """Derivative of the confused pairs' loss with respect to the scale."""
    scale = torch.tensor(alpha, dtype=torch.float64, requires_grad=True)
    both_ways(confused, scale).backward()
    return scale.grad


low, high = 1.0, 100.0
for _ in range(60):  # halve the range in which the slope changes sign
    resting = (low + high) / 2
    low, high = (low, resting) if slope_at(resting) > 0 else (resting, high)
lowest = both_ways(confused, resting)
scales = np.geomspace(0.5, 100, 240)

VALUES = {
    "alpha": alpha,
    "tau": tau,
    "image_to_text": image_to_text,
    "text_to_image": text_to_image,
    "loss": loss,
    "package": package,
    "slope": slope,
    "limit": limit,
    "at_limit": at_limit,
    "start_tau": start_tau,
    "start_alpha": start_alpha,
    "start_parameter": start_parameter,
    "wrong_tau": wrong_tau,
    "resting": resting,
    "lowest": lowest,
}


def figure():
    import matplotlib.pyplot as plt

    easy = [both_ways(torch.from_numpy(S), float(a)).item() for a in scales]
    hard = [both_ways(confused, float(a)).item() for a in scales]
    fig, ax = plt.subplots(figsize=(6, 3.9), layout="constrained")
    ax.semilogx(
        scales, easy, color="C5", label="each pair is its own best match"
    )
    ax.semilogx(
        scales, hard, color="C5", ls="--", label="two pairs are confused"
    )
    ax.plot(
        [resting],
        [lowest],
        "D",
        color="C3",
        ms=8,
        label="where the scale comes to rest",
    )
    ax.axvline(limit, color="C5", ls=":", label="the limit of 100")
    ax.set(xlabel="logit scale α = 1/τ", ylabel="loss / nats", ylim=(0, 2))
    ax.legend()
    return fig

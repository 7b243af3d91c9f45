"""word2vec: the best score of a pair is its information, shifted."""

# --8<-- [start:compute]
import numpy as np

pairs = np.array([[8.0, 2.0], [2.0, 8.0]])  # how often word and context met
nu = 2  # negatives for each observed pair
words, contexts, total = pairs.sum(1), pairs.sum(0), pairs.sum()
noise = nu * np.outer(words, contexts) / total  # pairs drawn as negatives

score = np.zeros_like(pairs)
for _ in range(100):  # uphill; each score on its own
    h = 1 / (1 + np.exp(-score))
    score += (pairs * (1 - h) - noise * h) / (pairs + noise) * 4
pmi = np.log(pairs * total / np.outer(words, contexts))

print("found        ", score.round(6).ravel())
print("PMI - log(nu)", (pmi - np.log(nu)).round(6).ravel())
# --8<-- [end:compute]

# --8<-- [start:torch]
import torch

table = torch.from_numpy(pairs)
ratio = table * table.sum() / (table.sum(1, keepdim=True) * table.sum(0))
in_torch = ratio.log() - np.log(nu)
print("torch        ", in_torch.numpy().round(6).ravel())
# --8<-- [end:torch]

together, apart = score[0, 0], score[0, 1]
pmi_together, pmi_apart = pmi[0, 0], pmi[0, 1]


def ranking(scores):
    """InfoNCE with infinitely many negatives, the law of words as noise."""
    joint = pairs / total
    mean = np.log((words / total) @ np.exp(scores))
    return (joint * (mean[None] - scores)).sum()


by_context = ranking(pmi + np.array([[1.0, -2.0]])) - ranking(pmi)
by_context = abs(by_context.round(decimals=12))
independent = np.outer(words, contexts) / total
none = np.log(independent * total / np.outer(words, contexts)).max()

VALUES = {
    "nu": nu,
    "together": together,
    "apart": apart,
    "pmi_together": pmi_together,
    "pmi_apart": pmi_apart,
    "by_context": by_context,
    "none": none,
}


def figure():
    import matplotlib.pyplot as plt

    counts = np.arange(1, 10)
    fig, ax = plt.subplots(figsize=(6, 3.6), layout="constrained")
    for k, style in ((1, "-"), (2, "--"), (15, ":")):
        ax.plot(
            counts,
            np.log(counts * total / (words[0] * contexts[0])) - np.log(k),
            color="C0",
            ls=style,
            label=f"{k} negative{'s' if k > 1 else ''} a pair",
        )
    ax.axhline(0, color="C5", lw=0.8)
    ax.set(xlabel="times that word and context met", ylabel="best score / nats")
    ax.legend(loc="lower right")
    return fig

"""The loss of one anchor at three settings of its cosines."""

# --8<-- [start:compute]
import torch

import infonce


def loss(*s):
    """Of one anchor, its positive first, at temperature 0.2."""
    row = torch.tensor([s], dtype=torch.float64)
    return infonce.info_nce_from_similarity(
        row, torch.tensor([0]), temperature=0.2
    )


equal = loss(0.3, 0.3, 0.3, 0.3, 0.3, 0.3)
level = loss(0.8, 0.8, -1, -1, -1, -1)
shifted = loss(0.9, 0.85, 0.6, 0.3, 0.0, -0.3)
print(f"equal {equal:.6f}, level {level:.6f}, shifted {shifted:.6f} nats")
# --8<-- [end:compute]

VALUES = {"equal": equal, "level": level, "shifted": shifted}


def figure():
    import matplotlib.pyplot as plt
    import numpy as np

    s = np.array([0.8, 0.75, 0.5, 0.2, -0.1, -0.4])
    p = infonce.softmax_weights(torch.from_numpy(s), temperature=0.2).numpy()
    names = ["positive", *(f"negative {k}" for k in range(1, 6))]
    fig, (a, b) = plt.subplots(
        1, 2, figsize=(6, 3.4), sharey=True, layout="constrained"
    )
    for ax, widths, label in ((a, s, "cosine s"), (b, p, "weight p")):
        ax.barh(names[:1], widths[:1], color="C1", label="positive")
        ax.barh(
            names[1:], widths[1:], color="C2", hatch="//", label="negatives"
        )
        ax.axvline(0, color="black", lw=0.8)
        ax.set_xlabel(label)
    a.invert_yaxis()
    return fig

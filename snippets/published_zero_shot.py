"""What CLIP's abstract reports of zero-shot transfer, typed from the paper."""

# --8<-- [start:abstract]
pairs = 400  # million image-text pairs of training
datasets = 30  # "over 30" data sets of zero-shot transfer
labelled = (
    1.28  # million labelled examples that the zero-shot model did not use
)

print(f"{pairs} million pairs, over {datasets} data sets")
# --8<-- [end:abstract]

ratio = pairs / labelled

VALUES = {
    "pairs": pairs,
    "datasets": datasets,
    "labelled": labelled,
    "ratio": ratio,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 1.8), layout="constrained")
    names = ["ImageNet, with labels", "CLIP, with captions"]
    ax.barh(names, [labelled, pairs], color=["C5", "C4"])
    ax.set(xscale="log", xlabel="pictures of training / million")
    return fig

"""How many pairs CLAP and CLIP report, typed from their abstracts."""

# --8<-- [start:abstracts]
pairs = 128  # thousand audio-text pairs: Elizalde et al. 2022
tasks = 16  # downstream tasks it was tested on
clip_pairs = 400_000  # thousand image-text pairs: Radford et al. 2021

print(f"CLAP {pairs} thousand pairs, CLIP {clip_pairs // 1000} million")
# --8<-- [end:abstracts]

VALUES = {"pairs": pairs, "tasks": tasks}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 1.8), layout="constrained")
    ax.barh(["CLAP", "CLIP"], [pairs, clip_pairs], color=["C4", "C5"])
    ax.set(xscale="log", xlabel="pairs of training / thousand")
    return fig

"""What larger studies saw when they varied batch and negatives."""

# --8<-- [start:tables]
import numpy as np

# Zhai et al. 2023, section 4: multilingual SigLIP, zero-shot ImageNet and
# the mean retrieval of XM3600, in %, by batch size in thousands
siglip_batch = np.array([16, 32, 64, 128, 240])
siglip_imagenet = np.array([71.6, 73.2, 73.2, 73.2, 73.1])
siglip_retrieval = np.array([34.8, 34.9, 34.4, 33.6, 32.7])

# Chen et al. 2020, Table B.1, square-root learning rate: ImageNet linear
# probe in % at batch 256 and 8192, after 100 and 800 epochs
simclr_short, simclr_long = np.array([62.8, 64.8]), np.array([66.5, 69.1])

# README of facebookresearch/moco: 200 epochs, batch 256, queue of 65,536
moco_v1, moco_v2 = 60.8, 67.5

# README of Optimization-AI/SogCLR: batch 256, 800 epochs
simclr_256, sogclr_256 = 66.5, 69.0

for batch, top1, found in zip(
    siglip_batch, siglip_imagenet, siglip_retrieval, strict=True
):
    print(f"SigLIP, batch {batch:3}k: ImageNet {top1}, retrieval {found}")
# --8<-- [end:tables]

best_batch = siglip_batch[siglip_retrieval.argmax()]
best_retrieval = siglip_retrieval.max()
last_batch, last_retrieval = siglip_batch[-1], siglip_retrieval[-1]
gain_short = simclr_short[1] - simclr_short[0]
gain_long = simclr_long[1] - simclr_long[0]

VALUES = {
    "best_batch": best_batch,
    "best_retrieval": best_retrieval,
    "last_batch": last_batch,
    "last_retrieval": last_retrieval,
    "gain_short": gain_short,
    "gain_long": gain_long,
    "moco_v1": moco_v1,
    "moco_v2": moco_v2,
    "simclr_256": simclr_256,
    "sogclr_256": sogclr_256,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
    for values, colour, style, name in (
        (siglip_imagenet, "C0", "-", "ImageNet, zero-shot"),
        (siglip_retrieval, "C1", "--", "retrieval in 36 languages"),
    ):
        ax.semilogx(
            siglip_batch,
            values - values[0],
            base=2,
            color=colour,
            ls=style,
            marker="o",
            label=name,
        )
    ax.set_xticks(siglip_batch, [f"{b}k" for b in siglip_batch])
    ax.minorticks_off()
    ax.axhline(0, color="black", lw=0.8)
    ax.set(xlabel="batch size", ylabel="against 16k / points")
    ax.legend()
    return fig

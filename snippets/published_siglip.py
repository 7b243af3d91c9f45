"""How batch size paid in SigLIP's multilingual runs, typed from the paper."""

# --8<-- [start:tables]
import numpy as np

# Zhai et al. 2023, Section 4: mSigLIP, batch size in thousands of pairs
batch = np.array([16, 32, 64, 128, 240])
imagenet = np.array([71.6, 73.2, 73.2, 73.2, 73.1])  # zero-shot, top-1, %
xm3600 = np.array([34.8, 34.9, 34.4, 33.6, 32.7])  # retrieval, mean, %

for row in zip(batch, imagenet, xm3600, strict=True):
    print("{:3}k: ImageNet {}, XM3600 {}".format(*row))
# --8<-- [end:tables]

first, last = batch[0], batch[-1]
knee = batch[imagenet.argmax()]
imagenet_first, imagenet_last = imagenet[0], imagenet[-1]
imagenet_knee = imagenet.max()
best = batch[xm3600.argmax()]
xm_best, xm_last = xm3600.max(), xm3600[-1]

VALUES = {
    "first": first,
    "last": last,
    "knee": knee,
    "imagenet_first": imagenet_first,
    "imagenet_knee": imagenet_knee,
    "imagenet_last": imagenet_last,
    "best": best,
    "xm_best": xm_best,
    "xm_last": xm_last,
}


def figure():
    import matplotlib.pyplot as plt

    fig, (top, bottom) = plt.subplots(
        2, 1, figsize=(6, 4.6), sharex=True, layout="constrained"
    )
    top.semilogx(batch, imagenet, color="C4", marker="o")
    top.set(ylabel="ImageNet / %", ylim=(70, 74))
    bottom.semilogx(batch, xm3600, color="C4", ls="--", marker="s")
    bottom.set(
        ylabel="XM3600 / %", xlabel="batch size / thousand", ylim=(31, 36)
    )
    bottom.set_xticks(batch, [str(b) for b in batch])
    bottom.minorticks_off()
    return fig

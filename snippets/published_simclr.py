"""Numbers that SimCLR's paper printed, typed from its tables."""

# --8<-- [start:tables]
import numpy as np

# Chen et al. 2020, Table 5: ImageNet, batch 4096, 100 epochs; accuracies in %
temperature = np.array([0.05, 0.1, 0.5, 1.0])
contrastive = np.array([90.5, 87.8, 68.2, 59.1])
top1 = np.array([59.7, 64.4, 60.7, 58.0])
unnormalised_contrastive = np.array([91.7, 92.1])  # no l2 norm, at 10 and 100
unnormalised_top1 = np.array([57.2, 57.0])

# Table B.1: top-1 after 100 and 800 epochs, at batch 256 and 8192
linear_rate = np.array([[57.5, 64.8], [66.6, 69.0]])
root_rate = np.array([[62.8, 64.8], [66.5, 69.1]])

# Table 6: top-1 of a linear classifier, ResNet-50 of width 1, 2, 4
width_top1 = np.array([69.3, 74.2, 76.5])

for t, c, p in zip(temperature, contrastive, top1, strict=True):
    print(f"tau {t:4}: contrastive {c}, linear probe {p}")
# --8<-- [end:tables]

best = temperature[top1.argmax()]
best_top1 = top1.max()
coldest, hottest = temperature.min(), temperature.max()
coldest_top1, hottest_top1 = top1[0], top1[-1]
coldest_contrastive, hottest_contrastive = contrastive[0], contrastive[-1]
best_contrastive = contrastive[top1.argmax()]
off_contrastive, off_top1 = unnormalised_contrastive[1], unnormalised_top1[1]
small, large = 256, 8192
gain_linear = linear_rate[0, 1] - linear_rate[0, 0]
gain_root = root_rate[0, 1] - root_rate[0, 0]
gain_long = root_rate[1, 1] - root_rate[1, 0]
plain, widest = width_top1[0], width_top1[-1]

VALUES = {
    "best": best,
    "best_top1": best_top1,
    "best_contrastive": best_contrastive,
    "coldest": coldest,
    "hottest": hottest,
    "coldest_top1": coldest_top1,
    "hottest_top1": hottest_top1,
    "coldest_contrastive": coldest_contrastive,
    "hottest_contrastive": hottest_contrastive,
    "off_contrastive": off_contrastive,
    "off_top1": off_top1,
    "small": small,
    "large": large,
    "gain_linear": gain_linear,
    "gain_root": gain_root,
    "gain_long": gain_long,
    "plain": plain,
    "widest": widest,
}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 3.4), layout="constrained")
    ax.semilogx(
        temperature,
        contrastive,
        color="C5",
        ls="--",
        marker="s",
        label="contrastive accuracy",
    )
    ax.semilogx(
        temperature, top1, color="C3", marker="o", label="linear probe, top-1"
    )
    ax.set(
        xlabel="temperature τ", ylabel="accuracy on ImageNet / %", ylim=(50, 95)
    )
    ax.legend()
    return fig

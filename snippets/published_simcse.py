"""What SimCSE's abstract reports for BERT-base, typed from the paper."""

# --8<-- [start:abstract]
# Gao, Yao and Chen 2021: average Spearman correlation on STS tasks, in %
unsupervised, supervised = 76.3, 81.6
gain_unsupervised, gain_supervised = 4.2, 2.2  # over the best before

print(f"without labels {unsupervised}, with inference pairs {supervised}")
# --8<-- [end:abstract]

VALUES = {"unsupervised": unsupervised, "supervised": supervised}


def figure():
    import matplotlib.pyplot as plt

    names = ["same sentence twice", "inference pairs"]
    gains = [gain_unsupervised, gain_supervised]
    before = [unsupervised - gains[0], supervised - gains[1]]
    fig, ax = plt.subplots(figsize=(6, 2), layout="constrained")
    ax.barh(names, before, color="C5", label="best before")
    ax.barh(names, gains, left=before, color="C1", hatch="//", label="gain")
    ax.set(xlabel="Spearman correlation / %", xlim=(60, 90))
    ax.legend(loc="lower right")
    return fig

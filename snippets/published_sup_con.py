"""What labels are worth, by the tables of the SupCon paper."""

# --8<-- [start:tables]
# Khosla et al. 2020, ImageNet top-1 in %; Table 1: the two ways to average
outside, within = 78.7, 67.4

# Table 2, ResNet-50: SimCLR, cross-entropy, SupCon
simclr, cross_entropy, sup_con = 70.2, 78.2, 78.7

print(f"mean outside the logarithm {outside}, inside {within}")
print(f"SimCLR {simclr}, cross-entropy {cross_entropy}, SupCon {sup_con}")
# --8<-- [end:tables]

labels_give = sup_con - simclr

VALUES = {
    "outside": outside,
    "within": within,
    "simclr": simclr,
    "cross_entropy": cross_entropy,
    "sup_con": sup_con,
    "labels_give": labels_give,
}


def figure():
    import matplotlib.pyplot as plt

    rows = {
        "SimCLR, no labels": (simclr, "C0", ""),
        "cross-entropy": (cross_entropy, "C5", "//"),
        "SupCon, mean outside": (sup_con, "C1", "xx"),
        "SupCon, mean inside": (within, "C2", ".."),
    }
    fig, ax = plt.subplots(figsize=(6, 2.8), layout="constrained")
    for y, (name, (value, colour, hatch)) in enumerate(rows.items()):
        ax.barh(name, value, color=colour, hatch=hatch)
        ax.text(value + 0.3, y, f"{value}", va="center")
    ax.invert_yaxis()
    ax.set(xlabel="top-1 accuracy / %", xlim=(50, 85))
    return fig

"""SimCLR on the digits: what an encoder trained without labels is worth."""

# --8<-- [start:compute]
import torch

from infonce.train import (
    Encoder,
    evaluate,
    interval,
    load_digits,
    paired,
    simclr,
    stratified_split,
)

images, labels = load_digits()
split = stratified_split(labels)
seeds = range(5)
trained = [
    simclr(images[split.train], seed=seed, progress=False).encoder
    for seed in seeds
]
untrained = [Encoder(torch.Generator().manual_seed(seed)) for seed in seeds]
results = evaluate(images, labels, split, trained=trained, untrained=untrained)

print(
    "accuracy in %, 5 labels of each class, mean and 95% interval over",
    len(seeds),
    "runs",
)
for features, accuracies in results["ridge, 5 a class"].items():
    print(f"{features:12} {interval(accuracies)}")
# --8<-- [end:compute]

per_class = 5
few = results[f"ridge, {per_class} a class"]
everything = results["1-NN, all labels"]
gain = paired(results, "ridge, 5 a class", "trained z", "raw pixels")
pictures = len(images)
classes = int(labels.max()) + 1
runs = len(seeds)

VALUES = {
    "pictures": pictures,
    "per_class": per_class,
    "classes": classes,
    "runs": runs,
    "trained": interval(few["trained z"]).mean,
    "trained_half": interval(few["trained z"]).half,
    "raw": interval(few["raw pixels"]).mean,
    "raw_half": interval(few["raw pixels"]).half,
    "untrained": interval(few["untrained z"]).mean,
    "gain": gain.mean,
    "gain_half": gain.half,
    "nn_raw": interval(everything["raw pixels"]).mean,
    "nn_trained": interval(everything["trained z"]).mean,
}


def figure():
    import matplotlib.pyplot as plt

    settings = [
        "ridge, 1 a class",
        "ridge, 5 a class",
        "ridge, 10 a class",
        "ridge, all labels",
    ]
    looks = {
        "trained z": "C1",
        "trained h": "C0",
        "raw pixels": "C5",
        "untrained h": "C2",
    }
    marks = dict(zip(looks, ("^", "o", "s", "D"), strict=True))
    fig, ax = plt.subplots(figsize=(6, 4), layout="constrained")
    for shift, (features, colour) in enumerate(looks.items()):
        found = [interval(results[setting][features]) for setting in settings]
        ax.errorbar(
            [x + 0.1 * (shift - 1.5) for x in range(len(settings))],
            [100 * i.mean for i in found],
            [100 * i.half for i in found],
            fmt=marks[features],
            color=colour,
            capsize=3,
            label=features,
        )
    ax.set_xticks(range(len(settings)), ["1", "5", "10", "all"])
    ax.set(
        xlabel="labels of each class", ylabel="accuracy of a linear probe / %"
    )
    ax.legend(loc="lower right")
    return fig

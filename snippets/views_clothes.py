"""Random views of clothes: each operation alone, then the whole recipe."""

# --8<-- [start:compute]
import numpy as np
import torch
from PIL import Image

from infonce.train import FASHION_VIEWS, cut_out, place, tone

g = torch.Generator().manual_seed(0)
sheet = np.asarray(Image.open("docs/assets/data/clothes.png"))
pictures = torch.tensor(sheet).view(28, -1, 28).transpose(0, 1)[:, None] / 255
n = len(pictures)
clothes = pictures.repeat(100, 1, 1, 1)  # a hundred views of each
drawn = FASHION_VIEWS.draw(len(clothes), g)
u = drawn[0]  # all rows are made of the same numbers
strips = {
    "clothes": clothes,
    "place": place(clothes, u[:, :5], rotation=10, zoom=(0.6, 1.0)),
    "tone": tone(clothes, u[:, 5:7], strength=0.5),
    "cut out": cut_out(clothes, u[:, 7:], p=1.0),
    "all together": FASHION_VIEWS.make(clothes, *drawn),
}
moved = {
    name: (strips[name] - clothes).abs().mean().item()
    for name in ("place", "tone", "cut out", "all together")
}
for name, change in moved.items():
    print(f"{name:12} changes a pixel by {change:.3f} on average")
# --8<-- [end:compute]

VALUES = {
    "place": moved["place"],
    "tone": moved["tone"],
    "cut_out": moved["cut out"],
    "all": moved["all together"],
}


def figure():
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(
        len(strips), figsize=(6, 4.2), layout="constrained"
    )
    for axis, (name, views) in zip(axes, strips.items(), strict=True):
        apart = torch.nn.functional.pad(views[:n, 0], (2, 2))  # columns of 0
        row = 1 - torch.cat(tuple(apart), dim=1).clamp(0, 1)
        row = (15 * row).round() / 15  # 16 shades: a third of the bytes
        axis.imshow(row[:, :, None].expand(-1, -1, 3).numpy())
        axis.set(xticks=[], yticks=[])
        axis.spines[:].set_visible(False)
        axis.set_ylabel(name, rotation=0, ha="right", va="center")
    return fig

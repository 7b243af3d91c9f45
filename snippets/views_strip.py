"""Random views, before and after: what an encoder is told to ignore."""

# --8<-- [start:compute]
import torch

from infonce.train import (
    DIGIT_VIEWS,
    EMOJI_VIEWS,
    backdrop,
    compose,
    emoji_table,
    load_digits,
    load_emoji,
    place,
    premultiply,
    tint,
)

g = torch.Generator().manual_seed(0)
digits = load_digits().images[:7]
emoji = premultiply(load_emoji("noto")[100:800:100])  # nobody chose them
white = torch.ones(3)
n = len(emoji)
plain = compose(emoji, white)
u = torch.rand(n, 13, generator=g)
strips = {
    "digit": digits,
    "bent, turned": DIGIT_VIEWS.make(digits, *DIGIT_VIEWS.draw(n, g)),
    "emoji": plain,
    "place": compose(
        place(emoji, u[:, :5], zoom=(0.87, 1.18), shift=0.15), white
    ),
    "tint": tint(plain, u[:, 9:], strength=0.25),
    "backdrop": backdrop(emoji, u[:, 5:9], p=1.0),
    "all three": EMOJI_VIEWS.make(emoji, *EMOJI_VIEWS.draw(n, g)),
}
moved = {
    name: (strips[name] - plain).abs().mean().item()
    for name in ("place", "tint", "all three")
}
for name, change in moved.items():
    print(f"{name:10} changes a pixel by {change:.3f} on average")
# --8<-- [end:compute]

names = [emoji_table()[row].name for row in range(100, 800, 100)]
VALUES = {
    "place": moved["place"],
    "tint": moved["tint"],
    "all": moved["all three"],
}


def figure():
    import matplotlib.pyplot as plt

    fig, axes = plt.subplots(
        len(strips), n, figsize=(6, 6.2), layout="constrained"
    )
    for line, (name, pictures) in zip(axes, strips.items(), strict=True):
        for axis, picture in zip(line, pictures, strict=True):
            shown = picture.clamp(0, 1).permute(1, 2, 0)
            axis.imshow(
                shown.expand(-1, -1, 3).numpy()
                if len(picture) == 3
                else 1 - shown.expand(-1, -1, 3).numpy()
            )
            axis.set(xticks=[], yticks=[])
        line[0].set_ylabel(name, rotation=0, ha="right", va="center")
    return fig

"""Uniformity of a regular octagon, and of the uniform circle."""

# --8<-- [start:compute]
import math

import torch

import infonce

angles = 2 * math.pi * torch.arange(8, dtype=torch.float64) / 8
octagon = infonce.uniformity(torch.stack([angles.cos(), angles.sin()], 1))
circle = infonce.uniformity_reference(2)
sphere = infonce.uniformity_reference(3)
print(f"octagon {octagon:.4f}, circle {circle:.4f}, sphere {sphere:.4f}")
# --8<-- [end:compute]

VALUES = {"octagon": octagon, "circle": circle}


def figure():
    import matplotlib.pyplot as plt

    fig, ax = plt.subplots(figsize=(6, 3.75), layout="constrained")
    half = math.radians(20) / 2
    align = 2 - 2 * math.cos(2 * half)
    ax.plot([align], [float(octagon)], "^", color="C1", label="eight pairs")
    ax.axhline(0, color="C2", label="collapse")
    ax.axhline(circle, color="C0", label="uniform circle")
    ax.axhline(sphere, color="C3", label="uniform sphere")
    ax.axhline(-4, color="C5", label="uniform, very wide")
    ax.set(xlim=(0, 4), xlabel="alignment", ylabel="uniformity")
    ax.legend()
    return fig

"""Mutual information of Gaussian pairs, and the ceiling of a batch."""

# --8<-- [start:compute]
import math


def information(rho, d):
    """Of two Gaussian vectors with correlation rho in each of d coordinates."""
    return -d / 2 * math.log(1 - rho**2)


much = information(0.9, 10)
least = math.exp(much)
little = information(0.8, 1)
print(f"{much:.4f} nats need more than {least:,.0f} candidates")
# --8<-- [end:compute]

VALUES = {"least": least, "little": little}


def figure():
    import matplotlib.pyplot as plt

    sizes = [2**k for k in range(1, 13)]
    fig, ax = plt.subplots(figsize=(6, 3.75), layout="constrained")
    ax.plot(sizes, [math.log(n) for n in sizes], color="C4", label="log N")
    ax.axhline(much, color="C5", label="information")
    ax.set(xscale="log", xlabel="candidates N", ylabel="nats")
    ax.legend()
    return fig

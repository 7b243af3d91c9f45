"""Claims about the values of the page angles/geometry."""

import math

from tests.claims.kit import Claim, between, exp, is_, log, reads


def uniform_law(d: int, t: float) -> float:
    """-2t + log of the series 0F1(; d/2; t^2)."""
    term = total = 1.0
    for k in range(60):
        term *= t**2 / ((d / 2 + k) * (k + 1))
        total += term
    return log(total) - 2 * t


def with_equal_views(cosines: list[float]) -> float:
    """NT-Xent at 0.5 of points that all see these cosines."""
    return math.log1p(2 * sum(exp((s - 1) / 0.5) for s in cosines))


def coth(x: float) -> float:
    return 1 / math.tanh(x)


def globe_loss(tau: float, kappa: float = 10) -> float:
    mean = coth(kappa) - 1 / kappa
    return -mean / tau + log(math.sinh(1 / tau) * tau)


SIMPLEX = with_equal_views([-0.2] * 5)
OCTAHEDRON = with_equal_views([0, 0, 0, 0, -1])
HEXAGON = with_equal_views([0.5, 0.5, -0.5, -0.5, -1])

CLAIMS: dict[str, dict[str, Claim]] = {
    "alignment_uniformity": {
        "t": is_(2),
        "tau": is_(0.25),
        "alignment": reads("0.209"),
        "uniformity": reads("-3.049"),
        "ideal": is_(uniform_law(8, 2)),
        "circle": is_(uniform_law(2, 2)),
        "globe": is_(log((1 - exp(-8)) / 8), rel=1e-7),
        "wide": is_(uniform_law(128, 2)),
        "wide_d": is_(128),
        "corners": is_(16),
        "simplex": is_(-64 / 15),
        "one_point": is_(0),
    },
    "floor_by_width": {
        "line": is_(log(5 + 6 * exp(-4))),
        "hexagon": is_(HEXAGON),
        "octahedron": is_(OCTAHEDRON),
        "two": is_(HEXAGON, rel=1e-6),
        "three": is_(OCTAHEDRON, rel=1e-6),
        "five": is_(SIMPLEX, rel=1e-6),
        "eight": is_(SIMPLEX, rel=1e-6),
    },
    "vmf": {
        "kappa": is_(10),
        "tau": is_(0.1),
        "mean_cosine": is_(coth(10) - 0.1),
        "information": is_(10 * coth(10) - 1 - log(math.sinh(10) / 10)),
        "cold": is_(0.05),
        "hot": is_(0.2),
        "at_cold": is_(globe_loss(0.05)),
        "at_hot": is_(globe_loss(0.2)),
        "flat": is_(0),
        "unit": is_(0.151595923928136, rel=1e-12),
    },
    "identifiability": {
        "exact": reads("4.333502"),
        "turned": reads("4.333502"),
        "squeezed": reads("4.553158"),
        "best": is_(log(512) - (10 * coth(10) - 1 - log(math.sinh(10) / 10))),
        "blind": is_(log(512), rel=1e-6),
        "steps": is_(250),
        "count": is_(6),
        # other processors round differently, and another run may fold
        "least_loss": between(4.24, 4.36),
        "best_r2": between(0.95, 1),
        "most_loss": between(4.6, 4.95),
        "worst_r2": between(0.55, 0.75),
        "inputs_r2": reads("81%"),
    },
    "effective_rank": {
        "N": is_(256),
        "d": is_(8),
        "quiet": is_(0.1),
        "loud": is_(2),
        "steps": is_(500),
        "half": is_(4),
        "kept": is_(4),
        "all_kept": is_(8),
        "dropped": between(0.05, 0.3),
        "full": reads("7.98"),
        "one_line": is_(1),
    },
}

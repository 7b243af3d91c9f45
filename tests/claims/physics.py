"""Claims about the values of the page angles/physics."""

import math

from tests.claims.kit import Claim, exp, is_, log, lse, reads

SIMILARITIES = [0.9, 0.6, 0.3, -0.2, -0.4]


def boltzmann(tau: float) -> list[float]:
    top = lse([s / tau for s in SIMILARITIES])
    return [exp(s / tau - top) for s in SIMILARITIES]


P = boltzmann(0.5)
ENERGY = -sum(p * s for p, s in zip(P, SIMILARITIES, strict=True))
ENTROPY = -sum(p * log(p) for p in P)
FREE = -0.5 * lse([s / 0.5 for s in SIMILARITIES])


def weight(tau: float, crowd: int) -> float:
    return 1 / (1 + crowd * exp(-1 / tau))


def peak(crowd: int) -> float:
    """Where p(1 - p)/tau^2 is largest: by a fine search of its own."""
    grid = [0.03 * 1.0002**k for k in range(20000)]
    return max(grid, key=lambda t: weight(t, crowd) * (1 - weight(t, crowd)) / t**2)


# the table of pairs ((0.3, 0.1), (0.1, 0.5)): the eigenvalues are 1 and trace - 1
SECOND = 0.3 / 0.4 + 0.5 / 0.6 - 1
S = [[0.8, 0.3], [0.5, 0.6]]
ROWS = [1 / (1 + exp(-0.5 / 0.2)), 1 / (1 + exp(-0.1 / 0.2))]
OUTLIERS = exp(0.4) + 1 + exp(-0.2)

CLAIMS: dict[str, dict[str, Claim]] = {
    "boltzmann": {
        "tau": is_(0.5),
        "loss": is_(-log(P[0])),
        "p_pos": is_(P[0]),
        "mean_energy": is_(ENERGY),
        "H": is_(ENTROPY),
        "parts": is_(FREE),
        "slope": is_(-ENTROPY, rel=1e-8),
        "cold": is_(0.01),
        "free_cold": is_(-0.01 * lse([s / 0.01 for s in SIMILARITIES])),
        "lowest": is_(-0.9),
    },
    "heat_capacity": {
        "few": is_(255),
        "many": is_(65535),
        "melt_few": is_(1 / log(255)),
        "melt_many": is_(1 / log(65535)),
        "share": is_(0.5),
        "peak_few": is_(peak(255), rel=1e-3),
        "peak_many": is_(peak(65535), rel=1e-3),
        "warm": is_(0.2),
        "cold": is_(0.05),
        "p_warm": is_(weight(0.2, 65535)),
        "p_cold": is_(weight(0.05, 65535)),
        "frozen": is_(0),
    },
    "sne": {
        "tau": is_(0.5),
        "loss": reads("1.3666"),
        "off_sphere": reads("0.6960"),
        "student": reads("1.8001"),
        "alone": is_(log(11)),
        "width": is_(math.sqrt(0.5)),
    },
    "transport": {
        "tries": is_(2000),
        "beaten": is_(0),
        "column": is_((ROWS[0] + 1 - ROWS[1]) / 2),
        "row": is_(ROWS[0]),
        "sinkhorn": is_(1 / (1 + exp(-0.6 / (2 * 0.2)))),
        "closed": is_(1 / (1 + exp(-0.6 / (2 * 0.2)))),
        "frozen": is_(1 / (1 + exp(-0.5 / 0.01))),
    },
    "spectral": {
        "misfit": is_(0),
        "second": is_(SECOND),
        "one": is_(-1),
        "minimum": is_(-1 - SECOND**2),
        "by_distance": is_(-1 - SECOND**2),
        "nothing": is_(0),
        "constant": is_(-1),
    },
    "rince": {
        "q": is_(0.5),
        "far": is_(-3),
        "pull_far": is_(1 - exp(-3) / (exp(-3) + OUTLIERS)),
        "pull_far_q": is_(exp(-1.5) - exp(-3) * math.sqrt(0.5 / (exp(-3) + OUTLIERS))),
        "near_zero": is_(log((exp(0.5) + OUTLIERS) / exp(0.5)) + log(0.5), rel=1e-6),
        "limit": is_(0.408112727249307, rel=1e-13),
    },
}

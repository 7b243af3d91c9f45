"""Claims about the values of the page temperature."""

import math

from tests.claims.kit import Claim, between, exp, is_, log, lse

# One anchor, its positive and five negatives: the running example.
S_POS, S_NEG, TAU = 0.8, [0.75, 0.5, 0.2, -0.1, -0.4], 0.2
LOGITS = [s / TAU for s in [S_POS, *S_NEG]]


def weights(tau: float) -> list[float]:
    total = lse([s / tau for s in S_NEG])
    return [exp(s / tau - total) for s in S_NEG]


def entropy(tau: float) -> float:
    return -sum(w * log(w) for w in weights(tau))


def slope(tau: float) -> float:
    w = weights(tau)
    mean = sum(a * s for a, s in zip(w, S_NEG, strict=True))
    return sum(a * (s - mean) ** 2 for a, s in zip(w, S_NEG, strict=True)) / tau**3


CLAIMS: dict[str, dict[str, Claim]] = {
    "temperature_weights": {
        "tau": is_(0.2),
        "M": is_(5),
        "cold": is_(0.02),
        "typical": is_(0.07),
        "hot": is_(2),
        "w_hardest": is_(weights(0.2)[0]),
        "w_typical": is_(weights(0.07)[0]),
        "n_eff": is_(exp(entropy(0.2))),
        "n_cold": is_(exp(entropy(0.02))),
        "n_typical": is_(exp(entropy(0.07))),
        "n_hot": is_(exp(entropy(2))),
        "gap": is_(0.25),
        "ratio": is_(exp(0.25 / 0.2)),
        "ratio_typical": is_(exp(0.25 / 0.07)),
        "dH_dtau": is_(slope(0.2)),
        "difference": is_(slope(0.2), rel=1e-8),  # central difference, step 1e-6
    },
    "temperature_limits": {
        "cold": is_(0.01),
        "hot": is_(10),
        "behind": is_(0.2),
        "candidates": is_(5),
        "chance": is_(log(5)),
        "scaled": is_(0.01 * (lse([20, 0, -10, -40, -70]))),
        "won": is_(math.log1p(exp(-30) + exp(-60) + exp(-90) + exp(-120))),
        "at_hot": is_(lse([0.08, 0.05, 0.02, -0.01, -0.04]) - 0.08),
        "expansion": is_(log(5) - (0.8 - 0.2) / 10),
    },
    "n_pair": {
        "cold": is_(0.01),
        "scale": is_(3),
        "scaled": is_(log(1 + exp(-1) + exp(-2))),
        "level": is_(0.02 * log(2)),
        "behind": is_(0.02 * log(1 + exp(10))),
        "hinge": is_(0.2),
    },
    "temperature_runs": {
        "runs": is_(5),
        "N": is_(64),
        "steps": is_(120),
        "middle": is_(0.2),
        "coldest": is_(0.01),
        "cold": is_(0.05),
        "hottest": is_(2),
        "warm": is_(0.5),
        "align_cold": between(0.2, 0.35),
        "align_middle": between(0.55, 0.7),
        "align_warm": between(0.47, 0.6),
        "align_hot": between(0.4, 0.53),
        "uniform_cold": between(-1.8, -1.3),
        "uniform_middle": between(-3.0, -2.65),
        "uniform_warm": between(-2.7, -2.4),
        "uniform_hot": between(-2.3, -1.9),
        "others": is_(510),
        "of_all": between(0.095, 0.11),
        "share_middle": between(0.37, 0.45),
        "share_middle_half": between(0.002, 0.03),
        "share_cold": between(0.64, 0.72),
        "share_cold_half": between(0.003, 0.04),
        "share_hot": between(0.118, 0.13),
        "share_hot_half": between(0.0002, 0.01),
        "over_cold": between(0.012, 0.045),
        "over_cold_half": between(0.003, 0.03),
        "over_hot": between(0.11, 0.18),
        "over_hot_half": between(0.005, 0.06),
        "probe_over_cold": between(0.0, 0.02),
        "probe_over_cold_half": between(0.001, 0.02),
        "probe_over_hot": between(0.003, 0.025),
        "probe_over_hot_half": between(0.001, 0.02),
    },
}

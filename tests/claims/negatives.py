"""Claims about the values of the page negatives."""

import math

from tests.claims.kit import Claim, between, exp, is_, log, reads

# Negatives at cosine 0 or 1, equally likely, temperature 1, the positive at 1.
MU = (1 + math.e) / 2
B, V = math.e / MU, math.tanh(0.5) ** 2


def bias(count: int, positive: float) -> float:
    """By the law of the number of ones, term by term."""
    terms = [
        math.comb(count, k) * log((positive + k * math.e + count - k) / (count * MU))
        for k in range(count + 1)
    ]
    return math.fsum(terms) / 2**count


def ideal_b(tau: float, d: int = 128) -> float:
    """e^(1/tau) over the mean of e^(s/tau) on the sphere, a Bessel series."""
    terms, term = [1.0], 1.0
    for k in range(1, 300):
        term *= (0.5 / tau) ** 2 / (k * (d / 2 + k - 1))
        terms.append(term)
    return exp(1 / tau) / math.fsum(terms)


CLAIMS: dict[str, dict[str, Claim]] = {
    "many_negatives": {
        "limit": is_(-2 + log(0.5 * math.sinh(2))),
        "at_t_two": is_(0.25),
        "single": between(0.195, 0.207),  # the mean of 400,000 draws
        "away_some": between(0.378, 0.389),
        "away_many": between(0.051, 0.059),
        "away_most": between(0.004, 0.012),
        "shrinks": between(6.4, 7.6),
    },
    "negatives_bias": {
        "M": is_(8),
        "M_more": is_(64),
        "b": is_(B),
        "v": is_(V),
        "included": is_(bias(8, math.e)),
        # two equally likely values: no third moment
        "both_orders": is_((B - V / 2) / 8 + (-(B**2) / 2 + B * V - 3 * V**2 / 4) / 64),
        "out": is_(bias(8, 0)),
        "out_more": is_(bias(64, 0)),
        "shrinks": is_(bias(8, 0) / bias(64, 0)),
        "root": is_(math.sqrt(8)),
        "d": is_(128),
        "queue": is_(65536),
        "warm": is_(0.5),
        "cool": is_(0.2),
        "cold": is_(0.1),
        "moco": is_(0.07),
        "b_warm": is_(ideal_b(0.5)),
        "b_cool": is_(ideal_b(0.2)),
        "b_cold": is_(ideal_b(0.1)),
        "b_moco": is_(ideal_b(0.07)),
        "too_small": is_(ideal_b(0.07) / 65536),
        "small": is_(256),
        "sure": is_(256 / (256 + ideal_b(0.07))),
    },
    "moco": {
        "N": is_(4),
        "K": is_(12),
        "loss": reads("0.8414"),
        "queued": is_(4096),
        "tau": is_(0.2),
        "orthogonal": is_(log(1 + 4096 * exp(-5))),
        "constant": is_(log(4097)),
        "released_K": is_(65536),
        "released_m": is_(0.999),
        "batch": is_(256),
        "age": is_(256),
        "half_life": is_(-log(2) / log(0.999)),
    },
    "negatives_runs": {
        "runs": is_(5),
        "tau": is_(0.2),
        "N": is_(64),
        "pictures": is_(6400),
        "steps": is_(50),
        "one": is_(1),
        "some": is_(16),
        "every": is_(126),
        "small": is_(16),
        "large": is_(128),
        "small_steps": is_(400),
        "large_steps": is_(50),
        "by_negatives": between(0.045, 0.09),
        "by_negatives_half": between(0.005, 0.04),
        "by_last_negatives": between(-0.005, 0.025),
        "by_last_negatives_half": between(0.012, 0.035),
        "at_pictures": between(-0.04, -0.0001),
        "at_pictures_half": between(0.012, 0.045),
        "at_steps": between(0.06, 0.13),
        "at_steps_half": between(0.01, 0.06),
        "probe_negatives": between(-0.01, 0.015),
        "probe_negatives_half": between(0.002, 0.02),
        "probe_pictures": between(-0.01, 0.015),
        "probe_pictures_half": between(0.002, 0.02),
        "probe_steps": between(-0.005, 0.02),
        "probe_steps_half": between(0.002, 0.025),
    },
    "published_batches": {
        "gain_short": reads("2.0"),
        "gain_long": reads("2.6"),
        "best_batch": is_(32),
        "best_retrieval": is_(34.9),
        "last_batch": is_(240),
        "last_retrieval": is_(32.7),
        "moco_v1": is_(60.8),
        "moco_v2": is_(67.5),
        "simclr_256": is_(66.5),
        "sogclr_256": is_(69.0),
    },
}

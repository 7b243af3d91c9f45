"""Claims about the values of the page false-negatives."""

import math

from tests.claims.kit import Claim, between, exp, is_, log, lse, reads

# SupCon: five points on the circle, the first three of one class.
ANGLES, CLASSES = [0.0, 0.6, 1.0, 3.0, 3.3], [0, 0, 0, 1, 1]


def sup_con(inside: bool) -> float:
    total = 0.0
    for i, a in enumerate(ANGLES):
        s = {j: math.cos(a - b) / 0.5 for j, b in enumerate(ANGLES) if j != i}
        friends = [s[j] for j in s if CLASSES[j] == CLASSES[i]]
        mean = lse(friends) - log(len(friends)) if inside else sum(friends) / len(friends)
        total += lse(list(s.values())) - mean
    return total / len(ANGLES)


def simplex(each: int) -> float:
    return log(each - 1 + 2 * each * exp(-3))


# The debiased card: positive at 0.5, three negatives, prior 0.1, temperature 1.
G = ((exp(0.4) + 1 + exp(-0.2)) / 3 - 0.1 * exp(0.5)) / 0.9
PLAIN = log(1 + (exp(0.4) + 1 + exp(-0.2)) / exp(0.5))
# Hard negatives: positive at 0.9, negatives at 0.6, 0.3 and 0, temperature 0.5, exponent 1.
E = [exp(1.2), exp(0.6), 1.0]
SQUARES = sum(e**2 for e in E)
# Decoupled: positive at 0.9, negatives at 0.4 and 0.1, temperature 0.2.
DC = lse([2.0, 0.5]) - 4.5

CLAIMS: dict[str, dict[str, Claim]] = {
    "duplicates": {
        "classes": is_(10),
        "batch": is_(64),
        "rho": is_(0.1),
        "clean": is_(0.9**63),
        "tau": is_(0.5),
        "twin": is_(log(3 + 2 * exp(-2))),
        "alone": is_(log(1 + 4 * exp(-2))),
        "low": is_(0.02),
        "twin_low": is_(log(3)),
        "floor": is_(log(3)),
    },
    "debiased": {
        "g": is_(G),
        "loss": is_(log(1 + 3 * G / exp(0.5))),
        "plain": is_(PLAIN),
        "no_prior": is_(PLAIN),
        "cold": is_(0.05),
        "clamped": is_(3 * exp(-30), rel=1e-6),
        "at_clamp": is_(3 * exp(-30), rel=1e-6),
    },
    "hard_negatives": {
        "M": is_(3),
        "beta": is_(1),
        "no_beta": is_(log(1 + sum(E) / exp(1.8))),
        "effective_tau": is_(0.25),
        "apart": is_(0),
        "hardest": is_(E[0] ** 2 / SQUARES),
        "easy_push": is_(1 / SQUARES),
        # (1 + beta) w_(1 + beta) - beta w_beta, for the easiest
        "easy_free": is_(2 / SQUARES - 1 / sum(E)),
    },
    "sup_con": {
        "loss": is_(sup_con(inside=False)),
        "inside": is_(sup_con(inside=True)),
        "two": is_(2),
        "four": is_(4),
        "at_two": is_(simplex(2)),
        "at_four": is_(simplex(4)),
        "at_least": is_(log(3)),
    },
    "decoupled": {
        "limit_M": is_(4),
        "collapse": is_(log(4)),
        "softplus": is_(math.log1p(exp(DC))),
        "kept": is_(1 / (1 + exp(-DC))),
        "ratio": is_(1 / (1 + exp(-DC))),
    },
    "global_objective": {
        "n": is_(200),
        "B": is_(4),
        "count": is_(10),
        "equal": is_(0),
        "exact_push": reads("24.0%"),
        "batch_push": between(0.12, 0.15),
        "running_push": between(0.21, 0.24),
    },
    "published_sup_con": {
        "outside": is_(78.7),
        "within": is_(67.4),
        "simclr": is_(70.2),
        "cross_entropy": is_(78.2),
        "sup_con": is_(78.7),
        "labels_give": is_(8.5),
    },
    "false_negatives_runs": {
        "usual_share": is_(0.1),
        "prior": is_(0.1),
        "runs": is_(5),
        "tau": is_(0.2),
        "N": is_(64),
        "probe_10": between(0.96, 0.98),
        "probe_100": between(0.95, 0.972),
        "probe_untrained": between(0.95, 0.965),
        "near_10": between(0.91, 0.94),
        "near_100": between(0.74, 0.79),
        "probe_none": between(-0.01, 0.015),
        "probe_none_half": between(0.001, 0.02),
        "probe_all": between(-0.03, 0.002),
        "probe_all_half": between(0.002, 0.025),
        "near_none": between(0.003, 0.025),
        "near_none_half": between(0.001, 0.015),
        "near_half": between(-0.08, -0.03),
        "near_half_half": between(0.003, 0.03),
        "near_all": between(-0.19, -0.13),
        "near_all_half": between(0.005, 0.04),
        "near_untrained": between(-0.06, -0.005),
        "near_untrained_half": between(0.005, 0.035),
        "few_all": between(-0.12, -0.06),
        "few_all_half": between(0.002, 0.03),
        "one_none": between(0.04, 0.11),
        "one_none_half": between(0.005, 0.045),
        "near_debiased": between(-0.015, 0.005),
        "near_debiased_half": between(0.001, 0.015),
        "one_debiased": between(-0.03, 0.02),
        "one_debiased_half": between(0.003, 0.05),
        "near_sup_con": between(0.025, 0.05),
        "near_sup_con_half": between(0.001, 0.015),
    },
}

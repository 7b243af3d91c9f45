"""Claims about the values of the page bugs."""

import math

from tests.claims.kit import Claim, exp, is_, log, reads

RIGHT = math.log1p(6 * exp(-10))  # four orthogonal pairs, views equal, temperature 0.1
L2, L1 = 12 / 25, 12 / 49  # products of two different rows, each norm


def close(products: float, own: float) -> float:
    """NT-Xent at 0.1 of three pairs whose different rows have this product."""
    return log(exp(own / 0.1) + 4 * exp(products / 0.1)) - own / 0.1


CLAIMS: dict[str, dict[str, Claim]] = {
    "bugs_nt_xent": {
        "N": is_(4),
        "tau": is_(0.1),
        "right": is_(RIGHT),
        "package": is_(RIGHT),
        "right_labels": is_(RIGHT),
        "right_twice": is_(RIGHT),
        "wrong_labels": is_(RIGHT + 5),  # half of the anchors pay 1/tau for their label
        "wrong_twice": is_(log(2 + 6 * exp(-10))),
        "wrong_self": is_(log(2 + 6 * exp(-10))),
        "wrong_norm": is_(close(L1, 25 / 49)),
        "right_norm": is_(close(L2, 1)),
        "wrong_reduce": is_(2 * RIGHT),
    },
    "bugs_whole": {
        "N": is_(512),
        "wrong": reads("6.9285"),
        "right": reads("4.9540"),
        "guess": is_(log(1023)),
        "share": reads("0.1%"),
        "reported": is_(6.9287),
    },
    "bugs_scale": {
        "start": is_(0.07),
        "wrong_init": is_(log(1 + 7 * exp(-exp(0.07)))),
        "right_init": is_(math.log1p(7 * exp(-1 / 0.07)), rel=1e-6),
        "slower": is_(exp(-0.07) / 0.07),
        "wrong_tau": is_(exp(-0.07)),
        "limit": is_(100),
        "steps": is_(300),
        "lead": is_(0.05),
        "wrong_clamp": reads("205"),
        "right_clamp": is_(100, rel=1e-6),
        "n": is_(3),
        "b": is_(-10),
        "wrong_siglip": is_(2 * math.log1p(exp(10)) + math.log1p(exp(-10))),
        "right_siglip": is_(math.log1p(exp(10)) + 2 * math.log1p(exp(-10))),
        "tau": is_(0.5),
        "base": is_(0.07),
        "factor": is_(0.5 / 0.07),
        "wrong_base": is_(0.5 / 0.07 * log(1 + 4 * exp(-3))),
        "right_base": is_(log(1 + 4 * exp(-3))),
        "right_alone": is_(log(2)),
        "wrong_angle": is_(math.degrees(math.atan2(1, 4)), rel=1e-6),
        "right_angle": is_(22.5, rel=1e-6),
    },
    "bugs_numerics": {
        "wrong_log": is_(-log(1e-20), rel=1e-6),
        "right_log": is_(200),
        "exp_right": is_(0),
        "tau": is_(0.005),
        "wrong_mask": is_(log(2 * 1e-45 * exp(200) + 2) - 200),
        "right_mask": is_(log(2) - 200),
        "rows": is_(8192),
        "d": is_(128),
        "large_wrong": is_(32),
        "large_right": is_(0.25),
    },
}

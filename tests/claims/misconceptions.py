"""Claims about the values of the page misconceptions."""

import math
from itertools import product

from tests.claims.kit import Claim, between, exp, is_, log, lse, reads


def floor(pairs: int, tau: float) -> float:
    return math.log1p(2 * (pairs - 1) * exp(-pairs / ((pairs - 1) * tau)))


def two_point(draws: int, extra: float) -> float:
    """Bias of `draws` negatives that are 0 or 1: every sequence of draws, one by one."""
    total = 0.0
    for sequence in product((1.0, math.e), repeat=draws):
        total += log((extra + sum(sequence)) / draws) / 2**draws
    return total - log((1 + math.e) / 2)


def by_count(draws: int, extra: float) -> float:
    """The same for more draws than can be listed: grouped by the number of ones."""
    mean = log((1 + math.e) / 2)
    return (
        sum(
            math.exp(math.lgamma(draws + 1) - math.lgamma(k + 1) - math.lgamma(draws - k + 1))
            * log((extra + k * math.e + draws - k) / draws)
            for k in range(draws + 1)
        )
        / 2**draws
        - mean
    )


def decoupled(candidates: int) -> float:
    """DCL's would-be bound for a bit through a channel that flips one in ten, all draws listed."""
    information = 0.9 * log(1.8) + 0.1 * log(0.2)
    total = 0.0
    for ratios in product((1.8, 0.2), repeat=candidates - 1):
        total += log(sum(ratios) / (candidates - 1)) / 2 ** (candidates - 1)
    return information - total


def weight_of_positive(tau: float, d: int) -> float:
    """e^(1/tau) over the mean of e^(s/tau), s uniform on the sphere: a sum over angles."""
    steps = 200_000
    top = bottom = 0.0
    for i in range(steps):
        angle = math.pi * (i + 0.5) / steps
        measure = math.sin(angle) ** (d - 2)
        top += measure * exp((math.cos(angle) - 1) / tau)
        bottom += measure
    return bottom / top


def symbols_gap(candidates: int) -> float:
    """log 1024 - (log N - E log(1 + B)) with B binomial, in logarithms to stay in range."""
    p, n = 1 / 1024, candidates - 1
    expected = 0.0
    for b in range(1, min(n, 120) + 1):
        ways = math.lgamma(n + 1) - math.lgamma(b + 1) - math.lgamma(n - b + 1)
        expected += exp(ways + b * log(p) + (n - b) * math.log1p(-p)) * math.log1p(b)
    return log(1024) - log(candidates) + expected


CLIP_GAP = log(1 + 3 * exp(-2))

CLAIMS: dict[str, dict[str, Claim]] = {
    "misconceptions_value": {
        "N": is_(256),
        "tau": is_(0.5),
        "cold": is_(0.07),
        "perfect": is_(floor(256, 0.5)),
        "collapsed": is_(log(511)),
        "n": is_(4),
        "in_one_point": is_(log(7)),
        "at_angles": is_(log(7)),
        "untrained": reads("11.39"),
        "guess": is_(log(511)),
        "noisy_cold": reads("0.14"),
        "two": is_(2),
        "four": is_(4),
        "positives": is_(3),
        "floor_of_two": is_(log(1 + 4 * exp(-3))),
        "floor_of_four": is_(log(3 + 8 * exp(-3))),
        "log_positives": is_(log(3)),
    },
    "misconceptions_temperature": {
        "low": is_(0.05),
        "middle": is_(0.5),
        "high": is_(5),
        "low_middle": reads("0.879"),
        "middle_high": reads("0.999"),
        "of_all": reads("10%"),
        "coldest": is_(0.05),
        "hot": is_(5),
        "share_coldest": reads("96%"),
        "share_hot": reads("11%"),
        "warm_end": is_(1),
        "hot_end": is_(100),
        "scaled_warm": reads("0.286"),
        "scaled_hot": reads("0.307"),
        "margin": is_(0.2),
        "ahead_limit": reads("0.000"),
        "ahead_triplet": is_((0.7 - 0.8 + 0.2) / 2),
    },
    "misconceptions_information": {
        "M": is_(64),
        "information": is_(log(64)),
        "probe_a": is_(1),
        "probe_b": is_(37 / 64),
        "contrastive": is_(1),
        "truth": is_(10),
        "N": is_(64),
        "estimate": between(4.115, 4.1249),  # seeds move the mean by 0.002
        "spread": between(0.0325, 0.0345),
        "short": between(5.85, 5.899),
        "K": is_(1024),
        "nats": is_(log(1024)),
        "few": is_(64),
        "many": is_(1024),
        "most": is_(16384),
        "gap_few": is_(symbols_gap(64)),
        "gap_many": is_(symbols_gap(1024)),
        "gap_most": is_(symbols_gap(16384), rel=1e-7),  # logarithms of factorials round
        "needed": is_(exp(10)),
        "flip": is_(0.1),
        "line7": is_(
            0.9 * (log(1 + 2) + 2 * log(1 + 2 / 1.8) + log(1 + 0.4 / 1.8)) / 4
            + 0.1 * (log(1 + 3.6 / 0.2) + 2 * log(1 + 2 / 0.2) + log(1 + 2)) / 4
        ),
        "line9": is_(0.9 * log(1 + 2 / 1.8) + 0.1 * log(1 + 2 / 0.2)),
        "line10": is_(log(3) - 0.9 * log(1.8) - 0.1 * log(0.2)),
        "mutual": is_(0.9 * log(1.8) + 0.1 * log(0.2)),
        "dcl_two": is_(decoupled(2)),
        "dcl_four": is_(decoupled(4)),
        "dcl_sixteen": is_(decoupled(16)),
        "moved": reads("1.781876"),
        "columns": reads("1.8874"),
        "columns_moved": reads("1.9059"),
        "binary": reads("0.7604"),
        "binary_moved": reads("1.7349"),
        "ranking_moved": reads("1.7819"),
    },
    "misconceptions_negatives": {
        "M": is_(8),
        "M_more": is_(64),
        "without": is_(two_point(8, 0)),
        "included": is_(two_point(8, math.e)),
        "shrinks": is_(two_point(8, 0) / by_count(64, 0), rel=1e-8),
        "root": is_(math.sqrt(8)),
        "d": is_(128),
        "queue": is_(65536),
        "warm": is_(0.5),
        "moco": is_(0.07),
        "b_warm": is_(weight_of_positive(0.5, 128), rel=1e-7),
        "b_moco": is_(weight_of_positive(0.07, 128), rel=1e-7),
        "too_small": is_(weight_of_positive(0.07, 128) / 65536, rel=1e-7),
        "batch": is_(4),
        "queued": is_(1000),
        "with_queue": is_(log(1001)),
        "in_batch": is_(log(4)),
        "one_batch": is_(log(1 + 6 / math.e)),
        "accumulated": is_(log(1 + 2 / math.e)),
        "low": is_(0.02),
        "twin_low": is_(log(3)),
        "twin_floor": is_(log(3)),
        "n": is_(16),
        "simplex_formula": is_(-64 / 15),
    },
    "misconceptions_pairs": {
        "distance": is_(1.2),
        "tau": is_(0.5),
        "narrow": is_(0.32),
        "closed": is_(CLIP_GAP, rel=1e-12),
        "open_same": is_(log(1 + 3 * exp(-0.64 / 0.5))),
        "open_narrow": is_(CLIP_GAP, rel=1e-12),
        "scale": is_(100),
        "lead": is_(0.01),
        "odds": is_(math.e),
        "N": is_(4),
        "b": is_(-10),
        "negatives_at_zero": is_(12 / 16),
        "negatives_at_start": is_(
            12 * math.log1p(exp(-10)) / (12 * math.log1p(exp(-10)) + 4 * lse([0, 10]))
        ),
    },
    "published_simclr": {  # Chen et al. 2020, Tables 5, B.1 and 6, typed a second time
        "best": is_(0.1),
        "best_top1": is_(64.4),
        "best_contrastive": is_(87.8),
        "hottest": is_(1),
        "hottest_top1": is_(58.0),
        "hottest_contrastive": is_(59.1),
        "coldest": is_(0.05),
        "coldest_top1": is_(59.7),
        "coldest_contrastive": is_(90.5),
        "off_contrastive": is_(92.1),
        "off_top1": is_(57.0),
        "plain": is_(69.3),
        "widest": is_(76.5),
        "small": is_(256),
        "large": is_(8192),
        "gain_linear": is_(64.8 - 57.5),
        "gain_root": is_(64.8 - 62.8),
        "gain_long": is_(69.1 - 66.5),
    },
}

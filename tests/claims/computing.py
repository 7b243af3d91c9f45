"""Claims about the values of the page computing."""

import math

from tests.claims.kit import Claim, between, exp, is_, log, reads

CLAIMS: dict[str, dict[str, Claim]] = {
    "stable_loss": {
        "cold": is_(0.01),
        "colder": is_(0.001),
        "shifted_cold": is_(0),
        "stable_cold": is_(exp(-50) * (1 + exp(-30)), rel=1e-12),  # log(1 + x) is x here
        "stable_colder": is_(exp(-500), rel=1e-12),
        "largest": is_(log((2 - 2**-23) * 2.0**127), rel=1e-7),
        "coldest": is_(1 / log((2 - 2**-23) * 2.0**127), rel=1e-7),
        "wrong": is_(50),
    },
    "streaming_sum": {
        "N": is_(96),
        "loss": reads("0.789374"),
        "spread": between(0, 1e-12),
        "at_rising": is_(1000 - log(1 - exp(-10)), rel=1e-13),
        "batch": is_(65536),
        "columns": is_(256),
        "wide": is_(512),
        "whole_gib": is_(16),
        "rows_gib": is_(0.25),
        "tile_gib": is_(1 / 16),
    },
    "cached_gradients": {
        "N": is_(32),
        "chunk": is_(8),
        "error": between(0, 1e-14),
        "cached_cosine": is_(1, rel=1e-14),
        "accumulated_cosine": reads("0.865"),
        "accumulated_length": reads("1.09"),
        "fresh": reads("0.785"),
        "normed": reads("0.842"),
    },
    "ranks": {
        "W": is_(4),
        "wrong_length": reads("0.56"),
        "degrees": is_(math.degrees(math.acos(0.9293)), rel=1e-3),
        "slice_length": is_(1 / 4),
        "slice_scale": is_(1),
        "local_length": is_(1),
        "global_length": is_(1),
    },
}

"""Claims about the values of the page practice/train: the ranges that more seeds may move."""

from tests.claims.kit import Claim, between, is_

CLAIMS: dict[str, dict[str, Claim]] = {
    "views_strip": {
        "place": between(0.01, 0.3),
        "tint": between(0.01, 0.15),
        "all": between(0.03, 0.4),
    },
    "recorded_emoji_clip": {
        "steps": is_(1400),
        "batch": is_(256),
        "seeds": is_(3),
        "seconds": between(10, 400),
        "seen1": between(0.34, 0.39),
        "seen10": between(0.70, 0.75),
        "seen1_pixels": between(0.224, 0.228),
        "seen10_pixels": between(0.469, 0.473),
        "new1": between(0.06, 0.11),
        "new10": between(0.32, 0.42),
        "new1_pixels": between(0.03, 0.05),
        "new10_pixels": between(0.12, 0.13),
        "group": between(0.35, 0.48),
        "subgroup": between(0.09, 0.17),
        "gap": between(0.1, 0.3),
        "gap_untrained": between(0.9, 1.3),
    },
    "recorded_names": {
        "steps": is_(1000),
        "seeds": is_(3),
        "seconds": between(3, 100),
        "latin1": between(0.37, 0.46),
        "latin10": between(0.59, 0.69),
        "latin1_overlap": between(0.24, 0.26),
        "latin10_overlap": between(0.41, 0.44),
        "other1": between(0.13, 0.19),
        "other10": between(0.33, 0.41),
        "other1_overlap": between(0.015, 0.025),
        "other10_overlap": between(0.03, 0.06),
    },
}

"""Claims about the values of the page clip."""

from tests.claims.kit import Claim, between, exp, is_, log, lse

CLIP_S = [[0.8, 0.3], [0.1, 0.6]]


def clip_way(rows: list[list[float]], alpha: float) -> float:
    return sum(lse([alpha * s for s in r]) - alpha * r[i] for i, r in enumerate(rows)) / len(rows)


CLIP_T = [list(column) for column in zip(*CLIP_S, strict=True)]


def clip_both(alpha: float) -> float:
    return (clip_way(CLIP_S, alpha) + clip_way(CLIP_T, alpha)) / 2


CONFUSED = [[0.8, 0.3, 0.5], [0.1, 0.6, 0.7], [0.2, 0.65, 0.6]]
CONFUSED_T = [list(column) for column in zip(*CONFUSED, strict=True)]


def rests_at_zero_slope(alpha: float, specs: set[str]) -> None:
    """The loss is higher on both sides, and flat in between."""
    below, there, above = (
        (clip_way(CONFUSED, a) + clip_way(CONFUSED_T, a)) / 2
        for a in (alpha - 1e-3, alpha, alpha + 1e-3)
    )
    assert below > there < above
    assert abs(above - below) / 2e-3 < 1e-7
    assert {format(alpha, spec) for spec in specs} == {"5.6"}


CLAIMS: dict[str, dict[str, Claim]] = {
    "clip": {
        "alpha": is_(5),
        "limit": is_(100),
        "start_tau": is_(0.07),
        "start_parameter": is_(log(1 / 0.07)),
        "start_alpha": is_(1 / 0.07),
        "wrong_tau": is_(exp(-0.07)),
        "image_to_text": is_(clip_way(CLIP_S, 5)),
        "text_to_image": is_(clip_way(CLIP_T, 5)),
        "loss": is_(clip_both(5)),
        "slope": is_(5 * (clip_both(5 + 1e-6) - clip_both(5 - 1e-6)) / 2e-6, rel=1e-7),
        "at_limit": is_(
            (2 * exp(-50) + exp(-30) + exp(-70)) / 4, rel=1e-12
        ),  # log(1 + x) is x for x this small
        "resting": rests_at_zero_slope,
    },
    "emoji_clip": {
        "count": is_(1594),
        "heldout": is_(239),
        "steps": is_(500),
        "N": is_(256),
        "vocabulary": is_(3324),
        "chance1": is_(1 / 239),
        "chance10": is_(10 / 239),
        # one run; other processors round differently, and other roundings end elsewhere
        "seen1": between(0.29, 0.38),
        "seen10": between(0.64, 0.74),
        "pixels1": between(0.224, 0.228),
        "pixels10": between(0.469, 0.473),
        "new1": between(0.06, 0.16),
        "new10": between(0.29, 0.42),
        "new1_back": between(0.06, 0.16),
        "new10_back": between(0.29, 0.42),
        # the same run on the page zero-shot
        "groups": is_(8),
        "learnt": is_(1355),
        "draws": is_(2000),
        "majority": is_(55 / 239, rel=1e-7),  # in float32
        "zero_one": between(0.26, 0.40),
        "zero_one_low": between(0.2302, 0.34),
        "zero_one_high": between(0.32, 0.46),
        "zero_four": between(0.35, 0.49),
        "zero_four_low": between(0.28, 0.42),
        "zero_four_high": between(0.42, 0.56),
        "zero_names": between(0.42, 0.56),
        "zero_names_low": between(0.35, 0.49),
        "zero_names_high": between(0.48, 0.63),
        "zero_pixels": between(0.42, 0.44),
        "zero_pixels_low": between(0.35, 0.37),
        "zero_pixels_high": between(0.49, 0.51),
        "gain_four_low": between(-0.03, 0.10),
        "gain_four_high": between(0.10, 0.25),
        "gain_names_low": between(-0.10, 0.0),
        "gain_names_high": between(0.07, 0.20),
        "search10_low": between(0.22, 0.35),
        "search10_high": between(0.35, 0.49),
        "gap": between(0.15, 0.35),
        "mean_own": between(0.45, 0.6),
        "mean_other": between(0.0, 0.1),
        "scale": between(20, 30),
    },
}

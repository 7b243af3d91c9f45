"""Floor and collapse values, and whether a diagnosis says what is there."""

import dataclasses
import math
import statistics

import pytest
import torch

from infonce import (
    clip_loss,
    collapse_loss,
    diagnose,
    effective_rank,
    info_nce,
    info_nce_grad,
    loss_floor,
    nt_xent,
)

DIGITS = 1e-14  # values known to 15 digits
LOSSES = {
    "info_nce": lambda a, b, tau: info_nce(a, b, temperature=tau).item(),
    "clip": lambda a, b, tau: clip_loss(a, b, logit_scale=1 / tau).item(),
    "nt_xent": lambda a, b, tau: nt_xent(a, b, temperature=tau).item(),
}


def rows(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def simplex(n):
    """`n` points of width `n` with equal distances and mean zero."""
    return torch.eye(n, dtype=torch.float64) - 1 / n


# ---- floor and collapse


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("tau", [0.05, 0.5, 5.0])
@pytest.mark.parametrize("n", [2, 3, 8])
def test_a_simplex_stands_on_the_floor_and_all_else_above(n, tau, loss):
    floor = loss_floor(n, n - 1, temperature=tau, loss=loss)
    assert floor.attained
    assert LOSSES[loss](simplex(n), simplex(n), tau) == pytest.approx(floor.nats, rel=1e-11)
    for seed in range(5):
        z = rows(n, n - 1, seed=seed) if n > 2 else rows(n, 2, seed=seed)
        assert LOSSES[loss](z, z, tau) > floor.nats
        assert LOSSES[loss](z, rows(n, z.shape[1], seed=9), tau) > floor.nats


def test_floor_values():
    for expected, n, tau, loss in [
        (0.181611532679360, 3, 0.5, "nt_xent"),
        (math.log(1 + 2 * math.exp(-3)), 3, 0.5, "clip"),
        (0.645625, 6, 0.5, "nt_xent"),
        (4.2411, 256, 0.5, "nt_xent"),
        (5.2358, 256, 1.0, "nt_xent"),
        (0.0220, 256, 0.1, "nt_xent"),
        (0.0003, 256, 0.07, "nt_xent"),
    ]:
        places = 5e-5 if n == 256 else 5e-7 if n == 6 else DIGITS
        found = loss_floor(n, n, temperature=tau, loss=loss).nats
        assert found == pytest.approx(expected, rel=0, abs=places)
    tiny = loss_floor(3, 2, temperature=0.01, loss="clip").nats
    assert tiny == pytest.approx(2 * math.exp(-150), rel=1e-12)  # not rounded to 0
    assert loss_floor(1, 4, temperature=0.5, loss="clip") == (0.0, True)


@pytest.mark.parametrize(("d", "attained"), [(4, False), (5, True), (6, True)])
def test_too_narrow_a_width_is_said(d, attained):
    floor = loss_floor(6, d, temperature=0.5, loss="nt_xent")
    assert floor.attained is attained
    assert floor.nats == loss_floor(6, 5, temperature=0.5, loss="nt_xent").nats


def test_in_a_narrow_width_the_minimum_is_above_the_bound():
    """Six points in space, an octahedron."""
    eye = torch.eye(3, dtype=torch.float64)
    octahedron = torch.cat([eye, -eye])
    best = nt_xent(octahedron, octahedron, temperature=0.5).item()
    assert best == pytest.approx(0.751092, abs=5e-7)
    assert best > loss_floor(6, 3, temperature=0.5, loss="nt_xent").nats


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("n", [1, 2, 4, 9])
def test_collapse_and_orthogonality_have_the_same_loss(n, loss):
    one, eye = torch.ones(n, 3, dtype=torch.float64), torch.eye(2 * n, dtype=torch.float64)
    expected = pytest.approx(collapse_loss(n, loss=loss), rel=1e-13)
    assert LOSSES[loss](one, one, 0.3) == expected
    assert LOSSES[loss](eye[:n], eye[n:], 0.3) == expected
    assert expected == math.log(2 * n - 1 if loss == "nt_xent" else n)


def test_collapse_values():
    assert collapse_loss(4, loss="nt_xent") == pytest.approx(1.94591014905531, abs=DIGITS)
    assert f"{collapse_loss(256, loss='nt_xent'):.4f}" == "6.2364"


# ---- the numbers of a diagnosis


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True)) / (math.hypot(*a) * math.hypot(*b))


@pytest.mark.parametrize("n", [2, 5, 120])
def test_every_number_is_what_it_says(n):
    q, k = rows(n, 4), rows(n, 4, seed=1)
    tau, found = 0.3, diagnose(q, k, temperature=0.3)
    ql, kl = q.tolist(), k.tolist()
    s = [[cosine(a, b) for b in kl] for a in ql]
    off = [s[i][j] for i in range(n) for j in range(n) if i != j]
    hardest, shares = math.ceil((n - 1) / 100), []
    for i in range(n):
        e = sorted((math.exp(s[i][j] / tau) for j in range(n) if i != j), reverse=True)
        shares.append(sum(e[:hardest]) / sum(e))
    grads = [g * n for g in info_nce_grad(q, k, temperature=tau).query.norm(dim=-1).tolist()]
    lengths = [[math.hypot(*row) for row in side] for side in (ql, kl)]
    expected = {
        "pairs": n,
        "width": 4,
        "temperature": tau,
        "loss": info_nce(q, k, temperature=tau).item(),
        "floor": loss_floor(n, 4, temperature=tau, loss="info_nce"),
        "positive_cosine": statistics.fmean(s[i][i] for i in range(n)),
        "negative_cosine": statistics.fmean(off),
        "noise": 3 * statistics.pstdev(off) / math.sqrt(n) + 1e-6,
        "cones": tuple(
            statistics.fmean(cosine(x[i], x[j]) for i in range(n) for j in range(n) if i != j)
            for x in (ql, kl)
        ),
        "ranks": (effective_rank(q).item(), effective_rank(k).item()),
        "duplicates": 0,
        "hardest_share": statistics.fmean(shares),
        "gradient": statistics.fmean(grads),
    }
    measured = dataclasses.asdict(found)
    for side, norms in zip(lengths, measured.pop("norms"), strict=True):
        assert norms == pytest.approx((min(side), statistics.median(side), max(side)), rel=1e-13)
    assert measured == {key: pytest.approx(value, rel=1e-11) for key, value in expected.items()}


def test_gradient_is_that_of_a_query_s_own_loss():
    q, k = rows(5, 4).requires_grad_(), rows(5, 4, seed=1)
    info_nce(q, k, temperature=0.3, reduction="sum").backward()
    expected = q.grad.norm(dim=-1).mean().item()
    assert diagnose(q, k, temperature=0.3).gradient == pytest.approx(expected, rel=1e-12)


def test_progress():
    eye = simplex(8)
    assert diagnose(eye, eye, temperature=0.5).progress == pytest.approx(1, abs=1e-13)
    one = torch.ones(8, 8)
    assert diagnose(one, one, temperature=0.5).progress == pytest.approx(0, abs=1e-13)
    assert diagnose(eye, -eye, temperature=0.5).progress < 0
    assert diagnose(eye, eye, temperature=1e20).progress == 0  # no way from log N to the floor


def test_it_is_frozen_and_leaves_no_graph():
    q = rows(4, 3).requires_grad_()
    learned = torch.tensor(0.25, requires_grad=True)
    found = diagnose(q, q, temperature=learned)
    assert found.temperature == 0.25
    assert found.loss == diagnose(q.detach(), q.detach(), temperature=0.25).loss
    with pytest.raises(dataclasses.FrozenInstanceError):
        found.loss = 0.0


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.float32])
def test_narrow_dtypes_are_widened(dtype):
    q, k = rows(6, 4).to(dtype), rows(6, 4, seed=1).to(dtype)
    wide = diagnose(q.double(), k.double(), temperature=0.1)
    assert str(diagnose(q, k, temperature=0.1)) == str(wide)


# ---- its sentences

N, D = 256, 32
Z = rows(N, D)
ONE = rows(1, D, seed=3)
CONE = ONE + 0.25 * rows(N, D, seed=8)
NEAR = ONE + 0.01 * rows(N, D, seed=4)
HALF = Z + 0.5 * rows(N, D, seed=5)
WEAK = Z + 3 * rows(N, D, seed=6)
UNRELATED = rows(N, D, seed=7)


@pytest.mark.parametrize(
    ("query", "positive", "temperature", "verdict", "others"),
    [
        (ONE.expand(N, D), ONE.expand(N, D), 0.1, "Collapse: all rows", ["0% of the way"]),
        (NEAR, NEAR.flip(0), 0.1, "Collapse: all rows", ["most dimensions are unused"]),
        (CONE, CONE.flip(0), 0.5, "Collapse: all rows", ["mean cosine: 0.9"]),
        (CONE + Z, (CONE + Z).flip(0), 0.5, "No alignment", ["It is not collapse"]),
        (ONE.expand(N, D), Z, 0.5, "Collapse of one side: the rows of query", []),
        (Z, NEAR, 0.5, "Collapse of one side: the rows of positive", []),
        (UNRELATED, Z, 0.5, "No alignment", ["It is not collapse"]),
        (UNRELATED, Z, 0.05, "No alignment", ["above log N, worse than equal"]),
        (HALF.roll(1, 0), Z, 0.1, "No alignment", ["not in the same order"]),
        (torch.eye(64)[:32], torch.eye(64)[32:], 0.1, "No alignment", ["0% of the way"]),
        (torch.eye(N), torch.eye(N), 0.1, "Near the floor", ["100% of the way", "floor 0.01"]),
        (torch.eye(N), torch.eye(N), 5.0, "Near the floor", ["100% of the way"]),
        (Z, Z, 0.5, "Near the floor", ["96% of the way", "takes width N - 1"]),
        (Z, HALF, 0.1, "Near the floor", ["97% of the way"]),
        (Z, WEAK, 0.2, "Partly aligned", ["of the way down"]),
        (Z, -Z, 0.5, "Reversed", ["above log N"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_verdict(query, positive, temperature, verdict, others):
    found = diagnose(query, positive, temperature=temperature)
    text = str(found)
    assert text.startswith(found.verdict)
    assert found.verdict.startswith(verdict)
    for part in others:
        assert part in text
    for line in text.splitlines():
        assert line.endswith(".")
        assert "nan" not in line


def test_a_narrow_cone_that_the_loss_sees_through_is_no_collapse():
    cone = 10 * ONE / ONE.norm() + Z / Z.norm(dim=-1, keepdim=True)
    found = diagnose(cone, cone, temperature=1e-3)
    assert min(found.cones) > 0.95
    assert found.verdict.startswith("Near the floor")


def test_at_the_floor_there_is_no_bound_to_speak_of():
    assert "takes width" not in str(diagnose(torch.eye(8), torch.eye(8), temperature=0.1))


@pytest.mark.parametrize("side", [0, 1])
def test_duplicates(side):
    sides = [Z.clone(), HALF.clone()]
    sides[side][5] = sides[side][9]
    sides[side][17] = 3 * sides[side][40] + 2e-3 * rows(D, seed=8)
    found = diagnose(*sides, temperature=0.1)
    assert found.duplicates == 4
    assert "4 of 256 rows have a twin, each the other's negative" in str(found)
    sides[side][17] = sides[side][40] + 0.1 * rows(D, seed=8)  # near, but no duplicate
    assert diagnose(*sides, temperature=0.1).duplicates == 2
    assert "0 of 256 rows have a twin.\n" in str(diagnose(Z, HALF, temperature=0.1))


@pytest.mark.parametrize(
    ("scale", "words"),
    [
        (1e-20, "gradients are blown up by 1/norm"),
        (1e20, "gradients are damped by 1/norm"),
        (torch.logspace(-2, 2, N, dtype=torch.float64)[:, None], "very uneven"),
    ],
)
def test_norms(scale, words):
    plain, scaled = (diagnose(q, HALF, temperature=0.1) for q in (Z, scale * Z))
    assert scaled.verdict == plain.verdict
    assert scaled.loss == pytest.approx(plain.loss, rel=1e-12)
    line = next(x for x in str(scaled).splitlines() if x.startswith("Norms of query"))
    assert words in line
    assert str(scaled).count("1/norm") + str(scaled).count("uneven") == 1
    if isinstance(scale, float):
        assert scaled.gradient * scale == pytest.approx(plain.gradient, rel=1e-12)
    for word in ("1/norm", "uneven"):
        assert word not in str(plain)


def test_the_share_of_the_hardest():
    found = diagnose(torch.eye(202), torch.eye(202), temperature=0.1)
    assert found.hardest_share == pytest.approx(3 / 201)  # all are alike
    assert "Push: 1% on the hardest 1% of negatives (3 of 201)" in str(found)
    pair = torch.eye(202)
    pair[1] = pair[0]  # one negative of two anchors coincides with them
    cold = diagnose(pair, pair, temperature=0.01)
    assert cold.hardest_share == pytest.approx((2 + 200 * 3 / 201) / 202)


def test_a_line_is_dimensional_collapse_only():
    line = rows(N, 1) * ONE
    found = diagnose(line, line, temperature=0.5)
    assert found.ranks == (pytest.approx(1, abs=1e-6), pytest.approx(1, abs=1e-6))
    assert found.verdict.startswith("Partly aligned")
    assert "Effective rank: 1.0 and 1.0 of at most 32: most dimensions are unused." in str(found)


def test_half_of_the_dimensions_is_not_dimensional_collapse():
    half = Z * (torch.arange(D) < D // 2)
    assert "dimensions are unused" not in str(diagnose(half, half, temperature=0.5))


# ---- errors


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: diagnose(Z[:1], Z[:1], temperature=0.1), ValueError, "pairs must be at least 2"),
        (lambda: diagnose(Z, Z[:9], temperature=0.1), ValueError, "must have the same shape"),
        (lambda: diagnose(Z, 0 * Z, temperature=0.1), ValueError, "positive must have finite"),
        (lambda: diagnose(Z, Z, temperature=0.0), ValueError, "temperature must be a number"),
        (lambda: loss_floor(0, 3, temperature=0.1, loss="clip"), ValueError, "n must be at least"),
        (lambda: loss_floor(3, 0, temperature=0.1, loss="clip"), ValueError, "d must be at least"),
        (lambda: loss_floor(3.0, 3, temperature=0.1, loss="clip"), TypeError, "n must be an int"),
        (lambda: loss_floor(3, 3, temperature=-1, loss="clip"), ValueError, "temperature must be"),
        (
            lambda: loss_floor(3, 3, temperature=0.1, loss="simclr"),
            ValueError,
            "loss must be 'info_nce', 'clip' or 'nt_xent', got 'simclr'",
        ),
        (lambda: collapse_loss(0, loss="clip"), ValueError, "n must be at least 1, got 0"),
        (lambda: collapse_loss(3, loss="CLIP"), ValueError, "got 'CLIP'"),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()

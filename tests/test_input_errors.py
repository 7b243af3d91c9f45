"""Bad input is refused at once: which argument, what was wanted, what came."""

import inspect
import math
import re
from fractions import Fraction
from functools import partial

import numpy as np
import pytest
import torch

from infonce import (
    clip_grad,
    clip_loss,
    data_checks,
    entropy_slope,
    info_nce,
    info_nce_from_similarity,
    info_nce_grad,
    negative_weights,
    nt_xent,
    nt_xent_grad,
    siglip_loss,
    similarity_grad,
    softmax_weights,
    sup_con,
)

GOOD = torch.eye(3)
NAN, INF = math.nan, math.inf


def with_row(row, value):
    rows = torch.ones(3, 3)
    rows[row] = value
    return rows


# every function of two batches of rows: the names of the rows and of the number
PAIRS = {
    "info_nce": (info_nce, "query", "positive", "temperature"),
    "info_nce_grad": (info_nce_grad, "query", "positive", "temperature"),
    "nt_xent": (nt_xent, "view1", "view2", "temperature"),
    "nt_xent_grad": (nt_xent_grad, "view1", "view2", "temperature"),
    "clip_loss": (clip_loss, "image", "text", "logit_scale"),
    "clip_grad": (clip_grad, "image", "text", "logit_scale"),
    "siglip_loss": (partial(siglip_loss, logit_bias=-1.0), "image", "text", "logit_scale"),
}
OPTIONS = {"temperature", "logit_scale", "logit_bias", "in_batch", "exclude", "ids", "weights"}
# every function of similarities
SIMILARITIES = {
    "info_nce_from_similarity": info_nce_from_similarity,
    "similarity_grad": similarity_grad,
    "softmax_weights": softmax_weights,
    "negative_weights": negative_weights,
    "entropy_slope": entropy_slope,
}
# those of them that take the columns of the positives
COLUMNS = [info_nce_from_similarity, similarity_grad, negative_weights]

NOT_A_ROW = "{{name}} must have finite non-zero rows, got row {} with largest entry {}"
BAD_ROWS = [
    ([[1.0]], TypeError, "{name} must be a torch.Tensor, got list"),
    (np.eye(3), TypeError, "{name} must be a torch.Tensor, got ndarray"),
    (None, TypeError, "{name} must be a torch.Tensor, got NoneType"),
    (torch.eye(3).long(), TypeError, "{name} must be floating point, got torch.int64"),
    (torch.eye(3).cfloat(), TypeError, "{name} must be floating point, got torch.complex64"),
    (torch.eye(3).bool(), TypeError, "{name} must be floating point, got torch.bool"),
    (torch.ones(3), ValueError, "{name} must be (N, d) with N, d >= 1, got (3,)"),
    (torch.ones(1, 3, 3), ValueError, "{name} must be (N, d) with N, d >= 1, got (1, 3, 3)"),
    (torch.ones(0, 3), ValueError, "{name} must be (N, d) with N, d >= 1, got (0, 3)"),
    (torch.ones(3, 0), ValueError, "{name} must be (N, d) with N, d >= 1, got (3, 0)"),
    (with_row(1, 0.0), ValueError, NOT_A_ROW.format(1, 0.0)),
    (with_row(2, NAN), ValueError, NOT_A_ROW.format(2, NAN)),
    (with_row(0, INF), ValueError, NOT_A_ROW.format(0, INF)),
    (with_row(1, -INF), ValueError, NOT_A_ROW.format(1, INF)),
    (
        torch.tensor([[1.0, 1.0], [NAN, 0.0], [0.0, 0.0]]).repeat(1, 2)[:, :3],
        ValueError,
        NOT_A_ROW.format(1, NAN),
    ),
]
NUMBERS = [
    (0.0, ValueError, "got 0.0"),
    (-1, ValueError, "got -1"),
    (Fraction(-1, 3), ValueError, "got -1/3"),
    (NAN, ValueError, "got nan"),
    (INF, ValueError, "got inf"),
    (1e-31, ValueError, "got 1e-31"),
    (3e30, ValueError, "got 3e+30"),
    (torch.tensor(-0.5), ValueError, "got -0.5"),
    (torch.tensor(NAN), ValueError, "got nan"),
    (torch.tensor(0.0), ValueError, "got 0.0"),
    (torch.tensor([0.1]), ValueError, "got (1,)"),
    (torch.tensor(1), TypeError, "got torch.int64"),
    (torch.tensor(1.0).cfloat(), TypeError, "got torch.complex64"),
    ("0.1", TypeError, "got str"),
    (None, TypeError, "got NoneType"),
    (True, TypeError, "got bool"),
]


def refused(error, message):
    return pytest.raises(error, match=re.escape(message))


@pytest.mark.parametrize("function", PAIRS)
@pytest.mark.parametrize(("bad", "error", "message"), BAD_ROWS)
def test_rows(function, bad, error, message):
    call, first, second, number = PAIRS[function]
    for name, arguments in [(first, (bad, GOOD)), (second, (GOOD, bad))]:
        with refused(error, message.format(name=name)):
            call(*arguments, **{number: 0.1})


@pytest.mark.parametrize("function", PAIRS)
@pytest.mark.parametrize(
    ("other", "error", "message"),
    [
        (torch.ones(2, 3), ValueError, "must have the same shape, got (3, 3) and (2, 3)"),
        (torch.ones(3, 2), ValueError, "must have the same shape, got (3, 3) and (3, 2)"),
        (GOOD.double(), TypeError, "same dtype, got torch.float32 and torch.float64"),
        (GOOD.to("meta"), ValueError, "same device, got cpu and meta"),
    ],
)
def test_rows_that_do_not_match(function, other, error, message):
    call, first, second, number = PAIRS[function]
    with refused(error, message) as info:
        call(GOOD, other, **{number: 0.1})
    assert str(info.value).startswith(f"{first} and {second} must")


@pytest.mark.parametrize("function", [*PAIRS, *SIMILARITIES])
@pytest.mark.parametrize(("bad", "error", "message"), NUMBERS)
def test_temperature_and_scale(function, bad, error, message):
    if function in PAIRS:
        call, _, _, number = PAIRS[function]
        arguments = (GOOD, GOOD)
    else:
        call, number, arguments = SIMILARITIES[function], "temperature", (GOOD,)
    want = f"{number} must be a number or 0-d tensor from 1e-30 to 1e+30, {message}"
    with refused(error, want):
        call(*arguments, **{number: bad})


@pytest.mark.parametrize("function", [info_nce, info_nce_grad])
@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ([[1.0]], TypeError, "negatives must be a torch.Tensor, got list"),
        (GOOD.long(), TypeError, "negatives must be floating point, got torch.int64"),
        (torch.ones(3), ValueError, "must be (M, 3) or (3, M, 3) with M >= 1, got (3,)"),
        (torch.tensor(1.0), ValueError, "must be (M, 3) or (3, M, 3) with M >= 1, got ()"),
        (torch.ones(0, 3), ValueError, "must be (M, 3) or (3, M, 3) with M >= 1, got (0, 3)"),
        (torch.ones(3, 0, 3), ValueError, "(M, 3) or (3, M, 3) with M >= 1, got (3, 0, 3)"),
        (torch.ones(5, 2), ValueError, "must be (M, 3) or (3, M, 3) with M >= 1, got (5, 2)"),
        (torch.ones(2, 4, 3), ValueError, "(M, 3) or (3, M, 3) with M >= 1, got (2, 4, 3)"),
        (torch.ones(3, 4, 2), ValueError, "(M, 3) or (3, M, 3) with M >= 1, got (3, 4, 2)"),
        (torch.ones(1, 3, 4, 3), ValueError, "with M >= 1, got (1, 3, 4, 3)"),
        (GOOD.half(), TypeError, "query and negatives must have the same dtype"),
        (GOOD.to("meta"), ValueError, "query and negatives must be on the same device"),
        (with_row(2, 0.0), ValueError, NOT_A_ROW.format(2, 0.0)),
        (
            torch.stack([GOOD, GOOD, with_row(1, NAN)]),
            ValueError,
            NOT_A_ROW.format((2, 1), NAN),
        ),
    ],
)
def test_negatives(function, bad, error, message):
    with refused(error, message.format(name="negatives")):
        function(GOOD, GOOD, bad, temperature=0.1)


@pytest.mark.parametrize("function", [info_nce, info_nce_grad])
def test_no_candidates_but_the_positive(function):
    with refused(ValueError, "in_batch must not be False without negatives"):
        function(GOOD, GOOD, in_batch=False, temperature=0.1)
    with refused(ValueError, "in_batch must not be False without negatives"):
        function(GOOD, GOOD, in_batch=np.False_, temperature=0.1)


BELOW = "similarity must be finite, below 1e30, "


@pytest.mark.parametrize("function", SIMILARITIES)
@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ([[1.0]], TypeError, "similarity must be a torch.Tensor, got list"),
        (GOOD.long(), TypeError, "similarity must be floating point, got torch.int64"),
        (torch.tensor(1.0), ValueError, "C >= 1, got ()"),
        (torch.ones(2, 0), ValueError, "C >= 1, got (2, 0)"),
        (with_row(1, NAN), ValueError, BELOW + "got nan at (1, 0)"),
        (with_row(2, INF), ValueError, BELOW + "got inf at (2, 0)"),
        (with_row(0, -INF), ValueError, BELOW + "got -inf at (0, 0)"),
        (with_row(1, 2.0**120), ValueError, BELOW + "got 1.329227995784916e+36 at (1, 0)"),
    ],
)
def test_similarities(function, bad, error, message):
    with refused(error, message):
        SIMILARITIES[function](bad, temperature=0.1)


@pytest.mark.parametrize("function", COLUMNS)
@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        ([0, 1, 2], TypeError, "positives must be a torch.Tensor, got list"),
        (torch.zeros(3), TypeError, "must be integers, got torch.float32"),
        (torch.zeros(3).bool(), TypeError, "must be integers, got torch.bool"),
        (torch.zeros(3).cfloat(), TypeError, "must be integers, got torch.complex"),
        (torch.zeros(2).long(), ValueError, "positives must be (3,), got (2,)"),
        (torch.zeros(3, 1).long(), ValueError, "positives must be (3,), got (3, 1)"),
        (torch.tensor([0, 3, 1]), ValueError, "must be columns 0 to 2, got 3 in row 1"),
        (torch.tensor([0, 1, -1]), ValueError, "must be columns 0 to 2, got -1 in row 2"),
        (
            torch.zeros(3).long().to("meta"),
            ValueError,
            "similarity and positives must be on the same device",
        ),
    ],
)
def test_columns(function, bad, error, message):
    with refused(error, message):
        function(GOOD, bad, temperature=0.1)


def test_an_integer_beyond_all_floats():
    with refused(ValueError, "logit_scale must be a number or 0-d tensor from 1e-30 to 1e+30, got"):
        clip_loss(GOOD, GOOD, logit_scale=10**400)


def test_columns_of_any_integer_type():
    expected = info_nce_from_similarity(GOOD, torch.tensor([2, 0, 1]))
    for dtype in (torch.uint8, torch.int16, torch.uint16, torch.uint64):
        assert info_nce_from_similarity(GOOD, torch.tensor([2, 0, 1], dtype=dtype)) == expected


def test_similarities_of_one_anchor():
    for function in (softmax_weights, negative_weights, entropy_slope):
        with refused(ValueError, "similarity must be finite, below 1e30, got nan at 1"):
            function(torch.tensor([0.5, NAN, INF]), temperature=0.1)


def test_options_are_named():
    for call in [*(call for call, *_ in PAIRS.values()), *SIMILARITIES.values()]:
        for name, parameter in inspect.signature(call).parameters.items():
            named = parameter.kind is inspect.Parameter.KEYWORD_ONLY
            assert named == (name in OPTIONS | {"reduction"}), f"{call}: {name}"


def test_shapes_of_similarities():
    for function in (info_nce_from_similarity, similarity_grad):
        with refused(ValueError, "must have C >= N without positives, got (3, 2)"):
            function(torch.ones(3, 2), temperature=0.1)
        for bad in (torch.ones(3), torch.ones(1, 3, 3)):
            with refused(ValueError, f"must be (N, C) with N, C >= 1, got {tuple(bad.shape)}"):
                function(bad, temperature=0.1)
    with refused(ValueError, "must be (N, C) with N, C >= 1, got (3,)"):
        negative_weights(torch.ones(3), torch.zeros(3).long(), temperature=0.1)
    with refused(ValueError, "must have C >= 2 columns, got (3, 1)"):
        negative_weights(torch.ones(3, 1), torch.zeros(3).long(), temperature=0.1)


@pytest.mark.parametrize("reduction", ["avg", "", None])
def test_reduction(reduction):
    want = f"reduction must be 'mean', 'sum' or 'none', got {reduction!r}"
    for call in (
        lambda: info_nce(GOOD, GOOD, reduction=reduction),
        lambda: nt_xent(GOOD, GOOD, reduction=reduction),
        lambda: clip_loss(GOOD, GOOD, logit_scale=1.0, reduction=reduction),
        lambda: siglip_loss(GOOD, GOOD, logit_scale=1.0, logit_bias=0.0, reduction=reduction),
        lambda: sup_con(GOOD, torch.zeros(3).long(), reduction=reduction),
        lambda: info_nce_from_similarity(GOOD, reduction=reduction),
    ):
        with refused(ValueError, want):
            call()


def test_without_data_checks_only_values_go_unseen():
    with data_checks(False):
        assert info_nce(with_row(1, 0.0), GOOD).isnan()
        assert nt_xent(GOOD, with_row(0, INF)).isnan()
        assert info_nce(GOOD, GOOD, with_row(1, NAN)).isnan()
        assert info_nce(GOOD, GOOD, temperature=torch.tensor(NAN)).isnan()
        assert info_nce_from_similarity(with_row(1, NAN)).isnan()
        with refused(ValueError, "same shape"):
            info_nce(GOOD, torch.ones(2, 3))
        with refused(ValueError, "a number or 0-d tensor from 1e-30 to 1e+30"):
            info_nce(GOOD, GOOD, temperature=0.0)
        with refused(TypeError, "integers"):
            info_nce_from_similarity(GOOD, torch.zeros(3))


WITH_OPTIONS = {
    "info_nce": (partial(info_nce, GOOD, GOOD), 3),
    "nt_xent": (partial(nt_xent, GOOD, GOOD), 6),
    "clip_loss": (partial(clip_loss, GOOD, GOOD, logit_scale=1.0), 3),
    "siglip_loss": (partial(siglip_loss, GOOD, GOOD, logit_scale=1.0, logit_bias=0.0), 3),
    "sup_con": (partial(sup_con, GOOD, torch.tensor([0, 0, 1])), 3),
}


@pytest.mark.parametrize("name", WITH_OPTIONS)
def test_bad_options(name):
    call, n = WITH_OPTIONS[name]
    positive = torch.zeros(n, n, dtype=torch.bool)
    where = {"nt_xent": (1, 4), "sup_con": (1, 0)}.get(name, (1, 1))
    positive[where] = True
    for options, error, message in [
        ({"weights": [1.0] * n}, TypeError, "weights must be a torch.Tensor, got list"),
        ({"weights": torch.ones(n).long()}, TypeError, "weights must be floating point"),
        ({"weights": torch.ones(n + 1)}, ValueError, f"weights must be ({n},), got ({n + 1},)"),
        ({"weights": -torch.ones(n)}, ValueError, "at least 0, got -1.0 at 0"),
        ({"weights": torch.full((n,), NAN)}, ValueError, "finite and at least 0, got nan at 0"),
        ({"weights": torch.full((n,), INF)}, ValueError, "finite and at least 0, got inf at 0"),
        ({"weights": torch.zeros(n)}, ValueError, "weights must not all be 0"),
        ({"weights": torch.ones(n, device="meta")}, ValueError, "same device"),
        ({"ids": torch.ones(3)}, TypeError, "ids must be integers, got torch.float32"),
        ({"ids": torch.ones(2).long()}, ValueError, "ids must be (3,), got (2,)"),
        ({"exclude": [[True]]}, TypeError, "exclude must be a torch.Tensor, got list"),
        ({"exclude": torch.zeros(n, n)}, TypeError, "exclude must be torch.bool, got torch.float"),
        ({"exclude": positive[:2]}, ValueError, f"exclude must be ({n}, {n}), got (2, {n})"),
        ({"exclude": positive}, ValueError, f"not be true for a positive, got true at {where}"),
    ]:
        with refused(error, message):
            call(**options)


def test_exclude_has_the_columns_of_the_candidates():
    for options, columns in [({}, 2), ({"in_batch": True}, 5)]:
        call = partial(info_nce, GOOD, GOOD, torch.ones(2, 3), **options)
        assert call(exclude=torch.zeros(3, columns, dtype=torch.bool)) == call()
        with refused(ValueError, f"exclude must be (3, {columns}), got (3, 3)"):
            call(exclude=torch.zeros(3, 3, dtype=torch.bool))


@pytest.mark.parametrize(
    ("bad", "error", "message"),
    [
        (NAN, ValueError, "got nan"),
        (INF, ValueError, "got inf"),
        (torch.tensor(NAN), ValueError, "got nan"),
        (torch.zeros(1), ValueError, "got (1,)"),
        (torch.tensor(1), TypeError, "got torch.int64"),
        ("1", TypeError, "got str"),
        (None, TypeError, "got NoneType"),
    ],
)
def test_bias(bad, error, message):
    want = f"logit_bias must be a number or 0-d tensor from -1e+30 to 1e+30, {message}"
    with refused(error, want):
        siglip_loss(GOOD, GOOD, logit_scale=1.0, logit_bias=bad)


def test_features_and_labels():
    labels = torch.tensor([0, 0, 1])
    for bad, error, message in BAD_ROWS:
        with refused(error, message.format(name="features")):
            sup_con(bad, labels)
    for bad, error, message in [
        ([0, 0, 1], TypeError, "labels must be a torch.Tensor, got list"),
        (labels.float(), TypeError, "labels must be integers, got torch.float32"),
        (labels[:2], ValueError, "labels must be (3,), got (2,)"),
    ]:
        with refused(error, message):
            sup_con(GOOD, bad)
    for bad, error, message in NUMBERS:
        with refused(
            error, f"temperature must be a number or 0-d tensor from 1e-30 to 1e+30, {message}"
        ):
            sup_con(GOOD, labels, temperature=bad)

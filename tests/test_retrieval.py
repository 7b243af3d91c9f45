"""Ranks, recall and neighbours: read aloud, ties, what they must ignore."""

import statistics

import numpy as np
import pytest
import torch

from infonce import (
    knn_accuracy,
    median_rank,
    recall_at_k,
    reference_diagnostics,
    retrieval_ranks,
)


def rows(*shape, seed=0, dtype=torch.float64):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=dtype)


def labels(n, classes=3, seed=5):
    return torch.randint(classes, (n,), generator=torch.Generator().manual_seed(seed))


def cosine(a, b):
    return sum(x * y for x, y in zip(a, b, strict=True)) / (np.linalg.norm(a) * np.linalg.norm(b))


def read_ranks(query, positive):
    ranks = []
    for i, q in enumerate(query.tolist()):
        own = cosine(q, positive[i].tolist())
        better = sum(cosine(q, k) >= own - 1e-12 for j, k in enumerate(positive.tolist()) if j != i)
        ranks.append(better + 1)
    return ranks


def pairs(noise):
    x = rows(12, 4)
    return x, x + noise * rows(12, 4, seed=1)


@pytest.mark.parametrize("noise", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("swap", [False, True])
def test_ranks_recall_and_median_are_their_equations(noise, swap):
    query, positive = pairs(noise)[:: -1 if swap else 1]
    expected = read_ranks(query, positive)
    assert retrieval_ranks(query, positive).tolist() == expected
    assert reference_diagnostics.retrieval_ranks(query, positive).tolist() == expected
    for k in (1, 3, 12, 20):
        share = sum(rank <= k for rank in expected) / 12
        assert recall_at_k(query, positive, k=k).item() == pytest.approx(share, rel=1e-6)
        assert reference_diagnostics.recall_at_k(query, positive, k=k) == pytest.approx(share)
    assert recall_at_k(query, positive) == recall_at_k(query, positive, k=1)
    for n in (12, 11):  # even and odd
        middle = statistics.median(read_ranks(query[:n], positive[:n]))
        assert median_rank(query[:n], positive[:n]).item() == middle
        assert reference_diagnostics.median_rank(query[:n], positive[:n]) == middle


def test_the_two_directions_differ():
    query, positive = pairs(1.0)
    assert read_ranks(query, positive) != read_ranks(positive, query)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float32, torch.float64])
@pytest.mark.parametrize(("n", "d"), [(2, 3), (100, 512), (257, 33)])
def test_ties_take_the_worst_place(n, d, dtype):
    """Equal rows give products that differ by rounding; that must not pass for success."""
    one = rows(1, d).to(dtype).expand(n, d)
    assert retrieval_ranks(rows(n, d).to(dtype), one).tolist() == [n] * n
    assert recall_at_k(one, one, k=n - 1).item() == 0
    assert recall_at_k(one, one, k=n).item() == 1
    assert median_rank(one, one).item() == n
    scales = torch.arange(1, n + 1)[:, None].to(dtype)
    assert retrieval_ranks(one, one * scales).tolist() == [n] * n or dtype == torch.bfloat16


def test_one_duplicate_costs_one_place():
    x = torch.eye(4)[[0, 1, 2, 2]]
    assert retrieval_ranks(x, x).tolist() == [1, 1, 2, 2]
    assert recall_at_k(x, x).item() == 0.5


def test_a_perfect_encoder_and_a_single_pair():
    x = rows(50, 8, dtype=torch.float32)
    assert retrieval_ranks(x, x).tolist() == [1] * 50
    assert median_rank(x[:1], -x[:1]).item() == 1
    assert median_rank(x, -x).item() == 50


def test_autocast_does_not_tie_neighbours():
    x = rows(200, 16, dtype=torch.float32)
    near = x + rows(200, 16, seed=1, dtype=torch.float32)
    plain = retrieval_ranks(x.double(), near.double())
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert torch.equal(retrieval_ranks(x, near), plain)


# ---- neighbours


def read_knn(fit, classes, query, own, k):
    right = 0
    for x, c in zip(query.tolist(), own.tolist(), strict=True):
        order = sorted(range(len(fit)), key=lambda i: -cosine(x, fit[i].tolist()))
        voters = [int(classes[i]) for i in order[:k]]
        others = [voters.count(a) for a in set(voters) if a != c]
        right += voters.count(c) > max(others, default=0)
    return right / len(query)


@pytest.mark.parametrize("k", [1, 2, 5, 20, 30])
def test_knn_is_its_equation(k):
    classes, own = labels(30), labels(17, seed=6)
    fit = rows(30, 4) + 2 * torch.eye(4)[classes]
    query = rows(17, 4, seed=1) + 2 * torch.eye(4)[own]
    expected = read_knn(fit, classes, query, own, k)
    found = knn_accuracy(fit, classes, query, own, k=k).item()
    assert found == pytest.approx(expected, rel=1e-6)
    literal = reference_diagnostics.knn_accuracy(fit, classes, query, own, k=k)
    assert literal == pytest.approx(expected)
    renamed = torch.tensor([-7, 100, 2])  # any integers will do
    again = knn_accuracy(fit, renamed[classes], query, renamed[own], k=k).item()
    assert again == found
    if k == 20:
        assert knn_accuracy(fit, classes, query, own).item() == found
        assert reference_diagnostics.knn_accuracy(fit, classes, query, own) == literal


def test_knn_of_separate_and_of_shuffled_classes():
    classes = labels(300)
    fit = torch.eye(3)[classes] + 0.01 * rows(300, 3, dtype=torch.float32)
    assert knn_accuracy(fit, classes, fit, classes, k=9).item() == 1
    assert knn_accuracy(fit, classes, fit, (classes + 1) % 3, k=9).item() == 0
    assert knn_accuracy(fit, classes, fit, labels(300, seed=8)).item() == pytest.approx(
        1 / 3, abs=0.1
    )
    assert knn_accuracy(fit, classes, fit, classes + 3).item() == 0  # a class without labels


def test_a_tied_vote_is_wrong():
    fit, classes = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([0, 1])
    query = torch.tensor([[1.0, 0.5]])
    for own in (0, 1):
        assert knn_accuracy(fit, classes, query, torch.tensor([own]), k=2).item() == 0
    assert knn_accuracy(fit, classes, query, torch.tensor([0]), k=1).item() == 1


# ---- what they must ignore, and errors


@pytest.mark.parametrize("scale", [1e-20, 1e20])
def test_order_rotation_and_length_do_not_matter(scale):
    query, positive = pairs(1.0)
    ranks = retrieval_ranks(query, positive)
    turn = torch.linalg.qr(rows(4, 4, seed=9)).Q
    assert torch.equal(retrieval_ranks(scale * query, positive * scale), ranks)
    assert torch.equal(retrieval_ranks(query @ turn, positive @ turn), ranks)
    assert torch.equal(retrieval_ranks(query.flip(0), positive.flip(0)), ranks.flip(0))
    classes = labels(12)
    plain = knn_accuracy(query, classes, positive, classes, k=3)
    assert knn_accuracy(scale * query @ turn, classes, positive @ turn, classes, k=3) == plain


ROWS, CLASSES = torch.eye(3), torch.arange(3)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: retrieval_ranks(ROWS, torch.eye(2)), ValueError, "must have the same shape"),
        (lambda: median_rank(ROWS, torch.zeros(3, 3)), ValueError, "positive must have finite"),
        (lambda: recall_at_k(ROWS, ROWS, k=0), ValueError, "k must be at least 1, got 0"),
        (lambda: recall_at_k(ROWS, ROWS, k=1.0), TypeError, "k must be an integer, got float"),
        (
            lambda: knn_accuracy(ROWS, CLASSES, ROWS, CLASSES, k=4),
            ValueError,
            "k must be at most n = 3, got 4",
        ),
        (
            lambda: knn_accuracy(ROWS, CLASSES, ROWS[:, :2], CLASSES, k=1),
            ValueError,
            "must be alike, got width 3, torch.float32, cpu and width 2, torch.float32, cpu",
        ),
        (
            lambda: knn_accuracy(ROWS, CLASSES, ROWS.double(), CLASSES, k=1),
            ValueError,
            "and width 3, torch.float64, cpu",
        ),
        (
            lambda: knn_accuracy(ROWS, CLASSES, ROWS.to("meta"), CLASSES.to("meta"), k=1),
            ValueError,
            "fit and query must be alike, got width 3, torch.float32, cpu and .* meta",
        ),
        (
            lambda: knn_accuracy(ROWS, CLASSES[:2], ROWS, CLASSES, k=1),
            ValueError,
            r"labels must be \(3,\), got \(2,\)",
        ),
        (
            lambda: knn_accuracy(ROWS, CLASSES, ROWS, CLASSES.float(), k=1),
            TypeError,
            "query_labels must be integers, got torch.float32",
        ),
        (
            lambda: knn_accuracy(ROWS, [0, 1, 2], ROWS, CLASSES, k=1),
            TypeError,
            "labels must be a torch.Tensor, got list",
        ),
        (
            lambda: knn_accuracy(torch.zeros(3, 3), CLASSES, ROWS, CLASSES, k=1),
            ValueError,
            "fit must have finite non-zero rows",
        ),
    ],
)
def test_bad_input(call, error, message):
    with pytest.raises(error, match=message):
        call()

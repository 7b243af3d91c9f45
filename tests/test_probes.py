import json
import math

import pytest
import torch
from sklearn.linear_model import Ridge
from sklearn.neighbors import KNeighborsClassifier, NearestCentroid
from torch.nn import functional as F

from infonce import alignment
from infonce.train import (
    DIGIT_VIEWS,
    PROBES,
    Encoder,
    Interval,
    Split,
    Views,
    centroid,
    evaluate,
    interval,
    load_digits,
    nearest,
    paired,
    ridge,
    simclr,
    stratified_split,
    table,
    verdict,
)
from infonce.train import probes as module

FEATURES = ["trained h", "trained z", "untrained h", "untrained z", "raw pixels", "chance"]


def encoder(seed):
    return Encoder(torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def short_run():
    """Three seeds, 150 steps each, of 600 in the full recipe."""
    images, labels = load_digits()
    split = stratified_split(labels)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    trained = [
        simclr(images[split.train], steps=150, seed=s, progress=False).encoder for s in range(3)
    ]
    untrained = [encoder(s) for s in range(3)]
    results = evaluate(images, labels, split, trained=trained, untrained=untrained)
    torch.set_num_threads(threads)
    return results


def test_interval_by_hand():
    """1, 2, 3, 4: mean 2.5, variance 5/3, standard error sqrt(5/12), t(3) from tables."""
    mean, half = interval([1.0, 2.0, 3.0, 4.0])
    assert mean == 2.5
    assert half == pytest.approx(3.182446305284263 * math.sqrt(5 / 12), rel=1e-12)
    assert interval([1.0, 2.0, 3.0, 4.0], level=0.9).half == pytest.approx(
        2.353363434801823 * math.sqrt(5 / 12), rel=1e-12
    )


def test_interval_covers_as_often_as_it_says():
    g = torch.Generator().manual_seed(0)
    samples = torch.randn(4000, 4, generator=g, dtype=torch.float64).tolist()
    covered = sum(abs(mean) <= half for mean, half in map(interval, samples)) / 4000
    assert covered == pytest.approx(0.95, abs=4 * math.sqrt(0.95 * 0.05 / 4000))


def test_interval_limits_and_text():
    assert math.isnan(interval([0.5]).half)
    assert str(interval([0.5])) == "50.0"
    assert str(interval([0.5, 0.5])) == "50.0"
    assert str(Interval(0.876, 0.0123)) == "87.6 ± 1.2"
    with pytest.raises(ValueError, match="got 0"):
        interval([])
    with pytest.raises(ValueError, match=r"1\.5"):
        interval([1.0], level=1.5)


def test_paired_differences_drop_what_the_runs_share():
    results = {"probe": {"a": [0.5, 0.7, 0.9], "b": [0.4, 0.5, 0.9]}}
    mean, half = paired(results, "probe", "a", "b")
    assert mean == pytest.approx(0.1)
    assert half == pytest.approx(4.302652729749464 * 0.1 / math.sqrt(3), rel=1e-9)


@pytest.mark.parametrize("penalty", [0.01, 1.0, 100.0])
def test_probes_agree_with_scikit_learn(penalty):
    g = torch.Generator().manual_seed(0)
    labels = torch.arange(60) % 4
    centres = torch.randn(4, 5, generator=g)
    fit = centres[labels] + torch.randn(60, 5, generator=g)
    query = centres[labels] + torch.randn(60, 5, generator=g)
    theirs = Ridge(alpha=penalty).fit(fit.double(), F.one_hot(labels)).predict(query.double())
    assert ridge(fit, labels, query, penalty=penalty).tolist() == theirs.argmax(1).tolist()
    theirs = NearestCentroid().fit(fit.numpy(), labels.numpy()).predict(query.numpy())
    assert centroid(fit, labels, query).tolist() == theirs.tolist()
    theirs = KNeighborsClassifier(1).fit(fit.numpy(), labels.numpy()).predict(query.numpy())
    assert nearest(fit, labels, query).tolist() == theirs.tolist()


def test_fit_on_the_training_part_scored_on_the_test_part():
    """Test pictures wear the next class's sign: a probe that saw only training labels is
    always wrong, one that is scored on what it was fitted to is always right."""
    labels = torch.arange(10).repeat(24)
    split = Split(torch.arange(120), torch.arange(120, 240))
    sign = labels.clone()
    sign[split.test] = (sign[split.test] + 1) % 10
    images = F.one_hot(sign, 64).float().view(-1, 1, 8, 8)
    results = evaluate(images, labels, split, trained=[encoder(0)], untrained=[encoder(1)], draws=2)
    assert list(results) == list(PROBES)
    for scores in results.values():
        assert list(scores) == FEATURES
        assert scores["raw pixels"] == [0.0]
        assert scores["chance"] == [0.1]


def test_labelled_subsets_are_balanced_and_seeded():
    labels = torch.arange(90) % 3
    subsets = module._subsets(labels, 5, draws=20, seed=0)
    assert len(subsets) == 20
    for rows in subsets:
        assert labels[rows].bincount().tolist() == [5, 5, 5]
        assert len(set(rows.tolist())) == 15
    assert len({tuple(rows.tolist()) for rows in subsets}) == 20
    assert not torch.equal(subsets[0], module._subsets(labels, 5, draws=20, seed=1)[0])
    (everything,) = module._subsets(labels, None, draws=20, seed=0)
    assert everything.tolist() == list(range(90))


def test_features_are_scaled_by_training_statistics_alone():
    g = torch.Generator().manual_seed(0)
    features = 7 + 3 * torch.randn(50, 6, generator=g)
    split = Split(torch.arange(30), torch.arange(30, 50))
    fit, test = module._scaled(features, split)
    assert fit.mean(0).abs().max() < 1e-6
    assert fit.square().sum(1).mean().item() == pytest.approx(1, rel=1e-6)
    distances = torch.cdist(features[split.test], features[split.train])
    ratio = distances / torch.cdist(test, fit)
    assert ratio.max().item() == pytest.approx(ratio.min().item(), rel=1e-4)


def test_same_draws_for_all_features(short_run):
    """An encoder beside itself: no difference in any run, hence no interval either."""
    images, labels = load_digits()
    twins = [encoder(0), encoder(0)]
    split = stratified_split(labels)
    results = evaluate(images, labels, split, trained=twins, untrained=twins, draws=2)
    for setting, scores in results.items():
        assert paired(results, setting, "trained z", "untrained z") == Interval(0.0, 0.0)
        if "all labels" not in setting:
            assert scores["raw pixels"][0] != scores["raw pixels"][1]  # each run has its own
    for scores in short_run.values():
        assert all(0 <= value <= 1 for values in scores.values() for value in values)


@pytest.mark.parametrize("baseline", ["raw pixels", "untrained z"])
@pytest.mark.parametrize("labels", [1, 5, 10])
def test_learned_features_beat_baselines_with_few_labels(short_run, labels, baseline):
    gain = paired(short_run, f"ridge, {labels} a class", "trained z", baseline)
    assert gain.mean - gain.half > 0.01


def test_pixels_beat_learned_features_with_all_labels(short_run):
    """The limit of the claim: a nearest neighbour in raw pixels, given every label."""
    assert "1-NN, all labels" in verdict(short_run)
    assert paired(short_run, "1-NN, all labels", "trained z", "raw pixels").mean < 0


def test_table_is_aligned_and_holds_the_numbers(short_run):
    accuracies, differences = table(short_run).split("\n\n")
    for text in (accuracies, differences):
        lines = text.splitlines()
        assert len(lines) == 1 + len(PROBES)
        assert len(set(map(len, lines))) == 1
    row = next(line for line in accuracies.splitlines() if line.startswith("ridge, 5"))
    assert str(interval(short_run["ridge, 5 a class"]["trained z"])) in row
    row = next(line for line in differences.splitlines() if line.startswith("ridge, 5"))
    assert str(paired(short_run, "ridge, 5 a class", "trained h", "untrained h")) in row


def test_results_are_plain_data(short_run):
    assert json.loads(json.dumps(short_run)) == short_run


def test_verdict_says_what_was_not_shown():
    won = {"trained h": [0.9, 0.9], "trained z": [0.9, 0.9], "raw pixels": [0.8, 0.8]}
    lost = won | {"trained z": [0.9, 0.79]}
    text = verdict({"first": won, "second": lost})
    assert text == (
        "trained h beats raw pixels in 2 of 2 settings. "
        "trained z beats raw pixels in 1 of 2 settings; not in second (84.5 ± 69.9 against 80.0)."
    )
    one = {"first": {name: values[:1] for name, values in won.items()}}
    assert verdict(one).startswith("One run has no interval")


def test_a_run_alone_is_scored_as_among_others():
    images, labels = load_digits()
    few = {"settings": ["ridge, 5 a class"], "views": DIGIT_VIEWS, "draws": 2}
    rest = (images, labels, stratified_split(labels))
    encoders = [encoder(0), encoder(1)]
    both = evaluate(*rest, trained=encoders, untrained=encoders, **few)
    second = evaluate(*rest, trained=encoders[1:], untrained=encoders[1:], seeds=[1], **few)
    measures = (f"{measure} (no unit)" for measure in ("alignment", "uniformity", "effective rank"))
    assert list(second) == ["ridge, 5 a class", *measures]
    for setting, row in second.items():
        assert {name: values[-1:] for name, values in both[setting].items()} == row
    for setting in list(second)[:2]:  # the same pixels in other draws of labels and views
        assert both[setting]["raw pixels"][0] != both[setting]["raw pixels"][1]


def test_geometry_by_hand():
    """Views that turn a picture upside down or leave it; two pictures, each of one pixel."""
    images = torch.zeros(4, 1, 8, 8)
    images[[0, 2], 0, 0, 0] = images[[1, 3], 0, 0, 1] = 1.0
    turned = iter([False, True])
    views = Views(lambda n, _: (torch.full((n,), float(next(turned))),), _upside_down)
    both, rest = [encoder(0)], (torch.tensor([0, 1, 0, 1]), Split(*torch.arange(4).chunk(2)))
    found = evaluate(
        images, *rest, trained=both, untrained=both, supervised=both, settings=[], views=views
    )
    pixels = {setting: row["raw pixels"][0] for setting, row in found.items()}
    assert pixels["alignment (no unit)"] == pytest.approx(2.0)  # other pixels: orthogonal
    assert pixels["uniformity (no unit)"] == pytest.approx(-4.0)  # two orthogonal rows
    assert pixels["effective rank (no unit)"] == pytest.approx(2.0)
    names = [*FEATURES[:4], "supervised h", "raw pixels"]
    assert [list(row) for row in found.values()] == [names] * 3
    row = found["alignment (no unit)"]
    a, b = (both[0](x).z.detach() for x in (images[2:], images[2:].flip(2)))
    assert row["trained z"][0] == pytest.approx(alignment(a, b).item(), rel=1e-5)


def _upside_down(images, turned):
    return torch.where(turned[:, None, None, None] > 0, images.flip(2), images)


def test_what_has_no_unit_is_shown_apart():
    won = {"trained h": [0.9, 0.9], "trained z": [0.9, 0.9], "raw pixels": [0.8, 0.8]}
    won |= {"untrained h": [0.8, 0.8], "untrained z": [0.8, 0.8]}
    rank = {name: [3.14, 3.14] for name in won}
    text = table({"first": won, "effective rank (no unit)": rank})
    assert text.split("\n\n")[:2] == table({"first": won}).split("\n\n")
    assert text.splitlines()[-1].split() == ["effective", "rank", "(no", "unit)", *["3.14"] * 5]
    assert verdict({"first": won, "rank (no unit)": rank}) == verdict({"first": won})


def test_evaluate_errors():
    images, labels = load_digits()
    split = stratified_split(labels)
    with pytest.raises(ValueError, match=r"got \[2, 1, 2, 2\]"):
        evaluate(images, labels, split, trained=[encoder(0)] * 2, untrained=[encoder(0)])
    with pytest.raises(ValueError, match=r"got \[0, 0, 0, 0\]"):
        evaluate(images, labels, split, trained=[], untrained=[])
    one = [encoder(0)]
    with pytest.raises(ValueError, match=r"got \[1, 1, 1, 2\]"):
        evaluate(images, labels, split, trained=one, untrained=one, seeds=[0, 1])
    with pytest.raises(ValueError, match="draws must be at least 1, got 0"):
        evaluate(images, labels, split, trained=[encoder(0)], untrained=[encoder(0)], draws=0)

"""Other libraries on the batch of the page "Coming from another library", where installed."""

import pytest

import infonce
from snippets import migrate
from tests import peers


@pytest.mark.parametrize("file", peers.LIBRARIES)
def test_recorded_numbers_of_other_libraries(file):
    if not peers.installed(file):
        pytest.skip(f"{peers.LIBRARIES[file][0]} is not installed: its numbers stay as recorded")
    recorded, measured = migrate.RECORDED[peers.LIBRARIES[file][0]], peers.measure(file)
    assert {*measured, "version"} == {*recorded}
    for name, numbers in measured.items():
        assert numbers == pytest.approx(recorded[name], rel=1e-12), name


def test_the_difference_is_one_of_rounding():
    assert 0 <= migrate.largest < 1e-13


def test_defaults_are_those_of_the_package():
    assert migrate.our_default == infonce.nt_xent.__kwdefaults__["temperature"]
    assert migrate.our_info_default == infonce.info_nce.__kwdefaults__["temperature"]

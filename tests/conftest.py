"""Fixtures that several test folders share."""

import pathlib

import pytest


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real data beside the repository; skips where it is absent."""
    folder = pathlib.Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared data folder is not beside this checkout")
    return folder

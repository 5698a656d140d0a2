"""The main job works on both ways to run."""

from pathlib import Path

import pytest

from tests.walk.houses import embedded, separate
from tests.walk.walk import Walk


@pytest.mark.timeout(280)
def test_the_main_job_is_done_in_one_process(tmp_path: Path, reference_data: Path) -> None:
    with embedded(tmp_path) as house:
        Walk(house, reference_data).whole()


@pytest.mark.services
@pytest.mark.timeout(290)
def test_the_main_job_is_done_by_separate_processes(tmp_path: Path, reference_data: Path) -> None:
    with separate(tmp_path) as house:
        Walk(house, reference_data).whole()

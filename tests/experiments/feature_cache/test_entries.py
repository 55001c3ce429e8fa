"""How much room cached features may take, and how sizes are said."""

import pytest

from keras_suite.experiments.feature_cache.entries import entries, limit_bytes, megabytes


def test_the_limit_is_ten_gigabytes_or_what_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FEATURE_CACHE_BYTES", raising=False)
    assert limit_bytes() == 10_000_000_000
    monkeypatch.setenv("FEATURE_CACHE_BYTES", "5000")
    assert limit_bytes() == 5000


def test_a_limit_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FEATURE_CACHE_BYTES", "ten")
    with pytest.raises(ValueError, match="FEATURE_CACHE_BYTES"):
        limit_bytes()


def test_sizes_are_written_in_steps_of_a_thousand() -> None:
    assert [megabytes(size) for size in (0, 12_345_678, 2_500_000_000)] == ["0.0 MB", "12.3 MB", "2.5 GB"]


def test_an_empty_cache_has_no_entries(tmp_path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CACHE_DIR", str(tmp_path))
    assert entries() == []

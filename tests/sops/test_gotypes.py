from __future__ import annotations

import math

import pytest

from gitops_regconf.sops.gotypes import Timestamp, as_read, float_plain, float_short


@pytest.mark.parametrize(
    ("value", "plain", "short"),
    [
        # As printed by Go's strconv.FormatFloat with 'f' and 'g', -1, 64.
        (1.0, "1", "1"),
        (1.5, "1.5", "1.5"),
        (-0.0, "-0", "-0"),
        (100000.0, "100000", "100000"),
        (1e6, "1000000", "1e+06"),
        (123456789.0, "123456789", "1.23456789e+08"),
        (1e21, "1" + "0" * 21, "1e+21"),
        (1e100, "1" + "0" * 100, "1e+100"),
        (0.0001, "0.0001", "0.0001"),
        (0.00001234, "0.00001234", "1.234e-05"),
        (5e-324, "0." + "0" * 323 + "5", "5e-324"),
        (math.inf, "+Inf", ".inf"),
        (-math.inf, "-Inf", "-.inf"),
        (math.nan, "NaN", ".nan"),
    ],
)
def test_floats_are_written_as_go_writes_them(value: float, plain: str, short: str) -> None:
    assert (float_plain(value), float_short(value)) == (plain, short)


@pytest.mark.parametrize(("value", "read"), [(3.0, 3), (-0.0, 0), (1.5, 1.5), (1e6, 1e6)])
def test_clear_floats_without_a_point_are_read_as_integers(value: float, read: float) -> None:
    assert (as_read(value), type(as_read(value))) == (read, type(read))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-1-2", "2020-01-02T00:00:00Z"),
        ("2020-01-02T3:04:05Z", "2020-01-02T03:04:05Z"),
        ("2020-01-02t03:04:05.600+02:00", "2020-01-02T03:04:05.6+02:00"),
        ("2020-01-02 03:04:05", "2020-01-02T03:04:05Z"),
        ("2020-01-02T03:04:05,1234567899+00:00", "2020-01-02T03:04:05.123456789Z"),
        ("2020-01-02T03:04:05+00:60", "2020-01-02T03:04:05+01:00"),
    ],
)
def test_timestamps_are_written_as_go_writes_them(text: str, expected: str) -> None:
    assert Timestamp.of(text) == expected


def test_other_text_is_no_timestamp() -> None:
    with pytest.raises(ValueError, match="not a timestamp"):
        Timestamp.of("2020-01-02T03:04")

"""Plain scalars are what Go's yaml.v3 takes them for."""

from __future__ import annotations

import math
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitops_regconf.source import scalars
from gitops_regconf.source.scalars import BOOL, FLOAT, INT, MERGE, NULL, STR, TIMESTAMP, resolve


@pytest.mark.parametrize("text", ["", "~", "null", "Null", "NULL"])
def test_null_is_written_in_five_ways(text: str) -> None:
    assert resolve(text) == (NULL, None)


@pytest.mark.parametrize("text", ["true", "True", "TRUE"])
def test_true_is_written_in_three_ways(text: str) -> None:
    assert resolve(text) == (BOOL, True)


@pytest.mark.parametrize("text", ["false", "False", "FALSE"])
def test_false_is_written_in_three_ways(text: str) -> None:
    assert resolve(text) == (BOOL, False)


@pytest.mark.parametrize(
    "text", ["yes", "Yes", "no", "on", "On", "off", "y", "n", "tRUE", "nULL", "none", "1:30", "="]
)
def test_words_and_clock_times_of_yaml_1_1_are_strings(text: str) -> None:
    assert resolve(text) == (STR, text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("-0", 0),
        ("+1", 1),
        ("0777", 511),
        ("-0777", -511),
        ("0o17", 15),
        ("0O17", 15),
        ("+0o7", 7),
        ("0x1F", 31),
        ("-0x1", -1),
        ("0b101", 5),
        ("1_000", 1000),
        ("1__0_", 10),
        ("0_7", 7),
    ],
)
def test_integers_have_bases_signs_and_underscores(text: str, number: int) -> None:
    assert resolve(text) == (INT, number)


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("9223372036854775807", INT),
        ("9223372036854775808", INT),
        ("+9223372036854775807", INT),
        ("+9223372036854775808", FLOAT),  # only without a sign is there an uint64
        ("18446744073709551615", INT),
        ("18446744073709551616", FLOAT),
        ("-9223372036854775808", INT),
        ("-9223372036854775809", FLOAT),
        ("9" * 300, FLOAT),
        ("9" * 5000, STR),  # and int() would refuse so many digits
        ("0x" + "f" * 17, STR),
    ],
)
def test_integers_end_where_those_of_go_end(text: str, tag: str) -> None:
    assert resolve(text)[0] == tag


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1e3", 1000.0),
        ("1E+3", 1000.0),
        ("1e+21", 1e21),
        ("5.", 5.0),
        (".5", 0.5),
        ("-.5", -0.5),
        (".1_2", 0.12),
        ("1_0.5", 10.5),
        ("08", 8.0),
        ("1e-400", 0.0),
        (".inf", math.inf),
        ("+.Inf", math.inf),
        ("-.INF", -math.inf),
    ],
)
def test_floats_are_those_of_go(text: str, number: float) -> None:
    assert resolve(text) == (FLOAT, number)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number_is_written_in_three_ways(text: str) -> None:
    tag, value = resolve(text)
    assert tag == FLOAT
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize(
    "text",
    [
        *("1e400", "-1e400", "1e", "e1", "+", "-", ".", "..", "._1", "_1", "1.2.3", "1,5"),
        *("0x", "0b2", "0o8", "0x-1", "--1", "1-2", ".iNf", "\N{ARABIC-INDIC DIGIT ONE}"),
    ],
)
def test_what_only_looks_like_a_number_is_a_string(text: str) -> None:
    assert resolve(text) == (STR, text)


@pytest.mark.parametrize(
    "text",
    [
        *("2020-01-01", "2020-1-1", "0000-02-29", "2020-01-01T00:00:00Z"),
        *("2020-01-01t1:00:00.5+01:00", "2020-01-01 00:00:00", "2020-01-01 00:00:00.25"),
    ],
)
def test_timestamps_keep_their_text(text: str) -> None:
    assert resolve(text) == (TIMESTAMP, text)


@pytest.mark.parametrize(
    "text",
    [
        *("2020-13-01", "2020-02-30", "2021-02-29", "20-01-01", "2020-01-01T00:00:00"),
        *("2020-01-01 00:00:00Z", "2020-01-01T25:00:00Z", "2020-01-01T00:00:00+99:00"),
    ],
)
def test_a_date_that_does_not_exist_is_a_string(text: str) -> None:
    assert resolve(text) == (STR, text)


def test_a_timestamp_can_be_parsed() -> None:
    assert scalars.timestamp("2020-01-02") == date(2020, 1, 2)
    assert scalars.timestamp("2020-01-02T03:04:05Z") == datetime(2020, 1, 2, 3, 4, 5)  # noqa: DTZ001  # only validity matters
    assert scalars.timestamp("soon") is None


def test_two_angle_brackets_merge() -> None:
    assert resolve("<<") == (MERGE, "<<")


@given(st.text(max_size=30) | st.text("0123456789+-._eExXoObBTZ: ", max_size=30))
def test_no_text_is_too_odd_to_have_a_type(text: str) -> None:
    tag, value = resolve(text)
    if tag in (STR, TIMESTAMP):
        assert value == text


@given(st.integers(-(2**63), 2**64 - 1))
def test_an_integer_reads_back_as_it_is_written(number: int) -> None:
    assert resolve(str(number)) == (INT, number)

from __future__ import annotations

import base64
import traceback

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gitops_regconf.errors import InvalidInput
from gitops_regconf.sops.errors import MacMismatch, Malformed, Unsupported
from gitops_regconf.sops.gotypes import Comment, Timestamp, Value
from gitops_regconf.sops.values import Ciphertext, decrypt_value, encrypt_value, is_ciphertext

KEY = bytes(range(32))
# From sops' own aes/cipher_test.go, TestDecrypt.
KNOWN_KEY, KNOWN_AAD = b"f" * 32, "bar:"
KNOWN = (
    "ENC[AES256_GCM,data:oYyi,iv:MyIDYbT718JRr11QtBkcj3Dwm4k1aCGZBVeZf0EyV8o=,"
    "tag:t5z2Z023Up0kxwCgw1gNxg==,type:str]"
)


def sealed(plain: bytes, kind: str, iv: bytes = b"i" * 32) -> str:
    """A ciphertext of our own making, also of what `encrypt_value` would not write."""
    both = AESGCM(KEY).encrypt(iv, plain, b"a:")
    data, iv_, tag = (base64.b64encode(part).decode() for part in (both[:-16], iv, both[-16:]))
    return f"ENC[AES256_GCM,data:{data},iv:{iv_},tag:{tag},type:{kind}]"


def test_known_answer() -> None:
    assert decrypt_value(KNOWN, KNOWN_KEY, KNOWN_AAD) == "foo"


@pytest.mark.parametrize(("key", "aad"), [(KNOWN_KEY, ""), (KNOWN_KEY, "bar"), (KEY, KNOWN_AAD)])
def test_another_path_or_key_does_not_authenticate(key: bytes, aad: str) -> None:
    with pytest.raises(MacMismatch):
        decrypt_value(KNOWN, key, aad)


@pytest.mark.parametrize(
    "value",
    ["text", "ä\n€😀", "ENC[", 0, -5, 2**63 - 1, -(2**63), 1.5, 1e100, -0.25, True, False],
)
def test_values_come_back_with_their_type(value: Value) -> None:
    text = encrypt_value(value, KEY, "a:")
    back = decrypt_value(text, KEY, "a:")
    assert (back, type(back)) == (value, type(value))
    assert is_ciphertext(text)


def test_timestamps_and_comments_keep_their_kind() -> None:
    for value in (Timestamp("2020-01-01T00:00:00Z"), Comment(" text")):
        back = decrypt_value(encrypt_value(value, KEY, "a:"), KEY, "a:")
        assert (back, type(back)) == (value, type(value))


def test_empty_text_stays_empty() -> None:
    assert encrypt_value("", KEY, "a:") == ""
    assert decrypt_value("", KEY, "a:") == ""


def test_every_encryption_has_a_fresh_iv() -> None:
    texts = {encrypt_value("same", KEY, "a:") for _ in range(20)}
    assert len({Ciphertext.parse(text).iv for text in texts}) == 20


def test_short_ivs_are_read() -> None:
    assert decrypt_value(sealed(b"x", "str", b"i" * 12), KEY, "a:") == "x"


@pytest.mark.parametrize(
    ("plain", "kind", "value"),
    [(b"true", "bool", True), (b"F", "bool", False), (b"+7", "int", 7)],
)
def test_what_go_reads_is_read(plain: bytes, kind: str, value: Value) -> None:
    assert decrypt_value(sealed(plain, kind), KEY, "a:") == value


@pytest.mark.parametrize(
    "text",
    [
        "CANARY",
        KNOWN + "CANARY",
        KNOWN.replace("AES256_GCM", "AES128_GCM"),
        KNOWN.replace("type:str", "type:CANARY"),
        KNOWN.replace("type:str", "type:string"),
        KNOWN.replace("tag:t5z2Z023Up0kxwCgw1gNxg==", "tag:t5z2"),
        KNOWN.replace("iv:MyID", "iv:"),
        KNOWN.replace("data:oYyi", "data:oYy"),
        KNOWN.replace("data:oYyi", "data:"),
        KNOWN.replace("data:oYyi", "data:oY=yi"),
    ],
)
def test_malformed_ciphertext_is_named_and_not_repeated(text: str) -> None:
    assert not is_ciphertext(text)
    with pytest.raises(Malformed) as caught:
        decrypt_value(text, KNOWN_KEY, KNOWN_AAD)
    assert "CANARY" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize(
    ("plain", "kind"),
    [
        (b"CANARY", "int"),
        (b"1" * 30, "int"),
        (b"CANARY", "float"),
        (b"CANARY", "bool"),
        (b"CANARY", "time"),
        (b"CANARY\xff", "str"),
    ],
)
def test_plaintext_of_another_type_is_never_in_an_error(plain: bytes, kind: str) -> None:
    with pytest.raises(Unsupported if kind == "str" else Malformed) as caught:
        decrypt_value(sealed(plain, kind), KEY, "a:")
    assert plain.decode("latin1") not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, "\ud800", None, [], object()])
def test_what_sops_cannot_hold_is_refused(value: object) -> None:
    with pytest.raises(InvalidInput):
        encrypt_value(value, KEY, "a:")  # type: ignore[arg-type]

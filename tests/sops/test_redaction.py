from __future__ import annotations

import base64
import textwrap

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitops_regconf.sops import generate_key
from gitops_regconf.sops.age import wrap
from gitops_regconf.sops.redaction import LIMIT, REMOVED, redact

CANARY = "CANARY"
# Messages of sops, of the libraries in it and of gpg that go on with something of the user's.
SHAPES = [
    "Could not decrypt value: Input string {} does not match sops' data format",
    "Error walking tree: Could not convert {} to bytes: unknown",
    'Encrypted comment "{}" matches UnencryptedCommentRegex! Make sure of it.',
    "[SOPS]\t WARN[0000] Found possibly unencrypted comment in file. comment={}",
    'time="now" level=warning msg="Found possibly unencrypted comment" comment="{}"',
    "invalid dotenv input line: {}",
    "failed to execute command {}: exit status 1",
    "failed to parse command {}: EOF found when expecting closing quote",
    'Error marshaling timestamp "{}": year outside of range',
    "Error encoding value {}: json: unsupported value",
    "Error unmarshaling input YAML: yaml: line 3: cannot unmarshal !!str `{}` into int",
    "Could not unmarshal input data: invalid character in {}",
    "error loading config: Could not unmarshal config file: yaml: {}",
    "Expected JSON object key, got {} of type string instead",
    'SOPS only supports JSON files with a top-level object, not other JSON types. Got "{}" of type',
    "MAC mismatch. File has {}, computed {}",
    "Value should be valid JSON: {}",
    'failed to parse input, unknown recipient type: "{}"',
    'failed to parse input as Bech32-encoded age public key: malformed recipient "{}": mixed case',
    "malformed secret key: {}",
]
WRAPS = [
    "{}",
    "Failed to get the data key.\n\nGroup 0: FAILED\n  age1x: FAILED\n    - | {}\n\nRecovery",
    "2026/01/02 03:04:05 Syncing keys for file /tmp/x.yaml\n\x1b[1m[AGE]\x1b[0m\t {}\n",
]
secrets = st.builds(lambda left, right: left + CANARY + right, st.text(max_size=20), st.text())
# What a value would have to hold to make a message look as if it ended before it.
ends = st.sampled_from(
    ["", "{}", " does not match sops' data format ", '": ', "`", "\n    | ", "]"]
)


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SHAPES), st.sampled_from(WRAPS), secrets, ends, st.booleans())
def test_nothing_survives_that_sops_repeats(
    shape: str, wrapping: str, secret: str, end: str, wrapped: bool
) -> None:
    text = shape.replace("{}", end + secret + end + CANARY)
    if wrapped:  # as sops does in its summary of a failure
        text = "\n      | ".join(textwrap.wrap(text, 60, break_long_words=False))
    said = redact(wrapping.replace("{}", text))
    assert CANARY not in said
    assert REMOVED in said
    assert len(said) <= LIMIT


SECRET, RECIPIENT = generate_key()


@pytest.mark.parametrize(
    "secret",
    [
        SECRET.split("\n")[2],
        SECRET.split("\n")[2].lower(),
        "AGE-SECRET-KEY-PQ-1CANARY",
        "AGE-PLUGIN-YUBIKEY-1CANARY",
        "ENC[AES256_GCM,data:CANARY,iv:x,tag:y,type:str]",
        "ENC[AES256_GCM,data:CANARY",
        "-----BEGIN PGP MESSAGE-----\n\nCANARY\n=abcd\n-----END PGP MESSAGE-----",
        "-----BEGIN PGP MESSAGE-----\n\nCANARY",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nCANARY",
        wrap(b"k" * 32, RECIPIENT).enc,
        "https://user:CANARY@vault.example.com/v1",
        "hvs.CANARYCANARYCANARYCANARYCANARY",
        "eyJhbGciOiJub25lIn0.CANARY.x",
        "x-token=CANARY",
        "password=CANARY",
    ],
)
def test_keys_and_ciphertexts_go_wherever_they_stand(secret: str) -> None:
    said = redact(f"gpg: what about {secret} here?")
    assert not any(part in said for part in secret.split() if len(part) > 12)
    assert CANARY not in said
    assert said.startswith("gpg: what about ")


@given(st.binary(min_size=32, max_size=33), st.sampled_from(["std", "url", "hex"]), st.booleans())
def test_no_data_key_survives(key: bytes, encoding: str, padded: bool) -> None:
    text = {
        "std": base64.b64encode,
        "url": base64.urlsafe_b64encode,
        "hex": base64.b16encode,
    }[encoding](key).decode()
    text = text if padded else text.rstrip("=")
    assert text not in redact(f"failed with {text}: see there")


@given(st.text())
def test_it_is_one_short_line_of_printable_text(text: str) -> None:
    said = redact(text)
    assert len(said) <= LIMIT
    assert "\n" not in said
    assert "\x1b" not in said
    assert "…" in redact("long " * LIMIT + text)


def test_what_helps_stays() -> None:
    fingerprint = "0123456789ABCDEF0123456789ABCDEF01234567"
    said = redact(
        "2026/01/02 03:04:05 Syncing keys for file /tmp/x.yaml\n"
        "Failed to get the data key required to decrypt the SOPS file.\n\n"
        f"Group 0: \x1b[31mFAILED\x1b[0m\n  {fingerprint}: FAILED\n"
        "    - | could not decrypt data key with PGP key: gpg: decryption\n"
        "      | failed: No secret key\n\n"
        f"  {RECIPIENT}: FAILED\n"
    )
    assert said == (
        "Failed to get the data key required to decrypt the SOPS file. "
        f"Group 0: FAILED {fingerprint}: FAILED could not decrypt data key with PGP key: "
        f"gpg: decryption failed: No secret key {RECIPIENT}: FAILED"
    )

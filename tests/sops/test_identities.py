from __future__ import annotations

import pytest

from gitops_regconf.sops import Identities, Stanza, WrongKey, generate_key
from gitops_regconf.sops.age import wrap
from gitops_regconf.source.position import Position

SECRET, RECIPIENT = generate_key()
OTHER_SECRET, OTHER = generate_key()
KEY = b"k" * 32
AT = Position("f.yaml", 1, 1)


class Command:
    """A command that knows one key, and counts how often it is asked."""

    def __init__(self, recipient: str = RECIPIENT, secret: str = SECRET) -> None:
        self.recipient, self.secret = recipient, secret
        self.asked: list[str] = []

    def output(self, recipient: str) -> tuple[str, str]:
        self.asked.append(recipient)
        return (self.secret, "") if recipient == self.recipient else ("", "the command failed")


def test_any_stanza_that_opens_will_do() -> None:
    stanzas = [wrap(KEY, OTHER), wrap(KEY, RECIPIENT)]
    assert Identities.of(SECRET).unwrap(stanzas, AT) == KEY
    assert Identities.of(SECRET, OTHER_SECRET).unwrap(stanzas[:1], AT) == KEY


def test_the_name_of_a_stanza_is_only_a_hint() -> None:
    assert Identities.of(SECRET).unwrap([Stanza("age1x", wrap(KEY, RECIPIENT).enc)], AT) == KEY


def test_no_key_and_no_recipient_are_told_apart() -> None:
    stanza = wrap(KEY, OTHER)
    with pytest.raises(WrongKey, match=f"no private key to open .* {OTHER}"):
        Identities().unwrap([stanza], AT)
    with pytest.raises(WrongKey, match="none of the private keys at hand"):
        Identities.of(SECRET).unwrap([stanza], AT)
    with pytest.raises(WrongKey, match="no age recipient"):
        Identities.of(SECRET).unwrap([], AT)


@pytest.mark.parametrize("enc", ["", "nonsense", "-----BEGIN AGE ENCRYPTED FILE-----\nAAAA\n"])
def test_a_broken_stanza_opens_nothing(enc: str) -> None:
    with pytest.raises(WrongKey):
        Identities.of(SECRET).unwrap([Stanza(RECIPIENT, enc)], AT)


def test_comments_and_blank_lines_are_passed_over() -> None:
    text = f"\n# comment\n{SECRET}\r\n\n{OTHER_SECRET}"
    assert Identities.of(text).recipients == (RECIPIENT, OTHER)


def test_kinds_not_known_here_are_counted() -> None:
    identities = Identities.of("AGE-PLUGIN-YUBIKEY-1QQQ\nAGE-SECRET-KEY-PQ-1QQQ\n" + SECRET)
    assert (identities.skipped, identities.recipients) == (2, (RECIPIENT,))
    with pytest.raises(WrongKey, match=r"2 keys .* sops command line"):
        identities.unwrap([wrap(KEY, OTHER)], AT)


def test_a_broken_source_is_named_by_line_and_counts_for_nothing() -> None:
    identities = Identities()
    identities.add([SECRET.split("\n")[2], "AGE-SECRET-KEY-1CANARY"], "my source")
    assert not identities
    with pytest.raises(
        WrongKey, match="my source is not an age key file: see its line 2"
    ) as caught:
        identities.unwrap([wrap(KEY, RECIPIENT)], AT)
    assert "CANARY" not in str(caught.value)


def test_the_command_is_asked_last_and_once_for_each_recipient() -> None:
    command = Command()
    identities = Identities.of(OTHER_SECRET)
    identities.command = command
    assert identities.unwrap([wrap(KEY, RECIPIENT), wrap(KEY, OTHER)], AT) == KEY
    assert command.asked == []
    for _ in range(2):
        assert identities.unwrap([wrap(KEY, RECIPIENT)], AT) == KEY
    assert command.asked == [RECIPIENT]


def test_what_is_wrong_with_the_command_is_said() -> None:
    identities = Identities()
    identities.command = Command()
    assert identities
    with pytest.raises(WrongKey, match="the command failed"):
        identities.unwrap([wrap(KEY, OTHER)], AT)

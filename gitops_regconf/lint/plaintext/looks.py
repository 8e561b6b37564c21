"""What a value looks like: a credential, or something that only stands in its place."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Final

from gitops_regconf.lint.plaintext.names import Strength, is_auth, strength
from gitops_regconf.lint.plaintext.templates import ACTION

# A value that is filled in elsewhere, as a whole.
_FILLED_IN: Final = (
    # A variable, with another one as its default, or none: a literal default is a literal.
    r"\$\{[\w.\-\[\]()' ]*(?::?[-=+](?:\$\{[^{}]*\})?|:?\?[^{}]*)?\}|\$\{\{[^{}]*\}\}"
    r"|(?:\{\{[^{}]*\}\})+|#\{[^{}]*\}#|<+[A-Za-z][A-Za-z _.,:/|()'-]*>+"
    rf"|[#{{]%-? [^\n]* -?%[#}}]|op://[^/\n]+/[^\n]+|ref\+[a-z]+://[^\n]*|[^\n]*{ACTION}[^\n]*"
    r"|[?*]+"
)
_VARIABLE: Final = (
    r"(?s)"
    r"\$\(?[A-Za-z_][\w.]*\)?|\$\(.*\)|\$[0-9@*?#]|\$\{.*\}|%[A-Za-z_]\w*%|%\(\w+\)[sd]|%[-+#]*[svdqw]"
    r"|@@?\w+@@?|__\w+__|\[[\w .-]*\]|\{[\w.$ -]*\}|#\{.*\}|\(\(.*\)\)"
    r"|[A-Z]{2,}(?:_[A-Z0-9]+)+|\*+[^*]*\*+|«.*|\+[^+]*\+"
)
_WORDS: Final = r"[a-z]+"
# Of which people make values that say "put your own here", and schemas their types.
_STAND_IN_WORDS: Final = """\
a access account actual all and any api app auth auto azure bar base baz be bearer bool boolean
bytes change changeit changeme changethis ci client cloud code com container credential
credentials data default demo docker dummy encoded enter env example fake false fill fixme foo
from generate generated github gitlab go goes harbor her here hidden hub id in insert int
integer is it json key login mask masked me my name nil no none not null number object of off
omitted on one optional or our pass passphrase passwd password placeholder private pull pwd
quay random real redact redacted registry removed replace replaceme required robot sample
secret secrets secure set some something str string stripped super tba tbd text the this to
todo token type undefined unset use user username value var variable with x xx xxx xxxx yes
your yours"""
_STAND_INS: Final = frozenset(_STAND_IN_WORDS.split())
# Without which no sentence is long.
_JOINING_WORDS: Final = """\
about again also and any are been before but can could default does each either for from had has
have how incorrect into invalid its may must need needs new non not only other please same shall
should such than that the their them then there these they this those too try until use used
uses using via was were what when where which while who will with within without would you your"""
_JOINING: Final = frozenset(_JOINING_WORDS.split())
# A name that somebody gave has words, with few digits behind them. Any of these is
# what it does not have.
NO_NAME: Final = (
    r"[+=!@%^*~;?]|[^\x00-\x7f]|[A-Za-z]{20}|[0-9]{5}|[A-Za-z]{2}[0-9]{3}|[0-9][A-Za-z][A-Za-z0-9]{3}"
    r"|[A-Za-z0-9][0-9][A-Za-z][A-Za-z0-9]{2}|[A-Za-z0-9]{2}[0-9][A-Za-z][A-Za-z0-9]"
    r"|[A-Za-z0-9]{3}[0-9][A-Za-z]"
)
_PATH: Final = r"(?:\.{0,2}|~|[A-Za-z]:)(?:[/\\][A-Za-z.][\w.$@{} -]{0,30})+[/\\]?\Z"
_ELSEWHERE: Final = r"(?:ref\+|vault:|secretref:|op://|file:|env:|arn:|projects/)"
_CODE: Final = (
    r"(?s)"
    r"[*&!~]*[A-Za-z_]\w*(?:(?:\.|::|->|\?\.)[A-Za-z_]\w*)+(?:[(\[].*)?|[\w.:>-]*\w[(\[].*"
    r"|\[\][\w.]+|\*\w[\w.]*|&\w[\w.]*|!\w[\w.]*"
)
_YOUR_OWN: Final = ("your", "<your", "changeme", "change-me", "change_me", "replace")
_LEAKING_URL: Final = r"[a-z][a-z0-9+.-]*://"
_CLASSES: Final = r"[a-z]+|[A-Z]+|[0-9]+|[^A-Za-z0-9]+"
_MANY: Final = 12
# Longer than any word, and than the name of any variable.
_LONG: Final = 200
# The key in the documentation of AWS.
_SAMPLE: Final = "IOSFODNN7EXAMPLE"


def stands_in(value: str) -> bool:
    """Whether a value is filled in later as a whole, or encrypted: free even in a Secret."""
    lines = (line.strip() for line in value.strip().split("\n"))
    return all(not line or re.fullmatch(_FILLED_IN, line) or _is_ciphertext(line) for line in lines)


def is_sealed(value: str) -> bool:
    """Whether a value is the ciphertext of a SealedSecret: some bytes more than an RSA block."""
    return bool(re.fullmatch(r"[A-Za-z0-9+/=\s]{100,}", value)) or is_placeholder(value)


def _is_ciphertext(value: str) -> bool:
    if not value.startswith("ENC["):
        return False
    from gitops_regconf.sops.values import is_ciphertext

    return is_ciphertext(value)


def is_placeholder(value: str, name: str = "") -> bool:
    """Whether a value tells a reader to put their own here, or names a variable or a type."""
    bare = value.strip().strip("\"'`")
    if stands_in(bare) or "{{" in bare or "${" in bare:
        return True
    if len(bare) < _LONG and re.fullmatch(_VARIABLE, bare):
        return True
    if len(set(bare.lower().strip("-_.*<>"))) <= 1 or "…" in bare or "..." in bare:
        return True
    lowered = bare.lower()
    if lowered.startswith(_YOUR_OWN) or lowered == name.lower() or _SAMPLE in bare:
        return True
    if "example" in lowered and not any(map(str.isdigit, bare)):
        return True
    words = re.findall(_WORDS, lowered)
    return not any(map(str.isdigit, bare)) and all(word in _STAND_INS for word in words)


def is_prose(value: str) -> bool:
    """Whether a value is a sentence: words of letters with spaces between them."""
    words = value.split()
    return len(words) > 1 and all(
        len(word) < _LONG and re.fullmatch(r"\W*[^\W\d_]*\W*|[0-9]+", word) for word in words
    )


def is_passphrase(value: str) -> bool:
    """Whether a value is a row of words that say nothing: four or more, and none to join them."""
    words = value.split()
    if len(words) < 4 or not all(re.fullmatch(r"[a-z]{3,}", word) for word in words):
        return False
    return _JOINING.isdisjoint(words) and _STAND_INS.isdisjoint(words)


def is_name(value: str) -> bool:
    """Whether a value looks like a name that somebody gave, or like a path."""
    if not re.search(NO_NAME, value):
        return True
    return bool(re.match(_PATH, value) or re.match(_ELSEWHERE, value))


def is_code(value: str) -> bool:
    """Whether an unquoted value is an expression of a programming language."""
    return bool(re.fullmatch(_CODE, value))


def is_generated(value: str) -> bool:
    """Whether a value looks as if a machine had made it: long, without blanks, well mixed."""
    if len(value) < _MANY or any(map(str.isspace, value)) or is_name(value):
        return False
    return len(re.findall(_CLASSES, value)) >= 5 and any(map(str.isalpha, value))


def is_user_and_password(value: str) -> bool:
    """Whether a value is the base64 of `user:password`, the password not empty."""
    try:
        decoded = base64.b64decode(value + "=" * (-len(value) % 4), validate=True)
    except (binascii.Error, ValueError):
        return False
    user, colon, password = decoded.partition(b":")
    return bool(user and colon and password) and decoded.isascii() and b"\n" not in user


def is_credential(name: str, value: str) -> bool:
    """Whether the literal `value` of a field called `name` is a credential."""
    found = strength(name)
    bare = value.strip()
    if found is Strength.NONE or len(bare) < 2 or is_placeholder(bare, name):
        return False
    if is_auth(name):
        scheme, _, rest = bare.partition(" ")
        return is_user_and_password(rest if scheme.lower() == "basic" else bare)
    if is_prose(bare) and not (found is Strength.STRONG and is_passphrase(bare)):
        return False
    if re.match(_PATH, bare) or re.match(_ELSEWHERE, bare):
        return False
    # An address is judged by what it holds.
    if re.match(_LEAKING_URL, bare):
        return False
    return found is Strength.STRONG or (len(bare) >= 8 and not is_name(bare) and " " not in bare)

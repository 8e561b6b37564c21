"""Credentials in clear in any text: the nets behind the rule `plaintext-credentials`.

A file is first asked from its bytes whether anything can be in it (`candidate`).
Then `nets` looks at its text: at the structure of YAML (`structure`, `places`), at
tokens, words, commands and addresses in any text, and at what is packed in base64
or in scalars with all of them again. `claims` adds what .sops.yaml demands.
"""

from gitops_regconf.lint.plaintext.candidate import is_candidate
from gitops_regconf.lint.plaintext.masking import masked

__all__ = ["is_candidate", "masked"]

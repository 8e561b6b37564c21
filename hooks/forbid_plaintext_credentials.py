"""`forbid-plaintext-credentials`: no credential stands in clear in any file.

Secrets, the registry interface, docker configurations and everything that a rule of
`.sops.yaml` claims are looked at by position, whatever the value looks like; all text is
searched for tokens, keys and passwords, in every encoding and within base64.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def _rules() -> Iterable[str]:
    return "plaintext-credentials", "ignore-without-reason", "ignore-without-effect"


def main(argv: Sequence[str] | None = None) -> int:
    """Check the files named in `argv`, as they are staged; without any, all that is staged."""
    from gitops_regconf.commands.hook import main as hook
    from gitops_regconf.lint.plaintext.candidate import is_candidate

    return hook("forbid-plaintext-credentials", __doc__ or "", _rules, is_candidate, argv)


if __name__ == "__main__":
    raise SystemExit(main())

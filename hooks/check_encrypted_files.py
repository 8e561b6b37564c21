"""`check-encrypted-files`: every SOPS file is whole, by its rule, and for the right recipients.

Needs no key: whether values and MAC belong together only `regconf regenerate --check`
with a key can tell.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def _rules() -> Iterable[str]:
    from gitops_regconf.lint.rule_set import names

    return [*sorted(name for name in names() if name.startswith("sops-")), "ignore-without-effect"]


def main(argv: Sequence[str] | None = None) -> int:
    """Check the files named in `argv`, as they are staged; without any, all that is staged."""
    from gitops_regconf.commands.hook import main as hook
    from gitops_regconf.lint.encrypted import is_candidate

    return hook("check-encrypted-files", __doc__ or "", _rules, is_candidate, argv)


if __name__ == "__main__":
    raise SystemExit(main())

"""`check-registry-interface`: registries stand as the charts read them, wherever they stand.

In values files, ConfigMaps and Secrets, Apps and HelmReleases, kustomize patches, and
the `regconf.yaml` files of a fleet.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def _rules() -> Iterable[str]:
    from gitops_regconf.lint.rule_set import OF_INTERFACES, all_rules

    about = (name for name, rule in all_rules().items() if rule.looks_at(OF_INTERFACES))
    return [*about, "ignore-without-effect"]


def main(argv: Sequence[str] | None = None) -> int:
    """Check the files named in `argv`, as they are staged; without any, all that is staged."""
    from gitops_regconf.commands.hook import main as hook
    from gitops_regconf.lint.marks import is_candidate

    return hook("check-registry-interface", __doc__ or "", _rules, is_candidate, argv)


if __name__ == "__main__":
    raise SystemExit(main())

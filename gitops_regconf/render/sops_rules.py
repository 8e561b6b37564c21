"""The generator's creation rules in `.sops.yaml`.

regconf itself takes recipients from regconf.yaml; the rules are for people who
run `sops edit` or `sops updatekeys` on the same files, so that both agree.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf import sops
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.accounts import SELECTOR as OF_ACCOUNTS
from gitops_regconf.fleet.model import Fleet
from gitops_regconf.render.secret import SELECTOR as OF_SECRETS


def rules(fleet: Fleet) -> list[sops.GeneratedRule]:
    """One rule for the account files of all MCs, and one for the Secrets of each."""
    return [
        sops.GeneratedRule(
            path_regex=accounts_regex(),
            selector=OF_ACCOUNTS,
            recipients=fleet.recipients,
            source=layout.FLEET_FILE,
        ),
        *(
            sops.GeneratedRule(
                path_regex=secrets_regex(mc),
                selector=OF_SECRETS,
                recipients=tuple(sorted({*fleet.recipients, *recipients})),
                source=f"{layout.management_cluster(mc)}/{layout.FLEET_FILE}",
            )
            for mc, recipients in sorted(fleet.recipients_of.items())
        ),
    ]


def accounts_regex() -> str:
    """The expression of the rule for account files."""
    accounts = layout.account_file("[^/]+", "[^/]+").replace(".", r"\.")
    return f"^{accounts}$"


def secrets_regex(mc: str) -> str:
    """The expression of the rule for the Secrets of an MC."""
    return rf"^{layout.owned_directory(mc)}/[^/]+-secret\.yaml$"


def recipients_by_rule(text: str) -> dict[str, frozenset[str]]:
    """Whom the rules in a `.sops.yaml` name, by their expression. Raises InvalidInput."""
    return {
        rule.path_regex: frozenset(rule.recipients)
        for rule in sops.parse_rules(text, layout.SOPS_FILE)
    }


def paths(fleet: Fleet) -> Iterator[str]:
    """Paths that the rules are for: of every account file and Secret, and of those to come."""
    secret = fleet.output.secret_name
    for name in fleet.recipients_of:
        yield layout.account_file(name, "account")
        yield f"{layout.owned_directory(name)}/{secret}-secret.yaml"
    for mc in fleet.management_clusters:
        for account in mc.accounts:
            yield layout.account_file(mc.name, account)
        for wc in mc.workload_clusters:
            yield f"{layout.owned_directory(mc.name)}/{wc.name}-{secret}-secret.yaml"

"""An account stays with an endpoint that is asked over http.

Why: charts from `cluster` 5.1.0 on write the host under http:// and its header under
https://. The endpoint meant gets no credentials, and a second host appears.

Bad:
    containerRegistries:
      registry.internal:
      - endpoint: registry.internal
        insecure: true
        account: robot
Good: TLS, where `skipVerify` passes over a certificate that is not trusted
    containerRegistries:
      registry.internal:
      - endpoint: registry.internal
        skipVerify: true
        account: robot
Mend: give the endpoint TLS, or leave out the account.
"""

from __future__ import annotations

from collections.abc import Iterator

from gitops_regconf.findings import Finding
from gitops_regconf.fleet.view import ClusterView
from gitops_regconf.source import masking

ID = "account-lost"
SHOWS_LINE = True
STOPS_REGENERATE = True


def of_cluster(view: ClusterView) -> Iterator[Finding]:
    """One finding for each insecure endpoint with an account that its chart loses."""
    seen = set()
    for version in view.versions:
        for node in view.nodes(version).values():
            for hosts in node.registries.values():
                for host in hosts:
                    if not host.declared and host.at not in seen:
                        seen.add(host.at)
                        yield Finding(
                            ID,
                            host.at,
                            f"{version} loses the account of {masking.host(host.endpoint)}, since "
                            "the endpoint is insecure: its header is written for https://",
                            "Use TLS (`skipVerify: true` where its certificate is not trusted), "
                            "or leave out the account.",
                        )

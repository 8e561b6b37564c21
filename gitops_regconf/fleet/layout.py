"""Where things stand in a fleet repository, relative to its root.

Two layouts meet here: the platform fleet's `management-clusters/<MC>/` and,
below it, the GitOps template's `organizations/<ORG>/workload-clusters/<WC>/`.
"""

from __future__ import annotations

FLEET_FILE = "regconf.yaml"
SOPS_FILE = ".sops.yaml"
MANAGEMENT_CLUSTERS = "management-clusters"
BASES = "bases"
SHARED_COMPONENT = "bases/components/container-registries"
COMPONENT = "container-registries"
SCHEMAS = ".regconf/schemas"
SECRET_NAME = "container-registries-configuration"  # noqa: S105  # the name of an object, not a secret


def management_cluster(mc: str) -> str:
    """The directory of an MC."""
    return f"{MANAGEMENT_CLUSTERS}/{mc}"


def owned_directory(mc: str) -> str:
    """The directory of an MC that belongs to the generator."""
    return f"{management_cluster(mc)}/{COMPONENT}"


def accounts_directory(mc: str) -> str:
    """The directory with one encrypted file for each account of an MC."""
    return f"{management_cluster(mc)}/registry-credentials"


def account_file(mc: str, account: str) -> str:
    """The encrypted file of one account."""
    return f"{accounts_directory(mc)}/{account}.enc.yaml"


def organization(mc: str, org: str) -> str:
    """The directory of an organization at an MC."""
    return f"{management_cluster(mc)}/organizations/{org}"


def workload_clusters(mc: str, org: str) -> str:
    """The directory that holds an organization's WCs and their Flux Kustomizations."""
    return f"{organization(mc, org)}/workload-clusters"


def workload_cluster(mc: str, org: str, wc: str) -> str:
    """The directory of a WC whose manifests live in the fleet."""
    return f"{workload_clusters(mc, org)}/{wc}"


def external_workload_cluster(mc: str, wc: str) -> str:
    """The directory of a WC whose manifests live in another repository."""
    return f"{management_cluster(mc)}/workload-clusters/{wc}"


def cluster_template(provider: str) -> str:
    """The GitOps template that WCs of a provider are built from."""
    return f"{BASES}/clusters/{provider}/template"


def to_root(directory: str) -> str:
    """The relative path from a directory to the fleet's root: `../..`."""
    return "/".join([".."] * (directory.count("/") + 1)) if directory else "."

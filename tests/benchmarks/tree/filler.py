"""What lies beside the clusters in a GitOps repository.

The same number gives the same bytes, and no two files are alike. Words that announce credentials
occur as they do in practice: as names of Secrets, references, templates, and in prose; none of
the files holds one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from tests.benchmarks.tree import apps, charts, data, manifests, prose
from tests.benchmarks.tree.writer import Writer

Kind = Callable[[Writer], str]

#: How many of a thousand files are of each kind, and where they lie.
KINDS: list[tuple[int, str, Kind]] = [
    (170, "apps/{0}/{1}/values.yaml", apps.values),
    (120, "apps/{0}/{1}/configmap.yaml", apps.config_map),
    (120, "apps/{0}/{1}/app.yaml", apps.app),
    (110, "apps/{0}/{1}/kustomization.yaml", apps.kustomization),
    (60, "releases/{0}/{1}/release.yaml", apps.release),
    (30, "releases/{0}/{1}/external-secret.yaml", apps.external_secret),
    (60, "manifests/{0}/{1}.yaml", manifests.workload),
    (30, "manifests/{0}/rules-{1}.yml", manifests.rules),
    (100, "helm/{0}/templates/{1}.yaml", charts.template),
    (20, "helm/{0}/templates/_{1}.tpl", charts.helpers),
    (20, "helm/{0}/values-{1}.schema.json", charts.schema),
    (65, "docs/{0}/{1}.md", prose.page),
    (35, "hack/{0}/{1}.sh", prose.shell),
    (25, "hack/{0}/{1}.py", prose.python),
    (15, "config/{0}/{1}.toml", data.toml),
    (15, "dashboards/{0}/{1}.json", data.dashboard),
    (2, "hack/{0}/{1}.lock.json", data.lock_file),
    (3, "crds/{0}/{1}.yaml", manifests.definition),
]
#: A few that are large, whatever the size of the tree.
LARGE: tuple[str, Kind, int] = ("logs/{0}.log", data.log, 2)


def filler(count: int) -> Iterator[tuple[str, str]]:
    """So many files, by path."""
    path, function, large = LARGE
    for number in range(large):
        yield path.format(number), function(Writer(number))
    shares = [share for share, _, _ in KINDS]
    kinds = random.Random(0).choices(KINDS, shares, k=count - large)  # noqa: S311
    for number, (_, path, function) in enumerate(kinds, start=large):
        yield path.format(f"{number % 97:02}", f"{number:05}"), function(Writer(number))

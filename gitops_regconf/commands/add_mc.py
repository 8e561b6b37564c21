"""`regconf add-mc`: add a management cluster."""

from __future__ import annotations

import argparse

from gitops_regconf.commands.cli import fleet_root
from gitops_regconf.commands.keys import NewKey, add_key_arguments
from gitops_regconf.commands.output import Output
from gitops_regconf.errors import InvalidInput
from gitops_regconf.fleet import layout
from gitops_regconf.fleet.names import check_domain, check_name
from gitops_regconf.generate.apply import apply, locked
from gitops_regconf.generate.lay_down import creations, flow_list, laid_down, template
from gitops_regconf.generate.run import fleet_of, sops_rules_change
from gitops_regconf.registries import charts, releases
from gitops_regconf.source.worktree import WorkTree

_APP = "cluster-app-manifests"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The arguments of `regconf add-mc`."""
    parser.add_argument("name", metavar="NAME")
    parser.add_argument("--provider", required=True, choices=sorted(charts.charts()))
    parser.add_argument("--region", required=True)
    parser.add_argument("--base-domain", required=True, metavar="D")
    parser.add_argument("--chart-version", metavar="V", help="default: the newest known")
    parser.add_argument("--profile", metavar="P", help="default: that of the fleet")
    add_key_arguments(parser)


def run(options: argparse.Namespace, output: Output) -> int:
    """Lay the MC's directory down, and add its rules to `.sops.yaml`."""
    name = check_name(options.name, "a management cluster")
    check_domain(options.base_domain)
    if not options.region.isprintable() or not options.region.strip():
        raise InvalidInput("the region is empty or holds a control character")
    root = fleet_root(options)
    source = WorkTree(root)
    directory = layout.management_cluster(name)
    if source.names(directory):
        raise InvalidInput(f"there already is a management cluster {name!r}: {directory}/")
    key = NewKey(options, root)
    texts = _texts(options, directory, key.recipients)
    with locked(root):
        fleet = fleet_of(WorkTree(root, texts), (name,))
        changes = [*creations(source, texts), *sops_rules_change(source, fleet)]
        key.save()
        try:
            apply(root, changes)
        except BaseException:
            key.discard()
            raise
    for change in changes:
        output.result(f"{'+' if change.action == 'create' else '~'} {change.path}")
    output.data(
        {"changed": [change.path for change in changes], "recipients": list(key.recipients)}
    )
    if key.path:
        output.say(
            f"The private key for {name} is in {key.path}. Give it to Flux there:\n"
            "  kubectl --namespace flux-giantswarm create secret generic sops-keys "
            f"--from-file={name}.agekey={key.path}"
        )
    output.say(
        "Next: store the accounts it needs with `regconf set-credentials`, "
        "then `regconf regenerate`."
    )
    return 0


def _texts(
    options: argparse.Namespace, directory: str, recipients: tuple[str, ...]
) -> dict[str, str]:
    chart_version = options.chart_version or releases.newest(options.provider).chart_version
    chart_version = chart_version.removeprefix("v")
    charts.version(chart_version)
    values = {
        "mc": options.name,
        "provider": options.provider,
        "region": _quoted(options.region),
        "base_domain": options.base_domain,
        "recipients": flow_list(recipients),
        "profile_line": f"profile: {options.profile}" if options.profile else "",
        "chart_version": chart_version,
        "release": releases.name_for(options.provider, chart_version),
        "schemas": f"{layout.to_root(directory)}/{layout.SCHEMAS}",
    }
    texts = laid_down(template("management-cluster"), directory, values)
    app = texts[f"{directory}/{_APP}/{options.provider}.yaml"]
    kept = {
        path: text for path, text in texts.items() if not path.startswith(f"{directory}/{_APP}/")
    }
    return {**kept, f"{directory}/{_APP}.yaml": app}


def _quoted(text: str) -> str:
    """Text for a place in YAML with or without double quotes around it."""
    if not all(character.isalnum() or character in "-_." for character in text):
        raise InvalidInput(
            f"{text!r} is no region", mend="Use letters, digits, dashes, dots and underscores."
        )
    return text

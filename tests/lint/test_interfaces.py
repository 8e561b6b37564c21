"""The registry interface in every place of a repository: found, and at its exact position."""

from __future__ import annotations

import base64
import contextlib
import json
import secrets
import textwrap
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitops_regconf.errors import CannotCheck, RegconfError, Several
from gitops_regconf.findings import Finding
from gitops_regconf.lint.file import File
from gitops_regconf.lint.interfaces import interfaces, objects
from gitops_regconf.lint.marks import is_candidate
from gitops_regconf.lint.runner import of_interfaces
from gitops_regconf.registries.charts import Interface
from gitops_regconf.registries.profiles import built_in
from gitops_regconf.registries.resolve import resolve
from gitops_regconf.render.values import filled, values_document
from gitops_regconf.source.position import Position
from tests.lint.test_rules import place, under
from tests.support import ROOT

BAD = "https://bad.example.com"


def findings(text: str, path: str = "file.yaml") -> list[Finding]:
    return list(of_interfaces(File(path, text.encode())))


def values(indent: int = 0, interface: str = "global.components.containerd") -> str:
    """Values with one mistake, at `endpoint`."""
    return textwrap.indent(under(f"quay.io:\n- endpoint: {BAD}", interface), " " * indent)


FLOW = (
    "{global: {components: {containerd: {containerRegistries: "
    f"{{quay.io: [{{endpoint: '{BAD}'}}]}}}}}}}}}}"
)

PLACES = {
    "plain values": values(),
    "plain values, flow": FLOW,
    "at global.connectivity": values(interface="global.connectivity"),
    "at connectivity": values(interface="connectivity"),
    "a subchart": "cluster:\n" + values(2),
    "JSON": json.dumps(
        {"global": {"connectivity": {"containerRegistries": {"quay.io": [{"endpoint": BAD}]}}}}
    ),
    "the second document": "a: 1\n---\n" + values(),
    "a ConfigMap": "kind: ConfigMap\ndata:\n  values: |\n" + values(4),
    "a ConfigMap under any key": "kind: ConfigMap\ndata:\n  anything: |-\n" + values(6),
    "a ConfigMap in a List": (
        "kind: List\nitems:\n- kind: ConfigMap\n  data:\n    values.yaml: |\n" + values(6)
    ),
    "stringData of a Secret": "kind: Secret\nstringData:\n  values: |\n" + values(4),
    "a HelmRelease": "kind: HelmRelease\nspec:\n  values:\n" + values(4),
    "values of an ArgoCD Application": (
        "kind: Application\nspec:\n  source:\n    helm:\n      values: |\n" + values(8)
    ),
    "an object of an ArgoCD Application": (
        "kind: Application\nspec:\n  sources:\n  - helm:\n      valuesObject:\n" + values(8)
    ),
    "valuesInline of kustomize": (
        "helmCharts:\n- name: cluster-aws\n  valuesInline:\n" + values(4)
    ),
    "an inline patch": (
        "kind: Kustomization\npatches:\n- patch: |\n    kind: HelmRelease\n"
        "    spec:\n      values:\n" + values(8)
    ),
    "a ConfigMap in an inline patch": (
        "patches:\n- patch: |-\n    kind: ConfigMap\n    data:\n      values: |\n" + values(8)
    ),
    "the second document of an inline patch": (
        "patches:\n- patch: |\n    kind: A\n    ---\n    kind: B\n    spec:\n" + values(6)
    ),
    "patchesStrategicMerge": "patchesStrategicMerge:\n- |\n  kind: A\n  spec:\n" + values(4),
    "a literal of a generator": (
        "configMapGenerator:\n- name: x\n  literals:\n  - |\n    values.yaml=# ours\n" + values(4)
    ),
    "an operation": (
        "- op: add\n  path: /spec/values/global/components/containerd/containerRegistries/quay.io\n"
        f"  value:\n  - endpoint: {BAD}\n"
    ),
    "an operation on an entry": (
        "- op: replace\n  path: /spec/values/global/connectivity/containerRegistries/a.io/0\n"
        f"  value: {{endpoint: '{BAD}'}}\n"
    ),
    "an operation with a slash in a key": (
        "- {op: add, path: /a~1b/~0/connectivity/containerRegistries/quay.io,\n"
        f"   value: [{{endpoint: '{BAD}'}}]}}\n"
    ),
    "an operation above the interface": (
        "- op: add\n  path: /spec/values/global\n  value:\n    components:\n      containerd:\n"
        f"        containerRegistries:\n          quay.io:\n          - endpoint: {BAD}\n"
    ),
    "an operation on a ConfigMap": (
        "- op: replace\n  path: /data/values\n  value: |\n" + values(4)
    ),
    "operations in an inline patch": (
        "patches:\n- target: {kind: HelmRelease}\n  patch: |\n"
        "    - op: test\n      path: /a\n      value: 1\n"
        "    - op: add\n      path: /spec/values/global/connectivity/containerRegistries\n"
        f"      value:\n        quay.io:\n        - endpoint: {BAD}\n"
    ),
    "behind an anchor": (
        f"x: &entries\n- endpoint: {BAD}\nglobal:\n  connectivity:\n    containerRegistries:\n"
        "      quay.io: *entries\n      ghcr.io: []\n"
    ),
    "behind a merge key": (
        f"x: &defaults\n  quay.io:\n  - endpoint: {BAD}\nglobal:\n  connectivity:\n"
        "    containerRegistries:\n      <<: *defaults\n"
    ),
    "through two aliases": (
        f"x: &v\n  global:\n    connectivity:\n      containerRegistries:\n        quay.io:\n"
        f"        - endpoint: {BAD}\ny: *v\nz: *v\n"
    ),
}


@pytest.mark.parametrize("text", PLACES.values(), ids=PLACES)
def test_the_interface_is_found_where_it_stands(text: str) -> None:
    (finding,) = [one for one in findings(text) if one.severity == "error"]
    key = '"endpoint"' if text.startswith('{"') else "endpoint"
    assert finding.rule == "endpoint-form"
    assert finding.at == Position("file.yaml", *place(text, key))


@pytest.mark.parametrize(
    "scalar",
    [f'"{values()}"'.replace("\n", "\\n"), json.dumps(FLOW), f">-\n    {FLOW}\n"],
    ids=["double quotes", "JSON text", "folded"],
)
def test_in_a_text_without_lines_of_its_own_it_stands_where_that_begins(scalar: str) -> None:
    text = f"kind: ConfigMap\ndata:\n  values: {scalar}\n"
    (finding,) = findings(text)
    assert (finding.rule, finding.at) == ("endpoint-form", Position("file.yaml", 3, 11))


@pytest.mark.parametrize("blanks", range(3))
@pytest.mark.parametrize("wrapped", [False, True])
def test_base64_in_a_secret_hides_nothing(blanks: int, wrapped: bool) -> None:
    inside = " " * blanks + "\n" + values()
    encoded = base64.b64encode(inside.encode()).decode()
    leaf = "|\n" + textwrap.indent("\n".join(textwrap.wrap(encoded, 40)), "    ")
    text = f"kind: Secret\ndata:\n  values: {leaf if wrapped else encoded}\n"
    assert is_candidate(text.encode())
    (finding,) = findings(text)
    assert (finding.rule, finding.at) == ("endpoint-form", Position("file.yaml", 3, 11))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_key_in_escapes_is_read(encoding: str) -> None:
    text = FLOW.replace("containerRegistries", '"container\\u0052egistries"')
    assert is_candidate(text.encode(encoding))
    assert len(list(of_interfaces(File("file.yaml", text.encode(encoding))))) == 1


def test_base64_that_is_folded_in_quotes_is_read() -> None:
    encoded = base64.b64encode(values().encode()).decode()
    folded = "\\\n    ".join(textwrap.wrap(encoded, 20))
    text = f'kind: Secret\ndata:\n  values: "{folded}"\n'
    assert is_candidate(text.encode())
    assert len(findings(text)) == 1


def test_any_encoding_of_a_file_is_read() -> None:
    for encoding in ("utf-8-sig", "utf-16", "utf-16-le"):
        content = values().encode(encoding)
        assert is_candidate(content)
        assert len(list(of_interfaces(File("file.yaml", content)))) == 1


# --- Operations that set a part.

DEEP = "/spec/values/global/components/containerd/containerRegistries/docker.io"


@pytest.mark.parametrize(
    ("path", "value", "rules"),
    [
        (f"{DEEP}/-", "{endpoint: docker.io}", []),
        (f"{DEEP}/0/endpoint", "'https://a.io'", ["endpoint-form"]),
        (f"{DEEP}/0/insecure", "true", []),
        (f"{DEEP}/0/insecure", "'true'", ["interface-schema"]),
        (f"{DEEP}/0/overridepath", "true", ["unknown-key"]),
        (f"{DEEP}/0/credentials/password", "secret", []),
        (f"{DEEP}/0/credentials", "{password: secret}", ["credentials-incomplete"]),
        (DEEP, "[{endpoint: docker.io}]", ["docker-hub-host"]),
        ("/spec/replicas", "1", []),
        ("/", "1", []),
        ("/global", "null", []),
    ],
)
def test_an_operation_is_judged_for_what_it_sets_alone(
    path: str, value: str, rules: list[str]
) -> None:
    text = f"# containerRegistries\n- op: add\n  path: {path}\n  value: {value}\n"
    assert [finding.rule for finding in findings(text)] == rules


def test_a_key_that_an_operation_sets_stands_in_its_path() -> None:
    text = f"- op: add\n  value: 1\n  path: {DEEP}/0/bogus\n"
    (finding,) = findings(text)
    assert (finding.at.line, finding.at.column) == place(text, "/spec")


@pytest.mark.parametrize("op", ["test", "remove", "move", "copy"])
def test_an_operation_that_sets_no_value_is_not_judged(op: str) -> None:
    text = f"- op: {op}\n  path: {DEEP}\n  value:\n" + values(4)
    assert findings(text) == []


# --- What is passed over, and what is not.


def test_what_sops_has_encrypted_is_passed_over() -> None:
    parts = f"data:AAAA,iv:{'A' * 43}=,tag:{'A' * 22}==,type:str"
    leaf = f"'ENC[AES256_GCM,{parts}]'"
    credentials = f"{{username: {leaf}, password: {leaf}}}"
    entry = f"- endpoint: {leaf}\n  insecure: {leaf}\n  credentials: {credentials}"
    assert findings(under(f"quay.io:\n{entry}\n{entry}")) == []
    assert findings(f"# containerRegistries\nkind: Secret\ndata: {{values: {leaf}}}\n") == []
    (finding,) = findings(under(f"quay.io:\n{entry}\n  bogus: {leaf}"))
    assert finding.rule == "unknown-key"


OTHER_TEXT = {
    "chart.md": "# Values\n\n```yaml\nglobal: {containerRegistries: [\n```\n",
    "main.go": 'const key = "containerRegistries"\n\tx := map[string]string{}\n',
    "templates/x.yaml": "{{- if .x }}\ncontainerRegistries: {{ toYaml .y }}\n{{- end }}\n",
    "script.yaml": "kind: Job\nargs:\n- |\n  cat <<EOF\n  containerRegistries: [\n  EOF\n",
    "helm.yaml": "data:\n  values: |\n    containerRegistries: {{ .x }}\n    {{ end }}\n",
}


@pytest.mark.parametrize("path", OTHER_TEXT)
def test_a_template_or_text_that_is_no_yaml_is_left_alone(path: str) -> None:
    assert findings(OTHER_TEXT[path], path) == []


BROKEN = {
    "a file": values() + "\n  x: [\n",
    "a later document": values() + "---\nx: [\n",
    "values in a ConfigMap": "kind: ConfigMap\ndata:\n  values: |\n    containerRegistries: [\n",
    "base64": "kind: Secret\ndata:\n  x: " + base64.b64encode(b"containerRegistries: [\n").decode(),
    "a key twice": "containerRegistries: 1\ncontainerRegistries: 2\n",
    "an own kind": "apiVersion: regconf/v1alpha1\nkind: [\n",
    "a template in a comment": "containerRegistries: [\n# {{ not one }}\n",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_what_should_be_yaml_and_is_not_cannot_be_checked(text: str) -> None:
    with pytest.raises(CannotCheck) as caught:
        findings(text)
    assert caught.value.exit_code == 3
    assert caught.value.at
    assert caught.value.at.line


def test_what_cannot_be_read_comes_after_the_findings() -> None:
    broken = "---\nkind: ConfigMap\ndata:\n  values: |\n    containerRegistries: [\n"
    run = of_interfaces(File("f.yaml", (values() + broken * 2).encode()))
    assert next(run).rule == "endpoint-form"
    with pytest.raises(Several) as caught:
        next(run)
    assert caught.value.exit_code == 3


def test_a_file_without_a_sign_of_it_is_no_candidate() -> None:
    for content in (b"", b"kind: ConfigMap\ndata: {a: b}\n", bytes(range(256)) * 9):
        assert not is_candidate(content)
        assert list(of_interfaces(File("file.yaml", content))) == []


def test_what_stands_before_a_mistake_is_judged() -> None:
    found = of_interfaces(File("file.yaml", f"{values()}---\na: [\n".encode()))
    assert next(found).rule == "endpoint-form"
    with pytest.raises(CannotCheck):
        next(found)


def test_objects_are_those_of_every_document_and_of_lists() -> None:
    text = "kind: A\n---\nkind: List\nitems: [{kind: B}, {kind: C}]\n---\n- x\n"
    found = [one.data for one in objects(File("f.yaml", text.encode()))]
    assert found == [{"kind": "A"}, {"kind": "B"}, {"kind": "C"}, ["x"]]


APPS = """\
kind: List
items:
- apiVersion: application.giantswarm.io/v1alpha1
  kind: App
  metadata: {name: w}
  spec:
    extraConfigs:
    - {name: x, priority: 0}
- apiVersion: regconf/v1alpha1
  kind: Fleets
"""


def test_objects_are_judged_where_they_stand() -> None:
    found = {finding.rule: finding.at for finding in findings(APPS)}
    assert found == {
        "priority-range": Position("file.yaml", 8, 27),
        "input-schema": Position("file.yaml", 10, 9),
    }


# --- Valid interfaces have no findings.


@pytest.mark.parametrize("interface", list(Interface))
@pytest.mark.parametrize("profile", sorted(built_in()))
def test_what_is_generated_has_no_finding(profile: str, interface: Interface) -> None:
    resolved = resolve([built_in()[profile]])
    document = values_document(resolved, interface, {}, Position("x"), complete=False)
    text = json.dumps(filled(document, lambda _: "x"))
    for variable, value in (("mc", "alpha"), ("region", "eu"), ("provider", "aws")):
        text = text.replace(f"{{{variable}}}", value)
    text = text.replace("{baseDomain}", "example.io")
    encoded = base64.b64encode(text.encode()).decode()
    for written in (text, f"kind: ConfigMap\ndata: {{values: {json.dumps(text)}}}\n"):
        assert findings(written) == []
    assert findings(f"kind: Secret\ndata: {{values: {encoded}}}\n") == []


def test_the_fleet_template_and_the_schemas_have_no_finding() -> None:
    for folder in ("fleet-template", "schemas", "docs", "gitops_regconf/registries/data"):
        for path in (ROOT / folder).rglob("*"):
            if path.is_file():
                assert list(of_interfaces(File(str(path), path.read_bytes()))) == []


# --- No message repeats what may be a credential, and nothing makes it fail.

EVERYWHERE: dict[str, Callable[[str], object]] = {
    "a registry": lambda s: {s: [{"endpoint": "a.io"}]},
    "a registry with user info": lambda s: {f"robot:{s}@quay.io": [{"endpoint": "a.io"}] * 2},
    "a registry that is a URL": lambda s: {f"https://robot:{s}@quay.io/v2": []},
    "a list": lambda s: {"quay.io": s},
    "a list of a registry that is one": lambda s: {s: s},
    "an entry": lambda s: {"quay.io": [s]},
    "a key of an entry": lambda s: {"quay.io": [{"endpoint": "a.io", s: s}]},
    "an endpoint": lambda s: {"quay.io": [{"endpoint": s}, {"endpoint": s}]},
    "an endpoint with user info": lambda s: {"quay.io": [{"endpoint": f"robot:{s}@a.io"}] * 2},
    "an endpoint with a path": lambda s: {"quay.io": [{"endpoint": f"a.io/{s}"}]},
    "a switch": lambda s: {"quay.io": [{"endpoint": "a.io", "insecure": s, "skipVerify": [s]}]},
    "credentials": lambda s: {"quay.io": [{"endpoint": "a.io", "credentials": s}]},
    "a list of credentials": lambda s: {"quay.io": [{"endpoint": "a.io", "credentials": [s]}]},
    "a key of credentials": lambda s: {"quay.io": [{"endpoint": "a.io", "credentials": {s: s}}]},
    **{
        f"{key} in credentials": lambda s, key=key: {  # type: ignore[misc]  # bound now, not later
            "quay.io": [{"endpoint": "a.io", "credentials": {key: f"{s}\n", "x": s}}]
        }
        for key in ("username", "password", "auth", "identitytoken")
    },
    **{
        f"{key} beside credentials": lambda s, key=key: {  # type: ignore[misc]
            "quay.io": [{"endpoint": "a.io", key: s}]
        }
        for key in ("username", "password", "auth", "identitytoken")
    },
}
CACHES: dict[str, Callable[[str], object]] = {
    "a cache": lambda s: s,
    "a key of a cache": lambda s: {s: s},
    "settings of a cache": lambda s: {"enabled": s, "port": s, "mirroredRegistries": s},
    "registries of a cache": lambda s: {"mirroredRegistries": [s, s, {s: s}, f"u:{s}@a.io"]},
}
TOKENS = (secrets.token_hex(12), secrets.token_urlsafe(18), f"eyJ{secrets.token_hex(20)}.eyJ0.x")


def said(text: str) -> str:
    try:
        return "".join(f"{finding} {finding!r}" for finding in findings(text))
    except RegconfError as error:
        return f"{error} {error!r}"


@pytest.mark.parametrize("token", TOKENS, ids=["hex", "base64url", "with dots"])
@pytest.mark.parametrize("where", [*EVERYWHERE, *CACHES])
def test_no_message_repeats_a_credential_wherever_it_stands(where: str, token: str) -> None:
    if where in EVERYWHERE:
        content = {"containerRegistries": EVERYWHERE[where](token)}
    else:
        content = dict.fromkeys(
            ("localRegistryCache", "managementClusterRegistryCache"), CACHES[where](token)
        )
    text = json.dumps({"global": {"components": {"containerd": content}}})
    assert said(text)
    assert token not in said(text)


MISTAKES = ("{0}: 1\n{0}: 2", "a: !{0} x", "a: *{0}", "%{0}\n---", '"\\q{0}"', "{0}: [", "? {0}]")


@pytest.mark.parametrize("token", TOKENS, ids=["hex", "base64url", "with dots"])
@pytest.mark.parametrize("mistake", MISTAKES)
def test_no_mistake_of_yaml_repeats_a_credential(mistake: str, token: str) -> None:
    text = "containerRegistries: 1\n" + mistake.format(token)
    assert token not in said(text)


@dataclass(frozen=True)
class Mutation:
    """Puts something else into a part of a text."""

    start: int
    length: int
    put: str

    def of(self, text: str) -> str:
        start = self.start % (len(text) + 1)
        return text[:start] + self.put + text[start + self.length :]


PIECES = st.sampled_from(
    [*"\n\t :-[{}|\"'0!/", "*a", "&a ", "<<: *a", "---\n", "null", "- op: add\n", "ENC["]
)
MUTATIONS = st.builds(
    Mutation, st.integers(0, 2000), st.integers(0, 12), PIECES | st.text(max_size=4)
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(sorted(PLACES)), st.lists(MUTATIONS, max_size=4))
def test_nothing_makes_it_fail(where: str, mutations: list[Mutation]) -> None:
    text = PLACES[where]
    for mutation in mutations:
        text = mutation.of(text)
    content = text.encode("utf-8", "surrogatepass")
    with contextlib.suppress(CannotCheck, Several):  # and nothing else
        for finding in of_interfaces(File("file.yaml", content)):
            assert finding.at.line > 0


def test_a_text_that_aliases_repeat_is_read_once() -> None:
    text = "x: &x |\n" + values(2) + "y: [" + "*x, " * 3000 + "]\n"
    assert len(findings(text)) == 1


def test_values_are_found_with_what_locates_them() -> None:
    (found,) = interfaces(File("file.yaml", values().encode()))
    assert found.locate(("global", "components")) == Position("file.yaml", 2, 3)

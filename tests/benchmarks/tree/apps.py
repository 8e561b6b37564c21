"""Apps of the platform, their values, and what deploys them."""

from __future__ import annotations

from tests.benchmarks.tree.writer import Writer, indented


def values(write: Writer) -> str:
    """A values file, or the values in an App's ConfigMap."""
    lines = "\n".join(write.settings(3))
    account = f"""\
imagePullSecrets:
- name: {write.name()}
auth:
  existingSecret: {write.name()}
  passwordKey: password
"""
    head = f"""\
image:
  repository: {write.image()}
  tag: {write.random.randrange(9)}.{write.random.randrange(40)}.0
resources:
  requests: {{cpu: {write.random.randrange(1, 999)}m, memory: 256Mi}}
"""
    return f"{head}{account if write.number % 3 == 0 else ''}{lines}\n"


def config_map(write: Writer) -> str:
    return f"""\
apiVersion: v1
kind: ConfigMap
metadata:
  name: {write.name()}-user-values
  namespace: org-{write.words(1)}
data:
  values: |
{indented(values(write), "    ")}"""


def app(write: Writer) -> str:
    name = write.name()
    return f"""\
apiVersion: application.giantswarm.io/v1alpha1
kind: App
metadata:
  name: {name}
  namespace: org-{write.words(1)}
  labels:
    app-operator.giantswarm.io/version: 0.0.0
spec:
  catalog: {write.words(1)}
  name: {write.name(1)}
  namespace: {write.words(1)}
  version: {write.random.randrange(9)}.{write.random.randrange(40)}.1
  userConfig:
    configMap:
      name: {name}-user-values
      namespace: org-{write.words(1)}
    secret:
      name: {name}-user-secrets
      namespace: org-{write.words(1)}
"""


def kustomization(write: Writer) -> str:
    names = "".join(f"- {write.name()}.yaml\n" for _ in range(write.random.randrange(2, 9)))
    return f"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n{names}"


def release(write: Writer) -> str:
    return f"""\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: {write.name()}
spec:
  interval: {write.random.randrange(60)}m
  chart:
    spec:
      chart: {write.name(1)}
      sourceRef: {{kind: HelmRepository, name: {write.name(1)}}}
  valuesFrom:
  - {{kind: Secret, name: {write.name()}, valuesKey: values.yaml}}
  values:
{indented(values(write), "    ")}"""


def external_secret(write: Writer) -> str:
    keys = "".join(
        f"  - secretKey: {write.words(1)}\n    remoteRef:\n"
        f"      key: {write.words(3, '/')}\n      property: password\n"
        for _ in range(write.random.randrange(1, 6))
    )
    return f"""\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata:
  name: {write.name()}
spec:
  refreshInterval: 1h
  secretStoreRef: {{kind: ClusterSecretStore, name: {write.name(1)}}}
  target:
    name: {write.name()}
    template:
      data:
        username: "{{{{ .username }}}}"
        password: "{{{{ .password }}}}"
  data:
{keys}"""

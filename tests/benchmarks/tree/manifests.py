"""Plain manifests, small and large."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.tree.writer import WORDS, Writer


def workload(write: Writer) -> str:
    variables = "".join(
        f"        - name: {write.words(2, '_').upper()}\n          valueFrom:\n"
        f"            secretKeyRef: {{name: {write.name()}, key: {write.words(1)}}}\n"
        for _ in range(write.random.randrange(1, 9))
    )
    name = write.name()
    return f"""\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {name}
  annotations:
    checksum/config: {write.hexadecimal(64)}
spec:
  replicas: {write.random.randrange(1, 9)}
  selector:
    matchLabels: {{app.kubernetes.io/name: {name}}}
  template:
    metadata:
      labels: {{app.kubernetes.io/name: {name}}}
    spec:
      containers:
      - name: {write.words(1)}
        image: {write.image()}@sha256:{write.hexadecimal(64)}
        env:
{variables}---
apiVersion: v1
kind: Service
metadata:
  name: {name}
spec:
  selector: {{app.kubernetes.io/name: {name}}}
  ports:
  - {{name: http, port: {write.random.randrange(10**4)}}}
"""


def rules(write: Writer) -> str:
    found = "".join(
        f"    - alert: {write.words(3, '')}\n"
        f"      expr: sum(rate({write.words(3, '_')}_total[5m])) by ({write.words(1)}) > 0.{step}\n"
        f"      annotations:\n        description: {write.words(12)}\n"
        for step in range(write.random.randrange(2, 20))
    )
    return f"""\
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: {write.name()}
spec:
  groups:
  - name: {write.name()}
    rules:
{found}"""


def definition(write: Writer) -> str:
    """A CustomResourceDefinition, 50 to 500 KiB."""

    def properties(depth: int, indent: str) -> Iterator[str]:
        for key in dict.fromkeys(write.random.choices(WORDS, k=8)):
            yield f"{indent}{key}:"
            yield f"{indent}  description: {write.words(14)}"
            if depth:
                yield f"{indent}  type: object"
                yield f"{indent}  properties:"
                yield from properties(depth - 1, indent + "    ")
            else:
                yield f"{indent}  type: string"

    lines = "\n".join(properties(write.random.choice((2, 2, 3)), " " * 14))
    return f"""\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: {write.name()}.example.io
spec:
  group: example.io
  versions:
  - name: v1
    schema:
      openAPIV3Schema:
        type: object
        properties:
          spec:
            type: object
            properties:
{lines}
"""

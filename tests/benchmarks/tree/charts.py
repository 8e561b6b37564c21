"""Helm charts: templates, helpers, and schemas of values."""

from __future__ import annotations

import json

from tests.benchmarks.tree.writer import WORDS, Writer


def template(write: Writer) -> str:
    chart = write.words(1)
    lines = "".join(
        f"  {write.words(1)}: {{{{ .Values.{write.words(2, '.')} | quote }}}}\n"
        f"  {{{{- if .Values.{write.words(2, '.')} }}}}\n"
        f'  {write.words(1)}: {{{{ include "{chart}.{write.words(1)}" . }}}}\n'
        "  {{- end }}\n"
        for _ in range(write.random.randrange(2, 16))
    )
    return f"""\
{{{{- if .Values.{write.words(1)}.enabled }}}}
apiVersion: v1
kind: {write.random.choice(("Secret", "ConfigMap", "ServiceAccount"))}
metadata:
  name: {{{{ include "{chart}.fullname" . }}}}-{write.name()}
  labels:
    {{{{- include "{chart}.labels" . | nindent 4 }}}}
stringData:
  password: {{{{ .Values.{chart}.password | quote }}}}
{lines}{{{{- end }}}}
"""


def helpers(write: Writer) -> str:
    return "".join(
        f'{{{{- define "{write.words(2, ".")}" -}}}}\n'
        f'{{{{- default .Chart.Name .Values.{write.words(1)} | trunc 63 | trimSuffix "-" }}}}\n'
        f"{{{{- end }}}}\n{{{{/* {write.words(10)} */}}}}\n"
        for _ in range(write.random.randrange(3, 12))
    )


def schema_of(write: Writer, depth: int) -> dict[str, object]:
    if not depth:
        return {"type": "string", "title": write.words(3), "description": write.words(9)}
    keys = dict.fromkeys(write.random.choices(WORDS, k=6))
    return {"type": "object", "properties": {key: schema_of(write, depth - 1) for key in keys}}


def schema(write: Writer) -> str:
    return json.dumps(schema_of(write, 3), indent=2) + "\n"

"""What is committed in the tests. The password is made up at run time."""

from __future__ import annotations

import secrets

#: The hook that most tests are about: it looks at any file.
HOOK = "forbid-plaintext-credentials"
PASSWORD = secrets.token_urlsafe(24)
LEAK = f"""\
apiVersion: v1
kind: Secret
metadata:
  name: pull
stringData:
  password: {PASSWORD}
"""
HARMLESS = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: pull
data:
  interval: 5m
"""

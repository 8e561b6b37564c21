"""The forms in which credentials leak. Marks (`«password»`) are the values that must be found."""

from __future__ import annotations

from tests.lint.plaintext.catalogue import Form, leak

_SECRET = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: registry\n"

# --- Kubernetes Secrets: every leaf, whatever it looks like.

SECRETS = [
    leak("secret-string-data", "secret.yaml", _SECRET + "stringData:\n  password: «password»\n"),
    leak("secret-any-key", "secret.yaml", _SECRET + "stringData:\n  colour: «password»\n"),
    leak("secret-data", "secret.yaml", _SECRET + "data:\n  password: «b64-password»\n"),
    leak(
        "secret-both",
        "secret.yaml",
        _SECRET + "data:\n  one: «b64-password»\nstringData:\n  two: «password»\n",
    ),
    leak(
        "secret-kind-last",
        "secret.yaml",
        "stringData:\n  value: «password»\nmetadata: {name: x}\nkind: Secret\napiVersion: v1\n",
    ),
    leak(
        "secret-kind-quoted",
        "secret.yaml",
        'apiVersion: v1\n"kind": "Secret"\nstringData:\n  value: «password»\n',
    ),
    leak(
        "secret-kind-lower-case",
        "secret.yaml",
        "apiVersion: v1\nkind: secret\nstringData:\n  value: «password»\n",
    ),
    leak(
        "secret-kind-commented",
        "secret.yaml",
        "apiVersion: v1\nkind: Secret # of the registry\nstringData: {value: «password»}\n",
    ),
    leak(
        "secret-flow",
        "secret.yaml",
        "{apiVersion: v1, kind: Secret, metadata: {name: x}, stringData: {value: «password»}}\n",
    ),
    leak(
        "secret-json",
        "secret.json",
        '{"apiVersion": "v1", "kind": "Secret", "stringData": {"value": "«password»"}}\n',
    ),
    leak(
        "secret-json-one-per-line",
        "secret.json",
        '{\n  "kind": "Secret",\n  "data": {\n    "x": "«b64-password»"\n  }\n}\n',
    ),
    leak(
        "secret-escaped-keys",
        "secret.json",
        '{"k\\u0069nd": "Secret", "string\\u0044ata": {"x": "«password»"}}\n',
    ),
    leak("secret-quoted", "secret.yaml", _SECRET + "stringData:\n  'x': '«password»'\n"),
    leak("secret-double-quoted", "secret.yaml", _SECRET + 'stringData:\n  "x": "«password»"\n'),
    leak("secret-block", "secret.yaml", _SECRET + "stringData:\n  x: |\n    «password»\n"),
    leak("secret-folded", "secret.yaml", _SECRET + "stringData:\n  x: >-\n    «password»\n"),
    leak("secret-below-key", "secret.yaml", _SECRET + "stringData:\n  x:\n    «password»\n"),
    leak("secret-number", "secret.yaml", _SECRET + "stringData:\n  pin: «digits»\n"),
    leak("secret-binary-tag", "secret.yaml", _SECRET + "data:\n  x: !!binary «b64-password»\n"),
    leak("secret-nested", "secret.yaml", _SECRET + "stringData:\n  x:\n    y: «password»\n"),
    leak(
        "secret-anchor", "secret.yaml", _SECRET + "stringData:\n  one: &p «password»\n  two: *p\n"
    ),
    leak(
        "secret-merge-key",
        "secret.yaml",
        "base: &base\n  stringData:\n    x: «password»\nkind: Secret\n<<: *base\n",
    ),
    leak(
        "secret-second-document",
        "all.yaml",
        "apiVersion: v1\nkind: ConfigMap\ndata: {a: b}\n---\n"
        + _SECRET
        + "stringData:\n  x: «password»\n---\nkind: Namespace\n",
    ),
    leak(
        "secret-in-list",
        "list.yaml",
        "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Secret\n"
        "  stringData:\n    x: «password»\n",
    ),
    leak(
        "secret-of-sops-operator",
        "sopssecret.yaml",
        "apiVersion: isindir.github.com/v1alpha3\nkind: SopsSecret\nspec:\n  secretTemplates:\n"
        "  - name: x\n    stringData:\n      y: «password»\n    data:\n      z: «b64-password»\n",
    ),
    leak(
        "secret-crlf",
        "secret.yaml",
        (_SECRET + "stringData:\n  x: «password»\n").replace("\n", "\r\n"),
    ),
    leak("secret-any-suffix", "secret.yaml.orig", _SECRET + "stringData:\n  x: «password»\n"),
    leak(
        "secret-values",
        "secret.yaml",
        _SECRET + "stringData:\n  values: |\n    registry:\n      password: «password»\n"
        "      user: robot\n",
    ),
    leak("secret-packed-values", "secret.yaml", _SECRET + "data:\n  values: «b64-values»\n"),
    leak("secret-packed-twice", "secret.yaml", _SECRET + "data:\n  values: «b64-b64-values»\n"),
    leak(
        "secret-applied",
        "configmap.yaml",
        "kind: ConfigMap\nmetadata:\n  annotations:\n    last-applied: |\n"
        '      {"kind":"Secret","stringData":{"x":"«password»"}}\n',
    ),
    leak(
        "secret-in-helm-template",
        "templates/secret.yaml",
        "{{- if .Values.on }}\napiVersion: v1\nkind: Secret\nmetadata:\n"
        '  name: {{ include "x.name" . }}\nstringData:\n  a: {{ .Values.a | quote }}\n'
        "  b: «password»\n{{- end }}\n",
    ),
    leak(
        "secret-fake-ciphertext", "secret.yaml", _SECRET + "stringData:\n  a: «fake-ciphertext»\n"
    ),
    leak(
        "secret-partly-encrypted",
        "secret.enc.yaml",
        _SECRET + "stringData:\n  b: «password»\nsops:\n  mac: x\n  lastmodified: x\n",
    ),
    leak(
        "secret-in-comment",
        "kustomization.yaml",
        "resources: []\n# kind: Secret\n# stringData:\n#   x: «password»\n",
    ),
    leak(
        "secret-in-markdown",
        "README.md",
        "Apply this:\n\n```yaml\nkind: Secret\nstringData:\n  x: «password»\n```\n",
    ),
    leak(
        "secret-in-heredoc",
        "apply.sh",
        "kubectl apply -f - <<EOF\nkind: Secret\nstringData:\n  x: «password»\nEOF\n",
    ),
    leak(
        "secret-in-list-by-kind",
        "secrets.yaml",
        "apiVersion: v1\nkind: SecretList\nitems:\n- metadata: {name: x}\n  stringData:\n"
        "    a: «password»\n- metadata: {name: y}\n  data:\n    a: «b64-password»\n",
    ),
    leak(
        "secret-in-commented-item",
        "kustomization.yaml",
        "resources: []\n# - kind: Secret\n#   stringData:\n#     a: «password»\n",
    ),
    leak(
        "secret-in-comment-with-anchor",
        "kustomization.yaml",
        "resources: []\n# kind: &a Secret # of a registry\n# stringData:\n#   a: «password»\n",
    ),
    leak(
        "secret-in-comment-flow",
        "kustomization.yaml",
        "resources: []\n# {kind: Secret,\n#  stringData: {a: «password»}}\n",
    ),
    leak(
        "secret-in-item-of-prose",
        "notes.txt",
        "these are applied, in order:\n\n- kind: Secret\n  stringData:\n    a: «password»\n",
    ),
    leak(
        "secret-in-markdown-json",
        "README.md",
        'Apply this:\n\n```json\n{\n  "kind": "Secret",\n  "stringData": {\n'
        '    "a": "«password»"\n  }\n}\n```\n',
    ),
    leak(
        "secret-in-heredoc-json",
        "apply.sh",
        "kubectl apply -f - <<EOF\n"
        '{"apiVersion": "v1", "kind": "Secret", "data": {"a": "«b64-password»"}}\nEOF\n',
    ),
    leak(
        "secret-in-json-with-comments",
        "secret.jsonc",
        '{\n\t// of the registry\n\t"kind": "Secret", /* encrypt */\n\t"stringData": {\n'
        '\t\t"a": "«password»", // rotate\n\t},\n}\n',
    ),
    leak(
        "secret-in-json5",
        "secret.json5",
        "{\n  kind: 'Secret',\n  stringData: {a: '«password»'},\n}\n",
    ),
    leak(
        "secret-in-jsonnet",
        "secret.jsonnet",
        "local name = 'x';\n{\n  kind: 'Secret',\n  metadata: { name: name },\n"
        "  stringData: { a: '«password»' },\n}\n",
    ),
    leak(
        "secret-in-lines-of-json",
        "dump.ndjson",
        '{"kind":"ConfigMap","data":{"a":"b"}}\n{"kind":"Secret","stringData":{"a":"«password»"}}\n',
    ),
    leak(
        "secret-in-mixed-diff",
        "change.patch",
        "--- a/x.yaml\n+++ b/x.yaml\n@@ -1,4 +1,4 @@\n kind: Secret\n stringData:\n"
        "-  a: «password»\n+  a: «password»\n   b: ''\n",
    ),
    leak(
        "secret-data-called-metadata",
        "secret.yaml",
        _SECRET + "data:\n  metadata: {a: ''}\n  x: «b64-password»\n",
    ),
    leak(
        "secret-in-code-with-colon",
        "secret.ts",
        "const s = { kind: 'Secret', stringData: { dsn: '«password»:a/b' }, name: x };\n",
    ),
]

# --- Registries and what clients of them read.

_CHART = "global:\n  components:\n    containerd:\n      containerRegistries:\n"

REGISTRIES = [
    leak(
        "interface-password",
        "values.yaml",
        _CHART + "        docker.io:\n        - endpoint: registry-1.docker.io\n"
        "          credentials:\n            username: robot\n            password: «password»\n",
    ),
    leak(
        "interface-auth",
        "values.yaml",
        _CHART + "        docker.io:\n        - endpoint: registry-1.docker.io\n"
        "          credentials:\n            auth: «b64-user-password»\n",
    ),
    leak(
        "interface-identity-token",
        "values.yaml",
        _CHART + "        docker.io:\n        - endpoint: registry-1.docker.io\n"
        "          credentials:\n            identitytoken: «harbor»\n",
    ),
    leak(
        "interface-flow",
        "values.yaml",
        "containerRegistries: {docker.io: [{endpoint: a.example, credentials: "
        "{username: u, password: «password»}}]}\n",
    ),
    leak(
        "interface-misplaced",
        "values.yaml",
        "containerRegistries:\n  docker.io:\n  - endpoint: a.example\n    password: «password»\n",
    ),
    leak(
        "interface-two",
        "values.yaml",
        "containerRegistries:\n  docker.io:\n  - endpoint: a.example\n"
        "    credentials: {username: u, password: «password»}\n  quay.io:\n"
        "  - endpoint: b.example\n    credentials: {username: u, password: «password»}\n",
    ),
    leak(
        "interface-escaped-key",
        "values.yaml",
        "containerRegistries:\n  docker.io:\n  - endpoint: a\n    credentials:\n"
        '      "pass\\u0077ord": "«password»"\n',
    ),
    leak(
        "interface-number",
        "values.yaml",
        "containerRegistries:\n  docker.io:\n  - endpoint: a\n    credentials:\n"
        "      auth: «b64-user-password»\n",
    ),
    leak(
        "account",
        "registry-credentials/hub.enc.yaml",
        "apiVersion: regconf/v1alpha1\nkind: RegistryAccount\nmetadata: {name: hub}\nspec:\n"
        "  username: robot\n  password: «password»\n",
    ),
    leak(
        "values-in-config-map",
        "config.yaml",
        "kind: ConfigMap\ndata:\n  values: |\n    containerRegistries:\n      docker.io:\n"
        "      - endpoint: a.example\n        credentials:\n          password: «password»\n",
    ),
    leak(
        "values-in-config-map-quoted",
        "config.yaml",
        'kind: ConfigMap\ndata:\n  values: "registry:\\n  password: «password»\\n"\n',
    ),
    leak(
        "values-in-config-map-folded",
        "config.yaml",
        "kind: ConfigMap\ndata:\n  values: >\n    {registry: {password:\n    «password»}}\n",
    ),
    leak(
        "values-in-config-map-packed",
        "config.yaml",
        "kind: ConfigMap\ndata:\n  values: «b64-values»\n",
    ),
    leak(
        "values-in-config-map-packed-twice",
        "config.yaml",
        "kind: ConfigMap\ndata:\n  values: «b64-b64-values»\n",
    ),
    leak("packed-url-safe", "config.yaml", "kind: ConfigMap\ndata:\n  v: «url-safe-values»\n"),
    leak("packed-env", "config.yaml", "kind: ConfigMap\ndata:\n  v: «b64-env»\n"),
    leak("packed-in-comment", "config.yaml", "kind: ConfigMap\n# was: «b64-values»\n"),
    leak(
        "helm-release",
        "release.yaml",
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nspec:\n  values:\n"
        "    registry:\n      auth:\n        password: «password»\n",
    ),
    leak("app", "app.yaml", "kind: App\nspec:\n  config:\n    registryPassword: «password»\n"),
    leak(
        "post-build",
        "flux.yaml",
        "kind: Kustomization\nspec:\n  postBuild:\n    substitute:\n"
        "      REGISTRY_PASSWORD: «password»\n",
    ),
    leak(
        "docker-config",
        "config.json",
        '{"auths": {"registry.example.com": {"auth": "«b64-user-password»"}}}\n',
    ),
    leak(
        "docker-config-password",
        "config.json",
        '{"auths": {"a.example": {"username": "u", "password": "«password»"}}}\n',
    ),
    leak(
        "docker-config-identity",
        "config.json",
        '{"auths": {"a.example": {"identitytoken": "«harbor»", "registrytoken": "«jwt»"}}}\n',
    ),
    leak(
        "docker-config-no-suffix",
        ".docker/config",
        '{"auths": {"a.example": {"auth": "«b64-user-password»"}}}\n',
    ),
    leak(
        "docker-config-yaml", "values.yaml", "auths:\n  a.example:\n    auth: «b64-user-password»\n"
    ),
    leak("docker-config-in-string", "values.yaml", "pull:\n  config: '«docker-config»'\n"),
    leak("docker-config-in-json-string", "values.json", '{"pull": "«escaped-docker-config»"}\n'),
    leak("docker-config-packed", "values.yaml", "pull: «b64-docker-config»\n"),
    leak(
        "docker-config-secret",
        "secret.yaml",
        "kind: Secret\ntype: kubernetes.io/dockerconfigjson\ndata:\n"
        "  .dockerconfigjson: «b64-docker-config»\n",
    ),
    leak("docker-config-value", "values.yaml", "image:\n  dockerconfigjson: «b64-docker-config»\n"),
    leak(
        "dockercfg",
        ".dockercfg",
        '{"a.example": {"auth": "«b64-user-password»", "email": "a@example.com"}}\n',
    ),
    leak(
        "kubernetes-env",
        "deployment.yaml",
        "kind: Deployment\nspec:\n  containers:\n  - env:\n    - name: REGISTRY_PASSWORD\n"
        "      value: «password»\n",
    ),
    leak(
        "kubernetes-env-reversed",
        "deployment.yaml",
        "kind: Deployment\nspec:\n  containers:\n  - env:\n    - value: «password»\n"
        "      name: HARBOR_ROBOT_TOKEN\n",
    ),
    leak(
        "compose",
        "compose.yaml",
        "services:\n  a:\n    environment:\n    - REGISTRY_PASSWORD=«password»\n",
    ),
    leak(
        "containerd-config",
        "config.toml",
        '[plugins."io.containerd.grpc.v1.cri".registry.configs."a.example".auth]\n'
        '  username = "u"\n  password = "«password»"\n',
    ),
    leak(
        "containerd-config-auth",
        "config.toml",
        '[plugins."io.containerd.cri.v1.images".registry.configs."a.example".auth]\n'
        '  auth = "«b64-user-password»"\n',
    ),
    leak(
        "containerd-config-identity",
        "config.toml",
        '[plugins.x.auth]\n  identitytoken = "«harbor»"\n',
    ),
    leak(
        "containerd-config-in-yaml",
        "cloud-init.yaml",
        "write_files:\n- path: /etc/containerd/config.toml\n  content: |\n"
        '    [plugins.cri.registry.configs."a.example".auth]\n      password = "«password»"\n',
    ),
    leak(
        "hosts-header",
        "hosts.toml",
        '[host."https://a.example".header]\n  Authorization = "Basic «b64-user-password»"\n',
    ),
    leak(
        "hosts-header-list",
        "hosts.toml",
        '[host."https://a.example".header]\n  authorization = ["Bearer «harbor»"]\n',
    ),
    leak("robot-password", "notes.txt", "log in as robot$ci / «harbor»\n"),
    leak("robot-beside", "values.yaml", "username: robot$project+ci\nsecretKeyOfIt: «harbor»\n"),
    leak("robot-quay", "notes.txt", "acme+puller:«quay»\n"),
    leak("robot-acr", "notes.txt", "00000000-0000-0000-0000-000000000000 «harbor»\n"),
    leak("robot-next-line", "notes.txt", "user: oauth2accesstoken\nvalue: «harbor»\n"),
    leak(
        "endpoint-user-info",
        "regconf.yaml",
        "registries:\n  docker.io:\n  - endpoint: 'x:«password»@registry-1.docker.io'\n",
    ),
    leak("key-user-info", "values.yaml", "containerRegistries:\n  x:«password»@quay.io: []\n"),
]

# --- kustomize.

KUSTOMIZE = [
    leak(
        "generator-literal",
        "kustomization.yaml",
        "secretGenerator:\n- literals:\n  - password=«password»\n  - colour=«password»\n",
    ),
    leak(
        "generator-literal-quoted",
        "kustomization.yaml",
        "secretGenerator:\n- name: x\n  literals:\n  - 'colour=«password»'\n",
    ),
    leak(
        "generator-env-file", "registry.env", "REGISTRY_USER=robot\nREGISTRY_PASSWORD=«password»\n"
    ),
    leak(
        "patch-strategic",
        "kustomization.yaml",
        "patches:\n- patch: |\n    apiVersion: v1\n    kind: Secret\n    metadata: {name: x}\n"
        "    stringData:\n      colour: «password»\n",
    ),
    leak(
        "patch-operations",
        "kustomization.yaml",
        "patches:\n- target: {kind: Secret, name: x}\n  patch: |-\n    - op: add\n"
        "      path: /data/colour\n      value: «b64-password»\n",
    ),
    leak(
        "patch-operations-string-data",
        "kustomization.yaml",
        "patches:\n- patch: |-\n    - op: replace\n      path: /stringData/colour\n"
        "      value: «password»\n",
    ),
    leak(
        "patch-operations-registry",
        "kustomization.yaml",
        "patches:\n- target: {kind: HelmRelease}\n  patch: |-\n    - op: add\n      path: "
        "/spec/values/containerRegistries/docker.io/0/credentials\n"
        "      value: {username: u, password: «password»}\n",
    ),
    leak(
        "patch-operations-password",
        "kustomization.yaml",
        "patches:\n- target: {kind: App}\n  patch: |-\n    - op: add\n      path: "
        "/spec/config/credentials/password\n      value: «password»\n",
    ),
    leak(
        "misspelt-key",
        "values.yaml",
        "containerRegistries:\n  docker.io:\n  - endpoint: a.example\n    credentials:\n"
        "      username: robot\n      passwrd: «password»\n",
    ),
    leak(
        "literal-default",
        "secret.yaml",
        "kind: Secret\nstringData:\n  password: ${PASSWORD:=«password»}\n",
    ),
    leak(
        "kind-in-a-block",
        "secret.yaml",
        "kind: >-\n  Secret\ndata:\n  x: «b64-password»\n",
    ),
    leak(
        "kind-below-a-comment",
        "secret.yaml",
        "kind: # of the registry\n  Secret\ndata:\n  x: «b64-password»\n",
    ),
    leak("false-null", "secret.yaml", "kind: Secret\nstringData:\n  x: !!null «password»\n"),
    leak("false-vault", "secret.yaml", "kind: Secret\nstringData:\n  x: !vault «password»\n"),
    leak(
        "beside-an-operation",
        "kustomization.yaml",
        "patches:\n- patch: |-\n    - op: test\n      path: /spec/x\n      value: null\n"
        "      registryPassword: «password»\n",
    ),
    leak(
        "within-the-sops-block",
        "secret.yaml",
        "kind: Secret\nsops:\n  age:\n  - enc: x\n    registryPassword: «password»\n"
        "    recipient: age1x\n  mac: ENC[x]\n  lastmodified: x\n",
    ),
    leak(
        "patch-6902",
        "kustomization.yaml",
        "patchesJson6902:\n- target: {kind: Secret, name: x, version: v1}\n  patch: |-\n"
        '    [{"op": "add", "path": "/data/x", "value": "«b64-password»"}]\n',
    ),
    leak(
        "patch-in-list",
        "kustomization.yaml",
        "patchesStrategicMerge:\n- |-\n  kind: Secret\n  metadata: {name: x}\n"
        "  stringData:\n    colour: «password»\n",
    ),
    leak(
        "patch-file", "patch.yaml", "- op: add\n  path: /stringData/colour\n  value: «password»\n"
    ),
    leak(
        "patch-file-json",
        "patch.json",
        '[{"op": "add", "path": "/spec/registry/password", "value": "«password»"}]\n',
    ),
    leak(
        "patch-target-expression",
        "kustomization.yaml",
        "patches:\n- target:\n    kind: Sec.*\n  patch: |\n    - op: add\n"
        "      path: /data/a\n      value: «b64-password»\n",
    ),
    leak(
        "patch-target-choice",
        "kustomization.yaml",
        "patches:\n- target: {kind: ConfigMap|Secret}\n  patch: |\n    - op: add\n"
        "      path: /data/a\n      value: «b64-password»\n",
    ),
    leak(
        "replacement-of-its-own",
        "kustomization.yaml",
        "replacements:\n- sourceValue: «password»\n  targets:\n  - select: {kind: Secret}\n"
        "    fieldPaths: [stringData.a]\n",
    ),
    leak(
        "replacement-by-name",
        "kustomization.yaml",
        "replacements:\n- sourceValue: «password»\n  targets:\n  - select: {kind: HelmRelease}\n"
        "    fieldPaths:\n    - spec.values.registry.password\n",
    ),
]

# --- Tokens that are known by their look, in any text.

TOKENS = [
    leak(f"token-{name}", "notes.txt", f"This one works: «{name}» (see the wiki)\n")
    for name in (
        "docker-hub",
        "docker-hub-org",
        "github",
        "github-server",
        "github-fine",
        "gitlab",
        "gitlab-deploy",
        "gitlab-job",
        "aws-id",
        "artifactory",
        "artifactory-reference",
        "acr",
        "azure-client",
        "google-api",
        "npm",
        "pypi",
        "vault",
        "slack",
        "jwt",
        "age",
        "age-hybrid",
        "crypt",
    )
] + [
    leak("token-in-comment", "values.yaml", "replicas: 1 # «docker-hub»\n"),
    leak("token-in-comment-line", "values.yaml", "# token: «github»\nreplicas: 1\n"),
    leak("token-in-code", "main.go", 'const x = "«github»"\n'),
    leak(
        "token-in-conflict",
        "notes.md",
        "<<<<<<< HEAD\n«github»\n=======\n«gitlab»\n>>>>>>> other\n",
    ),
    leak("token-in-diff", "fix.diff", "@@ -1 +1 @@\n-token: «gitlab»\n+token: x\n"),
    leak("htpasswd-bcrypt", ".htpasswd", "robot:«bcrypt»\n"),
    leak("htpasswd-apr1", "htpasswd", "robot:«apr1»\n"),
    leak("htpasswd-sha", "htpasswd", "robot:«sha»\n"),
    leak("htpasswd-in-values", "values.yaml", "auth:\n  htpasswd: |\n    robot:«bcrypt»\n"),
    leak("key-rsa", "id_rsa", "«pem»\n"),
    leak("key-ec", "key.pem", "«pem-ec»\n"),
    leak("key-openssh", "id_ed25519", "«pem-openssh»\n"),
    leak("key-pkcs8", "tls.key", "«pem-pkcs8»\n"),
    leak("key-pgp", "private.asc", "«pgp»\n"),
    leak(
        "key-in-json",
        "account.json",
        '{"type": "service_account", "private_key": "«escaped-pem»\\n"}\n',
    ),
    leak("key-in-yaml", "values.yaml", "tls:\n  key: |\n    «pem»\n  cert: none\n"),
    leak("key-packed", "values.yaml", "tls:\n  key: «b64-pem»\n"),
    leak("key-age-packed", "values.yaml", "key: «b64-age»\n"),
    leak("key-age-file", "age.agekey", "# created: 2026-01-01\n# public key: age1xyz\n«age»\n"),
    leak(
        "key-putty",
        "key.ppk",
        "«putty»\n",
    ),
    leak("key-in-comment", "values.yaml", "a: b\n# «pem»\n"),
]

# --- By the words around them, in any text.

WORDS = [
    leak("env-file", ".env", "USER=robot\nPASSWORD=«password»\n"),
    leak("env-quoted", ".env", 'REGISTRY_PASSWORD="«password»"\n'),
    leak("shell-export", "setup.sh", "export HARBOR_PASSWORD='«password»'\n"),
    leak("dockerfile-env", "Dockerfile", "FROM scratch\nENV REGISTRY_PASSWORD=«password»\n"),
    leak("dockerfile-env-blank", "Dockerfile", "FROM scratch\nENV REGISTRY_PASSWORD «password»\n"),
    leak("dockerfile-arg", "Dockerfile", "ARG TOKEN=«harbor»\n"),
    leak("properties", "gradle.properties", "registry.password=«password»\n"),
    leak("ini", "settings.ini", "[registry]\npassword = «password»\n"),
    leak("toml", "settings.toml", 'password = "«password»"\n'),
    leak("json-in-text", "notes.txt", 'send {"password": "«password»"} to it\n'),
    leak("json-in-text-escaped", "notes.txt", 'send "{\\"password\\": \\"«password»\\"}" to it\n'),
    leak("xml", "settings.xml", "<server><password>«password»</password></server>\n"),
    leak("html", "page.html", "<code>password: «password»</code>\n"),
    leak("markdown", "README.md", "The password: `«password»`\n"),
    leak("comment", "values.yaml", "replicas: 1\n# password: «password»\n"),
    leak("comment-behind", "values.yaml", "user: robot # password: «password»\n"),
    leak("commented-out", "values.yaml", "a: b\n#  registryPassword: «password»\n"),
    leak("netrc", ".netrc", "machine a.example login robot password «password»\n"),
    leak("netrc-lines", "_netrc", "machine a.example\n  login robot\n  password «password»\n"),
    leak("npmrc", ".npmrc", "//a.example/:_authToken=«uuid»\n"),
    leak("npmrc-auth", ".npmrc", "_auth=«b64-user-password»\n"),
    leak("pypirc", ".pypirc", "[a]\nusername: robot\npassword: «password»\n"),
    leak("code-python", "main.py", 'password = "«password»"\n'),
    leak("code-go", "main.go", 'cfg := Config{Password: "«password»"}\n'),
    leak("code-escaped", "main.js", 'const c = {"p\\u0061ssword": "«password»"}\n'),
    leak("aws-secret", "credentials", "[default]\naws_secret_access_key = «aws-secret»\n"),
    leak("connection-string", "app.conf", "Server=a;User=sa;Password=«password»;Encrypt=yes\n"),
    leak("generic-yaml", "values.yaml", "a:\n  clientSecret: «password»\n"),
    leak("generic-token", "values.yaml", "a:\n  accessToken: «hex»\n"),
    leak("generic-api-key", "values.yaml", "a:\n  api_key: «harbor»\n"),
    leak("generic-quoted", "values.yaml", "a:\n  db-password: '«password»'\n"),
    leak("generic-next-line", "values.yaml", "a:\n  password:\n    «password»\n"),
    leak("generic-explicit-key", "values.yaml", "? password\n: «password»\n"),
    leak("generic-value-below", "values.yaml", "password:\n  value: «password»\n"),
    leak("generic-list-of-sets", "values.yaml", "set:\n- registry.password=«password»\n"),
    leak("diff-added", "fix.patch", "@@ -1 +1,2 @@\n a: b\n+password: «password»\n"),
    leak("diff-removed", "fix.patch", "@@ -1,2 +1 @@\n a: b\n-password: «password»\n"),
    leak(
        "conflict",
        "notes.txt",
        "<<<<<<< HEAD\npassword: «password»\n=======\npassword: «password»\n>>>>>>> x\n",
    ),
    leak("left-over", "values.yaml~", "registry:\n  password: «password»\n"),
    leak(
        "rejected-hunk", "values.yaml.rej", "--- a\n+++ b\n@@ -1 +1 @@\n+  password: «password»\n"
    ),
    leak("jsonnet", "main.jsonnet", "{ password: '«password»' }\n"),
    leak("terraform", "main.tf", 'password = "«password»"\n'),
    leak("docker-login", "login.sh", "docker login -u robot -p «password» a.example\n"),
    leak(
        "docker-login-long", "login.sh", "docker login --username robot --password=«password» a\n"
    ),
    leak("podman-login", "README.md", "    podman login --password '«password»' a.example\n"),
    leak(
        "helm-login", "ci.yaml", "script:\n- helm registry login -u robot -p «password» a.example\n"
    ),
    leak(
        "login-continued", "login.sh", "docker login \\\n  -u robot \\\n  -p «password» \\\n  a\n"
    ),
    leak("skopeo", "sync.sh", "skopeo copy --src-creds robot:«password» docker://a docker://b\n"),
    leak("crane", "sync.sh", "crane auth login a.example -u robot -p «password»\n"),
    leak("oras", "sync.sh", "oras login a.example -u robot --password «password»\n"),
    leak("ctr", "pull.sh", "ctr images pull --user robot:«password» a.example/b:1\n"),
    leak(
        "login-piped",
        "login.sh",
        "echo «password» | docker login -u robot --password-stdin a.example\n",
    ),
    leak("curl", "get.sh", "curl -u robot:«password» https://a.example/v2/\n"),
    leak(
        "curl-header", "get.sh", "curl -H 'Authorization: Bearer «harbor»' https://a.example/v2/\n"
    ),
    leak(
        "curl-basic",
        "get.sh",
        'curl -H "Authorization: Basic «b64-user-password»" https://a.example/v2/\n',
    ),
    leak("header-in-yaml", "values.yaml", "headers:\n  Authorization: Bearer «harbor»\n"),
    leak(
        "kubectl-create",
        "make.sh",
        "kubectl create secret docker-registry x --docker-username=u"
        " --docker-password=«password»\n",
    ),
    leak(
        "kubectl-literal",
        "make.sh",
        "kubectl create secret generic x --from-literal=colour=«password»\n",
    ),
    leak("url", "values.yaml", "endpoint: https://robot:«password»@a.example/v2\n"),
    leak("url-in-text", "notes.txt", "git clone https://robot:«password»@a.example/x.git\n"),
    leak("url-no-user", "notes.txt", "redis://:«password»@a.example:6379\n"),
    leak("url-token-user", "notes.txt", "git clone https://«github»@github.com/a/b\n"),
    leak("url-escaped", "notes.txt", "https://robot%24ci:«password»@a.example/\n"),
    leak("url-in-json", "repos.json", '{"url": "https://u:«password»@a.example/"}\n'),
    leak("login-here", "login.sh", "docker login -u x --password-stdin a.io <<< «password»\n"),
    leak(
        "login-here-quoted",
        "login.sh",
        'helm registry login a.io --password-stdin <<<"«password»"\n',
    ),
    leak("toml-three-quotes", "config.toml", "[a]\npassword = '''«password»'''\n"),
    leak("toml-three-double-quotes", "config.toml", '[a]\npassword = """«password»"""\n'),
    leak("toml-next-line", "config.toml", '[a]\npassword = """\n«password»"""\n'),
    leak("below-comment", "values.yaml", "password:\n  # of the registry\n  «password»\n"),
    leak("below-empty-line", "values.yaml", "password:\n\n  «password»\n"),
    leak("below-comments", "values.yaml", "password: # a\n  # b\n\n  «password»\n"),
    leak("below-header", "values.yaml", "password:\n  # c\n  |\n  «password»\n"),
    leak("below-in-list", "values.yaml", "password:\n- «password»\n"),
    leak("below-in-lists", "values.yaml", "passwords:\n- «password»\n- «password»\n"),
    leak("argument", "pod.yaml", "args: [--password, «password»]\n"),
    leak("argument-below", "pod.yaml", "args:\n- --token\n- «password»\n"),
    leak("argument-login", "pod.yaml", "command: [docker, login, -u, x, -p, «password»]\n"),
    leak("sshpass", "run.sh", "sshpass -p «password» ssh a.example\n"),
    leak("mysql", "run.sh", "mysql -u root -p«password» db\n"),
    leak("redis", "run.sh", "redis-cli -h a.example -a «password»\n"),
    leak("user-info", "values.yaml", "registry: robot:«password»@a.example.com\n"),
    leak("user-info-in-text", "notes.txt", "it is robot:«password»@a.example.com, they say\n"),
    leak("numbered-name", "values.yaml", "password2: «password»\n"),
    leak("numbered-variable", ".env", "DB_PASSWORD_1=«password»\n"),
    leak("next-line-in-json", "a.json", '{"password":\n"«password»"}\n'),
    leak("words-on-next-line", "values.yaml", "password:\n  «password» and more\n"),
    leak("option-on-next-line", "run.sh", "sshpass \\\n-p «password» ssh a.example\n"),
    leak(
        "sealed-in-clear",
        "sealed.yaml",
        "kind: SealedSecret\nspec:\n  encryptedData:\n    a: «password»\n",
    ),
]

# --- Helm and other templates: what an action does is not known, what it prints literally is.

_CHART = "templates/secret.yaml"

TEMPLATES = [
    leak("action", _CHART, _SECRET + 'data:\n  a: {{ "«password»" | b64enc }}\n'),
    leak("action-function", _CHART, _SECRET + 'data:\n  a: {{ b64enc "«password»" }}\n'),
    leak("action-raw", _CHART, _SECRET + "data:\n  a: {{ `«password»` | b64enc }}\n"),
    leak("action-quoted", _CHART, _SECRET + "data:\n  a: '{{ \"«password»\" | b64enc }}'\n"),
    leak("action-escaped", _CHART, _SECRET + 'data:\n  a: "{{ \\"«password»\\" | b64enc }}"\n'),
    leak("action-block", _CHART, _SECRET + 'stringData:\n  a: |\n    {{ "«password»" }}\n'),
    leak(
        "action-default",
        _CHART,
        _SECRET + 'stringData:\n  a: {{ .Values.a | default "«password»" | quote }}\n',
    ),
    leak(
        "action-default-first",
        _CHART,
        _SECRET + 'stringData:\n  a: {{ default "«password»" .Values.a | quote }}\n',
    ),
    leak(
        "action-coalesce",
        _CHART,
        _SECRET + 'data:\n  a: {{ coalesce .Values.a .Values.b "«password»" | b64enc }}\n',
    ),
    leak(
        "action-ternary",
        _CHART,
        _SECRET + 'data:\n  a: {{ ternary "«password»" "«password»" .Values.on | b64enc }}\n',
    ),
    leak(
        "action-printf",
        _CHART,
        _SECRET + 'data:\n  x: {{ printf "{\\"auths\\":{\\"a.io\\":{\\"auth\\":'
        '\\"«b64-user-password»\\"}}}" | b64enc }}\n',
    ),
    leak(
        "action-in-values",
        "templates/deployment.yaml",
        "env:\n- name: REGISTRY_PASSWORD\n"
        '  value: {{ .Values.password | default "«password»" | quote }}\n',
    ),
    leak(
        "action-variable",
        _CHART,
        '{{- $password := "«password»" }}\n' + _SECRET + "data:\n  a: {{ $password | b64enc }}\n",
    ),
    leak(
        "action-in-no-yaml",
        "templates/deployment.yaml",
        "{{- if .Values.on }}\npassword: {{ .Values.password | default `«password»` }}\n"
        "  {{- toYaml .Values.x | nindent 3 }}\n {{- end }}\n",
    ),
]

LEAKS: list[Form] = [*SECRETS, *REGISTRIES, *KUSTOMIZE, *TEMPLATES, *TOKENS, *WORDS]

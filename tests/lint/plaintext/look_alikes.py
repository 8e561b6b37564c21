"""What looks like a credential and is none: nothing may be found in these."""

from __future__ import annotations

from tests.lint.plaintext.catalogue import LookAlike, look_alike

REFERENCES = [
    look_alike("secret-name", "values.yaml", "secretName: registry-credentials\n"),
    look_alike("existing-secret", "values.yaml", "auth:\n  existingSecret: registry-credentials\n"),
    look_alike("existing-key", "values.yaml", "existingSecretPasswordKey: registry-password\n"),
    look_alike(
        "secret-key-ref",
        "deployment.yaml",
        "env:\n- name: REGISTRY_PASSWORD\n  valueFrom:\n    secretKeyRef:\n"
        "      name: registry\n      key: password\n",
    ),
    look_alike(
        "password-secret-ref",
        "values.yaml",
        "passwordSecretRef:\n  name: registry\n  key: password\n",
    ),
    look_alike("password-key", "values.yaml", "auth:\n  passwordKey: password\n"),
    look_alike("pull-secrets", "values.yaml", "imagePullSecrets:\n- name: regcred\n- other\n"),
    look_alike("credentials-secret", "values.yaml", "credentialsSecret: registry-credentials\n"),
    look_alike("secret-by-name", "values.yaml", "volumes:\n- secret: registry-tls-v2\n"),
    look_alike("token-file", "values.yaml", "tokenFile: /var/run/secrets/token\n"),
    look_alike("password-path", "values.yaml", "password: /run/secrets/registry/password\n"),
    look_alike(
        "external-secret",
        "external.yaml",
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nspec:\n  secretStoreRef:\n"
        "    name: vault\n  target:\n    template:\n      data:\n"
        "        password: '{{ .password }}'\n"
        "        config: |\n          password: {{ .password }}\n"
        "  data:\n  - secretKey: password\n    remoteRef:\n      key: registry/robot-4Xq9\n",
    ),
    look_alike(
        "secret-store",
        "store.yaml",
        "kind: SecretStore\nspec:\n  provider:\n    vault:\n      auth:\n        tokenSecretRef:\n"
        "          name: vault-token\n          key: token\n",
    ),
    look_alike(
        "push-secret",
        "push.yaml",
        "kind: PushSecret\nspec:\n  data:\n  - match:\n      secretKey: password\n"
        "      remoteRef:\n        remoteKey: registry-password\n",
    ),
    look_alike(
        "sealed-secret",
        "sealed.yaml",
        "kind: SealedSecret\nspec:\n  encryptedData:\n    password: «random»\n",
    ),
    look_alike(
        "helm-release-refs",
        "release.yaml",
        "kind: HelmRelease\nspec:\n  valuesFrom:\n  - kind: Secret\n    name: registry-password\n",
    ),
    look_alike(
        "substitute-from",
        "flux.yaml",
        "kind: Kustomization\nspec:\n  decryption:\n    secretRef:\n      name: sops-age\n"
        "  postBuild:\n    substituteFrom:\n    - kind: Secret\n      name: registry-token\n",
    ),
    look_alike(
        "generator-files",
        "kustomization.yaml",
        "secretGenerator:\n- name: x\n  files:\n  - password.txt\n  envs:\n  - registry.env\n",
    ),
    look_alike(
        "policy",
        "policy.yaml",
        "kind: ClusterPolicy\nspec:\n  rules:\n  - match:\n      any:\n      - resources:\n"
        "          kinds:\n          - Secret\n    validate:\n      message: no secrets here\n",
    ),
    look_alike(
        "generated-secret",
        "policy.yaml",
        "kind: ClusterPolicy\nspec:\n  generate:\n    kind: Secret\n    data:\n      kind: Secret\n"
        "      metadata: {name: x}\n      type: Opaque\n      data: {a: '{{ request.x }}'}\n",
    ),
    look_alike(
        "role",
        "role.yaml",
        "kind: Role\nrules:\n- apiGroups: ['']\n  resources: [secrets]\n  verbs: [get]\n",
    ),
    look_alike(
        "service-account",
        "sa.yaml",
        "kind: ServiceAccount\nautomountServiceAccountToken: true\nsecrets:\n- name: x-token\n",
    ),
    look_alike(
        "vault-reference", "values.yaml", "password: ref+vault://registry/robot#/password\n"
    ),
]

SECRETS = [
    look_alike("secret-metadata", "secret.yaml", "kind: Secret\nmetadata: {name: x}\n"),
    look_alike(
        "secret-delete", "patch.yaml", "kind: Secret\nmetadata: {name: x}\n$patch: delete\n"
    ),
    look_alike(
        "secret-service-account-token",
        "secret.yaml",
        "kind: Secret\nmetadata:\n  annotations:\n    kubernetes.io/service-account.name: x\n"
        "type: kubernetes.io/service-account-token\n",
    ),
    look_alike("secret-empty", "secret.yaml", 'kind: Secret\nstringData:\n  a: ""\n  b:\n  c: ~\n'),
    look_alike(
        "secret-encrypted",
        "secret.enc.yaml",
        "kind: Secret\ndata:\n  a: «ciphertext»\nstringData:\n  b: «ciphertext»\nsops:\n  age:\n"
        "  - enc: |\n      -----BEGIN AGE ENCRYPTED FILE-----\n      «random»\n"
        "      -----END AGE ENCRYPTED FILE-----\n    recipient: age1x\n"
        "  lastmodified: '2026-01-01T00:00:00Z'\n  mac: «ciphertext»\n  version: 3.9.0\n",
    ),
    look_alike(
        "secret-substituted",
        "secret.yaml",
        "kind: Secret\nstringData:\n  a: ${REGISTRY_PASSWORD}\n  b: <REDACTED>\n  c: '{{ .x }}'\n",
    ),
    look_alike(
        "secret-template",
        "templates/secret.yaml",
        "kind: Secret\ndata:\n  a: {{ .Values.a | b64enc | quote }}\n"
        "  {{- range $k, $v := .Values.b }}\n  {{ $k }}: {{ $v }}\n  {{- end }}\n",
    ),
    look_alike(
        "action-without-literal",
        "templates/secret.yaml",
        'kind: Secret\nstringData:\n  a: {{ include "x.password" . | b64enc }}\n'
        '  b: {{ index .Values "password4Xq" }}\n  c: {{ printf "%s-%s" .a .b | b64enc }}\n'
        '  d: {{ required "a password is needed: 4Xq9x2Zz" .Values.d | quote }}\n'
        '  e: {{ (lookup "v1" "Secret" .Release.Namespace "x4Xq9x2Zz").data.e | default "" }}\n'
        "  f: {{ .Values.f | default (randAlphaNum 32) | b64enc }}\n",
    ),
    look_alike(
        "action-fallback-placeholder",
        "templates/secret.yaml",
        'kind: Secret\nstringData:\n  password: {{ .Values.a | default "changeme" | quote }}\n'
        '  username: {{ .Values.b | default "admin" | quote }}\n',
    ),
    look_alike(
        "replacement-elsewhere",
        "kustomization.yaml",
        "replacements:\n- sourceValue: v1.27.3-4Xq9x2Zz\n  targets:\n"
        "  - select: {kind: ConfigMap}\n    fieldPaths: [data.version]\n",
    ),
    look_alike(
        "patch-target-expression",
        "kustomization.yaml",
        "patches:\n- target: {kind: ConfigMap|Deployment}\n  patch: |\n    - op: add\n"
        "      path: /data/a\n      value: 4Xq9x2Zz\n",
    ),
    look_alike(
        "secret-in-code",
        "secret.ts",
        "const secret = { kind: 'Secret', metadata: { name }, stringData: { a: password, b } };\n",
    ),
    look_alike(
        "secret-in-json-with-placeholders",
        "README.md",
        'Fill this in:\n\n    {"kind": "Secret", "stringData": {"password": "<your password>"}}\n',
    ),
    look_alike("login-here-variable", "login.sh", 'docker login --password-stdin a.io <<< "$X"\n'),
    look_alike("toml-placeholder", "config.toml", "password = '''changeme'''\n"),
    look_alike(
        "arguments",
        "pod.yaml",
        "args: [--password, $(PASSWORD), --token-file, /x/4Xq9x2Zz, --secret, robot-secret]\n"
        "command: [docker, login, -p, $P, -v, 4Xq9x2Zz]\n",
    ),
    look_alike("tag-and-digest", "pod.yaml", "image: nginx:1.27-4Xq9@sha256:abc\n"),
    look_alike("mail-address", "notes.txt", "mailto:robot@a.example.com, cc:ops@a.example.com\n"),
    look_alike("mysql-asks", "run.sh", 'mysql -u root -p db4Xq9x2Zz\nredis-cli -a "$X"\n'),
    look_alike(
        "numbers",
        "values.yaml",
        "pass: 100\nbypass: 12345678\npasswordLength: 12345678\ntoken: 3600000\n",
    ),
    look_alike(
        "sentence-as-value",
        "values.yaml",
        'password: "choose a strong one and keep it"\nauth: "enter the robot password"\n',
    ),
    look_alike("mapping-below", "values.yaml", "password:\n  # or:\n\n  secretRef: robot-4x\n"),
    look_alike(
        "action-group",
        "templates/secret.yaml",
        "kind: Secret\ndata:\n"
        '  a: {{ default (dateInZone "2006-01-02T15:04:05Z" (now) "UTC") .b }}\n',
    ),
    look_alike(
        "action-variable",
        "templates/_helpers.tpl",
        "{{- $password := index .Values.users $user }}\n{{ $token := include `x.4Xq9x2Zz` . }}\n",
    ),
    look_alike(
        "addresses-of-mail",
        "contacts.txt",
        "EMAIL:jd12345@corp.com\nmailto:jd12345@corp.com\nsip:user12345@voip.example.org\n"
        'import x from "npm:base64id@2.0.0"; foo(x:=abc12345@b.c)\n',
    ),
    look_alike(
        "other-options-p",
        "run.sh",
        "find /var/lib/mysql -type f -print0\nfind /var/lib/mysql -name '*.err' -print | xargs rm\n"
        "docker run --name mysql -d -p3306:3306 mysql:8\napt install mysql php -purge\n"
        "redis-cli -h redis-a get counter4Xq9\nsshpass -e rsync -avz a b && mkdir -p target4Xq9\n",
    ),
    look_alike(
        "switches",
        "pod.yaml",
        "a: [pg_dump, --no-password, mydb4Xq9]\nb: [--ask-vault-pass, site4Xq9.yml]\n"
        "c: [adduser, --disabled-password, worker4Xq9]\n",
    ),
    look_alike(
        "action-escaped-braces",
        "templates/secret.yaml",
        "kind: Secret\nmetadata:\n  name: {{ .Release.Name }}-x\nstringData:\n"
        "  config.tpl: {{ `{{ .x }}` | quote }}\n",
    ),
    look_alike(
        "action-signs",
        "templates/secret.yaml",
        'kind: Secret\nstringData:\n  a: {{ "{{" }} .x {{ "}}" }}\n  b: {{ print "/" .x }}\n'
        '  c: {{ .Values.c | default "admin@chart.local" | b64enc }}\n',
    ),
    look_alike(
        "jinja-in-lines",
        "secret.yaml",
        "kind: Secret\nmetadata:\n  name: {{ app }}\ndata:\n"
        "  a: {% if x %}{{ a | b64encode }}{% else %}{{ b }}{% endif %}\n",
    ),
    look_alike(
        "texts-of-a-page", "en.json", '{"wrong_password": "incorrect details please try again"}\n'
    ),
    look_alike("passes", "build.yaml", "pass1: optimize\npass2: link\n"),
    look_alike(
        "account-encrypted",
        "hub.enc.yaml",
        "kind: RegistryAccount\nspec:\n  username: «ciphertext»\n  password: «ciphertext»\n"
        "  owner: team\n  expires: 2027-01-01\nsops:\n  mac: «ciphertext»\n",
    ),
    look_alike(
        "registries-public",
        "values.yaml",
        "containerRegistries:\n  docker.io:\n  - endpoint: registry-1.docker.io\n"
        "  - endpoint: mirror.example.com\n    insecure: false\n",
    ),
    look_alike(
        "registries-user",
        "values.yaml",
        "containerRegistries:\n  docker.io:\n  - endpoint: a\n    credentials: {username: robot}\n",
    ),
    look_alike("patch-removes", "patch.yaml", "- op: remove\n  path: /stringData/password\n"),
    look_alike(
        "rules-file",
        ".sops.yaml",
        "creation_rules:\n- path_regex: .*\\.enc\\.yaml\n  encrypted_regex: ^(data|stringData)$\n"
        "  age: age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq\n",
    ),
]

_PLACEHOLDERS = {
    "angle": "<password>",
    "redacted": "<REDACTED>",
    "stars": "'***'",
    "crosses": "xxxxxxxx",
    "variable": "${REGISTRY_PASSWORD}",
    "kubernetes-variable": "$(REGISTRY_PASSWORD)",
    "shell-variable": "$REGISTRY_PASSWORD",
    "windows-variable": "'%PASSWORD%'",
    "at-signs": "'@@PASSWORD@@'",
    "ellipsis": "…",
    "changeme": "changeme",
    "change-me": "CHANGE_ME",
    "your-own": "your-password-here",
    "example": "example",
    "itself": "password",
    "template": "'{{ .Values.password }}'",
    "type": "string",
    "empty": "''",
    "null": "null",
    "boolean": "true",
    "number": "20",
    "dummy": "dummy",
}
PLACEHOLDERS = [
    look_alike(f"placeholder-{name}", "values.yaml", f"registry:\n  password: {value}\n")
    for name, value in _PLACEHOLDERS.items()
] + [
    look_alike(f"placeholder-{name}-env", "registry.env", f"REGISTRY_PASSWORD={value}\n")
    for name, value in _PLACEHOLDERS.items()
    if name not in ("boolean", "number")
]

TEXTS = [
    look_alike(
        "schema",
        "values.schema.json",
        '{"properties": {"password": {"type": "string", "description": "The password of it."},'
        '"token": {"type": "string", "title": "Password or token"}}}\n',
    ),
    look_alike(
        "crd",
        "crd.yaml",
        "properties:\n  password:\n    description: 'password: the one that the registry wants'\n"
        "    type: string\n  token:\n    type: string\n",
    ),
    look_alike(
        "prose",
        "README.md",
        "The password: it must be long. A token = what you get. Keep the secret: never tell.\n",
    ),
    look_alike(
        "prose-in-comment", "values.yaml", "# password: the one of the robot account\na: b\n"
    ),
    look_alike("booleans", "values.yaml", "token: true\npasswordLength: 20\nsecret: false\n"),
    look_alike(
        "digest",
        "values.yaml",
        "image: a.example/b@sha256:" + "0123456789abcdef" * 4 + "\n"
        "# token\nrevision: 0123456789abcdef0123456789abcdef01234567\n",
    ),
    look_alike("ca-bundle", "webhook.yaml", "caBundle: «gzip»\n"),
    look_alike(
        "certificate",
        "values.yaml",
        "ca: |\n  -----BEGIN CERTIFICATE-----\n  MIIBszCCAVmgAwIBAgIU\n"
        "  -----END CERTIFICATE-----\n",
    ),
    look_alike(
        "public-keys",
        "values.yaml",
        "ssh: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIExampleExampleExampleExampleExampleExample a@b\n"
        "age: age1qyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqszqgpqyqs3290gq\n",
    ),
    look_alike(
        "pgp-public",
        "key.asc",
        "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n«random»\n-----END PGP PUBLIC KEY BLOCK-----\n",
    ),
    look_alike(
        "private-key-named",
        "check.py",
        'if "-----BEGIN RSA PRIVATE KEY-----" in text:\n    raise ValueError("no keys")\n',
    ),
    look_alike("packed-json", "values.yaml", "config: eyJhIjoxLCJiIjpbMSwyLDNdLCJjIjoieHl6In0=\n"),
    look_alike("packed-gzip", "values.yaml", "config: «gzip»\n"),
    look_alike("packed-random", "values.yaml", "config: «random»\n"),
    look_alike("uuid", "values.yaml", "id: 3f2504e0-4f89-41d3-9a0c-0305e82c3301\n"),
    look_alike("code-environment", "main.py", 'password = os.environ["X"]\ntoken = get_token()\n'),
    look_alike("code-argument", "main.py", "connect(password=self.password, token=token)\n"),
    look_alike(
        "code-annotation", "main.py", "def login(user: str, password: str, token: Token):\n"
    ),
    look_alike(
        "code-go",
        "main.go",
        'type Config struct {\n\tPassword string `json:"password"`\n\tToken *Token\n}\n'
        'const passwordFlag = "password"\nerr := fmt.Errorf("no token: %w", err)\n',
    ),
    look_alike("code-java", "Main.java", "String password = getPassword();\n"),
    look_alike(
        "code-typescript", "main.ts", "password: String;\nconst token = await fetchToken();\n"
    ),
    look_alike("code-message", "main.go", 'const password = "invalid-password"\n'),
    look_alike(
        "shell",
        "login.sh",
        'PASSWORD="$1"\nTOKEN=$(cat token)\nexport SECRET="${SECRET:-}"\n'
        'docker login -u "$USER" --password-stdin\ndocker login -p "$PASSWORD" a.example\n'
        "docker run -p 8080:80 -u 1000:1000 a\n",
    ),
    look_alike(
        "curl", "get.sh", 'curl -u "$U:$P" https://a/\ncurl -H "Authorization: Bearer $T" a\n'
    ),
    look_alike(
        "url-user",
        "notes.txt",
        "git clone git@github.com:a/b\nssh://git@github.com/a/b\nhttps://robot@a.example/\n",
    ),
    look_alike(
        "url-placeholder",
        "notes.txt",
        "https://user:password@a.example\nhttps://${U}:${P}@a.example\nhttps://<user>:<pass>@a\n"
        "postgres://user:***@a.example\n",
    ),
    look_alike("url-port", "notes.txt", "http://a.example:8080/@scope/package\n"),
    look_alike("regex", "scan.toml", "regex = '''(?i)password\\s*=\\s*[a-z0-9]{10,}'''\n"),
    look_alike(
        "compose-variable",
        "compose.yaml",
        "environment:\n- REGISTRY_PASSWORD=${REGISTRY_PASSWORD}\n- TOKEN\n",
    ),
    look_alike(
        "actions",
        "ci.yaml",
        "steps:\n- uses: docker/login-action@v3\n  with:\n    username: ${{ vars.USER }}\n"
        "    password: ${{ secrets.REGISTRY_PASSWORD }}\n",
    ),
    look_alike(
        "docker-helpers",
        "config.json",
        '{"auths": {"a.example": {}}, "credHelpers": {"a.example": "ecr-login"}}\n',
    ),
    look_alike("hosts", "hosts.toml", '[host."https://a.example"]\n  capabilities = ["pull"]\n'),
    look_alike(
        "schema-of-credentials",
        "values.schema.json",
        '{"properties": {"containerRegistries": {"additionalProperties": {"items": {"properties": '
        '{"endpoint": {"type": "string"}, "credentials": {"type": "object", "title": "Credentials"'
        "}}}}}}}\n",
    ),
    look_alike("switch", "values.yaml", "a: {auth: true, endpoint: https://r.example}\n"),
    look_alike(
        "pattern-of-a-policy",
        "policy.yaml",
        "kind: ClusterPolicy\nspec:\n  pattern: {kind: Secret, data: {x: '?*'}}\n",
    ),
    look_alike(
        "looked-up",
        "config.yaml",
        "api_key: !env_var SONARR_APIKEY\npassword: !secret registry\n"
        "token: !vault |\n  $ANSIBLE\n",
    ),
    look_alike(
        "template-of-a-secret",
        "secret.yaml.j2",
        "kind: Secret\nstringData:\n  known_hosts: |\n    #% filter indent(width=4) %#\n"
        "    #{ hosts }#\n    #% endfilter %#\n  token: op://vault/item/token\n",
    ),
    look_alike("aws-sample", "notes.txt", "AKIAIOSFODNN7EXAMPLE is a sample\n"),
    look_alike("token-sample", "notes.txt", "use ghp_" + "x" * 36 + " here\n"),
]

LOOK_ALIKES: list[LookAlike] = [*REFERENCES, *SECRETS, *PLACEHOLDERS, *TEXTS]

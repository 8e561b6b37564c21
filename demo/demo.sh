#!/usr/bin/env bash
# The main job on a small fleet: four MCs, one per provider, and six WCs, two of
# them with additions of their own. Passwords are made up at run time.
#
#   demo/demo.sh [DIR]    DIR must not exist; without it, a new temporary directory
set -euo pipefail

dir="${1:-$(mktemp -d "${TMPDIR:-/tmp}/regconf-demo.XXXXXX")}"
fleet="$dir/fleet"
keys="$dir/keys"
mkdir -p "$dir"
mkdir -m 700 "$keys"
unset SOPS_AGE_KEY SOPS_AGE_KEY_CMD SOPS_AGE_KEY_FILE GIT_DIR GIT_INDEX_FILE GIT_WORK_TREE

title() { printf '\n\033[1m%s\033[0m\n' "$*"; }
show() { printf '$ %s\n' "$*"; "$@"; }
password() { python3 -c 'import secrets; print(secrets.token_urlsafe(24))'; }
store() {  # store MC ACCOUNT USERNAME [FLAGS]: the password goes through a pipe, never through argv
  printf '$ … | regconf set-credentials %s %s --username %s --password-stdin %s\n' "$1" "$2" "$3" "${*:4}"
  password | regconf --quiet set-credentials "$1" "$2" --username "$3" --password-stdin "${@:4}"
}
commit() { git add --all && git -c user.name=demo -c user.email=demo@example.invalid commit --quiet -m "$1"; }

title "1. A fleet, four management clusters, six workload clusters"
show regconf --quiet init "$fleet" --name acme --generate-key "$keys/team.agekey" > "$dir/init.txt"
printf '  + %s files\n' "$(wc -l < "$dir/init.txt")"
cd "$fleet"
add_mc() { printf '$ regconf add-mc %s\n' "$*"; regconf --quiet add-mc "$@" --generate-key "$keys/$1.agekey" > /dev/null; }
add_wc() { printf '$ regconf add-wc %s\n' "$*"; regconf --quiet add-wc "$@" > /dev/null; }
add_mc alpha --provider aws --region eu-central-1 --base-domain aws.example.io --profile docker-hub-with-acr
add_mc bravo --provider azure --region westeurope --base-domain azure.example.io
add_mc charlie --provider vsphere --region dc1 --base-domain vsphere.example.io
add_mc delta --provider cloud-director --region dc2 --base-domain vcd.example.io
add_wc prod1 --mc alpha --organization acme
add_wc dev1 --mc alpha --organization acme --chart-version 6.5.1
add_wc shop1 --mc bravo --organization beta
add_wc shop2 --mc bravo --organization beta
add_wc edge1 --mc charlie --organization acme
add_wc lab1 --mc delta --organization gamma

# What no file in Git says by itself: before containerd 2.1 a password would not reach Docker Hub.
for mc in alpha bravo charlie; do
  printf 'containerd: "2.1"\n' >> "management-clusters/$mc/regconf.yaml"
done

title "2. Two of them add something of their own"
prod1=management-clusters/alpha/organizations/acme/workload-clusters/prod1/regconf.yaml
shop1=management-clusters/bravo/organizations/beta/workload-clusters/shop1/regconf.yaml
cat >> "$prod1" << 'YAML'
containerRegistries:
  docker.io:            # the platform's endpoints and its account stay
    after:
    # regconf: ignore[credential-without-effect] tried on a node: it takes the header
    - {endpoint: mirror.acme.example, account: acme-mirror}
YAML
cat >> "$shop1" << 'YAML'
containerRegistries:
  docker.io:            # a customer's own Docker Hub account
    instead:
    - {endpoint: registry-1.docker.io, account: shop-docker-hub}
  ghcr.io:
  - {endpoint: ghcr.io}
YAML
tail -n 5 "$prod1"; tail -n 6 "$shop1"

title "3. Accounts: encrypted with public keys, no private key at hand"
store alpha docker-hub acme-alpha --expires 2027-06-30
store alpha acme-mirror robot --owner acme
store bravo shop-docker-hub shop --owner beta
store charlie customer-docker-hub acme-edge --owner acme

title "4. Generate, with the team's key"
export SOPS_AGE_KEY_FILE="$keys/team.agekey"
show regconf regenerate
commit "A fleet with registry configuration"

title "5. Check, without any key"
unset SOPS_AGE_KEY_FILE
show regconf regenerate --check

title "6. A password is rotated: what changes, masked"
store alpha docker-hub acme-alpha
printf '$ regconf regenerate --check    # no key\n'
regconf regenerate --check || printf '(exit code %s)\n' "$?"
export SOPS_AGE_KEY_FILE="$keys/team.agekey"
show regconf regenerate --diff
commit "Rotate the Docker Hub password of alpha"

title "7. What will a node do? Without any key, before merge"
unset SOPS_AGE_KEY_FILE
show regconf explain nginx --mc alpha --wc prod1 --containerd 2.0
show regconf explain nginx --mc alpha --wc dev1 --chart-version 7.7.3 --containerd 2.1

title "8. Every rule over everything; then a password in clear, staged and gone from the work tree"
show regconf lint
printf 'kind: Secret\nstringData: {password: %s}\n' "$(password)" > leak.yaml
git add leak.yaml
rm leak.yaml
printf '$ forbid-plaintext-credentials\n'
forbid-plaintext-credentials || printf '(exit code %s)\n' "$?"
git reset --quiet

title "Look at"
cat << TEXT
  cd $fleet
  git show --stat                                  what a rotation touches
  regconf render --mc alpha --wc prod1 --as node   the files of containerd on its nodes, masked
  management-clusters/alpha/container-registries/  generated: the Secrets, and who takes them in
  $prod1
  $(command -v regconf) regenerate --check   needs no key; with one it verifies every MAC
  SOPS_AGE_KEY_FILE=$keys/alpha.agekey             what Flux in alpha has: opens alpha's Secrets only
  rm -r $dir   when you have seen enough
TEXT

"""A line of a file for people to look at, with everything masked that may be secret."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

MASK: Final = "•"
# The words that a line keeps: names of fields, kinds and commands, none of which is a value.
_KEPT_WORDS: Final = """\
api apiVersion apikey apiKey arg auth authorization auths basic bearer binaryData config
configMap ConfigMap connectionString containerRegistries credentials crane curl data docker
dockercfg dockerconfigjson echo email endpoint env exec export ENV ARG from global header
helm identitytoken insecure items key kind List literals login machine metadata name
namespace op oras overridePath password PASSWORD passphrase passwd patch patches
patchesJson6902 patchesStrategicMerge path plugins podman postBuild private privateKey
registries registry registrytoken replace add Secret secret secretGenerator secretKey
secrets set skipVerify skopeo sops SopsSecret spec stringData substitute target token TOKEN
type user username value values v1 components containerd connectivity clientSecret client
accessKey set-cookie url machine RegistryAccount HelmRelease App Kustomization template
secretTemplates"""
_KEPT: Final = frozenset(_KEPT_WORDS.split())
# YAML, TOML, JSON and shell set words apart with these.
_WORD: Final = re.compile(r"[^\s:=,{}\[\]\"'<>|]+")


def masked(line: str, spans: Iterable[tuple[int, int]]) -> str:
    """`line` with `spans` (from 0, end excluded) masked, and every word that is no field's name.

    A line with one leak may hold others. Its length and its columns stay.
    """
    shown = list(_WORD.sub(_word, line))
    for start, end in spans:
        for at in range(max(start, 0), min(end, len(shown))):
            shown[at] = MASK
    return "".join(shown)


def _word(found: re.Match[str]) -> str:
    word = found.group()
    bare = word.strip(".-_#+()")
    return word if not bare or bare in _KEPT else MASK * len(word)

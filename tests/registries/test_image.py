"""Which image a reference names, and what is said of a text that names none."""

from __future__ import annotations

import re
import time

import pytest

from gitops_regconf.errors import InvalidInput
from gitops_regconf.registries.image import Image, image
from gitops_regconf.source.position import Position

SHA256, SHA384, SHA512 = (
    f"sha{bits}:{'0123456789abcdef' * (bits // 64)}" for bits in (256, 384, 512)
)
HEX = SHA256.removeprefix("sha256:")
PASSWORD = "correct-horse"

ACCEPTED = {
    # Docker Hub is where short names come from.
    "nginx": "docker.io/library/nginx:latest",
    "nginx:1.29": "docker.io/library/nginx:1.29",
    "grafana/grafana": "docker.io/grafana/grafana:latest",
    "a/b/c": "docker.io/a/b/c:latest",
    "docker.io/nginx": "docker.io/library/nginx:latest",
    "docker.io/library/nginx": "docker.io/library/nginx:latest",
    "index.docker.io/nginx": "docker.io/library/nginx:latest",
    "index.docker.io/grafana/grafana": "docker.io/grafana/grafana:latest",
    "registry-1.docker.io/nginx": "registry-1.docker.io/nginx:latest",
    "docker.io:443/nginx": "docker.io:443/nginx:latest",
    # A dot, a colon, a capital letter or `localhost` make the first part a host.
    "gsoci.azurecr.io/giantswarm/app:1.0.0": "gsoci.azurecr.io/giantswarm/app:1.0.0",
    "127.0.0.1/x": "127.0.0.1/x:latest",
    "registry:5000/x": "registry:5000/x:latest",
    "registry:99999/x:5000": "registry:99999/x:5000",
    "localhost/x": "localhost/x:latest",
    "localhost": "docker.io/library/localhost:latest",
    "localhost:5000": "docker.io/library/localhost:5000",
    "example.com": "docker.io/library/example.com:latest",
    "GitHub/x": "GitHub/x:latest",
    "DOCKER.IO/nginx": "DOCKER.IO/nginx:latest",
    "xn--n3h.example.com/x": "xn--n3h.example.com/x:latest",
    "[2001:db8::1]/x": "[2001:db8::1]/x:latest",
    "[2001:DB8::1]:5000/x:1": "[2001:DB8::1]:5000/x:1",
    "[::::::]/x": "[::::::]/x:latest",
    "[FEED]/x": "[FEED]/x:latest",
    # A repository.
    "a.b/c_d/e__f/g-h/i---j/0": "a.b/c_d/e__f/g-h/i---j/0:latest",
    "x_y/z": "docker.io/x_y/z:latest",
    f"a.b/{'x' * 255}": f"a.b/{'x' * 255}:latest",
    "x" * 247: f"docker.io/library/{'x' * 247}:latest",
    f"{'h' * 300}.b/x": f"{'h' * 300}.b/x:latest",
    # What is no host, but would do as a part of a repository, leaves no registry.
    "my_registry.example.com/x": "my_registry.example.com/x:latest",
    # A tag.
    "nginx:_": "docker.io/library/nginx:_",
    "nginx:V1.0-rc_1": "docker.io/library/nginx:V1.0-rc_1",
    f"nginx:{'9' * 128}": f"docker.io/library/nginx:{'9' * 128}",
    # A digest, which beats a tag.
    f"nginx@{SHA256}": f"docker.io/library/nginx@{SHA256}",
    f"nginx@{SHA384}": f"docker.io/library/nginx@{SHA384}",
    f"nginx@{SHA512}": f"docker.io/library/nginx@{SHA512}",
    f"nginx:1.29@{SHA256}": f"docker.io/library/nginx@{SHA256}",
    f"a.b:1/c:d@{SHA256}": f"a.b:1/c@{SHA256}",
    f"user:name@{SHA256}": f"docker.io/library/user@{SHA256}",
    # Nearly the ID of an image.
    f"{HEX}:1": f"docker.io/library/{HEX}:1",
    HEX[1:]: f"docker.io/library/{HEX[1:]}:latest",
    f"a.b/{HEX}": f"a.b/{HEX}:latest",
}

REFUSED = {
    "": "is empty",
    " nginx": "white space",
    "nginx\n": "white space",
    "nginx: 1": "white space",
    "nginx\u00a0": "white space",
    "https://example.com/x": "a scheme, like https://",
    "docker://nginx": "a scheme",
    HEX: "the ID of an image",
    # Users.
    f"user:{PASSWORD}@example.com/x": "a user before its registry",
    f"https://user:{PASSWORD}@example.com/x": "a scheme",
    f"user:{PASSWORD}@example.com/x@{SHA256}": "a user",
    f"user:{PASSWORD}@example.com/Nginx:1": "a user",
    f"user:{PASSWORD}@p@example.com": "a user",
    f"user:{PASSWORD}/1@example.com/x": "a user",
    f"User:{PASSWORD}/@example.com": "no digest",
    f"user:{PASSWORD}@example.com:5000": "'example.com' is no algorithm",
    f"user:{PASSWORD}\t@example.com/x": "white space",
    f"user:{PASSWORD}@": "no digest",
    # Hosts.
    "example.com:port/x": "'example.com:port' is no host",
    "example.com:/x": "'example.com:' is no host",
    "-a.example.com/x": "'-a.example.com' is no host",
    "a-.example.com/x": "is no host",
    "a..example.com/x": "is no host",
    "example.com./x": "is no host",
    "My_Team/x": "'My_Team' is no host",
    "[::1%eth0]/x": "is no host",
    "[::ffff:1.2.3.4]/x": "is no host",
    "::1/x": "is no host",
    "[]:5000/x": "is no host",
    "[beef]/x": "'[beef]/x' is no repository",
    "[::1]": "'[' is no repository",
    "bücher.example.com/x": "is no host",
    "my_registry.example.com:5000/x": "is no host",
    # Repositories.
    "Nginx": "the repository 'Nginx' has capital letters",
    "grafana/Grafana": "'grafana/Grafana' has capital letters",
    "example.com/Team/x": "'Team/x' has capital letters",
    "example.com/": "no repository",
    "docker.io/": "no repository",
    "docker.io/:1": "no repository",
    ":1": "no repository",
    f"@{SHA256}": "no repository",
    "/": "an empty part",
    "/nginx": "'/nginx' has an empty part",
    "a//b": "an empty part",
    "example.com/a/": "'a/' has an empty part",
    "library/": "no repository",
    "a_-b": "'a_-b' is no repository",
    "a___b": "is no repository",
    "a..b": "is no repository",
    "-a": "is no repository",
    "a.": "is no repository",
    "a.b/c_": "'c_' is no repository",
    "caf\u00e9": "is no repository",
    "ngin\u212a": "is no repository",
    "\u0130": "is no repository",
    "$(image)": "is no repository",
    "nginx\0": r"'nginx\x00' is no repository",
    "\x1b[31mred": r"'\x1b[31mred' is no repository",
    "\ud800": "is no repository",
    f"a.b/{'x' * 256}": "has 256 characters",
    "x" * 248: "has 256 characters",
    # Tags.
    "nginx:": "the tag is empty",
    f"nginx:@{SHA256}": "the tag is empty",
    "nginx:.1": "'.1' is no tag",
    "nginx:-1": "is no tag",
    "nginx:1+build": "'1+build' is no tag",
    "nginx:1:2": "'1:2' is no tag",
    "a/b:c/d": "'c/d' is no tag",
    "nginx:\u0661": "is no tag",
    f"nginx:{'9' * 129}": "is no tag",
    # Digests.
    "nginx@": "no digest",
    "nginx@latest": "no digest",
    "nginx@:": "'' is no algorithm",
    f"nginx@md5:{HEX[:32]}": "'md5' is no algorithm",
    f"nginx@SHA256:{HEX}": "'SHA256' is no algorithm",
    f"nginx@sha256+b64:{HEX}": "is no algorithm",
    "nginx@sha256:": "has 0 digits after sha256:, not 64",
    f"nginx@{SHA256[:-1]}": "has 63 digits",
    f"nginx@{SHA256}0": "has 65 digits",
    f"nginx@sha512:{HEX}": "has 64 digits after sha512:, not 128",
    f"nginx@{SHA256[:-1]}F": "not hexadecimal in lower case",
    f"nginx@{SHA256[:-1]}g": "not hexadecimal",
    f"nginx@{SHA256[:-1]}\u0661": "not hexadecimal",
    f"nginx@{SHA256}:1": "has 66 digits",
    f"nginx@{SHA256}@{SHA256}": "a user",
}


def refusal(text: str) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        image(text)
    return caught.value


@pytest.mark.parametrize(("text", "expected"), ACCEPTED.items())
def test_a_reference_names_one_image(text: str, expected: str) -> None:
    found = image(text)
    assert str(found) == expected
    assert image(expected) == found


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("nginx", ("docker.io", "library/nginx", "latest", None)),
        ("a.b:5000/c/d:1", ("a.b:5000", "c/d", "1", None)),
        (f"nginx:1@{SHA256}", ("docker.io", "library/nginx", None, SHA256)),
        ("[::1]:5000/x", ("[::1]:5000", "x", "latest", None)),
        ("my_registry.io/x", ("", "my_registry.io/x", "latest", None)),
    ],
)
def test_an_image_has_a_registry_and_a_repository_and_a_tag_or_a_digest(
    text: str, parts: tuple[str, str, str | None, str | None]
) -> None:
    assert image(text) == Image(*parts)


@pytest.mark.parametrize(("text", "why"), REFUSED.items())
def test_what_names_no_image_is_an_error_that_says_why(text: str, why: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(why)) as got:
        image(text)
    assert got.value.mend


def test_an_error_is_where_the_reference_is() -> None:
    at = Position("app.yaml", 3, 5)
    with pytest.raises(InvalidInput) as caught:
        image("Nginx", at)
    assert caught.value.at == at


@pytest.mark.parametrize("text", [text for text in REFUSED if PASSWORD in text])
def test_a_password_is_not_repeated(text: str) -> None:
    assert PASSWORD not in str(refusal(text))


MANY = 10_000_000
LONG = ["a.", "a-", "a_", "a__", "a/", "a:", "a@", "[:", "A.", "a-.", "://", "sha256:"]
LONG += [*"aA0-_.:/@[ \0\U0001f600"]


@pytest.mark.parametrize("end", ["", "!/x", ":x"])
@pytest.mark.parametrize("part", LONG)
def test_a_long_text_is_answered_at_once_and_not_repeated(part: str, end: str) -> None:
    text = part * (MANY // len(part)) + end
    start = time.perf_counter()
    try:
        answer = image(text).repository
    except InvalidInput as error:
        answer = error.message
    assert time.perf_counter() - start < 5
    assert len(answer) < 150


def test_a_host_of_any_length_is_taken() -> None:
    assert image("a." * (MANY // 2) + "a/x").repository == "x"

"""The sections `release` and `publish`: what is read, and what is refused with its place."""

from __future__ import annotations

import pytest

from schemactl import releasesection, target
from schemactl.config import ruled
from schemactl.errors import UsageError
from schemactl.target import Target
from test_config import load, told

WHOLE = """\
packages: [{name: acme-users, paths: [users]}, {name: acme-orders, paths: [orders]}]
release: {tag: "{name}/v{version}", changelog: docs/CHANGELOG.md, remote: upstream}
publish:
  - dir:../packages
  - {to: "index:https://upload.acme.example/legacy/", simple: "https://acme.example/simple/"}
  - {to: "git:git@github.com:acme/protos-go.git", root: github.com/acme/protos-go, branch: released}
"""


def test_how_releases_are_called_and_where_they_go_is_read() -> None:
    found = load({"schemactl.yaml": WHOLE})
    assert (found.release.tag, found.release.remote) == ("{name}/v{version}", "upstream")
    assert [releasesection.target(each) for each in found.publish or ()] == [
        Target("dir", "../packages"),
        Target("index", "https://upload.acme.example/legacy/", simple="https://acme.example/simple/"),
        Target("git", "git@github.com:acme/protos-go.git", root="github.com/acme/protos-go", branch="released"),
    ]


def test_nothing_said_and_nowhere_are_two_things() -> None:
    assert load({"schemactl.yaml": "roots: [.]\n"}).publish is None
    assert load({"schemactl.yaml": "publish: []\n"}).publish == ()


@pytest.mark.parametrize(
    "tag", ["{name}/v{version}", "{name}-{version}", "{name}_v{version}", "protos-{name}/{version}", "schemas{version}"]
)
def test_a_tag_may_be_called_in_many_ways_after_which_its_version_can_be_read(tag: str) -> None:
    assert load({"schemactl.yaml": f"release: {{tag: '{tag}'}}\n"}).release.tag == tag


def test_targets_are_those_of_the_revision_and_never_of_the_policy() -> None:
    own = load({"schemactl.yaml": "publish: [dir:own]\nrelease: {tag: 'v{version}'}\n"})
    policy = load({"schemactl.yaml": "publish: [dir:other]\nrelease: {tag: 'x{version}'}\n"})
    found = ruled(own, policy)
    assert (found.publish, found.release.tag) == (("dir:own",), "v{version}")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("release: {tag: v1}\n", "`v1` should be the name of a tag that ends in `{version}`"),
        ("release: {tag: 'v{version}-final'}\n", "should be the name of a tag that ends in `{version}`"),
        ("release: {tag: 'a..b/{version}'}\n", "should be the name of a tag"),
        ("release: {tag: '{nam}/{version}'}\n", "should be the name of a tag"),
        ("release: {tag: '-{version}'}\n", "should be the name of a tag"),
        ("release: {tag: '/{version}'}\n", "should be the name of a tag"),
        ("release: {tag: 'x.lock/{version}'}\n", "should be the name of a tag"),
        ("packages: [{name: a, paths: [a]}, {name: b, paths: [b]}]\nrelease: {tag: 'v{version}'}\n", "`{name}` in it"),
        ("release: {tag: '{name}{version}'}\n", "should part the version from what is before it"),
        ("release: {tag: '{name}v{version}'}\n", "should part the version from what is before it"),
        ("release: {tag: '{name}-1{version}'}\n", "should part the version from what is before it"),
        ("release: {changelog: notes.txt}\n", "should be a Markdown file"),
        ("release: {changelog: ../CHANGELOG.md}\n", "should not lead out of the repository"),
        ("release: {remote: --upload-pack=x}\n", "should be the name of a remote"),
        ("publish: [here]\n", "`here` is not a target; write it like dir:../packages"),
        ("publish: ['dir:']\n", "`dir:` is not a target"),
        ("publish: [dir:a, dir:b/../a]\n", "is listed twice"),
        ("publish: [index:https://acme.example/u, index:https://acme.example/u/]\n", "is listed twice"),
        ("publish: [index:http://acme.example/u]\n", "should be https:// since credentials go there"),
        ("publish: [index:ftp://acme.example/u]\n", "should be an https:// address"),
        ("publish: ['git:ext::sh -c x']\n", "no blanks"),
        ("publish: ['git:ext::x']\n", "should be an https:// address"),
        ("publish: [git:--upload-pack=x]\n", "is not a target"),
        ("publish: [{to: dir:a, branch: main}]\n", "`branch` is said of a target `git:…`"),
        ("publish: [{to: git:https://acme.example/x, root: acme}]\n", "should start with a domain"),
        ("publish: [{to: git:https://acme.example/x, branch: a..b}]\n", "should be the name of a branch"),
        ("publish: [{to: index:https://acme.example/u, simple: http://acme.example}]\n", "should be https://"),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place(text: str, what: str) -> None:
    (said,) = told(text)
    assert said.startswith("schemactl.yaml:")
    assert what in said


@pytest.mark.parametrize(
    "url",
    [
        "https://ci:s3cret@acme.example/u",
        "https://s3cret@acme.example/u",
        "https://ci:12#s3cret@acme.example/u",
        "https://ci:12?s3cret@acme.example/u",
        "https://ci:1234/s3cret@acme.example/u",
        "https://ci:se/s3cret@acme.example/u",
        "https://[ci:s3cret@acme.example/u",
        "https:ci:s3cret@acme.example/u",
        "ci:s3cret@acme.example:x/y",
        "ssh://ci:s3cret@acme.example/u",
        "ssh://ci:12#s3cret@acme.example/u",
    ],
)
def test_credentials_in_an_address_are_refused_and_never_repeated(url: str) -> None:
    (said,) = told(f"publish: ['index:{url}']\n")
    assert "credentials belong in the environment" in said
    assert "s3cret" not in said
    assert "ci:" not in said
    (said,) = told(f"publish: [{{to: 'index:https://acme.example/u', simple: '{url}'}}]\n")
    assert "s3cret" not in said
    for text in (f"git:{url}", url):
        with pytest.raises(UsageError) as caught:
            target.parsed(text)
        assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("url", ["http://localhost:abc/", "https://acme.example:99999/", "https://[/"])
def test_what_is_no_address_is_told(url: str) -> None:
    with pytest.raises(UsageError, match="its port a number up to 65535"):
        target.parsed(f"index:{url}")


@pytest.mark.parametrize(
    "text",
    [
        "git:ssh://git@acme.example/x.git",
        "git:git@github.com:acme/x.git",
        "git:/srv/git/x.git",
        "git:file:///srv/git/x.git",
        "git:/srv/git@acme/x.git",
        "index:http://127.0.0.1:8080/",
        "dir:packages",
    ],
)
def test_what_pip_and_git_take_is_a_target(text: str) -> None:
    assert str(target.parsed(text)) == text

"""The sections `packages` and `third_party`: what is read, and what is refused with its place."""

from __future__ import annotations

import subprocess
import sys

import pytest

from schemactl import gopath
from schemactl.config import ruled
from schemactl.packagessection import languages
from test_config import load, told

WHOLE = """\
packages:
  - name: acme-events
    description: Events of acme
    license: Apache-2.0 OR MIT
    paths: [acme/users]
    languages: [python, go]
    python: {distribution: Acme.Events_1, root: acme.events, generator: grpcio-tools==1.80.1}
    go: {module: github.com/acme/events-go/v2, required: false}
  - name: acme-orders
    paths: [acme/orders/v1, ../shared]
third_party:
  - paths: [acme/audit]
    python: acme-audit-protos>=1.4,<2
    go: {package: github.com/acme/audit-go/acme/audit, module: github.com/acme/audit-go, version: v1.4.0}
"""


def test_packages_are_read_whole_with_the_place_of_each() -> None:
    found = load({"t/schemactl.yaml": WHOLE}, "t")
    first, second = found.products or ()
    assert (first.python.root, first.go.required, languages(first)) == ("acme.events", False, ("python", "go"))
    assert (second.paths, languages(second)) == (("acme/orders/v1", "../shared"), ("python",))
    assert found.third_party[0].python == "acme-audit-protos>=1.4,<2"
    assert found.declared_at["1"] == "t/schemactl.yaml:9:5"
    assert found.declared_at["1.1"] == "t/schemactl.yaml:10:29"


def test_a_module_is_enough_for_go() -> None:
    (section,) = load({"schemactl.yaml": "packages: [{name: a, go: {module: x.org/a}}]\n"}).products or ()
    assert languages(section) == ("python", "go")


def test_packages_are_those_of_the_revision_and_never_of_the_policy() -> None:
    own = load({"schemactl.yaml": "packages: [{name: own}]\nthird_party: [{paths: [x], python: x}]\n"})
    policy = load({"schemactl.yaml": "packages: [{name: other}]\n"})
    found = ruled(own, policy)
    assert [each.name for each in found.products or ()] == ["own"]
    assert len(found.third_party) == 1
    assert found.declared_at == own.declared_at


def package(keys: str) -> str:
    return f"packages: [{{name: acme, {keys}}}]\n"


def third_party(keys: str) -> str:
    return f"third_party: [{{paths: [x], {keys}}}]\n"


def go(package: str, module: str, version: str) -> str:
    return third_party(f"go: {{package: {package}, module: {module}, version: {version}}}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("packages: []\n", "1:1: `packages` should have an entry"),
        ("packages: [{name: Acme}]\n", "1:13: `Acme` should be a name of lower-case letters"),
        ("packages: [{name: acme-}]\n", "1:13: `acme-` should be a name of lower-case letters"),
        ("packages: [{name: 'a\\n'}]\n".replace("'", '"'), "1:13: `a\\n` should be a name"),
        (f"packages: [{{name: {'a' * 101}}}]\n", f"1:13: `{'a' * 80}…` should be a name"),
        (package('description: "Events\\nRequires-Dist: evil"'), "1:25: `description` should be one line"),
        (package('description: "Events\\u202e"'), "1:25: `description` should be one line"),
        (package("license: Apache 2"), "1:25: `Apache 2` is not an SPDX expression"),
        (package('license: "MIT\\nX: y"'), "1:25: `MIT\\nX: y` is not an SPDX expression"),
        (package(f"license: '{'(' * 49}MIT{')' * 48}'"), f"1:25: `{'(' * 49}MIT{')' * 28}…` is not an SPDX expression"),
        (package("languages: []"), "1:25: `languages` should name `python`, `go` or both"),
        (package("languages: [go]"), "1:25: Go needs the path of a module: `go: {module: "),
        (package("paths: [../x]"), "1:33: `../x` should not lead out of the repository"),
        (package("paths: ['a/*']"), "1:33: `a/*` should be a file or a directory; patterns are not supported"),
        (package("python: {distribution: acme_}"), "1:34: `acme_` should be letters, digits, and"),
        (package('python: {distribution: "a\\nb"}'), "1:34: `a\\nb` should be letters, digits, and"),
        (package("python: {distribution: Protobuf}"), "1:34: `protobuf` is what generated code or"),
        ("packages: [{name: grpcio-tools}]\n", "1:13: `grpcio-tools` is what generated code or"),
        (package("python: {root: acme.class}"), "1:34: `acme.class` cannot be imported: `class` is a word of Python"),
        (package("python: {root: types.acme}"), "1:34: `types.acme` cannot be imported: `types` is a module of Python"),
        (package("python: {root: acme-events}"), "1:34: `acme-events` should be a dotted package"),
        (package("python: {root: acme..events}"), "1:34: `acme..events` should be a dotted package"),
        (package("python: {root: ''}"), "1:34: `` should be a dotted package"),
        (package("python: {root: google.acme}"), "1:34: `google.acme` lies in `google`, which others install"),
        (package("python: {generator: grpcio-tools>=1.80}"), "1:34: `grpcio-tools>=1.80` should be one exact version"),
        (package("python: {generator: 'grpcio-tools==1.80.1 evil'}"), "1:34: `grpcio-tools==1.80.1 evil` should be"),
        (package("go: {module: Github.com/acme}"), "1:30: `Github.com/acme` should start with a domain in lower case"),
        (package("go: {module: acme/events}"), "1:30: `acme/events` should start with a domain"),
        (package("go: {module: x.org/.acme}"), "1:30: `x.org/.acme` should have no empty part"),
        (package("go: {module: x.org//acme}"), "1:30: `x.org//acme` should have no empty part"),
        (package("go: {module: x.org/aux}"), "1:30: `x.org/aux` should not hold `aux`, which is a device on Windows"),
        (package("go: {module: x.org/Con.a}"), "1:30: `x.org/Con.a` should not hold `Con`"),
        (package("go: {module: x.org/a~1}"), "1:30: `x.org/a~1` should not end in `~` and digits"),
        (package("go: {module: x.org/a/v1}"), "1:30: `x.org/a/v1` should not end in `/v1`"),
        (package("go: {module: x.org/a/v02}"), "1:30: `x.org/a/v02` should not end in `/v02`"),
        (package('go: {module: "x.org/a\\nrequire y.org/b v1.0.0"}'), "1:30: `x.org/a\\nrequire y.org/b"),
        (third_party("python: x @ https://x.org/x.whl"), "1:28: `x @ https://x.org/x.whl` should be a name with"),
        (third_party("python: 'x; sys_platform == \"win32\"'"), "1:28: `x; sys_platform"),
        (third_party("python: 'x[y]>=1'"), "1:28: `x[y]>=1` should be a name with"),
        (third_party('python: "x>=1\\n"'), "1:28: `x>=1\\n` should be a name with"),
        (third_party("python: '>=1'"), "1:28: `>=1` should be a name with"),
        (go("y.org/a", "x.org/a", "v1.0.0"), "1:33: `y.org/a` should be `x.org/a` or"),
        (go("x.org/ab", "x.org/a", "v1.0.0"), "1:33: `x.org/ab` should be"),
        (go("x.org/a/internal/b", "x.org/a", "v1.0.0"), "1:33: `x.org/a/internal/b` cannot"),
        (go("x.org/a", "x.org/a", "1.0.0"), "1:68: `1.0.0` should be a whole version"),
        (go("x.org/a", "x.org/a", "v2.0.0"), "1:68: `v2.0.0` should be a version of"),
        (go("x.org/a/v2", "x.org/a/v2", "v1.0.0"), "1:74: `v1.0.0` should be a version"),
        ("third_party: [{paths: [x]}]\n", "1:15: an entry should say who provides its files"),
        ("third_party: [{paths: [], python: x}]\n", "1:15: an entry should name `paths`"),
        ("third_party: [{paths: [../x], python: x}]\n", "1:24: `../x` should be a path as it is imported"),
        ("third_party: [{paths: [/x], python: x}]\n", "1:24: `/x` should be a path as it is imported"),
        ("third_party: [{paths: [x, x/], python: x}]\n", "1:27: `x/` is listed twice"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_at_its_place_with_what_is_right(text: str, message: str) -> None:
    (line,) = told(text)
    assert line.startswith(f"schemactl.yaml:{message}")


@pytest.mark.parametrize(
    ("second", "message"),
    [
        ("name: acme, paths: [b]", "`acme` is the name of the package `acme` already"),
        (
            "name: b, paths: [b], python: {distribution: ACME}",
            "`acme` is the Python distribution of the package `acme`",
        ),
        ("name: b, paths: [b], go: {module: x.org/A}", "`x.org/a` is the Go module of the package `acme` already"),
    ],
)
def test_two_packages_cannot_be_called_the_same(second: str, message: str) -> None:
    text = f"packages:\n  - {{name: acme, paths: [a], go: {{module: x.org/a}}}}\n  - {{{second}}}\n"
    lines = told(text)
    assert [line for line in lines if message in line and line.startswith("schemactl.yaml:3:")]


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ("[a, b]", "[c, b/v1]", "2:37: `b/v1` of `two` overlaps `b` of `one` (1:35)"),
        ("[a/v1/x.proto]", "[a]", "2:34: `a` of `two` overlaps `a/v1/x.proto` of `one` (1:32)"),
        ("[a]", "[./a]", "2:34: `./a` of `two` overlaps `a` of `one` (1:32)"),
        ("[]", "[b]", "2:34: `b` of `two` overlaps `one`, which names no `paths` (1:12)"),
    ],
)
def test_a_file_belongs_to_one_package_and_both_places_are_told_once(first: str, second: str, message: str) -> None:
    (line,) = told(f"packages: [{{name: one, paths: {first}}},\n           {{name: two,   paths: {second}}}]\n")
    assert line.startswith(f"schemactl.yaml:{message}: a file belongs to one package; delete one of the two, or list")


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        (third_party('python: "<distribution>>=1.0,<2"'), ["1:28: `<distribution>` stands for the name of the Python"]),
        (package("go: {module: <module>}"), ["1:30: `<module>` stands for the path of a Go module"]),
        (
            go("github.com/acme/x", "<module>", "<version>"),
            ["1:61: `<module>` stands for", "1:79: `<version>` stands for the version of the Go module"],
        ),
    ],
)
def test_what_our_lines_to_paste_leave_open_is_refused_until_it_is_written(text: str, messages: list[str]) -> None:
    lines = told(text)
    assert len(lines) == len(messages)
    assert [line for line, message in zip(lines, messages, strict=True) if message in line] == lines


@pytest.mark.parametrize(
    "path",
    ["github.com/acme/events-go", "x.org", "go.acme.io/a_b/C.d~x/v2", "x-y.org/v2.x", "x.org/v12", "x.org/com10"],
)
def test_paths_that_go_takes_are_taken(path: str) -> None:
    assert gopath.of_module(path) == ""


def test_reading_a_configuration_without_packages_does_not_load_packaging() -> None:
    code = "import sys; from schemactl import config; config.load(lambda path: b'lint: {}' if path == 'schemactl.yaml' "
    code += "else None, '.', list); print([name for name in sys.modules if name.startswith('packaging')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"

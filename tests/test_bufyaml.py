"""Buf's files are read as data, and mean what they mean to Buf."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from schemactl import bufrules, bufyaml, config, tools
from schemactl.buf import executable
from schemactl.bufyaml import Dependency, Module, Options, Section, Workspace
from schemactl.errors import ConfigError
from schemactl.repopath import contains

BUF = executable()

TEMPORAL = """\
version: v1
name: buf.build/temporalio/api
deps:
  - buf.build/grpc-ecosystem/grpc-gateway
  - buf.build/googleapis/googleapis
  - buf.build/temporalio/nexus-annotations
build:
  excludes:
    # Buf won't accept a local dependency on the google protos but we need them
    # to run api-linter, so just tell buf it ignore it
    - google
    # Same for nexusannotations - local copy for api-linter, BSR dep for buf
    - nexusannotations
breaking:
  use:
    - WIRE_JSON
  ignore:
    - google
lint:
  use:
    - DEFAULT
  ignore:
    - google
    - cmd
"""

OPENTELEMETRY = """\
version: v1

# See https://docs.buf.build/breaking/configuration
breaking:
  use:
    - WIRE
"""


def reader(files: dict[str, str]) -> Callable[[str], bytes | None]:
    return lambda path: files[path].encode() if path in files else None


def workspace(files: dict[str, str], directory: str = ".") -> Workspace:
    found = bufyaml.workspace(reader(files), directory)
    assert found is not None
    return found


def told(files: dict[str, str], directory: str = ".") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        workspace(files, directory)
    return caught.value.message.split("\n")


def test_temporal_is_one_module_with_excludes_and_three_dependencies() -> None:
    lint = Section("v1", "buf.yaml", use=("DEFAULT",), ignore=("google", "cmd"), comment_ignores=False)
    breaking = Section("v1", "buf.yaml", use=("WIRE_JSON",), ignore=("google",), comment_ignores=False)
    assert workspace({"buf.yaml": TEMPORAL}) == Workspace(
        file="buf.yaml",
        spans=False,
        modules=(Module(".", excludes=("google", "nexusannotations"), lint=lint, breaking=breaking),),
        dependencies=(
            "buf.build/googleapis/googleapis",
            "buf.build/grpc-ecosystem/grpc-gateway",
            "buf.build/temporalio/nexus-annotations",
        ),
        directories=(".",),
        notes=(),
    )


def test_a_section_that_is_not_there_means_what_it_does_in_its_version() -> None:
    (module,) = workspace({"buf.yaml": OPENTELEMETRY}).modules
    assert module.lint == Section("v1", "buf.yaml", comment_ignores=False)
    assert module.breaking is not None
    assert module.breaking.use == ("WIRE",)


def test_no_file_is_no_workspace() -> None:
    assert bufyaml.workspace(reader({"sub/buf.yaml": OPENTELEMETRY}), ".") is None


def test_v1beta1_has_several_roots_and_ignores_import_paths() -> None:
    text = "version: v1beta1\nbuild: {roots: [a, b], excludes: [a/vendor]}\nlint: {ignore: [x]}\n"
    a, b = workspace({"p/buf.yaml": text}, "p").modules
    assert (a.root, a.excludes, b.root, b.excludes) == ("p/a", ("p/a/vendor",), "p/b", ())
    assert a.lint is not None
    assert a.lint.ignore == ("p/a/x",)
    assert b.lint is not None
    assert b.lint.ignore == ("p/b/x",)


def test_a_v1_workspace_is_its_directories_with_their_own_files() -> None:
    found = workspace(
        {
            "w/buf.work.yaml": "version: v1\ndirectories: [proto, ./third]\n",
            "w/proto/buf.yaml": "version: v1\nbuild: {excludes: [gen]}\nbreaking: {ignore: [z]}\n"
            "deps: ['buf.build/acme/users:v1.2']\n",
        },
        "w",
    )
    first, second = found.modules
    assert (first.root, first.excludes) == ("w/proto", ("w/proto/gen",))
    bare = Section("v1", "w/third/buf.yaml", comment_ignores=False)
    assert second == Module("w/third", lint=bare)
    assert first.breaking is not None
    assert first.breaking.ignore == ("w/proto/z",)
    assert found.dependencies == ("buf.build/acme/users",)
    assert found.directories == ("w/proto", "w/third")
    assert (found.file, found.spans) == ("w/buf.work.yaml", True)


def test_a_v2_file_without_modules_is_one_module() -> None:
    assert workspace({"p/buf.yaml": "version: v2\n"}, "p").modules == (Module("p"),)


def test_a_section_of_a_v2_module_replaces_that_of_the_file_whole() -> None:
    text = """
version: v2
modules:
  - path: a
    excludes: [a/vendor]
    lint: {except: [IMPORT_USED], ignore: [a/old], disallow_comment_ignores: true}
  - path: b
    includes: [b/v1]
    breaking: {}
lint: {use: [BASIC], ignore: [a/new, b/new]}
breaking: {use: [FILE], ignore_only: {RPC_NO_DELETE: [b/x, a/x]}, ignore_unstable_packages: true}
"""
    a, b = workspace({"p/buf.yaml": text}, "p").modules
    origin = "p/buf.yaml"
    assert a.lint == Section("v2", origin, except_=("IMPORT_USED",), ignore=("p/a/old",), comment_ignores=False)
    assert b.lint == Section("v2", origin, use=("BASIC",), ignore=("p/b/new",))
    assert (a.excludes, b.includes) == (("p/a/vendor",), ("p/b/v1",))
    assert b.breaking is not None
    assert (b.breaking.ignore_only, b.breaking.ignore_unstable_packages) == ({"RPC_NO_DELETE": ("p/b/x",)}, True)


def test_lint_options_are_kept() -> None:
    text = "version: v1\nlint: {enum_zero_value_suffix: _NONE, rpc_allow_same_request_response: true}\n"
    (module,) = workspace({"buf.yaml": text}).modules
    assert module.lint is not None
    assert module.lint.options == Options(enum_zero_value_suffix="_NONE", rpc_allow_same_request_response=True)


def test_comments_may_ignore_by_default_in_v2_and_on_request_in_v1() -> None:
    def allowed(text: str) -> bool:
        (module,) = workspace({"buf.yaml": text}).modules
        assert module.lint is not None
        return module.lint.comment_ignores

    assert not allowed("version: v1\nlint: {use: [BASIC]}\n")
    assert allowed("version: v1\nlint: {allow_comment_ignores: true}\n")
    assert allowed("version: v2\nlint: {use: [BASIC]}\n")


def test_plugins_and_policies_are_noted_and_their_rules_may_be_named() -> None:
    text = """
version: v2
lint: {use: [STANDARD, ACME_SUFFIX]}
breaking: {disable_builtin: true}
plugins: [{plugin: ./evil}]
policies: [{policy: x.yaml}]
"""
    assert workspace({"buf.yaml": text}).notes == (
        "buf.yaml: `plugins` are not run by schemactl",
        "buf.yaml: `policies` are not run by schemactl",
        "buf.yaml: `disable_builtin` leaves only rules of plugins, so the default rules are used",
    )


def test_every_mistake_of_a_buf_yaml_is_told() -> None:
    text = """
version: v2
modules:
  - path: ../up
  - path: /etc
  - path: 'a\\b'
build: {excludes: [x]}
deps: [acme, ../../x/y/z]
lint: {use: [STANDRAD], ignore: text}
breaking: {except: [STANDARD]}
newer: {keys: are fine}
"""
    assert told({"buf.yaml": text}) == [
        "buf.yaml:4:5: `../up` should not lead out of the directory of this file",
        "buf.yaml:5:5: `/etc` should be relative to the file it is written in, not absolute",
        "buf.yaml:6:5: `a\\b` should be a path with `/`, not of one operating system",
        "buf.yaml:7:1: `build` belongs to version v1; version v2 writes `modules`, each with `path` and `excludes`",
        "buf.yaml:8:8: `acme` should be a module such as `buf.build/acme/users`",
        "buf.yaml:8:14: `../../x/y/z` should be a module such as `buf.build/acme/users`",
        "buf.yaml:9:14: `STANDRAD` is not a lint rule or category of Buf's; did you mean `STANDARD`?",
        "buf.yaml:9:33: `lint.ignore` should be a list of strings, not a string",
        "buf.yaml:10:21: `STANDARD` is not a breaking rule or category of Buf's",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "buf.yaml:1:1: `version` is missing"),
        ("version: v3\n", "buf.yaml:1:10: `version` should be one of `v1`, `v1beta1`, `v2`, not `v3`"),
        ("version: v1\nbuild: {roots: [a]}\n", "buf.yaml:2:9: `build.roots` belongs to version v1beta1"),
        ("version: v1\nmodules: [{path: a}]\n", "buf.yaml:2:1: `modules` belongs to version v2; this file says v1"),
        ("version: v1\nbuild: {excludes: [a.proto]}\n", "buf.yaml:2:20: `a.proto` should be a directory, not a file"),
        ("version: v1\nbuild: {excludes: [.]}\n", "buf.yaml:2:20: `.` is a whole module"),
        ("version: v1beta1\nbuild: {roots: [a], excludes: [b]}\n", "buf.yaml:2:32: `b` lies outside of `a`"),
        ("version: v1beta1\nbuild: {roots: [a, a/b]}\n", "buf.yaml:2:20: `a/b` lies in `a`, so its files would have"),
        ("version: v2\nmodules: [{path: a}, {path: ./a}]\n", "buf.yaml:2:23: `a` is listed twice"),
        ("version: v2\nmodules: [{path: a, lint: {ignore: [b]}}]\n", "buf.yaml:2:37: `b` lies outside of the module"),
        ("version: v2\nmodules: [{path: a, excludes: [b]}]\n", "buf.yaml:2:32: `b` lies outside of `a`"),
        ("version: v2\nmodules: [{path: ''}]\n", "buf.yaml:2:12: `` should be a path, not empty"),
    ],
)
def test_a_wrong_buf_yaml_says_what_is_right(text: str, message: str) -> None:
    (line,) = told({"buf.yaml": text})
    assert line.startswith(message)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"buf.work.yaml": "version: v1\n"}, "buf.work.yaml:1:1: `directories` should name at least one directory"),
        ({"buf.work.yaml": "version: v1\ndirectories: [a, a/b]\n"}, "buf.work.yaml:2:18: `a/b` lies in `a`"),
        ({"buf.work.yaml": "version: v1\ndirectories: [../a]\n"}, "buf.work.yaml:2:15: `../a` should not lead out"),
        (
            {"buf.work.yaml": "version: v1\ndirectories: [a]\n", "a/buf.yaml": "version: v2\n"},
            "a/buf.yaml says `version: v2`, but a buf.work.yaml lists its directory",
        ),
    ],
)
def test_a_wrong_buf_work_yaml_says_what_is_right(files: dict[str, str], message: str) -> None:
    (line,) = told(files)
    assert line.startswith(message)


def test_nested_modules_are_fine_once_excluded_or_included_apart() -> None:
    excluded = "version: v2\nmodules: [{path: ., excludes: [vendor]}, {path: vendor/x}]\n"
    assert [module.root for module in workspace({"buf.yaml": excluded}).modules] == [".", "vendor/x"]
    apart = "version: v2\nmodules: [{path: a, includes: [a/x]}, {path: a, includes: [a/y]}]\n"
    assert [module.includes for module in workspace({"buf.yaml": apart}).modules] == [("a/x",), ("a/y",)]


def test_locks_of_both_versions_give_dependencies() -> None:
    old = "version: v1\ndeps:\n- {remote: buf.build, owner: acme, repository: users, commit: 0041, digest: 'b4:aa'}\n"
    new = "version: v2\ndeps:\n- {name: buf.build/acme/users, commit: 0041, digest: 'b5:bb'}\n"
    read = reader({"a/buf.lock": old, "buf.lock": new})
    assert bufyaml.lock(read, "a") == (Dependency("buf.build/acme/users", "0041", "b4:aa"),)
    assert bufyaml.lock(read, ".") == (Dependency("buf.build/acme/users", "0041", "b5:bb"),)
    assert bufyaml.lock(read, "none") == ()


def test_a_lock_cannot_point_out_of_a_cache() -> None:
    text = "version: v2\ndeps:\n- {name: ../acme/users, commit: ../../x, digest: '$(x)'}\n"
    with pytest.raises(ConfigError) as caught:
        bufyaml.lock(reader({"buf.lock": text}), ".")
    assert len(caught.value.message.split("\n")) == 3


def _printed(kind: str, version: str) -> Iterator[dict[str, object]]:
    argv = [BUF, "config", f"ls-{kind}-rules", "--version", version, "--include-deprecated", "--format", "json"]
    return map(json.loads, tools.run(argv).stdout.splitlines())


@pytest.mark.parametrize("version", ["v1beta1", "v1", "v2"])
@pytest.mark.parametrize("kind", bufrules.KINDS)
def test_the_table_of_rules_is_what_buf_prints(kind: bufrules.Kind, version: str) -> None:
    printed = {
        rule["id"]: (rule["purpose"], rule["categories"], rule["deprecated"], rule["replacements"] or [])
        for rule in _printed(kind, version)
    }
    assert printed == {
        rule.id: (rule.purpose, list(rule.categories[version]), rule.deprecated, list(rule.replacements))
        for rule in bufrules.table().values()
        if rule.kind == kind and version in rule.categories
    }


def test_names_expand_to_rules_of_their_version() -> None:
    assert bufrules.breaking_ids(["FIELD_SAME_CTYPE", "RPC_NO_DELETE"]) == {
        "FIELD_SAME_CPP_STRING_TYPE",
        "RPC_NO_DELETE",
    }
    assert "FIELD_SAME_TYPE" in bufrules.breaking_ids(["WIRE"], "v1beta1")
    assert "FIELD_SAME_TYPE" not in bufrules.breaking_ids(["WIRE"], "v1")
    assert bufrules.lint_ids(["DEFAULT"], "v1") == bufrules.lint_ids(["STANDARD"], "v1")
    assert bufrules.lint_ids(["IMPORT_NO_WEAK", "events", "WIRE"]) == set()
    assert bufrules.is_known("WIRE")
    assert not bufrules.is_known("WIRE", "lint")
    assert not bufrules.is_known("events")


BAD = 'syntax = "proto3";\npackage p{};\nmessage bad_name {{}}\n'
LAYOUTS = {
    "v1beta1 roots": {
        "buf.yaml": "version: v1beta1\nbuild: {roots: [a, b], excludes: [a/gone]}\n"
        "lint: {use: [MESSAGE_PASCAL_CASE], ignore: [b/x, z, one/1.proto]}\n",
        "protos": "a/one/1.proto a/one/2.proto a/gone/3.proto b/x/4.proto b/z/5.proto",
    },
    "v1": {
        "buf.yaml": "version: v1\nbuild: {excludes: [gone]}\n"
        "lint: {use: [MESSAGE_PASCAL_CASE], ignore: [x], ignore_only: {DEFAULT: [y/2.proto]}}\n",
        "protos": "x/1.proto y/2.proto y/3.proto gone/4.proto",
    },
    "v1 workspace": {
        "buf.work.yaml": "version: v1\ndirectories: [a, b]\n",
        "a/buf.yaml": "version: v1\nlint: {use: [MESSAGE_PASCAL_CASE], ignore: [x, a/y]}\n",
        "b/buf.yaml": "version: v1\nlint: {use: [IMPORT_USED]}\n",
        "protos": "a/x/1.proto a/y/2.proto b/z/3.proto",
    },
    "v2 ignores above modules": {
        "buf.yaml": "version: v2\nmodules: [{path: p/a}]\nlint: {use: [MESSAGE_PASCAL_CASE], ignore: [p]}\n",
        "protos": "p/a/x/1.proto",
    },
    "v2 ignores of the file": {
        "buf.yaml": "version: v2\nmodules: [{path: p/a}, {path: p/b, excludes: [p/b/gone]}]\n"
        "lint: {use: [MESSAGE_PASCAL_CASE], ignore: [p/a/x, y, p/b/x/3.proto]}\n",
        "protos": "p/a/x/1.proto p/a/y/2.proto p/b/x/3.proto p/b/gone/4.proto p/b/y/5.proto",
    },
    "v2 sections of modules": {
        "buf.yaml": "version: v2\nmodules:\n- {path: p/a, lint: {}}\n"
        "- {path: p/b, lint: {use: [MESSAGE_PASCAL_CASE]}}\n"
        "- {path: q, includes: [q/x]}\nlint: {use: [MESSAGE_PASCAL_CASE], ignore: [p/a, p/b/x]}\n",
        "protos": "p/a/x/1.proto p/b/x/2.proto q/x/3.proto q/y/4.proto",
    },
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_ignored_files_are_those_that_buf_ignores(layout: dict[str, str], tmp_path: Path) -> None:
    protos = layout["protos"].split()
    files = {name: text for name, text in layout.items() if name != "protos"}
    files |= {path: BAD.format(number) for number, path in enumerate(protos)}
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    argv = [BUF, "lint", "--error-format", "json"]
    done = tools.run(argv, ok=(0, 100), cwd=tmp_path, env={"BUF_CACHE_DIR": str(tmp_path / ".cache")})
    told = {Path(json.loads(line)["path"]).as_posix() for line in done.stdout.splitlines()}
    assert told == _linted(files, protos)


def _linted(files: dict[str, str], protos: list[str]) -> set[str]:
    found = config.load(reader(files), ".", lambda: files)
    policy = config.governing(found.lint)
    return {path for path in protos if _in_module(found, path) and _reports(policy(path), path)}


def _in_module(found: config.Config, path: str) -> bool:
    return any(
        any(contains(top, path) for top in module.includes or (module.root,))
        and not any(contains(exclude, path) for exclude in module.excludes)
        for module in found.modules or ()
    )


def _reports(policy: config.LintPolicy, path: str) -> bool:
    ignored = [*policy.ignore]
    for name, paths in policy.ignore_only.items():
        ignored += paths if "MESSAGE_PASCAL_CASE" in bufrules.lint_ids([name], policy.version) else ()
    used = bufrules.lint_ids(policy.use, policy.version) - bufrules.lint_ids(policy.except_, policy.version)
    return "MESSAGE_PASCAL_CASE" in used and not any(contains(each, path) for each in ignored)

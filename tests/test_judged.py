"""What is kept between runs never shows: after any sequence of changes a run says what one without the cache says."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from schemactl import tools
from schemactl.git import worktree
from shell import git
from trees import proto, repository, schemactl, write

BASE, HUB = "acme/base/v1/base.proto", "acme/base/v1/hub.proto"
USER, EVENT = "acme/users/v1/user.proto", "acme/users/v1/user_envelope.proto"
TYPE, ORDER = "acme/shared/v1/event_type.proto", "acme/orders/v1/order.proto"
CONFIG, PACK = "schemactl.yaml", "rules/acme.yaml"
TREE = {
    BASE: proto(
        "enum Color { COLOR_UNSPECIFIED = 0; COLOR_RED = 1; }\nmessage Base { string name = 1; }",
        package="acme.base.v1",
    ),
    HUB: f'syntax = "proto3";\npackage acme.base.v1;\nimport public "{BASE}";\nmessage Hub {{ Base base = 1; }}\n',
    USER: proto(
        "message User {\n  string userId = 1;\n  acme.base.v1.Color color = 2;\n  Missing missing = 3;\n}"
        "\nmessage Missing {}",
        HUB,
        package="acme.users.v1",
    ),
    EVENT: proto(
        'message UserEnvelope {\n  option (schemactl.v1.topic) = {name: "acme.users.status" key: "payload.userId"};\n'
        "  string event_uuid = 1;\n  google.protobuf.Timestamp occurred_at = 2;\n"
        "  acme.shared.v1.EventType event_type = 3;\n  User payload = 4;\n  User prev_payload = 5;\n}",
        USER,
        TYPE,
        "google/protobuf/timestamp.proto",
        "schemactl/v1/options.proto",
        package="acme.users.v1",
    ),
    TYPE: proto("enum EventType { EVENT_TYPE_UNSPECIFIED = 0; }", package="acme.shared.v1"),
    ORDER: proto(
        "service Orders {\n  rpc Get(Order) returns (Order);\n}\nmessage Order {\n  reserved 7;\n}",
        USER,
        BASE,
        package="acme.orders.v1",
    ),
}
PATHS = (*TREE, "acme/users/v1/moved.proto", "acme/elsewhere/v1/moved.proto", "moved.proto")

# Words of one length first: what a file says may change while its size does not.
SWAPS = (
    ("COLOR_RED", "COLOR_BED"),
    ("= 1;", "= 6;"),
    ("string", "sfixed"),
    ("proto3", "proto2"),
    ("userId", "useriD"),
    ("acme.users.status", "acme.users.states"),
    ("v1;\n", "v2;\n"),
    ("message Base", "message Case"),
    ("enum Color", "enum Tones"),
    ("UserEnvelope", "UserEnvelops"),
    ("import public", "import"),
    (f'import "{HUB}";', f'import "{ORDER}";'),
    (f'import "{BASE}";', ""),
    ("Missing {}", "Mssing {}"),
    ("}", ""),
    ("= 3;", '= 3; reserved "gone";'),
    ("reserved 7;", "string status = 7;"),
)
COMMENTS = (
    "// note",
    "// buf:lint:ignore FIELD_LOWER_SNAKE_CASE",
    "// buf:lint:ignore IMPORT_USED",
    "/* import public */",
    "// Envelope",
    "// schemactl.v1.topic",
)
CONFIGS = (
    "",
    "lint: {use: [events]}",
    "lint: {use: [STANDARD, COMMENTS, events, acme]}\npacks: [rules/acme.yaml]",
    "lint: {use: [STANDARD], except: [FIELD_LOWER_SNAKE_CASE]}",
    "lint: {use: [STANDARD], ignore: [acme/users]}",
    "lint: {use: [STANDARD], ignore: [acme/orders]}",
    "lint: {use: [STANDARD], ignore_only: {FIELD_LOWER_SNAKE_CASE: [acme/users/v1]}}",
    "rules: {SERVICE_SUFFIX: {params: {service_suffix: API}}}",
    "rules: {SERVICE_SUFFIX: {params: {service_suffix: s}}}",
    "rules: {FIELD_LOWER_SNAKE_CASE: {severity: warning}, TOPIC_NAME_PATTERN: {severity: 'off'}}",
    "roots: [.]\nexcludes: [acme/orders]",
    "roots: [acme]",
)
RULE = """\
name: acme
rules:
  - id: ACME_FIELD
    target: field
    title: Fields are as acme wants them
    why: It is so.
    require: {}
    message: "'should not be ' + field.name"
    bad: 'message A {{ string bad = 1; }}'
    good: 'message A {{ string good = 1; }}'
"""
RULES = tuple(RULE.format(text) for text in ("field.name != 'name'", "field.number < 3", "field.nam != ''"))

Files = dict[str, str]
Step = tuple[str, ...]
STEPS = st.one_of(
    st.tuples(st.just("swap"), st.sampled_from(PATHS), st.sampled_from(range(len(SWAPS))).map(str)),
    st.tuples(st.just("comment"), st.sampled_from(PATHS), st.sampled_from(COMMENTS), st.sampled_from("123456")),
    st.tuples(st.sampled_from(("move", "copy")), st.sampled_from(PATHS), st.sampled_from(PATHS)),
    st.tuples(st.just("delete"), st.sampled_from(PATHS)),
    st.tuples(st.just("repair")),
    st.tuples(st.just("write"), st.just(CONFIG), st.sampled_from(CONFIGS)),
    st.tuples(st.just("write"), st.just(PACK), st.sampled_from(RULES)),
)
OPTIONS = st.sampled_from(((), ("--staged",), ("--show-suppressed",), ("--select", "STANDARD"), ("--jobs", "1")))


def after(step: Step, files: Files) -> Files:
    """The files as the step leaves them; one that makes no sense changes nothing."""
    kind, path, *more = (*step, "")
    text = files.get(path, "")
    if kind == "repair":
        return files | TREE
    if kind == "write":
        return files | {path: more[0]}
    if path not in files:
        return files
    if kind == "swap":
        one, other = SWAPS[int(more[0])]
        return files | {path: text.replace(one, other, 1) if one in text else text.replace(other or "\0", one, 1)}
    if kind == "comment":
        lines = text.split("\n")
        lines.insert(int(more[1]), more[0])
        return files | {path: "\n".join(lines)}
    left = {name: each for name, each in files.items() if kind == "copy" or name != path}
    return left if kind == "delete" else left | {more[0]: text}


def put(root: Path, files: Mapping[str, str], before: Mapping[str, str]) -> None:
    for path in before.keys() - files.keys():
        (root / path).unlink()
    write(root, {path: text for path, text in files.items() if before.get(path) != text})


def same(root: Path, *argv: str) -> None:
    here = ("-C", root, "--format", "json")
    found, anew = schemactl(*argv, *here), schemactl(*argv, *here, "--no-cache")
    assert found == anew
    assert found.code in (0, 1, 2), found


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(STEPS, OPTIONS), min_size=2, max_size=6), st.booleans())
def test_the_cache_never_shows(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[Step, tuple[str, ...]]], old: bool
) -> None:
    """`old`: files are taken for known by what the file system says, as they are seconds after they were written."""
    root = tmp_path_factory.mktemp("tree")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("SCHEMACTL_CACHE_DIR", str(tmp_path_factory.mktemp("kept")))
        patched.setattr(worktree, "_TICK", -(10**18) if old else worktree._TICK)
        files: Files = {**TREE, CONFIG: "", PACK: RULES[0]}
        repository(root, files)
        same(root, "lint")
        for step, options in steps:
            changed = after(step, files)
            put(root, changed, files)
            files = changed
            if "--staged" in options:
                git(root, "add", "--all")
            same(root, "lint", *options)


# Found by the test above, or likely to be missed by it


def steps_of(root: Path, *changes: Mapping[str, str]) -> None:
    """Each change upon the tree as it was; with the cache of all that came before."""
    repository(root, TREE)
    same(root, "lint")
    files = TREE
    for change in changes:
        changed = {path: text for path, text in (TREE | dict(change)).items() if text}
        put(root, changed, files)
        files = changed
        same(root, "lint")


def test_a_name_that_a_new_file_declares_again_is_told(tmp_path: Path) -> None:
    steps_of(tmp_path, {"acme/base/v1/copy.proto": TREE[BASE]}, {"acme/base/v1/copy.proto": TREE[BASE] + "// more\n"})


def test_what_is_wrong_with_files_that_are_known_is_told_beside_a_new_mistake(tmp_path: Path) -> None:
    copy = {"acme/base/v1/copy.proto": TREE[BASE]}
    steps_of(tmp_path, copy, copy | {TYPE: TREE[TYPE] + "message {"}, copy | {ORDER: TREE[ORDER] + "message {"})


def test_a_mistake_that_is_made_and_mended_leaves_nothing_behind(tmp_path: Path) -> None:
    broken = {BASE: TREE[BASE].replace("string", "strin")}
    circle = {BASE: TREE[BASE].replace("enum", f'import "{ORDER}";\nenum')}
    steps_of(tmp_path, broken, {}, circle, {}, {HUB: ""}, {}, broken | circle)


def test_a_comment_in_a_file_that_others_import_suppresses_there_alone(tmp_path: Path) -> None:
    quiet = TREE[USER].replace("  string", "  // buf:lint:ignore FIELD_LOWER_SNAKE_CASE\n  string")
    steps_of(tmp_path, {USER: quiet}, {}, {USER: quiet.replace("ignore", "ignore ")})


def test_halves_of_a_character_in_an_import_are_one(tmp_path: Path) -> None:
    far = {"acme/v1/\U00010400.proto": proto("message Far {}", package="acme.v1")}
    near = {
        "acme/v1/near.proto": proto("message Near { Far far = 1; }", r"acme/v1/\ud801\udc00.proto", package="acme.v1")
    }
    changed = {name: text.replace("Far {", "Afar {") for name, text in far.items()}
    steps_of(tmp_path, far | near, changed | near)


def test_every_configuration_and_rule_judges_for_itself(tmp_path: Path) -> None:
    steps_of(tmp_path, *({CONFIG: each, PACK: RULES[0]} for each in (*CONFIGS, CONFIGS[0])))
    for rule in (*RULES, *RULES):
        write(tmp_path, {CONFIG: CONFIGS[2], PACK: rule})
        same(tmp_path, "lint")


def test_handing_on_an_import_or_not_changes_the_verdict_on_those_who_use_it(tmp_path: Path) -> None:
    private = TREE[HUB].replace("import public", "import")
    unused = TREE[USER].replace("acme.base.v1.Color", "int32")
    elsewhere = {BASE: TREE[BASE].replace("enum Color", "enum Tones")}
    steps_of(tmp_path, {USER: unused}, {USER: unused, HUB: private}, {HUB: private}, {}, elsewhere, {})


def test_what_a_name_means_may_change_two_imports_away(tmp_path: Path) -> None:
    near = TREE[HUB].replace(BASE, "far.proto").replace("Base base", "int32 x").replace("Hub", "Near")
    service = "service ThingService { rpc Get(Thing) returns (Thing); }"
    files = {"near.proto": near, "service.proto": proto(service, "near.proto", package="acme.users.v1")}
    far = [{"far.proto": proto("message Thing {}", package=package)} for package in ("acme", "acme.users")]
    steps_of(tmp_path, files | far[0], files | far[1], files | far[0])
    assert "`acme.Thing` should not be both" in schemactl("lint", "-C", tmp_path).out


def test_files_that_stand_elsewhere_under_the_same_names_are_told_where_they_stand(tmp_path: Path) -> None:
    moved = {f"proto/{path}": text for path, text in TREE.items()}
    steps_of(tmp_path, moved | dict.fromkeys(TREE, ""), {}, moved | dict.fromkeys(TREE, ""))


@pytest.mark.parametrize("text", [f"message M{n} {{ string userI{n} = 1; }}" for n in range(3)])
def test_files_that_come_and_go_with_a_name_are_judged_as_they_are(tmp_path: Path, text: str) -> None:
    more = "acme/users/v1/more.proto"
    steps_of(tmp_path, {more: proto(text, package="acme.users.v1")}, {}, {more: TREE[USER].replace("User", "Usex")})


def test_a_comparison_says_the_same_from_the_cache(tmp_path: Path) -> None:
    repository(tmp_path, TREE)
    changes: tuple[Files, ...] = (
        {},
        {BASE: TREE[BASE].replace("string name", "int32 name")},
        {ORDER: TREE[ORDER] + "// note\n"},
    )
    for files in (*changes, changes[1] | {HUB: TREE[HUB].replace("import public", "import")}):
        put(tmp_path, TREE | files, {})
        for command in (("check",), ("check",), ("lint", "--new")):
            same(tmp_path, *command, "--against", "HEAD")


# Known by what the file system says


def named(root: Path) -> str:
    """The one message of the tree, by its finding."""
    done = schemactl("lint", "-C", root, "--select", "FIELD_LOWER_SNAKE_CASE")
    assert done.code == 1, done
    return done.out.split("`")[1]


def one(root: Path, name: str) -> Path:
    write(root, {USER: proto(f"message User {{ string {name} = 1; }}", package="acme.users.v1")})
    return root / USER


@pytest.mark.parametrize("with_git", [True, False])
def test_files_written_in_quick_succession_are_told_apart_though_they_are_of_one_size(
    tmp_path: Path, with_git: bool
) -> None:
    if with_git:
        git(tmp_path, "init", "--quiet")
    for number in range(15):
        one(tmp_path, f"userId{number:02}")
        assert named(tmp_path) == f"userId{number:02}"


def test_a_file_that_is_put_back_with_its_size_and_its_time_is_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As archives and `cp -p` do it."""
    monkeypatch.setattr(worktree, "_TICK", 10_000_000)
    before = one(tmp_path, "userId").stat()
    time.sleep(0.05)
    assert named(tmp_path) == "userId"
    path = one(tmp_path, "userNo")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (path.stat().st_size, path.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    time.sleep(0.05)
    assert named(tmp_path) == "userNo"


def test_files_that_change_places_are_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worktree, "_TICK", -(10**18))
    one(tmp_path, "userId")
    other = "acme/orders/v1/user.proto"
    write(tmp_path, {other: proto("message Order { string orderId = 1; }", package="acme.orders.v1")})
    same(tmp_path, "lint")
    (tmp_path / USER).rename(tmp_path / "aside")
    (tmp_path / other).rename(tmp_path / USER)
    (tmp_path / "aside").rename(tmp_path / other)
    same(tmp_path, "lint")


# What it is for


def compiled(root: Path, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many files each run of the compiler was given; what it does is real."""
    given: list[int] = []
    start = tools.run

    def counted(argv: tuple[str, ...], **options: object) -> tools.Result:
        words = bytes(options.get("stdin", b"")).split(b"\0")  # type: ignore[call-overload]
        if argv[0] == sys.executable and words != [b"--version"]:
            given.append(sum(word.endswith(b".proto") for word in words))
        return start(argv, **options)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(tools, "run", counted)
        assert schemactl("lint", "-C", root, "--select", "STANDARD").code in (0, 1)
    return given


def test_only_what_a_change_concerns_is_compiled_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A comment in a file that others import concerns that file alone; what it means concerns them."""
    package = "acme.many.v1"
    use = "message M{} {{ acme.base.v1.Base base = 1; }}"
    many = {f"acme/many/v1/m{n:02}.proto": proto(use.format(n), BASE, package=package) for n in range(30)}
    repository(tmp_path, TREE | many)
    assert sum(compiled(tmp_path, monkeypatch)) >= len(TREE) + len(many)
    assert compiled(tmp_path, monkeypatch) == []
    write(tmp_path, {BASE: TREE[BASE].replace("message Base", f"// {'note ' * 50}\nmessage Base")})
    assert compiled(tmp_path, monkeypatch) == [1]
    write(tmp_path, {BASE: TREE[BASE] + "message More {}\n"})
    assert sum(compiled(tmp_path, monkeypatch)) >= len(many)
    write(tmp_path, {BASE: TREE[BASE]})
    assert compiled(tmp_path, monkeypatch) == []

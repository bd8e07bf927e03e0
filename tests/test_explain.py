"""What `explain` says: of the rule, and of the repository where it is asked."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from rich.text import Text

from schemactl import bufrules, documented
from schemactl.bufexamples import EXAMPLES, sides
from schemactl.catalogue import catalogue
from schemactl.compatdocs import COMPAT
from schemactl.configfile import profile_rules
from schemactl.enginedocs import ENGINE
from schemactl.enginerules import RULES
from schemactl.errors import ConfigError, UsageError
from schemactl.explained import explained
from schemactl.fix.table import fixers
from schemactl.fixable import FIXABLE
from schemactl.painted import painted
from shell import git, run
from sides import EVERYTHING, Sides, compared, written
from trees import schemactl, write

CONFIG = """\
packs: [acme.yaml]
lint:
  use:
    - STANDARD
    - events
  except: [TOPIC_SIMILAR]
  ignore_only:
    FIELD_LOWER_SNAKE_CASE: [old, older]
breaking:
  use: [WIRE_JSON]
rules:
  FIELD_LOWER_SNAKE_CASE:
    severity: warning
  ENVELOPE_EXTRA_FIELDS: {params: {from: 100}}
  EVENT_NAME: off
  FIELD_SAME_NAME: info
  SUPPRESSION_UNUSED: error
overrides:
  - paths: [acme/legacy]
    packages: [acme.old]
    rules: {ENUM_PASCAL_CASE: info, EVENT_NAME: error}
"""
PACK = """\
name: acme
rules:
  - id: ACME_RULE
    target: message
    title: "A title\\x1b[31m"
    why: |
      ::error::not a command
    require: message.name != 'A'
    message: "'no'"
    bad: |
      syntax = "proto3";
      /*
      ```
      */
      message A {}  // error
    good: 'syntax = "proto3";'
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    write(tmp_path / "root", {"schemactl.yaml": CONFIG, "acme.yaml": PACK})
    assert git(tmp_path / "root", "init", "--quiet").returncode == 0
    return tmp_path / "root"


def here(id: str, root: Path) -> list[str]:
    """The paragraphs about the repository."""
    return explained(id, root, None).partition("## Here\n\n")[2].strip().split("\n\n")


@pytest.mark.parametrize(
    ("id", "said"),
    [
        ("ENUM_ZERO_VALUE_SUFFIX", ["On, severity error: by `lint.use` in schemactl.yaml:4 (`STANDARD`)."]),
        (
            "FIELD_LOWER_SNAKE_CASE",
            [
                "On: by `lint.use` in schemactl.yaml:4 (`STANDARD`); "
                "severity warning by `rules.FIELD_LOWER_SNAKE_CASE` in schemactl.yaml:12.",
                "Off in `old`, `older`: by `lint.ignore_only` in schemactl.yaml:7.",
            ],
        ),
        (
            "ENVELOPE_EXTRA_FIELDS",
            [
                "On, severity error: by `lint.use` in schemactl.yaml:5 (`events`).",
                "Its parameters are not the defaults: by `rules.ENVELOPE_EXTRA_FIELDS` in schemactl.yaml:14.",
                "```yaml\nfrom: 100\n```",
            ],
        ),
        ("TOPIC_SIMILAR", ["Off: by `lint.except` in schemactl.yaml:6 (`TOPIC_SIMILAR`)."]),
        (
            "EVENT_NAME",
            [
                "Off: by `rules.EVENT_NAME` in schemactl.yaml:15.",
                "Error in `acme/legacy`, `acme.old`: by `overrides` in schemactl.yaml:21.",
            ],
        ),
        (
            "ENUM_PASCAL_CASE",
            [
                "On, severity error: by `lint.use` in schemactl.yaml:4 (`STANDARD`).",
                "Info in `acme/legacy`, `acme.old`: by `overrides` in schemactl.yaml:21.",
            ],
        ),
        ("COMMENT_FIELD", ["Off: `lint.use` in schemactl.yaml does not name it."]),
        ("ACME_RULE", ["Off: `lint.use` in schemactl.yaml does not name it."]),
        (
            "FIELD_SAME_NAME",
            [
                "On: by `breaking.use` in schemactl.yaml:10 (`WIRE_JSON`); severity info by `rules.FIELD_SAME_NAME` "
                "in schemactl.yaml:16."
            ],
        ),
        ("FILE_NO_DELETE", ["Off: `breaking` in schemactl.yaml does not name it."]),
        ("COMPILE", ["On, severity error: by schemactl itself."]),
        ("SUPPRESSION_UNUSED", ["On, severity error: by `rules.SUPPRESSION_UNUSED` in schemactl.yaml:17."]),
        ("PROTOVALIDATE", ["It is not run by schemactl, whatever the configuration says."]),
    ],
)
def test_it_says_what_is_set_here_and_by_which_line(id: str, said: list[str], root: Path) -> None:
    assert here(id, root) == said


def test_overrides_are_told_by_the_file_they_stand_in(tmp_path: Path) -> None:
    own = "extends:\n- base.yaml\noverrides:\n- paths: [a]\n  rules: {ENUM_PASCAL_CASE: info}\n"
    base = "overrides:\n- paths: [b]\n  rules:\n    ENUM_PASCAL_CASE: warning\n"
    write(tmp_path, {"schemactl.yaml": own, "base.yaml": base})
    assert git(tmp_path, "init", "--quiet").returncode == 0
    assert here("ENUM_PASCAL_CASE", tmp_path)[1:] == [
        "Warning in `b`: by `overrides` in base.yaml:4.",
        "Info in `a`: by `overrides` in schemactl.yaml:5.",
    ]


def suppressing(id: str, root: Path, files: dict[str, str | bytes]) -> str:
    write(root, files)
    if not (root / ".git").exists():
        assert git(root, "init", "--quiet").returncode == 0
    return explained(id, root, None).partition("## How to suppress")[2].partition("\n## ")[0]


def test_a_comment_of_buf_is_offered_where_such_comments_count(tmp_path: Path) -> None:
    of_buf, id = "`// buf:lint:ignore EVENT_NAME` does the same", "EVENT_NAME"
    assert of_buf in suppressing(id, tmp_path, {"schemactl.yaml": ""})
    assert of_buf in suppressing(id, tmp_path, {"buf.yaml": "version: v2\n"})
    assert "buf:lint:ignore" not in suppressing(id, tmp_path, {"buf.yaml": "version: v1\nlint: {use: [BASIC]}\n"})
    assert of_buf in suppressing(id, tmp_path, {"buf.yaml": "version: v1\nlint: {allow_comment_ignores: true}\n"})
    own = {"schemactl.yaml": "lint: {disallow_comment_ignores: true}\n"}
    assert "buf:lint:ignore" not in suppressing(id, tmp_path, {**own})


def test_no_comment_is_offered_where_none_counts(tmp_path: Path) -> None:
    own: dict[str, str | bytes] = {"schemactl.yaml": "suppress: {comments: false}\n"}
    for id, other in (("EVENT_NAME", "ignore_only"), ("FIELD_SAME_NAME", "schemactl-approvals.yaml")):
        said = suppressing(id, tmp_path, own)
        assert "// " not in said
        assert "Comments suppress nothing here" in said
        assert other in said


@pytest.mark.parametrize(
    ("id", "element"), [("FILE_NO_DELETE", "acme/users/v1/user.proto"), ("PACKAGE_NO_DELETE", "acme.users.v1")]
)
def test_what_no_comment_can_be_on_is_approved_in_the_file(id: str, element: str, tmp_path: Path) -> None:
    said = suppressing(id, tmp_path, {"schemactl.yaml": ""})
    assert "//" not in said
    assert f"  - rule: {id}\n    element: {element}  #" in said


def test_what_is_to_be_pasted_does_not_replace_the_section_of_buf_unsaid(tmp_path: Path) -> None:
    whole = "section in schemactl.yaml takes the place of the one in `buf.yaml` as a whole"
    ruling: dict[str, str | bytes] = {"buf.yaml": "version: v2\nlint: {use: [BASIC]}\nbreaking: {use: [FILE]}\n"}
    assert f"Write it in `buf.yaml`, which rules here: a `lint` {whole}." in suppressing(
        "IMPORT_USED", tmp_path, ruling
    )
    assert f"Mind that a `lint` {whole}: carry over" in suppressing("EVENT_NAME", tmp_path, {})
    text = explained("COMMENT_FIELD", tmp_path, None)
    assert (
        f"[STANDARD, events, COMMENT_FIELD]}}`.\n\nWrite it in `buf.yaml`, which rules here: a `lint` {whole}" in text
    )
    assert f"Write it in `buf.yaml`, which rules here: a `breaking` {whole}" in explained(
        "FIELD_SAME_NAME", tmp_path, None
    )
    write(tmp_path, {"schemactl.yaml": "lint: {use: [STANDARD]}\nbreaking: {profile: json}\n"})
    for id in ("IMPORT_USED", "EVENT_NAME", "FIELD_SAME_NAME"):
        assert "as a whole" not in explained(id, tmp_path, None)


def test_a_severity_without_effect_is_told(tmp_path: Path) -> None:
    write(tmp_path, {"schemactl.yaml": "lint: {use: [BASIC]}\nrules: {COMMENT_FIELD: warning}\n"})
    assert here("COMMENT_FIELD", tmp_path) == [
        "Off: `lint.use` in schemactl.yaml does not name it.",
        "`rules.COMMENT_FIELD` in schemactl.yaml:2 has no effect: it applies where the rule is on, and does not turn "
        "it on.",
    ]


def test_a_category_and_a_pack_are_explained_by_their_rules(root: Path) -> None:
    assert explained("MINIMAL", root, None).startswith(
        "# MINIMAL\n\nA category of 5 lint rules. `schemactl rules list`"
    )
    assert re.match(r"# events\n\nA pack of \d+ lint rules\.", explained("events", root, None))
    assert "- `TOPIC_UNIQUE`: " in explained("events", root, None)
    assert "A category of Buf's, of " in explained("WIRE_JSON", root, None)
    assert "- `FIELD_SAME_NAME`: Fields have the same names" in explained("WIRE_JSON", root, None)
    assert "A pack of 1 rule." in explained("acme", root, None)
    with pytest.raises(UsageError, match="no rule or category `LOWER_SNAKE`; did you mean `FIELD_LOWER_SNAKE_CASE` or"):
        explained("LOWER_SNAKE", root, None)


def test_buf_files_are_named_by_line_also_those_below(tmp_path: Path) -> None:
    section = (
        "version: v2\nlint:\n  use:\n    - MINIMAL\n  service_suffix: API\nbreaking:\n  except: [FILE_NO_DELETE]\n"
    )
    write(tmp_path, {"proto/buf.yaml": section, "proto/a.proto": 'syntax = "proto3";\n'})
    assert git(tmp_path, "init", "--quiet").returncode == 0
    for directory in (tmp_path, tmp_path / "proto"):
        assert here("PACKAGE_DEFINED", directory)[0] == (
            "On, severity error: by `lint.use` in proto/buf.yaml:4 (`MINIMAL`)."
        )
        assert "On, severity error: by default (`events`)." in here("EVENT_NAME", directory)
        assert "Off: by `breaking.except` in proto/buf.yaml:7 (`FILE_NO_DELETE`)." in here("FILE_NO_DELETE", directory)


def test_outside_of_a_repository_the_defaults_count(tmp_path: Path) -> None:
    assert here("EVENT_NAME", tmp_path) == [
        "Nothing is configured here, outside of a repository: the defaults apply.",
        "On, severity error: by default (`events`).",
    ]
    assert here("FIELD_SAME_NAME", tmp_path)[1] == "On, severity error: by the default profile `json`."


def test_a_rule_is_explained_although_the_configuration_is_wrong(tmp_path: Path) -> None:
    write(tmp_path, {"schemactl.yaml": "lint: 3\n"})
    assert here("EVENT_NAME", tmp_path) == [
        "What is set here is unknown, because the configuration has mistakes:",
        "```text\nschemactl.yaml:1:7: `lint` should be a mapping, not a number\n```",
    ]
    with pytest.raises(ConfigError, match=r"schemactl\.yaml:1:7"):
        explained("RULE_OF_A_PACK", tmp_path, None)
    write(tmp_path, {"schemactl.yaml": "rules: {EVENT_NAME: {params: {x: 1}}}\n"})
    assert "rules.EVENT_NAME.params.x: unknown" in here("EVENT_NAME", tmp_path)[1]
    write(tmp_path, {"schemactl.yaml": "extends: [acme]\n"})
    assert "no installed package of rules is called `acme`" in here("EVENT_NAME", tmp_path)[1]
    with pytest.raises(UsageError, match="is not a directory"):
        explained("EVENT_NAME", tmp_path / "gone", None)
    write(tmp_path, {"schemactl.yaml": ""})
    with pytest.raises(UsageError, match="did you mean `EVENT_NAME`"):
        explained("EVENT_NAMES", tmp_path, None)


def test_a_configuration_of_elsewhere_is_named(root: Path, tmp_path: Path) -> None:
    write(tmp_path, {"other.yaml": "lint:\n  use: [EVENT_NAME]\n"})
    text = explained("EVENT_NAME", root, tmp_path / "other.yaml")
    assert f"by `lint.use` in {tmp_path}/other.yaml:2 (`EVENT_NAME`)" in text


def test_a_pack_can_neither_command_the_terminal_nor_break_out_of_its_code(root: Path) -> None:
    text = explained("ACME_RULE", root, None)
    assert "A title\\x1b[31m." in text
    assert "\n\\x3a:error::not a command\n" in text
    assert '````proto\nsyntax = "proto3";\n/*\n```\n*/\nmessage A {}  // error\n````\n' in text
    assert "Comes from: acme.yaml. It belongs to the pack `acme` of this repository." in text


def test_colours_change_no_word_and_a_pipe_gets_none(root: Path) -> None:
    text = explained("FIELD_LOWER_SNAKE_CASE", root, None)
    colored = schemactl("explain", "FIELD_LOWER_SNAKE_CASE", "-C", root, "--color", "always").out
    assert schemactl("explain", "FIELD_LOWER_SNAKE_CASE", "-C", root).out == text
    assert "\x1b[1mWhy\x1b[0m" in colored
    assert re.search(r"\x1b\[94[;\d]*mmessage\x1b", colored)
    words = re.sub(r"^(```\w*|#+ )|`", "", text, flags=re.MULTILINE).split()
    assert Text.from_ansi(colored).plain.split() == words


def test_what_is_to_be_copied_is_whole_however_narrow_the_terminal() -> None:
    long = "// schemactl:ignore FIELD_LOWER_SNAKE_CASE until=2027-01-31 -- the partner's name"
    inline = "`lint: {use: [STANDARD, COMMENT_FIELD]}`"
    text = f"Words that are wrapped where there is no room for {inline} and more.\n\n```proto\n{long}\n  a\n```\n"
    lines = Text.from_ansi(painted(text, 48)).plain.splitlines()
    assert f"  {long}" in lines
    assert "    a" in lines
    assert any(inline.strip("`") in line for line in lines)
    assert max(len(line) for line in lines if long not in line) <= 48
    assert [inline.strip("`")] == [
        line for line in Text.from_ansi(painted(text, 10)).plain.splitlines() if "lint" in line
    ]


def test_a_built_in_rule_is_explained_without_what_takes_long_to_load(root: Path) -> None:
    heavy = "{'rich', 'git', 'google.protobuf', 'grpc_tools', 'cel_expr_python', 'schemactl.rules.event_name'}"
    code = "import sys; from pathlib import Path; from schemactl.explained import explained\n"
    code += "explained('FIELD_LOWER_SNAKE_CASE', Path(sys.argv[1]), None)\n"
    done = run(sys.executable, "-c", f"{code}print({heavy} & {{*sys.modules}})", root, cwd=Path(__file__).parents[1])
    assert (done.stdout, done.stderr) == ("set()\n", "")


def test_every_rule_has_the_same_shape() -> None:
    breaking = [rule for rule in bufrules.table().values() if rule.kind == "breaking" and not rule.deprecated]
    known: list[documented.Known] = [*catalogue().values(), *ENGINE.values(), *COMPAT.values(), *breaking]
    for rule in known:
        headings = re.findall(r"^## (.*)$", documented.text(rule), re.MULTILINE)
        assert {"Why", "How to fix", "Where it comes from", "How to configure"} <= set(headings), rule.id
        assert ("How to suppress" in headings) == (rule.id not in ENGINE)
        assert ("Wrong" in headings) == (rule.id in EXAMPLES or rule.id in catalogue() or rule.id in COMPAT)


def test_what_can_be_fixed_is_what_has_a_fixer() -> None:
    assert {id for id in catalogue() if fixers(id)} == FIXABLE, "correct schemactl/fixable.py"


def test_the_severities_of_the_engine_can_be_had_without_its_texts() -> None:
    assert {id: (each.severity, each.settable) for id, each in ENGINE.items()} == RULES
    assert {id for id, rule in RULES.items() if rule.settable} == {
        "IGNORE_MATCHES_NOTHING",
        "DIRECTORY_NOT_FOLLOWED",
        "SUPPRESSION_UNUSED",
        "SUPPRESSION_EXPIRES",
        "APPROVAL_UNUSED",
    }


def test_every_rule_of_profile_json_reports_the_change_it_is_shown_by(tmp_path: Path) -> None:
    assert EXAMPLES.keys() == profile_rules("json")
    olds, news = {}, {}
    for id, example in EXAMPLES.items():
        own = id.lower()
        olds[f"{own}.proto"], news[f"{own}.proto"] = sides(example.replace("acme.", f"{own}."), f"{own}.v1")
    builds = Sides(tmp_path / "builds")
    old, new = (builds.of(written(tmp_path / name, each)) for name, each in (("old", olds), ("new", news)))
    findings = compared(new, old, EVERYTHING, tmp_path, narrow=True)
    places = {(each.rule, place.path) for each in findings for place in (each.against, each.location) if place}
    assert {id for id in EXAMPLES if (id, f"{id.lower()}.proto") not in places} == set()

"""Mistakes in the expressions of declared rules: what is wrong, where exactly, and what was meant."""

from __future__ import annotations

import pytest

from schemactl import declared
from schemactl.errors import ConfigError

HEAD = "name: mine\nrules:\n  - id: MY_RULE\n    title: T\n    why: W.\n    bad: B\n    good: G\n"


def told(body: str, target: str = "field", message: str = "'no'") -> str:
    rest = "".join(f"    {line}\n" if line else "\n" for line in body.split("\n"))
    text = f'{HEAD}    target: {target}\n    message: "{message}"\n{rest}'
    with pytest.raises(ConfigError) as error:
        declared.load(text.encode(), "mine.yaml")
    return error.value.message


NAME = "MY_RULE: `require`: `FieldDescriptorProto` has no field `nme`; did you mean `name`?"


@pytest.mark.parametrize(
    ("body", "place", "line"),
    [
        ("require: field.nme == ''", "10:20", "require: field.§nme == ''"),
        ("require: 'field.name != ''ö'' && field.nme == \"\"'", "10:44",
         "require: 'field.name != ''ö'' && field.§nme == \"\"'"),
        ('require: "field.name != \\"\\x41\\t\\" && field.nme == \'\'"', "10:49",
         'require: "field.name != \\"\\x41\\t\\" && field.§nme == \'\'"'),
        ("require: field.name != 'a'\n  && field.nme == ''", "11:16", "&& field.§nme == ''"),
        ("require: >-\n  field.name != 'a b'\n\n  &&\n    field.nme == ''", "14:15", "field.§nme == ''"),
        ("require: |\n  field.name != 'a b'\n  && field.nme == ''\n", "12:16", "&& field.§nme == ''"),
        ("require: &same |2-\n    field.nme == ''", "11:15", "field.§nme == ''"),
        ("params: {x: &x field.nme == ''}\nrequire: *x", "10:26", "params: {x: &x field.§nme == ''}"),
        ('require: "field.name == \'a\' \\\n  && field.nme == \'\'"', "11:16", "&& field.§nme == ''\""),
        (f"require: field.name != '{'x' * 200}' && field.nme == ''", "10:240", f"{'x' * 79}' && field.§nme == ''"),
    ],
)  # fmt: skip
def test_a_mistake_is_shown_where_it_stands_whatever_the_style(body: str, place: str, line: str) -> None:
    caret = " " * line.index("§")
    assert told(body) == f"mine.yaml:{place}: {NAME}\n    {line.replace('§', '')}\n    {caret}^"


@pytest.mark.parametrize(
    ("target", "expression", "said", "at"),
    [
        ("field", "parent.nme == ''", "`DescriptorProto` has no field `nme`; did you mean `name`?", "nme"),
        ("enum_value", "parent.valu == []", "`EnumDescriptorProto` has no field `valu`; did you mean `value`?", "valu"),
        ("method", "parent.methods == []", "`ServiceDescriptorProto` has no field `methods`; did you mean `method`?",
         "methods"),
        ("service", "parent.packag == ''", "`FileDescriptorProto` has no field `packag`; did you mean `package`?",
         "packag"),
        ("message", "parent.extendee == ''", "`DescriptorProto` has no field `extendee`", "extendee"),
        ("field", "topic.nam == ''", "`Topic` has no field `nam`; did you mean `name`?", "nam"),
        ("package", "files.all(f, f.pth == '')", "`File` has no field `pth`; did you mean `path`?", "pth"),
        ("package", "files[0].options.go_packag == ''",
         "`FileOptions` has no field `go_packag`; did you mean `go_package`?", "go_packag"),
        ("file", "parent.name == ''",
         "`parent` is there where the target is `message` or `field` or `enum`, not `file`", "parent"),
        ("package", "path == ''", "`path` is there where the target is `file` or `message` or `field`, not `package`",
         "path"),
        ("field", "snke(field.name) == ''", "`snke` is unknown; did you mean `snake`?", "snke"),
        ("field", "snake(field.name, 'x') == ''", "`snake` takes another number of arguments", "snake"),
        ("field", "snake(field.number) == ''", "`snake` does not take (int)", "("),
        ("field", "field.name.startWith('a')", "`startWith` is unknown; did you mean `startsWith`?", "startWith"),
        ("field", "field.name + 1 == ''", "`+` does not take (string, int)", "+"),
        ("field", "field.type == google.protobuf.FieldDescriptorProto.Type.TYPE_STRNG",
         "`google.protobuf.FieldDescriptorProto.Type` has no `TYPE_STRNG`; did you mean `TYPE_STRING`?", "TYPE_STRNG"),
        ("field", "proto.hasExt(field.options, schemactl.v1.fild)",
         "`FieldOptions` has no extension `schemactl.v1.fild`; did you mean `schemactl.v1.field`?",
         "schemactl.v1.fild"),
        ("field", "field.name == 'a' &&", "Syntax error: mismatched input '<EOF>'", ""),
        ("field", f"params{'.x' * 40} == 1", "Exceeded max recursion depth of 32 when parsing.", "params"),
        ("field", "field.name", "should be true or false, and is of type string", "field.name"),
    ],
)  # fmt: skip
def test_a_mistake_says_what_is_wrong_and_what_was_meant(target: str, expression: str, said: str, at: str) -> None:
    column = 14 + (expression.index(at) if at else len(expression))
    first, *_ = told(f"require: {expression}", target).split("\n")
    assert first == f"mine.yaml:10:{column}: MY_RULE: `require`: {said}"


@pytest.mark.parametrize(
    ("written", "place", "said"),
    [
        ("''", "10:14", "Syntax error: mismatched input '<EOF>'"),
        ("|", "10:14", "Syntax error: mismatched input '<EOF>'"),
        ("''\nwhen: ''", "11:11", "`when`: Syntax error: mismatched input '<EOF>'"),
    ],
)
def test_an_empty_expression_is_a_mistake(written: str, place: str, said: str) -> None:
    line = next(line for line in told(f"require: {written}").split("\n") if line.startswith(f"mine.yaml:{place}"))
    assert line.endswith(said)


def test_what_each_lists_has_a_type() -> None:
    said = told("each: message.field\nrequire: item.nme != ''", "message", "item.nam")
    assert [line for line in said.split("\n") if line.startswith("mine.yaml")] == [
        "mine.yaml:9:20: MY_RULE: `message`: `FieldDescriptorProto` has no field `nam`; did you mean `name`?",
        "mine.yaml:11:19: MY_RULE: `require`: `FieldDescriptorProto` has no field `nme`; did you mean `name`?",
    ]


def test_all_mistakes_of_an_expression_are_told() -> None:
    said = told("require: >-\n  field.nme == '' &&\n  fild.name == ''")
    assert [line.split(": ")[0] for line in said.split("\n") if line.startswith("mine.yaml")] == [
        "mine.yaml:11:13",
        "mine.yaml:12:7",
    ]


@pytest.mark.parametrize(
    ("target", "more", "said"),
    [
        ("field", "at: topic", "`at` of a rule on `field` can be `name` or `type` or `number`"),
        ("oneof", "at: number", "`at` of a rule on `oneof` can be `name`"),
        ("message", "at: item", "`at: item` needs `each`, which lists the items"),
        ("field", "at: item\neach: '[1]'", "`at` of a rule on `field` can be `name` or `type` or `number`"),
        ("package", "scope: events", "`scope` of a rule on `package` can only be `all`"),
    ],
)
def test_a_key_that_does_not_go_with_the_target_is_a_mistake(target: str, more: str, said: str) -> None:
    assert told(f"require: 'true'\n{more}", target) == f"mine.yaml:11:5: MY_RULE: {said}"


@pytest.mark.parametrize(
    ("expression", "said", "at"),
    [
        ("field.name.matches('^[a-z')", "not a regular expression: missing ]: [a-z", "'^"),
        ("field.name . matches( r'a(?=b)' )", "not a regular expression: invalid perl operator: (?=", "r'"),
        ("field.name.matches(regex('a('))", "not a regular expression: missing ): ^(?:a()$", "'a"),
        ("field.name == params.sufix", "`sufix` is not among the rule's `params`; did you mean `suffix`?", "sufix"),
        ("has(params.x) && true",
         "`x` is not among the rule's `params`: declare it there, with its default", "x)"),
        ("params['sufix'] == 1", "`sufix` is not among the rule's `params`; did you mean `suffix`?", "sufix"),
        ("item == 1", "`item` is there in `require`, `message` and `help` of a rule with `each`", "item"),
        ("'%s %s'.format([field.name]) == ''", "`format` should be given 2 values, not 1", "'%s"),
        ("'%d%%'.format([]) == ''", "`format` should be given 1 value, not 0", "'%d"),
        ("'%i'.format([field.number]) == ''",
         "`format` knows `%s`, `%d`, `%f`, `%e`, `%b`, `%x`, `%X` and `%o`; a percent sign is `%%`", "'%i"),
    ],
)  # fmt: skip
def test_what_is_sure_to_fail_is_told_before_it_runs(expression: str, said: str, at: str) -> None:
    column = 15 + expression.index(at)
    first, line, caret = told(f'params: {{suffix: _id}}\nrequire: "{expression}"').split("\n")
    assert first == f"mine.yaml:11:{column}: MY_RULE: `require`: {said}"
    assert line[len(caret) - 1 :].startswith(at)


@pytest.mark.parametrize(
    "expression",
    [
        "field.name.matches('^[a-z]' + ']') && params.size() == 1 && params['suffix'] == '_id'",
        "'params.x' != \"matches('(')\" // params.x",
        "[1].map(params, params + 1) == [2] && [field].exists(item, item.name == '')",
        "'%s, %.2f%%'.format([words('a,b')[0], [1.0, 2.0][1],]) == '' && '%s'.format([1, 2].map(n, [n])[0]) == ''",
        "field.name.matches(params.suffix) && 'a'.matches(regex('<domain>.v<N>'))",
    ],
)
def test_what_may_run_well_is_no_mistake(expression: str) -> None:
    body = f"    params: {{suffix: _id}}\n    message: \"'no'\"\n    require: |\n      {expression}\n"
    text = f"{HEAD}    target: field\n{body}"
    (rule,) = declared.load(text.encode(), "mine.yaml")
    assert rule.id == "MY_RULE"


@pytest.mark.parametrize("key", ["when", "each"])
def test_an_item_is_there_once_it_is_listed(key: str) -> None:
    rest = {"when": "when: item == 1\neach: '[1]'", "each": "each: '[item]'"}[key]
    assert f"`{key}`: `item` is there in `require`, `message` and `help`" in told(f"require: 'true'\n{rest}")


CURE = "should be an expression: text in it has quotes of its own, inside of YAML's"


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("id should be string", """: message: "'id should be string'\""""),
        ("'`a` is bad'", """: message: "'`a` is bad'\""""),
        (">-\n      don't  use\n      `%s`", """: message: "\\"don't use `%s`\\"\""""),
        ("wrong", """: message: "'wrong'\""""),
        (r"use a \ here", ""),
        (f"wrong {'x' * 200}", ""),
    ],
)
def test_a_text_without_quotes_of_its_own_is_told_as_one(written: str, line: str) -> None:
    text = f"{HEAD}    target: field\n    require: 'true'\n    message: {written}\n"
    with pytest.raises(ConfigError) as error:
        declared.load(text.encode(), "mine.yaml")
    first, *_ = error.value.message.split("\n")
    assert first.partition(": MY_RULE: `message`: ")[2] == CURE + line
    if line:
        declared.load(f"{HEAD}    target: field\n    require: 'true'\n    {line[2:]}\n".encode(), "mine.yaml")


@pytest.mark.parametrize("written", ["'a' field.name", "field.name in", "pth", "field.name +"])
def test_an_expression_with_a_mistake_is_no_text(written: str) -> None:
    text = f"{HEAD}    target: file\n    require: 'true'\n    message: |\n      {written}\n"
    with pytest.raises(ConfigError) as error:
        declared.load(text.encode(), "mine.yaml")
    assert CURE not in error.value.message


@pytest.mark.parametrize(
    ("written", "line"),
    [
        ("'`%s` no'.format([field.name])", """message: "'`%s` no'.format([field.name])\""""),
        ('"`%s` no".format([field.name])', """message: '"`%s` no".format([field.name])'"""),
        ("'a' + field.name  ", """message: "'a' + field.name\""""),
    ],
)
def test_quotes_that_end_early_come_with_the_line_as_it_should_be(written: str, line: str) -> None:
    head = f"{HEAD}    target: field\n    require: 'true'\n"
    with pytest.raises(ConfigError) as error:
        declared.load(f"{head}    message: {written}\n".encode(), "mine.yaml")
    assert error.value.message.endswith(
        f"not valid YAML: the quotes end before the value does; put all of it in quotes: {line}"
    )
    assert declared.load(f"{head}    {line}\n".encode(), "mine.yaml")


def test_what_may_be_left_out_is_said_so() -> None:
    said = told("at: nowhere\nrequire: 'true'")
    assert "`rules.at` should be left out, or one of `input`, `item`, `name`" in said

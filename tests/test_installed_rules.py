"""Rules of installed packages: from where they are installed only, and told when they are wrong."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

import pytest

from repositories import HEAD, PATH, USER, Done, Repo, clean, init
from schemactl import build, catalogue, installed
from schemactl.errors import Failure
from shell import run

ROOT = Path(__file__).parents[1]
TEMPLATE = ROOT / "docs/examples/acme-schema-rules"
COPIED = HEAD.replace("acme.", "") + "".join(
    f"message {name} {{\n  string a = 1;\n  string b = 2;\n  string c = 3;\n}}\n" for name in ("One", "Other")
)
Install = Callable[..., Path]

RULE = """\
from schemactl.rule import Hit, Rule
from schemactl.outline import Statement
import sys
TITLES = dict(title="Every message is one", why="It has to be.", bad="message A {}  // error", good="message B {}")
def check(element, context):
    yield Hit(f"`{element.name}` is a message")
"""
GOOD = RULE + 'RULES = [Rule(id="MY_MESSAGE", target="message", check=check, **TITLES)]\n'


@pytest.fixture(autouse=True)
def outside(monkeypatch: pytest.MonkeyPatch) -> None:
    clean(monkeypatch)
    monkeypatch.setattr(sys, "path", list(sys.path))


_numbers = count()


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Puts a package where packages are installed, as pip would; the module of each has a name of its own."""

    def installing(init: str, files: Mapping[str, str] | None = None, name: str = "acme", **where: Path) -> Path:
        module = f"rules_{next(_numbers)}"
        site = where.get("site", tmp_path / "site")
        metadata = site / f"{module}-1.0.dist-info"
        for path, text in {
            metadata / "entry_points.txt": f"[console_scripts]\nx = y:z\n[schemactl.rules]\n{name} = {module}\n",
            site / module / "__init__.py": init,
            **{site / module / path: text for path, text in (files or {}).items()},
        }.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        monkeypatch.syspath_prepend(site)
        return site / module

    return installing


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    return init(tmp_path / "repo", {PATH: USER, "schemactl.yaml": "packs: [acme]\nlint: {use: [acme]}\n"})


def refusal(done: Done) -> str:
    assert (done.code, done.out) == (2, ""), done
    return done.err


# --- the template, installed for real


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    top = tmp_path_factory.mktemp("template")
    shutil.copytree(TEMPLATE, top / "source")
    pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--no-build-isolation")
    done = run(*pip, "--target", top / "site", top / "source", cwd=top)
    assert done.returncode == 0, done.stderr
    return top / "site"


def schemactl(repo: Repo, *words: str, path: str) -> Done:
    """As somebody who stands in the repository runs it."""
    done = run(sys.executable, "-m", "schemactl", *words, cwd=repo.root, PYTHONPATH=path)
    return Done(done.returncode, done.stdout, done.stderr)


def test_the_template_works_once_it_is_installed_and_named(site: Path, tmp_path: Path) -> None:
    repo = init(tmp_path / "r", {"v1/a.proto": COPIED, "schemactl.yaml": "extends: [acme]\n"})
    path = f"{site}{os.pathsep}{ROOT}"
    done = schemactl(repo, "lint", "--format", "json", path=path)
    found = {finding["rule"]: finding for finding in done.report["findings"]}
    assert (found["ACME_MESSAGE_COPIED"]["line"], found["ACME_MESSAGE_COPIED"]["severity"]) == (8, "error")
    assert found["ACME_PACKAGE_PREFIX"]["severity"] == "warning"
    assert "ACME_MESSAGE_COPIED" in schemactl(repo, "rules", "list", path=path).out
    explained = schemactl(repo, "explain", "ACME_MESSAGE_COPIED", path=path)
    assert "Two messages with the same fields" in explained.out, explained.err


@pytest.mark.slow
def test_the_tests_of_the_template_pass(site: Path) -> None:
    path = f"{site}{os.pathsep}{ROOT}"
    pytest_ = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")
    done = run(*pytest_, cwd=site.parent / "source", PYTHONPATH=path, SCHEMACTL_CACHE_DIR=os.devnull)
    assert (done.returncode, "2 passed" in done.stdout) == (0, True), done.stdout


def test_the_template_names_what_there_is() -> None:
    readme = (TEMPLATE / "README.md").read_text()
    for name in re.findall(r"^\| `([\w./*]+)` \|", readme, re.MULTILINE):
        assert list(TEMPLATE.glob(name.rstrip("/"))), name


# --- only what is installed, and only where it is named


def test_nothing_is_loaded_that_the_configuration_does_not_name(install: Install, repo: Repo) -> None:
    install("raise SystemExit('loaded')\n")
    repo.write({"schemactl.yaml": "lint: {use: [BASIC]}\n"})
    assert repo.run("lint").code == 0


@pytest.mark.parametrize("path", ["{root}", "{site}:{root}:{repo}", "{repo}:.:{root}"])
def test_what_is_checked_brings_no_rules_of_its_own(path: str, site: Path, tmp_path: Path) -> None:
    spy = tmp_path / "ran"
    bad = f"open({str(spy)!r}, 'w')\nRULES = ()\n"
    repo = init(tmp_path / "r", {"v1/a.proto": COPIED, "schemactl.yaml": "packs: [acme]\nlint: {use: [acme]}\n"})
    for name in ("acme_schema_rules/__init__.py", "typer.py", "pathlib.py", "msgspec.py", "yaml.py", "a/__init__.py"):
        repo.write({name: bad})
    repo.write({"acme_schema_rules-9.dist-info/entry_points.txt": "[schemactl.rules]\nacme = acme_schema_rules\n"})
    repo.write({"a-1.dist-info/entry_points.txt": "[schemactl.rules]\nacme = a\n"})
    given = path.format(root=ROOT, site=site, repo=repo.root)
    if "{repo}" in path:  # said by whoever runs it: then, too, packages of rules are not looked for there
        for name in ("typer.py", "pathlib.py", "msgspec.py", "yaml.py"):
            repo.write({name: None})
    done = schemactl(repo, "lint", "--format", "json", "--no-cache", path=given)
    if "{site}" in path:
        assert done.rules == ["ACME_PACKAGE_PREFIX", "ACME_MESSAGE_COPIED"]
    else:
        assert "no installed package of rules is called `acme`" in refusal(done)
    assert not spy.exists()


def test_a_package_that_leads_into_the_repository_is_refused(install: Install, repo: Repo) -> None:
    module = install(GOOD)
    inside = repo.root / "tools" / module.name
    shutil.copytree(module, inside)
    shutil.rmtree(module)
    module.symlink_to(inside)
    assert "installed from within the repository that is checked" in refusal(repo.run("lint"))


def test_an_editable_package_of_the_repository_is_refused(
    install: Install, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = install(GOOD)
    shutil.move(module, repo.root / module.name)
    monkeypatch.syspath_prepend(repo.root)
    told = refusal(repo.run("lint"))
    assert "installed from within the repository that is checked" in told
    assert "without `--editable`" in told


def test_an_environment_in_the_repository_is_no_part_of_it(
    install: Install, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = repo.root / ".venv"
    monkeypatch.setattr(sys, "prefix", str(environment))
    install(GOOD, site=environment / "lib/site-packages")
    assert repo.run("lint", "--no-cache").rules == ["MY_MESSAGE"]


def test_a_package_that_is_not_installed_says_how_to_get_it(install: Install, repo: Repo) -> None:
    install(GOOD, name="other")
    told = refusal(repo.run("lint"))
    assert "schemactl.yaml:1:9: no installed package of rules is called `acme`; there are `other`" in told
    assert "python -m pip install DISTRIBUTION" in told


def test_two_packages_of_one_name_are_one_too_many(install: Install, repo: Repo) -> None:
    install(GOOD)
    install(GOOD)
    assert "both bring a package of rules called `acme`" in refusal(repo.run("lint"))


# --- what packages bring


def test_rules_are_chosen_by_the_name_of_their_package(install: Install, repo: Repo) -> None:
    pack = (TEMPLATE / "acme_schema_rules/rules/acme.yaml").read_text().replace("name: acme", "name: other")
    install(GOOD, {"rules/a.yaml": pack})
    repo.write({"x/v1/a.proto": 'syntax = "proto3";\npackage x.v1;\nmessage A {}\n'})
    assert sorted(repo.run("lint").rules) == ["ACME_PACKAGE_PREFIX", "MY_MESSAGE", "MY_MESSAGE"]
    repo.write({"schemactl.yaml": "packs: [acme]\nlint: {use: [other]}\n"})
    assert repo.run("lint").rules == ["ACME_PACKAGE_PREFIX"]
    repo.write({"schemactl.yaml": "packs: [acme]\n"})
    assert not {"MY_MESSAGE", "ACME_PACKAGE_PREFIX"} & {*repo.run("lint").rules}


def test_workers_judge_by_them_too(install: Install, repo: Repo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "_SMALL", 0)
    install(GOOD.replace("    yield", "    print('noise')\n    yield"))
    repo.write({f"acme/v1/m{n}.proto": HEAD + f"message M{n} {{}}\n" for n in range(4)})
    assert repo.run("lint", "--jobs", "2").rules == ["MY_MESSAGE"] * 5


def test_what_it_prints_is_no_report(install: Install, repo: Repo) -> None:
    install("print('noise')\n" + GOOD.replace("    yield", "    print('noise')\n    yield"))
    done = repo.run("lint")
    assert (done.rules, "noise" in done.err) == (["MY_MESSAGE"], True)


def test_a_package_that_changes_is_judged_by_anew(install: Install, repo: Repo) -> None:
    module = install(GOOD)
    before = installed.find("acme", repo.root).state
    assert installed.find("acme", repo.root).state == before
    (module / "checks.py").write_text("# more\n")
    edited = installed.find("acme", repo.root).state
    record = module.parent / f"{module.name}-1.0.dist-info/RECORD"
    record.write_text(f"{module.name}/__init__.py,sha256=aa,10\n{module.name}/checks.py,sha256=bb,10\n")
    recorded = installed.find("acme", repo.root).state
    record.write_text(record.read_text().replace("bb", "cc"))
    assert len({before, edited, recorded, installed.find("acme", repo.root).state}) == 4


def test_findings_of_a_package_are_kept_until_it_changes(install: Install, repo: Repo) -> None:
    module = install(GOOD)
    assert len(repo.run("lint").rules) == 1
    (module / "__init__.py").write_text(GOOD.replace("yield Hit", "return\n    yield Hit").replace("MY_", "MY_OTHER_"))
    del sys.modules[module.name]
    assert repo.run("lint").rules == []


# --- what packages get wrong


@pytest.mark.parametrize(
    ("init", "told"),
    [
        (
            "import nothing_of_the_kind\n",
            "cannot be loaded: ModuleNotFoundError: No module named 'nothing_of_the_kind'",
        ),
        ("x = (\n", "cannot be loaded: SyntaxError: '(' was never closed"),
        ("import sys\nsys.exit(0)\n", "cannot be loaded: SystemExit: 0"),
        ("RULES = 1\n", "cannot be loaded: TypeError: 'int' object is not iterable"),
        ("RULES = ['A']\n", "RULES[0]: should be a `schemactl.rule.Rule`, not a value of type `str`"),
        (GOOD.replace("MY_MESSAGE", "myMessage"), "RULES[0]: id 'myMessage' should be written in capitals"),
        (GOOD.replace('target="message"', 'target="mesage"'), "MY_MESSAGE: `target` should be one of file, message"),
        (GOOD.replace("check=check", "severity='bad', check=check"), "MY_MESSAGE: `severity` should be one of error"),
        (GOOD.replace("check=check,", ""), "a rule with the target `message` should have a `check` and no other"),
        (GOOD.replace("check=check", "files_check=check"), "with the target `message` should have a `check` and no"),
        (GOOD.replace("check=check", "check=check, params={'a': check}"), "`params` should be plain data"),
        (GOOD.replace('why="It has to be."', "why=3"), "MY_MESSAGE: `why` should be text"),
        (
            GOOD.replace('"message", check=', '"module", module_check='),
            "a rule over the module should have the scope `events`",
        ),
        (GOOD.replace("MY_MESSAGE", "IMPORT_USED"), "rules-N 1.0: rule `IMPORT_USED` is already built in"),
        (GOOD.replace("MY_MESSAGE", "COMPILE"), "rules-N 1.0: rule `COMPILE` has the id of one of the engine's"),
        (
            GOOD.replace("MY_MESSAGE", "FIELD_SAME_NAME"),
            "rules-N 1.0: rule `FIELD_SAME_NAME` has the id of one of Buf's",
        ),
    ],
)
def test_a_package_that_is_wrong_is_no_verdict(init: str, told: str, install: Install, repo: Repo) -> None:
    name = install(init).name.replace("_", "-")
    assert told.replace("rules-N", name) in refusal(repo.run("lint"))


@pytest.mark.parametrize(
    ("check", "told"),
    [
        ("1 / 0", "failed: ZeroDivisionError: division by zero (rules_N/__init__.py:6)"),
        ("sys.exit(0)", "failed: SystemExit: 0 (rules_N/__init__.py:6)"),
        ("yield 'wrong'", "its check should not yield a value of type `str`"),
        ("yield Hit(1)", "its check should not yield the hit Hit(message=1"),
        ("yield Hit('a', at='name')", "its check should not yield the hit Hit("),
        ("yield Hit('a', at=(-1,))", "its check should not yield the hit Hit("),
        ("yield Hit(chr(0xD800))", "its check should not yield the hit Hit("),
        ("return 1", "failed: TypeError: 'int' object is not iterable"),
    ],
)
def test_a_rule_that_fails_says_which_on_what_and_whose(check: str, told: str, install: Install, repo: Repo) -> None:
    module = install(GOOD.replace('yield Hit(f"`{element.name}` is a message")', check)).name
    said = refusal(repo.run("lint"))
    assert f"rule MY_MESSAGE failed on acme.v1.User: {module.replace('_', '-')} 1.0" in said
    assert told.replace("rules_N", module) in said


def test_a_hit_where_nothing_is_stands_at_the_top(install: Install, repo: Repo) -> None:
    install(GOOD.replace("is a message`", "").replace('message")', 'message", at=(99, 5))'))
    (found,) = repo.run("lint").report["findings"]
    assert (found["path"], found["line"]) == (PATH, 3)


def test_a_rule_over_the_files_yields_hits_in_files(install: Install, repo: Repo) -> None:
    over = GOOD.replace('"message", check=', '"files", files_check=').replace("element.name", "element.judged[0].name")
    install(over)
    assert "MY_MESSAGE failed on the files" in refusal(repo.run("lint"))
    hit = "yield FileHit(element.judged[0], 'there is a file', AT)"
    over = re.sub(r"yield .*", hit, over).replace("import Hit,", "import FileHit,")
    for at, code in (("Statement()", 1), ("Statement(b'', b'ab')", 2), ("None", 2)):
        name = install(over.replace("AT", at), name=f"my{code}{len(at)}")
        repo.write({"schemactl.yaml": f"packs: [my{code}{len(at)}]\nlint: {{use: [my{code}{len(at)}]}}\n"})
        assert repo.run("lint").code == code, (at, name)


def test_a_rule_for_events_may_call_its_parameters_anything(install: Install, repo: Repo) -> None:
    install(GOOD.replace("check=check", "check=check, scope='events', params={'segment': 1}"))
    text = HEAD + "message User {}\nmessage UserEnvelope {\n  User payload = 1;\n}\n"
    repo.write({PATH: text})
    assert repo.run("lint").rules == ["MY_MESSAGE"]


def test_a_rule_that_fails_in_a_worker_is_told_alike(
    install: Install, repo: Repo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build, "_SMALL", 0)
    install(GOOD.replace("    yield", "    1 / 0\n    yield"))
    repo.write({f"acme/v1/m{n}.proto": HEAD + f"message M{n} {{}}\n" for n in range(4)})
    assert "ZeroDivisionError: division by zero" in refusal(repo.run("lint", "--jobs", "2"))


def test_a_rule_that_suspects_wrongly_is_told_too(install: Install, repo: Repo) -> None:
    install(GOOD.replace("check=check", "check=check, suspect=lambda proto: proto.nothing"))
    assert "failed: `suspect` of rule MY_MESSAGE: AttributeError: nothing" in refusal(repo.run("lint"))


def test_mistakes_in_what_a_package_ships_are_told_as_its_own(install: Install, repo: Repo) -> None:
    install(GOOD, {"schemactl.yaml": "roots: [a]\npacks: [rules/a.yaml]\nlint: {ignore: [gen]}\n"})
    repo.write({"schemactl.yaml": "extends: [acme]\n"})
    told = refusal(repo.run("lint"))
    assert "acme:schemactl.yaml:1:1: `roots` belongs in the schemactl.yaml that extends this one" in told
    assert "acme:schemactl.yaml:2:9: `rules/a.yaml` is a path; all files `rules/*.yaml` of a package" in told
    assert "acme:schemactl.yaml:3:17: `gen` is a path, and a package cannot know" in told


def test_a_broken_pack_of_a_package_is_told_with_its_place(install: Install, repo: Repo) -> None:
    install("", {"rules/a.yaml": "name: a\nrules: [{id: A_B}]\n"})
    assert re.search(r"acme:rules/a\.yaml:2:9: A_B: `\S+` is missing", refusal(repo.run("lint")))


def test_the_catalogue_knows_the_rules_of_packages(install: Install, tmp_path: Path) -> None:
    install(GOOD)
    package = installed.find("acme", tmp_path / "repo")
    rule = catalogue.catalogue({}, [package])["MY_MESSAGE"]
    assert (rule.origin, rule.categories) == (package.distribution, ("acme",))
    with pytest.raises(Failure, match="is already in"):
        catalogue.catalogue({}, [package, package])

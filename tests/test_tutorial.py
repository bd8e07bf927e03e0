"""The tutorial and the how-to pages are carried out line by line, and print what they say."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

import pytest

from pages import Step, difference, rewritten, steps, written
from schemactl import config
from schemactl.catalogue import catalogue, with_params
from schemactl.policy import resolve
from typist import Typist, screen, typing

DOCS = Path(__file__).parents[1] / "docs"
PAGES = ("tutorial", "adopting", "approving", "json-on-kafka", "writing-rules", "releasing")

on_a_terminal = pytest.mark.skipif(sys.platform == "win32", reason="the pages are typed into bash on a pseudo-terminal")


def carried_out(typist: Typist, step: Step, real: dict[int, list[str]]) -> str:
    """What is wrong about a step, or nothing. A command may end with 1, findings, if it shows them."""
    if step.how != "run":
        return written(typist.where(), step)
    status, printed = typist.type(step.text)
    wrong = difference(step.prints, printed)
    if wrong:
        real[step.line] = printed
    elif status > 1 or (status and not step.prints):
        wrong = f"it ended with {status}"
    return wrong and f"$ {step.text}\n{wrong}"


def check(page: Path, update: bool = False) -> None:
    """Every step of a page, in a directory of its own; what needs a program that is not here is left out aloud."""
    text = page.read_text("utf-8")
    todo = [(step, step.needs and not shutil.which(step.needs)) for step in steps(text)]
    real: dict[int, list[str]] = {}
    with typing() as typist:
        told = [(step.line, carried_out(typist, step, real)) for step, left_out in todo if not left_out]
    if update:
        page.write_text(rewritten(text, real), "utf-8")
        return
    wrong = [f"\n{page.parent.name}/{page.name}:{line}: {what}" for line, what in told if what]
    if wrong:
        pytest.fail("\n".join(wrong), pytrace=False)
    skipped = [step.line for step, left_out in todo if left_out]
    if skipped:
        pytest.skip(f"{page.name} was carried out but for lines {skipped}: these need a program that is not here")


@pytest.mark.slow
@on_a_terminal
@pytest.mark.parametrize("name", PAGES)
def test_a_page_does_and_prints_what_it_says(name: str, update: bool) -> None:
    check(DOCS / f"{name}.md", update)


@on_a_terminal
def test_a_page_that_says_something_else_fails_by_its_line(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ echo one\none\n$ echo two\nthree\n$ false\n```\n")
    with pytest.raises(pytest.fail.Exception) as failed:
        check(page)
    assert "page.md:4: $ echo two\n--- shown\n+++ printed\n@@ -1 +1 @@\n-three\n+two" in str(failed.value)
    assert "page.md:6: $ false\nit ended with 1" in str(failed.value)
    assert "page.md:2" not in str(failed.value)
    check(page, update=True)
    assert page.read_text() == "```console\n$ echo one\none\n$ echo two\ntwo\n$ false\n```\n"


@on_a_terminal
def test_what_needs_a_program_that_is_not_here_is_skipped_aloud(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("```console\n$ true\n```\n\n<!-- needs nosuchprogram -->\n\n```console\n$ nosuchprogram\n```\n")
    with pytest.raises(pytest.skip.Exception, match=r"but for lines \[8\]"):
        check(page)


@pytest.mark.parametrize("name", PAGES)
def test_every_block_of_a_page_says_what_to_do_with_it(name: str) -> None:
    assert [step for step in steps((DOCS / f"{name}.md").read_text("utf-8")) if step.how == "run"]


def test_commands_that_nobody_runs_need_a_reason() -> None:
    with pytest.raises(AssertionError, match="line 3: nobody does this"):
        steps("Install it:\n\n```sh\npip install x\n```\n")
    assert steps("Install it:\n\n<!-- not run: no index -->\n\n```sh\npip install x\n```\n") == []


def test_a_file_is_named_in_the_text_too() -> None:
    block = '```yaml title="a/b.yaml"\nx: 1\n```\n'
    with pytest.raises(AssertionError, match=r"should name `b\.yaml`"):
        steps(f"Save this:\n\n{block}")
    assert steps(f"Save this as `b.yaml`:\n\n{block}") == [Step("write", 3, "a/b.yaml", ("x: 1",))]


def test_a_command_goes_on_in_lines_of_its_own_and_may_need_a_program() -> None:
    page = "<!-- needs go -->\n\n```console\n$ for x in 1; do\n>   echo $x\n> done\n1\n$ cd ..\n```\n"
    looped = Step("run", 4, "for x in 1; do\n  echo $x\ndone", ("1",), "go")
    assert steps(page) == [looped, Step("run", 8, "cd ..", (), "go")]
    assert "\n> done\n2\n3\n$ cd" in rewritten(page, {4: ["2", "3"]})


def test_a_page_that_is_rewritten_leaves_out_what_it_left_out() -> None:
    page = "```console\n$ ls\nfirst\n…\nlast\n$ pwd\n```\n"
    assert rewritten(page, {2: ["1", "2", "3", "4"]}) == page.replace("first", "1").replace("last", "4")


@pytest.mark.parametrize(
    ("shown", "printed"),
    [
        ("compared with HEAD (last commit 3f1c2aa)", "compared with HEAD (last commit 1234567)"),
        ("a.whl   12.5 kB", "a.whl  101.2 kB"),
        ("first\n…\nlast", "first\n2\n3\nlast"),
        ("first\n…\nlast", "first\nlast"),
    ],
)
def test_what_differs_from_run_to_run_is_no_difference(shown: str, printed: str) -> None:
    assert difference(tuple(shown.split("\n")), printed.split("\n")) == ""


@pytest.mark.parametrize(
    ("shown", "printed"), [("2 errors", "1 error"), ("one", "one\ntwo"), ("", "x"), ("first\n…", "second")]
)
def test_anything_else_is_a_difference(shown: str, printed: str) -> None:
    assert difference(tuple(shown.split("\n")), printed.split("\n"))


def test_an_edit_fits_at_one_place(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("one\ntwo\none\n")
    assert "fits at 2 places in a.txt" in written(tmp_path, Step("edit", 1, "a.txt", ("-one", "+three")))
    assert written(tmp_path, Step("edit", 1, "a.txt", (" two", "-one", "+three"))) == ""
    assert file.read_text() == "one\ntwo\nthree\n"


def test_a_progress_bar_that_came_and_went_is_not_seen() -> None:
    assert screen("\x1b[?25lchecking 1/9\r\x1b[2Kchecking 2/9\n\x1b[?25h\r\x1b[1A\x1b[2Kreport\r\nend") == [
        "report",
        "end",
    ]


@on_a_terminal
def test_the_shell_remembers_and_says_how_a_command_ended() -> None:
    with typing() as typist:
        assert typist.type("mkdir a && cd a && x=1") == (0, [])
        assert typist.type("echo $x; false") == (1, ["1"])
        assert typist.type("echo $?; pwd") == (0, ["1", "/home/acme/a"])
        assert typist.where() == typist.home / "a"


def configured(name: str, text: str) -> bool:
    files = {name: text.encode(), "proto/a.proto": b"", "proto/x/a.proto": b""}
    return bool(resolve(config.load(files.get, ".", lambda: files), catalogue(), with_params))


def test_each_side_of_the_table_for_those_who_come_from_buf_is_a_configuration() -> None:
    page = (DOCS / "adopting.md").read_text("utf-8")
    rows = re.findall(r"^\| `((?:modules|lint|breaking): [^`]*)`.*? \| `(\w+: [\[{][^`…]*)`", page, re.MULTILINE)
    assert len(rows) == 6
    for old, new in rows:
        assert configured("buf.yaml", f"version: v2\n{old}")
        assert configured("schemactl.yaml", new)

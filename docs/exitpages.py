"""Writes docs/exit-codes.md from the codes that the tool ends with."""

from __future__ import annotations

from pathlib import Path

from schemactl import exits

PAGE = Path(__file__).with_name("exit-codes.md")
_HEAD = """# Exit codes

A job that runs schemactl can tell "no" from "I cannot say": the first is about the schemas, the second about the
machine or the command.

| code | meaning |
|--:|---|
"""
_LEADING = """
## What leads to them

| command | 1, the verdict is no | 0, although there was something |
|---|---|---|
"""
_LEADS = {
    "`lint`, `breaking`, `check`": (
        "a finding at or above `--fail-on`; with `--fix --diff`, something that would be corrected",
        "findings below `--fail-on`; suppressed and approved ones, those in the baseline; with `--fail-on never`, any",
    ),
    "`diff`": ("a side that does not compile", "any change, breaking ones too: it reports, and judges nothing"),
    "`generate`": ("a schema that cannot be generated from; with `--check`, files that are not current", ""),
    "`package`, `publish`, `release`": (
        "a version, a schema or an artifact that is refused; something else published under that version",
        "",
    ),
    "`rules test`": ("a rule that does not do what its examples say", ""),
    "`doctor`": (
        "a tool that is missing, and needed by what is configured here",
        "one that is missing, and not needed",
    ),
}
_FOOT = """
With 2, standard error says what is wrong and what to do: mostly in a line each; for an option that does not exist, with
the usage of the command; for a file with several mistakes, one line for each of them. It is about the command line, a
configuration file, or the environment: git, Buf, protoc, a revision, the disk, the network.

What cannot be compared, compiled or loaded ends in 1 or 2, never in 0. Where there is nothing to compare with, in a
repository with one commit or by `--against none`, the report says so.

<!-- written by `python docs/exitpages.py` -->
"""


def page() -> str:
    codes = (f"| {code} | {meaning} |\n" for code, meaning in exits.MEANINGS.items())
    leads = (f"| {command} | {no} | {clean} |\n" for command, (no, clean) in _LEADS.items())
    return "".join((_HEAD, *codes, _LEADING, *leads, _FOOT))


def write() -> None:
    PAGE.write_text(page(), "utf-8")


if __name__ == "__main__":
    write()

"""Every rule finds what its bad example marks with `// error`, and nothing in its good one."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

import acme_schema_rules
import pytest
import yaml

MARK = "  // error"
DECLARED = [
    rule
    for pack in files(acme_schema_rules).joinpath("rules").iterdir()
    for rule in yaml.safe_load(pack.read_text())["rules"]
]
EXAMPLES = {rule.id: (rule.bad, rule.good) for rule in acme_schema_rules.RULES} | {
    rule["id"]: (rule["bad"], rule["good"]) for rule in DECLARED
}


def lines(rule: str, example: str, directory: Path) -> list[int]:
    """Where the rule, and no other, finds something."""
    (directory / "schemactl.yaml").write_text(f"packs: [acme]\nlint: {{use: [{rule}]}}\n")
    (directory / "example.proto").write_text(example.replace(MARK, ""))
    command = (sys.executable, "-m", "schemactl", "lint", "--format", "json", "--no-cache")
    done = subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), done.stderr
    return [finding["line"] for finding in json.loads(done.stdout)["findings"]]


@pytest.mark.parametrize("rule", EXAMPLES)
def test_a_rule_finds_what_its_examples_say(rule: str, tmp_path: Path) -> None:
    bad, good = EXAMPLES[rule]
    marked = [number for number, line in enumerate(bad.splitlines(), 1) if line.endswith(MARK)]
    assert lines(rule, bad, tmp_path) == marked != []
    assert lines(rule, good, tmp_path) == []

"""`schemactl init`: finds out how schemas are kept, and proposes what a team needs to have them checked."""

from __future__ import annotations

from contextlib import nullcontext

from schemactl.init.placing import place
from schemactl.init.plan import Plan, plan
from schemactl.init.starting import started
from schemactl.init.steps import Request
from schemactl.init.told import done, proposed, question, written

__all__ = ["Plan", "Request", "carry_out", "done", "plan", "proposed", "question", "written"]


def carry_out(plan: Plan) -> None:
    """Writes all of it, or nothing."""
    # Schemas last: a sample that lacks one is known as one that is not finished.
    files = sorted(plan.files, key=lambda each: each.path.endswith(".proto"))
    with started(plan.top) if plan.starts_git else nullcontext():
        place(plan.top, [(each.path, each.content) for each in files])

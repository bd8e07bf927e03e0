"""What `init` is going to do: files to write, lines for files that are there, and why."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from schemactl.config import BASELINE, NAME
from schemactl.errors import UsageError
from schemactl.git.command import PLAIN
from schemactl.init import automation, settings
from schemactl.init.begun import begun
from schemactl.init.origin import found
from schemactl.init.placing import is_there, refuse
from schemactl.init.project import project
from schemactl.init.steps import New, Request, Sight, Step, There
from schemactl.init.surroundings import PIPELINE, WORKFLOWS, around, lines_of
from schemactl.init.survey import Survey, survey
from schemactl.init.templates import filled
from schemactl.repopath import joined
from schemactl.schema import OPTIONS_FILE, options_text


@dataclass(frozen=True)
class Plan:
    top: Path
    facts: tuple[str, ...]
    steps: tuple[Step, ...]
    notes: tuple[str, ...] = ()
    without_ci: str = ""
    starts_git: bool = False
    lacks_git: bool = False
    directory: str = "."
    is_hosted: bool = False
    has_old_findings: bool = False
    start: str | None = None  # where commands are typed, from the top; None: outside of it

    @property
    def is_checked(self) -> bool:
        """Whether CI takes it up without anybody's help."""
        return any(each.path == PIPELINE or each.path.startswith(WORKFLOWS) for each in self.files)

    @property
    def files(self) -> list[New]:
        return [step for step in self.steps if isinstance(step, New)]

    @property
    def there(self) -> list[There]:
        return [step for step in self.steps if isinstance(step, There)]


def plan(request: Request) -> Plan:
    """Reads and lints; UsageError for what cannot be written there."""
    seen = survey(request.directory)
    if not seen.is_empty and begun(seen):
        seen = Survey(seen.place, seen.directory, is_empty=True)
    surroundings = around(seen.place.top, seen.place.repository, seen.directory)
    nothing_tells = seen.is_empty and not (surroundings.other or surroundings.because)
    chosen = request.ci if request.ci != "auto" else surroundings.ci or ("github" if nothing_tells else "none")
    sight = Sight(request, seen, surroundings, found(request.action), chosen)
    made = _of_new(sight) if seen.is_empty else _of_existing(sight)
    refuse(made.top, [each.path for each in made.files])
    return replace(
        made, without_ci=automation.without(sight), lacks_git=seen.place.repository is None and not seen.is_empty,
        directory=seen.directory, is_hosted=surroundings.remote is not None, start=_start(made.top),
        has_old_findings=sight.has_old_findings,
    )  # fmt: skip


def _start(top: Path) -> str | None:
    here = Path.cwd().resolve()
    return here.relative_to(top).as_posix() if here.is_relative_to(top) else None


def _of_new(sight: Sight) -> Plan:
    """One event by the conventions, and all that a repository around it needs."""
    owner = sight.around.remote.owner if sight.around.remote else ""
    place = sight.top / sight.survey.directory
    name, why = project(sight.request.project, owner, place.name)
    if is_there(sight.top, sight.beside(NAME)) and begun(sight.survey) != name:
        what = f"`{sight.beside(NAME)}` is there, and no .proto file below it"
        raise UsageError(what, "write the first one; or move it away, and init brings one with a sample")
    runs = [*automation.steps(sight)]
    steps = [*_samples(sight, name), *runs]
    facts = [f"no .proto files: this makes a repository of schemas, with one event of project `{name}` ({why})"]
    facts += automation.facts(sight, runs)
    without_git = sight.survey.place.repository is None
    return Plan(sight.top, tuple(facts), tuple(steps), tuple(_notes(sight)), starts_git=without_git)


def _samples(sight: Sight, name: str) -> Iterator[Step]:
    def sample(path: str, template: str, purpose: str) -> Step:
        return sight.new(sight.beside(path), purpose, filled(template, {"project": name}).encode())

    yield sight.new(sight.beside(NAME), "what is checked, and by which rules", settings.of_new(name).text)
    yield sample(f"{name}/users/v1/user.proto", "user.proto.in", "a domain, and the event of its topic")
    yield sample(f"{name}/shared/v1/event_type.proto", "event_type.proto.in", "what all events share")
    yield _options(sight, ".")
    yield sample("README.md", "README.md", "what is where")
    yield _ignored(sight)


def _ignored(sight: Sight) -> Step:
    path, made = sight.beside(".gitignore"), ("/gen/", "/dist/")
    step = sight.new(path, "what schemactl makes, and git leaves out", "".join(f"{each}\n" for each in made).encode())
    if isinstance(step, New):
        return step
    said = {line.strip().strip("/") for line in lines_of(sight.top, path)}
    missing = tuple(each for each in made if each.strip("/") not in said)
    return There(path, "to leave out what schemactl makes", missing) if missing else step


def _of_existing(sight: Sight) -> Plan:
    seen = sight.survey
    if sight.request.project is not None:
        raise UsageError("`--project` is for a directory without schemas", "leave it out: there are .proto files here")
    settled = settings.of_existing(seen, sight.around)
    ours = sight.new(seen.beside(NAME), _purpose(settled.text), settled.text)
    active = settled.active if isinstance(ours, New) else ()
    runs = [*automation.steps(sight)]
    steps = [ours, *runs, *_wanted(sight)]
    facts = [
        *_schema_facts(sight),
        *(f"{NAME} sets what is so already: {each}" for each in active),
        *(
            f"{_names(seen.vendored)}: imported from, not checked, as `includes` of {NAME} says"
            for _ in seen.vendored[:1]
        ),
        *automation.facts(sight, runs),
    ]
    return Plan(sight.top, tuple(facts), tuple(steps), tuple(_notes(sight)))


def _purpose(text: bytes) -> str:
    said = any(line and not line.lstrip().startswith(b"#") for line in text.splitlines())
    return "what is checked, and by which rules" if said else "settings, all of them commented out so far"


def _wanted(sight: Sight) -> Iterator[Step]:
    """What is written only where somebody asks."""
    seen = sight.survey
    if sight.request.options:
        yield There(seen.options, "is there") if seen.options else _options(sight, seen.options_root)
    if sight.request.baseline:
        if seen.findings.problems:
            hint = "`schemactl lint` shows why; without --baseline the rest can be written"
            raise UsageError("--baseline: the schemas do not compile, so there are no findings to record", hint)
        if seen.findings.lint or is_there(sight.top, seen.beside(BASELINE)):
            yield sight.new(seen.beside(BASELINE), f"{_count(seen.findings.lint)} of today", seen.baseline, False)


def _options(sight: Sight, root: str) -> Step:
    path = joined(root, OPTIONS_FILE) if not sight.survey.is_empty else sight.beside(OPTIONS_FILE)
    text = options_text()
    purpose = f"the options of topics and fields, for protoc, Buf and editors; {len(text.splitlines())} lines"
    return sight.new(path, purpose, text, shown=False)


def _schema_facts(sight: Sight) -> Iterator[str]:
    seen = sight.survey
    files = "1 .proto file" if seen.files == 1 else f"{seen.files} .proto files"
    roots = _names(seen.roots)
    by = f"as {seen.config.file} says" if seen.config.file else "as the imports tell"
    yield f"{files}; imports start at {roots}, {by}"
    if seen.environments:
        yield f"{_names(seen.environments)}: .proto files of installed packages, which are not counted"
    topics = f" on {len(seen.topics)} topic{'' if len(seen.topics) == 1 else 's'}" if seen.topics else ""
    if seen.events:
        yield f"{seen.events} event{'' if seen.events == 1 else 's'}{topics}"
    elif not seen.findings.problems:
        yield "no events: a message is one by the option `(schemactl.v1.topic)`, or by its name `<X>Envelope`"
    yield _today(sight)
    if sight.around.latest:
        count = "the only release" if sight.around.releases == 1 else f"the highest of {sight.around.releases} releases"
        paste = f"; `breaking --against {sight.around.latest}` compares with it"
        yield f"tag `{sight.around.latest}` is {count}{paste if PLAIN.fullmatch(sight.around.latest) else ''}"


def _names(paths: Sequence[str]) -> str:
    return ", ".join(f"`{path}`" for path in paths[:4]) + (" and more" if len(paths) > 4 else "")


def _today(sight: Sight) -> str:
    found = sight.survey.findings
    if found.problems:
        return f"the schemas do not compile: {_count(found.problems)}, which `schemactl lint` shows"
    if not found.total:
        return "lint says: no findings today"
    about = f", {found.of_events} of rules about events" if sight.survey.events else ""
    hint = "" if sight.has_baseline else "; CI and hooks report only new ones, --baseline records these"
    return f"lint says: {_count(found.total)} today{about}{hint}"


def _notes(sight: Sight) -> Iterator[str]:
    found = sight.survey.findings
    if sight.survey.is_empty and sight.survey.files:
        yield "the .proto files elsewhere in this repository are not checked; the first check calls them deleted"
    if sight.request.baseline and not (found.lint or found.problems):
        yield "no baseline: there are no findings to record"


def _count(number: int) -> str:
    return f"{number} finding{'' if number == 1 else 's'}"

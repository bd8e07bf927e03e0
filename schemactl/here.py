"""The configuration around where the user stands, as far as one rule needs it: looked at, and nothing compiled."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path

from schemactl import catalogue, config, place
from schemactl.config import DEFAULT, Config
from schemactl.errors import ToolError, UsageError
from schemactl.place import Place
from schemactl.rule import Rule
from schemactl.rulepackage import Package
from schemactl.tree import Directory
from schemactl.written import Written


class Here:
    """What there is around a directory; whatever is wrong with it is raised when it is asked for."""

    def __init__(self, directory: Path, explicit: Path | None) -> None:
        self._directory = directory
        self._explicit = explicit
        self._listed = False

    @cached_property
    def place(self) -> Place:
        return place.find(self._directory)

    @cached_property
    def settings(self) -> Config:
        """What schemactl.yaml says, and what Buf's files above say."""
        try:
            return self._load(())
        except ToolError:
            if not self.place.repository:
                raise
            return self._load(self.tree.paths)  # it may be told better

    @cached_property
    def lint(self) -> Config:
        return self._whole(any(policy.origin == DEFAULT for policy in self.settings.lint))

    @cached_property
    def breaking(self) -> Config:
        return self._whole(any(policy.origin.startswith(DEFAULT) for policy in self.settings.breaking))

    @cached_property
    def written(self) -> Written:
        return Written(lambda path: self._given if path == str(self._explicit) else self.tree.read(path))

    @cached_property
    def packs(self) -> Mapping[str, str]:
        """The packs of the repository that are configured, by their path."""
        return catalogue.texts(self.settings.packs, self.tree.read, self.settings.said)

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """Every rule that there is."""
        return catalogue.catalogue(self.packs, self.settings.packages)

    def _whole(self, undecided: bool) -> Config:
        """Buf's files below are looked for only where nothing else decides: listing a large repository takes long."""
        if not (undecided and self._listed and self.place.repository):
            return self.settings
        return self._load(self.tree.paths)

    def _load(self, paths: Collection[str]) -> Config:
        def listing() -> Collection[str]:
            self._listed = True
            return paths

        given = (str(self._explicit), self._given) if self._explicit else None
        return config.load(self.tree.read, self.place.start, listing, given, self.package)

    @cached_property
    def tree(self) -> Directory:
        return Directory(self.place.top, self.place.repository)

    @cached_property
    def _given(self) -> bytes:
        try:
            return (self._directory / (self._explicit or "")).read_bytes()
        except OSError as error:
            message = f"--config: `{self._explicit}` cannot be read: {error.strerror}"
            raise UsageError(message, "check the path") from error

    def package(self, name: str) -> Package:
        from schemactl import installed

        return installed.find(name, self.place.top)

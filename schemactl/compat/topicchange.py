"""What to say of one property of a topic that is not what it was."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from schemactl.compat.contract import Writer
from schemactl.compat.contracts import Form, Terms
from schemactl.finding import Severity


class Telling(NamedTuple):
    """`was` and `now` are the values, by which a change is told from the next one of the same property."""

    severity: Severity
    message: str
    help: str
    was: str
    now: str


_UNITS = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
_FOREVER = float("inf")
_PARTITIONERS = {2: "crc32"}  # Kafka's own clients, and so the default, use murmur2
_CLEANUPS = {2: "compact", 3: "delete, compact"}  # the default is Kafka's: delete
_FORM: dict[Form, str] = {
    "json": "JSON", "binary": "binary", "confluent": "Confluent's framing", "both": "JSON and binary",
}  # fmt: skip
_PARTS: dict[Form, set[Form]] = {"both": {"json", "binary"}}
_BESIDE = "create a topic beside this one, and write both until all readers have moved"
_REORDERED = "keys go to other partitions than before: what is about one thing is read out of order around the change"
_LOSING = "let all readers catch up first, and those that keep state from the topic rebuild it elsewhere"


def encoding(was: Terms, now: Terms, *, said: bool = True) -> Telling | None:
    """`said`: whether the topic was declared before, and its encoding no mere assumption."""
    if was.form == now.form:
        return None
    old, new = _FORM[was.form], _FORM[now.form]
    if not said or _PARTS.get(was.form, {was.form}) & _PARTS.get(now.form, {now.form}):
        message = f"it is judged as {new}, and was as {old}"
        return Telling("warning", message, f"make sure that nothing but {new} is on the topic", old, new)
    message = f"records are {new} and were {old}: no reader of the one can read the other, and both are on the topic"
    return Telling("error", message, _BESIDE, old, new)


def writers(was: Terms, now: Terms) -> Telling | None:
    """Only what is JSON on both sides is printed before and after."""
    old, new = was.writer, now.writer
    if old == new or "json" not in was.encodings or "json" not in now.encodings:
        return None
    told = [f"{after} and printed {before}" for before, after in _forms(old, new) if before != after]
    names = (old.proto_names, old.enum_numbers) != (new.proto_names, new.enum_numbers)
    message = f"writers print {'; '.join(told)}"
    message += ": whoever looks for what was printed before no longer finds it" if names else ""
    level: Severity = "error" if names else "warning"
    return Telling(level, message, _BESIDE if names else _DEFAULTS, repr(old), repr(new))


_DEFAULTS = "make sure that readers take a field that is absent for one with its default, and the other way round"


def _forms(old: Writer, new: Writer) -> Iterator[tuple[str, str]]:
    for writer_says, yes, no in (
        ("proto_names", "field names as in the proto file", "JSON names of fields"),
        ("enum_numbers", "enum values as numbers", "enum values as names"),
        ("print_defaults", "fields that are not set", "only fields that are set"),
    ):
        yield (yes if getattr(old, writer_says) else no, yes if getattr(new, writer_says) else no)


def readers(was: Terms, now: Terms) -> Telling | None:
    """Those of the binary format have no choice."""
    if was.readers == now.readers or "json" not in now.encodings:
        return None
    if now.readers == "strict":
        message = "readers refuse what they do not know, and ignored it: every new field and enum value breaks them now"
        return Telling(
            "warning", message, "let readers ignore unknown fields, as all libraries can", *_readers(was, now)
        )
    message = "readers ignore what they do not know, and refused it"
    return Telling("info", message, "make sure that none of them still refuses it", *_readers(was, now))


def _readers(was: Terms, now: Terms) -> tuple[str, str]:
    return was.readers, now.readers


def compatibility(was: Terms, now: Terms) -> Telling | None:
    if was.compatibility == now.compatibility:
        return None
    values = was.compatibility, now.compatibility
    lost = [each for each in was.directions if each not in now.directions]
    if not lost:
        message = f"compatibility is `{values[1]}` and was `{values[0]}`: changes from before were not judged by that"
        return Telling("info", message, "compare with earlier releases, too: `--against tags`", *values)
    message = f"compatibility is `{values[1]}` and was `{values[0]}`: from now on nobody judges {_whom(lost)}"
    return Telling("warning", message, "change it by itself, with a word from those who read the topic", *values)


def _whom(lost: list[Any]) -> str:
    about = {
        "backward": "whether new readers understand old records",
        "forward": "whether old readers understand new ones",
    }
    return " and ".join(about[each] for each in lost)


def partitioner(was: Any, now: Any, has_key: bool) -> Telling | None:
    old, new = (_PARTITIONERS.get(each.partitioner, "murmur2") for each in (was, now))
    if old == new:
        return None
    message = f"the partitioner is {new} and was {old}"
    if not has_key:
        return Telling("warning", f"{message}; without a key it decides nothing", "declare the key", old, new)
    return Telling("error", f"{message}: {_REORDERED}", f"keep {old}; {_BESIDE}", old, new)


def partitions(was: Any, now: Any, has_key: bool) -> Telling | None:
    old, new = was.partitions, now.partitions
    if old == new or not old:
        return None
    values = str(old), str(new)
    if not new:
        message = f"the number of partitions is no longer declared; it was {old}"
        return Telling("warning", message, f"bring `partitions: {old}` back", *values)
    message = f"there are {new} partitions and were {old}"
    if new < old:
        return Telling("error", f"{message}: Kafka can take none away", f"keep {old}; {_BESIDE}", *values)
    if has_key:
        return Telling("error", f"{message}: {_REORDERED}", f"keep {old}; {_BESIDE}", *values)
    return Telling("warning", f"{message}; records have no key, and so no order to lose", "tell the readers", *values)


def cleanup(was: Any, now: Any) -> Telling | None:
    old, new = _cleanup(was), _cleanup(now)
    if old == new:
        return None
    message = f"the cleanup policy is `{new}` and was `{old}`"
    if "compact" in new and not now.key:
        help = "declare the key, and write it, before the topic is compacted"
        return Telling("error", f"{message}: Kafka refuses records without a key on a compacted topic", help, old, new)
    reason, help = _CLEANED.get((old, new), _CLEANED["compact", "delete"])
    return Telling("warning", f"{message}: {reason}", help, old, new)


_HISTORY = "of each key only the last record is kept: who reads from the start sees no history"
_CLEANED = {
    ("delete", "compact"): (_HISTORY, _LOSING),
    ("delete", "delete, compact"): (_HISTORY, _LOSING),
    ("compact", "delete"): ("keys that nobody writes again expire: who reads from the start misses them", _LOSING),
    ("delete, compact", "compact"): (
        "nothing expires any longer, not even personal data",
        "make sure that what has to be forgotten is deleted by its key",
    ),
    ("delete, compact", "delete"): (
        "all records of a key are kept again, until they expire",
        "make sure that readers take the last one of each key",
    ),
}


def _cleanup(option: Any) -> str:
    """As declared, else as `config` has it for Kafka."""
    if not option.cleanup and "cleanup.policy" in option.config:
        return ", ".join(sorted(map(str.strip, option.config["cleanup.policy"].split(",")), reverse=True))
    return _CLEANUPS.get(option.cleanup, "delete")


def retention(was: Any, now: Any) -> Telling | None:
    old, new = kept(was), kept(now)
    if old == new:
        return None
    before, after = length(old), length(new)
    if old is None or new is None:
        message = f"how long records are kept is {'no longer ' if new is None else ''}declared: {before or after}"
        help = f"say `retention` again: without it the cluster decides, maybe on less than {before}"
        return Telling("info" if old is None else "warning", message, help if new is None else _MEANT, before, after)
    message = f"records are kept for {after}, and were for {before}"
    if new > old:
        return Telling("info", message, _MEANT, before, after)
    message += ": readers that lag behind, and all that read from the start, lose the difference"
    return Telling("warning", message, _LOSING, before, after)


_MEANT = "make sure that the topic is configured like that, and that personal data may stay so long"


def kept(option: Any) -> float | None:
    """In seconds; negative is for ever, to Kafka too."""
    if option.HasField("retention"):
        seconds = option.retention.seconds + option.retention.nanos / 1e9
    else:
        try:
            seconds = int(option.config["retention.ms"]) / 1000 if "retention.ms" in option.config else None
        except (ValueError, OverflowError):
            return None
    return seconds if seconds is None or seconds >= 0 else _FOREVER


def length(seconds: float | None) -> str:
    if seconds is None or seconds == _FOREVER:
        return "" if seconds is None else "ever"
    size, name = next((unit for unit in _UNITS if seconds >= unit[0] and seconds % unit[0] == 0), (1, "second"))
    count = f"{seconds / size:.12g}"
    return f"{count} {name}{'' if count == '1' else 's'}"

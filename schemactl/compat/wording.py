"""What people read of a change: what was, what is, and how to get what was wanted without the harm."""

from __future__ import annotations

from schemactl.compat.shape import Field, Message

_KEEP = {
    "FIELD_TYPE_CHANGED": "keep the type, and add a field with a new number and name for the new one",
    "FIELD_CARDINALITY_CHANGED": "keep the field as it was, and add a field with a new number and name",
    "FIELD_ONEOF_CHANGED": "leave the field where it was and add a new one: of a oneof, only one member is left",
    "FIELD_REQUIRED_CHANGED": "leave it as it was: what one side must set, the other has to send",
    "REQUIRED_FIELD_ADDED": "add it without `required`: data that is written already does not have it",
    "FIELD_ADDED": "let readers learn the field before writers send it, or make them ignore fields they do not know",
    "FIELD_DEFAULT_CHANGED": "keep the default: it is what readers see where the field is not set",
    "OPTIONAL_TO_IMPLICIT": "keep `optional`: without it a zero is not written, and readers cannot tell it from unset",
    "FIELD_PRESENCE_CHANGED": "keep its presence: readers may tell unset from zero",
}


def changed(
    rule: str, was: Field | None, now: Field | None, old: Message, new: Message, between: str | None = None
) -> str:
    if was is None:
        assert now
        return _added(rule, now, old)
    if now is None:
        return f"field `{was.name}` = {was.number} was removed from `{new.full_name}`"
    gone = f", which {between} does not have," if between else ""
    if rule == "NUMBER_REUSED":
        return f"number {was.number} of `{new.full_name}` meant `{was.name}`{gone} and now means `{now.name}`"
    if rule == "JSON_NAME_REUSED":
        key = was.json_name if was.json_name == now.json_name else now.name
        return f"key `{key}` of `{new.full_name}` meant field {was.number}{gone} and now means field {now.number}"
    return f"field `{now.name}` {_difference(was, now)}"


def _added(rule: str, now: Field, old: Message) -> str:
    if rule == "NUMBER_REUSED":
        return f"field `{now.name}` takes number {now.number}, which was reserved"
    if rule == "JSON_NAME_REUSED":
        return f"field `{now.name}` is `{now.json_name}` in JSON, a name that was reserved in `{old.full_name}`"
    required = "required " if rule == "REQUIRED_FIELD_ADDED" else ""
    return f"{required}field `{now.name}` = {now.number} was added to `{old.full_name}`"


def _difference(was: Field, now: Field) -> str:
    parts = []
    if was.written != now.written:
        parts.append(f"changed from `{was.written}` to `{now.written}`")
    if was.number != now.number:
        parts.append(f"has number {now.number} instead of {was.number}")
    if was.name != now.name:
        parts.append(f"was called `{was.name}`")
    if was.json_name != now.json_name:
        parts.append(f"is `{now.json_name}` in JSON instead of `{was.json_name}`")
    if was.oneof != now.oneof:
        parts.append(_moved(was.oneof, now.oneof))
    if was.presence != now.presence and was.cardinality == now.cardinality:
        parts.append(f"has {now.presence} presence instead of {was.presence}")
    if was.default != now.default:
        parts.append(f"defaults to {_default(now)} instead of {_default(was)}")
    if was.delimited != now.delimited:
        parts.append("is " + ("" if now.delimited else "no longer ") + "encoded as a group")
    if was.checked != now.checked and was.kind == now.kind == "string":
        parts.append("must " + ("" if now.checked else "no longer ") + "be UTF-8")
    return ", ".join(parts) or "is read as another one: its key or oneof is shared with a field that changed"


def _default(of: Field) -> str:
    return "zero" if of.default is None else f"`{of.default}`"


def _moved(was: str, now: str) -> str:
    if not was:
        return f"moved into oneof `{now}`"
    return f"moved out of oneof `{was}`" if not now else f"moved from oneof `{was}` to `{now}`"


def remedy(rule: str, was: Field | None, now: Field | None, old: Message, new: Message) -> str:
    if was is None or now is None:
        return _reserve(was, new) if was else _instead(rule, old, new)
    if rule == "FIELD_RENUMBERED":
        return f"give `{now.name}` its number back: {was.number} instead of {now.number}"
    if rule == "FIELD_RENAMED":
        return f'keep the name `{was.name}`; or keep what JSON carries by `[json_name = "{was.json_name}"]`'
    if rule == "JSON_NAME_CHANGED":
        return f'keep what JSON carries by `[json_name = "{was.json_name}"]`'
    if rule in ("NUMBER_REUSED", "JSON_NAME_REUSED"):
        return "take a number and a name that no release has used"
    return _KEEP[rule]


def _instead(rule: str, old: Message, new: Message) -> str:
    if rule in _KEEP:
        return _KEEP[rule]
    free = max((each.number for side in (old, new) for each in side.fields), default=0)
    taken = max((end - 1 for side in (old, new) for _, end in side.reserved_ranges if end < 1 << 28), default=0)
    return f"take a name that was never used, and a number such as {max(free, taken) + 1}"


def _reserve(was: Field, new: Message) -> str:
    """The `reserved` lines that are missing."""
    lines = [f"reserved {was.number};"] if not new.reserves(was.number) else []
    lines += [f'reserved "{was.name}";'] if was.name not in new.reserved_names else []
    back = "bring it back; or first make every reader ignore fields that it does not know"
    name = new.full_name.rpartition(".")[2]
    return f"{back}; paste into message `{name}`:\n" + "\n".join(lines) if lines else back

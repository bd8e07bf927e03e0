"""Rules of acme for schemactl: `RULES` are those in Python, rules/*.yaml those that a declaration can say."""

from acme_schema_rules import message_copied

RULES = (message_copied.RULE,)

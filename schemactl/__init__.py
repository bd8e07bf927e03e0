"""schemactl governs the contract between services that exchange Protobuf-described events."""

__version__ = "0.1.0"

"""Nothing unsafe passes: what decoders really do to messages of changed schemas, against what the verdict says."""

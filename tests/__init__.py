"""The proofs. `core`, `shell` and `reading` mirror the modules, `flow` and `real` tell stories."""

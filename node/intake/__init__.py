"""How entries get into the log: checked, signed, stored, guarded and projected, in that order."""

"""Papers of a case: forms as PDF, field lists, and the pack of all of them; the same case always gives the same bytes."""

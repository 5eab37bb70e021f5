"""Rules on plain values: no Flask, no database, no clock, no files."""

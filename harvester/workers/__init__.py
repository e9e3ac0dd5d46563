"""Killable processes that read one generation of a catalogue, with limits on time, memory and size."""

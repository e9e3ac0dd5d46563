"""Layer 5, use: what a catalogue says, held against SHACL shapes."""

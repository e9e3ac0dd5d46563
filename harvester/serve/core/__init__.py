"""What every endpoint has at hand: settings, the engine that answers tasks, who may ask, the dumps."""

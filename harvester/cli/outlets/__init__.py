"""Where the account of a run goes, beside the terminal: a report file, metrics, a webhook."""

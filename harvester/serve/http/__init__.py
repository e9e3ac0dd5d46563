"""What HTTP wants of any answer: negotiation, codings, headers, problem details."""

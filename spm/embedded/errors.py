"""The one error of the embedded servers: a sentence for the person at the terminal."""


class EmbeddedError(Exception):
    """Says what happened, to which thing, and what to do next; the command line prints it and exits with 1."""

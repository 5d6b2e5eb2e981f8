"""What the starter of the servers asks of their keeper; travels as JSON on its command line."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Options:
    """`programs` is the folder of another PostgreSQL; `external`: a running one is named in the environment."""

    durable: bool = True
    discard: bool = False
    programs: str = ""
    external: bool = False

"""Search and the guides. The guides are the same for everybody and hold nothing of a company, so visitors read them too."""

from tests.walls.permissions import EVERYONE, PUBLIC, Row

FACTORIES = {"guide": lambda owner: "rep"}

ROWS = [
    Row(route="search", query="q=re", may=EVERYONE),
    Row(route="help", kind=PUBLIC),
    Row(route="help_guide", at={"name": "guide"}, kind=PUBLIC),
]

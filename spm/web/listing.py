"""Lists of the API that are computed: they answer in the same pages as those that are read from a table."""

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet
from rest_framework.generics import GenericAPIView
from rest_framework.response import Response


class ListOf(GenericAPIView[Any]):
    """The base of a list that is computed: it answers in pages, as every list does."""

    filter_backends = ()

    def pages(self, rows: Sequence[Any] | QuerySet[Any]) -> Response:
        """Give the page of the rows that was asked for."""
        return self.get_paginated_response(self.get_serializer(self.paginate_queryset(rows), many=True).data)

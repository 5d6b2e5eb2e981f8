"""The one shape of errors: {code, message, fix, where}."""

from django.http import JsonResponse


def error_response(status: int, code: str, message: str, *, fix: str = "", where: object = None) -> JsonResponse:
    """Give an error in the API's one shape."""
    return JsonResponse({"code": code, "message": message, "fix": fix, "where": where}, status=status)

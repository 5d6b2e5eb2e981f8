"""The one shape of errors, {code, message, fix, where}, and what a visitor sees when something broke: an id and nothing else."""

from typing import Any

from django.core.exceptions import BadRequest
from django.core.signals import got_request_exception
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.utils.log import log_response
from django.views import defaults

API_PREFIX = "/api/"


def error_body(code: str, message: str, *, fix: str = "", where: object = None) -> dict[str, Any]:
    """Give the values of an error in the one shape."""
    return {"code": code, "message": message, "fix": fix, "where": where}


def error_response(status: int, code: str, message: str, *, fix: str = "", where: object = None) -> JsonResponse:
    """Give an error in the API's one shape."""
    return JsonResponse(error_body(code, message, fix=fix, where=where), status=status)


def is_api(request: HttpRequest) -> bool:
    """Tell whether a program asks rather than a person."""
    return request.path.startswith(API_PREFIX)


def shaped(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Give API callers the one shape also where no API view was reached: an unknown address, a refused form."""
    if not is_api(request) or response.status_code < 400 or "json" in response.get("Content-Type", ""):
        return response
    if response.status_code == 404:
        fix = "Check the address; things of other companies don't exist here."
        return error_response(404, "not_found", "There is nothing at this address.", fix=fix)
    return error_response(response.status_code, "refused", response.reason_phrase)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Say what in a request could not be read; only our own sentences are shown."""
    if is_api(request) or not hasattr(request, "viewer"):
        return defaults.bad_request(request, exception)
    reason = str(exception) if isinstance(exception, BadRequest) else ""
    return HttpResponse(render_to_string("400.html", {"reason": reason}, request), status=400)


def broken(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Record the fault and answer with its id only."""
    got_request_exception.send(sender=None, request=request)
    request_id = str(getattr(request, "request_id", ""))
    if is_api(request):
        message = f"Something broke on our side. It is recorded as {request_id}."
        response: HttpResponse = error_response(
            500, "fault", message, fix="Try again; if it happens again, tell your operator the id."
        )
    else:
        response = HttpResponse(render_to_string("500.html", {"request_id": request_id}), status=500)
    log_response("Fault: %s", request.path, response=response, request=request, exception=exception)
    return response

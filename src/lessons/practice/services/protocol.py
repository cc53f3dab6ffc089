"""From a description of a protocol to a web application that speaks it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from lessons.practice.services.desk import CutOff, Desk
from lessons.practice.services.refusals import Gate, Refusal


class Asked(BaseModel):
    """The body of a request; what a service does not name is let pass."""

    model_config = ConfigDict(strict=True, extra="ignore")


@dataclass(frozen=True)
class Stream:
    """An answer in pieces: bytes, and the type that they have on the way."""

    parts: Iterator[bytes]
    media_type: str = "text/event-stream"


Given = Mapping[str, Any] | Sequence[Any] | Stream


@dataclass(frozen=True)
class Call:
    """What an endpoint is given: the models, the checked body, and what the address says."""

    desk: Desk
    asked: Any
    path: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Protocol:
    """One service's protocol: its addresses, how it knows a caller, and how it says no.

    Args:
        endpoints: By address, the schema of its body and the function that answers.
        has_key: Whether a request, with this body, shows the key.
        refuse: A refusal in this service's words: the body, and headers.
        query: The parameter that each address must have.
        statuses: Of refusals, by their kind, where this service has others than most.
    """

    endpoints: Mapping[str, tuple[type[Asked], Callable[[Call], Given]]]
    has_key: Callable[[Request, bytes, str], bool]
    refuse: Callable[[Refusal], tuple[Mapping[str, Any], Mapping[str, str]]]
    query: str | None = None
    statuses: Mapping[str, int] = field(default_factory=dict)


def app_of(protocol: Protocol, desk: Desk, key: str, gate: Gate) -> Starlette:
    """Return the application that speaks a protocol.

    Args:
        protocol: Which one.
        desk: What answers.
        key: Who shows it may ask.
        gate: Lets only so many calls pass.
    """

    def refused(refusal: Refusal) -> Response:
        refusal.status = protocol.statuses.get(refusal.kind, refusal.status)
        body, headers = protocol.refuse(refusal)
        wait = {} if refusal.retry_after is None else {"retry-after": str(refusal.retry_after)}
        return JSONResponse(body, refusal.status, {**headers, **wait})

    def endpoint(schema: type[Asked], function: Callable[[Call], Given]) -> Callable:
        async def handle(request: Request) -> Response:
            body = await request.body()
            try:
                if not protocol.has_key(request, body, key):
                    raise Refusal("key", "the key is wrong or missing: set it in the environment")
                gate.pass_one()
                if protocol.query and protocol.query not in request.query_params:
                    raise Refusal("path", f"the address lacks ?{protocol.query}=…", protocol.query)
                asked = schema.model_validate_json(body)
                call = Call(desk, asked, dict(request.path_params))
                given = await run_in_threadpool(function, call)
            except ValidationError as error:
                return refused(_refusal_of(error))
            except Refusal as refusal:
                return refused(refusal)
            if isinstance(given, Stream):
                return StreamingResponse(_until_cut(given.parts), media_type=given.media_type)
            return JSONResponse(given)

        return handle

    async def unknown(request: Request, _: Exception) -> Response:
        return refused(Refusal("path", f"there is no {request.method} {request.url.path} here"))

    routes = [
        Route(path, endpoint(schema, function), methods=["POST"])
        for path, (schema, function) in protocol.endpoints.items()
    ]
    return Starlette(routes=routes, exception_handlers={404: unknown, 405: unknown})


def _until_cut(parts: Iterator[bytes]) -> Iterator[bytes]:
    try:
        yield from parts
    except CutOff:
        return


def _refusal_of(error: ValidationError) -> Refusal:
    """Name the first field that is missing or wrong."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(map(str, first["loc"]))
    return Refusal("field", f"{place or 'the body'}: {first['msg'].lower()}", place or None)

"""The OpenAPI document: what ninja knows of /api/, and the addresses elsewhere that keys open as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from ninja import NinjaAPI
from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from pydantic import BaseModel, Field, TypeAdapter

from .errors import ErrorsAnswer


class SpecifiedBoard(BaseModel):
    """A board exactly as the specification has it ("Board Management")."""

    id: str = Field(description="Pinterest's ID.", examples=["123456789"])
    name: str = Field(examples=["My Inspiration Board"])


@dataclass(frozen=True)
class Parameter:
    """A parameter of an address that ninja does not serve."""

    name: str
    description: str
    schema: dict[str, Any]
    place: str = "query"


@dataclass(frozen=True)
class SharedAddress:
    """A GET address outside of /api/ (accounts.api_keys.authentication.open_to_keys) for the document."""

    path: str
    operation_id: str
    summary: str
    description: str
    # The type of its 200, as pydantic understands types.
    answer: Any
    parameters: Sequence[Parameter] = ()
    refusals: Sequence[int] = (401, 403, 404, 429)


TEXT = {"type": "string"}
ACCOUNT = Parameter("account", "Username of an account. Without it, see the description.", TEXT)
SHARED_ADDRESSES = [
    SharedAddress(
        path="/boards",
        operation_id="listSpecifiedBoards",
        summary="List boards by ID and name",
        description="The boards of all connected accounts, or of one, by ID and name only. GET /api/boards returns"
        " more.",
        answer=list[SpecifiedBoard],
        parameters=(ACCOUNT,),
    )
]


class DocumentedApi(NinjaAPI):
    """The API, with the addresses outside of it that accept its keys in its document."""

    def get_openapi_schema(self, **options: Any) -> OpenAPISchema:
        """Return ninja's document with the shared addresses added."""
        document = super().get_openapi_schema(**options)
        schemas = document["components"]["schemas"]
        for address in SHARED_ADDRESSES:
            security: list[dict[str, list[str]]] = [{name: []} for name in document["components"]["securitySchemes"]]
            document["paths"][address.path] = {"get": _operation(address, schemas) | {"security": security}}
        # ninja lists the models of query parameters, too, whose fields stand in the operation.
        for name in [name for name in schemas if f"/schemas/{name}'" not in repr(document)]:
            del schemas[name]
        return document


def _operation(address: SharedAddress, schemas: dict[str, Any]) -> dict[str, Any]:
    answers = {200: address.answer, **dict.fromkeys(address.refusals, ErrorsAnswer)}
    return {
        "operationId": address.operation_id,
        "summary": address.summary,
        "description": address.description,
        "parameters": [
            {
                "in": each.place,
                "name": each.name,
                "description": each.description,
                "required": each.place == "path",
                "schema": each.schema,
            }
            for each in address.parameters
        ],
        "responses": {
            status: {
                "description": HTTPStatus(status).phrase,
                "content": {"application/json": {"schema": _schema(answer, schemas)}},
            }
            for status, answer in answers.items()
        },
    }


def _schema(answer: Any, schemas: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a type; what it refers to is added to the document's `schemas`."""
    schema = TypeAdapter(answer).json_schema(mode="serialization", ref_template=REF_TEMPLATE)
    schemas.update(schema.pop("$defs", {}))
    if isinstance(answer, type) and issubclass(answer, BaseModel):
        schemas[answer.__name__] = schema
        return {"$ref": REF_TEMPLATE.format(model=answer.__name__)}
    return schema

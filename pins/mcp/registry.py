"""Tools: named functions with arguments and answers that JSON Schema describes."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, get_type_hints

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from ninja.responses import NinjaJSONEncoder
from pydantic import BaseModel, ConfigDict, ValidationError

from accounts.api_keys.authentication import require_scope
from accounts.models import Scope
from pins.api.application import ApiRequest
from pins.api.errors import ApiValidationError, ErrorAnswer, ErrorsAnswer, problem_of, problems_of
from pins.rules.composition import Problem


class Arguments(BaseModel):
    """What a tool takes: nothing that it does not name."""

    model_config = ConfigDict(extra="forbid")


@dataclass(frozen=True)
class Tool:
    """A function of ours with all that a client learns of it."""

    name: str
    title: str
    description: str
    scope: Scope
    arguments: type[BaseModel]
    answer: type[BaseModel]
    run: Callable[[ApiRequest, Any], Any]
    # What a client may show before it asks its person. No tool of ours destroys anything.
    hints: dict[str, bool]
    validator: Draft202012Validator

    @property
    def listed(self) -> dict[str, Any]:
        """Return the tool as tools/list has it."""
        return {
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "inputSchema": self.validator.schema,
            "outputSchema": self.answer.model_json_schema(mode="serialization"),
            "annotations": {"title": self.title, "destructiveHint": False, **self.hints},
        }

    def call(self, request: ApiRequest, arguments: dict[str, Any]) -> dict[str, Any]:
        """Return the result of tools/call.

        What is refused is a result, too (`isError`), so that the model that has called reads why.
        """
        try:
            require_scope(request.auth, self.scope)
            answer = self.run(request, self._read(arguments))
        except Exception as error:  # noqa: BLE001  # problems_of() raises again what is no refusal
            errors = ErrorsAnswer(errors=[ErrorAnswer.of(each) for each in problems_of(error)])
            return {"content": [_text(errors)], "isError": True}
        text = _text(answer)
        return {"content": [text], "structuredContent": json.loads(text["text"]), "isError": False}

    def _read(self, arguments: dict[str, Any]) -> BaseModel:
        """Return the arguments as the tool takes them.

        Raises ApiValidationError for those that are not as the tool's schema has them.
        """
        error = best_match(self.validator.iter_errors(arguments))
        if error is not None:
            field = str(error.absolute_path[0]) if error.absolute_path else ""
            where = f"“{error.json_path.removeprefix('$.')}”: " if field else ""
            message = f"{where}{_shortened(error.message)}. tools/list describes the arguments of “{self.name}”."
            raise ApiValidationError([Problem("argument_invalid", field, message)])
        try:
            return self.arguments.model_validate(arguments)
        except ValidationError as invalid:  # such as a moment that is none, which is a string for the schema
            problems = [problem_of({**each, "loc": ("arguments", *each["loc"])}) for each in invalid.errors()]
            raise ApiValidationError(problems) from invalid


MOST_CHARACTERS = 200

TOOLS: dict[str, Tool] = {}


def tool(
    scope: Scope, title: str, *, is_read_only: bool, is_idempotent: bool = True, is_open_world: bool = False
) -> Callable[[Callable[[ApiRequest, Any], Any]], Callable[[ApiRequest, Any], Any]]:
    """Make a function a tool: its name, docstring, argument and answer are those of the tool.

    Args:
        scope: What a key needs to call it.
        title: Its name for people.
        is_read_only: Whether it changes nothing.
        is_idempotent: Whether calling it again with the same arguments changes nothing more.
        is_open_world: Whether it reaches beyond this app.
    """

    def register(run: Callable[[ApiRequest, Any], Any]) -> Callable[[ApiRequest, Any], Any]:
        types = get_type_hints(run)
        arguments = types["arguments"]
        TOOLS[run.__name__] = Tool(
            name=run.__name__,
            title=title,
            description=inspect.getdoc(run) or "",
            scope=scope,
            arguments=arguments,
            answer=types["return"],
            run=run,
            hints={"readOnlyHint": is_read_only, "idempotentHint": is_idempotent, "openWorldHint": is_open_world},
            validator=Draft202012Validator(arguments.model_json_schema()),
        )
        return run

    return register


def _text(answer: BaseModel) -> dict[str, str]:
    """Return the JSON that the API answers with as text, for clients that read no structured content."""
    text = json.dumps(answer.model_dump(by_alias=True), cls=NinjaJSONEncoder, ensure_ascii=False)
    return {"type": "text", "text": text}


def _shortened(text: str) -> str:
    return text if len(text) <= MOST_CHARACTERS else f"{text[:MOST_CHARACTERS]}…"

"""Libraries that take a client of a provider take a wrapped one; `make test-frameworks` runs these.

The versions that were tried are in constraints.txt beside this file.
"""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from omega_runtime import BudgetExceeded, budget, wrap
from omega_runtime.testing import fresh_ledger

from tests.support.completions_api import completion, completion_body
from tests.support.messages_api import Answer, Server, message

pydantic = pytest.importorskip("pydantic")
anthropic = pytest.importorskip("anthropic")
openai = pytest.importorskip("openai")

MODEL = "claude-sonnet-5-5"
QUESTION = [{"role": "user", "content": "Where?"}]


def city() -> Any:
    """What answers are to look like."""

    class City(pydantic.BaseModel):
        name: str

    return City


def tool_use(**arguments: str) -> Answer:
    """An answer that calls the tool with these arguments."""
    block = {"type": "tool_use", "id": "t", "name": "City", "input": arguments}
    return message(blocks=[block], stop_reason="tool_use", input_tokens=30, output_tokens=10)


def test_instructor_and_what_it_asks_again_is_counted() -> None:
    instructor = pytest.importorskip("instructor")
    with (
        fresh_ledger(),
        Server(tool_use(nom="Rome"), tool_use(name="Rome")) as server,
        budget(tokens=10_000) as account,
    ):
        client = instructor.from_anthropic(wrap(anthropic.Anthropic(api_key="k", base_url=server.url)))
        found = client.messages.create(model=MODEL, max_tokens=200, messages=QUESTION, response_model=city())
        assert (found.name, len(server.bodies()), account.spent) == ("Rome", 2, 80)


def test_instructor_is_refused() -> None:
    instructor = pytest.importorskip("instructor")
    with fresh_ledger(), Server() as server, budget(tokens=1_000) as account:
        client = instructor.from_anthropic(wrap(anthropic.Anthropic(api_key="k", base_url=server.url)))
        with pytest.raises(Exception, match="Budget exceeded") as refused:
            client.messages.create(model=MODEL, max_tokens=200, messages=QUESTION, response_model=city(), max_retries=5)
        assert isinstance(refused.value.__cause__, BudgetExceeded)
        assert (server.bodies(), account.spent) == ([], 0)


def test_instructor_with_openai() -> None:
    instructor = pytest.importorskip("instructor")
    call = {"id": "t", "type": "function", "function": {"name": "City", "arguments": '{"name": "Rome"}'}}
    body = completion_body(prompt=30, output=10)
    body["choices"][0]["message"] = {"role": "assistant", "content": None, "tool_calls": [call]}
    with fresh_ledger(), Server(Answer(200, json.dumps(body).encode())) as server, budget(tokens=10_000) as account:
        client = instructor.from_openai(wrap(openai.OpenAI(api_key="k", base_url=f"{server.url}/v1")))
        found = client.chat.completions.create(model="gpt-4o", max_tokens=200, messages=QUESTION, response_model=city())
        assert (found.name, account.spent) == ("Rome", 40)


def test_pydantic_ai() -> None:
    pytest.importorskip("pydantic_ai")
    from pydantic_ai import Agent
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    async def main(server: Server) -> None:
        client = wrap(openai.AsyncOpenAI(api_key="k", base_url=f"{server.url}/v1"))
        async with client, budget(tokens=10_000) as account:
            agent = Agent(OpenAIChatModel("gpt-4o", provider=OpenAIProvider(openai_client=client)))
            answer = await agent.run("Hello?", model_settings={"max_tokens": 100})
            assert (answer.output, account.spent) == ("Hello.", 15)

    with fresh_ledger(), Server(completion()) as server:
        asyncio.run(main(server))


def test_langchain_with_openai() -> None:
    models = pytest.importorskip("langchain_openai")
    with fresh_ledger(), Server(completion()) as server, budget(tokens=10_000) as account:
        client = wrap(openai.OpenAI(api_key="k", base_url=f"{server.url}/v1"))
        model = models.ChatOpenAI(
            model="gpt-4o", api_key="k", max_tokens=100, client=client.chat.completions, root_client=client
        )
        assert (model.invoke("Hello?").content, account.spent) == ("Hello.", 15)


def test_langchain_with_anthropic() -> None:
    models = pytest.importorskip("langchain_anthropic")
    with fresh_ledger(), Server(message("Hello.", 10, 5)) as server, budget(tokens=10_000) as account:
        model = models.ChatAnthropic(model=MODEL, api_key="k", base_url=server.url, max_tokens=100)
        model._client = wrap(model._client)
        assert (model.invoke("Hello?").content, account.spent) == ("Hello.", 15)

"""docs/privacy.md says who may do and see what; the server is asked, and has to agree.

HEALTHMED_WRITE_PRIVACY=1 writes down what it says instead.
"""

import os
from contextlib import AsyncExitStack, suppress

import pytest
from graphql import GraphQLObjectType

from tests.paths import ROOT
from tests.privacy import matrix
from tests.privacy.matrix import SCHEMA, everything, found_in, scene, whole
from tests.server import LocalServer
from transport.errors import Unfit

DOCUMENT = ROOT / "docs" / "privacy.md"
BEGIN, END = "<!-- asked of the server -->\n", "\n<!-- until here -->"


async def test_who_may_do_and_see_what_is_as_it_is_written(server: LocalServer):
    told = await matrix.printed(server)
    before, _, rest = DOCUMENT.read_text().partition(BEGIN)
    written, _, after = rest.partition(END)

    if os.environ.get("HEALTHMED_WRITE_PRIVACY"):
        DOCUMENT.write_text(f"{before}{BEGIN}{told}{END}{after}")
    else:
        assert told == written


STRANGERS = ("nobody", "another patient", "another doctor", "an administrator", "a partner")
CANCEL = """mutation ($id: ID!, $why: String!) {
  cancelAppointment(input: {appointmentId: $id, justification: $why}) { problems { code } }
}"""


@pytest.mark.parametrize("who", STRANGERS)
async def test_by_no_path_does_a_stranger_come_to_what_is_a_patients(server: LocalServer, who: str):
    found = await scene(server)
    stranger = found.people[who]

    for type, ids in found.things.items():
        whole = everything(SCHEMA.type_map[type], 3)
        for id in ids:
            query = f"query ($id: ID!) {{ node(id: $id) {{ ... on {type} {{ {whole} }} }} }}"
            answer = await server.answer(query, stranger, id=id)
            assert found_in(answer, found.marks) == []
    for name, field in SCHEMA.query_type.fields.items():
        if isinstance(field.type, GraphQLObjectType) and not field.args.get("id"):
            answer = await server.answer(
                f"{{ {name}{'(first: 5)' if 'first' in field.args else ''}"
                f" {{ {everything(field.type, 3)} }} }}",
                stranger,
            )
            assert found_in(answer, found.marks) == []


@pytest.mark.parametrize("who", ["its patient", "its doctor"])
async def test_the_two_whom_it_concerns_do(server: LocalServer, who: str):
    """So that what strangers do not find is there to be found."""
    found = await scene(server)
    whole = everything(SCHEMA.type_map["Appointment"], 2)
    query = f"query ($id: ID!) {{ node(id: $id) {{ ... on Appointment {{ {whole} }} }} }}"

    answer = await server.answer(query, found.people[who], id=found.things["Appointment"][0])

    assert found.marks[0] in found_in(answer, found.marks)


async def heard(server: LocalServer, who: str) -> list[str]:
    """What is Ana's in all that this one of WHO is told, by whatever he may listen to, as she
    cancels her visit and releases what she holds.
    """
    found = await scene(server)
    ana, held = found.people["its patient"], found.things["Slot"][0]
    release = f'mutation {{ releaseSlot(input: {{slotId: "{held}"}}) {{ problems {{ code }} }} }}'
    told: list[object] = []
    async with AsyncExitStack() as stack:
        listening = []
        for name in SCHEMA.subscription_type.fields:
            with suppress(Unfit):  # which the table tells of
                entered = server.listening(whole(name, found), found.people[who])
                listening.append(await stack.enter_async_context(entered))
        given = {"id": found.things["Appointment"][0], "why": f"{found.marks[0]} imprevisto"}
        assert await server.ask(CANCEL, ana, **given) == {"problems": []}
        assert await server.ask(release, ana) == {"problems": []}
        for each in listening:
            await each.silent()
            while not each.heard.empty():
                told.append(each.heard.get_nowait())
    assert found_in(told, [*found.things["Slot"], *found.things["Appointment"]]) != []
    return found_in(told, found.marks)


@pytest.mark.parametrize("who", STRANGERS)
async def test_by_no_subscription_does_a_stranger_hear_what_is_a_patients(
    server: LocalServer, who: str
):
    assert await heard(server, who) == []


@pytest.mark.parametrize("who", ["its patient", "its doctor"])
async def test_the_two_whom_it_concerns_hear_it(server: LocalServer, who: str):
    assert await heard(server, who) != []

"""What Schemathesis holds every answer to, and values for the scalars of ours.

Loaded by Schemathesis, in its own environment.
"""

from typing import Any

import schemathesis
from hypothesis import strategies as st
from schemathesis.graphql import nodes


def texts(meant: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    """Mostly what is meant, now and then any text."""
    return (meant | meant | st.text(max_size=40)).map(nodes.String)


SCALARS = {
    "DateTime": st.datetimes().map(lambda at: f"{at.isoformat()}Z"),
    "Date": st.dates().map(str),
    "LocalTime": st.times().map("{:%H:%M}".format),
    "CPF": st.from_regex(r"[0-9]{11}", fullmatch=True),
    "EventCursor": st.from_regex(r"[0-9a-z._-]{1,30}", fullmatch=True),
}
for name, meant in SCALARS.items():
    schemathesis.graphql.scalar(name, texts(meant))


@schemathesis.check
def no_fault_of_the_server(_: Any, response: Any, __: Any) -> None:
    """Anything may be refused; nothing may fail."""
    assert response.status_code < 500, f"status {response.status_code}"
    answer = response.json()
    codes = [error.get("extensions", {}).get("code") for error in answer.get("errors", ())]
    assert "INTERNAL" not in codes, response.text

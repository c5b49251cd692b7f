"""The schema, put together from what each room has of it."""

import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types
from strawberry.types import get_object_definition

import resolvers.access_requests
import resolvers.auth
import resolvers.availability
import resolvers.calendar_feeds
import resolvers.consent_texts
import resolvers.consultations
import resolvers.device_checks
import resolvers.doctors
import resolvers.emergencies
import resolvers.erasure
import resolvers.exports
import resolvers.in_person_requests
import resolvers.nodes
import resolvers.papers
import resolvers.partners
import resolvers.passkeys
import resolvers.passwords
import resolvers.patients
import resolvers.records
import resolvers.recovery
import resolvers.scheduling
import resolvers.second_factor
import resolvers.standings
import resolvers.visit_notes
import schema.appointments
import schema.consultations
import schema.doctors
import schema.patients
import schema.problems
import schema.slots
import subscriptions.availability
import subscriptions.consultations
import subscriptions.records
import subscriptions.scheduling
from schema.scalars import SCALARS


def _root(name: str, description: str, *rooms: type) -> type:
    merged = merge_types(name, rooms)
    get_object_definition(merged, strict=True).description = description
    return merged


graphql_schema = strawberry.Schema(
    query=_root(
        "Query",
        "What can be asked.",
        resolvers.nodes.Query,
        resolvers.auth.Query,
        resolvers.doctors.Query,
        resolvers.consent_texts.Query,
    ),
    mutation=_root(
        "Mutation",
        "What can be done.",
        resolvers.auth.Mutation,
        resolvers.second_factor.Mutation,
        resolvers.passkeys.Mutation,
        resolvers.passwords.Mutation,
        resolvers.recovery.Mutation,
        resolvers.patients.Mutation,
        resolvers.doctors.Mutation,
        resolvers.standings.Mutation,
        resolvers.availability.Mutation,
        resolvers.scheduling.Mutation,
        resolvers.calendar_feeds.Mutation,
        resolvers.consultations.Mutation,
        resolvers.device_checks.Mutation,
        resolvers.in_person_requests.Mutation,
        resolvers.partners.Mutation,
        resolvers.records.Mutation,
        resolvers.papers.Mutation,
        resolvers.access_requests.Mutation,
        resolvers.emergencies.Mutation,
        resolvers.exports.Mutation,
        resolvers.erasure.Mutation,
        resolvers.visit_notes.Mutation,
    ),
    subscription=_root(
        "Subscription",
        "What can be heard, live.",
        subscriptions.availability.Subscription,
        subscriptions.scheduling.Subscription,
        subscriptions.consultations.Subscription,
        subscriptions.records.Subscription,
    ),
    types=[
        schema.problems.InvalidInput,
        schema.problems.Refused,
        schema.slots.SlotTaken,
        schema.appointments.VersionConflict,
        schema.consultations.OutsideWindow,
        schema.patients.Patient,
    ],
    config=StrawberryConfig(scalar_map=SCALARS),
)

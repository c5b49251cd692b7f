// Mercurius as its documentation has it: loaders for what hangs on a list, and the JIT from the
// first time on that an operation is seen.

import { readFileSync } from "node:fs";
import { createVerifier } from "fast-jwt";
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";
import { Bookings } from "../bookings.mjs";
import { Reads } from "../reads.mjs";
import { publishSlots, topicOf } from "../slots.mjs";
import { viewers } from "../viewers.mjs";

const schema = readFileSync(new URL("../schema.graphql", import.meta.url), "utf8");
const pool = new pg.Pool({ max: Number(process.env.PEER_CONNECTIONS) });
const reads = new Reads(pool);
const bookings = new Bookings(pool);
const viewerOf = await viewers(createVerifier);

const resolvers = {
  Query: {
    node: (_, { id }) => reads.doctor(id),
    doctors: (_, given) => reads.doctors(given),
    viewer: (_, __, { viewer }) =>
      viewer?.role === "DOCTOR" ? { __typename: "DoctorViewer", id: viewer.id } : null,
  },
  Mutation: {
    requestAppointment: (_, { input }, { viewer }) => bookings.request(viewer, input),
    publishSlots: (_, { input }, { viewer, pubsub }) =>
      publishSlots(pool, viewer, input.times, (topic, payload) =>
        pubsub.publish({ topic, payload }),
      ),
  },
  Subscription: {
    slotChanges: {
      subscribe: (_, { doctorIds }, { pubsub }) => pubsub.subscribe(doctorIds.map(topicOf)),
    },
  },
  DoctorViewer: {
    appointments: ({ id }, { first }) => reads.appointments(id, first),
  },
};

const loaders = {
  Doctor: {
    // All queries of a batch have the same arguments here, for they come from one field.
    nextSlots: (queries) =>
      reads.nextSlots(queries.map(({ obj }) => obj.uuid), queries[0].params.first),
  },
  Appointment: {
    patient: (queries) => reads.patients(queries.map(({ obj }) => obj.patientId)),
    slot: (queries) => reads.slots(queries.map(({ obj }) => obj.slotId)),
  },
};

const app = Fastify();
app.register(mercurius, {
  schema,
  resolvers,
  loaders,
  jit: 1,
  subscription: true,
  context: ({ headers }) => ({ viewer: viewerOf(headers.authorization) }),
});
await app.listen({ host: "127.0.0.1", port: 0 });
console.log(`port ${app.server.address().port}`);

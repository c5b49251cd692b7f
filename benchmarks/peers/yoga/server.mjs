// GraphQL Yoga as its documentation has it: on Node's own HTTP server, documents parsed and
// validated once, and a DataLoader for each request.

import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import DataLoader from "dataloader";
import { createVerifier } from "fast-jwt";
import { createSchema, createYoga } from "graphql-yoga";
import pg from "pg";
import { Reads } from "../reads.mjs";
import { viewers } from "../viewers.mjs";

const typeDefs = readFileSync(new URL("../schema.graphql", import.meta.url), "utf8");
const reads = new Reads(new pg.Pool({ max: Number(process.env.PEER_CONNECTIONS) }));
const viewerOf = await viewers(createVerifier);

const resolvers = {
  Query: {
    node: (_, { id }) => reads.doctor(id),
    doctors: (_, given) => reads.doctors(given),
    viewer: (_, __, { viewer }) =>
      viewer?.role === "DOCTOR" ? { __typename: "DoctorViewer", id: viewer.id } : null,
  },
  Doctor: {
    // A field's arguments are the same for all the doctors of a list.
    nextSlots: ({ uuid }, { first }, { loaders }) => {
      loaders.nextSlots ??= new DataLoader((ids) => reads.nextSlots(ids, first));
      return loaders.nextSlots.load(uuid);
    },
  },
  DoctorViewer: {
    appointments: ({ id }, { first }) => reads.appointments(id, first),
  },
  Appointment: {
    patient: ({ patientId }, _, { loaders }) => loaders.patients.load(patientId),
    slot: ({ slotId }, _, { loaders }) => loaders.slots.load(slotId),
  },
};

const yoga = createYoga({
  schema: createSchema({ typeDefs, resolvers }),
  context: ({ request }) => ({
    viewer: viewerOf(request.headers.get("authorization")),
    loaders: {
      patients: new DataLoader((ids) => reads.patients(ids)),
      slots: new DataLoader((ids) => reads.slots(ids)),
    },
  }),
  graphiql: false,
  landingPage: false,
  logging: false,
});
const server = createServer(yoga);
server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
  console.log(`port ${server.address().port}`);
});

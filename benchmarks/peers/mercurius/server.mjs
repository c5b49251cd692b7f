// Mercurius as its documentation has it: loaders for what hangs on a list, and the JIT from the
// first time on that an operation is seen.

import { readFileSync } from "node:fs";
import Fastify from "fastify";
import mercurius from "mercurius";
import pg from "pg";
import { Reads } from "../reads.mjs";

const schema = readFileSync(new URL("../schema.graphql", import.meta.url), "utf8");
const reads = new Reads(new pg.Pool({ max: Number(process.env.PEER_CONNECTIONS) }));

const resolvers = {
  Query: {
    node: (_, { id }) => reads.doctor(id),
    doctors: (_, given) => reads.doctors(given),
  },
};

const loaders = {
  Doctor: {
    // All queries of a batch have the same arguments here, for they come from one field.
    nextSlots: (queries) =>
      reads.nextSlots(queries.map(({ obj }) => obj.uuid), queries[0].params.first),
  },
};

const app = Fastify();
app.register(mercurius, { schema, resolvers, loaders, jit: 1 });
await app.listen({ host: "127.0.0.1", port: 0 });
console.log(`port ${app.server.address().port}`);

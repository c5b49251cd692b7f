// graphql-ws on ws, as its documentation has it; and a door for the mutation by which events come.

import { createServer } from "node:http";
import { readFileSync } from "node:fs";
import { createPubSub } from "@graphql-yoga/subscription";
import { createVerifier } from "fast-jwt";
import { buildSchema, graphql } from "graphql";
import { useServer } from "graphql-ws/use/ws";
import pg from "pg";
import { WebSocketServer } from "ws";
import { publishSlots, topicOf } from "../slots.mjs";
import { viewers } from "../viewers.mjs";

const schema = buildSchema(readFileSync(new URL("../schema.graphql", import.meta.url), "utf8"));
const pool = new pg.Pool({ max: Number(process.env.PEER_CONNECTIONS) });
const viewerOf = await viewers(createVerifier);
const told = createPubSub();

schema.getSubscriptionType().getFields().slotChanges.subscribe = (_, { doctorIds }) =>
  told.subscribe(topicOf(doctorIds[0]));
schema.getMutationType().getFields().publishSlots.resolve = (_, { input }, { viewer }) =>
  publishSlots(pool, viewer, input.times, (topic, event) => told.publish(topic, event));

const server = createServer(async (request, response) => {
  const parts = [];
  for await (const part of request) parts.push(part);
  const { query, variables } = JSON.parse(Buffer.concat(parts));
  const contextValue = { viewer: viewerOf(request.headers.authorization) };
  const answer = await graphql({ schema, source: query, variableValues: variables, contextValue });
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify(answer));
});
useServer({ schema }, new WebSocketServer({ server, path: "/graphql" }));
server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
  console.log(`port ${server.address().port}`);
});

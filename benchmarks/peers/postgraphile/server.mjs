// PostGraphile 5 as its documentation has it: the schema is made of the tables that its role may
// read, and of functions in SQL for what is no table. See api.sql.

import { createServer } from "node:http";
import { createVerifier } from "fast-jwt";
import { postgraphile } from "postgraphile";
import { makePgService } from "postgraphile/adaptors/pg";
import { grafserv } from "postgraphile/grafserv/node";
import { PostGraphileAmberPreset } from "postgraphile/presets/amber";
import { viewers } from "../viewers.mjs";

const viewerOf = await viewers(createVerifier);

const preset = {
  extends: [PostGraphileAmberPreset],
  pgServices: [
    makePgService({
      poolConfig: { max: Number(process.env.PEER_CONNECTIONS) },
      schemas: ["public", "peer"],
    }),
  ],
  grafserv: { graphqlPath: "/graphql", graphiql: false, watch: false },
  grafast: {
    context: ({ node }) => {
      const viewer = viewerOf(node?.req.headers.authorization);
      return viewer === null ? {} : { pgSettings: { "jwt.claims.sub": viewer.id } };
    },
  },
};

const served = postgraphile(preset).createServ(grafserv);
const server = createServer();
await served.addTo(server);
server.listen({ host: "127.0.0.1", port: 0, backlog: 4096 }, () => {
  console.log(`port ${server.address().port}`);
});

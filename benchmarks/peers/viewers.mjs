// Who is asking: by the access tokens of the server that is compared, proved by its public keys.

import { createPublicKey } from "node:crypto";

/** `createVerifier` is fast-jwt's, which remembers the tokens that it has proved. */
export async function viewers(createVerifier) {
  const { keys } = await (await fetch(process.env.PEER_JWKS)).json();
  const pem = createPublicKey({ key: keys[0], format: "jwk" }).export({
    type: "spki",
    format: "pem",
  });
  const verify = createVerifier({ key: pem, algorithms: ["ES256"], cache: true });

  return (authorization) => {
    if (!authorization?.startsWith("Bearer ")) return null;
    const { sub, sid, role } = verify(authorization.slice(7));
    return { id: sub, session: sid, role };
  };
}

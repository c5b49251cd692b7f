// Holds a resource against R4's StructureDefinitions and value sets, as HL7 has published them.
import { readFileSync } from "node:fs";
import packaged from "fhir";

const resource = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { messages } = new packaged.Fhir().validate(resource, { errorOnUnexpected: true });

for (const { location, message, severity } of messages) {
  console.log(JSON.stringify({ location, message, severity }));
}

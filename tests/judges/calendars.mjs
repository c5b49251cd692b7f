// Reads iCalendar files as calendar programs do: each event as a line of JSON.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

for (const path of process.argv.slice(2)) {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(path, "utf8")));
  const method = calendar.getFirstPropertyValue("method");
  for (const component of calendar.getAllSubcomponents("vevent")) {
    const event = new ICAL.Event(component, { strictExceptions: true });
    const first = (name) => component.getFirstPropertyValue(name)?.toString() ?? null;
    const attendee = component.getFirstProperty("attendee");
    console.log(
      JSON.stringify({
        method,
        uid: event.uid,
        sequence: event.sequence,
        status: first("status"),
        startsAt: event.startDate.toJSDate().toISOString(),
        endsAt: event.endDate.toJSDate().toISOString(),
        summary: event.summary,
        url: first("url"),
        class: first("class"),
        stamp: first("dtstamp"),
        organizer: event.organizer,
        attendees: event.attendees.map((each) => each.getFirstValue()),
        takesPart: attendee?.getParameter("partstat") ?? null,
        names: component.getAllProperties().map((property) => property.name),
      }),
    );
  }
}

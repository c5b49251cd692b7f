// What would lie upon each other on the map, put together.

export interface Point {
  x: number
  y: number
}

/** Things that are nearer than that to the first of theirs, in the order in which they came. */
export function stacked<Thing>(
  things: readonly Thing[],
  at: (thing: Thing) => Point,
  apart: number,
): Thing[][] {
  const stacks: { middle: Point; things: Thing[] }[] = []
  for (const thing of things) {
    const { x, y } = at(thing)
    const near = stacks.find(({ middle }) => Math.hypot(middle.x - x, middle.y - y) < apart)
    if (near) near.things.push(thing)
    else stacks.push({ middle: { x, y }, things: [thing] })
  }
  return stacks.map(stack => stack.things)
}

export interface Box {
  left: number
  top: number
  right: number
  bottom: number
}

/** The first ones that do not touch each other. */
export function clear<Thing>(
  things: Iterable<Thing>,
  boxOf: (thing: Thing) => Box,
  most: number,
): Thing[] {
  const placed: Box[] = []
  const kept: Thing[] = []
  for (const thing of things) {
    if (kept.length === most) break
    const box = boxOf(thing)
    if (placed.some(other => touch(box, other))) continue
    placed.push(box)
    kept.push(thing)
  }
  return kept
}

const touch = (one: Box, other: Box) =>
  one.left < other.right &&
  other.left < one.right &&
  one.top < other.bottom &&
  other.top < one.bottom

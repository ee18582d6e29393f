// What operators do to the queue in the property tests, and what its answers must keep.
import type { QueuePatch } from "../../src/login-queue/queue-store.ts";
import type { KnownTicket, StepEffects } from "./known.ts";
import { must } from "./must.ts";
import { liveSlots, pick } from "./queue-moves.ts";
import type { World } from "./world.ts";

const changes: readonly QueuePatch[] = [
  { mode: "auto" },
  { mode: "auto" },
  { mode: null },
  { mode: "always" },
  { mode: "open" },
  { mode: "paused" },
  { mode: "closed" },
  { targetLoginRatePerSecond: 0.5 },
  { targetLoginRatePerSecond: 10 },
  { targetLoginRatePerSecond: null, loginBurst: null },
  { loginBurst: 2 },
  { loginBurst: 30, targetCcuLimit: 50 },
  { targetCcuLimit: 1 },
  { targetCcuLimit: null },
  { safetyMarginPercent: 50 },
  { safetyMarginPercent: null },
  { maxQueueLength: 3 },
  { maxQueueLength: null },
  { maxTicketsPerIp: 2 },
  { maxTicketsPerIp: null },
  { passSeconds: 4, playerGraceSeconds: 9 },
  { passSeconds: null, playerGraceSeconds: null },
  { lanes: { default: 1, friends: 10 } },
  { lanes: { default: 4, patient: 0.25 } },
  { lanes: null },
];

export async function configure(world: World, what: number, how: number): Promise<void> {
  // A run is not to end in the first mode that lets nobody in.
  const isPausing = world.settings.mode === "paused" || world.settings.mode === "closed";
  const change = isPausing && how % 2 === 0 ? { mode: null } : (pick(changes, what) ?? {});
  await world.configure(change);
  const settings = await world.store.queue.settings();
  for (const [name, value] of Object.entries(settings)) {
    const expected: unknown = Reflect.get(world.settings, name);
    must(JSON.stringify(value) === JSON.stringify(expected), "what is configured is in force", name, value, expected);
  }
  world.saw("configured");
}

export async function move(world: World, ticket: KnownTicket, how: number): Promise<StepEffects> {
  const inLane = ({ status, lane }: KnownTicket) => status === "waiting" && lane === ticket.lane;
  const others = [...world.tickets.values()]
    .filter((other) => inLane(other) && other !== ticket)
    .sort((one, other) => one.order - other.order);
  const asked = 1 + (how % 7);
  const place = await world.store.queue.move(ticket.id, asked);
  must((place !== null) === (ticket.status === "waiting"), "who waits can be moved, and nobody else");
  if (place === null) return {};
  must(place === Math.min(asked, others.length + 1), "a moved ticket is where it was put", place, asked);
  const wanted = others.toSpliced(place - 1, 0, ticket);
  const standings = await world.store.queue.standings(wanted.map(({ id }) => id));
  const orders = standings.map((standing) => (standing.status === "gone" ? Number.NaN : standing.ticket.order));
  const isSorted = orders.every((order, index) => index === 0 || order > (orders[index - 1] ?? Number.NaN));
  must(isSorted, "the others stay in their order", orders, place);
  world.saw("moved");
  return { moves: ticket.id };
}

export async function admitTicket(world: World, { id, status }: KnownTicket): Promise<StepEffects> {
  const before = await liveSlots(world);
  const admission = await world.store.queue.admitTicket(id);
  must((admission === "unknown") === (status === "gone" || status === "lost"), "who is in the queue is known");
  must((admission === "already") === (status === "admitted"), "who has a pass keeps it");
  if (admission === "unknown" || admission === "already") return {};
  if (admission === "full") {
    must(world.settings.mode !== "open" && before >= world.ledger.limit(), "full is what reached the limit");
    return {};
  }
  const after = await liveSlots(world);
  world.ledger.letInByHand(after - before, after);
  world.saw("let in by hand");
  return { admits: true };
}

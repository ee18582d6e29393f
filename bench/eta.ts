// How right the estimated wait is: players over virtual time through the real admission, scored ticket by ticket.
import { type Contestant, createNaive, createOracle, createOurs, createSketch } from "./eta/contestants.ts";
import { scenarios } from "./eta/scenarios.ts";
import { buckets, type Score, scoreOf } from "./eta/score.ts";
import { type Player, type Scenario, World } from "./eta/world.ts";

/** Near the front a place is shown every second, further back every five. */
const nearPosition = 100;
const farSeconds = 5;

const chosen = process.argv[2];
const figures: Record<string, Record<string, unknown>> = {};
for (const scenario of scenarios) {
  if (chosen !== undefined && !scenario.name.includes(chosen)) continue;
  const startedAt = performance.now();
  const { scores, logins, lost } = await play(scenario);
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
  console.log(`\n${scenario.name}: ${logins} logged in, ${lost} gave up or never came (${seconds} s)`);
  console.log(header());
  for (const [name, score] of scores) console.log(row(name, score));
  figures[scenario.name] = Object.fromEntries(scores.map(([name, score]) => [name, toFigures(score)]));
}
console.log(`\nBENCH ${JSON.stringify(figures)}`);

interface Played {
  readonly scores: readonly (readonly [name: string, score: Score])[];
  readonly logins: number;
  /** Those whose wait nobody can know: they gave up, or did not come when it was their turn. */
  readonly lost: number;
}

async function play(scenario: Scenario): Promise<Played> {
  const players: Player[] = [];
  let names: readonly string[] = [];
  for (const seed of scenario.seeds) {
    const world = new World(scenario, seed);
    const contestants: readonly Contestant[] = [
      createOurs(),
      createNaive(world),
      createSketch(world),
      createOracle(world),
    ];
    names = contestants.map(({ name }) => name);
    await world.run((second) => look(world, contestants, second));
    players.push(...world.players.values());
  }
  const logins = players.filter(({ loggedInAt }) => loggedInAt !== null).length;
  const scores = names.map((name, slot) => [name, scoreOf(players, slot, names.length, names.length - 1)] as const);
  return { scores, logins, lost: players.length - logins };
}

async function look(world: World, contestants: readonly Contestant[], second: number): Promise<void> {
  const status = await world.status();
  for (const contestant of contestants) contestant.look(status, world);
  const due: string[] = [];
  for (const [id, { state, position, index }] of world.waiting) {
    if (state === "waiting" && (position <= nearPosition || (index + second) % farSeconds === 0)) due.push(id);
  }
  await world.locate(due);
  for (const id of due) {
    const player = world.players.get(id)!;
    player.samples.push(world.now);
    for (const [slot, contestant] of contestants.entries()) {
      player.samples.push(contestant.show(player, world.now, slot));
    }
  }
}

function header(): string {
  const columns = buckets.map(({ name }) => `${name} med    p90   bias`.padStart(22)).join(" |");
  return `${"".padEnd(8)}${columns} |  at -1   lies  moved`;
}

function row(name: string, { buckets, unknown, lies, variation }: Score): string {
  const percent = (value: number) => (Number.isNaN(value) ? "-" : `${(value * 100).toFixed(1)}`).padStart(7);
  const columns = buckets.map(({ median, p90, bias }) => ` ${percent(median)}${percent(p90)}${percent(bias)}`);
  return `${name.padEnd(8)}${columns.join(" |")} |${percent(unknown)}${percent(lies)}${percent(variation)}`;
}

function toFigures({ buckets: scores, unknown, lies, variation }: Score) {
  const round = (value: number) => Math.round(value * 1e4) / 1e4;
  const known = scores.flatMap(({ tickets, median, p90, bias }, index) =>
    tickets === 0
      ? []
      : [[buckets[index]?.name, { tickets, median: round(median), p90: round(p90), bias: round(bias) }]],
  );
  return { ...Object.fromEntries(known), unknown: round(unknown), lies: round(lies), variation: round(variation) };
}

// The dashboard, the alert rules and the table of the docs, held against the metrics that there are.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { type Exposition, fullQueueStatus, meteredHouse, touchEverything } from "./metrics-setup.ts";

const root = join(import.meta.dirname, "../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const house = meteredHouse({ readQueue: async () => fullQueueStatus(["default"]) });
await touchEverything(house, ["device", "anonymous", "unknown"]);
const metrics = await house.read();

/** Labels of every series, and the values that each can have. `job` and `instance` come from the scrape. */
function labelsOf(all: Exposition): ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>> {
  const series = new Map<string, Map<string, Set<string>>>();
  for (const { samples } of all.values()) {
    for (const [name, list] of samples) {
      const labels = new Map([
        ["job", new Set(["$job"])],
        ["instance", new Set<string>()],
      ]);
      for (const sample of list)
        for (const [label, value] of Object.entries(sample.labels))
          labels.set(label, (labels.get(label) ?? new Set()).add(value));
      series.set(name, labels);
    }
  }
  return series;
}

const known = labelsOf(metrics);
const groupings = /\b(?:by|on|without|ignoring) \(([^)]*)\)/g;

/** What an expression names that there is not. */
function unknownIn(expression: string): string[] {
  const wrong: string[] = [];
  const labels = new Set<string>();
  for (const [, name = "", matchers = ""] of expression.matchAll(/\b(colyseus_login_\w+)(?:\{([^}]*)\})?/g)) {
    const series = known.get(name);
    if (series === undefined) wrong.push(name);
    for (const label of series?.keys() ?? []) labels.add(label);
    for (const [, label = "", value = ""] of matchers.matchAll(/(\w+)(?:=~|!~|!=|=)"([^"]*)"/g)) {
      const values = series?.get(label);
      if (values === undefined) wrong.push(`${name}{${label}}`);
      for (const one of value.split("|")) if (values?.has(one) === false) wrong.push(`${name}{${label}="${one}"}`);
    }
  }
  if (labels.size === 0) wrong.push(`no metric in ${expression}`);
  for (const [, list = ""] of expression.matchAll(groupings))
    for (const label of list.split(",").map((part) => part.trim())) if (!labels.has(label)) wrong.push(`by (${label})`);
  return wrong;
}

/** Every process tells the same of the whole system: adding it up would count it once for each. */
function addsUpTheWhole(expression: string): boolean {
  const isLargest = /\b(?:max|min)(?: by \([^)]*\))? ?\((?:(?:rate|increase|deriv)\()?colyseus_login_queue_\w+/g;
  return expression.replace(isLargest, "").includes("colyseus_login_queue_");
}

describe("the check itself", () => {
  it.each([
    ["sum(colyseus_login_made_up_total)", ["colyseus_login_made_up_total"]],
    ['sum(colyseus_login_refusals_total{kind="x"})', ["colyseus_login_refusals_total{kind}"]],
    ['sum(colyseus_login_refusals_total{code!="MADE_UP"})', ['colyseus_login_refusals_total{code="MADE_UP"}']],
    ["sum by (lane) (colyseus_login_refusals_total)", ["by (lane)"]],
    ['sum by (door) (rate(colyseus_login_refusals_total{code=~"BANNED|FORBIDDEN"}[5m]))', []],
  ])("%s", (expression, wrong) => {
    expect(unknownIn(expression).filter((name) => !name.startsWith("no metric"))).toEqual(wrong);
  });

  it("knows what is added up", () => {
    expect(addsUpTheWhole("sum(colyseus_login_queue_waiting)")).toBe(true);
    expect(addsUpTheWhole("sum(max by (lane) (rate(colyseus_login_queue_admissions_total[1m])))")).toBe(false);
  });
});

const panelSchema = z.object({
  id: z.int(),
  type: z.enum(["row", "stat", "timeseries"]),
  title: z.string().min(1),
  description: z.string().min(1).optional(),
  datasource: z.object({ type: z.literal("prometheus"), uid: z.string().regex(/^\$\{datasource\}$/) }).optional(),
  gridPos: z.object({ x: z.int().min(0), y: z.int().min(0), w: z.int().min(1), h: z.int().min(1) }),
  targets: z.array(z.object({ refId: z.string(), expr: z.string(), legendFormat: z.string() })).optional(),
});
const dashboardSchema = z.object({
  uid: z.literal("colyseus-login"),
  title: z.string(),
  schemaVersion: z.int().min(36),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), type: z.string(), definition: z.string().optional() })),
  }),
  panels: z.array(panelSchema),
});

describe("docs/grafana/colyseus-login.json", () => {
  const dashboard = dashboardSchema.parse(JSON.parse(read("docs/grafana/colyseus-login.json")));
  const panels = dashboard.panels.filter(({ type }) => type !== "row");

  it("asks for its data source and the job", () => {
    const { list } = dashboard.templating;
    expect(list.map(({ name, type }) => [name, type])).toEqual([
      ["datasource", "datasource"],
      ["job", "query"],
    ]);
    expect(unknownIn(list[1]?.definition ?? "")).toEqual([]);
  });

  it.each(panels.map((panel) => [panel.title, panel] as const))("%s: every metric and label is there", (_, panel) => {
    expect(panel.description).toBeTruthy();
    expect(panel.datasource).toBeDefined();
    const expressions = (panel.targets ?? []).map(({ expr }) => expr);
    expect(expressions).not.toEqual([]);
    expect(expressions.flatMap(unknownIn)).toEqual([]);
    expect(expressions.filter(addsUpTheWhole)).toEqual([]);
    for (const expression of expressions) expect(expression.match(/colyseus_login_\w+\{job="\$job"/g)).not.toBeNull();
  });

  it("shows every metric", () => {
    const all = panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)).join("\n");
    expect([...metrics.keys()].filter((name) => !all.includes(name))).toEqual([]);
  });

  it("has panels that do not lie on each other, each with an id of its own", () => {
    const taken = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, cell) => `${x + (cell % w)} ${y + Math.floor(cell / w)}`),
    );
    expect(new Set(taken).size).toBe(taken.length);
    expect(dashboard.panels.every(({ gridPos: { x, w } }) => x + w <= 24)).toBe(true);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });
});

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly for: string;
  readonly severity: string;
  readonly summary: string;
}

/** Reads the rules as the file writes them: one line a field, no blocks. Throws for any other line. */
function readRules(text: string): Rule[] {
  const fields = /^ {6}(?:- | {2}| {4})(alert|expr|for|severity|summary|labels|annotations):(?: (.+))?$/;
  const head = ["groups:", "  - name: colyseus-login", "    rules:"];
  const rules: Record<string, string>[] = [];
  for (const line of text.split("\n")) {
    if (line === "" || line.startsWith("#") || head.includes(line)) continue;
    const [, field, value = ""] = fields.exec(line) ?? [];
    if (field === undefined) throw new Error(`not one of the lines that are read here: ${line}`);
    if (field === "alert") rules.push({});
    const rule = rules.at(-1);
    if (rule === undefined || field in rule) throw new Error(`out of its place: ${line}`);
    rule[field] = value;
  }
  return rules.map(({ alert = "", expr = "", for: lasts = "", severity = "", summary = "" }) => ({
    alert,
    expr,
    for: lasts,
    severity,
    summary,
  }));
}

describe("docs/grafana/alerts.yml", () => {
  const rules = readRules(read("docs/grafana/alerts.yml"));
  const docs = read("docs/operations.md");

  it("has rules", () => {
    expect(rules.length).toBeGreaterThan(10);
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });

  it.each(rules.map((rule) => [rule.alert, rule] as const))(
    "%s: its metrics are there, and so is what it says",
    (_, rule) => {
      expect(unknownIn(rule.expr)).toEqual([]);
      expect(addsUpTheWhole(rule.expr)).toBe(false);
      // A plain scalar of YAML must not look like anything else.
      expect(rule.expr).not.toMatch(/: | #|^[{["'&*!|>%@`]/);
      expect(rule.for).toMatch(/^\d+m$/);
      expect(rule.severity).toMatch(/^(critical|warning|info)$/);
      expect(rule.summary).toMatch(/^(".+\."|[^"{].+\.)$/);
      for (const [, label = ""] of rule.summary.matchAll(/\$labels\.(\w+)/g))
        expect(
          [...rule.expr.matchAll(groupings)].flatMap(([, list = ""]) => list.split(", ")).concat("instance"),
        ).toContain(label);
    },
  );

  it("are all in the docs, each with its reason and what to do first", () => {
    const rows = [...docs.matchAll(/^\| `(Login\w+)` \| (\w+) \| (.{20,}) \| (.{20,}) \|$/gm)];
    expect(rows.map(([, alert, severity]) => `${alert} ${severity}`)).toEqual(
      rules.map(({ alert, severity }) => `${alert} ${severity}`),
    );
  });
});

it("docs/operations.md has exactly the metrics that there are, with their types and labels", () => {
  const rows = [...read("docs/operations.md").matchAll(/^\| `(\w+)` \| (counter|gauge|histogram) \| ([^|]*) \|/gm)];
  const told = rows.map(
    ([, name, type, labels = ""]) => `colyseus_login_${name} ${type} ${labels.replaceAll("`", "").trim()}`,
  );
  const own = (name: string) => {
    const labels = [...(metrics.get(name)?.samples ?? [])].flatMap(([series]) => [
      ...(known.get(series)?.keys() ?? []),
    ]);
    const ordered = [...new Set(labels)].filter((label) => !["job", "instance", "le"].includes(label));
    return ordered.length === 0 ? "–" : ordered.join(", ");
  };
  const there = [...metrics].map(([name, { type }]) => `${name} ${type} ${own(name)}`);
  expect(told.sort()).toEqual(there.sort());
});

it("every metric's help says of what it is", () => {
  for (const { help } of metrics.values()) expect(help).toMatch(/ Of (the whole system|this process)\.$/);
});

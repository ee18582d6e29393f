// What one call of the operator's side is, and the order in which it is served: who asks, what is asked, the deed, the audit entry.
import type { z } from "zod";
import type { Clock } from "../clock.ts";
import { type LoginErrorCode, refusalCode } from "../errors.ts";
import { readJsonObject } from "../http/body.ts";
import { bearerOf, type Call, decodeParam } from "../http/call.ts";
import type { Route } from "../http/dual-mode.ts";
import { type Answer, json } from "../http/reply.ts";
import { type Operator, ScopeMissing } from "../tokens/operator-tokens.ts";
import type { OperatorScope } from "../tokens/scopes.ts";
import type { TokensFace } from "../tokens/tokens-face.ts";
import type { OperatorAct, Values } from "./audit-entry.ts";
import type { AuditLog } from "./audit-log.ts";
import { parseInput, queryObject } from "./inputs.ts";

/** What the table says of a call, whatever its types. */
export interface CallHead {
  /** What the audit list calls it. */
  readonly action: string;
  readonly method: Route["method"];
  /** Below `/operator`; `:name` is a parameter. */
  readonly path: string;
  readonly scope: OperatorScope;
  readonly summary: string;
  readonly params: z.ZodType;
  readonly query: z.ZodType;
  /** Read where the method is one that has a body. */
  readonly body: z.ZodType;
  readonly answer: z.ZodType;
  /** Of an answer that is no JSON. */
  readonly mediaType?: string;
  /** Codes that it may be refused with, beside those that any call may. */
  readonly refusals?: readonly LoginErrorCode[];
}

/** What a call gives back. */
interface Deed<A> {
  readonly answer: A;
  /** Of a call that changes something: what was there before and after; null where nothing was or is. */
  readonly before?: Values;
  readonly after?: Values;
}

/** One line of the table: what the call takes and gives follows from its schemas. */
interface CallLine<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>
  extends CallHead {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly answer: A;
  /** What the audit list says it was done to. */
  target?(params: z.output<P>): string;
  /** The words that the operator gave. */
  reason?(body: z.output<B>): string | undefined;
  run(input: {
    readonly params: z.output<P>;
    readonly query: z.output<Q>;
    readonly body: z.output<B>;
    readonly operator: Operator;
  }): Promise<Deed<z.output<A>>>;
  /** Left out: as JSON. */
  toAnswer?(answer: z.output<A>): Answer;
}

/** What serving a call takes. */
export interface Serving {
  readonly tokens: Pick<TokensFace, "verifyOperatorToken">;
  readonly audit: Pick<AuditLog, "changed" | "noted">;
  readonly clock: Clock;
}

export interface OperatorCall extends CallHead {
  serve(call: Call, serving: Serving): Promise<Answer>;
}

export function operatorCall<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType, A extends z.ZodType>(
  line: CallLine<P, Q, B, A>,
): OperatorCall {
  const { action, method, path } = line;
  const changes = method !== "GET";
  const toAnswer = line.toAnswer ?? json;
  return {
    ...line,
    async serve(call, { tokens, audit, clock }) {
      // Nothing of the request is looked at for somebody who may not ask.
      const operator = await whoAsks(line, call, { tokens, audit });
      let act: OperatorAct = { action, target: null, reason: null, outcome: "done", before: null, after: null };
      let deed: Deed<z.output<A>>;
      try {
        const params = parseInput(line.params, paramsOf(path, call), "path");
        act = { ...act, target: line.target?.(params) ?? null };
        const query = parseInput(line.query, queryObject(call.queries()), "query");
        const body = parseInput(line.body, hasBody(method) ? await readJsonObject(call, clock) : {}, "body");
        act = { ...act, reason: line.reason?.(body) ?? null };
        deed = await line.run({ params, query, body, operator });
      } catch (error) {
        const outcome = refusalCode(error);
        await (changes ? audit.changed(operator, { ...act, outcome }) : audit.noted(operator, action, outcome));
        throw error;
      }
      const { answer, before = null, after = null } = deed;
      await (changes ? audit.changed(operator, { ...act, before, after }) : audit.noted(operator, action, "done"));
      return toAnswer(answer);
    },
  };
}

/** @throws LoginError for a token that does not open the call. Whose it is, where it is good for others, is noted. */
async function whoAsks(
  { action, scope }: Pick<CallHead, "action" | "scope">,
  call: Call,
  { tokens, audit }: Pick<Serving, "tokens" | "audit">,
): Promise<Operator> {
  try {
    return await tokens.verifyOperatorToken(bearerOf(call), scope);
  } catch (error) {
    // Not as a change is: with a token for one thing nobody shall fill the list by asking for another.
    if (error instanceof ScopeMissing) await audit.noted(error.operator, action, error.code);
    throw error;
  }
}

export function hasBody(method: Route["method"]): boolean {
  return method !== "GET" && method !== "DELETE";
}

/** The names of the parameters of a path. */
export function paramNames(path: string): string[] {
  return Array.from(path.matchAll(/:(\w+)/g), ([, name = ""]) => name);
}

function paramsOf(path: string, call: Call): Record<string, string> {
  return Object.fromEntries(paramNames(path).map((name) => [name, decodeParam(call, name)]));
}

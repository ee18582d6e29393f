// The operator's calls about the queue as a whole: its settings, the last hour, and what is to come.
import { z } from "zod";
import { type LiveQueueSettings, settingChanges } from "../login-queue/queue-settings.ts";
import { liveQueueKinds, queuePatchSchema } from "../options/live-options.ts";
import type { QueueFace } from "../queue-face.ts";
import * as answers from "./answers.ts";
import type { QueueHistory } from "./history.ts";
import { inQuery, none } from "./inputs.ts";
import { type OperatorCall, operatorCall } from "./operator-call.ts";

export interface QueueCallsDependencies {
  readonly queue: Pick<QueueFace, "configure" | "forecast">;
  readonly history: Pick<QueueHistory, "read">;
}

export function queueCalls({ queue, history }: QueueCallsDependencies): OperatorCall[] {
  return [
    operatorCall({
      action: "queue.configure",
      method: "PATCH",
      path: "/queue",
      scope: "queue:write",
      summary: "Change settings of the queue by name; null puts one back to what the options say",
      params: none,
      query: none,
      body: queuePatchSchema,
      answer: answers.configured,
      async run({ body }) {
        const { settings, previous } = await queue.configure(body);
        return { answer: { settings, previous }, ...changed(previous, settings) };
      },
    }),
    operatorCall({
      action: "forecast.read",
      method: "GET",
      path: "/forecast",
      scope: "status:read",
      summary: "When the queue is empty and how long the last one waits, under the settings in force or under these",
      params: none,
      query: z.strictObject({
        targetLoginRatePerSecond: inQuery(liveQueueKinds.targetLoginRatePerSecond).exactOptional(),
        targetCcuLimit: inQuery(liveQueueKinds.targetCcuLimit).exactOptional(),
        mode: liveQueueKinds.mode.exactOptional(),
      }),
      body: none,
      answer: answers.forecast,
      run: async ({ query }) => ({ answer: await queue.forecast(query) }),
    }),
    operatorCall({
      action: "history.read",
      method: "GET",
      path: "/history",
      scope: "status:read",
      summary: "The last hour of the queue, as this process saw it",
      params: none,
      query: none,
      body: none,
      answer: answers.history,
      run: async () => ({ answer: history.read() }),
    }),
  ];
}

/** The settings that differ, as they were and as they are. */
function changed(previous: LiveQueueSettings, settings: LiveQueueSettings) {
  const changes = settingChanges(previous, settings);
  return {
    before: Object.fromEntries(changes.map(({ name, before }) => [name, before])),
    after: Object.fromEntries(changes.map(({ name, after }) => [name, after])),
  };
}

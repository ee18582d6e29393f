// The option `loginData`: each job checked and brought into one form, their order without circles.
import { z } from "zod";
import { findCircle, type LoginDataRun } from "../login-data/jobs.ts";
import { shortName } from "./live-options.ts";
import { flag, isFunction, positive, text } from "./option-kinds.ts";

const job = z.preprocess(
  (value) => (isFunction(value) ? { run: value } : value),
  z.strictObject(
    {
      run: z.custom<LoginDataRun>(isFunction, "a function"),
      after: z.array(text, "an array of names of jobs").optional(),
      timeoutSeconds: positive.optional(),
      optional: flag.optional(),
    },
    "a function, or an object with run",
  ),
);

export const loginDataSchema = z.record(shortName, job, "an object of jobs by name").superRefine((jobs, context) => {
  const after = new Map(Object.entries(jobs).map(([name, { after = [] }]) => [name, after] as const));
  for (const [name, earlier] of after) {
    const unknown = earlier.findIndex((other) => !after.has(other));
    if (unknown !== -1) {
      context.addIssue({ code: "custom", path: [name, "after", unknown], message: "the name of another job" });
    }
  }
  const circle = findCircle(after);
  if (circle !== null) {
    const [first = ""] = circle;
    const message = `jobs that do not wait for each other in a circle (${circle.join(" → ")})`;
    context.addIssue({ code: "custom", path: [first, "after"], message });
  }
});

// The folder in which the example keeps what outlives its process: DATA_DIR, or one of its own.
import { fileURLToPath } from "node:url";

export function dataFolder(): string {
  return process.env["DATA_DIR"] || fileURLToPath(new URL("../data/", import.meta.url));
}

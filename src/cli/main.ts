#!/usr/bin/env node
// The program `colyseus-login`: makes keys, and tokens for operators and partners, from the command line.
import { run } from "./run.ts";

process.exitCode = await run(process.argv.slice(2), {
  env: process.env,
  print: (text) => void process.stdout.write(`${text}\n`),
  complain: (text) => void process.stderr.write(`${text}\n`),
});

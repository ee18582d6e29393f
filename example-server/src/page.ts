// Serves the page of the example: its own files, and the two browser libraries it loads, straight from node_modules.
import { fileURLToPath } from "node:url";
import express from "express";
import { isMember } from "./cluster.ts";

// A room of a cluster may be on another process, and then the page's socket goes there.
const mayConnectTo = isMember ? "; connect-src 'self' ws: wss:" : "";

export function page(): express.Router {
  const router = express.Router();
  router.use((_request, response, next) => {
    response.set({
      "Content-Security-Policy": `default-src 'self'; base-uri 'none'; form-action 'self'${mayConnectTo}`,
      "X-Content-Type-Options": "nosniff",
    });
    next();
  });
  router.use(express.static(directory("../public/", import.meta.url)));
  router.use(
    "/lib/colyseus-sdk",
    express.static(directory("./dist/", import.meta.resolve("@colyseus/sdk/package.json"))),
  );
  router.use("/lib/colyseus-login", express.static(directory("./", import.meta.resolve("colyseus-login/client"))));
  return router;
}

function directory(path: string, base: string): string {
  return fileURLToPath(new URL(path, base));
}

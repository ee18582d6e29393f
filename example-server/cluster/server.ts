// The example's server as a child of the cluster: ends in good order when the cluster is gone.
import { whenParentIsGone } from "./child.ts";

whenParentIsGone(() => process.kill(process.pid, "SIGTERM"));
await import("../src/server.ts");

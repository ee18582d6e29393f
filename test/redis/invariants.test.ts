// The invariants over random sequences, on one Redis store and on three processes that take turns.
import { storeProperties } from "../contract/properties.ts";
import { useRedisStores } from "./stores.ts";

/** Some seconds each; `npm run soak` takes as many steps as it is told. */
const share = 0.02;

const { make, makeSpread } = useRedisStores();

storeProperties("redis", make, share);
storeProperties("redis, three processes in turn", makeSpread, share);

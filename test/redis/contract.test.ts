// The Redis store under the contract of all stores.
import { storeContract } from "../contract/store.contract.ts";
import { useRedisStores } from "./stores.ts";

const { make } = useRedisStores();

storeContract("redis", make);

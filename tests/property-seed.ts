/**
 * One seed for all property tests, so that what a commit's tests say does not depend on luck.
 *
 * `PROPERTY_SEED=N npm test` draws other cases; the proofs in `tests/prove` draw many more.
 */
import fc from "fast-check";

fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20_260_331) });

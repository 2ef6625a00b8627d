import { plantSurrogates } from "./surrogates.ts";

plantSurrogates();

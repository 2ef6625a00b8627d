/** Settings that several kinds share. */
import { z } from "zod";

export const Address = z
  .url({ protocol: /^https?$/ })
  .max(2_048)
  .refine((url) => !/#/.test(url) && new URL(url).username === "", "must have no fragment or user name");

export const CaPem = z
  .string()
  .max(65_536)
  .regex(/^(-----BEGIN CERTIFICATE-----[\s\S]*-----END CERTIFICATE-----\s*)?$/, "must be PEM certificates")
  .default("")
  .meta({
    title: "Certificate authority",
    description: "PEM. Empty = the authorities of the system.",
    format: "pem",
  });

/** A secret that travels in a header. */
export const Token = z.string().regex(/^[\x21-\x7e]{1,8192}$/, "must be one line of printable ASCII");

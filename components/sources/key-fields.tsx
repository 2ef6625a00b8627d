"use client";

import { Field, fieldHintId, Input, Textarea } from "../ui/input.tsx";
import { Select } from "../ui/select.tsx";
import { describeKey, type PastedKeys, RSA_ALGORITHMS } from "./read-keys.ts";
import type { SourceKindWords } from "./source-kinds.tsx";
import type { KeyInput } from "./use-key-input.ts";

const PLACEHOLDER = `-----BEGIN PUBLIC KEY-----
…
or {"keys": [{"kty": "EC", "crv": "P-256", "x": "…", "y": "…"}]}`;

/** Asks for what a kind of source signs with: public keys, a shared secret, or either. */
export function KeyFields({
  words: { needsKeys, secretHint, secretOnly = false },
  input,
}: {
  words: Pick<SourceKindWords, "needsKeys" | "secretHint" | "secretOnly">;
  input: KeyInput;
}) {
  const { read, problem, asksAlgorithm, rsaAlgorithm, chooseAlgorithm, secret, typeSecret, take } = input;
  const hasKeys = "keys" in read && read.keys.length > 0;
  const keysRequired = needsKeys && secretHint === undefined;
  return (
    <>
      {secretHint !== undefined && (
        <Field
          id="source-secret"
          label={secretOnly ? "Shared secret" : "Shared secret, or a public key below"}
          hint={`${secretHint} It is stored encrypted and never shown again.`}
        >
          <Input
            id="source-secret"
            type="password"
            value={secret}
            onChange={(event) => typeSecret(event.target.value)}
            required={needsKeys && !hasKeys}
            maxLength={1024}
            autoComplete="off"
            spellCheck={false}
            className="font-mono"
            aria-describedby={fieldHintId("source-secret")}
          />
        </Field>
      )}
      {!secretOnly && (
        <Field
          id="source-keys"
          label={keysRequired ? "Public keys" : "Public keys, optional"}
          hint={<KeysHint read={read} />}
          error={problem}
        >
          <Textarea
            id="source-keys"
            onChange={(event) => void take(event.target.value)}
            rows={6}
            spellCheck={false}
            required={keysRequired}
            placeholder={PLACEHOLDER}
            className="font-mono text-small"
            aria-invalid={problem !== null}
            aria-describedby={fieldHintId("source-keys")}
          />
        </Field>
      )}
      {asksAlgorithm && (
        <Field
          id="source-algorithm"
          label="Algorithm of the RSA keys"
          hint="An RSA key does not say which one it signs with; its verifier's configuration does."
        >
          <Select
            id="source-algorithm"
            value={rsaAlgorithm}
            onChange={(event) => chooseAlgorithm(event.target.value)}
            required
            options={[
              { value: "", label: "Choose one" },
              ...RSA_ALGORITHMS.map((value) => ({ value, label: value })),
            ]}
            aria-describedby={fieldHintId("source-algorithm")}
          />
        </Field>
      )}
    </>
  );
}

/** What was read of the pasted text, so that it can be compared before anything is trusted. */
function KeysHint({ read }: { read: PastedKeys }) {
  if ("problem" in read || read.keys.length === 0) {
    return "A JWK set, one JWK, or PEM: public keys or certificates, up to 20. Signatures are checked against exactly these keys.";
  }
  return (
    <>
      Read: {read.keys.map(describeKey).join("; ")}.
      {read.certificates > 1 &&
        " The key of every certificate will be believed: leave out those of the issuing authorities."}
    </>
  );
}

"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { displayText, formatPlural } from "#lib/client/format";
import { paths } from "#lib/client/paths";
import { policyCheckOptions, policyKeys, policySchemaOptions, savePolicy } from "#lib/client/policies";
import type { PolicyCheck, PolicyView } from "#lib/contracts/policy";
import { useDisabledReason } from "../shell/account-context.tsx";
import { GuardedButton } from "../shell/guarded-button.tsx";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { Card } from "../ui/card.tsx";
import { CodeBlock } from "../ui/code-block.tsx";
import { ConfirmDialog } from "../ui/confirm-dialog.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { useSettled } from "../ui/settled.ts";
import { announceDone } from "../ui/toast.tsx";
import { CodeEditor, type EditorHandle, type Fault } from "./code-editor.tsx";
import { keepText, keptText } from "./kept-text.ts";
import { NodeTrial } from "./node-trial.tsx";
import { usePolicy } from "./policy-frame.tsx";
import { testCommand } from "./policy-words.ts";
import { useUnsavedGuard } from "./use-unsaved-guard.ts";

const TYPING_MS = 300;

/** The name that a text gives its policy; `null` while there is none. */
const nameIn = (text: string): string | null =>
  /^name:[ \t]*([a-z][a-z0-9-]*)[ \t]*\r?$/m.exec(text)?.[1] ?? null;

/** What the text begins as: a version, the newest one, or the built-in policy under another name. */
function beginOf({ builtIn, text, versions }: PolicyView, version: number | null): string {
  if (!builtIn) return versions.find((one) => one.version === version)?.text ?? text;
  const lines = text.split("\n").filter((line, index) => !(line.startsWith("#") && index < 2));
  return lines.join("\n").replace(/^name: .*$/m, "name: my-policy");
}

/** Writing the next version of a policy, or a new one from the built-in one. */
export function PolicyEditPage({ name, version }: { name: string; version: number | null }) {
  const policy = usePolicy(name);
  return policy && <PolicyForm key={`${name} ${version}`} policy={policy} version={version} />;
}

function PolicyForm({ policy, version }: { policy: PolicyView; version: number | null }) {
  const { name, builtIn } = policy;
  const router = useRouter();
  const queryClient = useQueryClient();
  const editor = useRef<EditorHandle>(null);
  // Text that was saved meanwhile by others must not change what somebody is typing.
  const [begin, setBegin] = useState(() => beginOf(policy, version));
  const [text, setText] = useState(begin);
  const [note, setNote] = useState("");
  const [restored, setRestored] = useState(false);
  const dirty = text !== begin;
  const { waiting, stay } = useUnsavedGuard(dirty);
  const reason = useDisabledReason("policy:write");
  const schema = useQuery(policySchemaOptions()).data;
  const settled = useSettled(text, TYPING_MS);
  const check = useQuery({ ...policyCheckOptions(settled), placeholderData: (before) => before });
  const faults = check.data?.problems ?? [];
  const target = nameIn(text);

  useEffect(() => {
    const kept = keptText(name);
    if (kept === null) return;
    setText(kept);
    setRestored(true);
  }, [name]);

  function change(next: string) {
    setText(next);
    keepText(name, next === begin ? null : next);
  }
  function discard() {
    change(begin);
    setRestored(false);
  }

  const save = useMutation({
    mutationFn: () => savePolicy({ text, note: note.trim() }),
    onSuccess: async (saved) => {
      keepText(name, null);
      setBegin(text);
      await queryClient.invalidateQueries({ queryKey: policyKeys.all });
      announceDone({ title: `v${saved.version} of ${saved.name} is saved as a draft` });
      router.push(paths.policy(saved.name, "versions"));
    },
  });
  return (
    <div className="flex flex-col gap-3">
      <p className="max-w-[80ch] text-data text-muted">
        {builtIn
          ? "The text below is what the built-in policy says. Give it a name of its own and change what you need."
          : "A version never changes: saving makes the next one, as a draft that decides nothing."}{" "}
        What each fact is called stands in the suggestions, and in the guide to policies.
      </p>
      {restored && (
        <p role="status" className="flex flex-wrap items-center gap-3 text-data">
          What you had typed before and not saved is here again.
          <Button size="sm" onClick={discard}>
            Discard it
          </Button>
        </p>
      )}
      <div className="grid gap-3 lg:grid-cols-[minmax(0,3fr)_minmax(280px,1fr)]">
        <CodeEditor
          ref={editor}
          label="Text of the policy"
          describedBy="policy-faults"
          value={text}
          onChange={change}
          faults={faults}
          schema={schema}
          readOnly={false}
        />
        <div className="flex min-w-0 flex-col gap-3">
          <Faults
            check={check.data}
            text={settled}
            pending={settled !== text || check.isFetching}
            error={check.error}
            onGo={({ line, column }) => editor.current?.goTo(line, column)}
          />
          {target !== null && target !== name && (
            <p className="text-data">
              The text names <code className="font-mono">{target}</code>: it is saved as a version of that
              policy{builtIn ? "." : `, and ${name} stays as it is.`}
            </p>
          )}
          <Field id="policy-note" label="Note" hint="Why it changes. It stays with the version.">
            <Input
              id="policy-note"
              maxLength={1_000}
              value={note}
              onChange={(event) => setNote(event.target.value)}
              aria-describedby={fieldHintId("policy-note")}
            />
          </Field>
          {save.error && <FormProblem error={save.error} />}
          <div className="flex flex-wrap gap-2">
            <GuardedButton
              variant="primary"
              reason={reason}
              pending={save.isPending}
              disabled={reason === null && !dirty && !builtIn}
              onClick={() => save.mutate()}
            >
              Save as draft
            </GuardedButton>
            {dirty && <Button onClick={discard}>Discard changes</Button>}
          </div>
          <CodeBlock label="Command that checks the policy in git" code={testCommand(target ?? name)} />
        </div>
      </div>
      <Card title="Try this text on a node">
        {faults.length > 0 ? (
          <p className="text-data text-muted">It can be tried once it has no faults.</p>
        ) : (
          <NodeTrial id="draft-trial" proposed={{ text: settled }} nodeId={null} />
        )}
      </Card>
      <ConfirmDialog
        open={waiting !== null}
        onOpenChange={(open) => !open && stay()}
        title="Leave without saving?"
        verb="Leave and discard"
        pending={false}
        problem={null}
        onConfirm={() => {
          const href = waiting;
          discard();
          stay();
          if (href !== null) router.push(href);
        }}
      >
        <p className="text-data">What you typed since the last version is discarded.</p>
      </ConfirmDialog>
    </div>
  );
}

/** Lines with characters that nobody sees: legal in a comment or a sentence, and a way to mislead who reviews. */
const hiddenLines = (text: string): number[] =>
  text
    .split("\n")
    .flatMap((line, index) => (displayText(line.replace(/\r$/, "")).hostile ? [index + 1] : []));

/** What is wrong and where; each fault leads to its place. */
function Faults({
  check,
  text,
  pending,
  error,
  onGo,
}: {
  check: PolicyCheck | undefined;
  text: string;
  pending: boolean;
  error: Error | null;
  onGo: (fault: Pick<Fault, "line" | "column">) => void;
}) {
  const problems = check?.problems ?? [];
  const failed = check?.tests.filter(({ detail }) => detail !== null) ?? [];
  const hidden = hiddenLines(text);
  const passed = (check?.tests.length ?? 0) - failed.length;
  return (
    <Card title="Check" flush>
      <div id="policy-faults">
        <p role="status" className="px-3 py-2 text-data">
          {error
            ? "The text could not be checked."
            : check === undefined
              ? "Checking"
              : problems.length > 0
                ? formatPlural(problems.length, "fault")
                : `No faults: ${formatPlural(check.rules.length, "rule")}, ${passed} of ${formatPlural(check.tests.length, "test")} passed`}
          {pending && check !== undefined && <span className="text-muted"> (checking again)</span>}
        </p>
        {error && <FormProblem error={error} />}
        <ul aria-label="Faults" className="max-h-[36vh] overflow-y-auto empty:hidden">
          {problems.map((fault) => (
            <li key={`${fault.line} ${fault.column} ${fault.detail}`} className="border-t border-line">
              <button
                type="button"
                onClick={() => onGo(fault)}
                className="touch w-full px-3 py-1.5 text-left text-small hover:bg-hover"
              >
                <span className="font-medium text-danger">
                  Line {fault.line}, column {fault.column}
                </span>{" "}
                {fault.path !== "" && <code className="font-mono text-muted">{fault.path}</code>}
                <span className="block break-words">{displayText(fault.detail).text}</span>
              </button>
            </li>
          ))}
          {failed.map(({ name, detail }) => (
            <li key={name} className="border-t border-line px-3 py-1.5 text-small">
              <span className="font-medium text-danger">Test fails: </span>
              {displayText(name).text}
              <span className="block break-words text-muted">{displayText(detail ?? "").text}</span>
            </li>
          ))}
          {hidden.map((line) => (
            <li key={line} className="border-t border-line">
              <button
                type="button"
                onClick={() => onGo({ line, column: 1 })}
                className="touch w-full px-3 py-1.5 text-left text-small hover:bg-hover"
              >
                <span className="font-medium text-warn-fg">Line {line}</span> holds characters that are
                invisible or change the reading order.
              </button>
            </li>
          ))}
        </ul>
      </div>
    </Card>
  );
}

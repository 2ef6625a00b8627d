"use client";

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { complianceKeys, frameworkListOptions } from "#lib/client/compliance";
import { importFramework, previewFramework } from "#lib/client/frameworks";
import { paths } from "#lib/client/paths";
import { DEFAULT_PERIOD } from "#lib/client/period";
import { instantOfField } from "#lib/client/utc-field";
import { FormProblem } from "../sources/form-problem.tsx";
import { Button } from "../ui/button.tsx";
import { FileDrop } from "../ui/file-drop.tsx";
import { Field, fieldHintId, Input } from "../ui/input.tsx";
import { PageHeader } from "../ui/page-header.tsx";
import { Select } from "../ui/select.tsx";
import { announceDone } from "../ui/toast.tsx";
import { frameworkWords } from "./compliance-words.ts";
import { ImportPreview } from "./import-preview.tsx";

const ASKED = { period: DEFAULT_PERIOD, q: "" };
const NONE = "";
const JSON_FILES = ".json,application/json";

/** A document becomes a framework, or the next version of one; what that does is shown first. */
export function FrameworkImportPage({ again }: { again: string | null }) {
  const router = useRouter();
  const queryClient = useQueryClient();
  const frameworks = useQuery(frameworkListOptions());
  const imported = (frameworks.data?.items ?? []).filter(({ own }) => own && !own.retiredAt);
  const [framework, setFramework] = useState(again ?? NONE);
  const [document, setDocument] = useState<File | null>(null);
  const [catalogue, setCatalogue] = useState<File | null>(null);
  const [catalogueOf, setCatalogueOf] = useState(NONE);
  const [from, setFrom] = useState("");
  const read = async () => ({
    document: (await document?.text()) ?? "",
    catalogue: (await catalogue?.text()) ?? null,
    catalogueOf: catalogueOf === NONE ? null : catalogueOf,
    framework: framework === NONE ? null : framework,
  });
  const preview = useMutation({
    mutationFn: async () => {
      const asked = await read();
      return { asked, shown: await previewFramework(asked) };
    },
  });
  const run = useMutation({
    // What was shown, even if the file is another one by now.
    mutationFn: ({ asked, shown: { version } }: NonNullable<typeof preview.data>) => {
      const validFrom = instantOfField(from);
      return importFramework({ ...asked, version, ...(validFrom === null ? {} : { validFrom }) });
    },
    onSuccess: async ({ id }) => {
      announceDone({ title: "The framework is imported" });
      await queryClient.invalidateQueries({ queryKey: complianceKeys.all });
      router.push(paths.compliance({ ...ASKED, framework: id }));
    },
  });
  /** What was shown is of something else now. */
  function changed() {
    preview.reset();
    run.reset();
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    preview.mutate();
  }
  const choices = imported.map((item) => ({ value: item.id, label: frameworkWords(item) }));
  return (
    <>
      <PageHeader
        title="Import a framework"
        crumbs={[
          { href: paths.compliance(ASKED), label: "Compliance" },
          { href: paths.frameworks(), label: "Frameworks" },
        ]}
      />
      <form onSubmit={submit} className="flex max-w-[640px] flex-col gap-4 border-t border-line pt-4">
        <p className="text-data">
          An OSCAL catalogue or profile in JSON. Its controls become a framework of this trust domain; which
          measures speak to them is for you to say. Nothing is fetched from anywhere.
        </p>
        <FileDrop
          label="Catalogue or profile"
          prompt="Drop a catalogue or profile here, or choose it"
          accept={JSON_FILES}
          file={document}
          onChoose={(file) => {
            changed();
            setDocument(file);
          }}
        />
        <Field id="import-framework" label="Becomes">
          <Select
            id="import-framework"
            value={framework}
            options={[{ value: NONE, label: "A new framework" }, ...choices.map(nextVersion)]}
            onChange={(event) => {
              changed();
              setFramework(event.target.value);
            }}
          />
        </Field>
        <FileDrop
          label="Catalogue that a profile imports"
          prompt="For a profile only: the catalogue that it imports"
          accept={JSON_FILES}
          file={catalogue}
          onChoose={(file) => {
            changed();
            setCatalogue(file);
          }}
        />
        {choices.length > 0 && (
          <Field id="import-catalogue-of" label="Or a framework that was imported before">
            <Select
              id="import-catalogue-of"
              value={catalogueOf}
              options={[{ value: NONE, label: "None" }, ...choices]}
              onChange={(event) => {
                changed();
                setCatalogueOf(event.target.value);
              }}
            />
          </Field>
        )}
        <Button type="submit" className="w-fit" pending={preview.isPending} disabled={document === null}>
          Show what it would do
        </Button>
        {preview.error && <FormProblem error={preview.error} />}
      </form>
      {preview.data && (
        <section aria-label="Preview" className="flex max-w-[900px] flex-col gap-3 pt-4">
          <ImportPreview preview={preview.data.shown} />
          <Field
            id="import-from"
            label="Counts from (UTC)"
            hint="Empty: a new framework has always counted, and a next version counts from now on."
          >
            <Input
              id="import-from"
              type="datetime-local"
              className="max-w-[260px]"
              value={from}
              onChange={(event) => setFrom(event.target.value)}
              aria-describedby={fieldHintId("import-from")}
            />
          </Field>
          {run.error && <FormProblem error={run.error} />}
          <Button
            variant="primary"
            className="w-fit"
            pending={run.isPending}
            onClick={() => run.mutate(preview.data)}
          >
            Import
          </Button>
        </section>
      )}
    </>
  );
}

const nextVersion = ({ value, label }: { value: string; label: string }) => ({
  value,
  label: `The next version of ${label}`,
});

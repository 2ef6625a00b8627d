/** OSCAL catalogues and profiles of our own, for tests. */
import fc from "fast-check";

const METADATA = {
  title: "A catalogue of our own",
  "last-modified": "2026-01-01T00:00:00Z",
  version: "1.0",
  "oscal-version": "1.2.2",
};
const UUID = "9f1e0a8e-5d0c-4a54-8f6e-3a1c9d0a7b11";

export const catalogueDocument = (content: object, metadata: object = {}) => ({
  catalog: { uuid: UUID, metadata: { ...METADATA, ...metadata }, ...content },
});

/** @param imports without `href` they are of one catalogue */
export const profileDocument = (imports: readonly object[], modify?: object) => ({
  profile: {
    uuid: UUID,
    metadata: { ...METADATA, title: "A profile of our own" },
    imports: imports.map((one) => ({ href: "#catalogue", ...one })),
    ...(modify ? { modify } : {}),
  },
});

type Drawn = { withdrawn: boolean; statement: string | null; children: Drawn[] };

const { control: drawnControl } = fc.letrec<{ control: Drawn }>((tie) => ({
  control: fc.record({
    withdrawn: fc.boolean(),
    statement: fc.option(fc.string({ minLength: 1, maxLength: 20 }).map((text) => `x${text}`)),
    children: fc.oneof({ maxDepth: 4 }, fc.constant<Drawn[]>([]), fc.array(tie("control"), { maxLength: 2 })),
  }),
}));

/** Whatever catalogue, with the ids that it asks something under and their parents. */
export const anyCatalogue = fc
  .record({
    loose: fc.array(drawnControl, { maxLength: 3 }),
    groups: fc.array(fc.array(drawnControl, { maxLength: 3 }), { maxLength: 3 }),
    prefix: fc.constantFrom("a", "b"),
  })
  .map(({ loose, groups, prefix }) => {
    const ids: string[] = [];
    const parents: Record<string, string | null> = {};
    let n = 0;
    const build = (drawn: Drawn, parent: string | null): object => {
      n += 1;
      const id = `${prefix}-${n}`;
      if (!drawn.withdrawn) {
        ids.push(id);
        parents[id] = parent;
      }
      return {
        id,
        title: `Title of ${id}`,
        props: [{ name: "status", value: drawn.withdrawn ? "withdrawn" : "draft" }],
        parts: drawn.statement === null ? [] : [{ name: "statement", prose: drawn.statement }],
        controls: drawn.children.map((child) => build(child, drawn.withdrawn ? parent : id)),
      };
    };
    const inGroups = groups.map((controls, g) => ({
      title: `Group ${g}`,
      controls: controls.map((one) => build(one, null)),
    }));
    // One that always stays: a catalogue without a control is refused.
    const rest = [...loose, { withdrawn: false, statement: null, children: [] }].map((one) =>
      build(one, null),
    );
    return { document: catalogueDocument({ groups: inGroups, controls: rest }), ids, parents };
  });

export const anySelection = fc.array(fc.nat(), { minLength: 1, maxLength: 6 });

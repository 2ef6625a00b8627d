import { displayText, formatCount } from "#lib/client/format";
import type { FrameworkPreview } from "#lib/contracts/own-framework";
import { HostileText } from "../ui/hostile-text.tsx";

/** What an import would do: which document it is, what becomes of controls and mappings, and what is not read. */
export function ImportPreview({ preview }: { preview: FrameworkPreview }) {
  const { document, base, version, same, controls, withdrawn, notRead } = preview;
  const { added, changed, gone, lost } = preview;
  return (
    <>
      <h2 className="font-medium">
        <HostileText text={`${document.title}, ${document.edition}`} />
      </h2>
      <p className="text-data break-words">
        OSCAL {document.kind} {document.oscalVersion}, {formatCount(controls)} controls
        {withdrawn > 0 && `, ${formatCount(withdrawn)} withdrawn ones left out`}.{" "}
        {version === 0 ? "It is a new framework." : `Compared with version ${version}.`}
        {same && " It is the document of that version."}
      </p>
      {base && (
        <p className="text-data break-words">
          Read against {displayText(`${base.title}, ${base.edition}`).text}.
        </p>
      )}
      <p className="font-mono text-small break-all text-muted">SHA-256 {document.digest}</p>
      <Some title="New" some={added} />
      <Some title="Changed" some={changed} />
      <Some title="Gone" some={gone} />
      <Some title="Mappings that lose their control" some={lost} />
      {notRead.length > 0 && (
        <details className="text-data">
          <summary className="touch flex cursor-pointer items-center">
            Not read: {formatCount(notRead.length)} kinds of content
          </summary>
          <ul className="flex flex-col gap-0.5 pl-4 font-mono text-small">
            {notRead.map(({ what, count }) => (
              <li key={what} className="break-all">
                {displayText(what).text} × {formatCount(count)}
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

function Some({ title, some: { count, items } }: { title: string; some: FrameworkPreview["added"] }) {
  if (count === 0) return null;
  return (
    <details className="text-data">
      <summary className="touch flex cursor-pointer items-center">
        {title}: {formatCount(count)}
      </summary>
      <ul className="flex flex-col gap-0.5 pl-4">
        {items.map(({ id, line }) => (
          <li key={id} className="break-words">
            <span className="font-mono">{id}</span> {displayText(line).text}
          </li>
        ))}
        {count > items.length && <li>and {formatCount(count - items.length)} more</li>}
      </ul>
    </details>
  );
}

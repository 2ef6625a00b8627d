import Link from "next/link";
import { buttonClass } from "#components/ui/button";
import { EmptyState } from "#components/ui/empty-state";
import { PageHeader } from "#components/ui/page-header";
import { paths } from "#lib/client/paths";

export default function ConsoleNotFound() {
  return (
    <>
      <PageHeader title="Nothing is here" />
      <EmptyState
        title="This address leads to nothing"
        action={
          <Link href={paths.overview()} className={buttonClass()}>
            Go to the overview
          </Link>
        }
      >
        It is misspelt, what it led to is gone, or it lies outside the trust domains that you may see.
      </EmptyState>
    </>
  );
}

import type { Metadata } from "next";
import Link from "next/link";
import { Brand } from "#components/shell/brand";
import { buttonClass } from "#components/ui/button";
import { paths } from "#lib/client/paths";

export const metadata: Metadata = { title: "Nothing is here" };

export default function NotFound() {
  return (
    <main className="mx-auto w-full max-w-[640px] px-4 py-8">
      <Brand />
      <h1 tabIndex={-1} className="mt-8 mb-2 text-title font-semibold tracking-[-0.01em]">
        Nothing is here
      </h1>
      <p className="mb-4 max-w-[60ch] text-muted">
        The address is misspelt, what it led to is gone, or it lies outside the trust domains that you may
        see.
      </p>
      <Link href={paths.overview()} className={buttonClass()}>
        Go to the overview
      </Link>
    </main>
  );
}

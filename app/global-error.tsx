"use client";

import "./globals.css";

/** Stands in when not even the frame could be made, so it needs nothing but itself. */
export default function GlobalError({
  error,
  reset,
}: {
  error: Error & { digest?: string };
  reset: () => void;
}) {
  return (
    <html lang="en">
      <body>
        <title>Touchstone could not be loaded</title>
        <main className="mx-auto max-w-[640px] px-4 py-8">
          <h1 className="mb-2 text-title font-semibold">Touchstone could not be loaded</h1>
          <p className="mb-4 text-muted">
            Something went wrong on our side.{error.digest && ` It is logged as ${error.digest}.`}
          </p>
          <button type="button" onClick={reset} className="h-8 rounded-[4px] border border-line-strong px-3">
            Try again
          </button>
        </main>
      </body>
    </html>
  );
}

import type { Metadata } from "next";
import { redirect } from "next/navigation";
import { SignInForm } from "#components/auth/sign-in-form";
import { Brand } from "#components/shell/brand";
import { safeCallbackPath } from "#lib/client/paths";
import { oidcAbout } from "#lib/server/auth-about";
import { pageContextOrNull } from "#lib/server/page-context";

export const metadata: Metadata = { title: "Sign in" };

export default async function SignInPage(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { callbackUrl, error } = await props.searchParams;
  const path = safeCallbackPath(typeof callbackUrl === "string" ? callbackUrl : null);
  if (await pageContextOrNull()) redirect(path);
  return (
    <main className="flex min-h-dvh flex-col items-center px-4 pt-[16vh]">
      <div className="w-full max-w-[360px]">
        <div className="mb-6">
          <Brand />
        </div>
        <h1 tabIndex={-1} className="mb-1 text-title font-semibold tracking-[-0.01em]">
          Sign in
        </h1>
        <p className="mb-5 text-muted">Which nodes can be trusted, since when, and why.</p>
        <SignInForm callbackUrl={path} single={oidcAbout() !== null} refused={refusalOf(error)} />
      </div>
    </main>
  );
}

/** The sentence for an error that the sign-in library put into the address. */
function refusalOf(error: string | string[] | undefined): string | null {
  if (error === undefined) return null;
  return error === "NoRole"
    ? "Your identity provider knows you, but none of your groups gives you a role here."
    : "The sign-in with your identity provider did not succeed. Try again.";
}

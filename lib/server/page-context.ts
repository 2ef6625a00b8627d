/** The context of a page. */
import "server-only";
import { randomUUID } from "node:crypto";
import { headers } from "next/headers";
import { forbidden, notFound, redirect } from "next/navigation";
import { type Actor, can, type Permission } from "#lib/domain/access";
import { ProblemError } from "#lib/domain/problems";
import type { ServiceContext } from "#lib/services/context";
import { actorOf, addressOf } from "./context.ts";
import { databaseOf } from "./runtime.ts";
import { inChosenScope, SCOPE_PARAM } from "./scope.ts";

/** Header in which the proxy tells a page its own address. */
const PATH_HEADER = "x-touchstone-path";

/** The caller's context; `null` when nobody is signed in. For pages that both may see. */
export async function pageContextOrNull(): Promise<ServiceContext | null> {
  const ctx = await personContext();
  return ctx && { ...ctx, ...(await scoped(ctx.actor)) };
}

/** All that the person sees, whatever the address narrows it to. */
async function personContext(): Promise<ServiceContext | null> {
  const list = await headers();
  // A page is for people; an API key in its headers counts for nothing.
  const cookieOnly = new Headers({ cookie: list.get("cookie") ?? "" });
  const actor = await actorOf(cookieOnly);
  if (actor?.kind !== "user") return null;
  return contextOf(actor, addressOf(list));
}

/** The scope of the address; one that the person does not see counts as not found. */
async function scoped(actor: Actor): Promise<Pick<ServiceContext, "actor" | "db">> {
  const path = (await headers()).get(PATH_HEADER) ?? "/";
  const chosen = new URL(path, "http://touchstone.invalid").searchParams.getAll(SCOPE_PARAM);
  const inScope = await inChosenScope(actor, chosen).catch((error: unknown) => {
    if (error instanceof ProblemError) notFound();
    throw error;
  });
  return { actor: inScope, db: databaseOf(inScope.trustDomainIds) };
}

/**
 * The caller's context, or away: to the sign-in page, to the account page while a one-time password is in
 * use, or to the nearest `forbidden.tsx` when the role lacks the permission.
 *
 * The answer has status 403 only as long as none of it was sent: no `loading.tsx` may stand above a page
 * that some role may not open.
 */
export async function requirePageContext(permission: Permission): Promise<ServiceContext> {
  const ctx = await pageContextOrNull();
  if (!ctx) {
    const path = (await headers()).get(PATH_HEADER);
    redirect(path && path !== "/" ? `/sign-in?callbackUrl=${encodeURIComponent(path)}` : "/sign-in");
  }
  const { actor } = ctx;
  if (actor.kind === "user" && actor.mustChangePassword && permission !== "account:own") redirect("/account");
  if (!can(actor, permission)) forbidden();
  return ctx;
}

function contextOf(actor: Actor, address: string | null): ServiceContext {
  return {
    db: databaseOf(actor.trustDomainIds),
    actor,
    requestId: randomUUID(),
    address,
    now: () => new Date(),
  };
}

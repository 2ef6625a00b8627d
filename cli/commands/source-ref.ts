import type { SourceView } from "#lib/contracts/source";
import type { ServiceContext } from "#lib/services/context";
import { sourceList } from "#lib/services/source/list";
import { SOURCES } from "#lib/sources/registry";
import { CommandError } from "./output.ts";

/** All sources that the command line sees. */
export async function listSources(ctx: ServiceContext): Promise<SourceView[]> {
  return (await sourceList(ctx, SOURCES)).items;
}

/**
 * Id of the source that an operator names, by id or by name.
 *
 * @throws {CommandError} when there is none, or a name fits several
 */
export async function sourceIdOf(ctx: ServiceContext, reference: string): Promise<string> {
  const sources = await listSources(ctx);
  const byId = sources.find(({ id }) => id === reference.toLowerCase());
  if (byId) return byId.id;
  const byName = sources.filter(({ name }) => name === reference);
  if (byName.length > 1) throw new CommandError(`several sources are called ${reference}; use the id`);
  if (!byName[0]) throw new CommandError(`there is no source ${reference}; see: npx touchstone source list`);
  return byName[0].id;
}

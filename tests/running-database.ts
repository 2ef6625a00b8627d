/** The database of a running installation, as its superuser: who may do anything to it. */
import { Client } from "pg";
import { borrowEmbedded } from "#db/embedded";

/** @returns how many rows it touched */
export async function asSuperuser(dataDir: string, text: string, params: unknown[] = []): Promise<number> {
  const { url, release } = await borrowEmbedded({ dataDir, log: () => {} });
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(text, params)).rowCount ?? 0;
  } finally {
    await client.end();
    await release();
  }
}

/** Answers that are files: saved and never opened in our pages, whatever they hold. */
import "server-only";

type Named = { name: string; mediaType: string; headers?: Readonly<Record<string, string>> };

/** @param named the name holds nothing that somebody else wrote */
export function attachment(body: BodyInit, { name, mediaType, headers }: Named): Response {
  return new Response(body, {
    headers: {
      "content-type": mediaType,
      "content-disposition": `attachment; filename="${name}"`,
      "content-security-policy": "default-src 'none'; sandbox; frame-ancestors 'none'",
      ...headers,
    },
  });
}

/** A text as it comes into being; see {@link bytesOf}. */
export function piecesOf(pieces: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  return bytesOf(encoded(pieces));
}

async function* encoded(pieces: AsyncGenerator<string>): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const piece of pieces) yield encoder.encode(piece);
}

/** Pieces, pulled as fast as they are read: a slow reader holds one piece, not the file. */
export function bytesOf(pieces: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await pieces.return(undefined);
    },
  });
}

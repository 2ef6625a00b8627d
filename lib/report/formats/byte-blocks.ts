/** Bytes that come in very many small pieces, kept in few large ones: a piece of its own costs more than it holds. */

const BLOCK_BYTES = 1 << 16;

export class ByteBlocks {
  readonly #full: Uint8Array[] = [];
  #block = new Uint8Array(BLOCK_BYTES);
  #used = 0;

  add(piece: Uint8Array): void {
    if (this.#used + piece.length > BLOCK_BYTES) this.#close();
    if (piece.length > BLOCK_BYTES) this.#full.push(piece);
    else {
      this.#block.set(piece, this.#used);
      this.#used += piece.length;
    }
  }

  /** Everything that was added, in its order. */
  all(): Buffer {
    return Buffer.concat([...this.#full, this.#block.subarray(0, this.#used)]);
  }

  #close(): void {
    if (this.#used === 0) return;
    this.#full.push(this.#block.subarray(0, this.#used));
    this.#block = new Uint8Array(BLOCK_BYTES);
    this.#used = 0;
  }
}

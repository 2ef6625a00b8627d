/** The rows of all measures as one table, in cells that no spreadsheet calculates. */
import { csvCell } from "#lib/domain/neutral-cell";
import type { ReportFormat } from "#lib/report/contract";
import { ROW_COLUMNS, rowCells } from "./row-table.ts";

export const csvFormat: ReportFormat = {
  id: "csv",
  write: ({ snapshot }) => {
    const lines = [`${ROW_COLUMNS.join(",")}\r\n`];
    for (const cells of rowCells(snapshot)) lines.push(`${cells.map(csvCell).join(",")}\r\n`);
    return Promise.resolve(Buffer.from(lines.join(""), "utf8"));
  },
};

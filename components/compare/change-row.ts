/** Marks a row that differs, for the keys that walk from one to the next. */
export const CHANGE_ROW = "data-change";

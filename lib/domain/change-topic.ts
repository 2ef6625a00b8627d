export const CHANGE_TOPICS = ["fleet", "nodes", "sources", "events", "drift"] as const;
/** What kind of thing changed, in the hints that whoever writes sends to whoever has a page open. */
export type ChangeTopic = (typeof CHANGE_TOPICS)[number];

/** What is told in order: all that one route says about one group, whichever notification it belongs to. */
export const lineOf = ({ route, groupKey }: { route: string; groupKey: string }): string =>
  JSON.stringify([route, groupKey]);
